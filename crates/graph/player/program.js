// Reads a program, as `Program::to_json` writes it, and checks all of it before anything is computed: that every operation
// is one that the player knows (kinds*.js), that it reads what is there by then, and that shapes and types fit.
player.part((player) => {
    'use strict';
    const { Problem, shown, size, alike } = player;

    // ---- The notation (crates/graph/src/replay/notation.rs) ----

    /** The only member of an object, as name and value. */
    const only = (object) => {
        const entries = object !== null && typeof object === 'object' && !Array.isArray(object) ? Object.entries(object) : [];
        return entries.length === 1 ? entries[0] : [null, null];
    };
    const scalars = new Set(['float', 'real', 'int', 'uint', 'bool']);
    /** An attribute: scalars become numbers, all else stays as it is. */
    const attribute = (value) => {
        const [name, inner] = only(value);
        if (scalars.has(name)) {
            return Number(inner);
        }
        if (Array.isArray(value)) {
            return value.map(attribute);
        }
        return value !== null && typeof value === 'object'
            ? Object.fromEntries(Object.entries(value).map(([member, item]) => [member, attribute(item)]))
            : value;
    };
    const reference = (value) => {
        const [name, number] = only(value);
        return name === 'tensor' && Number.isSafeInteger(number) ? number : null;
    };

    /** What comes first among the tensors that an operation takes: the order that Burn has. */
    const order = ['x', 'input', 'query', 'key', 'tensor', 'tensors', 'data', 'lhs', 'rhs', 'weights', 'weight', 'gamma', 'beta', 'bias',
        'mean', 'variance', 'mask', 'indices', 'value', 'values'];
    const rank = (role) => (order.includes(role) ? order.indexOf(role) : order.length);

    /** An operation: what it takes and gives by roles, and what else is said of it. */
    const operation = (entry, number) => {
        let [group, body] = only(entry);
        body = Array.isArray(body) ? body[1] : body;
        let [kind, fields] = only(body);
        if (fields === null || typeof fields !== 'object') {
            [kind, fields] = [group, body];
        }
        if (kind === null || fields === null || typeof fields !== 'object') {
            throw new Problem(`Step ${number} can't be read: ${JSON.stringify(entry)}`);
        }
        const step = { number, group, kind, takes: {}, gives: {}, has: {}, inputs: [], outputs: [] };
        for (const [role, value] of Object.entries(fields).sort(([a], [b]) => rank(a) - rank(b))) {
            const tensors = Array.isArray(value) && value.length > 0 ? value.map(reference) : [reference(value)];
            if (tensors.includes(null)) {
                step.has[role] = attribute(value);
            } else if (role === 'out' || role === 'out_indices') {
                step.gives[role] = tensors[0];
                step.outputs.push(tensors[0]);
            } else {
                step.takes[role] = Array.isArray(value) ? tensors : tensors[0];
                step.inputs.push(...tensors);
            }
        }
        return step;
    };

    const types = { F32: 'float', Flex32: 'float', I64: 'int', I32: 'int', I16: 'int', I8: 'int', U64: 'int', U32: 'int', U16: 'int', U8: 'int' };
    const type = (entry, number) => {
        const stored = only(entry?.dtype)[0] ?? entry?.dtype;
        const dtype = stored === 'Bool' ? 'bool' : types[stored];
        const shape = entry?.shape;
        if (dtype === undefined) {
            throw new Problem(`Tensor ${number} is of type ${JSON.stringify(stored)}, which the player doesn't compute with.`);
        }
        if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0) || size(shape) > 2 ** 30) {
            throw new Problem(`Tensor ${number} has the shape ${JSON.stringify(shape)}, which is none or too large.`);
        }
        return Object.freeze({ dtype, stored: stored === 'Bool' ? 'BOOL' : stored, shape: Object.freeze([...shape]) });
    };

    // ---- Checking ----

    /** What a reader finds a step by: number, kind, what it reads, and the parameter that it or one before reads. */
    const place = (program, step) => {
        const path = (other) => other.inputs.map((tensor) => program.paths.get(tensor)).find((known) => known !== undefined);
        const before = program.steps.slice(0, step.number).findLast((other) => path(other) !== undefined);
        const own = path(step);
        const said = own !== undefined ? ` of ${own}` : before === undefined ? '' : `, after ${path(before)}`;
        return `step ${step.number} of “${program.name}”, ${step.kind}${said}`;
    };
    const reads = (program, step) => {
        const shape = (tensor) => (program.types[tensor] === undefined ? '?' : shown(program.types[tensor].shape));
        const taken = Object.entries(step.takes).map(([role, tensors]) => `${role} ${[tensors].flat().map(shape).join(' ')}`);
        return taken.length === 0 ? '' : ` (${taken.join(', ')})`;
    };
    /** An error of a step. */
    player.failed = (program, step, sentence) => new Problem(`In ${place(program, step)}${reads(program, step)}: ${sentence}`, {
        step: step.number,
        kind: step.kind,
    });

    const check = (program, step, ready) => {
        const fail = (sentence) => {
            throw player.failed(program, step, sentence);
        };
        const known = player.kinds.get(step.kind);
        if (known === undefined) {
            fail('the player doesn’t know this kind of operation.');
        }
        const unready = step.inputs.find((tensor) => !ready[tensor]);
        if (unready !== undefined) {
            fail(`it reads tensor ${unready}, which isn’t there by then.`);
        }
        const typed = (roles) => Object.fromEntries(Object.entries(roles).map(([role, tensors]) => [role,
            Array.isArray(tensors) ? tensors.map((tensor) => program.types[tensor]) : program.types[tensors]]));
        const taken = typed(step.takes);
        for (const [role, wanted] of Object.entries(known.takes)) {
            const optional = wanted.endsWith('?');
            const allowed = wanted.replace('?', '').split(' ');
            if (taken[role] === undefined ? !optional : ![taken[role]].flat().every(({ dtype }) => allowed.includes(dtype))) {
                fail(taken[role] === undefined ? `it takes no ${role}.` : `${role} should be of type ${allowed.join(' or ')}.`);
            }
        }
        if (step.gives.out === undefined) {
            fail('it gives nothing.');
        }
        for (const [role, tensor] of Object.entries(step.gives)) {
            const declared = program.types[tensor];
            if (declared === undefined || ready[tensor]) {
                fail(`it gives tensor ${tensor}, which ${declared === undefined ? 'there is none of' : 'is there already'}.`);
            }
            const wanted = role === 'out_indices' ? 'int' : known.gives;
            const dtype = wanted === 'any' ? declared.dtype : taken[wanted]?.dtype ?? [taken[wanted]].flat()[0]?.dtype ?? wanted;
            let shape;
            try {
                shape = known.shape(taken, step.has, declared.shape);
            } catch (error) {
                fail(error instanceof Problem ? error.message : `its attributes make no sense, ${JSON.stringify(step.has)}.`);
            }
            if (!alike(shape, declared.shape) || dtype !== declared.dtype) {
                fail(`it should give ${dtype} ${shown(shape)}, and the program says ${declared.dtype} ${shown(declared.shape)}.`);
            }
            ready[tensor] = true;
        }
    };

    const list = (object, name) => {
        if (!Array.isArray(object[name])) {
            throw new Problem(`The program has no list “${name}”.`);
        }
        return object[name];
    };

    /** Everything about a program but its values. */
    player.read = (object) => {
        if (object?.format !== 'graph program') {
            throw new Problem('This is no program: its format should be “graph program”.');
        }
        if (object.version !== 1) {
            throw new Problem(`The program is of version ${object.version}, and the player reads version 1.`);
        }
        const program = { name: String(object.name), types: list(object, 'tensors').map(type) };
        const there = (tensor, called) => {
            if (program.types[tensor] === undefined) {
                throw new Problem(`${called} of “${program.name}” is tensor ${tensor}, which there is none of.`);
            }
            return tensor;
        };
        const named = (name) => new Map(list(object, name).map((entry) => [entry.name, there(entry.tensor, `“${entry.name}”`)]));
        program.inputs = named('inputs');
        program.outputs = named('outputs');
        program.parameters = new Map(list(object, 'parameters')
            .flatMap((entry) => entry.paths.map((path) => [path, there(entry.tensor, path)])));
        program.constants = new Map(list(object, 'constants')
            .map((entry) => [there(entry.tensor, `The constant ${entry.name ?? ''}`), entry.name ?? null]));
        program.shown = list(object, 'shown');
        /** The first path of each parameter. */
        program.paths = new Map([...program.parameters].reverse().map(([path, tensor]) => [tensor, path]));
        program.steps = list(object, 'operations').map(operation);
        program.maker = new Array(program.types.length).fill(null);
        for (const step of program.steps) {
            step.outputs.forEach((tensor) => program.maker[there(tensor, `What step ${step.number} gives`)] = step.number);
        }
        const read = [...program.steps.flatMap((step) => step.inputs), ...program.outputs.values()];
        /** What is read and comes from outside. */
        program.needed = [...new Set(read)].filter((tensor) => program.maker[tensor] === null);
        const ready = program.maker.map((maker) => maker === null);
        program.steps.forEach((step) => check(program, step, ready));
        return program;
    };

    /** What a reader knows a tensor by. */
    player.called = (program, tensor) => {
        const input = [...program.inputs].find(([, known]) => known === tensor);
        const maker = program.maker[tensor];
        if (maker !== null && maker !== undefined) {
            return `Tensor ${tensor}, of step ${maker},`;
        }
        if (input !== undefined) {
            return `The input “${input[0]}”`;
        }
        const path = program.paths.get(tensor);
        return path === undefined ? `The constant ${program.constants.get(tensor) ?? tensor}` : `The parameter ${path}`;
    };
});

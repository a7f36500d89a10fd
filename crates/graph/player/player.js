// Carries programs out.
//
// ```js
// const program = player.program(object, bytes);        // what `Program::to_json` and `Program::to_safetensors` write
// const run = program.run({ ids: [3, 1, 4] });           // every tensor is kept
// const { dtype, shape, data } = run.output('logits');   // or run.value(tensor)
// const other = program.run({ ids: [3, 1, 4] }, { edits: [{ tensor, by: 'zeros' }], from: run });   // edits.js
// ```
// Whatever goes wrong is a `player.Problem` with a sentence.
player.part((player) => {
    'use strict';
    const { Problem, shown, equal } = player;

    /** Which stored types may stand for the type of a tensor: what is stored in 16 bits is widened. */
    const stands = (stored, type) => (type.dtype === 'float' ? ['F32', 'F16', 'BF16'].includes(stored) : (stored === 'BOOL') === (type.dtype === 'bool')
        && !stored.includes('F'));

    class Program {
        #read;
        /** Values by tensor, of what is given from outside. */
        #values = new Map();
        /** What depends on no input, computed once. */
        #fixed = null;

        constructor(object, bytes) {
            this.#read = player.read(object);
            if (bytes !== null) {
                this.#fill(player.safetensors(typeof bytes === 'string' ? player.bytes(bytes) : bytes));
            }
        }

        #fill(file) {
            const { types, inputs, parameters, constants } = this.#read;
            for (const [name, value] of file) {
                const [group, own] = [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)];
                const tensor = group === 'inputs' ? inputs.get(own) : group === 'constants' ? Number(own) : parameters.get(name);
                const known = group === 'constants' && !constants.has(tensor) ? undefined : types[tensor];
                if (known === undefined) {
                    throw new Problem(`The file of values has ${name}, which “${this.name}” doesn’t know.`);
                }
                if (!player.alike(known.shape, value.shape) || !stands(value.stored, known)) {
                    throw new Problem(`${this.called(tensor)} is ${known.stored} ${shown(known.shape)}; the file of values has ${value.stored} `
                        + `${shown(value.shape)}.`);
                }
                this.#values.set(tensor, { dtype: known.dtype, shape: known.shape, data: value.data });
            }
            this.#complete(new Map([...inputs.values()].map((tensor) => [tensor, null]).concat([...this.#values])));
        }

        /** Everything that is read is there. */
        #complete(given) {
            const missing = this.#read.needed.find((tensor) => !given.has(tensor));
            if (missing !== undefined) {
                throw new Problem(`${this.called(missing)} of “${this.name}” has no value.`);
            }
        }

        get name() { return this.#read.name; }

        // Names and tensors.
        get inputs() { return [...this.#read.inputs]; }
        get outputs() { return [...this.#read.outputs]; }
        get parameters() { return [...this.#read.parameters]; }
        input(name) { return this.#read.inputs.get(name); }
        output(name) { return this.#read.outputs.get(name); }
        parameter(path) { return this.#read.parameters.get(path); }

        get tensorCount() { return this.#read.types.length; }
        /** The type of a tensor, `{dtype, shape}`; undefined if there is none. */
        tensor(number) { return this.#read.types[number]; }
        /** What a reader knows a tensor by. */
        called(tensor) { return player.called(this.#read, tensor); }
        /** Whether an input, parameter or constant comes with a value. */
        has(tensor) { return this.#values.has(tensor); }

        get stepCount() { return this.#read.steps.length; }
        /** An operation: `{number, group, kind, takes, gives, has, inputs, outputs}`. */
        step(number) { return this.#read.steps[number]; }
        /** The number of the step that gives a tensor; null for what is given from outside. */
        stepOf(tensor) { return this.#read.maker[tensor] ?? null; }
        /** The tensors that an operation of the captured graph gives. */
        results(operation) { return this.#read.shown[operation] ?? []; }

        /** Carries the program out. `inputs` are lists of numbers by name. `edits` replace tensors (edits.js). With `from`, an
         * earlier run of this program, only what depends on what is other now is computed. */
        run(inputs = {}, options = {}) {
            const running = this.running(inputs, options);
            let state = running.next();
            while (!state.done) {
                state = running.next();
            }
            return state.value;
        }

        /** The same step by step, so that whoever runs it can do something else between. */
        *running(inputs = {}, { edits = [], from = null } = {}) {
            if (from !== null && from.program !== this) {
                throw new Problem(`A run of “${this.name}” can’t begin from a run of another program.`);
            }
            const given = this.#given(inputs);
            const changes = player.edits(this, edits);
            if (this.#fixed === null) {
                const fixed = new Run(this, new Map(this.#values));
                yield* this.#compute(fixed, this.#unmoved(), fixed.changes, null);
                this.#fixed = fixed;
            }
            const run = new Run(this, given, changes);
            const earlier = from ?? this.#fixed;
            const isOther = new Set();
            for (const [tensor, value] of given) {
                const before = earlier.given.get(tensor);
                if (before === undefined || !equal(before.data, value.data)) {
                    isOther.add(tensor);
                }
            }
            yield* this.#compute(run, this.#read.steps, changes, { earlier, isOther });
            return run;
        }

        /** The values of everything that is given from outside. */
        #given(inputs) {
            const given = new Map(this.#values);
            for (const [name, numbers] of Object.entries(inputs)) {
                const tensor = this.input(name);
                if (tensor === undefined) {
                    const names = this.inputs.map(([known]) => known).join(', ');
                    throw new Problem(`“${this.name}” has no input “${name}”; it has ${names}.`);
                }
                const { dtype, shape } = this.tensor(tensor);
                given.set(tensor, player.tensor(dtype, shape, numbers, this.called(tensor)));
            }
            this.#complete(given);
            return given;
        }

        /** The steps that depend on no input. */
        #unmoved() {
            const moved = new Set(this.#read.inputs.values());
            return this.#read.steps.filter((step) => {
                const isMoved = step.inputs.some((tensor) => moved.has(tensor));
                step.outputs.forEach((tensor) => isMoved && moved.add(tensor));
                return !isMoved;
            });
        }

        /** Computes steps into `run`; what is as it was is taken from an earlier run. */
        *#compute(run, steps, changes, reuse) {
            const { values } = run;
            const isOther = reuse?.isOther ?? new Set();
            /** Whether other edits are made of a tensor than before, or with other numbers. */
            const changed = (tensor) => reuse !== null && (!player.sameEdits(changes.get(tensor), reuse.earlier.changes.get(tensor))
                || (changes.get(tensor) ?? []).some((edit) => isOther.has(edit.from)));
            const change = (tensor) => changes.get(tensor)?.forEach((edit) => values[tensor] = player.edited(values, tensor, edit));
            for (const tensor of [...run.given.keys()].sort((a, b) => a - b)) {
                values[tensor] = run.given.get(tensor);
                if (changed(tensor)) {
                    isOther.add(tensor);
                }
                change(tensor);
            }
            for (const step of steps) {
                const before = reuse?.earlier.values;
                const isSame = before !== undefined && !step.inputs.some((tensor) => isOther.has(tensor))
                    && step.outputs.every((tensor) => before[tensor] !== undefined && !changed(tensor));
                if (isSame) {
                    step.outputs.forEach((tensor) => values[tensor] = before[tensor]);
                    continue;
                }
                this.#carryOut(step, values);
                run.computed += 1;
                for (const tensor of step.outputs) {
                    change(tensor);
                    isOther.add(tensor);
                }
                yield step.number;
            }
        }

        #carryOut(step, values) {
            const taken = {};
            for (const role in step.takes) {
                const tensors = step.takes[role];
                taken[role] = Array.isArray(tensors) ? tensors.map((tensor) => values[tensor]) : values[tensors];
            }
            const given = {};
            const { run, isView } = player.kinds.get(step.kind);
            for (const role in step.gives) {
                const { dtype, shape } = this.tensor(step.gives[role]);
                given[role] = { dtype, shape, data: isView ? null : new player.arrays[dtype](player.size(shape)) };
                values[step.gives[role]] = given[role];
            }
            try {
                run(taken, given, step.has);
            } catch (error) {
                throw player.failed(this.#read, step, error instanceof Problem ? error.message : `it failed, ${error?.message ?? error}.`);
            }
        }
    }

    /** A program that was carried out, with the values of all tensors. */
    class Run {
        /** How many steps were computed, and not taken from an earlier run. */
        computed = 0;

        constructor(program, given, changes = new Map()) {
            this.program = program;
            this.given = given;
            this.changes = changes;
            this.values = new Array(program.tensorCount);
        }

        /** A tensor, `{dtype, shape, data}`. */
        value(tensor) {
            const value = this.values[tensor];
            if (value === undefined) {
                throw new Problem(`“${this.program.name}” has no value for tensor ${tensor}.`);
            }
            return value;
        }

        output(name) {
            const tensor = this.program.output(name);
            if (tensor === undefined) {
                throw new Problem(`“${this.program.name}” has no output “${name}”; it has ${this.program.outputs.map(([known]) => known).join(', ')}.`);
            }
            return this.value(tensor);
        }
    }

    player.Program = Program;
    /** A program with its values, a SafeTensors file or base64 of one; without them one can look at it, and not run it. */
    player.program = (object, bytes = null) => new Program(object, bytes);
});

// Numbers for a page: reads the program that is in it, asks for inputs, carries it out, and gives what each tensor has.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});
    const { make, page } = player;
    if (page.programText === undefined) return;

    /** What is random is drawn with these numbers, so that the same seed gives the same. */
    const generator = (seed) => {
        let state = seed >>> 0;
        return () => {
            state = (state + 0x6d2b79f5) >>> 0;
            let mixed = Math.imul(state ^ (state >>> 15), state | 1);
            mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
            return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
        };
    };
    /** Random numbers for a tensor: of floats, normal ones; of integers, those below `bound`. */
    page.random = ({ dtype, shape }, seed, bound) => {
        const next = generator(seed);
        const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
        const one = { float: normal, int: () => Math.floor(next() * bound), bool: () => next() < 0.5 }[dtype];
        return Array.from({ length: player.size(shape) }, one);
    };

    /** `run` is what is shown; `plain` is the same without changes. `changes` are edits by tensor, `{tensor, by, called}`. */
    const values = { run: null, plain: null, fixed: new Map(), changes: new Map() };
    page.values = values;
    let program = null;

    // ---- The form ----

    const status = make('p', 'pg-status');
    status.setAttribute('role', 'status');
    const form = make('form', 'pl pg-run');
    form.setAttribute('aria-label', 'Run');
    const seed = make('input', '');
    Object.assign(seed, { type: 'number', value: 1, min: 0, step: 1 });
    const button = make('button', '', 'Run');
    const problem = (error) => {
        status.classList.add('pl-problem');
        status.textContent = String(error?.message ?? error);
    };

    /** The table that an input chooses from, if it is handed to one: its length. */
    const bound = (tensor) => {
        for (let number = 0, same = new Set([tensor]); number < program.stepCount; number += 1) {
            const step = program.step(number);
            if (step.kind === 'Embedding' && same.has(step.takes.indices)) return program.tensor(step.takes.weights).shape[0];
            // The same numbers in another shape.
            if (step.inputs.length === 1 && step.inputs.some((input) => same.has(input)) && program.tensor(step.outputs[0]).dtype === 'int') {
                step.outputs.forEach((output) => same.add(output));
            }
        }
        return 10;
    };
    const asked = (name, tensor) => {
        const { dtype, shape } = program.tensor(tensor);
        const has = values.fixed.has(tensor);
        const id = `pg-input-${tensor}`;
        const how = make('select', '');
        how.id = id;
        if (has) how.append(new Option('as it was captured with', 'given'));
        how.append(new Option('random numbers', 'random'), new Option('numbers as JSON', 'json'));
        const below = make('input', '');
        Object.assign(below, { type: 'number', min: 1, step: 1, value: dtype === 'int' ? bound(tensor) : 1 });
        const text = make('textarea', '');
        text.rows = 4;
        text.spellcheck = false;
        const belowLabel = make('label', '', 'below ', below);
        const textLabel = make('label', 'pg-json', `Numbers of ${name}, as nested lists or one after the other `, text);
        const sync = () => {
            belowLabel.hidden = how.value !== 'random' || dtype !== 'int';
            textLabel.hidden = how.value !== 'json';
            if (how.value === 'json' && text.value === '') text.placeholder = `[${player.size(shape)} numbers]`;
        };
        how.addEventListener('change', sync);
        sync();
        const label = make('label', '', make('b', '', name), ` ${player.shown(shape)} ${dtype} `);
        label.htmlFor = id;
        const element = make('div', 'pg-input', label, how, belowLabel, textLabel);
        /** The numbers, or undefined for those that the program has. */
        const read = (place) => {
            if (how.value === 'given') return undefined;
            if (how.value === 'random') {
                const limit = Math.max(1, Math.trunc(Number(below.value)) || 1);
                return page.random({ dtype, shape }, (Math.trunc(Number(seed.value)) || 0) * 1000 + place, limit);
            }
            try {
                return JSON.parse(text.value);
            } catch {
                throw new player.Problem(`The numbers of ${name} are no JSON: lists in brackets, with commas between the numbers.`);
            }
        };
        return { name, element, read };
    };

    // ---- Running ----

    let inputs = [];
    let given = {};
    const read = () => {
        given = {};
        inputs.forEach(({ name, read }, place) => {
            const numbers = read(place);
            if (numbers !== undefined) given[name] = numbers;
        });
    };
    const told = (took) => {
        const { size } = values.changes;
        const time = took < 10 ? took.toFixed(1) : Math.round(took);
        const changes = size === 0 ? '' : ` ${size === 1 ? 'One tensor is' : `${size} tensors are`} changed: boxes show before and after.`;
        return `${program.stepCount} operations carried out in ${time} ms. Each box has its numbers now.${changes}`;
    };
    /** Carries it out: on new inputs, or only with other changes. */
    const run = async (isNew) => {
        status.classList.remove('pl-problem');
        button.disabled = true;
        try {
            if (isNew) read();
            status.textContent = 'Running …';
            const started = performance.now();
            const plain = isNew || values.plain === null ? await program.run(given) : values.plain;
            const edits = [...values.changes.values()].map(({ tensor, by }) => ({ tensor, by }));
            const changed = edits.length > 0 ? await program.run(given, { edits, from: plain }) : plain;
            [values.plain, values.run] = [plain, changed];
            status.textContent = told(performance.now() - started);
            reset.hidden = edits.length === 0;
            page.show.forEach((show) => show());
        } catch (error) {
            if (!error?.cancelled) problem(error);
        } finally {
            button.disabled = false;
        }
    };
    const reset = make('button', '', 'Undo the changes');
    reset.type = 'button';
    reset.hidden = true;
    reset.addEventListener('click', () => {
        values.changes.clear();
        button.focus();
        return run(false);
    });
    /** Puts something in the place of tensors, or with null as `by` nothing. */
    values.change = (tensors, by) => {
        tensors.forEach((tensor) => (by === null ? values.changes.delete(tensor) : values.changes.set(tensor, { tensor, by })));
        return run(false);
    };
    /** What a tensor was without the changes; null if there are none. */
    values.before = (tensor) => (values.run === values.plain ? null : values.plain.value(tensor));
    values.type = (tensor) => program?.tensor(tensor);
    /** A tensor's value, or a promise of it; null if there is none yet. */
    values.of = (tensor) => values.run?.value(tensor) ?? values.fixed.get(tensor) ?? null;
    const begin = async () => {
        const object = JSON.parse(page.programText);
        const { textContent, dataset } = document.querySelector('.pg-values');
        const bytes = player.bytes(textContent.trim(), dataset.sum);
        // Weights can be seen before anything runs, and where nothing can.
        const file = player.safetensors(bytes);
        for (const { paths, tensor } of object.parameters) {
            const value = paths.map((path) => file.get(path)).find((value) => value !== undefined);
            if (value !== undefined) values.fixed.set(tensor, value);
        }
        for (const { name, tensor } of object.inputs) {
            if (file.has(`inputs/${name}`)) values.fixed.set(tensor, file.get(`inputs/${name}`));
        }
        if (page.told.missing.length > 0) {
            const [first, ...more] = page.told.missing;
            throw new player.Problem(`It can’t be run: ${first} has no value${more.length > 0 ? `, nor have ${more.length} more` : ''}. `
                + 'Give the program its weights before the page is made: Program::set_parameters.');
        }
        program = await player.remote().program(object, bytes);
        inputs = program.inputs.map(([name, tensor]) => asked(name, tensor));
        const fields = make('details', '', make('summary', '', 'Inputs'), ...inputs.map(({ element }) => element), make('label', '', 'Seed of what is random ', seed));
        form.append(button, reset, fields, status);
        form.addEventListener('submit', (event) => {
            event.preventDefault();
            run(true);
        });
    };
    document.querySelector('.pg-head').append(form);
    begin().catch((error) => {
        form.append(status);
        problem(error);
    });
})();

// The same away from the page: `player.remote()` gives programs that run in a worker, so that the page stays responsive.
// The worker is made of the player's own text, since a page that was opened from a file may load no other. Where there is no
// worker to be had, the same is done here, a few milliseconds at a time.
//
// ```js
// const remote = player.remote();
// const program = await remote.program(object, bytes);       // knows tensors and steps, as `player.program` does
// const run = await program.run({ids}, {edits, from: earlier});
// const { shape, data } = await run.output('logits');         // run.value(tensor), run.values([tensors]), run.free()
// ```
// A newer run of a program takes the place of one that isn't done: that one fails with a `Problem` whose `cancelled` is true.
player.part((player) => {
    'use strict';
    const { Problem } = player;
    /** Runs of a program whose values are kept; of older ones, only those that are given back are asked for. */
    const KEPT = 8;
    /** Milliseconds after which others may have a word. */
    const SLICE = 8;

    // ---- What is done in the worker ----

    /** Answers messages `{call, method, …}` with `{call, result}` or `{call, problem}`. */
    player.serve = (reply) => {
        const programs = new Map();
        const runs = new Map();
        const newest = new Map();

        const run = async ({ id, program, inputs, edits, from }) => {
            newest.set(program, id);
            // A run that is no longer kept saves no work, and changes nothing.
            const running = programs.get(program).running(inputs, { edits, from: runs.get(from) ?? null });
            // Only a run that must wait makes one: its ports are given back late, and two hundred channels are half a megabyte.
            let channel = null;
            try {
                for (;;) {
                    const until = performance.now() + SLICE;
                    let state;
                    do {
                        state = running.next();
                    } while (!state.done && performance.now() < until);
                    if (state.done) {
                        runs.set(id, state.value);
                        forget(program);
                        return state.value.computed;
                    }
                    channel ??= new MessageChannel();
                    await new Promise((go) => {
                        channel.port1.onmessage = go;
                        channel.port2.postMessage(null);
                    });
                    if (newest.get(program) !== id) {
                        throw new Problem('A newer run took the place of this one.', { cancelled: true });
                    }
                }
            } finally {
                channel?.port1.close();
            }
        };
        const forget = (program) => {
            const own = [...runs].filter(([, { program: known }]) => known === programs.get(program));
            own.slice(0, -KEPT).forEach(([id]) => runs.delete(id));
        };
        const values = ({ id, tensors }) => {
            const known = runs.get(id);
            if (known === undefined) {
                throw new Problem('The values of this run are no longer kept: run it again.');
            }
            // Asked for again, it is the newest.
            runs.delete(id);
            runs.set(id, known);
            return tensors.map((tensor) => known.value(tensor));
        };
        const methods = {
            program: ({ id, object, bytes }) => void programs.set(id, player.program(object, bytes)),
            run,
            values,
            free: ({ id }) => void runs.delete(id),
        };
        return async (message) => {
            const { call, method } = message;
            try {
                reply({ call, result: await methods[method](message) });
            } catch (error) {
                const { step, kind, cancelled } = error;
                reply({ call, problem: { message: error instanceof Problem ? error.message : `The player failed: ${error?.message ?? error}.`, step, kind, cancelled } });
            }
        };
    };

    // ---- What is asked from the page ----

    /** A function that sends messages to a worker, or to what does the same here; `answer` hears what comes back. */
    const connect = (texts, answer) => new Promise((done) => {
        const here = () => {
            const handle = player.serve(answer);
            done({ send: (message) => void handle(message), close: () => {}, isHere: true });
        };
        let address = null;
        let worker;
        try {
            const script = `${texts.join('\n')}\nself.onmessage = ((handle) => ({ data }) => handle(data))(player.serve((answer) => postMessage(answer)));\npostMessage('ready');\n`;
            address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
            worker = new Worker(address);
        } catch {
            here();
            return;
        }
        worker.onerror = (event) => {
            event.preventDefault?.();
            worker.terminate();
            here();
        };
        worker.onmessage = () => {
            worker.onmessage = ({ data }) => answer(data);
            worker.onerror = () => answer(null);
            URL.revokeObjectURL(address);
            done({ send: (message) => worker.postMessage(message), close: () => worker.terminate(), isHere: false });
        };
    });

    class RemoteProgram extends player.Program {
        #ask;
        #id;

        constructor(ask, id, object) {
            super(object, null);
            this.#ask = ask;
            this.#id = id;
        }

        async run(inputs = {}, { edits = [], from = null } = {}) {
            if (from !== null && from.program !== this) {
                throw new Problem(`A run of “${this.name}” can’t begin from a run of another program.`);
            }
            const id = number();
            const computed = await this.#ask('run', { id, program: this.#id, inputs, edits, from: from?.id ?? null });
            return new RemoteRun(this, this.#ask, id, computed);
        }
    }

    class RemoteRun {
        #ask;

        constructor(program, ask, id, computed) {
            this.program = program;
            this.id = id;
            this.computed = computed;
            this.#ask = ask;
        }

        values(tensors) {
            return this.#ask('values', { id: this.id, tensors });
        }

        async value(tensor) {
            return (await this.values([tensor]))[0];
        }

        async output(name) {
            const tensor = this.program.output(name);
            if (tensor === undefined) {
                throw new Problem(`“${this.program.name}” has no output “${name}”.`);
            }
            return this.value(tensor);
        }

        /** Says that nobody will ask for its values. */
        free() {
            return this.#ask('free', { id: this.id });
        }
    }

    let last = 0;
    const number = () => (last += 1);

    /** Programs that run in a worker, made of the player's text, or of `texts`. */
    player.remote = (texts = player.sources) => {
        const waiting = new Map();
        const fail = (message, more = {}) => {
            waiting.forEach(({ reject }) => reject(new Problem(message, more)));
            waiting.clear();
        };
        const answer = (message) => {
            if (message === null) {
                fail('The worker broke off.');
                return;
            }
            const { call, result, problem } = message;
            const asked = waiting.get(call);
            waiting.delete(call);
            if (problem === undefined) {
                asked?.resolve(result);
            } else {
                asked?.reject(new Problem(problem.message, problem));
            }
        };
        const connection = connect(texts, answer);
        const ask = async (method, message) => {
            const { send } = await connection;
            const call = number();
            const answered = new Promise((resolve, reject) => waiting.set(call, { resolve, reject }));
            try {
                send({ call, method, ...message });
            } catch (error) {
                waiting.delete(call);
                throw new Problem(`What was given can’t be sent to the worker: ${error.message}`);
            }
            return answered;
        };
        return {
            /** A program with its values, as `player.program` takes them. */
            program: async (object, bytes = null) => {
                const id = number();
                const program = new RemoteProgram(ask, id, object);
                await ask('program', { id, object, bytes });
                return program;
            },
            /** Whether there was no worker to be had, and all is computed here. */
            isHere: () => connection.then(({ isHere }) => isHere),
            /** Ends the worker; what is asked still fails. */
            close: async () => {
                (await connection).close();
                fail('The worker was ended.', { cancelled: true });
            },
        };
    };
});

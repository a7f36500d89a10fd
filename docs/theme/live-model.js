// A model in the page: its file, its tokeniser, the program in its worker, and how it writes a token at a time.
(() => {
    'use strict';

    const { live } = annotated;

    const [PAD, BOS, EOS, UNK] = [0, 1, 2, 3];
    live.special = { PAD, BOS, EOS, UNK };
    /** A sentence about what can't be done, to be shown as it is. */
    class Sorry extends Error {}
    live.Sorry = Sorry;

    const opened = new Map();
    /** A model by the name of its file. Opened once a page. */
    live.open = (name, say) => {
        if (!opened.has(name)) {
            const promise = open(name, say);
            opened.set(name, promise);
            promise.catch(() => {
                opened.delete(name);
                live.forget(`${name}.js`);
            });
        }
        return opened.get(name);
    };

    async function open(name, say) {
        say('Asking for the weights …');
        await live.script(`${name}.js`);
        const given = player.given(name);
        if (!given?.program || typeof given.values !== 'string' || given.values === '' || !given.places || !given.extra) {
            throw new Sorry(`The file ${name}.js has no program with its weights.`);
        }
        say('Reading the weights …');
        const { program, places, extra } = given;
        const bytes = player.bytes(given.values, given.sum);
        const remote = await player.remote().program(program, bytes);
        // They lie in the worker now.
        given.values = '';
        const outline = live.outline(program);
        const { encode, decode, ...known } = tokens.open(extra.tokenizer);
        const piece = read(known, extra.tokenizer);
        const axes = (tensor) => places.tensors[tensor]?.axes ?? [];
        const sized = (input) => program.tensors[program.inputs.find((entry) => entry.name === input).tensor].shape.at(-1);
        // Figures share a model. A run of one must not take the place of another's, so each waits for the one before.
        let last = Promise.resolve();
        const run = (inputs, options) => {
            const next = last.then(() => remote.run(inputs, options));
            last = next.catch(() => {});
            return next;
        };
        const model = {
            name, program, places, extra, outline, axes, run,
            encode, decode, piece,
            length: Object.fromEntries(program.inputs.map((entry) => [entry.name, sized(entry.name)])),
            output: (wanted) => program.outputs.find((entry) => entry.name === wanted)?.tensor,
        };
        return model;
    }

    // ---- Tokens ----

    /** Why a text can't be taken, in a sentence; else its ids. */
    live.ids = (model, text, most) => {
        if (text.trim() === '') throw new Sorry('There is nothing to read yet. Please type a sentence.');
        const ids = model.encode(text);
        if (ids.length === 0) throw new Sorry('There is nothing in it that the model could read. Please type a sentence.');
        if (ids.length > most) {
            throw new Sorry(`That is ${ids.length} tokens. This page has room for ${most}: please take a shorter sentence.`);
        }
        return ids;
    };
    /**
     * What a reader types into a figure, which says in `told` what came of it. `read` gives the ids, or null where a text can't be
     * taken: then the figure stays as it is, and that is said. `say` says how it went with the text that was read last.
     */
    live.typed = (model, field, told, most) => {
        let [isBad, good] = [false, ''];
        return {
            read: () => {
                try {
                    const ids = live.ids(model, field.value, most);
                    [isBad, good] = [false, field.value.trim()];
                    return ids;
                } catch (error) {
                    isBad = true;
                    live.failed(error, told, good);
                    return null;
                }
            },
            say: (text) => { if (!isBad) annotated.say(text, told); },
        };
    };
    /** What is to be said of tokens that the model doesn't know. */
    live.unknown = (model, ids) => {
        const count = ids.filter((id) => id === UNK).length;
        const first = ids.map(model.piece).find((piece) => BYTES.test(piece));
        return (count === 0 ? '' : ` ${count === 1 ? 'One token is unknown to the model, which reads <unk> for it' : `${count} tokens are unknown to the model, which reads <unk> for each of them`}: other letters, or signs such as emoji, that were in no text that it learned from.`)
            + (first === undefined ? '' : ` A token such as ${first} is a byte: a part of a letter or sign that is no token of its own.`);
    };

    /** Bytes instead of a letter, as they are written then. */
    const BYTES = /^(<0x[0-9A-F]{2}>)+$/;
    live.isBytes = (piece) => BYTES.test(piece);
    /** What the letters of a byte-level vocabulary stand for: those that can be seen stand for themselves, the others for what is no letter. */
    const bytes = (() => {
        const isSeen = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
        const all = Array.from({ length: 256 }, (_, byte) => byte);
        const other = all.filter((byte) => !isSeen(byte));
        return new Map(all.map((byte) => [String.fromCodePoint(isSeen(byte) ? byte : 256 + other.indexOf(byte)), byte]));
    })();
    /** Tokens as people read them; where a token is no whole letter, or nothing to be seen, its bytes. */
    const read = ({ piece }, { decoder, model: { vocab } }) => {
        if (decoder.type !== 'ByteLevel') return piece;
        const named = new Map(Object.entries(vocab).map(([token, id]) => [id, token]));
        const hex = (letter) => `<0x${bytes.get(letter).toString(16).toUpperCase().padStart(2, '0')}>`;
        return (id) => (/[\p{Cc}\ufffd]/u.test(piece(id)) ? [...named.get(id)].map(hex).join('') : piece(id));
    };

    const filled = (ids, length) => [...ids, ...new Array(length - ids.length).fill(PAD)];

    // ---- Runs ----

    /** A row of logits: what may come after position `at`. */
    const row = (value, at) => {
        const width = value.shape.at(-1);
        return value.data.subarray(at * width, (at + 1) * width);
    };
    live.row = row;

    /**
     * Translates greedily. `edits` change the program; `from` is an earlier run of the same model, of which is kept what doesn't
     * change. `grown` is told of every token, and says whether to go on. How many tokens there are, `edits` is told.
     */
    live.translate = async (model, source, { edits = () => [], from = null, grown = () => true } = {}) => {
        const src = filled([...source, EOS], model.length.src);
        const written = [];
        const leads = [];
        let run = from;
        for (;;) {
            const earlier = run;
            run = await model.run({ src, tgt: filled([BOS, ...written], model.length.tgt) }, { edits: edits(written.length + 1), from: earlier });
            // Only the last is looked at.
            if (earlier !== from) earlier?.free();
            const logits = await run.output('logits');
            const { id, lead } = live.best(row(logits, written.length));
            leads.push(lead);
            const isFull = written.length + 1 === model.length.tgt;
            if (id === EOS || isFull) return { source, written, run, leads, logits, isFull: id !== EOS };
            written.push(id);
            if (!await grown(written)) return { source, written, run, leads, logits, stopped: true };
        }
    };
    /** The same program on a translation that is there, for comparison position by position. */
    live.forced = async (model, { source, written }, { edits = [], from = null } = {}) => {
        const run = await model.run({ src: filled([...source, EOS], model.length.src), tgt: filled([BOS, ...written], model.length.tgt) }, { edits, from });
        return { run, logits: await run.output('logits') };
    };

    /** What may come after a text. */
    live.next = async (model, ids, { edits = [], from = null } = {}) => {
        const run = await model.run({ ids: filled(ids, model.length.ids) }, { edits, from });
        return { run, logits: row(await run.output('logits'), ids.length - 1) };
    };

    /** Values by tensor, of a run that nobody needs afterwards. */
    live.values = async (run, tensors) => {
        const values = await run.values(tensors);
        run.free();
        return new Map(tensors.map((tensor, at) => [tensor, values[at]]));
    };
    /** What would come after position `at` if nothing after `tensor` added anything to the straight path. */
    live.stopped = async (model, run, inputs, edits, last, tensor, at) => {
        const stopped = tensor === last ? run : await model.run(inputs, { edits: [...edits, { tensor: last, by: { tensor } }], from: run });
        const logits = await stopped.output('logits');
        if (stopped !== run) stopped.free();
        return live.top(live.probabilities(row(logits, at)), 2).map(({ id, share }) => ({ piece: model.piece(id), share }));
    };
    live.filled = filled;

    // ---- Chance ----

    /** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
    live.random = (seed) => {
        let state = seed >>> 0;
        return () => {
            state = (state + 0x6d2b79f5) >>> 0;
            let mixed = Math.imul(state ^ (state >>> 15), state | 1);
            mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
            return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
        };
    };
    /** A token drawn by its probability; at temperature 0 the likeliest. */
    live.draw = (logits, temperature, random) => {
        if (temperature === 0) return live.best(logits).id;
        let rest = random();
        const shares = live.probabilities(logits, temperature);
        for (let id = 0; id < shares.length; id += 1) {
            rest -= shares[id];
            if (rest < 0) return id;
        }
        return live.best(logits).id;
    };
})();

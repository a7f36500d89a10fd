// What all files of the player share, and the only one that makes the global `player`. It is loaded first.
//
// The player carries out programs that `graph` captured: see player.js. All files are classic scripts, so that a page opened
// from a file can load them; in Node they are evaluated in this order too (tests/load.mjs).
(function begin() {
    'use strict';
    const player = globalThis.player ??= {};
    if (player.part !== undefined) {
        return;
    }

    /** Something that a reader is told in a sentence. `step` and `kind` say which operation; `cancelled`, that a newer call
     * took its place. */
    class Problem extends Error {
        constructor(sentence, more = {}) {
            super(sentence);
            this.name = 'Problem';
            Object.assign(this, more);
        }
    }

    // The text of everything that was loaded, since a page that was opened from a file can't read its own scripts, and a
    // worker needs them (worker.js).
    const sources = [`(${begin})();`];
    /** Loads a part of the player here and in workers. */
    const part = (own) => {
        sources.push(`player.part(${own});`);
        own(player);
    };

    // ---- Tensors ----

    // A tensor is `{dtype, shape, data}`: `dtype` is "float", "int" or "bool", and `data` an array of its numbers, row by row.
    // Nobody writes into one that is there: those of several runs, and a reshaped one, share their numbers.
    const arrays = { float: Float32Array, int: Int32Array, bool: Uint8Array };
    const shown = (shape) => `[${Array.from(shape).join(', ')}]`;
    const size = (shape) => shape.reduce((all, length) => all * length, 1);
    const alike = (a, b) => a.length === b.length && a.every((item, place) => item === b[place]);
    /** Whether the numbers are the same bit for bit. All that is no number is one thing: JavaScript says nothing about its bits. */
    const equal = (a, b) => {
        if (a === b) {
            return true;
        }
        if (a.constructor !== b.constructor || a.length !== b.length) {
            return false;
        }
        const bits = (array) => array instanceof Float32Array ? new Int32Array(array.buffer, array.byteOffset, array.length) : array;
        const [x, y] = [bits(a), bits(b)];
        for (let place = 0; place < x.length; place++) {
            if (x[place] !== y[place] && !(Number.isNaN(a[place]) && Number.isNaN(b[place]))) {
                return false;
            }
        }
        return true;
    };
    /** A tensor of numbers that may stand in nested lists; `called` is what a reader knows it by. */
    const tensor = (dtype, shape, given, called) => {
        const source = given?.data ?? given;
        if (given?.shape !== undefined && !alike(given.shape, shape)) {
            throw new Problem(`${called} has the shape ${shown(shape)}, and what was given for it has ${shown(given.shape)}.`);
        }
        const flat = Array.isArray(source) ? source.flat(Infinity) : source;
        const isList = flat !== null && typeof flat === 'object' && flat.length !== undefined;
        if (!isList || flat.length !== size(shape)) {
            const found = isList ? `${flat.length} numbers` : 'no list';
            throw new Problem(`${called} has the shape ${shown(shape)}, that is ${size(shape)} numbers; what was given for it is ${found}.`);
        }
        const data = new arrays[dtype](flat.length);
        for (let place = 0; place < data.length; place++) {
            const number = flat[place];
            data[place] = Number(number);
            const kept = typeof number === 'number' || typeof number === 'boolean' || typeof number === 'bigint';
            if (!kept || (dtype !== 'float' && data[place] !== Number(number)) || (dtype === 'bool' && data[place] > 1)) {
                const wanted = { float: 'a number', int: 'a whole number of 32 bits', bool: 'true or false' }[dtype];
                throw new Problem(`${called} takes ${dtype} numbers: ${String(number)}, at place ${place}, is not ${wanted}.`);
            }
        }
        return { dtype, shape: [...shape], data };
    };

    // ---- What pages are made of ----

    const given = new Map();
    Object.assign(player, {
        Problem,
        sources,
        part,
        arrays,
        shown,
        size,
        alike,
        equal,
        tensor,
        /** A play file gives what is in it. */
        give: (name, file) => given.set(name, file),
        /** What a play file gave. */
        given: (name) => given.get(name),
    });
})();

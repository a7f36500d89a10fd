// The kinds of operations: what each takes and gives, and how it is computed. This file has what they share; kinds-*.js
// have the kinds themselves, named as Burn's `OperationIr` names them.
player.part((player) => {
    'use strict';
    const { Problem, shown, size, alike } = player;

    player.kinds = new Map();
    /** Makes kinds known. `takes` are the types of what is taken, by role, `float?` being optional; `gives` is a type, the role
     * of the tensor whose type it has, or `any` that is declared; `shape` tells the result's shape of what is taken, the attributes
     * and the declared shape; `run` fills `data` of what is given, or sets it where `isView` is true. */
    player.kind = (names, definition) => names.split(' ').forEach((name) => player.kinds.set(name, definition));

    /** The axis that is meant, if there is one. */
    const axis = (shape, wanted) => {
        if (!Number.isSafeInteger(wanted) || wanted < 0 || wanted >= shape.length) {
            throw new Problem(`a tensor ${shown(shape)} has no axis ${wanted}.`);
        }
        return wanted;
    };
    /** The same shape with another length of an axis. */
    const resized = (shape, wanted, length) => shape.map((old, place) => (place === axis(shape, wanted) ? length : old));
    const expect = (isTrue, sentence) => {
        if (!isTrue) {
            throw new Problem(sentence);
        }
    };

    // ---- Broadcasting ----

    /** The shape that tensors have together, axes of one number being repeated. */
    const broadcast = (...shapes) => {
        const ranks = shapes.map((shape) => shape.length);
        const result = new Array(Math.max(...ranks)).fill(1);
        for (const shape of shapes) {
            const shift = result.length - shape.length;
            for (let place = 0; place < shape.length; place++) {
                const [a, b] = [result[shift + place], shape[place]];
                expect(a === b || a === 1 || b === 1, `the shapes ${shapes.map(shown).join(' and ')} don’t fit.`);
                result[shift + place] = a === 1 ? b : a;
            }
        }
        return result;
    };
    /** How far apart neighbours of each axis are. */
    const strides = (shape) => {
        const result = new Array(shape.length);
        for (let place = shape.length - 1, step = 1; place >= 0; place--) {
            result[place] = step;
            step *= shape[place];
        }
        return result;
    };
    /** The same for a tensor that is repeated to a larger shape: 0 where it is. */
    const repeated = (shape, larger) => {
        const own = strides(shape);
        const shift = larger.length - shape.length;
        return larger.map((_, place) => (place < shift || shape[place - shift] === 1 ? 0 : own[place - shift]));
    };
    /** Calls `row(start, a, b, c)` for each row of the last axis, with the places where it begins in the result and in up to three
     * tensors whose strides are given. */
    const rows = (shape, steps, row) => {
        const last = Math.max(shape.length - 1, 0);
        const width = shape[last] ?? 1;
        const count = size(shape.slice(0, last));
        if (width === 0) {
            return;
        }
        const at = new Array(last).fill(0);
        const places = [0, 0, 0];
        for (let number = 0; number < count; number++) {
            row(number * width, places[0], places[1], places[2]);
            for (let place = last - 1; place >= 0; place--) {
                at[place] += 1;
                const isOver = at[place] === shape[place];
                for (let tensor = 0; tensor < steps.length; tensor++) {
                    places[tensor] += isOver ? -steps[tensor][place] * (shape[place] - 1) : steps[tensor][place];
                }
                if (!isOver) {
                    break;
                }
                at[place] = 0;
            }
        }
    };
    /** A tensor seen as `[outer, length, inner]` around an axis. */
    const around = (shape, place) => [size(shape.slice(0, place)), shape[place], size(shape.slice(place + 1))];
    /** What is given is a tensor of 32 bits. */
    const fits = (number, kept) => {
        if (kept !== number) {
            throw new Problem(`the number ${number} takes more than the 32 bits that there are here.`);
        }
    };

    player.shapes = { axis, resized, expect, broadcast, strides, repeated, rows, around, fits, alike };
});

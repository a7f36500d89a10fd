// What is changed when a program is carried out: a tensor, or a part of it, is replaced as soon as it is there, and what
// comes after reads what was put in its place. The same as `graph::Edit`, and swapped positions beside it.
//
// `{tensor, by, part}`, where `by` is
// "zeros" (of booleans, false), "through" (what the tensor was made of: the first that its operation takes of the same shape and type,
// and no parameter or constant if it can be helped), `{tensor}` (another that is there before), `{value: {shape, data}}`, or
// `{swap: [axis, a, b]}` (the same with two places of an axis exchanged).
// `part: [[axis, from, to], …]`: of these axes, only the places from `from` to `to`, which is not one of them.
player.part((player) => {
    'use strict';
    const { Problem, shown, alike } = player;

    /** The edits of each tensor, checked: `Map` of lists of `{by, from, value, swap, part}`. */
    player.edits = (program, edits) => {
        const found = new Map();
        for (const edit of edits) {
            const { tensor } = edit ?? {};
            const checked = check(program, edit);
            found.set(tensor, [...found.get(tensor) ?? [], checked]);
        }
        return found;
    };

    const check = (program, edit) => {
        const { tensor, by, part = null } = edit ?? {};
        const known = program.tensor(tensor);
        if (known === undefined) {
            throw new Problem(`An edit is of tensor ${tensor}, and “${program.name}” has tensors 0 to ${program.tensorCount - 1}.`);
        }
        const called = program.called(tensor);
        if (program.stepOf(tensor) === null && !program.has(tensor) && !program.inputs.some(([, input]) => input === tensor)) {
            throw new Problem(`${called} has no value to replace.`);
        }
        const checked = { by: typeof by === 'string' ? by : Object.keys(by ?? {})[0], from: null, value: null, swap: null, part: null };
        checked.part = part === null || part.length === 0 ? null : ranges(part, known.shape, called);
        if (checked.by === 'value') {
            checked.value = player.tensor(known.dtype, known.shape, by.value, called);
        } else if (checked.by === 'swap') {
            checked.swap = swap(by.swap, known.shape, called);
        } else if (checked.by === 'tensor' || checked.by === 'through') {
            checked.from = checked.by === 'tensor' ? by.tensor : through(program, tensor, known);
            fits(program, tensor, checked.from);
        } else if (checked.by !== 'zeros') {
            throw new Problem(`An edit of tensor ${tensor} is by ${JSON.stringify(by)}, which is none of zeros, through, tensor, value and swap.`);
        }
        return checked;
    };

    const isSame = (a, b) => a.dtype === b.dtype && alike(a.shape, b.shape);

    const through = (program, tensor, known) => {
        const step = program.step(program.stepOf(tensor));
        const fitting = (step?.inputs ?? []).filter((input) => isSame(program.tensor(input), known));
        const found = fitting.find((input) => program.stepOf(input) !== null || program.inputs.some(([, other]) => other === input)) ?? fitting[0];
        if (found === undefined) {
            throw new Problem(`${program.called(tensor)} ${shown(known.shape)} can’t be passed by: ${step === undefined ? 'nothing is computed for it'
                : `${step.kind} takes nothing of its shape and type`}.`);
        }
        return found;
    };

    /** Whether one tensor may stand for another. What is given is there from the beginning, in the order of numbers. */
    const fits = (program, tensor, from) => {
        const [known, found] = [program.tensor(tensor), program.tensor(from)];
        if (found === undefined) {
            throw new Problem(`${program.called(tensor)} can’t be replaced by tensor ${from}, which there is none of.`);
        }
        if (!isSame(known, found)) {
            throw new Problem(`${program.called(tensor)} is ${known.dtype} ${shown(known.shape)}; `
                + `${program.called(from).replace(/^T/, 't')} is ${found.dtype} ${shown(found.shape)} and can’t stand for it.`);
        }
        const [step, before] = [program.stepOf(tensor), program.stepOf(from)];
        const isBefore = step === null && before === null ? from < tensor : (before ?? -1) < (step ?? -1);
        if (!isBefore) {
            throw new Problem(`${program.called(tensor)} can’t be replaced by tensor ${from}, which isn’t there before it.`);
        }
    };

    /** A range for each axis. */
    const ranges = (part, shape, called) => {
        const all = shape.map((length) => [0, length]);
        for (const [axis, from, to] of part) {
            const isPart = [axis, from, to].every(Number.isSafeInteger) && axis >= 0 && from >= 0 && from <= to && to <= shape[axis];
            if (!isPart) {
                throw new Problem(`${called} is ${shown(shape)}; it has no part ${from} to ${to} of axis ${axis}.`);
            }
            all[axis] = [from, to];
        }
        return all;
    };

    const swap = (wanted, shape, called) => {
        const [axis, a, b] = wanted ?? [];
        const isPlace = (place) => Number.isSafeInteger(place) && place >= 0 && place < shape[axis];
        if (!Number.isSafeInteger(axis) || !isPlace(a) || !isPlace(b)) {
            throw new Problem(`${called} is ${shown(shape)}; it has no places ${a} and ${b} of axis ${axis} to be swapped.`);
        }
        return [axis, a, b];
    };

    /** Whether two lists of edits say the same. */
    player.sameEdits = (some, others) => {
        const [a, b] = [some ?? [], others ?? []];
        const same = (x, y) => x.by === y.by && x.from === y.from && String(x.swap) === String(y.swap) && String(x.part) === String(y.part)
            && (x.value === null || player.equal(x.value.data, y.value.data));
        return a.length === b.length && a.every((edit, place) => same(edit, b[place]));
    };

    /** A tensor as an edit makes it; what was there stays as it was. */
    player.edited = (values, tensor, { by, from, value, swap, part }) => {
        const old = values[tensor];
        const other = from === null ? value : values[from];
        if (part === null && by !== 'swap') {
            return { ...old, data: other?.data ?? new old.data.constructor(old.data.length) };
        }
        const source = by === 'swap' ? swapped(old, swap) : other?.data;
        const data = old.data.slice();
        // Place by place; rows of the last axis in one go.
        const { shape } = old;
        const all = part ?? shape.map((length) => [0, length]);
        const copy = (axis, start) => {
            const [first, end] = all[axis] ?? [0, 1];
            if (axis >= shape.length - 1) {
                const [lower, upper] = [start + first, start + end];
                source === undefined ? data.fill(0, lower, upper) : data.set(source.subarray(lower, upper), lower);
                return;
            }
            const stride = player.size(shape.slice(axis + 1));
            for (let place = first; place < end; place++) {
                copy(axis + 1, start + place * stride);
            }
        };
        copy(0, 0);
        return { ...old, data };
    };

    const swapped = ({ shape, data }, [axis, a, b]) => {
        const result = data.slice();
        const inner = player.size(shape.slice(axis + 1));
        for (let start = 0; start < data.length; start += inner * shape[axis]) {
            result.set(data.subarray(start + a * inner, start + (a + 1) * inner), start + b * inner);
            result.set(data.subarray(start + b * inner, start + (b + 1) * inner), start + a * inner);
        }
        return result;
    };
});

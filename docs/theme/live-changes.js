// What can be changed at a box, as edits of the program: off, through, a head off, without the mask, without the scale, a residual
// cut, two positions swapped, a patch from another sentence, and "stop here".
(() => {
    'use strict';

    const { live } = annotated;

    /** What each change is called, and what it does. */
    const WORDS = {
        off: ['Off', 'zeros instead of what comes out'],
        through: ['Through', 'what goes in comes out, as if the box were a line'],
        head: ['Head off', 'one head of this layer gives nothing'],
        unmask: ['Unmask', 'a token sees those after it, too'],
        unscale: ['Unscale', 'scores are not divided'],
        cut: ['Cut the residual', 'only the branch goes on, and the straight path ends here'],
        swap: ['Swap', 'two positions change places'],
        patch: ['Patch', 'what the same box has for another sentence'],
        stop: ['Stop here', 'nothing after this adds to the straight path: what would it say now?'],
    };
    live.words = WORDS;

    /**
     * Edits for a change. `choice`: what it needs beside the box: `{head}`, `{axis, a, b}`, `{values}` by tensor, `{position}`.
     * Empty where it can't be done. `here`: a repeat of the box, with the tensors that it owns.
     */
    const edits = {
        off: ({ outline }, here) => floats(outline, here.out).map((tensor) => ({ tensor, by: 'zeros' })),
        through: ({ outline }, here) => floats(outline, here.out).flatMap((tensor) => {
            const residual = outline.residual(outline.maker.get(tensor));
            const from = residual?.straight ?? here.in.find((entering) => entering !== tensor && outline.alike(entering, tensor));
            return from === undefined ? [] : [{ tensor, by: { tensor: from } }];
        }),
        head: ({ outline, axes }, here, { head = 0 }) => made(outline, here, 'Softmax').flatMap((tensor) => {
            const axis = axes(tensor).indexOf('heads');
            return axis < 0 ? [] : [{ tensor, by: 'zeros', part: [[axis, head, head + 1]] }];
        }),
        unmask: ({ outline }, here) => made(outline, here, 'MaskFill').filter((tensor) => hidesLater(outline, tensor)).map((tensor) => ({ tensor, by: 'through' })),
        unscale: ({ outline }, here) => made(outline, here, 'DivScalar')
            .filter((tensor) => outline.shape(tensor).length === 4).map((tensor) => ({ tensor, by: 'through' })),
        cut: ({ outline }, here) => here.out.flatMap((tensor) => {
            const found = outline.residual(outline.maker.get(tensor));
            return found ? [{ tensor, by: { tensor: found.branch } }] : [];
        }),
        swap: ({ outline, axes }, here, { a = 1, b = 2 }) => floats(outline, here.out).flatMap((tensor) => {
            const axis = tokenAxis(axes(tensor));
            return axis < 0 ? [] : [{ tensor, by: { swap: [axis, a, b] } }];
        }),
        patch: ({ outline, axes }, here, { values = null, position = null }) => floats(outline, here.out).flatMap((tensor) => {
            const axis = tokenAxis(axes(tensor));
            if (values === null) return [{ tensor }];
            const part = position === null || axis < 0 ? {} : { part: [[axis, position, position + 1]] };
            const { shape, data } = values.get(tensor);
            return [{ tensor, by: { value: { shape, data } }, ...part }];
        }),
        stop: ({ outline }, here) => here.out.flatMap((tensor) => {
            const last = outline.pathOf(tensor)?.at(-1).tensor;
            return last === undefined || last === tensor ? [] : [{ tensor: last, by: { tensor } }];
        }),
    };

    const floats = (outline, tensors) => tensors.filter(outline.isFloat);
    /** What steps of a kind give within a box. */
    const made = (outline, here, kind) => here.steps.map((number) => outline.steps[number]).filter((step) => step?.kind === kind)
        .flatMap((step) => step.outputs);
    /** A mask that is the same for every query hides the places that are empty, and no token. */
    const hidesLater = (outline, tensor) => outline.shape(outline.maker.get(tensor).fields.mask.tensor).at(-2) > 1;
    const tokenAxis = (axes) => axes.findIndex((axis) => axis === 'target' || axis === 'source');
    live.tokenAxis = tokenAxis;

    /** What a next token is chosen by. Whatever comes after it changes no prediction. */
    const isAfter = (model, { out }) => {
        const logits = model.output('logits');
        return !out.some((tensor) => model.outline.dependsOn(logits, tensor));
    };
    live.isAfter = (model, key) => isAfter(model, model.box(key).repeats[0]);
    /** The changes that can be made at a box. */
    live.possible = (model, key) => {
        const box = model.box(key);
        if (box === null || isAfter(model, box.repeats[0])) return [];
        return Object.keys(edits).filter((action) => edits[action](model, box.repeats[0], {}).length > 0);
    };

    /**
     * An edit for as many tokens as there are (`size`, by axis). Nobody means the places that are empty: without a mask they stay
     * hidden, and with a position that isn't there, nothing happens.
     */
    live.fitted = ({ outline, axes }, edit, size) => {
        const { tensor, by, part } = edit;
        const names = axes(tensor);
        const count = (axis) => size[names[axis]] ?? outline.shape(tensor)[axis];
        if (by.swap !== undefined) {
            const [axis, a, b] = by.swap;
            return Math.max(a, b) < count(axis) ? edit : { ...edit, by: { swap: [axis, a, a] } };
        }
        if (part !== undefined) return part.every(([axis, , to]) => to <= count(axis)) ? edit : { ...edit, part: part.map(([axis]) => [axis, 0, 0]) };
        const isLifted = by.value === undefined && outline.maker.get(tensor)?.kind === 'MaskFill';
        return isLifted ? { ...edit, part: [[names.length - 1, 0, count(names.length - 1)]] } : edit;
    };

    /** A change with its edits: at one layer, or at all (`layer` is null). */
    live.change = (model, action, key, layer, choice = {}) => {
        const box = model.box(key);
        const layers = layer === null ? box.repeats : [box.repeats[layer]];
        return {
            action, key, layer, choice, name: (names) => told(box, action, layer, choice, model, names),
            edits: layers.flatMap((here) => edits[action](model, here, choice)),
        };
    };

    /** A position, and the token that stands there in the sentence of now. */
    const placed = (model, box, names, position) => {
        const axes = model.axes(box.repeats[0].out[0]);
        const all = names[axes[tokenAxis(axes)]] ?? [];
        return `${position + 1} (${all.length === 0 ? '…' : all[position] === undefined ? 'empty' : `“${all[position]}”`})`;
    };
    /** A change in words. */
    const told = (box, action, layer, choice, model, names) => {
        const where = box.repeats.length < 2 ? '' : layer === null ? ', all layers' : `, layer ${layer + 1}`;
        const at = (position) => placed(model, box, names, position);
        const what = {
            head: () => `head ${choice.head + 1} off`,
            swap: () => `positions ${at(choice.a)} and ${at(choice.b)} swapped`,
            patch: () => `patched from “${choice.text}”${choice.position === null || choice.position === undefined ? '' : ` at position ${at(choice.position)}`}`,
            off: () => 'off', through: () => 'let through', unmask: () => 'unmasked', unscale: () => 'unscaled',
            cut: () => 'residual cut', stop: () => 'stop here',
        }[action]();
        return `${model.title(box)}${where}: ${what}`;
    };

    // ---- How far apart two predictions are ----

    /** Logarithms to base two of the probabilities that a row of logits stands for. */
    const logs = (logits) => {
        let most = -Infinity;
        for (const value of logits) most = Math.max(most, value);
        let sum = 0;
        for (const value of logits) sum += Math.exp(value - most);
        const all = most + Math.log(sum);
        return Float64Array.from(logits, (value) => (value - all) / Math.LN2);
    };
    /** Were the first prediction the truth, so many bits more would be needed with the second (Kullback and Leibler). */
    live.bits = (before, after) => {
        const [p, q] = [logs(before), logs(after)];
        let sum = 0;
        for (let at = 0; at < p.length; at += 1) {
            // What the one excludes is infinitely far for the other: such numbers are not in trained models' logits.
            if (p[at] > -Infinity) sum += 2 ** p[at] * (p[at] - q[at]);
        }
        return Math.max(0, sum);
    };
    /** Whether two predictions are one, to the last bit. */
    live.same = (before, after) => before.every((value, at) => Object.is(value, after[at]));
    live.FAILED = 'It could not be computed.';
    live.SAME = 'Every prediction is the same, to the last bit.';
    /** Probabilities at a temperature. */
    live.probabilities = (logits, temperature = 1) => Float64Array.from(logs(Float64Array.from(logits, (value) => value / temperature)), (log) => 2 ** log);
    /** The likeliest, with their probabilities; of equal ones the first. */
    live.top = (probabilities, count) => Array.from(probabilities, (share, id) => ({ id, share }))
        .sort((a, b) => b.share - a.share || a.id - b.id).slice(0, count);
    /** The likeliest token; of equal ones the first. And by how much it leads. */
    live.best = (logits) => {
        let [best, lead] = [0, Infinity];
        for (let id = 1; id < logits.length; id += 1) {
            if (logits[id] > logits[best]) [lead, best] = [logits[id] - logits[best], id];
            else lead = Math.min(lead, logits[best] - logits[id]);
        }
        return { id: best, lead };
    };
})();

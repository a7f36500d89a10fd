// What can be read off a program: which step makes a tensor, what depends on what, and where the straight path runs that every
// part only adds to. It knows operations by their kinds, and nothing of models.
(() => {
    'use strict';

    const { live } = annotated;

    const isTensor = (value) => typeof value?.tensor === 'number';
    /** All tensors in a value, in their order there. */
    const tensors = (value) => {
        if (isTensor(value)) return [value.tensor];
        return value !== null && typeof value === 'object' ? Object.values(value).flatMap(tensors) : [];
    };
    /** An operation as it is written: a kind within its families, and its fields. */
    const read = (written, number) => {
        let [kind, fields] = ['', written];
        for (;;) {
            const entries = Array.isArray(fields) ? [[kind, fields.at(-1)]] : Object.entries(fields);
            if (entries.length !== 1 || entries[0][1] === null || typeof entries[0][1] !== 'object' || isTensor(entries[0][1])) break;
            [[kind, fields]] = entries;
        }
        const isResult = ([name]) => name === 'out' || name.startsWith('out_') || name === 'outputs';
        const all = Object.entries(fields);
        return {
            number, kind, fields,
            inputs: all.filter((entry) => !isResult(entry)).flatMap(([, value]) => tensors(value)),
            outputs: all.filter(isResult).flatMap(([, value]) => tensors(value)),
        };
    };

    /** What a program says of its steps. */
    live.outline = (program) => {
        const steps = program.operations.map(read);
        const maker = new Map(steps.flatMap((step) => step.outputs.map((tensor) => [tensor, step])));
        const shape = (tensor) => program.tensors[tensor].shape;
        const alike = (one, other) => `${shape(one)}` === `${shape(other)}`
            && JSON.stringify(program.tensors[one].dtype) === JSON.stringify(program.tensors[other].dtype);
        const isFloat = (tensor) => /F(16|32|64)/.test(JSON.stringify(program.tensors[tensor].dtype));
        const given = new Set([...program.parameters, ...program.constants].map(({ tensor }) => tensor));

        /** Whether a tensor is made of another, however far back. */
        const dependsOn = (tensor, other) => {
            const seen = new Set();
            const open = [tensor];
            while (open.length > 0) {
                const next = open.pop();
                if (next === other) return true;
                if (!seen.has(next)) {
                    seen.add(next);
                    open.push(...maker.get(next)?.inputs ?? []);
                }
            }
            return false;
        };

        /** A sum of something and of what was made of it: `straight` and `branch`; else nothing. */
        const residual = (step) => {
            const [a, b] = step?.inputs ?? [];
            if (step?.kind !== 'Add' || b === undefined || !alike(a, b) || !alike(a, step.outputs[0])) return null;
            for (const [straight, branch] of [[a, b], [b, a]]) {
                if (straight !== branch && dependsOn(branch, straight)) return { straight, branch, sum: step.outputs[0] };
            }
            return null;
        };
        const sums = steps.map(residual).filter(Boolean);
        const after = new Map(sums.map((sum) => [sum.straight, sum]));
        /** The straight paths: what enters first, and then every sum. The tensor at the end is what is normalised or read out. */
        const paths = sums.filter(({ straight }) => !sums.some(({ sum }) => sum === straight)).map(({ straight }) => {
            const path = [{ tensor: straight, branch: null }];
            while (after.has(path.at(-1).tensor)) {
                const { sum, branch } = after.get(path.at(-1).tensor);
                path.push({ tensor: sum, branch });
            }
            return path;
        });
        const pathOf = (tensor) => paths.find((path) => path.some((place) => place.tensor === tensor)) ?? null;

        return { steps, maker, shape, alike, isFloat, given, dependsOn, residual, paths, pathOf };
    };
})();

// Kinds that move numbers and compute none: reshaping, transposing, picking, putting together.
player.part((player) => {
    'use strict';
    const { Problem, kind, shown, size, alike } = player;
    const { axis, resized, expect, broadcast, strides, repeated, rows, around } = player.shapes;
    const any = 'float int bool';

    /** Fills `out` from `from`, beginning at `start`, with these strides. */
    const gathered = (from, out, steps, start = 0) => {
        const width = out.shape.at(-1) ?? 1;
        const step = steps.at(-1) ?? 0;
        rows(out.shape, [steps], (row, at) => {
            for (let place = 0, source = start + at; place < width; place++, source += step) {
                out.data[row + place] = from[source];
            }
        });
    };

    kind('Reshape', {
        takes: { input: any },
        gives: 'input',
        shape: ({ input }, _, declared) => {
            expect(size(input.shape) === size(declared), `${size(input.shape)} numbers can’t be laid out as ${shown(declared)}.`);
            return declared;
        },
        isView: true,
        run: ({ input }, { out }) => out.data = input.data,
    });
    kind('Expand', {
        takes: { input: any },
        gives: 'input',
        shape: ({ input }, _, declared) => {
            expect(alike(broadcast(input.shape, declared), declared), `${shown(input.shape)} can’t be repeated to ${shown(declared)}.`);
            return declared;
        },
        run: ({ input }, { out }) => gathered(input.data, out, repeated(input.shape, out.shape)),
    });

    const permuted = (shape, axes) => {
        const isOrder = Array.isArray(axes) && alike([...axes].sort((a, b) => a - b), shape.map((_, place) => place));
        expect(isOrder, `${JSON.stringify(axes)} is no order of the axes of ${shown(shape)}.`);
        return axes.map((place) => shape[place]);
    };
    const swapped = (shape, { dim1, dim2 }) => {
        const axes = shape.map((_, place) => place);
        [axes[axis(shape, dim1)], axes[axis(shape, dim2)]] = [dim2, dim1];
        return axes;
    };
    const permutation = (axesOf) => ({
        takes: { input: any },
        gives: 'input',
        shape: ({ input }, has) => permuted(input.shape, axesOf(input.shape, has)),
        run: ({ input }, { out }, has) => {
            const own = strides(input.shape);
            gathered(input.data, out, axesOf(input.shape, has).map((place) => own[place]));
        },
    });
    kind('Permute', permutation((_, { axes }) => axes));
    kind('SwapDims', permutation(swapped));
    kind('Flip', {
        takes: { input: any },
        gives: 'input',
        shape: ({ input }, { axes }) => {
            axes.forEach((place) => axis(input.shape, place));
            return input.shape;
        },
        run: ({ input }, { out }, { axes }) => {
            const steps = strides(input.shape);
            let start = 0;
            for (const place of new Set(axes)) {
                start += steps[place] * Math.max(input.shape[place] - 1, 0);
                steps[place] *= -1;
            }
            gathered(input.data, out, steps, start);
        },
    });

    // ---- Slices ----

    /** Where each axis begins, its step, and how many there are; a negative step goes from the end of the range to its beginning. */
    const slices = (shape, ranges) => shape.map((length, place) => {
        const { start, end, step } = ranges[place] ?? { start: 0, end: null, step: 1 };
        expect([start, step, end ?? 0].every(Number.isSafeInteger) && step !== 0, `a slice from ${start} to ${end} by ${step} is none.`);
        const within = (at) => Math.min(Math.max(at < 0 ? at + length : at, 0), length);
        const [first, last] = [within(start), within(end ?? length)];
        const count = Math.max(Math.ceil((last - first) / Math.abs(step)), 0);
        return { first: step > 0 ? first : last - 1, step, count };
    });
    const sliced = (shape, ranges) => {
        const own = strides(shape);
        const parts = slices(shape, ranges);
        return { steps: parts.map(({ step }, place) => step * own[place]), start: parts.reduce((all, { first }, place) => all + first * own[place], 0) };
    };
    kind('Slice', {
        takes: { tensor: any },
        gives: 'tensor',
        shape: ({ tensor }, { ranges }) => slices(tensor.shape, ranges).map(({ count }) => count),
        run: ({ tensor }, { out }, { ranges }) => {
            const { steps, start } = sliced(tensor.shape, ranges);
            gathered(tensor.data, out, steps, start);
        },
    });
    kind('SliceAssign', {
        takes: { tensor: any, value: any },
        gives: 'tensor',
        shape: ({ tensor, value }, { ranges }) => {
            const part = slices(tensor.shape, ranges).map(({ count }) => count);
            expect(alike(part, value.shape), `${shown(value.shape)} can’t be put into a part of ${shown(part)}.`);
            return tensor.shape;
        },
        run: ({ tensor, value }, { out }, { ranges }) => {
            out.data.set(tensor.data);
            const { steps, start } = sliced(tensor.shape, ranges);
            const width = value.shape.at(-1) ?? 1;
            rows(value.shape, [steps], (row, at) => {
                for (let place = 0; place < width; place++) {
                    out.data[start + at + place * (steps.at(-1) ?? 0)] = value.data[row + place];
                }
            });
        },
    });

    // ---- Picking by indices ----

    const index = (number, length) => {
        if (number < 0 || number >= length) {
            throw new Problem(`the index ${number} is none of ${length} places.`);
        }
        return number;
    };
    kind('Select', {
        takes: { tensor: any, indices: 'int' },
        gives: 'tensor',
        shape: ({ tensor, indices }, { dim }) => resized(tensor.shape, dim, size(indices.shape)),
        run: ({ tensor, indices }, { out }, { dim }) => {
            const [outer, length, inner] = around(tensor.shape, dim);
            const count = indices.data.length;
            for (let before = 0; before < outer; before++) {
                for (let place = 0; place < count; place++) {
                    const from = (before * length + index(indices.data[place], length)) * inner;
                    out.data.set(tensor.data.subarray(from, from + inner), (before * count + place) * inner);
                }
            }
        },
    });
    kind('Embedding', {
        takes: { weights: 'float', indices: 'int' },
        gives: 'weights',
        shape: ({ weights, indices }) => {
            expect(weights.shape.length === 2, `a table has two axes, not ${shown(weights.shape)}.`);
            return [...indices.shape, weights.shape[1]];
        },
        run: ({ weights, indices }, { out }) => {
            const [length, width] = weights.shape;
            indices.data.forEach((number, place) => {
                const from = index(number, length) * width;
                out.data.set(weights.data.subarray(from, from + width), place * width);
            });
        },
    });
    /** Calls `visit(place, target)` for each index, with its place among the indices and the place in the tensor that it is of. */
    const indexed = (tensor, indices, dim, visit) => {
        const own = strides(tensor.shape);
        const steps = own.map((step, place) => (place === dim ? 0 : step));
        const width = indices.shape.at(-1) ?? 1;
        rows(indices.shape, [steps], (row, at) => {
            for (let place = 0; place < width; place++) {
                visit(row + place, at + place * (steps.at(-1) ?? 0) + index(indices.data[row + place], tensor.shape[dim]) * own[dim]);
            }
        });
    };
    const within = (tensor, indices, dim) => {
        axis(tensor.shape, dim);
        const isWithin = indices.shape.length === tensor.shape.length
            && indices.shape.every((length, place) => place === dim || length <= tensor.shape[place]);
        expect(isWithin, `indices ${shown(indices.shape)} don’t fit ${shown(tensor.shape)} along axis ${dim}.`);
    };
    kind('Gather', {
        takes: { tensor: any, indices: 'int' },
        gives: 'tensor',
        shape: ({ tensor, indices }, { dim }) => {
            within(tensor, indices, dim);
            return indices.shape;
        },
        run: ({ tensor, indices }, { out }, { dim }) => indexed(tensor, indices, dim, (place, from) => out.data[place] = tensor.data[from]),
    });

    const updates = {
        Assign: (_, x) => x,
        Add: (old, x) => old + x,
        Mul: (old, x) => old * x,
        Min: (old, x) => (x < old ? x : old),
        Max: (old, x) => (x > old ? x : old),
    };
    /** Of booleans, a sum is true if one of them is. */
    const update = ({ dtype }, name) => (dtype === 'bool' && name === 'Add' ? (old, x) => old | x : updates[name]);
    const known = (name) => expect(updates[name] !== undefined, `${JSON.stringify(name)} is no way to update a tensor.`);
    kind('Scatter', {
        takes: { tensor: any, indices: 'int', value: any },
        gives: 'tensor',
        shape: ({ tensor, indices, value }, { dim, update: name }) => {
            within(tensor, indices, dim);
            known(name);
            expect(alike(value.shape, indices.shape), `${shown(value.shape)} numbers have ${shown(indices.shape)} indices.`);
            return tensor.shape;
        },
        run: ({ tensor, indices, value }, { out }, { dim, update: name }) => {
            const f = update(tensor, name);
            out.data.set(tensor.data);
            indexed(tensor, indices, dim, (place, to) => out.data[to] = f(out.data[to], value.data[place]));
        },
    });
    kind('SelectAssign', {
        takes: { tensor: any, indices: 'int', value: any },
        gives: 'tensor',
        shape: ({ tensor, indices, value }, { dim, update: name }) => {
            const part = resized(tensor.shape, dim, size(indices.shape));
            known(name);
            expect(alike(value.shape, part), `${shown(value.shape)} can’t be put into a part of ${shown(part)}.`);
            return tensor.shape;
        },
        run: ({ tensor, indices, value }, { out }, { dim, update: name }) => {
            const [outer, length, inner] = around(tensor.shape, dim);
            const count = indices.data.length;
            const f = update(tensor, name);
            out.data.set(tensor.data);
            for (let row = 0; row < outer * count; row++) {
                const to = (Math.floor(row / count) * length + index(indices.data[row % count], length)) * inner;
                for (let place = 0; place < inner; place++) {
                    out.data[to + place] = f(out.data[to + place], value.data[row * inner + place]);
                }
            }
        },
    });

    // ---- Putting together ----

    kind('Cat', {
        takes: { tensors: any },
        gives: 'tensors',
        shape: ({ tensors }, { dim }) => {
            const [{ shape }] = tensors;
            const fit = tensors.every((tensor) => alike(resized(tensor.shape, dim, 0), resized(shape, dim, 0)));
            expect(fit, `${tensors.map((tensor) => shown(tensor.shape)).join(', ')} can’t be joined along axis ${dim}.`);
            return resized(shape, dim, tensors.reduce((all, tensor) => all + tensor.shape[dim], 0));
        },
        run: ({ tensors }, { out }, { dim }) => {
            const [outer, length, inner] = around(out.shape, dim);
            let start = 0;
            for (const { shape, data } of tensors) {
                const width = shape[dim] * inner;
                for (let before = 0; before < outer; before++) {
                    out.data.set(data.subarray(before * width, (before + 1) * width), before * length * inner + start);
                }
                start += width;
            }
        },
    });
    kind('RepeatDim', {
        takes: { tensor: any },
        gives: 'tensor',
        shape: ({ tensor }, { dim, times }) => resized(tensor.shape, dim, tensor.shape[dim] * times),
        run: ({ tensor }, { out }, { dim, times }) => {
            const [outer, length, inner] = around(tensor.shape, dim);
            const width = length * inner;
            for (let row = 0; row < outer * times; row++) {
                const from = Math.floor(row / times) * width;
                out.data.set(tensor.data.subarray(from, from + width), row * width);
            }
        },
    });
    kind('Unfold', {
        takes: { input: any },
        gives: 'input',
        shape: ({ input }, { dim, size: width, step }) => {
            const windows = Math.max(Math.floor((input.shape[axis(input.shape, dim)] - width) / step) + 1, 0);
            return [...resized(input.shape, dim, windows), width];
        },
        run: ({ input }, { out }, { dim, step }) => {
            const own = strides(input.shape);
            gathered(input.data, out, [...own.map((stride, place) => (place === dim ? stride * step : stride)), own[dim]]);
        },
    });
    kind('Pad', {
        takes: { input: any },
        gives: 'input',
        shape: ({ input }, { padding, mode }) => {
            expect(mode === 'Edge' || mode === 'Reflect' || typeof mode?.Constant === 'number', `${JSON.stringify(mode)} is no way to pad.`);
            return input.shape.map((length, place) => length + padding[place][0] + padding[place][1]);
        },
        run: ({ input }, { out }, { padding, mode }) => {
            const constant = mode?.Constant ?? null;
            const own = strides(input.shape);
            const larger = strides(out.shape);
            const place = (at, length) => (constant !== null ? (at < 0 || at >= length ? -1 : at)
                : mode === 'Edge' ? Math.min(Math.max(at, 0), length - 1) : at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at);
            for (let to = 0; to < out.data.length; to++) {
                let from = 0;
                for (let dim = 0; dim < own.length && from >= 0; dim++) {
                    const at = place(Math.floor(to / larger[dim]) % out.shape[dim] - padding[dim][0], input.shape[dim]);
                    from = at < 0 ? -1 : from + at * own[dim];
                }
                out.data[to] = from < 0 ? constant : input.data[from];
            }
        },
    });
});

// Kinds that make one number of many, along an axis or of all: sums, largest numbers, orders, running sums.
player.part((player) => {
    'use strict';
    const { Problem, kind, size, alike } = player;
    const { axis, resized, expect, around, fits } = player.shapes;

    // ---- Along an axis ----

    /** Calls `visit(result, start, length, step)` for each line of numbers along an axis. */
    const lines = (shape, dim, visit) => {
        const [outer, length, inner] = around(shape, dim);
        for (let before = 0; before < outer; before++) {
            for (let after = 0; after < inner; after++) {
                visit(before * inner + after, before * length * inner + after, length, inner);
            }
        }
    };
    const keep = (out, place, number) => {
        out[place] = number;
        if (out instanceof Int32Array) {
            fits(number, out[place]);
        }
    };
    /** A number of each line, and of all numbers. */
    const reduction = (one, of, all, types = 'float int', gives = 'input') => {
        if (one !== null) {
            kind(one, {
                takes: { input: types },
                gives,
                shape: ({ input }, has) => resized(input.shape, has.axis, 1),
                run: ({ input }, { out }, has) => lines(input.shape, has.axis, (result, start, length, step) => {
                    keep(out.data, result, of(input.data, start, length, step));
                }),
            });
        }
        if (all !== null) {
            kind(all, {
                takes: { input: types },
                gives,
                shape: (_, __, declared) => {
                    expect(size(declared) === 1, 'one number is given.');
                    return declared;
                },
                run: ({ input }, { out }) => keep(out.data, 0, of(input.data, 0, input.data.length, 1)),
            });
        }
    };
    const fold = (f, first) => (data, start, length, step) => {
        let result = first;
        for (let place = 0; place < length; place++) {
            result = f(result, data[start + place * step]);
        }
        return result;
    };
    const add = fold((a, b) => a + b, 0);
    reduction('SumDim', add, 'Sum');
    reduction('ProdDim', fold((a, b) => a * b, 1), 'Prod');
    reduction('AnyDim', fold((a, b) => (a !== 0 || b !== 0 ? 1 : 0), 0), 'Any', 'float int bool', 'bool');
    reduction('AllDim', fold((a, b) => (a !== 0 && b !== 0 ? 1 : 0), 1), 'All', 'float int bool', 'bool');
    const mean = (data, start, length, step) => {
        const result = add(data, start, length, step) / length;
        if (data instanceof Float32Array) {
            return result;
        }
        if (length === 0) {
            throw new Problem('no whole number is the mean of none.');
        }
        return Math.trunc(result);
    };
    reduction('MeanDim', mean, 'Mean');

    /** Where the first of the best numbers is: one that is no number is better than all. */
    const best = (isBetter) => (data, start, length, step) => {
        if (length === 0) {
            throw new Problem('of no numbers, none is the largest or the smallest.');
        }
        let found = 0;
        for (let place = 1; place < length; place++) {
            const [a, b] = [data[start + place * step], data[start + found * step]];
            if (b === b && (a !== a || isBetter(a, b))) {
                found = place;
            }
        }
        return found;
    };
    const greatest = best((a, b) => a > b);
    const least = best((a, b) => a < b);
    const valueOf = (where) => (data, start, length, step) => data[start + where(data, start, length, step) * step];
    reduction('MaxDim', valueOf(greatest), 'Max');
    reduction('MinDim', valueOf(least), 'Min');
    const size1 = (data, start, length, step) => Math.abs(data[start + best((a, b) => Math.abs(a) > Math.abs(b))(data, start, length, step) * step]);
    reduction('MaxAbsDim', size1, 'MaxAbs');
    reduction('ArgMax', greatest, null, 'float int', 'int');
    reduction('ArgMin', least, null, 'float int', 'int');
    const withIndices = (where) => ({
        takes: { input: 'float int', tensor: 'float int?' },
        gives: 'tensor',
        shape: ({ tensor }, { dim }) => resized(tensor.shape, dim, 1),
        run: ({ tensor }, { out, out_indices: indices }, { dim }) => lines(tensor.shape, dim, (result, start, length, step) => {
            indices.data[result] = where(tensor.data, start, length, step);
            out.data[result] = tensor.data[start + indices.data[result] * step];
        }),
    });
    kind('MaxDimWithIndices', { ...withIndices(greatest), takes: { tensor: 'float int' } });
    kind('MinDimWithIndices', { ...withIndices(least), takes: { tensor: 'float int' } });
    kind('SumDims', {
        takes: { input: 'float int' },
        gives: 'input',
        shape: ({ input }, { axes }) => axes.reduce((shape, dim) => resized(shape, dim, 1), input.shape),
        run: ({ input }, { out }, { axes }) => {
            let [data, shape] = [Float64Array.from(input.data), input.shape];
            for (const dim of axes) {
                const sums = new Float64Array(size(resized(shape, dim, 1)));
                lines(shape, dim, (result, start, length, step) => sums[result] = add(data, start, length, step));
                [data, shape] = [sums, resized(shape, dim, 1)];
            }
            data.forEach((number, place) => keep(out.data, place, number));
        },
    });

    // ---- Running ----

    const running = (f) => ({
        takes: { input: 'float int' },
        gives: 'input',
        shape: ({ input }, has) => {
            axis(input.shape, has.axis);
            return input.shape;
        },
        run: ({ input }, { out }, has) => lines(input.shape, has.axis, (_, start, length, step) => {
            let result = input.data[start];
            for (let place = 0; place < length; place++) {
                const number = input.data[start + place * step];
                result = place === 0 ? number : f(result, number);
                keep(out.data, start + place * step, result);
            }
        }),
    });
    kind('CumSum', running((a, b) => a + b));
    kind('CumProd', running((a, b) => a * b));
    kind('CumMax', running((a, b) => (b !== b || b > a ? b : a)));
    kind('CumMin', running((a, b) => (b !== b || b < a ? b : a)));

    // ---- In order ----

    /** The places of a line's numbers in order; equal ones stay as they are, and what is no number counts as the largest. */
    const ordered = (data, start, length, step, isDescending) => {
        const places = Array.from({ length }, (_, place) => place);
        const at = (place) => data[start + place * step];
        const compare = (a, b) => (a !== a ? (b !== b ? 0 : 1) : b !== b ? -1 : a < b ? -1 : a > b ? 1 : 0);
        return places.sort((a, b) => (isDescending ? compare(at(b), at(a)) : compare(at(a), at(b))));
    };
    const order = (count, { values, indices }, isDescending = null) => ({ input, tensor }, given, has) => {
        const from = input ?? tensor;
        const dim = has.dim ?? has.axis;
        const out = values === null ? null : given[values].data;
        const places = indices === null ? null : given[indices].data;
        const length = (given.out.shape)[dim];
        const inner = around(from.shape, dim)[2];
        lines(from.shape, dim, (result, start, all, step) => {
            const found = ordered(from.data, start, all, step, isDescending ?? has.descending);
            const first = Math.floor(result / inner) * length * inner + result % inner;
            for (let place = 0; place < length; place++) {
                if (out !== null) {
                    out[first + place * inner] = from.data[start + found[place] * step];
                }
                if (places !== null) {
                    places[first + place * inner] = found[place];
                }
            }
        });
    };
    const sorted = (gives, where) => ({
        takes: { input: 'float int' },
        gives,
        shape: ({ input }, { dim }) => {
            axis(input.shape, dim);
            return input.shape;
        },
        run: order(null, where),
    });
    kind('Sort', sorted('input', { values: 'out', indices: null }));
    kind('SortWithIndices', sorted('input', { values: 'out', indices: 'out_indices' }));
    kind('ArgSort', sorted('int', { values: null, indices: 'out' }));
    /** How many are taken stands in the declared shape. */
    const top = (role, gives, where) => ({
        takes: { [role]: 'float int' },
        gives,
        shape: (taken, has, declared) => {
            const { shape } = taken[role];
            const dim = has.dim ?? has.axis;
            const expected = resized(shape, dim, declared[dim]);
            expect(alike(expected, declared) && declared[dim] <= shape[dim], `there are ${shape[dim]} numbers to take some of.`);
            return expected;
        },
        run: order(null, where, true),
    });
    kind('TopK', top('input', 'input', { values: 'out', indices: null }));
    kind('ArgTopK', top('input', 'int', { values: null, indices: 'out' }));
    kind('TopKWithIndices', top('tensor', 'tensor', { values: 'out', indices: 'out_indices' }));
});

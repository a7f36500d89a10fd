// What is changed in a run, and that nothing else is.
import assert from 'node:assert/strict';
import test from 'node:test';
import { player } from './load.mjs';
import * as little from './model.mjs';

const { IDS, TABLE, GAMMA, EMBEDDED, NORMED, SCORES, SCALED, MASKED, WEIGHTS, MIXED, SUM, DOUBLED, OUT } = little;
const program = player.program(little.object(), little.values());
const ids = [1, 4, 2];
const plain = program.run({ ids });
const edited = (...edits) => program.run({ ids }, { edits });
const same = (a, b, except = []) => a.values.forEach((value, tensor) => {
    assert.ok(except.includes(tensor) || player.equal(value.data, b.values[tensor].data), `tensor ${tensor}`);
});
const problem = (edit, pattern) => assert.throws(() => edited(edit), (error) => error instanceof player.Problem && pattern.test(error.message),
    `${JSON.stringify(edit)} should say ${pattern}`);

test('off: zeros, all that comes after reads them, and what comes before stays', () => {
    const run = edited({ tensor: MIXED, by: 'zeros' });
    assert.ok(run.value(MIXED).data.every((number) => number === 0));
    assert.deepEqual(run.value(SUM).data, plain.value(EMBEDDED).data);
    same(run, plain, [MIXED, SUM, OUT]);
    assert.notDeepEqual(run.value(OUT).data, plain.value(OUT).data);
});

test('of booleans, zeros are false', () => {
    const run = edited({ tensor: little.MASK, by: 'zeros' });
    assert.deepEqual(run.value(MASKED).data, plain.value(SCALED).data);
});

test('through: as if the operation did nothing', () => {
    assert.deepEqual(edited({ tensor: MASKED, by: 'through' }).value(MASKED).data, plain.value(SCALED).data);
    assert.deepEqual(edited({ tensor: SCALED, by: 'through' }).value(SCALED).data, plain.value(SCORES).data);
    assert.deepEqual(edited({ tensor: NORMED, by: 'through' }).value(NORMED).data, plain.value(EMBEDDED).data);
    assert.deepEqual(edited({ tensor: SUM, by: 'through' }).value(SUM).data, plain.value(EMBEDDED).data, 'the first of two');
    assert.deepEqual(edited({ tensor: DOUBLED, by: 'through' }).value(DOUBLED).data, plain.value(TABLE).data, 'a parameter, where there is no other');
    problem({ tensor: OUT, by: 'through' }, /Tensor 14, of step 11, \[1, 3, 5\] can’t be passed by: Matmul takes nothing of its shape/);
    problem({ tensor: TABLE, by: 'through' }, /The parameter table .* nothing is computed for it/);
});

test('another tensor: of the same shape and type, and there before', () => {
    assert.deepEqual(edited({ tensor: SUM, by: { tensor: MIXED } }).value(SUM).data, plain.value(MIXED).data, 'a residual is cut');
    assert.deepEqual(edited({ tensor: SUM, by: { tensor: EMBEDDED } }).value(SUM).data, plain.value(EMBEDDED).data);
    problem({ tensor: EMBEDDED, by: { tensor: SUM } }, /isn’t there before/);
    problem({ tensor: SUM, by: { tensor: SUM } }, /isn’t there before/);
    problem({ tensor: SUM, by: { tensor: SCORES } }, /is float \[1, 3, 4\]; tensor 7, of step 3, is float \[1, 3, 3\] and can’t stand for it/);
    problem({ tensor: little.MASK, by: { tensor: SCORES } }, /bool .* float/);
    problem({ tensor: SUM, by: { tensor: 99 } }, /which there is none of/);
});

test('a value, such as that of another run', () => {
    const other = program.run({ ids: [0, 3, 3] });
    const run = edited({ tensor: EMBEDDED, by: { value: other.value(EMBEDDED) } });
    same(run, other, [IDS]);
    problem({ tensor: EMBEDDED, by: { value: { shape: [3, 4], data: new Float32Array(12) } } }, /\[1, 3, 4\].*\[3, 4\]/);
    problem({ tensor: EMBEDDED, by: { value: { shape: [1, 3, 4], data: [1, 2] } } }, /12 numbers.* is 2 numbers/);
    problem({ tensor: IDS, by: { value: { data: [1, 2, 0.5] } } }, /whole number/);
});

test('two places of an axis are exchanged', () => {
    const run = edited({ tensor: EMBEDDED, by: { swap: [1, 0, 2] } });
    const [before, after] = [plain.value(EMBEDDED).data, run.value(EMBEDDED).data];
    assert.deepEqual([...after], [...before.slice(8), ...before.slice(4, 8), ...before.slice(0, 4)]);
    const twice = edited({ tensor: EMBEDDED, by: { swap: [2, 3, 1] } }, { tensor: EMBEDDED, by: { swap: [2, 1, 3] } });
    same(twice, plain);
    const itself = edited({ tensor: EMBEDDED, by: { swap: [1, 1, 1] } });
    same(itself, plain);
    problem({ tensor: EMBEDDED, by: { swap: [1, 0, 3] } }, /no places 0 and 3 of axis 1/);
    problem({ tensor: EMBEDDED, by: { swap: [3, 0, 0] } }, /axis 3/);
    problem({ tensor: EMBEDDED, by: { swap: null } }, /swapped/);
});

test('a part alone is replaced', () => {
    const run = edited({ tensor: WEIGHTS, by: 'zeros', part: [[1, 1, 3], [2, 0, 1]] });
    const expected = plain.value(WEIGHTS).data.slice();
    expected[3] = 0;
    expected[6] = 0;
    assert.deepEqual(run.value(WEIGHTS).data, expected);
    const patched = edited({ tensor: SUM, by: { tensor: MIXED }, part: [[1, 2, 3]] }).value(SUM).data;
    assert.deepEqual([...patched], [...plain.value(SUM).data.slice(0, 8), ...plain.value(MIXED).data.slice(8)]);
    const swapped = edited({ tensor: EMBEDDED, by: { swap: [1, 0, 1] }, part: [[2, 0, 2]] }).value(EMBEDDED).data;
    const old = plain.value(EMBEDDED).data;
    assert.deepEqual([...swapped], [old[4], old[5], old[2], old[3], old[0], old[1], ...old.slice(6)]);
    same(edited({ tensor: SUM, by: 'zeros', part: [[1, 2, 2]] }), plain);
    same(edited({ tensor: SUM, by: 'zeros', part: [] }), edited({ tensor: SUM, by: 'zeros' }));
    problem({ tensor: SUM, by: 'zeros', part: [[1, 2, 4]] }, /no part 2 to 4 of axis 1/);
    problem({ tensor: SUM, by: 'zeros', part: [[1, 2, 1]] }, /no part/);
    problem({ tensor: SUM, by: 'zeros', part: [[7, 0, 1]] }, /axis 7/);
});

test('edits of a tensor are made one after the other', () => {
    const run = edited({ tensor: SUM, by: 'zeros' }, { tensor: SUM, by: { tensor: MIXED }, part: [[1, 0, 1]] });
    assert.deepEqual([...run.value(SUM).data], [...plain.value(MIXED).data.slice(0, 4), ...new Array(8).fill(0)]);
});

test('inputs and parameters are edited too', () => {
    assert.deepEqual(edited({ tensor: IDS, by: { swap: [1, 0, 2] } }).value(OUT).data, program.run({ ids: [2, 4, 1] }).value(OUT).data);
    const run = edited({ tensor: GAMMA, by: 'zeros' });
    assert.ok(run.value(NORMED).data.every((number) => number === 0));
});

test('what is no edit is told', () => {
    problem({ tensor: 99, by: 'zeros' }, /tensor 99, and “little” has tensors 0 to 15/);
    problem({ by: 'zeros' }, /undefined/);
    problem(null, /undefined/);
    problem({ tensor: SUM, by: 'ones' }, /none of zeros, through/);
    problem({ tensor: SUM }, /none of/);
});

test('without its edits, every value is what it was, bit for bit', () => {
    let run = plain;
    for (const edit of [{ tensor: MASKED, by: 'through' }, { tensor: SUM, by: { tensor: MIXED } }, { tensor: TABLE, by: { swap: [0, 1, 2] } },
        { tensor: EMBEDDED, by: 'zeros', part: [[1, 0, 1]] }]) {
        run = program.run({ ids }, { edits: [edit], from: run });
        const anew = player.program(little.object(), little.values()).run({ ids }, { edits: [edit] });
        same(run, anew);
        same(program.run({ ids }, { from: run }), plain);
        same(program.run({ ids }), plain);
    }
    same(plain, player.program(little.object(), little.values()).run({ ids }));
});

test('a run that begins from another is the same as one that computes all', () => {
    const compare = (inputs, edits, from, expected) => {
        const run = program.run(inputs, { edits, from });
        same(run, player.program(little.object(), little.values()).run(inputs, { edits }));
        assert.equal(run.computed, expected);
        return run;
    };
    const other = compare({ ids: [1, 4, 3] }, [], plain, 10);
    compare({ ids }, [], plain, 0);
    const off = compare({ ids }, [{ tensor: MIXED, by: 'zeros' }], plain, 3);
    compare({ ids }, [{ tensor: MIXED, by: 'zeros' }], off, 0);
    compare({ ids }, [], off, 3);
    compare({ ids: [1, 4, 3] }, [{ tensor: MIXED, by: 'zeros' }], other, 3);
    compare({ ids }, [{ tensor: MIXED, by: { value: other.value(MIXED) } }], off, 3);
    compare({ ids }, [{ tensor: SUM, by: { tensor: EMBEDDED } }], plain, 2);
    // What an edit copies is other now.
    const copied = compare({ ids }, [{ tensor: SUM, by: { tensor: EMBEDDED } }], plain, 2);
    compare({ ids: [0, 0, 0] }, [{ tensor: SUM, by: { tensor: EMBEDDED } }], copied, 10);
    compare({ ids }, [{ tensor: TABLE, by: 'zeros', part: [[0, 4, 5]] }], plain, 12);
    assert.throws(() => player.program(little.object(), little.values()).run({ ids }, { from: plain }), /run of another program/);
});

test('what depends on an input by an edit alone is computed again, too', () => {
    const float = { dtype: 'F32', shape: [2] };
    const small = player.program({
        format: 'graph program',
        version: 1,
        name: 'apart',
        tensors: [float, float, float, float],
        inputs: [{ name: 'x', tensor: 0 }],
        parameters: [{ paths: ['c'], tensor: 1 }],
        constants: [],
        operations: [
            { NumericFloat: ['F32', { Neg: { input: { tensor: 0 }, out: { tensor: 2 } } }] },
            { NumericFloat: ['F32', { Abs: { input: { tensor: 1 }, out: { tensor: 3 } } }] },
        ],
        outputs: [{ name: 'y', tensor: 3 }],
        shown: [],
    }, little.safetensors({ c: ['F32', [2], Float32Array.of(-7, 8)] }));
    const options = { edits: [{ tensor: 3, by: { tensor: 2 } }] };
    const first = small.run({ x: [1, 2] }, options);
    assert.deepEqual([...first.output('y').data], [-1, -2]);
    const second = small.run({ x: [3, 4] }, { ...options, from: first });
    assert.deepEqual([...second.output('y').data], [-3, -4]);
    assert.deepEqual([...small.run({ x: [3, 4] }, { from: second }).output('y').data], [7, 8]);
});

// Each kind of operation against what Burn's Flex computes (kinds.json, which crates/graph/tests/it/player writes).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { player } from './load.mjs';

const cases = JSON.parse(readFileSync(new URL('kinds.json', import.meta.url), 'utf8'));

/** How far two numbers are apart, over their size. */
const apart = (a, b) => (Object.is(a, b) || a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), 1));

for (const { name, program: object, values, expected } of cases) {
    test(name, () => {
        const program = player.program(object, values);
        const run = program.run();
        const outputs = player.safetensors(player.bytes(expected));
        assert.equal(outputs.size, program.outputs.length);
        for (const [output, { dtype, shape, data }] of outputs) {
            const found = run.output(output);
            const step = program.step(program.stepOf(program.output(output)) ?? -1)?.kind ?? 'nothing';
            assert.deepEqual([found.dtype, [...found.shape]], [dtype, shape], `${output}, of ${step}`);
            data.forEach((number, place) => {
                const difference = apart(number, found.data[place]);
                const isSame = dtype === 'float' ? difference <= 1e-5 : difference === 0;
                assert.ok(isSame, `${output}, of ${step}, at ${place}: ${found.data[place]} should be ${number}`);
            });
        }
        // Whatever was computed has the shape that was recorded.
        for (let tensor = 0; tensor < program.tensorCount; tensor++) {
            const value = run.values[tensor];
            assert.equal(value.data.length, player.size(program.tensor(tensor).shape), `tensor ${tensor}`);
        }
        // The same again is the same, bit for bit.
        const again = program.run({}, { from: run });
        assert.equal(again.computed, 0);
        const anew = player.program(object, values).run();
        run.values.forEach((value, tensor) => assert.ok(player.equal(value.data, anew.values[tensor].data), `tensor ${tensor}`));
    });
}

// Burn has these, and makes them of others wherever they are asked for while capturing.
const byHand = {
    Cast: { takes: { input: [1.5, -2] }, out: [2], gives: [1.5, -2] },
    Empty: { out: [2], gives: [0, 0] },
    IsInf: { takes: { input: [1, Infinity, NaN, -Infinity] }, dtype: 'Bool', out: [4], gives: [0, 1, 0, 1] },
    IsNan: { takes: { input: [1, Infinity, NaN, -Infinity] }, dtype: 'Bool', out: [4], gives: [0, 0, 1, 0] },
    Linear: { takes: { x: [1, 2, 3, 4], weight: [1, 0, 2, 0, 1, 3], bias: [10, 20, 30] }, shapes: { x: [2, 2], weight: [2, 3] }, out: [2, 3],
        gives: [11, 22, 38, 13, 24, 48] },
    SumDims: { takes: { input: [1, 2, 3, 4, 5, 6] }, shapes: { input: [1, 3, 2] }, has: { axes: [1, 2] }, out: [1, 1, 1], gives: [21] },
};

for (const [kind, { takes = {}, shapes = {}, has = {}, dtype = 'F32', out, gives }] of Object.entries(byHand)) {
    test(`by hand: ${kind}`, () => {
        const roles = Object.keys(takes);
        const program = player.program({
            format: 'graph program',
            version: 1,
            name: kind,
            tensors: [...roles.map((role) => ({ dtype: 'F32', shape: shapes[role] ?? [takes[role].length] })), { dtype, shape: out }],
            inputs: roles.map((name, tensor) => ({ name, tensor })),
            parameters: [],
            constants: [],
            operations: [{ Module: { [kind]: { ...Object.fromEntries(roles.map((role, tensor) => [role, { tensor }])), ...has, out: { tensor: roles.length } } } }],
            outputs: [{ name: 'out', tensor: roles.length }],
            shown: [],
        });
        assert.deepEqual([...program.run(takes).output('out').data], gives);
    });
}

test('every kind has a case', () => {
    const kinds = new Set(cases.flatMap(({ program }) => player.read(program).steps.map(({ kind }) => kind)));
    assert.deepEqual([...player.kinds.keys()].filter((kind) => !kinds.has(kind)).sort(), Object.keys(byHand).filter((kind) => !kinds.has(kind)).sort());
});

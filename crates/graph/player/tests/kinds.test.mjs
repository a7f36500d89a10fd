// Each kind of operation against what Burn's Flex computes (kinds.json, which crates/graph/tests/it/player.rs writes).
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

test('every kind has a case', () => {
    const kinds = new Set(cases.flatMap(({ program }) => player.read(program).steps.map(({ kind }) => kind)));
    // Burn has them, and makes them of others wherever it can be asked for them, or has no public name for them.
    const without = ['Empty', 'Sum', 'SumDims'];
    assert.deepEqual([...player.kinds.keys()].filter((kind) => !kinds.has(kind)).sort(), without.sort());
});

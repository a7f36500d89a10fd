// Many runs leave nothing behind.
import assert from 'node:assert/strict';
import test from 'node:test';
import v8 from 'node:v8';
import vm from 'node:vm';
import { player } from './load.mjs';
import { OUT, SUM, object, values } from './model.mjs';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
const held = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
};

test('200 runs, one beginning from the other', async (t) => {
    const remote = player.remote();
    t.after(remote.close);
    const program = player.program(object(), values());
    const away = await remote.program(object(), values());
    let [run, far] = [null, null];
    const some = async (count) => {
        for (let number = 0; number < count; number++) {
            const ids = [number % 5, (number + 1) % 5, 2];
            const edits = [{ tensor: SUM, by: { value: { data: new Float32Array(12) } } }];
            run = program.run({ ids }, { edits: number % 3 === 0 ? edits : [], from: run });
            far = await away.run({ ids }, { edits: number % 3 === 0 ? edits : [], from: far });
            await far.value(OUT);
        }
    };
    await some(50);
    // What runs leave behind is left by every stretch of them. Code that is compiled meanwhile is left by one alone.
    const left = [];
    for (let before = held(); left.length < 3; ) {
        await some(200);
        const after = held();
        left.push(after - before);
        before = after;
    }
    assert.ok(Math.min(...left) < 5e5, `${left.join(', ')} bytes more are held than before`);
});

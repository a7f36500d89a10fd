// The same away from the page. Node's workers are others than those of browsers: what stands for one here runs the very script
// that a browser's gets, with nothing but what workers have.
import assert from 'node:assert/strict';
import test from 'node:test';
import threads from 'node:worker_threads';
import { player } from './load.mjs';
import { EMBEDDED, OUT, SUM, object, values } from './model.mjs';

const ids = [1, 4, 2];
const scripts = new Map();
const before = `
    const { parentPort } = require('node:worker_threads');
    globalThis.self = globalThis;
    globalThis.postMessage = (message) => parentPort.postMessage(message);
    parentPort.on('message', (data) => self.onmessage({ data }));
`;

class Worker {
    constructor(address) {
        scripts.get(address).then((text) => {
            this.thread = new threads.Worker(before + text, { eval: true });
            this.thread.on('message', (data) => this.onmessage?.({ data }));
            this.thread.on('error', (error) => this.onerror?.(error));
        });
    }

    postMessage(message) {
        this.thread.postMessage(message);
    }

    terminate() {
        this.thread.terminate();
    }
}

URL.createObjectURL = (blob) => {
    scripts.set('blob:1', blob.text());
    return 'blob:1';
};
URL.revokeObjectURL = () => {};
/** With a worker as browsers have one, or without. */
const remote = (hasWorker, texts) => {
    globalThis.Worker = hasWorker ? Worker : undefined;
    return player.remote(texts);
};

for (const hasWorker of [false, true]) {
    const where = hasWorker ? 'in a worker' : 'without one';

    test(`what is asked is answered, ${where}`, async (t) => {
        const away = remote(hasWorker);
        t.after(away.close);
        assert.equal(await away.isHere(), !hasWorker);
        const program = await away.program(object(), values());
        assert.deepEqual(program.tensor(SUM).shape, [1, 3, 4]);
        assert.equal(program.step(program.stepOf(SUM)).kind, 'Add');
        const expected = player.program(object(), values()).run({ ids });
        const run = await program.run({ ids });
        assert.equal(run.computed, 10);
        assert.ok(player.equal(Float32Array.from((await run.output('out')).data), expected.output('out').data));
        const [embedded, out] = await run.values([EMBEDDED, OUT]);
        assert.deepEqual([Array.from(embedded.shape), Array.from(out.shape)], [[1, 3, 4], [1, 3, 5]]);
        const again = await program.run({ ids }, { from: run, edits: [{ tensor: SUM, by: 'zeros' }] });
        assert.equal(again.computed, 2);
        assert.ok((await again.value(SUM)).data.every((number) => number === 0));
    });

    test(`what fails is a problem, ${where}`, async (t) => {
        const away = remote(hasWorker);
        t.after(away.close);
        const fails = (promise, pattern) => assert.rejects(promise, (error) => error instanceof player.Problem && pattern.test(error.message));
        await fails(away.program({}, values()), /no program/);
        await fails(away.program(object(), values().slice(0, 20)), /cut off/);
        const program = await away.program(object(), values());
        await fails(program.run({ ids: [1] }), /3 numbers/);
        await assert.rejects(program.run({ ids: [1, 2, 9] }), ({ step, kind }) => step === 0 && kind === 'Embedding');
        await fails(program.run({ ids }, { edits: [{ tensor: 99, by: 'zeros' }] }), /tensor 99/);
        const run = await program.run({ ids });
        await fails(run.value(99), /tensor 99/);
        await fails(run.output('none'), /no output/);
        await run.free();
        await fails(run.value(OUT), /no longer kept/);
        assert.equal((await program.run({ ids }, { from: run })).computed, 10, 'nothing is left to begin from');
    });

    test(`of many runs, the last are kept, ${where}`, async (t) => {
        const away = remote(hasWorker);
        t.after(away.close);
        const program = await away.program(object(), values());
        const first = await program.run({ ids });
        const kept = await program.run({ ids });
        for (let number = 0; number < 12; number++) {
            await program.run({ ids: [number % 5, 0, 1] });
            await kept.value(OUT);
        }
        await assert.rejects(first.value(OUT), /no longer kept/);
        assert.equal((await kept.value(OUT)).data.length, 15);
    });
}

test('a worker that can’t begin is done without', async (t) => {
    const broken = remote(true, ['this is no script']);
    t.after(broken.close);
    assert.equal(await broken.isHere(), true);
    assert.equal((await (await broken.program(object(), values())).run({ ids })).computed, 10);
});

test('a newer run takes the place of one that isn’t done', async (t) => {
    const away = remote(false);
    t.after(away.close);
    const program = await away.program(object(), values());
    // So slow that others have a word between.
    const { now } = performance;
    let clock = 0;
    performance.now = () => (clock += 100);
    try {
        const old = program.run({ ids });
        const newer = program.run({ ids: [0, 0, 0] });
        await assert.rejects(old, ({ name, cancelled }) => name === 'Problem' && cancelled === true);
        assert.ok((await newer).computed > 0);
    } finally {
        performance.now = now;
    }
});

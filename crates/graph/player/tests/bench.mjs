// How long a forward pass takes, in Node and in Chromium: `node bench.mjs PLAYFILE.js…`, where a play file is what a page
// loads (`player.give(name, {program, values})`), or a folder with program.json and values.safetensors. No test: it
// prints milliseconds of this machine, the fastest and the middle of 20 passes, and the processor's share of them.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { player, texts } from './load.mjs';

const PASSES = 20;

/** The text of a play file. */
const read = (path) => {
    if (!statSync(path).isDirectory()) {
        return readFileSync(path, 'utf8');
    }
    const program = readFileSync(join(path, 'program.json'), 'utf8');
    const values = readFileSync(join(path, 'values.safetensors')).toString('base64');
    return `player.give(${JSON.stringify(path)}, {program: ${program}, values: ${JSON.stringify(values)}});`;
};

/** Runs in Node and in the page alike: times of a program's passes with other input each time. */
const measure = async (name, passes) => {
    const { program: object, values } = player.given(name);
    const begun = performance.now();
    const program = player.program(object, values);
    const inputs = (pass) => Object.fromEntries(program.inputs.map(([input, tensor]) => {
        const { shape } = program.tensor(tensor);
        return [input, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, place) => 1 + (place * 7 + pass) % 97)];
    }));
    program.run(inputs(0));
    const first = performance.now() - begun;
    const times = [];
    for (let pass = 0; pass < passes; pass++) {
        const start = performance.now();
        program.run(inputs(pass));
        times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    // The same in a worker, with the outputs brought here.
    const remote = player.remote();
    const away = await remote.program(object, values);
    const remotely = [];
    for (let pass = 0; pass < passes; pass++) {
        const start = performance.now();
        const run = await away.run(inputs(pass));
        await run.output(program.outputs[0][0]);
        remotely.push(performance.now() - start);
    }
    remotely.sort((a, b) => a - b);
    const isHere = await remote.isHere();
    await remote.close();
    return { first, times, remotely, isHere };
};
const said = (where, name, { first, times, remotely, isHere }, more = '') => {
    const two = (list) => `${list[0].toFixed(1)} (middle ${list[list.length >> 1].toFixed(1)}) ms`;
    console.log(`${where}: ${name}: a pass ${two(times)}${more}; ${isHere ? 'in slices' : 'in a worker'} ${two(remotely)}; read and first run ${first.toFixed(0)} ms`);
};

const names = [];
const files = process.argv.slice(2).map(read);
const give = player.give;
player.give = (name, file) => {
    names.push(name);
    give(name, file);
};
files.forEach((text) => (0, eval)(text));
for (const name of names) {
    const before = process.cpuUsage();
    const result = await measure(name, PASSES);
    const { user } = process.cpuUsage(before);
    said('Node', name, result, `, ${(user / 1000 / (2 * PASSES)).toFixed(1)} ms of the processor`);
}

// playwright-core, as the checks of the book have it.
const browser = new URL('../../../../xtask/browser/', import.meta.url);
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (chromium === undefined || !existsSync(new URL('node_modules/playwright-core', browser))) {
    console.log('Chromium or playwright-core isn’t there (xtask/browser): Node alone was measured.');
} else {
    const playwright = createRequire(browser)('playwright-core');
    const folder = mkdtempSync(join(tmpdir(), 'player-'));
    const scripts = [...texts, ...files];
    scripts.forEach((text, number) => writeFileSync(join(folder, `${number}.js`), text));
    const tags = scripts.map((_, number) => `<script src="${number}.js"></script>`).join('');
    writeFileSync(join(folder, 'page.html'), `<!DOCTYPE html><meta charset="utf-8"><title>bench</title>${tags}`);
    const chrome = await playwright.chromium.launch({ executablePath: chromium, args: ['--no-sandbox'] });
    try {
        const page = await chrome.newPage();
        page.on('pageerror', (error) => console.log('error', error.message));
        await page.goto(pathToFileURL(join(folder, 'page.html')).href);
        for (const name of names) {
            said('Chromium', name, await page.evaluate(`(${measure})(${JSON.stringify(name)}, ${PASSES})`));
        }
    } finally {
        await chrome.close();
        rmSync(folder, { recursive: true });
    }
}

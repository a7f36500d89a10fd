// Figures that run: asked for by a button and not before, exact to the token, changed and restored bit for bit, and nothing leaks.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import * as checks from './checks.mjs';
import * as desk from './live-desk.mjs';
import * as turns from './live-turns.mjs';
import { expect, targets } from './remember.mjs';
import { PAGE, FIGURES, ENCODER, DECODER, LAYER, reader, begin } from './running.mjs';

/** Sentences, and the tokens that `train` writes for them. */
const COMMITTED = new URL('../../docs/src/figures/lab/live/results.json', import.meta.url);
/** Logits that are closer than this may come out either way. */
const TIE = 1e-4;
const RUNS = 200;
/** Bytes that may be there after so many runs and were not before. */
const LEAK = 1e6;

/** Nothing heavy is asked for before a button is pressed; then only what lies beside the pages. */
async function asked(page, address, problem) {
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(address + PAGE, { waitUntil: 'load' });
    const early = requests.filter((url) => url.includes('/live/'));
    expect(problem, 'asked for before a button is pressed', early, []);
    await begin(page, 'translate');
    const late = requests.filter((url) => url.includes('/live/')).map((url) => url.slice(url.indexOf('/live/')));
    expect(problem, 'asked for by the button', late.sort(), ['/live/all.js', '/live/ding.js', '/live/panel.css', '/live/tokenizers.js', '/live/tokens.js']);
    for (const name of FIGURES.slice(1)) await begin(page, name);
}

/** The committed sentences give exactly the committed tokens. */
async function exact(page, { translator, language_model: model }, problem) {
    const found = await page.evaluate(async ({ sentences, prompts }) => {
        const { live } = window.annotated;
        const { BOS, EOS } = live.special;
        const [translator, model] = [await live.open('ding', () => {}), await live.open('austen', () => {})];
        const translations = [];
        for (const { text } of sentences) {
            const source = live.ids(translator, text, translator.length.src - 1);
            const { written, leads, run, isFull } = await live.translate(translator, source);
            run.free();
            translations.push({ read: [...source, EOS], ids: isFull ? written : [...written, EOS], lead: Math.min(...leads) });
        }
        const continuations = [];
        for (const { text, output } of prompts) {
            const read = [BOS, ...live.ids(model, text, model.length.ids - 1)];
            let [lead, run, ids] = [Infinity, null, read];
            while (ids.length < read.length + output.length) {
                const next = await live.next(model, ids, { from: run });
                run?.free();
                run = next.run;
                const best = live.best(next.logits);
                lead = Math.min(lead, best.lead);
                ids = [...ids, best.id];
            }
            run?.free();
            continuations.push({ read, ids: ids.slice(read.length), lead });
        }
        return { translations, continuations };
    }, { sentences: translator.written, prompts: model.written });
    const compare = (all, expected, what) => expected.forEach(({ text, ids, output }, at) => {
        const { read, ids: mine, lead } = all[at];
        const tie = lead < TIE ? `; the two likeliest are only ${lead} apart` : '';
        if (`${read}` !== `${ids}`) problem(`${JSON.stringify(text)} is read as ${read}, expected ${ids}`);
        if (`${mine}` !== `${output}`) problem(`${what} of ${JSON.stringify(text)}: expected ${output}, found ${mine}${tie}`);
        else if (tie !== '') problem(`${what} of ${JSON.stringify(text)} came out as expected${tie}`);
    });
    compare(found.translations, translator.written, 'the translation');
    compare(found.continuations, model.written, 'the continuation');
    expect(problem, 'sentences and prompts', [found.translations.length, found.continuations.length], [20, 20]);
}

/** Each change does something, is marked in the picture, and is taken back by one key, to the last bit. */
async function changed(page, name, text, changes, problem) {
    const digest = () => page.evaluate(async (name) => {
        const { desk } = document.getElementById(`live-${name}`).live;
        const { run } = desk.look();
        const tensors = desk.model.program.tensors.map((_, tensor) => tensor).filter((tensor) => desk.model.outline.maker.has(tensor));
        const sums = (await run.values(tensors)).map(({ data }) => {
            const words = data.byteLength % 4 === 0 ? new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
            let sum = 7;
            for (let at = 0; at < words.length; at += 1) sum = (Math.imul(sum, 31) + words[at]) | 0;
            return sum;
        });
        return sums;
    }, name);
    await page.evaluate(({ name, text }) => document.getElementById(`live-${name}`).live.run(text), { name, text });
    const before = await digest();
    if (before.length < 100) problem(`${name}: only ${before.length} tensors have values`);
    for (const change of changes) {
        const found = await page.evaluate(async ({ name, change }) => {
            const place = document.getElementById(`live-${name}`);
            await place.live.desk.set(place.live.desk.read(change));
            return { bits: Number(place.dataset.bits), marked: place.querySelectorAll('.b.changed').length, listed: place.querySelectorAll('.live-list li').length };
        }, { name, change });
        if (name !== 'attention' && !(found.bits > 0)) problem(`${change} changes nothing: ${found.bits} bits`);
        if (found.marked === 0 || found.listed === 0) problem(`${change} is not shown: ${JSON.stringify(found)}`);
        const other = await digest();
        if (`${other}` === `${before}`) problem(`${change} leaves every number as it was`);
        await page.locator(`#live-${name} .live-changes button`).last().focus();
        await page.keyboard.press('r');
        await page.waitForFunction((id) => document.querySelector(`#${id} .live-changes`).hidden && document.getElementById(id).live.desk.look().base === null, `live-${name}`);
        expect(problem, `every number after ${change} was taken back`, `${await digest()}` === `${before}`, true);
    }
}

/** What the chapter says of its experiments is what comes out, after a prediction and not before. */
async function claims(page, problem) {
    const areas = await page.locator('.live-try').evaluateAll((all) => all.map(({ dataset }) => ({ ...dataset })));
    expect(problem, 'experiments', areas.length >= 9, true);
    const first = page.locator('.live-try button').first();
    await first.click();
    expect(problem, 'a change that nobody predicted', await page.locator('#live-translate .live-changes').isHidden(), true);
    for (const { live: name, predict, text, change, came, bits } of areas) {
        for (const [at, sentence] of text.split('|').entries()) {
            const found = await page.evaluate(async ({ name, sentence, change }) => {
                const place = document.getElementById(`live-${name}`);
                await place.live.run(sentence, await place.live.desk.made(change));
                const bar = place.querySelector('.live-after + *, .live-texts .live-side:last-child .pl-bars li');
                const row = place.querySelector('.live-numbers [aria-pressed=true]')?.closest('tr');
                return {
                    translate: () => place.querySelector('.live-after .live-written').textContent,
                    language: () => `${bar.querySelector('.pl-name').textContent} ${bar.querySelector('.pl-value').textContent}`,
                    attention: () => `${row.querySelector('th').textContent} ${Math.round(parseFloat(row.cells[4].textContent))} %`,
                }[name]() + (name === 'language' ? `|${Number(place.dataset.bits).toFixed(2)}` : '');
            }, { name, sentence, change });
            const [said, apart] = found.split('|');
            expect(problem, `${predict}, with ${JSON.stringify(sentence)}`, said, came.split('|')[at]);
            if (bits !== undefined) expect(problem, `${predict}: bits`, apart, bits);
        }
    }
    await page.evaluate(async () => { for (const place of document.querySelectorAll('.live')) await place.live.desk.reset(); });
}

/** After many runs there is not more than before. */
async function leaks(page, problem) {
    const session = await page.context().newCDPSession(page);
    const size = async () => {
        for (let times = 0; times < 3; times += 1) await session.send('HeapProfiler.collectGarbage');
        return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    const run = (times) => page.evaluate(async (times) => {
        const { live } = document.getElementById('live-language');
        const { desk } = live;
        for (let time = 0; time < times; time += 1) {
            await desk.set(time % 2 === 0 ? desk.read('off language_model/stack/layer.0/sublayer.1/feed_forward 1') : []);
        }
    }, times);
    await run(20);
    const before = await size();
    await run(RUNS);
    const more = await size() - before;
    if (more > LEAK) problem(`${RUNS} runs leave ${more} bytes behind`);
    await session.detach();
}

/** What can't be read is answered in a sentence, and the figure stays as it was. */
async function bad(page, problem) {
    const field = page.locator('#live-german');
    const told = page.locator('#live-translate .live-told');
    const words = Array.from({ length: 500 }, () => 'Haus').join(' ');
    for (const [text, expected] of [['', 'Please type a sentence'], ['   ', 'Please type a sentence'], ['\u200B', 'nothing in it'], [words, 'shorter sentence']]) {
        await field.fill(text);
        await page.keyboard.press('Enter');
        await page.waitForFunction(([id, expected]) => document.querySelector(id).textContent.includes(expected), ['#live-translate .live-told', expected])
            .catch(async () => problem(`${JSON.stringify(text.slice(0, 20))} is answered by ${JSON.stringify(await told.textContent())}`));
    }
    for (const text of ['Hallo 🐘!', '<b>Haus</b> & <eos> <script>alert(1)</script>', 'Привет, мир', '你好', 'a'.repeat(20)]) {
        await field.fill(text);
        await page.keyboard.press('Enter');
        await page.waitForFunction((id) => /^(“|That is)/.test(document.querySelector(id).textContent), '#live-translate .live-told')
            .catch(async () => problem(`${JSON.stringify(text)} is answered by ${JSON.stringify(await told.textContent())}`));
        await told.evaluate((element) => { element.textContent = ''; });
    }
    if ((await page.locator('#live-translate script').count()) > 0) problem('markup that was typed became part of the page');
}

/** Files that are missing or corrupt: a sentence, and the picture stays. */
async function broken(page, address, problem) {
    for (const [kind, file, body] of [
        ['a missing player', 'all.js', null], ['missing weights', 'ding.js', null], ['an empty file of weights', 'ding.js', ''],
        ['corrupt weights', 'ding.js', (text) => text.replace(/("?values"?:\s*")[^"]{400}/, '$1')],
        ['weights some of whose letters were changed', 'ding.js', (text) => text.replace(/("values":"[^"]{100000})[^"]{400}/, `$1${'A'.repeat(400)}`)],
        ['a script that breaks off', 'ding.js', (text) => text.slice(0, 1000)],
    ]) {
        const own = await reader(page, () => {});
        await own.route(`**/live/${file}`, async (route) => {
            if (body === null) return route.abort();
            const response = await route.fetch();
            return route.fulfill({ response, body: typeof body === 'string' ? body : body(await response.text()) });
        });
        await own.goto(address + PAGE, { waitUntil: 'load' });
        await own.locator('#live-translate .live-start button').click();
        await own.waitForFunction(() => document.querySelector('#live-translate .live-start p').textContent.includes('Nothing can run here now'), null)
            .catch(async () => problem(`${kind} is answered by ${JSON.stringify(await own.locator('#live-translate .live-start p').textContent())}`));
        expect(problem, `the picture with ${kind}`, await own.locator('#live-translate svg').first().isVisible() || await own.locator('#live-translate svg').last().isVisible(), true);
        await own.context().close();
    }
    const plain = await reader(page, problem, { javaScriptEnabled: false });
    await plain.goto(address + PAGE, { waitUntil: 'load' });
    expect(problem, 'buttons without script', await plain.locator('main button:visible').count(), 0);
    expect(problem, 'questions without script', await plain.locator('.asked:visible + .predict + .live-try').count(), await plain.locator('.live-try').count());
    expect(problem, 'values without script', (await plain.locator('main table').count()) > 0, true);
    await plain.context().close();
}
/** What is to be seen, narrow and wide, light and dark. */
async function seen(page, address, problem, theme, width) {
    const tell = (text) => problem(`${theme}, ${width} px: ${text}`);
    const own = await reader(page, tell, { theme, width });
    await own.goto(address + PAGE, { waitUntil: 'load' });
    for (const name of FIGURES) await begin(own, name);
    await own.locator(`#live-translate .b[data-key="${DECODER}/sublayer.1/multi_head_attention"]:visible`).click();
    await own.locator('#live-translate .live-panel canvas').first().waitFor();
    await own.locator('#live-translate .live-chip').last().click();
    await own.locator('#live-translate .live-stream').waitFor();
    await own.evaluate(async () => {
        const { desk } = document.getElementById('live-language').live;
        await desk.set(desk.read('head language_model/stack/layer.0/sublayer.0/multi_head_attention 2 3'));
    });
    await checks.width(own, tell);
    await checks.fits(own, tell);
    await targets(own, '.live :is(button, select, input:not([type=checkbox])), .live-try button', tell);
    await checks.accessible(own, tell);
    await checks.still(own, tell);
    await own.context().close();
}

/** The same from a file. */
async function file(page, book, problem) {
    const own = await reader(page, problem);
    await own.goto(pathToFileURL(resolve(book, PAGE)).href, { waitUntil: 'load' });
    await begin(own, 'translate');
    const text = await own.locator('#live-translate .live-before .live-written').textContent();
    if (text.split(' ').length < 3) problem(`from a file, the translation is ${JSON.stringify(text)}`);
    await own.context().close();
}

const TRANSLATOR = [
    `off ${DECODER}/sublayer.1/multi_head_attention`, `through ${DECODER}/sublayer.2/feed_forward`, `head ${DECODER}/sublayer.1/multi_head_attention 2 1`,
    `unmask ${DECODER}/sublayer.0/multi_head_attention`, `unscale ${DECODER}/sublayer.1/multi_head_attention`, `cut ${DECODER}/sublayer.0/add`,
    `off transformer/embeddings.0/positional_encoding`, `stop ${ENCODER}/sublayer.1/add 1`,
];
const LANGUAGE = [
    `off ${LAYER}/sublayer.1/feed_forward`, `off ${LAYER}/sublayer.0/multi_head_attention`, `cut ${LAYER}/sublayer.0/add; cut ${LAYER}/sublayer.1/add`,
    `off language_model/embeddings/positional_encoding`, `head ${LAYER}/sublayer.0/multi_head_attention 2 3`, `stop ${LAYER}/sublayer.1/add 1`,
];

/** A part of the test, on a page of its own where the figures that it needs run. */
const running = (names, act) => async (page, address, problem) => {
    const own = await reader(page, problem);
    await own.goto(address + PAGE, { waitUntil: 'load' });
    for (const name of names) await begin(own, name);
    await act(own, problem, address);
    await own.context().close();
};

/** All of it, in parts that can be done side by side. Each is given a page, the book's address, where to tell what is wrong, and the book's folder. */
export const PARTS = {
    'the tokens': async (page, address, problem) => {
        const own = await reader(page, problem);
        await asked(own, address, problem);
        await exact(own, JSON.parse(await readFile(COMMITTED, 'utf8')).results, problem);
        await own.context().close();
    },
    'a changed translator': running(['translate'], (own, problem) => changed(own, 'translate', 'Das Buch erscheint im November.', TRANSLATOR, problem)),
    'a changed language model': running(['language'], (own, problem) => changed(own, 'language', 'She was very glad to see her', LANGUAGE, problem)),
    experiments: running(FIGURES, claims),
    'what came of it': running(FIGURES, desk.outcomes),
    'one after the other': running(FIGURES, turns.turns),
    'two experiments': running(['translate'], (own, problem, address) => turns.tries(own, address, problem)),
    masks: running(FIGURES, turns.masks),
    'every box': running(FIGURES, desk.boxes),
    'words and arithmetic': running(FIGURES, turns.words),
    'room for all': (page, address, problem) => turns.rooms(page, address, problem),
    'keys of the page': running(['language', 'attention'], desk.keys),
    'the panel': desk.panels,
    'before it runs': running([], (own, problem, address) => desk.experiments(own, address, problem)),
    leaks: running(['language'], leaks),
    'what can’t be read': running(['translate'], bad),
    'by keyboard': running([], (own, problem, address) => desk.keyboard(own, address, problem)),
    'broken files': broken,
    'wide and light': (page, address, problem) => seen(page, address, problem, 'light', 1400),
    'narrow and navy': (page, address, problem) => seen(page, address, problem, 'navy', 375),
    'from a file': (page, address, problem, book) => file(page, book, problem),
};

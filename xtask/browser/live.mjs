// Figures that run: asked for by a button and not before, exact to the token, changed and restored bit for bit, and nothing leaks.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import * as checks from './checks.mjs';
import { expect, fresh, targets } from './remember.mjs';

const PAGE = 'running.html';
/** Sentences, and the tokens that `train` writes for them. */
const COMMITTED = new URL('../../docs/src/figures/lab/live/results.json', import.meta.url);
const FIGURES = ['translate', 'language', 'attention'];
/** Logits that are closer than this may come out either way. */
const TIE = 1e-4;
const RUNS = 200;
/** Milliseconds after which something isn't coming any more. */
const PATIENCE = 120_000;
/** Bytes that may be there after so many runs and were not before. */
const LEAK = 1e6;
const ENCODER = 'transformer/stack/layer.0';
const DECODER = 'transformer/decoder/layer.0';
const LAYER = 'language_model/stack/layer.0';
const SCALE = `${LAYER}/sublayer.0/multi_head_attention/attention/div_scalar`;

/** A reader's page. How fast it is depends on what else the machine does, and is no matter here. */
async function reader(page, problem, options) {
    const own = await fresh(page, problem, options);
    own.setDefaultTimeout(PATIENCE);
    own.setDefaultNavigationTimeout(PATIENCE);
    return own;
}

/** Starts a figure, and waits until it runs. */
async function begin(page, name) {
    await page.locator(`#live-${name} .live-start button`).click();
    await page.waitForFunction((id) => document.getElementById(id).matches('.running'), `live-${name}`);
}

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
    expect(problem, 'values without script', (await plain.locator('main table').count()) > 0, true);
    await plain.context().close();
}

/** With nothing but the keyboard: from the button to a box, its numbers, a change, and back. */
async function keyboard(page, address, problem) {
    await page.goto(address + PAGE, { waitUntil: 'load' });
    await page.locator('#live-language .live-start button').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('live-language').matches('.running'), null);
    const box = page.locator('#live-language .b[tabindex="0"]:visible');
    expect(problem, 'stops of the tab key in the picture', await box.count(), 1);
    await box.focus();
    for (let times = 0; times < 4; times += 1) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const pressed = page.locator('#live-language .b[aria-pressed="true"]:visible');
    expect(problem, 'chosen boxes', await pressed.count(), 1);
    await page.locator('#live-language .live-panel canvas').first().waitFor();
    const words = await page.locator('#live-language .pl-words').first().textContent();
    if (words.length < 20) problem(`a tensor in words: ${JSON.stringify(words)}`);
    await page.locator('#live-language .live-actions button', { hasText: 'Off' }).first().focus();
    await page.keyboard.press('Enter');
    await page.locator('#live-language .live-changes li').waitFor();
    // The button that was pressed is gone; the one that takes everything back has the focus.
    await page.waitForFunction(() => document.activeElement.matches('#live-language .live-changes > button'));
    await page.keyboard.press('r');
    await page.waitForFunction(() => document.querySelector('#live-language .live-changes').hidden);
}

/** What is said last to who listens. */
const said = (page) => page.evaluate(() => document.querySelector('body > .unseen[role=status]')?.textContent ?? '');
/** Waits until something is said. */
const hears = (page, problem, what, expected) => page.waitForFunction((text) => document.querySelector('body > .unseen[role=status]')?.textContent === text, expected, { timeout: 20_000 })
    .catch(async () => expect(problem, `what is said: ${what}`, await said(page), expected));
const set = (page, name, change) => page.evaluate(async ({ name, change }) => {
    const { desk } = document.getElementById(`live-${name}`).live;
    await desk.set(desk.read(change));
}, { name, change });
const run = (page, name, text) => page.evaluate(({ name, text }) => document.getElementById(`live-${name}`).live.run(text), { name, text });
const box = (page, name, key) => page.locator(`#live-${name} .b[data-key="${key}"]:visible`);

const OUTCOMES = [
    ['translate', `off ${DECODER}/sublayer.2/feed_forward`, `${DECODER}/sublayer.2/feed_forward`, 'Feed Forward (decoder), all layers: off', '“We must def def def def …”: 5.52 bits'],
    ['language', `off ${LAYER}/sublayer.1/feed_forward`, `${LAYER}/sublayer.1/feed_forward`, 'Feed Forward, all layers: off', '“her” 89 %, was 0.1 %: 5.76 bits'],
    ['attention', `unscale ${SCALE}`, SCALE, 'Scale, all layers: unscaled', '“her” gives “see” 87 %, was 36 %'],
];
/** What came of a change is in sight, wherever the reader is in the figure, and is heard. */
async function outcomes(page, problem) {
    for (const [name, change, key, title, outcome] of OUTCOMES) {
        await set(page, name, change);
        await box(page, name, key).scrollIntoViewIfNeeded();
        for (const block of ['start', 'center', 'end']) {
            const found = await page.evaluate(async ({ name, block }) => {
                const place = document.getElementById(`live-${name}`);
                place.querySelector('.live-panel').scrollIntoView({ block, behavior: 'instant' });
                await new Promise((done) => { setTimeout(done, 200); });
                const [bar, panel, menu] = [place.querySelector('.live-changes'), place.querySelector('.live-panel'), document.getElementById('mdbook-menu-bar')].map((one) => one.getBoundingClientRect());
                const at = document.elementFromPoint(bar.left + 40, bar.bottom - 12);
                return { isSeen: bar.top >= 0 && bar.bottom <= innerHeight && at?.closest('.live-changes') !== null, isFree: panel.top >= bar.bottom - 1, menu: menu.bottom <= bar.top + 1 };
            }, { name, block });
            expect(problem, `${name}: the outcome from the panel's ${block}`, found, { isSeen: true, isFree: true, menu: true });
        }
        expect(problem, `${name}: what came of it`, await page.locator(`#live-${name} .live-outcome`).textContent(), outcome);
        await hears(page, problem, `${name}, changed`, `Changed: ${title}. ${outcome}`);
    }
    // A new sentence, while something is changed.
    await page.locator('#live-attending').fill('Elizabeth was so much');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('body > .unseen[role=status]').textContent.startsWith('Read: 6 tokens, with the one that begins every text. Changed: Scale, all layers: unscaled. “much” gives '), null, { timeout: 20_000 })
        .catch(async () => problem(`a new sentence while something is changed: ${JSON.stringify(await said(page))}`));
    for (const name of FIGURES) await set(page, name, '');
    // A token that is followed.
    await page.locator('#live-translate .live-before .live-chip', { hasText: 'must' }).click();
    await hears(page, problem, 'a token is followed', 'The way of “must” is below: 7 rows.');
    // Another attention.
    await run(page, 'attention', 'She was very glad to see her');
    await page.locator('#live-attention .live-steps [data-key]', { hasText: 'glad' }).click();
    await hears(page, problem, 'another key', '“her” gives “glad” 19.4 %.');
    expect(problem, 'the focus after another key', await page.evaluate(() => document.activeElement.textContent), 'glad');
    await page.locator('#live-attention .live-row select').nth(1).selectOption({ label: '2' });
    await page.waitForFunction(() => /^“her” gives “glad” (?!19\.4)[\d.]+ %\.$/.test(document.querySelector('body > .unseen[role=status]').textContent), null, { timeout: 20_000 })
        .catch(async () => problem(`another head: ${JSON.stringify(await said(page))}`));
    await page.locator('#live-attention .live-row select').first().selectOption({ label: '3' });
    await page.waitForFunction(() => document.querySelector('#live-attention .live-panel select').value === '2' && document.querySelector('#live-attention .live-panel .pl-choosers select').value === '1', null, { timeout: 20_000 })
        .catch(() => problem('the panel doesn’t follow to another layer and head'));
    await box(page, 'attention', `${LAYER}/sublayer.0/multi_head_attention/attention/mask_fill`).click();
    await page.waitForFunction(() => document.querySelector('#live-attention .live-panel h3').textContent === 'Mask' && document.querySelector('#live-attention .live-panel select').value === '2' && document.querySelector('#live-attention .live-panel .pl-choosers select')?.value === '1', null, { timeout: 20_000 })
        .catch(() => problem('another box is not shown with the layer and the head that are opened'));
    expect(problem, 'steps of an attention', await page.locator('#live-attention .live-steps > li').count(), 6);
    // What the chapter says of two positions that change places.
    for (const [positions, outcome] of [['2 3', '“he” 28 %, was 36 %: 0.04 bits'], ['2 11', '“had” 19 %, was 0.2 %: 7.06 bits']]) {
        await run(page, 'language', 'He had not been at home many minutes, when');
        await set(page, 'language', `swap language_model/embeddings/add all ${positions}`);
        expect(problem, `positions ${positions} swapped`, await page.locator('#live-language .live-outcome').textContent(), outcome);
    }
    const widths = await page.locator('#live-language .pl-track').evaluateAll((all) => [...new Set(all.map((track) => Math.round(track.getBoundingClientRect().width)))]);
    expect(problem, 'bars before and after have one measure', widths.length, 1);
}

/** Keys that mdBook or the browser would take, and the one that takes everything back. */
async function keys(page, problem) {
    const key = 'language_model/stack/layer.0/sublayer.1/feed_forward';
    // What comes as far as the document turns the page.
    await page.evaluate(() => {
        window.turned = [];
        document.addEventListener('keydown', ({ key }) => { if (/^Arrow(Left|Right)$/.test(key)) window.turned.push(key); });
    });
    await set(page, 'language', `off ${key}`);
    await page.locator('#live-language .live-chip').last().click();
    await page.locator('#live-language .live-stream').waitFor();
    const places = ['#live-language .live-chip', '#live-language .live-changes > button', '#live-language .live-followed .table-wrapper', '#live-language .drawing', '#live-language .live-panel select', '.live-try[data-live=language] button'];
    for (const place of places) {
        await page.locator(place).first().evaluate((element) => { element.tabIndex = 0; element.focus(); });
        for (const arrow of ['ArrowLeft', 'ArrowRight']) await page.keyboard.press(arrow);
        // If the page was turned, nothing is left of it.
        expect(problem, `arrows at ${place} that turn the page`, await page.evaluate(() => window.turned).catch(() => 'gone'), []);
    }
    const changed = (name) => page.evaluate((name) => document.getElementById(`live-${name}`).live.desk.changes.length, name);
    const back = async (name, what) => {
        await page.waitForFunction((id) => document.querySelector(`#${id} .live-changes`).hidden, `live-${name}`, { timeout: 20_000 }).catch(() => problem(`R ${what} takes nothing back`));
    };
    // A list in the figure has the focus: its choice stays.
    await page.locator('#live-language .live-panel select').first().focus();
    await page.keyboard.press('r');
    await back('language', 'on a list');
    // Nothing has the focus: the one that was changed last.
    await set(page, 'language', `off ${key}`);
    await set(page, 'attention', `unscale ${SCALE}`);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('r');
    await back('attention', 'with the focus nowhere');
    expect(problem, 'the figure that was changed before', await changed('language'), 1);
    await set(page, 'attention', `unscale ${SCALE}`);
    await page.locator('#live-language .live-chip').first().focus();
    await page.keyboard.press('R');
    await back('language', 'in the figure that was changed before');
    expect(problem, 'the figure without the focus', await changed('attention'), 1);
    // What is typed, or means something else.
    await page.locator('#live-attending').focus();
    await page.keyboard.press('r');
    await page.locator('.predict :is(select, textarea)').first().focus();
    await page.keyboard.press('r');
    for (const modifier of ['ctrlKey', 'altKey', 'metaKey']) {
        await page.evaluate((modifier) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true, cancelable: true, [modifier]: true })), modifier);
    }
    await page.waitForTimeout(300);
    expect(problem, 'changes after an r that was typed', await changed('attention'), 1);
}

/** Where the numbers of a box are, what is said of that, and what stays as the reader chose it. */
async function panels(page, address, problem) {
    const attention = `${LAYER}/sublayer.0/multi_head_attention`;
    for (const [width, where] of [[1400, 'beside'], [1100, 'below'], [375, 'below']]) {
        const tell = (text) => problem(`${width} px: ${text}`);
        const own = await reader(page, tell, { width });
        await own.goto(address + PAGE, { waitUntil: 'load' });
        await begin(own, 'language');
        await box(own, 'language', `${LAYER}/sublayer.1/feed_forward`).click();
        await hears(own, tell, 'a chosen box', `Feed Forward: its numbers are ${where} the picture.`);
        const top = await own.locator('#live-language .live-panel').evaluate((panel) => panel.getBoundingClientRect().top);
        if (top < 0 || top > 450) tell(`the panel is at ${top} pixels when its box was chosen`);
        await own.context().close();
    }
    const own = await reader(page, problem, { width: 1400 });
    await own.goto(address + PAGE, { waitUntil: 'load' });
    await begin(own, 'language');
    await box(own, 'language', attention).click();
    const panel = own.locator('#live-language .live-panel');
    await panel.locator('.pl-tabs button', { hasText: 'Goes in (1)' }).click();
    await panel.locator('.pl-tabs button', { hasText: 'Attention weights' }).click();
    await panel.locator('.pl-choosers select').selectOption('2');
    await panel.locator('.live-check input').uncheck();
    // That there is something to be changed is said, where it is out of sight.
    await panel.evaluate((element) => { element.style.maxHeight = '400px'; });
    await panel.locator('.live-more').waitFor();
    await panel.locator('.live-more').click();
    await panel.locator('.live-more').waitFor({ state: 'hidden' });
    const now = () => panel.evaluate((element) => ({
        tab: element.querySelector('.pl-tabs [aria-pressed=true]')?.textContent, head: element.querySelector('.pl-choosers select')?.value,
        every: element.querySelector('.live-check input').checked, isScrolled: element.scrollTop > 50,
    }));
    const before = await now();
    expect(problem, 'what was chosen', before, { tab: 'Attention weights', head: '2', every: false, isScrolled: true });
    await panel.locator('.live-actions button', { hasText: 'Head off' }).click();
    await own.locator('#live-language .live-changes li').waitFor();
    await own.waitForFunction(() => document.querySelector('#live-language .live-panel .pl-compare') !== null && document.querySelector('#live-language .live-panel').scrollTop > 50, null, { timeout: 20_000 }).catch(() => {});
    expect(problem, 'what was chosen, after a change', await now(), before);
    expect(problem, 'a head is that of one layer', await own.evaluate(() => document.getElementById('live-language').live.desk.changes.map(({ layer, edits }) => [layer, edits.length])), [[0, 1]]);
    await run(own, 'language', 'Elizabeth was so much');
    const { tab, head } = await now();
    expect(problem, 'what was chosen, for the next sentence', [tab, head], ['Attention weights', '2']);
    // After the logits there is nothing to change.
    await box(own, 'language', 'probabilities').click();
    await panel.getByText('it comes after the logits').waitFor();
    expect(problem, 'changes after the logits', await panel.locator('.live-actions button').count(), 0);
    expect(problem, 'the name of a box', await box(own, 'language', 'language_model/stack/layer_norm').getAttribute('aria-label'), 'Layer Norm norm (3 of 3 from below)');
    // What comes after the place where it stops.
    await run(own, 'language', 'She was very glad to see her');
    await set(own, 'language', `stop ${LAYER}/sublayer.1/add 1`);
    await own.locator('#live-language .live-chip').last().click();
    await own.locator('#live-language .live-stream').waitFor();
    const rows = await own.locator('#live-language .live-stream tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].slice(1).map(({ textContent }) => textContent === 'stopped')));
    expect(problem, 'what is stopped', rows.map((cells) => cells.every(Boolean)), [false, false, false, true, true, true, true]);
    // The end of a text.
    await own.evaluate(async () => {
        const { live } = document.getElementById('live-language');
        await live.desk.set([]);
        live.state.ids.push(window.annotated.live.special.EOS);
        await live.on(10);
    });
    await hears(own, problem, 'the end of a text', 'The text has come to an end: <eos>. Begin anew to go on.');
    await own.context().close();
}

/** An experiment can start its figure, asks for a prediction once, and computes nothing that nobody wanted. */
async function experiments(page, address, problem) {
    await page.goto(address + PAGE, { waitUntil: 'load' });
    const area = page.locator('.live-try[data-live=language]').first();
    await area.getByRole('button', { name: 'Run the figure first' }).click();
    const go = area.getByRole('button', { name: 'Try it in the figure' });
    await go.waitFor();
    expect(problem, 'the focus where the figure was started', await page.evaluate(() => document.activeElement.textContent), 'Try it in the figure');
    expect(problem, 'experiments that wait for the figure', await page.locator('.live-try[data-live=language] button', { hasText: 'Run the figure first' }).count(), 0);
    await go.click();
    await area.getByText('Please predict first').waitFor();
    const asked = page.locator('#predict-most-damage');
    await asked.locator('select').selectOption({ index: 1 });
    await asked.locator('button[type=submit]').click();
    await page.waitForFunction(() => !document.querySelector('.live-try[data-live=language] .live-note').textContent.includes('predict first'));
    // The sentence that was there is not computed with the change.
    await run(page, 'language', 'Elizabeth was so much');
    await page.evaluate(() => {
        const place = document.getElementById('live-language');
        window.outcomes = [];
        new MutationObserver(() => window.outcomes.push(place.querySelector('.live-outcome').textContent)).observe(place.querySelector('.live-outcome'), { childList: true });
    });
    await go.click();
    await page.waitForFunction(() => document.querySelector('#live-language .live-outcome').textContent.endsWith('bits'));
    expect(problem, 'what an experiment computes', [...new Set(await page.evaluate(() => window.outcomes))].filter((text) => text.length > 1), ['“her” 89 %, was 0.1 %: 5.76 bits']);
    await page.waitForFunction(() => document.activeElement.matches('#live-language .live-changes > button'));
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
    'what came of it': running(FIGURES, outcomes),
    'keys of the page': running(['language', 'attention'], keys),
    'the panel': panels,
    'before it runs': running([], (own, problem, address) => experiments(own, address, problem)),
    leaks: running(['language'], leaks),
    'what can’t be read': running(['translate'], bad),
    'by keyboard': running([], (own, problem, address) => keyboard(own, address, problem)),
    'broken files': broken,
    'wide and light': (page, address, problem) => seen(page, address, problem, 'light', 1400),
    'narrow and navy': (page, address, problem) => seen(page, address, problem, 'navy', 375),
    'from a file': (page, address, problem, book) => file(page, book, problem),
};

// Ways to see a picture: each story to its end, names covered and named again, and "was it in the picture?".

import { readFile } from 'node:fs/promises';
import { accessible, width } from './checks.mjs';
import { broken, corrupt, fresh } from './remember.mjs';

/** Pages with a story. */
export const STORIES = ['overview.html', 'tokens.html', 'attention.html', 'heads.html', 'residuals.html', 'encoder-decoder.html', 'loss.html', 'decoding.html', 'language.html'];

/** What is to be seen of a story: which sentence is told, whether its path is lit up, and where the bar is. */
const told = (story) => story.evaluate((section) => {
    const steps = [...section.querySelectorAll('li')];
    const figure = document.getElementById(section.dataset.figure);
    const svg = [...figure.querySelectorAll('svg')].find((svg) => svg.checkVisibility());
    const lit = (query) => [...svg.querySelectorAll(`${query}.told`)];
    const current = steps.filter((step) => step.ariaCurrent === 'step').map((step) => steps.indexOf(step));
    const chains = JSON.parse(steps[current[0] ?? 0].dataset.lights);
    const edges = chains.flatMap((chain) => chain.slice(1).map((to, place) => `${chain[place]}>${to}`));
    const bar = section.querySelector('.see-bar');
    const places = lit('[data-key]').map((box) => box.getBoundingClientRect());
    return {
        current, count: steps.length,
        boxes: String([...new Set(lit('[data-key]').map((box) => box.dataset.key))].sort()) === String([...new Set(chains.flat())].sort()),
        edges: String([...new Set(lit('[data-from]').map(({ dataset: { from, to } }) => `${from}>${to}`))].sort()) === String([...new Set(edges)].sort()),
        none: lit('*').length === 0,
        seen: places.some((place) => place.bottom > 50 && place.top < (bar.matches('.floats') ? bar.getBoundingClientRect().top : innerHeight)),
        small: [...bar.querySelectorAll('button')].filter((button) => button.checkVisibility() && button.offsetHeight < 44).length,
        inside: !bar.matches('.floats') || (bar.getBoundingClientRect().bottom <= innerHeight + 1 && bar.getBoundingClientRect().top > 100),
        heard: document.querySelector('.unseen[role=status]')?.textContent.includes(steps[current[0] ?? 0].textContent) ?? false,
    };
});

/** Follows each story of a page to its end: by button, by key, and, on a wide page, by scrolling its sentences. */
export async function stories(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const all = await page.locator('.story').all();
    if (all.length === 0) problem('no story, expected one');
    for (const story of all) {
        const button = (name) => story.getByRole('button', { name, exact: true });
        const expect = async (way, step) => {
            const { current, boxes, edges, seen, small, inside, heard } = await told(story);
            const right = current.length === 1 && current[0] === step && boxes && edges && seen && small === 0 && inside && heard;
            if (!right) problem(`${way}, step ${step + 1} of a story: ${JSON.stringify({ current, boxes, edges, seen, small, inside, heard })}`);
        };
        const { count } = await told(story);
        for (const way of ['by button', 'by key']) {
            await button('Follow it step by step').click();
            for (let step = 0; step < count; step += 1) {
                await expect(way, step);
                if (step === count - 1) await button('Done').click();
                else if (way === 'by button') await button('Next').click();
                else await page.keyboard.press('ArrowRight');
            }
            if (!(await told(story)).none) problem(`${way}: a story that is over is still lit up`);
        }
        await button('Follow it step by step').press('Enter');
        for (const [key, step] of [['End', count - 1], ['ArrowLeft', count - 2], ['Home', 0]]) {
            await page.keyboard.press(key);
            await expect(`the key ${key}`, step);
        }
        await page.keyboard.press('Escape');
        if (!(await told(story)).none) problem('the escape key does not end a story');
        const scrolls = await story.locator('ol').evaluate((list) => list.scrollHeight > list.clientHeight + 5);
        if (page.viewportSize().width >= 1300 && scrolls) {
            await story.locator('ol').evaluate((list) => list.scrollTo({ top: list.scrollHeight, behavior: 'instant' }));
            await page.waitForFunction((list) => list.lastElementChild.ariaCurrent === 'step', await story.locator('ol').elementHandle(), { timeout: 5000 }).catch(() => {});
            await expect('by scrolling', count - 1);
            await story.getByRole('button', { name: 'Close' }).click();
        }
        if (page.url() !== address) problem(`a story leads to ${page.url()}`);
    }
    return all.length;
}

/** The names of Figure 1 in the order in which they are asked for. */
const names = (page) => page.evaluate(() => [...document.querySelector('#figure-transformer svg').querySelectorAll('g[data-key] > title')]
    .map((title) => title.textContent.split('\n')[0]));

/** Names of Figure 1, covered: typed and uncovered by keyboard. */
export async function cover(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const all = await names(page);
    const figure = page.locator('#figure-transformer');
    const bar = figure.locator('.see-bar');
    const question = () => bar.locator('p').textContent();
    await figure.getByRole('button', { name: 'Cover the names' }).focus();
    await page.keyboard.press('Enter');
    const open = await figure.evaluate((figure) => ({
        texts: [...figure.querySelectorAll('svg text')].filter((text) => text.closest('[data-key]') && text.checkVisibility({ visibilityProperty: true })).map((text) => text.textContent),
        words: figure.querySelector('details').checkVisibility({ visibilityProperty: true }),
        inert: figure.querySelector('.drawing').inert,
        told: [...document.querySelectorAll('#story-transformer :is(b, p, li, button)')].some((part) => part.checkVisibility({ visibilityProperty: true })),
    }));
    if (open.texts.length > 0 || open.words || open.told || !open.inert) problem(`covered, one still learns names: ${JSON.stringify(open)}`);
    const typed = [
        // The name in other writing, another's name, several for one, a sign.
        [all[0].toLowerCase(), true], ['outputs shifted-right', true], ['Output Embedding', false], ['input embeddings', true], ['positional-encoding', true], ['+', true], ['s/?', false],
    ];
    let at = 0;
    for (const [text, right] of typed) {
        await page.keyboard.type(text);
        await page.keyboard.press('Enter');
        const said = await question();
        if (said.startsWith(`Right: ${all[at]}`) !== right) problem(`${JSON.stringify(text)} for ${all[at]} is answered with ${JSON.stringify(said)}`);
        at += right ? 1 : 0;
    }
    // What is left is uncovered; every second is said to have been known.
    let known = at;
    for (; at < all.length; at += 1) {
        await page.keyboard.press('Tab');
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        if (!(await question()).startsWith(all[at])) problem(`uncovered ${all[at]}, but it says ${await question()}`);
        if (at % 2 === 1) await page.keyboard.press('Tab');
        else known += 1;
        await page.keyboard.press('Enter');
    }
    const result = await figure.locator('.see-result').textContent();
    if (result !== `You knew ${known} of ${all.length} names.`) problem(`the count is ${JSON.stringify(result)}, expected ${known} of ${all.length}`);
    if (await figure.evaluate((figure) => figure.matches('.covered') || figure.querySelector('.drawing').inert)) problem('the end uncovers nothing');
    const kept = await page.evaluate(() => window.annotated.store.read('cover:transformer', null));
    if (kept?.right !== known || kept?.of !== all.length) problem(`kept is ${JSON.stringify(kept)}`);
    if (page.url() !== address) problem(`covering leads to ${page.url()}`);
}

/** The same by the mouse, or with a finger: a covered box that is hit is asked for, and no link is followed. */
export async function point(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const touch = await page.evaluate(() => navigator.maxTouchPoints > 0);
    const press = (locator) => (touch ? locator.tap() : locator.click());
    const all = await names(page);
    const figure = page.locator('#figure-transformer');
    await press(figure.getByRole('button', { name: 'Cover the names' }));
    for (const key of ['transformer/generator', 'transformer/embeddings.0/add', 'transformer/stack/layer.0/sublayer.1/feed_forward']) {
        const { x, y, number } = await figure.evaluate((figure, key) => {
            const svg = [...figure.querySelectorAll('svg')].find((svg) => svg.checkVisibility());
            const keys = [...svg.querySelectorAll('g[data-key]')];
            const box = keys.find((box) => box.dataset.key === key);
            scrollBy({ top: box.getBoundingClientRect().top - 300, behavior: 'instant' });
            const { x, y, width, height } = box.querySelector('.r').getBoundingClientRect();
            // Within the room of a finger, if beside a small box.
            return { x: x + width / 2, y: y + height / 2 + (height < 44 ? 12 : 0), number: keys.indexOf(box) };
        }, key);
        await (touch ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
        const asked = await figure.evaluate((figure) => figure.querySelector('.asked')?.dataset.key);
        if (asked !== key) problem(`${key} is hit, and asked is ${asked}`);
        await press(figure.getByRole('button', { name: 'Uncover' }));
        const said = await figure.locator('.see-bar p').textContent();
        if (!said.startsWith(all[number])) problem(`${all[number]} is uncovered, but it says ${said}`);
        await press(figure.getByRole('button', { name: 'I knew it' }));
    }
    await press(figure.getByRole('button', { name: 'Stop' }));
    const result = await figure.locator('.see-result').textContent();
    if (!result.startsWith('You knew 3 of 3 names; ')) problem(`after three names: ${JSON.stringify(result)}`);
    if (page.url() !== address) problem(`a covered box leads to ${page.url()}`);
}

/** Answers to "was it in the picture?", and the d' that they come to with fifteen names of each kind (of a table of the normal distribution). */
const ANSWERS = [
    ['everything right', (inside) => inside, 3.7255],
    ['always yes', () => true, 0],
    ['three wrong of each', (inside, place) => inside !== place < 3, 1.5528],
];

/** Recognition, with answers whose d' is known; by key and by button. */
export async function recognise(page, address, problem) {
    for (const [what, answer, expected] of ANSWERS) {
        await page.goto(address, { waitUntil: 'load' });
        const block = page.locator('.recognise');
        const items = await block.evaluate((block) => [...block.querySelectorAll('li')].map((item) => ({ name: item.textContent, times: Number(item.dataset.times) })));
        if (!items.some(({ name, times }) => name === 'Multi-Head Attention' && times === 2)) problem('nobody asks whether multi-head was in it');
        await block.getByRole('button', { name: 'Begin' }).press('Enter');
        if (await page.evaluate(() => document.querySelector('#figure-transformer .drawing')?.checkVisibility({ visibilityProperty: true }) ?? false)) problem('the picture is there to be looked at');
        const seen = { true: 0, false: 0 };
        for (const { name, times } of items) {
            const shown = await block.locator('.see-name b').textContent();
            if (shown !== name) problem(`asks for ${shown}, expected ${name}`);
            const yes = answer(times > 0, seen[times > 0]);
            seen[times > 0] += 1;
            if (what === 'always yes') await block.getByRole('button', { name: 'Yes' }).click();
            else await page.keyboard.press(yes ? 'y' : 'n');
        }
        const { d } = await page.evaluate(() => window.annotated.store.read('recognise:transformer', {}));
        const said = await block.locator('.see-result').textContent();
        if (!(Math.abs(d - expected) < 0.002) || !said.includes(`a d′ of ${expected.toFixed(1)}: `)) problem(`${what}: d' is ${d}, expected ${expected}; it says ${said}`);
        const wrong = await block.locator('li', { hasText: '✗' }).count();
        const expectedWrong = { 'everything right': 0, 'always yes': 15, 'three wrong of each': 6 }[what];
        if (wrong !== expectedWrong) problem(`${what}: ${wrong} are marked wrong`);
        if (page.url() !== address) problem(`an answer leads to ${page.url()}`);
    }
    await page.reload();
    const last = await page.locator('.recognise .see-result').textContent();
    if (!last.startsWith('Last time your d′ was 1.6')) problem(`after a reload: ${last}`);
}

/** Whatever is open, nothing is wrong with the page. */
export async function open(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const look = async (what) => {
        await accessible(page, (text) => problem(`${what}: ${text}`));
        await width(page, (text) => problem(`${what}: ${text}`));
    };
    await page.getByRole('button', { name: 'Follow it' }).click();
    await page.keyboard.press('ArrowRight');
    await look('a story');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Cover the names' }).click();
    await look('covered names');
    await page.getByRole('button', { name: 'Uncover' }).click();
    await look('an uncovered name');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Begin' }).click();
    await look('a question');
    for (let press = 0; press < 30; press += 1) await page.keyboard.press('n');
    await look('a result');
}

/** Without script there is a list, and no dead button. */
export async function bare(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const sentences = await page.locator('.story li:visible').count();
    const namesShown = await page.locator('.recognise li:visible').count();
    const buttons = await page.locator('.story button, figure.diagram button, .recognise button').count();
    if (sentences < 5 || namesShown !== 30 || buttons > 0) problem(`without script: ${sentences} sentences, ${namesShown} names, ${buttons} buttons`);
}

/** Names are compared as `graph` compares those of a drawing. */
export async function alike(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const names = JSON.parse(await readFile(new URL('../../crates/graph/tests/alike.json', import.meta.url), 'utf8'));
    const found = await page.evaluate((names) => names.map((name) => window.annotated.alike(name)), names.map(([name]) => name));
    names.forEach(([name, expected], place) => {
        if (found[place] !== expected) problem(`${JSON.stringify(name)} is ${JSON.stringify(found[place])}, expected ${JSON.stringify(expected)}`);
    });
}

/** Storage that fails in any way: a sentence, and all goes on; a story keeps nothing, and needs none. */
export async function kept(page, address, problem) {
    const scripts = { ...broken('cover:transformer'), ...corrupt('cover:transformer', '{"right":-1,"of":3}') };
    for (const [kind, script] of Object.entries(scripts)) {
        const tell = (text) => problem(`storage that is ${kind}: ${text}`);
        const own = await fresh(page, tell, { script });
        await own.goto(address, { waitUntil: 'load' });
        const isCorrupt = kind.startsWith('corrupt');
        const result = own.locator('#figure-transformer .see-result');
        const before = await result.textContent();
        if (before.includes('cannot be read') !== isCorrupt) tell(`before, it says ${JSON.stringify(before)}`);
        await own.getByRole('button', { name: 'Follow it' }).click();
        await own.keyboard.press('End');
        if ((await told(own.locator('.story').first())).none) tell('a story lights up nothing');
        await own.keyboard.press('Escape');
        await own.getByRole('button', { name: 'Cover the names' }).click();
        await own.keyboard.type((await names(own))[0]);
        await own.keyboard.press('Enter');
        await own.keyboard.press('Escape');
        const after = await result.textContent();
        if (!after.startsWith('You knew 1 of 1 names') || after.includes('keeps nothing') === isCorrupt) tell(`afterwards, it says ${JSON.stringify(after)}`);
        await own.context().close();
    }
}

/** All of it, wide, narrow, with a finger, where nothing can be kept, and without script: by name. A test may say how many stories it has followed. */
export function tests(visit, browser, address, paths) {
    const has = (path) => paths.includes(path);
    const all = [];
    const alone = (name, open, act) => all.push([name, async (problem) => {
        const page = await open(problem);
        const count = await act(page, problem);
        await page.context().close();
        return count;
    }]);
    const place = `${address}overview.html`;
    for (const viewport of [{ width: 1400, height: 900 }, { width: 375, height: 800 }]) {
        const open = (problem) => visit('light', viewport, address, problem);
        const size = `${viewport.width} px`;
        for (const path of STORIES.filter(has)) alone(`the story of ${path}, ${size}`, open, (page, problem) => stories(page, address + path, problem));
        if (has('reading.html')) alone(`recognise in reading.html, ${size}`, open, async (page, problem) => void await recognise(page, `${address}reading.html`, problem));
        if (!has('overview.html')) continue;
        for (const test of [cover, point, recognise]) alone(`${test.name}, ${size}`, open, async (page, problem) => void await test(page, place, problem));
    }
    if (has('overview.html')) {
        const viewport = { width: 375, height: 800 };
        const wide = { width: 1400, height: 900 };
        alone('what is open, navy', (problem) => visit('navy', viewport, address, problem), (page, problem) => open(page, place, problem));
        alone('names that are alike', (problem) => visit('light', wide, address, problem), (page, problem) => alike(page, place, problem));
        alone('what is kept of seeing', (problem) => visit('light', wide, address, problem), (page, problem) => kept(page, place, problem));
        const finger = async () => {
            const touch = await (await browser.newContext({ viewport, hasTouch: true, isMobile: true, reducedMotion: 'reduce' })).newPage();
            // Nothing can be kept, and all goes on.
            await touch.addInitScript(() => { Storage.prototype.setItem = () => { throw new Error('full'); }; });
            return touch;
        };
        alone('point, with a finger', finger, (page, problem) => point(page, place, problem));
        const plain = async () => (await browser.newContext({ viewport, javaScriptEnabled: false })).newPage();
        alone('without script', plain, (page, problem) => bare(page, place, problem));
    }
    return all;
}

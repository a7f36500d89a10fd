// Pages that `graph::page` writes of any module, opened as files. `cargo test -p graph page_written` writes them to target/tmp/pages,
// with what their programs come to in Rust.

import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as checks from './checks.mjs';

const FOLDER = new URL('../../target/tmp/pages/', import.meta.url);
const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 375, height: 800 };
/** Largest difference between the same numbers here and there. */
const EXACT = 1e-4;

const address = (name, place = '') => `${new URL(`${name}.html`, FOLDER)}${place}`;
const shown = (page) => page.locator('.pg-level:visible h2').allTextContents();

let visits = 0;
/** A place of a page, from the beginning. */
async function at(page, name, place = '') {
    visits += 1;
    await page.goto(address(name, `?${visits}${place}`), { waitUntil: 'load' });
}

/** Whether exactly that level comes to be seen: the page hears of another address a moment later. */
async function level(page, title, problem, how) {
    const isShown = (title) => [...document.querySelectorAll('.pg-level')].filter((level) => level.checkVisibility())
        .map((level) => level.querySelector('h2').textContent).join() === title;
    await page.waitForFunction(isShown, title, { timeout: 20_000 })
        .catch(async () => problem(`${how} shows ${(await shown(page)).join() || 'nothing'}, expected ${title}`));
}

/** Closed boxes open, and the way leads up again: with the pointer, and with keys alone. */
async function levels(page, problem) {
    await at(page, 'convnet');
    await level(page, 'Convolutional net', problem, 'the page');
    await page.locator('svg:visible a:has([data-key="blocks.0"])').click();
    await level(page, 'blocks 0', problem, 'a click on a closed box');
    const focus = await page.evaluate(() => document.activeElement.textContent);
    if (focus !== 'blocks 0') problem(`behind a link, the focus is on ${JSON.stringify(focus)}`);
    if (new URL(page.url()).hash !== '#/blocks.0') problem(`the address of blocks 0 is ${page.url()}`);
    const crumbs = page.getByRole('navigation', { name: 'Where this is' });
    if ((await crumbs.innerText()).replace(/\s+/g, ' ') !== 'Convolutional net blocks 0') problem(`the way up is ${await crumbs.innerText()}`);
    await crumbs.getByRole('link', { name: 'Convolutional net' }).click();
    await level(page, 'Convolutional net', problem, 'the way up');
    await page.locator('svg:visible a:has([data-key="blocks.1"])').focus();
    await page.keyboard.press('Enter');
    await level(page, 'blocks 1', problem, 'Enter on a closed box');
    await page.locator('svg:visible .b[data-key="blocks.1/relu.0"]').focus();
    await page.keyboard.press(' ');
    const box = page.getByRole('complementary', { name: 'The chosen box' });
    await box.locator('h2', { hasText: /^ReLU$/ }).waitFor({ timeout: 20_000 }).catch(() => problem('the space bar chooses no box'));
    if ((await page.locator('svg:visible [aria-pressed="true"]').count()) !== 1) problem('the chosen box is not marked');
    await page.keyboard.press('Escape');
    await page.locator('svg:visible [aria-pressed="true"]').waitFor({ state: 'detached', timeout: 20_000 }).catch(() => problem('Escape leaves the box chosen'));
    await page.locator('.pg-level:visible h2').focus();
    await page.keyboard.press('Escape');
    await level(page, 'Convolutional net', problem, 'Escape');
    await page.goBack();
    await level(page, 'blocks 1', problem, 'the way back');
}

/** Links to places, and the search. */
async function places(page, problem) {
    await at(page, 'encoder', '#/layers.0/mha');
    await level(page, 'Multi-Head Attention', problem, 'a link to a level');
    await at(page, 'convnet', '#/blocks.0/relu.0');
    await level(page, 'blocks 0', problem, 'a link to a box');
    const chosen = page.locator('.pg-box h2');
    if ((await chosen.textContent()) !== 'ReLU') problem('a link to a box does not choose it');
    await at(page, 'convnet', '#/nowhere%');
    await level(page, 'Convolutional net', problem, 'a link to nowhere');
    const search = page.getByRole('searchbox', { name: 'Search' });
    await search.fill('second.weight');
    const found = page.locator('.pg-found a');
    if ((await found.count()) === 0) problem('no box is found by its parameter');
    await search.fill('blocks.1');
    await page.keyboard.press('Enter');
    await level(page, 'blocks 1', problem, 'the first that was found');
    await page.waitForFunction(() => document.querySelector('.pg-search input').value === '', null, { timeout: 20_000 })
        .catch(() => problem('what was searched for stays'));
    await search.fill('no such thing');
    if ((await page.locator('.pg-found').innerText()) !== 'Nothing is called so.') problem('nothing says that nothing is found');
    await search.press('Escape');
    if (await page.locator('.pg-found').isVisible()) problem('Escape leaves the search open');
}

/** Presses "Run" and waits for what comes of it. */
async function run(page) {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.waitForFunction(() => document.querySelector('.pg-run button').disabled === false
        && !['', 'Running …'].includes(document.querySelector('.pg-status').textContent));
    return page.locator('.pg-status').textContent();
}

/** Every number is what Rust computed, and boxes show them. */
async function numbers(page, problem) {
    await at(page, 'reader');
    const early = await page.locator('.pg-box .pl-words').first().textContent();
    if (!early.includes('Run')) problem(`before it runs, a box says ${early}`);
    const said = await run(page);
    if (!/^\d+ operations carried out/.test(said)) problem(`after "Run" the page says ${said}`);
    const expected = JSON.parse(await readFile(new URL('reader.json', FOLDER), 'utf8'));
    const found = await page.evaluate(async (count) => {
        const values = await player.page.values.run.values([...Array(count).keys()]);
        return values.map(({ shape, data }) => ({ shape: [...shape], data: [...data].map(Number) }));
    }, expected.tensors.length);
    let largest = 0;
    expected.tensors.forEach(({ shape, data }, number) => {
        const own = found[number];
        if (own.shape.join() !== shape.join()) problem(`tensor ${number} has the shape ${own.shape}, expected ${shape}`);
        data.forEach((value, place) => { largest = Math.max(largest, Math.abs(value - own.data[place])); });
    });
    if (!(largest < EXACT)) problem(`a number differs by ${largest} from what Rust computed`);
    // The cursor tells the same.
    const output = expected.tensors[expected.output];
    const canvas = page.getByRole('application');
    await canvas.focus();
    const steps = ['Control+End', 'ArrowUp', 'Home', 'ArrowRight', 'ArrowRight'];
    for (const key of steps) await canvas.press(key);
    const [rows, columns] = output.shape.slice(-2);
    const value = output.data[(rows - 2) * columns + 2];
    const cell = await page.locator('.pl-at').textContent();
    const told = Number(cell.split(': ')[1]?.replace('−', '-'));
    if (!cell.includes(`length ${rows - 2}`) || !(Math.abs(told - value) < 0.006 * Math.max(1, Math.abs(value)))) problem(`the cursor says ${cell}, expected ${value}`);
    const heard = await page.locator('[role="status"].pl-unseen').last().textContent();
    if (heard !== cell) problem(`the keyboard's cursor says aloud ${JSON.stringify(heard)}, and shows ${JSON.stringify(cell)}`);
    await page.getByText('As a table').click();
    const text = await page.locator('.pl-rows tbody tr').nth(rows - 2).locator('td').nth(2).textContent();
    if (!cell.endsWith(`: ${text}`)) problem(`the table has ${text} where the picture has ${cell}`);
    // Attention has its heads, on a level of its own.
    await at(page, 'reader', '#/attention');
    await run(page);
    const softmax = page.locator('svg:visible .b[data-key]', { hasText: /softmax/i }).first();
    if ((await softmax.count()) === 1) {
        await softmax.focus();
        await page.keyboard.press('Enter');
        await page.locator('.pg-box .pl-heat').waitFor();
    }
}

/** What the reader gives: random numbers by a seed, and numbers as JSON, good ones and bad ones. */
async function inputs(page, problem) {
    await at(page, 'reader');
    await page.getByText('Inputs', { exact: true }).click();
    const bias = page.locator('.pg-input', { hasText: 'bias' });
    const output = () => page.evaluate(async () => [...(await player.page.values.run.output('scores')).data].join());
    await run(page);
    const given = await output();
    await bias.locator('select').selectOption('random');
    await run(page);
    const first = await output();
    await page.getByLabel('Seed').fill('2');
    await run(page);
    const second = await output();
    await page.getByLabel('Seed').fill('1');
    await run(page);
    if ((await output()) !== first) problem('the same seed gives other numbers');
    if (new Set([given, first, second]).size !== 3) problem('random numbers are not used');
    await bias.locator('select').selectOption('json');
    const attempts = [
        ['[1, 2', 'are no JSON'], ['[1, 2, 3]', 'what was given for it is 3 numbers'], ['"twelve"', 'that is 12 numbers'],
        [`[${Array(11).fill(0)}, null]`, 'is not a number'], ['{"a": 1}', 'that is 12 numbers'],
    ];
    for (const [text, sentence] of attempts) {
        await bias.locator('textarea').fill(text);
        const said = await run(page);
        if (!said.includes(sentence)) problem(`for ${text} the page says ${said}`);
    }
    await bias.locator('textarea').fill(JSON.stringify(Array(12).fill(0)));
    const said = await run(page);
    if (!said.includes('carried out')) problem(`numbers as JSON are refused: ${said}`);
}

/** What leaves a box is switched off, seen before and after, and undone to the last bit. */
async function changes(page, problem) {
    await at(page, 'reader', '#/attention');
    const output = () => page.evaluate(async () => [...(await player.page.values.run.output('scores')).data].join());
    await run(page);
    const before = await output();
    const change = page.getByLabel('What leaves it');
    const done = () => page.waitForFunction(() => document.querySelector('.pg-run button').disabled === false && document.querySelector('.pg-box .pl-canvas'));
    await change.selectOption('zeros');
    await page.getByRole('heading', { name: 'Difference' }).waitFor();
    const words = await page.locator('.pl-part .pl-words').allTextContents();
    if (words.length !== 3 || !words[1].includes('all 0')) problem(`with zeros instead, it is said ${words.join(' | ')}`);
    if ((await output()) === before) problem('what is switched off changes nothing');
    await change.selectOption('what enters, as if it did nothing');
    await done();
    const passed = await output();
    await page.getByRole('button', { name: 'Undo the changes' }).click();
    await page.getByRole('heading', { name: 'Difference' }).waitFor({ state: 'detached' });
    await done();
    if (passed === before) problem('what is led past changes nothing');
    if ((await output()) !== before) problem('an undone change leaves something behind');
}

/** Names that look like markup are names; and what can't be run says why. */
async function hard(page, problem) {
    await at(page, 'awkward');
    const name = '</script><!-- "net" & \'more\' 神経網';
    const found = [await page.title(), await page.locator('h1').textContent(), await page.locator('.pg-level:visible h2').textContent()];
    if (found.some((text) => text !== name)) problem(`a graph called ${name} is shown as ${found.join(' | ')}`);
    await page.getByRole('searchbox', { name: 'Search' }).fill('a#b c%20');
    await page.keyboard.press('Enter');
    await level(page, 'a#b c%20/d', problem, 'the search for a name with signs');
    const said = await run(page);
    if (!said.includes('carried out')) problem(`with such names, the page says ${said}`);
    await page.reload();
    await level(page, 'a#b c%20/d', problem, 'a link with signs');
    if ((await page.locator('h1, h2, .pg-box').locator('i, b, script').count()) > 0) problem('a name became an element');
    await at(page, 'bare');
    const status = page.locator('.pg-status');
    await status.waitFor();
    if (!/the parameter `weight` has no value, nor have 1 more/.test(await status.textContent())) problem(`without weights, the page says ${await status.textContent()}`);
    await checks.accessible(page, problem);
}

/** What holds of each of the pages, whatever it shows. */
async function whole(page, name, problem) {
    const narrow = page.viewportSize().width < 600;
    await at(page, name);
    await run(page);
    for (const place of ['', ...await page.evaluate(() => player.page.told.levels.map(({ place }) => `#${place}`))]) {
        await page.evaluate((hash) => { location.hash = hash; }, place);
        await page.locator('.pg-box .pl-heat').first().waitFor();
        const here = (text) => problem(`${name}${place}: ${text}`);
        await checks.width(page, here);
        if ((await checks.legible(page, here)) === 0) here('no drawing');
    }
    await checks.accessible(page, (text) => problem(`${name}: ${text}`));
    if (!narrow) await checks.still(page, (text) => problem(`${name}: ${text}`));
    const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input, summary, .pg-crumbs a, .pg-open, svg a, svg .b[role]')]
        .filter((element) => element.checkVisibility())
        .map((element) => [element.textContent.trim().slice(0, 30) || element.tagName, element.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 43.5 || height < 43.5)
        .map(([text, { width, height }]) => `${text} (${width.toFixed(0)} × ${height.toFixed(0)})`));
    if (small.length > 0) problem(`${name}: too small for a finger: ${small.slice(0, 4).join(', ')}`);
}

/** Without scripts, all levels stand below each other, and links lead from one to the next. */
async function plain(browser, problem) {
    const context = await browser.newContext({ viewport: NARROW, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(address('convnet'));
    if ((await shown(page)).length < 3) problem('without scripts, levels are missing');
    await page.locator('svg:visible a:has([data-key="blocks.0"])').first().click();
    if (!page.url().endsWith('#/blocks.0')) problem('without scripts, a box leads nowhere');
    await context.close();
}

/** All of it, in pages of their own that `open` gives. */
export async function graphs(open, browser, problem) {
    const names = await readdir(FOLDER).catch(() => []);
    if (!names.includes('reader.html')) {
        problem(`no pages of graphs in ${fileURLToPath(FOLDER)}: \`cargo test -p graph page_written\` writes them`);
        return;
    }
    for (const [theme, viewport] of [['light', WIDE], ['navy', NARROW]]) {
        const here = (text) => problem(`a graph's page (${theme}, ${viewport.width} px): ${text}`);
        const page = await open(theme, viewport, 'file:', here);
        for (const name of ['reader', 'convnet', 'encoder']) await whole(page, name, here);
        if (viewport === WIDE) for (const part of [levels, places, numbers, inputs, changes, hard]) await part(page, here);
        await page.context().close();
    }
    await plain(browser, (text) => problem(`a graph's page: ${text}`));
}

// Opens every page of the book, light and dark, narrow and wide, on paper, and as a file.
// Usage: node test.mjs BOOK SCREENSHOTS CHROMIUM [PATTERN]
// With a pattern, only pages whose paths match it are looked at, and nothing is searched for.
//
// Fails on errors in the console, on requests that fail or leave this machine, on what `checks` finds of every page, on
// diagrams that don't answer to the pointer, the finger and the keyboard, on code and pictures that don't light each other up,
// and on what can't be found or reached.

import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import * as checks from './checks.mjs';
import { fingers, follow, hover, select } from './diagrams.mjs';
import { back, facts, link, touch } from './link.mjs';
import { graphs } from './page.mjs';
import { predict } from './predict.mjs';
import { paper } from './print.mjs';
import * as redrawing from './redraw.mjs';
import * as reader from './reader.mjs';
import { recall } from './recall.mjs';
import * as see from './see.mjs';
import * as selftest from './selftest.mjs';
import { pages, serve } from './server.mjs';
import { pinch, zoom } from './zoom.mjs';

const THEMES = ['light', 'navy'];
const SIZES = [{ width: 375, height: 800 }, { width: 1400, height: 900 }];
/** Pages that are read by keyboard alone: the first, one with code and diagrams, one with formulas, one of source code. */
const BY_KEYBOARD = ['index.html', 'attention.html', 'decoding.html', 'source/attention.html'];

const [book, screenshots, executablePath, pattern] = process.argv.slice(2);
if (!executablePath) {
    console.error('expected: node test.mjs BOOK SCREENSHOTS CHROMIUM [PATTERN]');
    process.exit(2);
}

const { server, address } = await serve(book);
const browser = await chromium.launch({
    executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const problems = [];
const count = { visits: 0, pictures: 0, stops: 0, searches: 0, stories: 0 };
const all = (await pages(book)).filter(({ path }) => new RegExp(pattern ?? '').test(path));
const paths = all.map(({ path }) => path);

/** A page of its own, with all that goes wrong on it told to `problem`. */
async function open(theme, viewport, allowed, problem, hasTouch = false) {
    const context = await browser.newContext({
        viewport, colorScheme: theme === 'light' ? 'light' : 'dark', reducedMotion: 'reduce', hasTouch,
    });
    await context.addInitScript((name) => localStorage.setItem('mdbook-theme', name), theme);
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && problem(`console: ${message.text()}`));
    page.on('pageerror', (error) => problem(`script: ${error.message}`));
    page.on('response', (answer) => answer.status() >= 400 && problem(`${answer.status()} for ${answer.url()}`));
    page.on('request', (request) => {
        const url = request.url();
        if (![allowed, 'data:', 'about:', 'blob:'].some((start) => url.startsWith(start))) problem(`asks for ${url}`);
    });
    return page;
}

/** Everything that is looked at on a page of the book. */
async function visit(page, path, theme, problem) {
    const { width } = page.viewportSize();
    await page.goto(address + path, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    if ((await page.locator('main h1').count()) === 0) problem('no heading');
    await checks.width(page, problem);
    await checks.shown(page, problem);
    count.pictures += await checks.legible(page, problem);
    await (width > 1000 ? checks.code : checks.fits)(page, problem);
    await page.screenshot({ path: join(screenshots, `${path.replace(/\.html$/, '').replaceAll('/', '-')}-${theme}-${width}.png`), fullPage: true });
    await checks.accessible(page, problem);
    if (width > 1000) await hover(page, problem);
    else await fingers(page, problem);
    if (theme === 'light' && width > 1000) await checks.still(page, problem);
    count.visits += 1;
    return checks.colours(page);
}

/** All pages at one size, in every theme. */
async function size(viewport) {
    const colours = new Map();
    for (const theme of THEMES) {
        let path = '';
        const problem = (text) => problems.push(`${path} (${theme}, ${viewport.width} px): ${text}`);
        const page = await open(theme, viewport, address, problem);
        for (path of paths) {
            const found = await visit(page, path, theme, problem);
            if (colours.has(path)) checks.same(colours.get(path), found, problem);
            colours.set(path, found);
        }
        if (theme === THEMES[0] && paths.includes('overview.html')) {
            // Where Figure 1 stands.
            path = 'overview.html';
            await (viewport.width > 1000 ? select : follow)(page, address + path, problem);
            await redrawing.redraw(page, address + path, problem);
        }
        await page.context().close();
    }
}

/** All pages on paper and as files, and those that are read without a mouse. */
async function otherwise() {
    let path = '';
    const problem = (text) => problems.push(`${path}: ${text}`);
    const printed = await open('navy', SIZES[1], address, problem);
    for (path of paths) await paper(printed, address + path, problem);
    await printed.context().close();
    const narrow = await open('light', SIZES[0], address, problem);
    for (path of paths.filter((path) => path === 'attention.html')) await reader.keys(narrow, address + path, problem);
    await narrow.context().close();
    const wide = await open('light', SIZES[1], address, problem);
    for (path of BY_KEYBOARD.filter((path) => paths.includes(path))) count.stops += await reader.tabs(wide, address + path, problem);
    path = 'the search';
    const sources = paths.filter((path) => path.startsWith('source/'));
    if (pattern === undefined) count.searches = await reader.search(wide, address, sources, problem);
    path = 'what is remembered';
    if (pattern === undefined) await predict(wide, address, problem);
    if (pattern === undefined) await recall(wide, address, problem);
    await wide.context().close();
    path = 'code and picture';
    if (pattern === undefined) {
        const mouse = await open('light', SIZES[1], address, problem);
        for (const read of [link, back, facts, zoom]) await read(mouse, address, problem);
        await mouse.context().close();
        const finger = await open('light', SIZES[0], address, problem, true);
        for (const read of [touch, pinch]) await read(finger, address, problem);
        await finger.context().close();
    }
    path = 'pages of graphs';
    if (pattern === undefined) await graphs(open, browser, problem);
    path = 'as files';
    const file = await open('light', SIZES[1], 'file:', problem);
    await reader.files(file, resolve(book), paths, problem);
    await file.context().close();
}

await mkdir(screenshots, { recursive: true });
const page = await browser.newPage({ viewport: SIZES[1] });
const tested = await selftest.run(page, (text) => problems.push(text));
await page.close();
all.forEach((page) => checks.light(page, (text) => problems.push(`${page.path}: ${text}`)));
// Side by side: a browser has more than one processor.
await Promise.all([...SIZES.map(size), otherwise()]);
count.stories = await see.all(open, browser, address, paths, (text) => problems.push(text));
await browser.close();
server.close();
if (count.visits === 0) problems.push(`no pages in ${book}`);
for (const text of problems) console.error(text);
const { visits, pictures, stops, searches, stories } = count;
console.log(`${tested} checks fail where they should; ${visits} visits to ${all.length} pages with ${pictures} pictures, all on paper and as files; `
    + `${stops} stops of the tab key, ${searches} searches, ${stories} stories to their end; ${problems.length} problems; screenshots in ${relative('../..', screenshots) || screenshots}`);
process.exit(problems.length === 0 ? 0 : 1);

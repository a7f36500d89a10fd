// Opens every page of the book, narrow and wide, light and dark, on paper, and as a file.
// Usage: node test.mjs BOOK SCREENSHOTS CHROMIUM [PATTERN]
// With a pattern, only pages whose paths match it are looked at, and nothing is searched for. With ONLY=NAME in the environment, only
// what has that in its name is done; with TIMES=1, it says how long each took, and what was wrong at once; with LATE=100, pages answer
// a tenth of a second late. With SERVED=ADDRESS, where `cargo xtask serve --built` has the same book, pages may do no more than there.
//
// Fails on errors in the console (whatever a policy forbids is one), on requests that fail or leave this machine, on what `checks` finds of every page, on
// diagrams that don't answer to the pointer, the finger and the keyboard, on code and pictures that don't light each other up,
// and on what can't be found or reached.

import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import * as checks from './checks.mjs';
import { fingers, follow, hover, select } from './diagrams.mjs';
import { late } from './late.mjs';
import { back, facts, link, touch } from './link.mjs';
import { PARTS as RUNNING } from './live.mjs';
import { graphs } from './page.mjs';
import * as policies from './policy.mjs';
import * as prediction from './predict.mjs';
import { paper } from './print.mjs';
import * as redrawing from './redraw.mjs';
import * as reader from './reader.mjs';
import * as remembering from './recall.mjs';
import * as see from './see.mjs';
import * as selftest from './selftest.mjs';
import { pages, serve } from './server.mjs';
import { week } from './week.mjs';
import { pinch, zoom } from './zoom.mjs';

const [NARROW, WIDE] = [{ width: 375, height: 800 }, { width: 1400, height: 900 }];
/** Pages that are read by keyboard alone: the first, one with code and diagrams, one with formulas, one of source code. */
const BY_KEYBOARD = ['index.html', 'attention.html', 'decoding.html', 'source/attention.html'];

const [book, screenshots, executablePath, pattern] = process.argv.slice(2);
if (!executablePath) {
    console.error('expected: node test.mjs BOOK SCREENSHOTS CHROMIUM [PATTERN]');
    process.exit(2);
}

const started = performance.now();
const served = process.env.SERVED;
const policy = served && await policies.of(served);
const { server, address } = await serve(book, policy);
/** Below this, the same pages are files. */
const folder = pathToFileURL(`${resolve(book)}/`).href;
const browser = await chromium.launch({
    executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const problems = [];
const count = { visits: 0, pictures: 0, stops: 0, searches: 0, stories: 0, predictions: 0, recalls: 0 };
/** `+=` would take what was counted before it waited. */
const counted = (what, more) => { count[what] += more; };
const all = (await pages(book)).filter(({ path }) => new RegExp(pattern ?? '').test(path));
const paths = all.map(({ path }) => path);

/** A page of its own, with all that goes wrong on it told to `problem`. */
async function open(theme, viewport, allowed, problem, hasTouch = false) {
    const context = await browser.newContext({
        viewport, colorScheme: theme === 'light' ? 'light' : 'dark', reducedMotion: 'reduce', hasTouch,
    });
    // A machine that is busy is no fault of the page's.
    context.setDefaultTimeout(120_000);
    await context.addInitScript((name) => localStorage.setItem('mdbook-theme', name), theme);
    if (process.env.LATE) await context.addInitScript(late, Number(process.env.LATE));
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

/** Everything that is looked at on a page of the book, which is loaded once for each width. */
async function visit(page, path, problem) {
    const isWide = page.viewportSize() === null || page.viewportSize().width > 1000;
    const shot = (theme) => checks.picture(page, join(screenshots, `${path.replace(/\.html$/, '').replaceAll('/', '-')}-${theme}-${isWide ? WIDE.width : NARROW.width}.png`));
    await page.goto(address + path, { waitUntil: 'load' });
    await checks.settled(page);
    if ((await page.locator('main h1').count()) === 0) problem('no heading');
    await checks.styled(page, problem);
    await checks.width(page, problem);
    await checks.shown(page, problem);
    await checks.tables(page, problem);
    await checks.scripts(page, problem);
    counted('pictures', await checks.legible(page, problem));
    await (isWide ? checks.code : checks.fits)(page, problem);
    await shot('light');
    await checks.accessible(page, problem);
    const light = await checks.colours(page);
    if (isWide) {
        await hover(page, problem);
        await checks.still(page, problem);
        counted('predictions', await prediction.asked(page, problem));
        counted('recalls', await remembering.asked(page, problem));
    } else {
        await fingers(page, problem);
    }
    // The theme is changed as a reader does it: nothing but colours is another then.
    const dark = (text) => problem(`navy: ${text}`);
    await page.evaluate(() => {
        scrollTo({ top: 0, behavior: 'instant' });
        document.getElementById('mdbook-theme-navy').click();
    });
    await shot('navy');
    await checks.accessible(page, dark);
    checks.same(light, await checks.colours(page), dark);
    count.visits += 1;
}

/** Pages that are walked from one to the next, each by one at a time. */
const walkers = new Map([[NARROW, []], [WIDE, []]]);
async function walk(path, viewport) {
    const walker = walkers.get(viewport).pop() ?? { page: null, path };
    walker.path = path;
    const problem = (text) => problems.push(`${walker.path} (${viewport.width} px): ${text}`);
    walker.page ??= await open('light', viewport, address, problem);
    await visit(walker.page, path, problem);
    walkers.get(viewport).push(walker);
}

/** What is to be done, by name: with a page of its own. */
const jobs = [];
const alone = (name, viewport, act, { theme = 'light', hasTouch = false, allowed = address } = {}) => jobs.push([name, async (problem) => {
    const page = await open(theme, viewport, allowed, problem, hasTouch);
    await act(page, problem);
    await page.context().close();
}]);

if (served) {
    jobs.push(['what pages may do', async (problem) => {
        const said = [];
        const page = await open('light', WIDE, address, (text) => said.push(text));
        await policies.kept(page, `${address}index.html`, served, said, problem);
        await page.context().close();
    }]);
}
// The long ones first, so that the last to be done are short.
if (pattern === undefined) {
    for (const [name, test] of Object.entries(RUNNING)) alone(`what runs, ${name}`, WIDE, (page, problem) => test(page, address, problem, book));
    jobs.push(['pages of graphs', (problem) => graphs(open, browser, problem)]);
    alone('a week', WIDE, (page, problem) => week(page, address, screenshots, problem));
    for (const test of remembering.TESTS) alone(`recall, ${test.name}`, WIDE, (page, problem) => test(page, address, problem));
    for (const test of prediction.TESTS) alone(`predictions, ${test.name}`, WIDE, (page, problem) => test(page, address, problem));
    alone('the search', WIDE, async (page, problem) => {
        count.searches = await reader.search(page, address, paths.filter((path) => path.startsWith('source/')), problem);
    });
    for (const read of [link, back, facts, zoom]) alone(`code and picture, ${read.name}`, WIDE, (page, problem) => read(page, address, problem));
    for (const read of [touch, pinch]) alone(`code and picture, ${read.name}`, NARROW, (page, problem) => read(page, address, problem), { hasTouch: true });
    alone('the search in a file', WIDE, (page, problem) => reader.searched(page, folder, problem), { allowed: 'file:' });
}
if (paths.includes('overview.html')) {
    // Where Figure 1 stands.
    const place = `${address}overview.html`;
    for (const viewport of [NARROW, WIDE]) {
        for (const test of redrawing.TESTS) alone(`redrawing, ${test.name}, ${viewport.width} px`, viewport, (page, problem) => test(page, place, problem));
    }
    alone('Figure 1, selected', WIDE, (page, problem) => select(page, place, problem));
    alone('Figure 1, followed', NARROW, (page, problem) => follow(page, place, problem));
}
for (const [name, test] of see.tests(open, browser, address, paths)) {
    jobs.push([name, async (problem) => counted('stories', (await test(problem)) ?? 0)]);
}
for (const path of BY_KEYBOARD.filter((path) => paths.includes(path))) {
    alone(`${path} by keyboard`, WIDE, async (page, problem) => counted('stops', await reader.tabs(page, address + path, problem)));
}
if (paths.includes('attention.html')) alone('keys', NARROW, (page, problem) => reader.keys(page, `${address}attention.html`, problem));
alone('on paper', WIDE, async (page, problem) => {
    for (const path of paths) await paper(page, address + path, (text) => problem(`${path}: ${text}`));
}, { theme: 'navy' });
alone('as files', WIDE, async (page, problem) => {
    for (const path of paths) {
        await page.goto(folder + path, { waitUntil: 'load' });
        await checks.styled(page, (text) => problem(`${path}: ${text}`));
    }
}, { allowed: 'file:' });
for (const path of paths) {
    for (const viewport of [WIDE, NARROW]) jobs.push([path, () => walk(path, viewport)]);
}

const wanted = jobs.filter(([name]) => name.includes(process.env.ONLY ?? ''));
await mkdir(screenshots, { recursive: true });
const page = await browser.newPage({ viewport: WIDE });
const tested = await selftest.run(page, (text) => problems.push(text));
await page.close();
all.forEach((page) => checks.light(page, (text) => problems.push(`${page.path}: ${text}`)));
/** Does one after the other; as many do so side by side as there are processors. */
async function work() {
    for (let job = wanted.shift(); job !== undefined; job = wanted.shift()) {
        const [name, act] = job;
        const [begun, before] = [performance.now(), problems.length];
        const problem = (text) => problems.push(`${name}: ${text}`);
        // What is broken off is a problem, and the others go on.
        await act(problem).catch((error) => problem(error.message));
        if (process.env.TIMES) console.log([`${((performance.now() - begun) / 1000).toFixed(1)} s ${name}`, ...problems.slice(before)].join('\n  '));
    }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
await browser.close();
server.close();
if (count.visits === 0 && !process.env.ONLY) problems.push(`no pages in ${book}`);
if (pattern === undefined && !process.env.ONLY) {
    for (const [what, fewest] of [['predictions', prediction.FEWEST], ['recalls', remembering.FEWEST]]) {
        if (count[what] < fewest) problems.push(`only ${count[what]} ${what} are asked for, expected ${fewest}`);
    }
}
for (const text of problems) console.error(text);
const { visits, pictures, stops, searches, stories } = count;
console.log(`${tested} checks fail where they should; ${visits} visits to ${all.length} pages with ${pictures} pictures, in two themes, on paper and as files; `
    + `${stops} stops of the tab key, ${searches} searches, ${stories} stories to their end; ${problems.length} problems in ${Math.round((performance.now() - started) / 1000)} s; `
    + `screenshots in ${relative('../..', screenshots) || screenshots}`);
process.exit(problems.length === 0 ? 0 : 1);

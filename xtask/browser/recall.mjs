// Recall: what is written stays, stands beside the key facts, and comes back when a review is due; it is exported and erased.

import { readFile } from 'node:fs/promises';
import * as checks from './checks.mjs';
import { broken, expect, fresh, targets } from './remember.mjs';

const FIXTURE = new URL('../tests/fixtures/sm2.json', import.meta.url);
const CHAPTER = 'attention.html';
const FIRST = 'softmax of the products, times V';
const SECOND = 'a row for each that asks';
export const FEWEST = 25;

/** From the next page on, it is this time. */
const at = (page, time) => page.addInitScript((time) => { window.annotatedClock = () => new Date(time).getTime(); }, time);
const open = (page, address) => page.goto(address, { waitUntil: 'load' });
const box = (page) => page.locator('#recall-text');
const facts = (page) => page.locator('details:has(.compare)');

/** The schedule gives what the published algorithm gives. */
async function schedule(page, address, problem) {
    await open(page, address + CHAPTER);
    for (const { about, quality, intervals, ef } of JSON.parse(await readFile(FIXTURE))) {
        const found = await page.evaluate((qualities) => {
            const { START, answered } = window.annotated.reviews;
            let state = START;
            const states = qualities.map((quality) => { state = answered(state, quality); return state; });
            return { intervals: states.map(({ days }) => days), ef: states.map(({ factor }) => factor / 100) };
        }, quality);
        expect(problem, about, found, { intervals, ef });
    }
}

/** A page that asks for a recall has a box, and facts to mark; says how many boxes there are. */
export async function asked(page, problem) {
    const found = await page.evaluate(() => ({
        asks: document.getElementById('write-down-what-you-remember') !== null,
        boxes: document.querySelectorAll('#recall-text').length, facts: document.querySelectorAll('.fact input').length,
    }));
    if (found.asks && (found.boxes !== 1 || found.facts < 2)) problem(`it asks for a recall and has ${found.boxes} boxes with ${found.facts} facts`);
    return found.boxes;
}

/** Waits until a text is kept. */
const isKept = (page, text) => page.waitForFunction(([name, text]) => window.annotated.store.read(name, null)?.text === text, [`recall:${CHAPTER}`, text], { timeout: 5000 });

/** By keyboard: written, kept, compared, marked. */
async function write(page, address, problem) {
    await open(page, address + CHAPTER);
    await box(page).focus();
    await page.keyboard.type(`${FIRST}s`);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Delete');
    await page.keyboard.press('ArrowRight');
    expect(problem, 'the page', page.url(), address + CHAPTER);
    await page.reload();
    expect(problem, 'kept at once when the page is left', await box(page).inputValue(), FIRST);
    await box(page).fill(`${FIRST}.`);
    await isKept(page, `${FIRST}.`).catch(() => problem('it is not kept while one writes'));
    await facts(page).locator('summary').focus();
    await page.keyboard.press('Enter');
    const [mine, theirs] = await Promise.all(['.mine', '.theirs'].map((part) => page.locator(part).boundingBox()));
    const isWide = page.viewportSize().width > 1000;
    expect(problem, 'beside each other', Math.abs(mine.y - theirs.y) < 5 && mine.x + mine.width <= theirs.x, isWide);
    expect(problem, 'above each other', mine.y + mine.height <= theirs.y, !isWide);
    expect(problem, 'beside the facts', await page.locator('.mine .written').textContent(), `${FIRST}.`);
    await page.locator('.fact input').nth(1).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    const total = await page.locator('.fact').count();
    expect(problem, 'facts', await page.locator('.count').textContent(), `You had 2 of ${total} facts.`);
    await targets(page, '.recall :is(textarea, button), .fact input, details .row button', problem);
    await checks.width(page, problem);
    await checks.accessible(page, problem);
    await page.reload();
    expect(problem, 'facts after a reload', await page.locator('.fact input').evaluateAll((all) => all.map((one) => one.checked)), Array.from({ length: total }, (_, place) => [1, 2].includes(place)));
    await page.emulateMedia({ media: 'print' });
    expect(problem, 'printed', [await page.locator('.recall').isVisible(), await page.locator('.fact input').first().isVisible()], [false, false]);
    await page.emulateMedia({ media: 'screen' });
}

/** How it went, and what is said of the next review. */
async function judge(page, problem, name, expected) {
    if (!(await facts(page).evaluate((element) => element.open))) await facts(page).locator('summary').click();
    const button = page.getByRole('button', { name, exact: true });
    await button.focus();
    await page.keyboard.press('Enter');
    expect(problem, `after ${name}`, await page.locator('details .note').textContent(), `The next review is due on ${expected}.`);
    expect(problem, `${name} is pressed`, await page.locator('details [aria-pressed=true]').allTextContents(), [name]);
}

/** What the first page says of reviews. */
async function said(page, address) {
    await open(page, address);
    return (await page.locator('#reviews-due').textContent()).trim();
}

/** A due review: earlier words are out of sight until there are new ones. */
async function review(page, address, problem, text, earlier) {
    await open(page, address);
    await page.locator('#reviews-due a').click();
    await page.waitForURL(`**/${CHAPTER}#review`);
    expect(problem, 'the box is empty', await box(page).inputValue(), '');
    await facts(page).locator('summary').click();
    if ((await page.locator('main').innerText()).includes(earlier)) problem(`${earlier} is seen before it is written anew`);
    expect(problem, 'no verdict before', await page.getByRole('button', { name: 'Good', exact: true }).count() === 0 || !(await page.getByRole('button', { name: 'Good', exact: true }).isVisible()), true);
    await box(page).fill(text);
    const shown = await page.locator('.mine .written').allTextContents();
    expect(problem, 'both texts', shown, [text, earlier]);
    await isKept(page, text);
    await page.reload();
    await checks.settled(page);
    expect(problem, 'what was written anew stays', await box(page).inputValue(), text);
}

/** Weeks by the test's clock, over the night and over a change of the hour. */
async function weeks(page, address, problem) {
    await at(page, '2026-03-22T23:30:00+01:00');
    await write(page, address, problem);
    await judge(page, problem, 'Good', '23 March 2026');
    await open(page, address);
    expect(problem, 'off until it is turned on', await page.locator('#reviews-due').textContent(), '');
    await page.getByRole('checkbox', { name: 'Offer reviews' }).focus();
    await page.keyboard.press('Space');
    expect(problem, 'none', await said(page, address), 'No review is due. The next is Attention, on 23 March 2026.');
    await at(page, '2026-03-23T00:10:00+01:00');
    expect(problem, 'a day later', await said(page, address), 'One review is due:Attention (from today on)');
    expect(problem, 'at the top', await page.evaluate(() => document.querySelector('main h1').nextElementSibling.matches('.remember')), true);
    await targets(page, '.remember :is(input, a)', problem);
    await checks.width(page, problem);
    await checks.accessible(page, problem);
    await review(page, address, problem, SECOND, `${FIRST}.`);
    await judge(page, problem, 'Good', '29 March 2026');
    for (const [day, expected] of [['2026-03-28T22:00:00+01:00', 'No review is due. The next is Attention, on 29 March 2026.'],
        ['2026-03-29T08:00:00+02:00', 'One review is due:Attention (from today on)'], ['2026-03-31T08:00:00+02:00', 'One review is due:Attention (since 29 March 2026)'],
        ['2026-03-29T09:00:00+02:00', 'One review is due:Attention (from today on)']]) {
        await at(page, day);
        expect(problem, `on ${day}`, await said(page, address), expected);
    }
    await review(page, address, problem, FIRST, SECOND);
    await judge(page, problem, 'Good', '13 April 2026');
    await at(page, '2026-04-13T00:00:00+02:00');
    await review(page, address, problem, SECOND, FIRST);
    await judge(page, problem, 'Forgot', '14 April 2026');
    // A word taken back: 15 days by 2.36, rounded up.
    await judge(page, problem, 'Hard', '19 May 2026');
    await page.locator('.fact input').first().check();
    expect(problem, 'the count has the earlier one beside it', await page.locator('.count').textContent(),
        `You had 1 of ${await page.locator('.fact').count()} facts. On 22 March 2026 you had 2 of ${await page.locator('.fact').count()}.`);
}

/** Who has never said how it went is offered a review all the same, after a day and then after six. */
async function unjudged(page, address, problem) {
    await at(page, '2026-03-01T10:00:00+01:00');
    await open(page, address + CHAPTER);
    await box(page).fill(FIRST);
    await open(page, address);
    await page.getByRole('checkbox', { name: 'Offer reviews' }).check();
    await at(page, '2026-03-02T10:00:00+01:00');
    await review(page, address, problem, SECOND, FIRST);
    await judge(page, problem, 'Good', '8 March 2026');
}

/** One button takes everything along, one erases it and asks first; a file brings it back. */
async function everything(page, address, problem) {
    const place = `${address}surprises.html`;
    const told = () => page.locator('#kept .note').textContent();
    const button = (name) => page.getByRole('button', { name, exact: true });
    await open(page, place);
    await targets(page, '#kept :is(button, input)', problem);
    const [download] = await Promise.all([page.waitForEvent('download'), button('Export everything').click()]);
    expect(problem, 'the file', download.suggestedFilename(), 'annotated-transformer.json');
    const text = await readFile(await download.path(), 'utf8');
    const { kept } = JSON.parse(text);
    expect(problem, 'what is taken along', Object.keys(kept), [`recall:${CHAPTER}`, `review:${CHAPTER}`, 'reviews']);
    expect(problem, 'what was written', kept[`recall:${CHAPTER}`].text, SECOND);
    await page.evaluate(() => localStorage.setItem('annotated:predict:x', '{'));
    await button('Erase everything').focus();
    await page.keyboard.press('Enter');
    expect(problem, 'asked first', await page.locator('#kept [role=group]').textContent(), 'Erase 4 entries (predict, recall, review, reviews)? It cannot be undone.EraseKeep it');
    await targets(page, '#kept button', problem);
    await checks.accessible(page, problem);
    await page.keyboard.press('Enter');
    expect(problem, 'the safe answer has the focus', await told(), 'Nothing was erased.');
    expect(problem, 'and the focus is back', await button('Erase everything').evaluate((element) => element === document.activeElement), true);
    await page.keyboard.press('Enter');
    await button('Erase').click();
    expect(problem, 'erased', await told(), 'Erased: 4 entries (predict, recall, review, reviews).');
    expect(problem, 'what is left', await page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('annotated'))), []);
    const bring = async (content) => {
        const before = await told();
        await page.locator('#kept-file').setInputFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from(content) });
        await page.waitForFunction((before) => document.querySelector('#kept .note').textContent !== before, before);
        return told();
    };
    for (const wrong of ['{', '[]', 'null', '{"book":"another","kept":{}}', '{"book":"The Annotated Transformer in Rust","kept":[]}']) {
        await page.reload();
        expect(problem, wrong, await bring(wrong), 'This is no file that was exported here. Nothing has changed.');
    }
    expect(problem, 'brought back', await bring(text), 'Brought back: 3 entries (recall, review, reviews).');
    await open(page, address + CHAPTER);
    expect(problem, 'the text is back', await box(page).inputValue(), SECOND);
}

/** Storage that fails: a sentence, and the page goes on. */
async function faults(page, address, problem) {
    for (const name of [`recall:${CHAPTER}`, `review:${CHAPTER}`]) {
        for (const [kind, script] of Object.entries(broken(name))) {
            // Storage that is denied or full is so for all names.
            if (name !== `recall:${CHAPTER}` && !kind.startsWith('corrupt')) continue;
            const tell = (text) => problem(`storage that is ${kind}, ${name}: ${text}`);
            const own = await fresh(page, tell, { script });
            await open(own, address + CHAPTER);
            const before = await own.locator('#recall-note').textContent();
            await box(own).fill(FIRST);
            // It is kept, or not, when one goes on.
            await box(own).blur();
            const after = await own.locator('#recall-note').textContent();
            const isCorrupt = kind.startsWith('corrupt');
            if (isCorrupt && name.startsWith('recall') && !before.includes('cannot be read')) tell(`it says ${JSON.stringify(before)}`);
            expect(tell, 'afterwards', after, isCorrupt ? 'Kept in this browser alone.' : 'This browser keeps nothing for this page: what you enter is gone when you leave it.');
            await facts(own).locator('summary').click();
            expect(tell, 'beside the facts', await own.locator('.mine .written').textContent(), FIRST);
            await own.getByRole('button', { name: 'Good', exact: true }).click();
            await own.locator('.fact input').first().check();
            await open(own, address);
            await own.getByRole('checkbox', { name: 'Offer reviews' }).check();
            const list = await own.locator('#reviews-due').textContent();
            if (!list.includes(isCorrupt ? 'The next is Attention' : 'nothing to review')) tell(`the first page says ${JSON.stringify(list)}`);
            await open(own, `${address}surprises.html`);
            await own.getByRole('button', { name: 'Erase everything' }).click();
            await own.context().close();
        }
    }
    for (const [kind, script] of Object.entries(broken(`recall:${CHAPTER}`)).filter(([kind]) => kind.startsWith('corrupt'))) {
        const own = await fresh(page, problem, { script: `localStorage.setItem('annotated:reviews', 'true'); ${script}` });
        const list = await said(own, address);
        if (!list.includes('What was kept of a chapter cannot be read')) problem(`of a chapter that is ${kind} the first page says ${JSON.stringify(list)}`);
        await own.context().close();
    }
}

/** Two tabs of one browser: what is written and judged in either stays. */
async function tabs(page, address, problem) {
    const one = await fresh(page, problem);
    const other = await one.context().newPage();
    for (const tab of [one, other]) {
        await at(tab, '2026-03-22T10:00:00+01:00');
        await open(tab, address + CHAPTER);
    }
    await box(one).fill(FIRST);
    await box(one).blur();
    await other.waitForFunction((text) => document.getElementById('recall-text').value === text, FIRST).catch(() => problem('another tab does not show what was written'));
    // The first keeps its words while the other has words of its own that aren't kept yet.
    await box(other).fill(`${FIRST} in the other`);
    await one.evaluate(() => {
        const text = document.getElementById('recall-text');
        text.value = 'In the first';
        text.dispatchEvent(new Event('input'));
        text.dispatchEvent(new Event('blur'));
    });
    const hasBoth = () => ['in the other', 'In the first'].every((words) => document.getElementById('recall-text').value.includes(words));
    await other.waitForFunction(hasBoth).catch(() => problem('a tab loses the words of the other, or its own'));
    await box(other).blur();
    await one.waitForFunction(hasBoth).catch(() => problem('the first tab does not show the words of both'));
    const text = await one.evaluate((name) => window.annotated.store.read(name, null).text, `recall:${CHAPTER}`);
    if (!text.includes('in the other') || !text.includes('In the first')) problem(`of what two tabs wrote there is ${JSON.stringify(text)}`);
    await facts(one).locator('summary').click();
    await one.locator('.fact input').nth(0).check();
    await facts(other).locator('summary').click();
    await other.waitForFunction(() => document.querySelector('.fact input').checked).catch(() => problem('another tab does not show which facts were marked'));
    await other.locator('.fact input').nth(1).check();
    const had = await one.evaluate((name) => window.annotated.store.read(name, null).had.length, `recall:${CHAPTER}`);
    expect(problem, 'facts of both tabs', had, 2);
    // A tab judges from what is kept now, not from what it once read.
    await one.getByRole('button', { name: 'Good', exact: true }).click();
    await other.waitForFunction(() => document.querySelector('details [aria-pressed=true]')?.textContent === 'Good').catch(() => problem('another tab does not show the judgement'));
    await one.evaluate((day) => window.annotated.store.write('review:attention.html', {
        before: { times: 2, days: 6, factor: 250 }, state: { times: 3, days: 15, factor: 250 }, day, quality: 4,
    }), Date.UTC(2026, 2, 22) / 864e5);
    await other.getByRole('button', { name: 'Hard', exact: true }).click();
    const { state } = await one.evaluate(() => window.annotated.store.read('review:attention.html', null));
    expect(problem, 'what was judged elsewhere is gone on from', state, { times: 3, days: 15, factor: 236 });
    await one.context().close();
}

/** With a browser of its own. */
async function readAlone(page, problem, address, tests, form) {
    const own = await fresh(page, problem, form);
    for (const test of tests) await test(own, address, problem);
    await own.context().close();
}
const wide = (page, address, problem) => readAlone(page, problem, address, [weeks, everything], { theme: 'light', width: 1400 });
const narrow = (page, address, problem) => readAlone(page, problem, address, [weeks, everything], { theme: 'navy', width: 375 });
const rules = (page, address, problem) => readAlone(page, problem, address, [schedule, unjudged]);

export const TESTS = [wide, narrow, faults, rules, tabs];

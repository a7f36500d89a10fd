// All of it, as somebody new goes through it: a story to its end, the names of Figure 1 covered and said, the picture redrawn
// from memory, what one remembers written down; and a week later, by a clock of the test's, the review that is due.

import { join } from 'node:path';
import { picture } from './checks.mjs';
import { exact, parts } from './redraw.mjs';
import { expect, fresh } from './remember.mjs';

const CHAPTER = 'overview.html';
const FIGURE = '#figure-transformer';
const FIRST = 'Two towers: the encoder reads, the decoder writes. Each layer attends and then feeds forward, and around each of these goes a residual connection.';
const LATER = 'An encoder and a decoder, six layers each. The decoder looks at the encoder through its second attention.';
const MONDAY = '2026-11-23T19:00:00+01:00';
const NEXT_MONDAY = '2026-11-30T19:00:00+01:00';

/** From the next page on, it is this time. */
const at = (page, time) => page.addInitScript((time) => { window.annotatedClock = () => new Date(time).getTime(); }, time);
const open = (page, address) => page.goto(address, { waitUntil: 'load' });

/** A reader at a window of a width: with the mouse on a wide one, with a finger on a phone's. */
async function reader(page, problem, width, screenshots) {
    const own = await fresh(page, problem, { width });
    let number = 0;
    return {
        own,
        press: (locator) => (width < 600 ? locator.tap() : locator.click()),
        /** What is on the screen now. */
        shot: async (what) => own.screenshot({ path: join(screenshots, `week-${width}-${String(number += 1).padStart(2, '0')}-${what}.png`) }),
        whole: async (what) => picture(own, join(screenshots, `week-${width}-${String(number += 1).padStart(2, '0')}-${what}.png`)),
    };
}

/** What was done has an answer where one looks. */
async function inSight(locator, what, problem) {
    const seen = await locator.evaluate((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return top >= 0 && bottom <= innerHeight && (element.contains(hit) || hit?.contains(element));
    });
    if (!seen) problem(`${what} is out of sight`);
}

/** The story of Figure 1, from its button to its end. */
async function story({ own, press, shot }, problem) {
    const told = own.locator('.story').first();
    const button = (name) => told.getByRole('button', { name, exact: true });
    const steps = await told.locator('li').count();
    await button('Follow it step by step').scrollIntoViewIfNeeded();
    await shot('before-the-story');
    await press(button('Follow it step by step'));
    for (let step = 1; step <= steps; step += 1) {
        expect(problem, 'the place in the story', await told.locator('.place').textContent(), `${step} of ${steps}`);
        if ([1, 2, Math.ceil(steps / 2), steps].includes(step)) await shot(`story-${step}`);
        await press(button(step === steps ? 'Done' : 'Next'));
    }
    // What scrolls by itself then tells nothing anew.
    await own.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    expect(problem, 'nothing is lit after the story', await own.locator(`${FIGURE} .told`).count(), 0);
}

/** Names of Figure 1: half of them known, the others uncovered. */
async function cover({ own, press, shot }, problem) {
    const figure = own.locator(FIGURE);
    const button = (name) => figure.getByRole('button', { name, exact: true });
    const names = await figure.evaluate((figure) => [...figure.querySelector('svg').querySelectorAll('g[data-key] > title')].map((title) => title.textContent.split('\n')[0]));
    await press(button('Cover the names'));
    await shot('covered');
    for (const [place, name] of names.entries()) {
        if (place % 2 === 0) {
            await figure.locator('.see-bar input').fill(name.toLowerCase());
            await press(button('Check'));
        } else {
            await press(button('Uncover'));
            if (place === 1) await shot('uncovered');
            await press(button('I didn’t'));
        }
        if (place === 4) await shot('half-covered');
    }
    const known = Math.ceil(names.length / 2);
    expect(problem, 'names that were known', await figure.locator('.see-result').textContent(), `You knew ${known} of ${names.length} names.`);
    await shot('cover-result');
    await inSight(figure.locator('.see-result'), 'the count of names', problem);
}

/** The picture from memory, by a reader who remembers all of it. */
async function redraw({ own, press, shot }, problem) {
    const { area, box, name, button, told, missing } = parts(own);
    const start = area.getByRole('button', { name: /^Redraw it/ });
    await start.scrollIntoViewIfNeeded();
    await shot('before-redrawing');
    await press(start);
    await shot('empty');
    await inSight(area.locator('[data-place]').last(), 'the empty picture', problem);
    const copy = await exact(own);
    for (const [place, [key, label]] of copy.names.entries()) {
        await press(name(label));
        if (place === 2) await shot('a-name-is-chosen');
        await press(box(key));
    }
    await shot('names');
    await press(button('Lines'));
    await press(area.getByRole('button', { name: 'Draw the plain lines for me' }));
    await press(button('Grade it'));
    await shot('graded');
    if ((await missing()).length < copy.ways.length) problem(`of ${copy.ways.length} ways around, only ${await missing()} are said to be missing`);
    const drawn = new Set(await own.evaluate((selector) => {
        const { boxes, lines } = JSON.parse(document.querySelector(selector).dataset.picture);
        return lines.filter(({ role }) => role === 'flow').map(({ from, to }) => `${boxes[from].key},${boxes[to].key}`);
    }, '.redraw[data-diagram="transformer"]'));
    for (const [from, to] of copy.lines.filter((line) => !drawn.has(`${line}`))) {
        await press(box(from));
        await press(box(to));
    }
    await press(button('Grade it'));
    const said = await told();
    expect(problem, 'an exact copy', [said.match(/: 1\.00\./g)?.length, said.includes('An exact copy!')], [2, true]);
    await shot('exact');
    await inSight(area.locator('p.told'), 'the grade', problem);
    await press(button('Back to the picture'));
    await shot('back');
}

/** What one remembers, in words, beside the key facts. */
async function recall({ own, press, shot }, problem, text, earlier = null) {
    const box = own.locator('#recall-text');
    expect(problem, 'the box is empty', await box.inputValue(), '');
    await box.scrollIntoViewIfNeeded();
    await shot(earlier === null ? 'recall' : 'review');
    await box.fill(text);
    const facts = own.locator('details:has(.compare)');
    await press(facts.locator('summary'));
    await press(facts.locator('.fact label').nth(0));
    await press(facts.locator('.fact label').nth(1));
    await facts.locator('.compare').evaluate((compare) => compare.scrollIntoView({ block: 'start' }));
    await shot('compared');
    expect(problem, 'beside the facts', await own.locator('.mine .written').allTextContents(), earlier === null ? [text] : [text, earlier]);
    const count = await facts.locator('.count').textContent();
    if (!count.startsWith('You had 2 of ')) problem(`of the facts it says ${JSON.stringify(count)}`);
    if (earlier !== null && !count.includes('On 23 November 2026 you had 2 of ')) problem(`the count of a week ago is not beside today's: ${count}`);
    await press(own.getByRole('button', { name: 'Good', exact: true }));
    const note = await own.locator('details .note').textContent();
    await own.locator('details .note').scrollIntoViewIfNeeded();
    await shot('judged');
    return note;
}

/** The week, at both widths. */
export async function week(page, address, screenshots, problem) {
    for (const width of [1400, 375]) {
        const tell = (text) => problem(`${width} px: ${text}`);
        const one = await reader(page, tell, width, screenshots);
        const { own, press, shot, whole } = one;
        await at(own, MONDAY);
        await open(own, address + CHAPTER);
        await story(one, tell);
        await cover(one, tell);
        await redraw(one, tell);
        expect(tell, 'the first review', await recall(one, tell, FIRST), 'The next review is due on 24 November 2026.');
        await open(own, address);
        const wanted = own.getByRole('checkbox', { name: 'Offer reviews' });
        await wanted.scrollIntoViewIfNeeded();
        await shot('reviews-offered');
        await wanted.check();
        await shot('reviews-wanted');
        // A week later, in another tab.
        await at(own, NEXT_MONDAY);
        await open(own, address);
        const due = await own.locator('#reviews-due').textContent();
        if (!/^One review is due:.* \(since 24 November 2026\)$/.test(due)) tell(`a week later the first page says ${JSON.stringify(due)}`);
        await shot('a-week-later');
        await press(own.locator('#reviews-due a'));
        await own.waitForURL(`**/${CHAPTER}#review`);
        expect(tell, 'what was kept of the picture', [await own.locator(`${FIGURE} .see-result`).textContent(), await own.locator('.redraw .last').textContent()].map((text) => text.slice(0, 9)), ['Last time', 'Last time']);
        expect(tell, 'the next review', await recall(one, tell, LATER, FIRST), 'The next review is due on 6 December 2026.');
        await whole('all');
        await open(own, address);
        expect(tell, 'afterwards', await own.locator('#reviews-due').textContent(), `No review is due. The next is ${await own.locator('#reviews-due a').textContent()}, on 6 December 2026.`);
        await shot('done');
        await own.context().close();
    }
}

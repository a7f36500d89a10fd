// A diagram drawn from memory, in the page: by mouse, by finger and by keyboard, graded as the command does it.

import { readFile } from 'node:fs/promises';
import * as checks from './checks.mjs';
import { broken, corrupt, fresh } from './remember.mjs';

export const AREA = '.redraw[data-diagram="transformer"]';

/** What is asked, as a copy: names by key, all lines and those that are no residual connections, and what these go around. */
export const exact = (page) => page.evaluate((area) => {
    const { boxes, lines } = JSON.parse(document.querySelector(area).dataset.picture);
    const ends = ({ from, to }) => [boxes[from].key, boxes[to].key];
    return {
        names: boxes.map(({ key, label }) => [key, label]),
        lines: lines.map(ends),
        others: lines.filter(({ role }) => role !== 'residual').map(ends),
        ways: lines.map(({ way }) => way).filter((way) => way !== undefined),
    };
}, AREA);

export const parts = (page) => {
    const area = page.locator(AREA);
    const button = (name) => area.getByRole('button', { name, exact: true });
    return {
        area, button,
        box: (key) => area.locator(`[data-place="${key}"]`),
        name: (label) => area.locator(`.tray [data-name="${label}"]`),
        told: () => area.locator('p.told').textContent(),
        missing: () => area.locator('.missing li').allTextContents(),
        begin: async () => {
            await area.getByRole('button', { name: /^Redraw it/ }).click();
            await button('Clear').click();
        },
    };
};

/** The same drawings are graded here and by `graph`, and come to the same. */
export async function graded(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const { picture, drawings } = JSON.parse(await readFile(new URL('../../crates/graph/tests/redrawn.json', import.meta.url), 'utf8'));
    for (const { what, names, lines, expected } of drawings) {
        const found = await page.evaluate(([picture, drawing]) => window.annotated.redraw(picture, drawing), [picture, { names, lines }]);
        const short = { boxes: found.boxes.f1, lines: found.lines.f1, ways: found.ways };
        if (JSON.stringify(short) !== JSON.stringify(expected)) problem(`${what} is graded ${JSON.stringify(short)}, expected ${JSON.stringify(expected)}`);
    }
    return drawings.length;
}

/** With the mouse: an exact copy scores 1, which is still there after a reload; one without residuals names them. */
export async function mouse(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const copy = await exact(page);
    const { box, name, button, told, missing, begin, area } = parts(page);
    await begin();
    if (await page.locator('#figure-transformer').isVisible()) problem('the picture can be seen while it is redrawn');
    for (const [key, label] of copy.names) {
        await name(label).click();
        await box(key).click();
    }
    await button('Lines').click();
    for (const [from, to] of copy.lines) {
        await box(from).click();
        await box(to).click();
    }
    await button('Grade it').click();
    if (!(await told()).includes('An exact copy!') || (await told()).match(/: 1\.00\./g)?.length !== 2) problem(`an exact copy is told: ${await told()}`);
    const last = () => area.locator('.last').textContent();
    // Lines that are there are taken away again.
    const residuals = copy.lines.filter((line) => !copy.others.some((other) => `${other}` === `${line}`));
    for (const [from, to] of residuals) {
        await box(from).click();
        await box(to).click();
        if (!(await told()).startsWith('No line from ')) problem(`a line that is drawn again is told: ${await told()}`);
    }
    await button('Grade it').click();
    const said = (await missing()).join('\n').toLowerCase();
    const silent = copy.ways.filter((way) => !said.includes(`${way.toLowerCase()} is missing`));
    if (copy.ways.length < 3 || silent.length > 0) problem(`of ${copy.ways.length} ways around, these are not named: ${silent.join('; ')}`);
    await button('Back to the picture').click();
    if (!(await page.locator('#figure-transformer').isVisible())) problem('the picture does not come back');
    const kept = await last();
    if (!/^Last time: boxes 1\.00, lines 0\.\d\d\.$/.test(kept)) problem(`afterwards it says ${JSON.stringify(kept)}`);
    await page.reload({ waitUntil: 'load' });
    if ((await last()) !== kept) problem(`after a reload it says ${JSON.stringify(await last())}, not ${kept}`);
}

/** Residual connections are asked for by themselves, too: all else is given, and nothing is kept of it. */
export async function ways(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const { button, box, told, missing, begin, area } = parts(page);
    const copy = await exact(page);
    await begin();
    await button('Only the ways around').click();
    await button('Grade it').click();
    if (!(await told()).startsWith(`${copy.names.length} of ${copy.names.length} boxes are right`)) problem(`with names given, it says ${await told()}`);
    const asked = (await missing()).filter((text) => text.startsWith('The way around ')).length;
    if (asked !== copy.ways.length) problem(`${asked} ways around are asked for, expected ${copy.ways.length}`);
    for (const [from, to] of copy.lines.filter((line) => !copy.others.some((other) => `${other}` === `${line}`))) {
        await box(from).click();
        await box(to).click();
    }
    await button('Grade it').click();
    const left = (await missing()).filter((text) => text.startsWith('The way around '));
    if (left.length > 0) problem(`after all of them were drawn: ${left.join(' ')}`);
    await button('Back to the picture').click();
    const last = await area.locator('.last').textContent();
    if (last !== '') problem(`what was given is kept as a result: ${last}`);
}

/** By keyboard alone: a name, a box, another; two boxes that are joined. The keys do not turn the page. */
export async function keyboard(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const { button, told, begin, area } = parts(page);
    await begin();
    const press = (...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const active = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
    await area.locator('.tray button').first().focus();
    const label = await area.locator('.tray button').first().getAttribute('data-name');
    await press('Enter');
    if (!(await active()).startsWith('Box ')) problem(`a chosen name leads to ${JSON.stringify(await active())}, expected a box`);
    await press('ArrowUp', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Enter');
    if (page.url() !== address) problem('the arrow keys turn the page');
    const placed = await area.locator('[data-place]').evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label')).filter((name) => !name.endsWith('empty')));
    if (placed.length !== 1 || !placed[0].endsWith(`: ${label}`)) problem(`after a name was placed with the keyboard: ${JSON.stringify(placed)}`);
    if ((await active()).startsWith('Box ')) problem('the focus does not come back to the names');
    await button('Lines').focus();
    await press('Enter');
    await area.locator('[data-place][tabindex="0"]').focus();
    await press('Enter', 'ArrowUp', ' ');
    if (!/^A line from .* to .*\.$/.test(await told())) problem(`a line by keyboard is told: ${await told()}`);
    if ((await area.locator('path.e').count()) < 1) problem('the line is not drawn');
    await whole(page, problem);
}

/** What holds of every page holds while a picture is empty, and after it was graded. */
async function whole(page, problem) {
    await checks.width(page, problem);
    // Out of sight, mdBook's own bar stays where it was last seen, over whatever is there. At the top it is in its place.
    await page.evaluate(() => new Promise((done) => {
        scrollTo({ top: 0, behavior: 'instant' });
        requestAnimationFrame(() => requestAnimationFrame(done));
    }));
    await checks.accessible(page, problem);
    await checks.legible(page, problem);
}

/** With a finger: a name is tapped and its box, or dragged there; all targets are large enough. */
export async function finger(page, address, problem) {
    const context = await page.context().browser().newContext({ viewport: page.viewportSize(), hasTouch: true, reducedMotion: 'reduce' });
    const touched = await context.newPage();
    await touched.goto(address, { waitUntil: 'load' });
    const { box, name, button, begin, area } = parts(touched);
    await begin();
    const small = await area.locator('button:visible, [data-place] > rect:first-child').evaluateAll((all) => all.map((one) => [one.closest('[data-place]')?.getAttribute('aria-label') ?? one.textContent, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 43.9 || height < 43.9).map(([name]) => name));
    if (small.length > 0) problem(`too small for a finger: ${small.slice(0, 3).join(', ')}`);
    const [[first, one], [second, two]] = (await exact(touched)).names;
    await name(one).tap();
    // What a finger does is told to the page a moment later.
    await area.locator('.tray [aria-pressed="true"]').waitFor({ timeout: 20_000 });
    await box(first).tap();
    // The names lie over the lower end of the window.
    await box(second).evaluate((one) => one.scrollIntoView({ block: 'center' }));
    const middle = async (of) => {
        const { x, y, width, height } = await of.boundingBox();
        return { x: x + width / 2, y: y + height / 2 };
    };
    const [start, end] = [await middle(name(two)), await middle(box(second))];
    const session = await context.newCDPSession(touched);
    const touch = (type, ...touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints });
    await touch('touchStart', start);
    await touch('touchMove', { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 });
    await touch('touchMove', end);
    await touch('touchEnd');
    for (const [key, label] of [[first, one], [second, two]]) {
        await touched.waitForFunction(([found, label]) => found.getAttribute('aria-label').endsWith(`: ${label}`), [await box(key).elementHandle(), label], { timeout: 20_000 }).catch(() => {});
        const found = await box(key).getAttribute('aria-label');
        if (!found.endsWith(`: ${label}`)) problem(`${label} was placed, and found is ${JSON.stringify(found)}`);
    }
    await whole(touched, problem);
    await button('Grade it').tap();
    await whole(touched, problem);
    await context.close();
}

/** Storage that fails in any way: a sentence, and the page goes on. */
export async function kept(page, address, problem) {
    const name = 'redraw:transformer';
    for (const [kind, script] of Object.entries({ ...broken(name), ...corrupt(name, '{"boxes":7,"lines":0}') })) {
        const tell = (text) => problem(`storage that is ${kind}: ${text}`);
        const own = await fresh(page, tell, { script });
        await own.goto(address, { waitUntil: 'load' });
        const { begin, button, told, area } = parts(own);
        const last = await area.locator('.last').textContent();
        const isCorrupt = kind.startsWith('corrupt');
        if (last.includes('cannot be read') !== isCorrupt) tell(`before, it says ${JSON.stringify(last)}`);
        await begin();
        await button('Grade it').click();
        const said = await told();
        if (!said.startsWith('0 of ') || said.includes('keeps nothing') === isCorrupt) tell(`grading says ${JSON.stringify(said)}`);
        await own.context().close();
    }
}

/** All of them, at each width. */
export const TESTS = [mouse, keyboard, finger, graded, ways, kept];

// A diagram drawn from memory, in the page: by mouse, by finger and by keyboard, graded as the command does it.

import { readFile } from 'node:fs/promises';
import * as checks from './checks.mjs';

const AREA = '.redraw[data-diagram="transformer"]';

/** What is asked, with a copy of it; `without` leaves lines of a role out. */
const exact = (page, without) => page.evaluate(([area, without]) => {
    const { boxes, lines } = JSON.parse(document.querySelector(area).dataset.picture);
    return {
        names: boxes.map(({ key, label }) => [key, label]),
        lines: lines.filter(({ role }) => role !== without).map(({ from, to }) => [boxes[from].key, boxes[to].key]),
        ways: lines.map(({ way }) => way).filter((way) => way !== undefined),
    };
}, [AREA, without]);

const parts = (page) => {
    const area = page.locator(AREA);
    const button = (name) => area.getByRole('button', { name, exact: true });
    return {
        area, button,
        box: (key) => area.locator(`[data-place="${key}"]`),
        name: (label) => area.locator(`.tray [data-name="${label}"]`),
        told: () => area.locator('.told').textContent(),
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
    await page.reload({ waitUntil: 'load' });
    const last = await area.locator('.last').textContent();
    if (last !== 'Last time: boxes 1.00, lines 1.00.') problem(`after a reload it says ${JSON.stringify(last)}`);
    await begin();
    for (const [key, label] of copy.names) {
        await name(label).click();
        await box(key).click();
    }
    await button('Lines').click();
    for (const [from, to] of (await exact(page, 'residual')).lines) {
        await box(from).click();
        await box(to).click();
    }
    await button('Grade it').click();
    const said = (await missing()).join('\n').toLowerCase();
    const silent = copy.ways.filter((way) => !said.includes(`${way.toLowerCase()} is missing`));
    if (copy.ways.length < 3 || silent.length > 0) problem(`of ${copy.ways.length} ways around, these are not named: ${silent.join('; ')}`);
    await button('Back to the picture').click();
    if (!(await page.locator('#figure-transformer').isVisible())) problem('the picture does not come back');
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
        const found = await box(key).getAttribute('aria-label');
        if (!found.endsWith(`: ${label}`)) problem(`${label} was placed, and found is ${JSON.stringify(found)}`);
    }
    await whole(touched, problem);
    await button('Grade it').tap();
    await whole(touched, problem);
    await context.close();
}

/** Storage that is denied, or holds something else: a page that goes on. */
export async function kept(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    for (const value of ['{', '{"boxes":"x"}', '{"boxes":7,"lines":0}', 'null']) {
        await page.evaluate((value) => localStorage.setItem('annotated:redraw:transformer', value), value);
        await page.reload({ waitUntil: 'load' });
        const { begin, button, told, area } = parts(page);
        if ((await area.locator('.last').textContent()) !== '') problem(`${value} is told as a result`);
        await begin();
        await button('Grade it').click();
        if (!(await told()).startsWith('0 of ')) problem(`with ${value} kept, grading says ${await told()}`);
    }
    await page.evaluate(() => localStorage.removeItem('annotated:redraw:transformer'));
}

/** All of them. */
export async function redraw(page, address, problem) {
    for (const test of [graded, mouse, keyboard, finger, kept]) await test(page, address, (text) => problem(`redrawing, ${test.name}: ${text}`));
}

// Predictions: entered by mouse, by finger and by keyboard, kept, compared by the rules, and listed where they were far off.

import * as checks from './checks.mjs';
import { broken, expect, fresh, targets } from './remember.mjs';

/** Mine, what came out, its unit, what is said of it, and whether it is a surprise. */
const COMPARED = [
    ['12', '15', 'cells', 'That is 3 too low, and not far off.', false],
    ['11', '15', 'cells', 'That is 4 too low.', true],
    ['15', '15', '', 'That is exactly it.', false],
    ['0', '0.00', '', 'That is exactly it.', false],
    ['1', '0', '', 'That is 1 too high.', true],
    ['1,000', '100', '', 'That is 10 times too high.', true],
    ['50%', '41.3 %', '%', 'That is 8.7 points too high, and not far off.', false],
    ['30', '41.3 %', '%', 'That is 11 points too low.', true],
    ['−1', '1', '', 'That is 2 too low.', true],
    ['0,25', '0.2', '', 'That is 0.05 too high, and not far off.', false],
];
const NUMBERS = [['1,234.5', 1234.5], ['0,5', 0.5], ['−2', -2], [' 40 % ', 40], ['1e-7', 1e-7], ['', NaN], ['ten', NaN], ['1.2.3', NaN], ['1,23,4', NaN]];
export const FEWEST = 60;

/** What all predictions of a page have; says how many there are. */
export async function asked(page, problem) {
    const faults = await page.evaluate(() => [...document.querySelectorAll('main .predict')].map((place) => {
        const { number, passage } = window.annotated.predictions;
        const { kind, answer, options, at } = place.dataset;
        const fine = { number: () => Number.isFinite(number(answer)), choice: () => options.split('|').includes(answer), words: () => passage(place, at) !== '' };
        return fine[kind]() && place.querySelector('form') !== null ? null : `${place.id} can't be compared with what came out: ${answer ?? at}`;
    }));
    faults.filter(Boolean).forEach(problem);
    return faults.length;
}

async function rules(page, address, problem) {
    await page.goto(`${address}attention.html`, { waitUntil: 'load' });
    for (const [mine, came, unit, said, far] of COMPARED) {
        const found = await page.evaluate(([mine, came, unit]) => {
            const { number, compared } = window.annotated.predictions;
            return compared(number(mine), number(came), unit);
        }, [mine, came, unit]);
        expect(problem, `${mine} beside ${came}`, found, { far, said });
    }
    const numbers = await page.evaluate((texts) => texts.map((text) => String(window.annotated.predictions.number(text))), NUMBERS.map(([text]) => text));
    expect(problem, 'numbers', numbers, NUMBERS.map(([, number]) => String(number)));
}

/** By keyboard alone: a wild guess, what is no number, both answers, kept over a reload, forgotten. */
async function keyboard(page, address, problem) {
    const place = `${address}attention.html`;
    const field = page.locator('#predict-sharp-field');
    const answer = page.locator('#predict-sharp .answer');
    await page.goto(place, { waitUntil: 'load' });
    await field.focus();
    await page.keyboard.type('much');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(problem, 'what is no number', await page.locator('#predict-sharp .note').textContent(), 'Please enter a number, even if it is a wild guess.');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('0.7');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    expect(problem, 'the page', page.url(), place);
    const said = 'You: 0.7What came out: 0.9997That is 0.3 too low.';
    expect(problem, 'both answers', await answer.textContent(), said);
    expect(problem, 'the focus is on the answers', await answer.evaluate((element) => element === document.activeElement), true);
    expect(problem, 'spoken', await page.locator('.unseen[role=status]').textContent(), 'You: 0.7. What came out: 0.9997. That is 0.3 too low.');
    await page.reload();
    expect(problem, 'both answers after a reload', await answer.textContent(), said);
    await page.locator('#predict-sharp button').focus();
    await page.keyboard.press('Enter');
    expect(problem, 'predicted anew', [await field.inputValue(), await field.isEnabled(), await answer.isVisible()], ['', true, false]);
    await page.keyboard.type('0.9');
    await page.keyboard.press('Enter');
}

/** One of several, words, and the page of surprises with the way back. */
async function surprises(page, address, problem) {
    await page.goto(`${address}one-query.html`, { waitUntil: 'load' });
    // By finger where the window is a phone's.
    const press = (button) => (page.viewportSize().width < 600 ? button.tap() : button.click());
    const submit = (id) => press(page.locator(`#${id} button[type=submit]`));
    await submit('predict-score');
    expect(problem, 'no answer', await page.locator('#predict-score .note').textContent(), 'Please enter an answer, even if it is a wild guess.');
    await page.locator('#predict-score-field').selectOption('glad');
    await submit('predict-score');
    await page.locator('#predict-weight-field').selectOption('glad');
    await submit('predict-weight');
    await page.locator('#predict-takes-home-field').fill('a mixture');
    await submit('predict-takes-home');
    const came = await page.locator('#predict-takes-home .answer').textContent();
    if (!came.includes('So B takes home (1.67, 0.99)')) problem(`the words that came out are ${JSON.stringify(came)}`);
    await targets(page, '.predict :is(input, select, textarea, button)', problem);
    await checks.width(page, problem);
    await checks.accessible(page, problem);
    const list = page.locator('#surprises');
    await page.goto(`${address}surprises.html`, { waitUntil: 'load' });
    const told = await list.textContent();
    for (const part of ['You have predicted 4 times, and were surprised once.', 'One query, worked by hand: Which token has the largest score?', 'You: glad. What came out: see.', 'wait until you say']) {
        if (!told.includes(part)) problem(`the page of surprises doesn't say ${JSON.stringify(part)} but ${JSON.stringify(told)}`);
    }
    if (told.includes('largest weight') || told.includes('score 24')) problem('the page of surprises lists what was no surprise');
    await targets(page, '#surprises a', problem);
    await checks.accessible(page, problem);
    await page.locator('#surprises a', { hasText: 'take home' }).click();
    await press(page.locator('#predict-takes-home button', { hasText: 'surprised' }));
    await page.goto(`${address}surprises.html`, { waitUntil: 'load' });
    const again = await list.textContent();
    if (!again.includes('surprised 2 times') || again.includes('wait until')) problem(`after one more surprise: ${JSON.stringify(again)}`);
    await page.locator('#surprises a', { hasText: 'score' }).click();
    await page.waitForLoadState('load');
    expect(problem, 'the way back', new URL(page.url()).hash, '#predict-score');
    expect(problem, 'the place is in sight', await page.locator('#predict-score').evaluate((place) => place.getBoundingClientRect().top >= 0 && place.getBoundingClientRect().top < innerHeight), true);
}

/** Storage that fails: a sentence, and the comparison goes on. */
async function faults(page, address, problem) {
    for (const [kind, script] of Object.entries(broken('predict:attention.html#predict-sharp'))) {
        const other = await fresh(page, problem, { script });
        await other.goto(`${address}attention.html`, { waitUntil: 'load' });
        const note = other.locator('#predict-sharp .note');
        const before = await note.textContent();
        await other.locator('#predict-sharp-field').fill('1');
        await other.keyboard.press('Enter');
        const after = await note.textContent();
        const isCorrupt = kind.startsWith('corrupt');
        const said = isCorrupt ? before.includes('cannot be read') : after.includes('keeps nothing');
        if (!said) problem(`storage that is ${kind}: ${JSON.stringify([before, after])}`);
        if (!(await other.locator('#predict-sharp .answer').textContent()).includes('0.9997')) problem(`storage that is ${kind}: nothing is compared`);
        await other.goto(`${address}surprises.html`, { waitUntil: 'load' });
        if (!(await other.locator('#surprises').textContent()).includes('You have predicted')) problem(`storage that is ${kind}: no list of surprises`);
        await other.context().close();
    }
    const plain = await fresh(page, problem, { javaScriptEnabled: false });
    await plain.goto(`${address}attention.html`, { waitUntil: 'load' });
    expect(problem, 'fields without script', await plain.locator('.predict *').count(), 0);
    await plain.goto(`${address}surprises.html`, { waitUntil: 'load' });
    expect(problem, 'without script the page says what it would show', await plain.getByText('scripts seem to be off').isVisible(), true);
    expect(problem, 'buttons without script', await plain.locator('main button').count(), 0);
    await plain.context().close();
}

/** By keyboard, and then by mouse or finger. */
async function read(page, address, problem, form) {
    const own = await fresh(page, problem, form);
    await keyboard(own, address, problem);
    await surprises(own, address, problem);
    await own.context().close();
}
const wide = (page, address, problem) => read(page, address, problem, { theme: 'light', width: 1400 });
const narrow = (page, address, problem) => read(page, address, problem, { theme: 'navy', width: 375 });

export const TESTS = [rules, wide, narrow, faults];

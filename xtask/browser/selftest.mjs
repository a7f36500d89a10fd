// Every check fails where it should: pages with one fault each.

import * as checks from './checks.mjs';

const box = (style, inside) => `<div class="content"><main><h1>T</h1><div style="${style}">${inside}</div></main></div>`;
const picture = (inside, more = '') => `<figure class="diagram" id="figure-a"><svg id="a" width="200" height="50" ${more}>${inside}</svg></figure>`;
const text = (size) => `<text y="20" font-size="${size}">text</text>`;

/** Check, body of a page, what is to be said of it. */
const FAULTS = [
    [checks.width, box('width:3000px', 'wide'), 'wider than the window'],
    [checks.code, box('', '<pre style="width:90px;overflow:auto"><code>let long_enough_to_be_cut = 1;</code></pre>'), 'code wider than its box'],
    [checks.legible, box('', picture(text(10))), 'text of 10.0 pixels in a'],
    [checks.legible, box('', picture(text(14), 'viewBox="0 0 400 100"')), 'text of 7.0 pixels in a'],
    [checks.shown, box('', `<figure class="diagram" id="figure-a"><svg></svg><svg></svg></figure>`), '2 pictures of figure-a'],
    [checks.accessible, box('', '<p style="color:#aaa;background:#fff">pale</p>'), 'axe: color-contrast'],
    [checks.still, box('transition:opacity 1s', 'moving'), '1 elements move'],
];

/** Reports the checks that find nothing. */
export async function run(page, problem) {
    for (const [check, body, expected] of FAULTS) {
        const said = [];
        await page.setContent(`<!DOCTYPE html><html lang="en"><head><title>T</title></head><body>${body}</body></html>`);
        await check(page, (text) => said.push(text));
        if (!said.some((text) => text.includes(expected))) problem(`the check ${check.name} does not say ${JSON.stringify(expected)} but ${JSON.stringify(said)}`);
    }
    const said = [];
    checks.same({ a: 'red', b: 'red' }, { a: 'red', b: 'blue' }, (text) => said.push(text));
    checks.light({ bytes: 2_000_000 }, (text) => said.push(text));
    if (said.length !== 2) problem(`expected to hear of one picture and one page, heard ${JSON.stringify(said)}`);
    return FAULTS.length + 2;
}

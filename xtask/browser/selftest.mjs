// Every check fails where it should: pages with one fault each.

import * as checks from './checks.mjs';
import { paper } from './print.mjs';
import { tabs } from './reader.mjs';

const box = (style, inside) => `<div class="content"><main><h1>T</h1><div style="${style}">${inside}</div></main></div>`;
const picture = (inside, more = '') => `<figure class="diagram" id="figure-a"><svg id="a" width="200" height="50" ${more}>${inside}</svg></figure>`;
const text = (size) => `<text y="20" font-size="${size}">text</text>`;

/** Check, body of a page, what is to be said of it. */
const FAULTS = [
    [checks.width, box('width:3000px', 'wide'), 'wider than the window'],
    [checks.code, box('', '<pre style="width:90px;overflow:auto"><code>let long_enough_to_be_cut = 1;</code></pre>'), 'code wider than its box'],
    [checks.legible, box('', picture(text(10))), 'text of 10.0 pixels in a'],
    [checks.legible, box('', picture(text(14), 'viewBox="0 0 400 100"')), 'text of 7.0 pixels in a'],
    [checks.fits, box('', '<figure class="diagram" id="figure-a"><div style="width:90px;overflow-x:auto"><svg id="a" width="200" height="50"></svg></div></figure>'), 'a scrolls sideways: 110 pixels'],
    [checks.fits, box('', '<figure id="figure-a"><div style="width:90px;overflow-x:auto"><table><tr><td><div style="width:200px">wide</div></td></tr></table></div></figure>'), 'figure-a scrolls sideways'],
    [checks.shown, box('', '<figure class="diagram" id="figure-a"><svg></svg><svg></svg></figure>'), '2 pictures of figure-a'],
    [checks.accessible, box('', '<p style="color:#aaa;background:#fff">pale</p>'), 'axe: color-contrast'],
    [checks.tables, box('', '<div class="table-wrapper" style="width:90px;overflow-x:auto"><table><tr><td><div style="width:200px">wide</div></td></tr></table></div>'), 'the table "wide" hides'],
    [checks.tables, box('', '<table><tr><td><div style="width:3000px">wide</div></td></tr></table>'), 'has nothing to scroll in'],
    [checks.styled, box('', ''), 'it has no style'],
    [checks.still, box('transition:opacity 1s', 'moving'), '1 elements move'],
];

/** The same for what opens a page by its address. */
const OPENED = [
    [paper, `<nav id="mdbook-sidebar">contents</nav>${box('', '')}`, 'mdbook-sidebar is printed'],
    [paper, box('', '<p style="color:#bbb">pale</p>'), '1 texts are pale'],
    [paper, `<style>html{background:#222}</style>${box('', '')}`, 'the paper is not white'],
    [paper, box('', '<pre style="width:90px;overflow:auto">let long_enough_to_be_cut = 1;</pre>'), 'PRE is cut off'],
    [paper, box('', '<details><summary>Q</summary><p>A</p></details>'), 'folded away: Q'],
    [tabs, box('', '<a href="#a" style="outline:none">bare</a>'), 'nothing shows that <a> bare has the focus'],
    [tabs, box('', '<a href="#a">one</a><a href="#b" tabindex="3">two</a><a href="#c">three</a>'), 'the tab key jumps'],
    [tabs, box('', '<div inert><a href="#a">one</a></div><a href="#b">two</a>'), '1 of 2 are not reached'],
];

const whole = (body) => `<!DOCTYPE html><html lang="en"><head><title>T</title></head><body>${body}</body></html>`;

/** Reports the checks that find nothing. */
export async function run(page, problem) {
    for (const [check, body, expected] of [...FAULTS, ...OPENED]) {
        const said = [];
        const opened = OPENED.some(([, other]) => other === body);
        if (!opened) await page.setContent(whole(body));
        const tell = (text) => said.push(text);
        await (opened ? check(page, `data:text/html,${encodeURIComponent(whole(body))}`, tell) : check(page, tell));
        if (!said.some((text) => text.includes(expected))) problem(`the check ${check.name} does not say ${JSON.stringify(expected)} but ${JSON.stringify(said)}`);
    }
    const said = [];
    checks.same({ a: 'red', b: 'red' }, { a: 'red', b: 'blue' }, (text) => said.push(text));
    checks.light({ bytes: 2_000_000 }, (text) => said.push(text));
    if (said.length !== 2) problem(`expected to hear of one picture and one page, heard ${JSON.stringify(said)}`);
    return FAULTS.length + OPENED.length + 2;
}

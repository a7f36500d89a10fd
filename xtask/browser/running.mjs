// What tests of the figures that run share: the page, its figures and some of their boxes, and what a reader does there.

import { expect, fresh } from './remember.mjs';

export const PAGE = 'running.html';
export const FIGURES = ['translate', 'language', 'attention'];
/** Milliseconds after which something isn't coming any more. */
const PATIENCE = 120_000;
export const ENCODER = 'transformer/stack/layer.0';
export const DECODER = 'transformer/decoder/layer.0';
export const LAYER = 'language_model/stack/layer.0';
export const SCALE = `${LAYER}/sublayer.0/multi_head_attention/attention/div_scalar`;

/** A reader's page. How fast it is depends on what else the machine does, and is no matter here. */
export async function reader(page, problem, options) {
    const own = await fresh(page, problem, options);
    own.setDefaultTimeout(PATIENCE);
    own.setDefaultNavigationTimeout(PATIENCE);
    return own;
}

/** Starts a figure, and waits until it runs. */
export async function begin(page, name) {
    await page.locator(`#live-${name} .live-start button`).click();
    await page.waitForFunction((id) => document.getElementById(id).matches('.running'), `live-${name}`);
}

/** What is said last to who listens. */
export const said = (page) => page.evaluate(() => document.querySelector('body > .unseen[role=status]')?.textContent ?? '');
/** Waits until something is said. */
export const hears = (page, problem, what, expected) => page.waitForFunction((text) => document.querySelector('body > .unseen[role=status]')?.textContent === text, expected, { timeout: 20_000 })
    .catch(async () => expect(problem, `what is said: ${what}`, await said(page), expected));
export const set = (page, name, change) => page.evaluate(async ({ name, change }) => {
    const { desk } = document.getElementById(`live-${name}`).live;
    await desk.set(desk.read(change));
}, { name, change });
export const run = (page, name, text) => page.evaluate(({ name, text }) => document.getElementById(`live-${name}`).live.run(text), { name, text });
export const box = (page, name, key) => page.locator(`#live-${name} .b[data-key="${key}"]:visible`);

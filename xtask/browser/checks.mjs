// What holds of every page, whatever it says. Each check looks at a page and reports what is wrong.

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** A page may weigh so many bytes. */
const HEAVY = 1_500_000;
/** How small the text of a picture may be, in pixels of the screen. */
const LEGIBLE = { narrow: 12, wide: 11 };
/** Figures that scroll sideways on a phone all the same: the id of each, and why. */
const SCROLLING = {
    'lab-neuron': 'six numbers enter side by side, and the table above it tells all that it shows',
    tensors: 'it is shown as the example of the crate writes it',
    'diagram-transformer-narrow': 'two towers side by side: a few pixels more than there are, and it can be made smaller below it',
    'diagram-transformer-pre-norm-narrow': 'likewise',
    'diagram-encoder-layer-operations-narrow': 'every operation of a layer, and it can be made smaller below it',
};
/** All scripts of the book that a page loads may weigh so much; those of mdBook are mdBook's. */
const SCRIPTS = 60_000;
/** Transitions that take so many seconds are none. */
const MOMENT = 0.02;

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Waits until fonts are there, and what follows from them. */
export async function settled(page) {
    await page.evaluate(async () => {
        await document.fonts.ready;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    });
}

/** Whether something sticks out of the window, and what. */
export async function width(page, problem) {
    const guilty = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        const content = document.querySelector('.content') ?? document.body;
        const wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) > width;
        if (!wide && content.scrollWidth <= content.clientWidth) return null;
        const all = [...content.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 1);
        const name = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">`;
        return all.slice(0, 3).map(name).join(', ') || 'the page itself';
    });
    if (guilty) problem(`wider than the window: ${guilty}`);
}

/** On a wide page, code is nowhere cut off. */
export async function code(page, problem) {
    const cut = await page.evaluate(() => [...document.querySelectorAll('main pre, main pre > code')]
        .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
        .map((element) => `${element.scrollWidth - element.clientWidth} pixels of ${JSON.stringify(element.textContent.slice(0, 40))}`));
    cut.forEach((text) => problem(`code wider than its box: ${text}`));
}

/** The text of every picture can be read: its font size in pixels of the screen. Says how many texts there are. */
export async function legible(page, problem) {
    const limit = page.viewportSize().width < 600 ? LEGIBLE.narrow : LEGIBLE.wide;
    const found = await page.evaluate(() => [...document.querySelectorAll('main svg')].map((svg) => {
        const texts = [...svg.querySelectorAll('text')].filter((text) => text.checkVisibility() && text.textContent.trim());
        const sizes = texts.map((text) => {
            const { a, b, c, d } = text.getScreenCTM();
            return parseFloat(getComputedStyle(text).fontSize) * Math.sqrt(Math.abs(a * d - b * c));
        });
        return { id: svg.id, count: sizes.length, smallest: Math.min(...sizes) };
    }));
    for (const { id, count, smallest } of found) {
        if (count > 0 && smallest < limit - 0.05) problem(`text of ${smallest.toFixed(1)} pixels in ${id}, expected ${limit}`);
    }
    return found.filter(({ count }) => count > 0).length;
}

/** Whoever reads on a phone sees all of a figure at once: none scrolls sideways. */
export async function fits(page, problem) {
    const found = await page.evaluate(() => [...document.querySelectorAll('main figure')].flatMap((figure) => [figure, ...figure.querySelectorAll('*')]
        .filter((element) => element instanceof HTMLElement && element.checkVisibility() && element.scrollWidth > element.clientWidth + 1
            && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX))
        .map((element) => {
            const picture = [...element.querySelectorAll('svg')].find((svg) => svg.checkVisibility());
            return { id: picture?.id || figure.id || element.className, hidden: element.scrollWidth - element.clientWidth };
        })));
    for (const { id, hidden } of found.filter(({ id }) => !(id in SCROLLING))) problem(`${id} scrolls sideways: ${hidden} pixels are out of sight`);
}

/** What is to be seen of every figure: of a wide and a narrow picture, one. */
export async function shown(page, problem) {
    const faults = await page.evaluate(() => [...document.querySelectorAll('main figure.diagram')]
        .filter((figure) => figure.checkVisibility())
        .map((figure) => [figure.id, [...figure.querySelectorAll('svg')].filter((svg) => svg.checkVisibility()).length])
        .filter(([, count]) => count !== 1));
    faults.forEach(([id, count]) => problem(`${count} pictures of ${id} are shown`));
}

/** What a tool can know of accessibility, levels A and AA. */
export async function accessible(page, problem) {
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
        // What scrolls out of sight is looked at as well.
        const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
        return (await globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] })).violations;
    });
    for (const { id, nodes } of violations) {
        const told = nodes.slice(0, 3).map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ''})`);
        problem(`axe: ${id}, ${nodes.length} times: ${told.join('; ')}`);
    }
}

/** Who asks for no motion sees none. */
export async function still(page, problem) {
    const moving = await page.evaluate((moment) => [...document.querySelectorAll('*')]
        .filter((element) => {
            const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
            const longest = (text) => Math.max(...text.split(',').map(parseFloat));
            return longest(transitionDuration) > moment || (animationName !== 'none' && longest(animationDuration) > moment);
        })
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`), MOMENT);
    if (moving.length > 0) problem(`${moving.length} elements move for who asks for no motion: ${moving.slice(0, 3).join(', ')}`);
}

/** Colours of every picture: what is filled, and what is written. */
export async function colours(page) {
    return page.evaluate(() => Object.fromEntries([...document.querySelectorAll('main svg[id]')]
        .filter((svg) => svg.checkVisibility())
        .map((svg) => {
            const marks = [...svg.querySelectorAll('.b > .r, text')].slice(0, 40);
            return [svg.id, marks.map((mark) => getComputedStyle(mark).fill).join(' ')];
        })));
}

/** Pictures whose colours are the same in two themes. */
export function same(one, other, problem) {
    const stuck = Object.keys(one).filter((id) => id in other && one[id] === other[id]);
    stuck.forEach((id) => problem(`the colours of ${id} don't change with the theme`));
}

/** A picture of all of a page, as quickly as it can be had. */
export async function picture(page, path) {
    const session = await page.context().newCDPSession(page);
    const { cssContentSize: { width, height } } = await session.send('Page.getLayoutMetrics');
    const clip = { x: 0, y: 0, width, height: Math.min(height, 16_000), scale: 1 };
    const { data } = await session.send('Page.captureScreenshot', { clip, captureBeyondViewport: true, optimizeForSpeed: true });
    await session.detach();
    await writeFile(path, Buffer.from(data, 'base64'));
}

/** As a file or from a server: it has its style. */
export async function styled(page, problem) {
    const style = await page.evaluate(() => getComputedStyle(document.querySelector('main')).maxWidth);
    if (style === 'none') problem('it has no style');
}

/** A table that goes on out of sight says so, where it is seen to, and is reached by the keyboard. */
export async function tables(page, problem) {
    const faults = await page.evaluate(() => [...document.querySelectorAll('main table')].filter((table) => table.checkVisibility()).flatMap((table) => {
        const name = JSON.stringify(table.textContent.trim().slice(0, 30));
        const around = table.closest('.table-wrapper');
        if (!around) return table.scrollWidth > innerWidth ? [`the table ${name} has nothing to scroll in`] : [];
        const [hidden, at] = [around.scrollWidth - around.clientWidth, around.scrollLeft];
        const sign = around.previousElementSibling?.matches('.more') === true && around.previousElementSibling.checkVisibility();
        const said = [sign, around.matches('.more-before'), around.matches('.more-after'), around.tabIndex === 0, around.getAttribute('role') === 'region'];
        const is = [hidden > 0, at > 1, hidden > 0 && at <= Math.max(hidden - 2, 0), hidden > 0, hidden > 0];
        return `${said}` === `${is}` ? [] : [`the table ${name} hides ${hidden} pixels, is ${at} pixels on, and says so: ${said}`];
    }));
    faults.forEach(problem);
}

/** What a page loads of the book's own scripts is little, whatever it shows. */
export async function scripts(page, problem) {
    const bytes = await page.evaluate(() => performance.getEntriesByType('resource')
        .filter(({ name, initiatorType }) => initiatorType === 'script' && new URL(name).pathname.includes('/theme/'))
        .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0));
    if (bytes > SCRIPTS) problem(`${bytes} bytes of scripts, expected at most ${SCRIPTS}`);
}

/** Nobody waits for a page. */
export function light({ bytes }, problem) {
    if (bytes > HEAVY) problem(`${bytes} bytes, expected at most ${HEAVY}`);
}

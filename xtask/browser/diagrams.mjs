// What a reader does with the diagrams of a page: rests the pointer on them, follows their links by finger and keyboard,
// and selects their texts.

/** What a finger hits: a link of a diagram is at least this high, in pixels of the screen. */
const FINGER = 44;

/** Boxes of Figure 1 that look alike, and the figure that each of them opens. */
const INSIDES = {
    'transformer/stack/layer.0/sublayer.0/multi_head_attention': 'multi-head-attention',
    'transformer/decoder/layer.0/sublayer.0/multi_head_attention': 'decoder-masked-self-attention',
    'transformer/decoder/layer.0/sublayer.1/multi_head_attention': 'decoder-cross-attention',
    'transformer/stack/layer.0': 'encoder-layer',
    'transformer/decoder/layer.0': 'decoder-layer',
};

/** The diagrams of a page answer to the pointer. */
export async function hover(page, problem) {
    for (const figure of await page.locator('figure.diagram').all()) {
        const box = figure.locator('svg:visible .b[data-key]').first();
        await box.scrollIntoViewIfNeeded();
        await box.hover();
        if ((await figure.locator('svg.tracing .b.lit').count()) === 0) problem('a box under the pointer is not lit');
        await page.mouse.move(0, 0);
    }
}

/** Every link of a page's diagrams is large enough, has a name, and is what lies under the finger. */
export async function fingers(page, problem) {
    const faults = await page.evaluate((finger) => {
        const faults = [];
        for (const link of document.querySelectorAll('figure.diagram svg a[href]')) {
            const name = `${link.closest('figure').id}: ${link.getAttribute('aria-label')}`;
            if (!link.checkVisibility()) continue;
            if (!link.getAttribute('aria-label')) faults.push(`${link.closest('figure').id}: a link without a name`);
            // A second link within a box is for the mouse and the keyboard.
            if (getComputedStyle(link).pointerEvents === 'none') continue;
            link.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
            // Its room for a finger, or its shape; a sign at a corner is no part of either.
            const place = link.querySelector(':scope > rect') ?? link.querySelector('rect, circle') ?? link;
            const { x, y, width, height } = place.getBoundingClientRect();
            if (height < finger - 0.5) faults.push(`${name}: ${height.toFixed(1)} pixels high`);
            // Others lie on a frame.
            if (link.querySelector('.f')) continue;
            for (const part of [-0.49, 0, 0.49]) {
                const found = document.elementsFromPoint(x + width * 0.28, y + height / 2 + finger * part);
                // Lines are thin: a finger hits what is below them.
                const hit = found.find((element) => !element.closest('.e'));
                if (hit?.closest('a') !== link) faults.push(`${name}: not hit at ${part} of its height`);
            }
        }
        return faults;
    }, FINGER);
    faults.forEach(problem);
}

/** Where the page is: the figure that a link leads to must be on the screen. */
async function shown(page) {
    return page.evaluate(() => {
        const figure = document.querySelector(decodeURIComponent(location.hash) || '#none');
        const place = figure?.getBoundingClientRect();
        const visible = place !== undefined && place.top < innerHeight && place.bottom > 0;
        return { url: location.href, visible };
    });
}

/** Links of Figure 1: a click beside the text, and the enter key, lead to the inside of that very box. */
export async function follow(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const links = await page.evaluate(() => {
        const all = document.querySelectorAll('#figure-transformer svg a[href]:not(.c)');
        const href = (link) => new URL(link.getAttribute('href'), document.baseURI).href;
        return [...all].filter((link) => link.checkVisibility()).map((link) => ({ href: href(link), key: link.querySelector('[data-key]')?.dataset.key }));
    });
    if (links.length < 15) problem(`only ${links.length} boxes of Figure 1 lead on`);
    for (const [key, inside] of Object.entries(INSIDES)) {
        const to = links.find((link) => link.key === key)?.href ?? 'nowhere';
        if (!to.endsWith(`#figure-${inside}`)) problem(`${key} leads to ${to}, not to ${inside}`);
    }
    // Where each of them would lead; the page stays.
    await page.evaluate(() => navigation.addEventListener('navigate', (event) => {
        event.preventDefault();
        globalThis.followed = event.destination.url;
    }));
    for (const { href, key } of links) {
        const box = page.locator(`#figure-transformer svg:visible [data-key="${key}"]`);
        for (const way of ['a click', 'the enter key']) {
            await page.evaluate(() => { globalThis.followed = 'nowhere'; });
            if (way === 'a click') await clickBesideText(page, box);
            else await box.evaluate((element) => element.closest('a').focus()).then(() => page.keyboard.press('Enter'));
            const url = await page.evaluate(() => globalThis.followed);
            if (url !== href) problem(`${way} on ${key} leads to ${url}, not to ${href}`);
        }
    }
    for (const [number, href] of [...new Set(links.map(({ href }) => href))].entries()) {
        // A page that differs by its place alone would not be loaded.
        await page.goto(href.replace(/(?=#|$)/, `?${number}`), { waitUntil: 'load' });
        if (!(await shown(page)).visible) problem(`${href} is not on the screen`);
    }
}

/** Clicks near the left border of a box, in the middle of its height; of a frame, in its lower left corner. */
async function clickBesideText(page, box) {
    const { x, y } = await box.evaluate((element) => {
        const shape = element.querySelector('rect, circle');
        shape.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
        const { x, y, height } = shape.getBoundingClientRect();
        if (element.matches('.f')) {
            scrollBy({ top: height / 2, behavior: 'instant' });
            const { left, bottom } = shape.getBoundingClientRect();
            return { x: left + 6, y: bottom - 12 };
        }
        return { x: x + 5, y: y + height / 2 };
    });
    await page.mouse.click(x, y);
}

/** To drag the pointer over a text in a box selects it, and follows no link. */
export async function select(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const text = page.locator('#figure-transformer svg:visible a .b text').first();
    await text.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await text.boundingBox();
    await page.mouse.move(x + 1, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2, { steps: 5 });
    await page.mouse.move(x + width - 1, y + height / 2, { steps: 5 });
    await page.mouse.up();
    const selected = await page.evaluate(() => getSelection().toString());
    if (selected.length < 3) problem(`only ${JSON.stringify(selected)} of a box's text was selected`);
    if (page.url() !== address) problem(`selecting a box's text leads to ${page.url()}`);
}

// A closer look at a picture: by every means, and without trapping whoever wants to go on.

const FIGURE = '#figure-transformer';

/** How large the picture is, as a factor; where in it one is; and where the page is. */
const state = (page) => page.evaluate((figure) => {
    const drawing = document.querySelector(`${figure} .drawing`);
    const svg = [...drawing.querySelectorAll('svg')].find((svg) => svg.checkVisibility());
    return {
        scale: svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
        left: drawing.scrollLeft, top: drawing.scrollTop, y: scrollY, height: drawing.clientHeight,
        map: document.querySelector(`${figure} .map.view`) !== null,
    };
}, FIGURE);

/** Waits until nothing scrolls any more. */
const settled = (page) => page.evaluate((figure) => new Promise((done) => {
    const drawing = document.querySelector(`${figure} .drawing`);
    let [before, still] = ['', 0];
    const look = () => {
        const now = [scrollY, drawing.scrollTop, drawing.scrollLeft].join();
        still = now === before ? still + 1 : 0;
        before = now;
        if (still > 5) done();
        else requestAnimationFrame(look);
    };
    look();
}), FIGURE);

async function begin(page, address) {
    await page.goto(address, { waitUntil: 'load' });
    await page.evaluate((figure) => document.querySelector(`${figure} .drawing`).scrollIntoView({ block: 'start', behavior: 'instant' }), FIGURE);
    await page.evaluate(() => scrollBy({ top: -100, behavior: 'instant' }));
    const { x, y, width } = await page.locator(`${FIGURE} .drawing`).boundingBox();
    return { x: x + width / 2, y: y + 300 };
}

/** By wheel, buttons, keys and drag. */
export async function zoom(page, address, problem) {
    const start = `${address}overview.html`;
    const { x, y } = await begin(page, start);
    const whole = await state(page);
    const isWhole = ({ scale }) => Math.abs(scale - whole.scale) < 0.01;
    // The wheel alone is the page's; with Ctrl it is the picture's, and what is below it stays there.
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, 40);
    await settled(page);
    const scrolled = await state(page);
    if (!isWhole(scrolled) || scrolled.y <= whole.y) problem('the wheel does not scroll the page over a picture');
    const under = () => page.evaluate(({ x, y }) => document.elementFromPoint(x, y).closest('[data-key]')?.dataset.key ?? 'none', { x, y });
    const before = await under();
    await page.keyboard.down('Control');
    for (let turn = 0; turn < 4; turn += 1) await page.mouse.wheel(0, -60);
    await page.keyboard.up('Control');
    await settled(page);
    const closer = await state(page);
    if (closer.scale < whole.scale * 1.4) problem(`the wheel with Ctrl makes it ${closer.scale} times as large`);
    if (closer.y !== scrolled.y || closer.height !== whole.height) problem('to look closer moves the page');
    if ((await under()) !== before) problem(`the wheel brings ${await under()} to where ${before} was`);
    if (!closer.map) problem('nothing says where in the picture one is');
    await page.mouse.wheel(0, 80);
    await settled(page);
    if ((await state(page)).y <= closer.y) problem('a picture that is looked at closely keeps the page from scrolling');
    // Drag, beside texts; no link is followed.
    const held = await state(page);
    const map = () => page.locator(`${FIGURE} .map.view b`).evaluate((view) => view.style.top);
    const placed = await map();
    const at = await page.locator(`${FIGURE} .drawing`).boundingBox();
    const grip = { x: at.x + at.width - 12, y: at.y + 350 };
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    await page.mouse.move(grip.x - 30, grip.y - 60, { steps: 6 });
    await page.mouse.up();
    const dragged = await state(page);
    if (dragged.top - held.top < 50 || page.url() !== start) problem(`dragging moves the picture by ${dragged.top - held.top} and leads to ${page.url()}`);
    await settled(page);
    if ((await map()) === placed) problem('the small map does not follow');
    // Keys.
    await page.locator(`${FIGURE} a:visible`).first().evaluate((link) => link.focus({ preventScroll: true }));
    await page.keyboard.press('0');
    if (!isWhole(await state(page)) || (await state(page)).map) problem(`the key 0 makes it ${(await state(page)).scale} times as large`);
    await page.keyboard.press('+');
    const larger = await state(page);
    if (larger.scale < whole.scale * 1.4) problem('the key + does not zoom');
    for (const key of ['ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    const moved = await state(page);
    if (moved.top - larger.top < 20 && moved.left - larger.left < 20) problem('the arrow keys do not move the picture');
    if (page.url() !== start) problem(`the arrow keys turn the page to ${page.url()}`);
    await page.keyboard.press('-');
    if (!isWhole(await state(page))) problem(`the key - makes it ${(await state(page)).scale} times as large`);
    // Buttons.
    const button = (name) => page.locator(`${FIGURE} .zoom button[title="${name}"]`);
    await button('Zoom in').click();
    await button('Zoom in').click();
    if ((await state(page)).scale < whole.scale * 2) problem('the button does not zoom');
    const said = await page.locator('[role=status]').textContent();
    if (!said.includes('225 percent')) problem(`of the zoom, ${JSON.stringify(said)} is said`);
    await page.keyboard.press('ArrowRight');
    if (page.url() !== start) problem('an arrow key on a button turns the page');
    await button('As drawn').click();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    if (page.url() !== start) problem('an arrow key on a button turns the page');
    if (!isWhole(await state(page))) problem('the button does not bring back the whole');
    await place(page, address, problem);
}

/** A small picture of the whole says where an inner one is, and leads there. */
async function place(page, address, problem) {
    await page.goto(`${address}attention.html`, { waitUntil: 'load' });
    const link = page.locator('#figure-scaled-dot-product-attention .place');
    const { marked, all } = await link.evaluate((element) => ({ marked: element.querySelectorAll('.here').length, all: element.querySelectorAll('i').length }));
    if (marked !== 1 || all < 20) problem(`${marked} of ${all} boxes of the whole are marked`);
    await link.click();
    await page.waitForURL(/overview\.html#figure-transformer$/, { timeout: 5000 }).catch(() => problem(`the small picture leads to ${page.url()}`));
}

/** By two fingers; and one moves the page, or the picture where that can be moved. */
export async function pinch(page, address, problem) {
    const { x, y } = await begin(page, `${address}overview.html`);
    const session = await page.context().newCDPSession(page);
    const send = (type, ...points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    const whole = await state(page);
    await send('touchStart', [x - 40, y], [x + 40, y]);
    for (let step = 1; step <= 8; step += 1) await send('touchMove', [x - 40 - 8 * step, y], [x + 40 + 8 * step, y]);
    await send('touchEnd');
    await settled(page);
    const closer = await state(page);
    if (closer.scale < whole.scale * 1.5) problem(`two fingers make the picture ${closer.scale / whole.scale} times as large`);
    if (closer.y !== whole.y || (await page.evaluate(() => visualViewport.scale)) !== 1) problem('two fingers move the page');
    const drag = async (by) => {
        await send('touchStart', [x, y]);
        for (let step = 1; step <= 10; step += 1) await send('touchMove', [x, y + (by * step) / 10]);
        await send('touchEnd');
        await settled(page);
        return state(page);
    };
    const moved = await drag(-120);
    if (moved.top - closer.top < 60) problem(`one finger moves a picture by ${moved.top - closer.top}`);
    if (moved.y !== closer.y) problem('one finger moves the page where the picture can be moved');
    await page.evaluate((figure) => { document.querySelector(`${figure} .drawing`).scrollTop = 1e6; }, FIGURE);
    const end = await state(page);
    if ((await drag(-120)).y <= end.y) problem('at the end of a picture, one finger does not move the page');
    const small = await page.locator(`${FIGURE} .zoom button`).evaluateAll((all) => all.filter((button) => Math.min(button.clientWidth, button.clientHeight) < 41).length);
    if (small > 0) problem(`${small} buttons are too small for a finger`);
}

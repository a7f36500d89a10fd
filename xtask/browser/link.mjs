// Code and picture light each other up: by mouse, by keyboard and by finger; a phrase does both; a page of source code leads
// to the pictures; and what a tooltip says of a box is there without a mouse.

const FIGURE = '#figure-scaled-dot-product-attention';

/** What is lit: lines by file and number, boxes by key, in the picture that is shown. */
const lit = (page) => page.evaluate(() => ({
    lines: [...document.querySelectorAll('.line.lit')].map((line) => line.dataset.line).sort(),
    boxes: [...document.querySelectorAll('figure.diagram [data-key].lit')].filter((box) => box.checkVisibility()).map((box) => box.dataset.key).sort(),
}));

/** The boxes of a figure, with the lines of this page that each of them says made it. */
const made = (page, figure) => page.evaluate((figure) => {
    const here = new Set([...document.querySelectorAll('.listing .line')].map((line) => line.dataset.line));
    const places = (text) => text.split(' ').flatMap((part) => {
        const [file, ranges] = part.split(':');
        return ranges.split(',').flatMap((range) => {
            const [first, last = first] = range.split('-').map(Number);
            return [...Array(last - first + 1).keys()].map((more) => `${file}:${first + more}`);
        });
    });
    const known = new Set();
    return [...document.querySelectorAll(`${figure} .b[data-lines]`)].filter(({ dataset }) => !known.has(dataset.key) && known.add(dataset.key)).map((box) => ({
        key: box.dataset.key, name: box.querySelector('title').textContent.split('\n')[0],
        lines: places(box.dataset.lines).filter((place) => here.has(place)).sort(),
    })).filter(({ lines }) => lines.length > 0);
}, figure);

const same = (one, other) => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
const box = (page, figure, key) => page.locator(`${figure} [data-key="${key}"]:visible`).first();
const line = (page, place) => page.locator(`.listing .line[data-line="${place}"]`).first();

/** Every line of a listing is that of the file. */
async function numbered(page, address, problem) {
    await page.goto(`${address}source/multi_head.html`, { waitUntil: 'load' });
    const text = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('pre.source .line')].map((line) => [line.id, line.textContent.trim()])));
    await page.goto(`${address}heads.html`, { waitUntil: 'load' });
    const lines = await page.locator('.listing[data-source="multi_head.rs"] .line').evaluateAll((lines) => lines.map(({ dataset, textContent }) => [dataset.line, textContent.trim()]));
    if (lines.length < 30) problem(`only ${lines.length} lines of multi_head.rs in heads.html`);
    for (const [place, found] of lines) {
        const expected = text[place.replace('multi_head.rs:', 'L')];
        if (found !== expected) problem(`${place} is ${JSON.stringify(found)}, in the file ${JSON.stringify(expected)}`);
    }
}

/** By mouse and by keyboard, both ways. */
export async function link(page, address, problem) {
    await numbered(page, address, problem);
    await page.goto(`${address}attention.html`, { waitUntil: 'load' });
    const boxes = await made(page, FIGURE);
    if (boxes.length < 6) problem(`only ${boxes.length} boxes know a line of the listing`);
    for (const { key, name, lines } of boxes) {
        await box(page, FIGURE, key).hover();
        const found = await lit(page);
        if (!same(found.lines, lines)) problem(`the pointer on ${name} lights up ${found.lines}, not ${lines}`);
        if (!found.boxes.includes(key)) problem(`the pointer on ${name} does not light it up`);
        await page.mouse.move(0, 0);
        await box(page, FIGURE, key).evaluate((element) => (element.closest('a') ?? element).focus());
        if (!same((await lit(page)).lines, lines)) problem(`the focus on ${name} lights up ${(await lit(page)).lines}`);
        await page.evaluate(() => document.activeElement.blur());
    }
    for (const place of new Set(boxes.flatMap(({ lines }) => lines))) {
        const expected = boxes.filter(({ lines }) => lines.includes(place)).map(({ key }) => key);
        await line(page, place).hover();
        const { boxes: found, lines } = await lit(page);
        if (!same(found, expected) || !same(lines, [place])) problem(`the pointer on ${place} lights up ${found} and ${lines}, not ${expected}`);
        await page.mouse.move(0, 0);
        if ((await lit(page)).boxes.length > 0) problem(`${place} stays lit when the pointer has gone`);
        await line(page, place).focus();
        if (!same((await lit(page)).boxes, expected)) problem(`the focus on ${place} lights up ${(await lit(page)).boxes}`);
        await page.keyboard.press('Enter');
        const names = await page.locator('.listing .made button').allTextContents();
        const told = await page.locator('[role=status]').textContent();
        if (names.length === 0 || !told.includes(names[0])) problem(`${place} made ${names}, and ${JSON.stringify(told)} is said`);
        await page.keyboard.press('Tab');
        await page.evaluate(() => document.activeElement.blur());
        if (!same((await lit(page)).boxes, expected)) problem(`${place} does not stay lit when it was pressed`);
        await page.keyboard.press('Escape');
        if ((await lit(page)).boxes.length > 0) problem(`the escape key does not put out ${place}`);
    }
    const [{ lines: [first] }] = boxes;
    await line(page, first).click();
    await page.locator('.listing .made button').first().click();
    if (!(await page.evaluate((figure) => document.activeElement.closest(figure) !== null, FIGURE))) problem('the name of a box does not lead to it');
    await phrases(page, `${address}attention.html`, problem);
}

/** Every phrase of a page lights up boxes and, where there are some, lines. */
async function phrases(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const all = await page.locator('a.phrase').all();
    if (all.length === 0) problem('no phrase');
    for (const phrase of all) {
        const text = await phrase.textContent();
        const wanted = await phrase.evaluate((element) => element.dataset.boxes.split('|'));
        await phrase.scrollIntoViewIfNeeded();
        await phrase.hover();
        const byMouse = await lit(page);
        await page.mouse.move(0, 0);
        await phrase.focus();
        const byKey = await lit(page);
        if (!wanted.every((key) => byMouse.boxes.includes(key))) problem(`the pointer on ${JSON.stringify(text)} lights up ${byMouse.boxes}`);
        if (JSON.stringify(byKey) !== JSON.stringify(byMouse)) problem(`the focus on ${JSON.stringify(text)} lights up ${byKey.boxes}`);
        if (byKey.lines.length === 0) problem(`${JSON.stringify(text)} lights up no line`);
        await page.keyboard.press('Enter');
        const visible = await page.evaluate(() => [...document.querySelectorAll('figure.diagram [data-key].lit')].some((box) => {
            const { top, bottom } = box.getBoundingClientRect();
            return box.checkVisibility() && bottom > 0 && top < innerHeight;
        }));
        if (!visible) problem(`${JSON.stringify(text)} does not lead to what it lights up`);
        await page.keyboard.press('Escape');
        await page.evaluate(() => document.activeElement.blur());
    }
}

/** A page of source code leads to the pictures that hold a line. */
export async function back(page, address, problem) {
    await page.goto(`${address}source/attention.html`, { waitUntil: 'load' });
    const first = page.locator('pre.source .line[data-in]', { hasText: 'matmul(key' });
    const number = (await first.getAttribute('id')).slice(1);
    await first.focus();
    await page.keyboard.press('Enter');
    const links = page.locator('.holds li a:visible');
    const counted = await first.evaluate((line) => line.dataset.in.split(' ').length);
    if (counted < 3 || !(await page.locator('.made.holds').textContent()).includes(`attention.rs:${number}`)) problem(`line ${number} leads to ${counted} diagrams`);
    await links.first().click();
    await page.waitForURL((url) => !url.href.includes('/source/'), { waitUntil: 'load' });
    const { boxes } = await lit(page);
    const right = await page.evaluate((number) => {
        const lit = [...document.querySelectorAll(`${location.hash} [data-key].lit`)];
        const box = lit.find((box) => box.checkVisibility());
        const { top, bottom } = box?.getBoundingClientRect() ?? {};
        const told = lit.filter((box) => box.dataset.lines);
        return told.length > 0 && told.every((box) => box.dataset.lines.includes(number)) && bottom > 0 && top < innerHeight;
    }, number);
    if (!right) problem(`line ${number} leads to ${page.url()}, where ${boxes} are lit`);
    await page.goto(`${address}source/attention.html#L${number}`, { waitUntil: 'load' });
    if (!(await page.locator('.made.holds').isVisible())) problem('who comes to a line is not shown where it leads back to');
    await page.keyboard.press('Escape');
    if (await page.locator('.made.holds').isVisible()) problem('the escape key does not close what a line leads to');
}

/** Taps in the middle of what is seen of an element. */
async function tap(page, locator) {
    await locator.evaluate((element) => element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' }));
    const { x, y, width, height } = await locator.evaluate((element) => (element.querySelector('rect, circle') ?? element).getBoundingClientRect().toJSON());
    await page.touchscreen.tap(x + width / 2, y + height / 2);
    // A tap may lead away.
    await page.evaluate(() => new Promise(requestAnimationFrame)).catch(() => {});
}

/** By finger: the first tap tells, the second follows. */
export async function touch(page, address, problem) {
    const start = `${address}attention.html`;
    await page.goto(start, { waitUntil: 'load' });
    const [{ key, name, lines }] = await made(page, FIGURE);
    const found = box(page, FIGURE, key);
    const href = await found.evaluate((element) => new URL(element.closest('a').getAttribute('href'), document.baseURI).href);
    const facts = page.locator('.facts');
    await tap(page, found);
    if (page.url() !== start) problem(`the first tap on ${name} leads to ${page.url()}`);
    if (!same((await lit(page)).lines, lines)) problem(`a tap on ${name} lights up ${(await lit(page)).lines}, not ${lines}`);
    const said = await found.evaluate((element) => element.querySelector('title').textContent.split('\n'));
    const told = (await facts.count()) === 1 ? await facts.textContent() : '';
    const missing = said.filter((fact) => !told.includes(fact.replace(/crates\/model\/src\//, '')));
    if (missing.length > 0) problem(`after a tap on ${name}, ${missing} is not told: ${told}`);
    const place = await facts.boundingBox();
    const { height } = page.viewportSize();
    if (!place || place.y < 0 || place.y + place.height > height + 1) problem(`what is told of ${name} is not on the screen: ${JSON.stringify(place)}`);
    const small = await facts.locator('.way, button').evaluateAll((all) => all.filter((element) => element.getBoundingClientRect().height < 43.5).map((element) => element.textContent));
    if (small.length > 0) problem(`too small for a finger: ${small}`);
    await tap(page, found);
    await page.waitForURL(href, { timeout: 5000 }).catch(() => problem(`the second tap on ${name} does not lead to ${href}`));
    await page.goto(start, { waitUntil: 'load' });
    await tap(page, found);
    await facts.locator('.close').tap();
    if ((await facts.count()) > 0 || (await lit(page)).lines.length > 0) problem('what is told can not be closed');
    // A line, hit beside its text.
    const { x, y, height: high } = await line(page, lines[0]).evaluate((element) => {
        element.scrollIntoView({ block: 'center', behavior: 'instant' });
        return element.getBoundingClientRect().toJSON();
    });
    await page.touchscreen.tap(x + 20, y + high / 2 + 4);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    if (!(await lit(page)).boxes.includes(key)) problem(`a tap on ${lines[0]} does not light up ${name}`);
    const phrase = page.locator('a.phrase').first();
    await tap(page, phrase);
    if (!(await lit(page)).boxes.includes(await phrase.evaluate((element) => element.dataset.boxes.split('|')[0]))) problem('a tap on a phrase lights up nothing');
}

/** By keyboard: the box that has the focus is told of, and described to a screen reader. */
export async function facts(page, address, problem) {
    await page.goto(`${address}overview.html`, { waitUntil: 'load' });
    const label = 'Multi-Head Attention';
    const found = page.locator('#figure-transformer .b:visible', { has: page.locator('title', { hasText: label }) }).first();
    await page.keyboard.press('Shift');
    await found.evaluate((element) => element.closest('a').focus());
    const told = (await page.locator('.facts').count()) === 1 ? await page.locator('.facts').textContent() : '';
    if (!/1,050,624 parameters/.test(told) || !told.includes(label)) problem(`of ${label} is told ${JSON.stringify(told)}`);
    const described = await page.evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-describedby'))?.textContent ?? '');
    if (!described.includes('1,050,624 parameters') || described.includes('weight [')) problem(`${label} is described by ${JSON.stringify(described)}`);
    await page.keyboard.press('Escape');
    if ((await page.locator('.facts').count()) > 0) problem('the escape key does not close what is told');
    // A picture of many boxes can be skipped, and what comes next is below it.
    const skip = page.locator('#figure-transformer .skip');
    await skip.focus();
    if (((await skip.boundingBox())?.width ?? 0) < 40) problem('the link that skips the picture is not seen when it has the focus');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const next = await page.evaluate(() => document.activeElement.closest('.drawing') === null && document.activeElement.textContent);
    if (next !== 'This diagram in words') problem(`after the picture that was skipped comes ${next}`);
}

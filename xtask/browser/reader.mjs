// Ways to read that need neither a mouse nor a server: the keyboard alone, the search, files opened as such.

/** All that leads on or answers is reached with the tab key, in its order, and is seen to have the focus. */
export async function tabs(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const names = await page.evaluate(() => {
        const all = document.querySelectorAll('a[href], button, input, select, summary, [tabindex]');
        // The page itself has a focus that the tab key is not meant for.
        const stops = [...all].filter((element) => element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }));
        stops.forEach((element, place) => { element.dataset.stop = place; });
        return stops.map((element) => `<${element.tagName.toLowerCase()}> ${(element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 30)}`);
    });
    const reached = [];
    for (let press = 0; press < names.length + 20; press += 1) {
        await page.keyboard.press('Tab');
        const { stop, ring } = await page.evaluate(() => {
            const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
            const ring = (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
            return { stop: document.activeElement.dataset.stop, ring };
        });
        if (stop === undefined) continue;
        if (reached.includes(Number(stop))) break;
        reached.push(Number(stop));
        if (!ring) problem(`nothing shows that ${names[stop]} has the focus`);
    }
    const missed = names.filter((_, place) => !reached.includes(place));
    if (missed.length > 0) problem(`${missed.length} of ${names.length} are not reached with the tab key: ${missed.slice(0, 3).join(', ')}`);
    // The first stop may be in the middle of a page; then those before it come last.
    const falls = reached.filter((stop, place) => place > 0 && stop < reached[place - 1]).length;
    if (falls > 1 || (falls === 1 && reached.at(-1) > reached[0])) problem(`the tab key jumps: ${reached.join(' ')}`);
    return reached.length;
}

/** mdBook's controls, and what scrolls, obey the keyboard. */
export async function keys(page, address, problem) {
    await page.goto(address, { waitUntil: 'load' });
    const open = () => page.evaluate(() => document.documentElement.classList.contains('sidebar-visible'));
    const before = await open();
    for (const key of ['Enter', 'Space']) {
        const was = await open();
        await page.locator('#mdbook-sidebar-toggle').focus();
        await page.keyboard.press(key);
        if ((await open()) === was) problem(`the contents don't answer to ${key}`);
    }
    if ((await open()) !== before) problem('the contents are not as they were');
    await page.locator('#mdbook-theme-toggle').focus();
    await page.keyboard.press('Enter');
    if (!(await page.locator('#mdbook-theme-list').isVisible())) problem('the list of themes does not open');
    await page.keyboard.press('Escape');
    if (await page.locator('#mdbook-theme-list').isVisible()) problem('the list of themes does not close');
    const scrolls = await page.evaluate(() => {
        const found = [...document.querySelectorAll('main [tabindex="0"]')].find((element) => element.scrollWidth > element.clientWidth + 50);
        found?.focus();
        return found !== undefined;
    });
    if (scrolls) {
        await page.keyboard.press('ArrowRight');
        const moved = await page.waitForFunction(() => document.activeElement.scrollLeft > 0, null, { timeout: 5000 }).catch(() => false);
        if (page.url() !== address || !moved) problem('the arrow keys do not scroll what has the focus');
    } else {
        problem('nothing scrolls, expected something for the arrow keys');
    }
    await page.goto(address, { waitUntil: 'load' });
    await page.keyboard.press('/');
    await page.keyboard.type('softmax');
    await page.locator('#mdbook-searchresults li').first().waitFor({ timeout: 20000 }).catch(() => problem('the search finds no softmax'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.href.startsWith(`${address}?`) && url.href !== address, { timeout: 20000 }).catch(() => problem('the enter key does not follow what was found'));
}

/** The search finds every term of the glossary somewhere, and every page of source code by its name. */
export async function search(page, address, sources, problem) {
    await page.goto(`${address}glossary.html`, { waitUntil: 'load' });
    const terms = await page.locator('main li > strong:first-of-type').allTextContents();
    if (terms.length < 50) problem(`the glossary has only ${terms.length} terms`);
    await page.keyboard.press('/');
    const wanted = terms.flatMap((term) => term.replace(/\.$/, '').split(',')).map((term) => [term.trim(), '.html']);
    const files = sources.map((path) => [path.replace(/^source\//, '').replace(/\.html$/, '.rs'), path]);
    for (const [query, wantedPage] of [...wanted, ...files]) {
        await page.locator('#mdbook-searchbar').fill(query);
        // mdBook waits for a key that is let go.
        await page.keyboard.press('End');
        const answered = (query) => document.querySelector('#mdbook-searchresults-header')?.textContent.includes(`'${query}'`);
        await page.waitForFunction(answered, query, { timeout: 5000, polling: 20 }).catch(() => {});
        const found = await page.locator('#mdbook-searchresults a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
        if (!found.some((href) => href.includes(wantedPage))) problem(`of ${found.length} places that the search for ${JSON.stringify(query)} finds, none is in ${wantedPage}`);
    }
    return wanted.length + files.length;
}

/** Without a server, the search works. */
export async function searched(page, folder, problem) {
    await page.goto(`${folder}index.html`, { waitUntil: 'load' });
    await page.keyboard.press('/');
    await page.keyboard.type('softmax');
    await page.locator('#mdbook-searchresults li').first().waitFor({ timeout: 20000 }).catch(() => problem('the search finds nothing from a file'));
}

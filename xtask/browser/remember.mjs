// What the tests of predictions and of recall share: readers with a browser of their own, and storage that fails.

/** A page of a reader who has never been here; `script` runs before the page's own. */
export async function fresh(page, problem, { theme = 'light', width = 1400, script = null, javaScriptEnabled = true } = {}) {
    const context = await page.context().browser().newContext({
        viewport: { width, height: 900 }, colorScheme: theme === 'light' ? 'light' : 'dark', reducedMotion: 'reduce',
        hasTouch: width < 600, javaScriptEnabled, timezoneId: 'Europe/Berlin',
    });
    context.setDefaultTimeout(120_000);
    await context.addInitScript((name) => {
        try {
            localStorage.setItem('mdbook-theme', name);
        } catch { /* Storage that is denied. */ }
    }, theme);
    if (script !== null) await context.addInitScript(script);
    const own = await context.newPage();
    own.on('pageerror', (error) => problem(`script: ${error.message}`));
    return own;
}

/** Scripts that break storage in each way, for a name of the book's. */
export const broken = (name) => ({
    denied: 'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });',
    // A browser gives some five million letters to a site.
    full: `for (let size = 4e6; size >= 1; size = Math.floor(size / 2)) {
        try { for (;;) localStorage.setItem("x" + localStorage.length, "x".repeat(size)); } catch { /* Full, as is wanted. */ }
    }`,
    ...corrupt(name, '{', 'null', '{"text":5,"mine":[],"state":"x"}'),
});

/** Scripts that keep such texts under a name, once. */
export const corrupt = (name, ...texts) => Object.fromEntries(texts.map((text) => [
    `corrupt (${text})`, `if (!sessionStorage.was) { sessionStorage.was = 1; localStorage.setItem(${JSON.stringify(`annotated:${name}`)}, ${JSON.stringify(text)}); }`,
]));

/** Tells what is not as it should be. */
export function expect(problem, what, found, expected) {
    if (JSON.stringify(found) !== JSON.stringify(expected)) problem(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

/** All of these are large enough for a finger; a check box is as large as its label. */
export async function targets(page, selector, problem) {
    const small = await page.locator(selector).evaluateAll((all) => all.filter((element) => element.checkVisibility()).map((element) => {
        const { width, height } = (element.type === 'checkbox' ? element.closest('label') : element).getBoundingClientRect();
        return { name: `${element.tagName} ${element.textContent.slice(0, 20)}`, width, height };
    }).filter(({ width, height }) => width < 44 || height < 44));
    small.forEach(({ name, width, height }) => problem(`${name} is ${width} by ${height} pixels, too small for a finger`));
}

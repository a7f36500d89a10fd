// Pages on paper: A4 with margins of a centimetre and a half, from a dark screen.

/** Between the margins, in pixels of CSS. */
const PAPER = { width: 680, height: 1009 };

/** What is printed is whole, black on white, and has no controls. */
export async function paper(page, address, problem) {
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize(PAPER);
    await page.goto(address, { waitUntil: 'load' });
    // Colours take a moment, one element after the other. What isn't so in the end is a fault.
    await page.waitForFunction(() => document.getAnimations().length === 0, null, { timeout: 5000 }).catch(() => {});
    const faults = await page.evaluate(() => {
        const faults = [];
        const seen = (element) => element.checkVisibility();
        const luminance = (colour) => {
            const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((value) => {
                const part = Number(value) / 255;
                return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const controls = '#mdbook-sidebar, #mdbook-menu-bar, .nav-wrapper, .nav-wide-wrapper, pre > .buttons';
        for (const control of document.querySelectorAll(controls)) {
            if (seen(control)) faults.push(`${control.id || control.className} is printed`);
        }
        if (luminance(getComputedStyle(document.documentElement).backgroundColor) < 0.95) faults.push('the paper is not white');
        const pale = [...document.querySelectorAll('main p, main li, main td, main a, main pre, main pre *, main svg text')].filter((element) =>
            seen(element) && luminance(getComputedStyle(element)[element.matches('text') ? 'fill' : 'color']) > 0.2);
        if (pale.length > 0) faults.push(`${pale.length} texts are pale: ${pale.slice(0, 3).map((element) => JSON.stringify(element.textContent.slice(0, 30))).join(', ')}`);
        for (const element of document.querySelectorAll('main pre, main pre > code, main .formula, main .drawing, main .table-wrapper')) {
            const room = document.documentElement.clientWidth;
            const right = Math.max(...[element, ...element.querySelectorAll('svg')].filter(seen).map((part) => part.getBoundingClientRect().right), 0);
            const cut = seen(element) && (element.scrollWidth > element.clientWidth + 1 || right > room + 1);
            if (cut) faults.push(`${element.className || element.tagName} is cut off: ${JSON.stringify(element.textContent.trim().slice(0, 40))}`);
        }
        for (const details of document.querySelectorAll('main details')) {
            const inside = [...details.children].filter((child) => child.tagName !== 'SUMMARY' && !child.matches('.more'));
            if (seen(details) && inside.length > 0 && !seen(inside[0])) faults.push(`folded away: ${details.textContent.trim().slice(0, 40)}`);
        }
        return faults;
    });
    faults.slice(0, 6).forEach((text) => problem(`on paper: ${text}`));
}

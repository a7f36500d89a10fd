'use strict';
// Lets texts in boxes be selected; keeps names in one line; makes what scrolls, and mdBook's own button for the contents,
// serve the keyboard, and says of a table that there is more of it; opens what is folded away for print. The book says
// everything without it.
{
    for (const svg of all('figure.diagram svg')) {
        // To drag the pointer over a text selects it, and follows no link.
        on(svg, 'dragstart', ours);
        on(svg, 'click', (e) => {
            const byPointer = e.detail > 0;
            if (byPointer && !getSelection().isCollapsed) {
                ours(e);
            }
        });
    }

    // A flag or a name is one word, in spite of its hyphens.
    for (const code of all(':not(pre) > code')) {
        classed(code, 'word', /^\S{1,24}$/.test(code.textContent));
    }

    // What scrolls sideways.
    const scrollers = all('.drawing, .formula, .table-wrapper, pre > code, pre.source');
    const mark = () => {
        for (const el of scrollers) {
            reached(el, el.scrollWidth > el.clientWidth);
        }
        tables.forEach(sign);
    };
    for (const el of scrollers) {
        // There, these keys scroll; mdBook would turn the page.
        on(el, 'keydown', (e) => {
            if (e.target === el && (e.key === 'ArrowLeft' || e.key === 'ArrowRight')) {
                e.stopPropagation();
            }
        });
    }

    // A table that is wider than the page fades out where there is more of it, and a line below it says so.
    const tables = scrollers.filter((el) => el.matches('.table-wrapper'));
    const sign = (table) => {
        const more = table.scrollWidth - table.clientWidth;
        classed(table, 'more-before', table.scrollLeft > 1);
        // Both widths are rounded: at the end, there may seem to be a pixel more.
        classed(table, 'more-after', more > 0 && table.scrollLeft <= Math.max(more - 2, 0));
        const isSigned = table.previousElementSibling?.matches('.more');
        if (more > 0 && !isSigned) {
            table.before(make('p', { className: 'more', textContent: 'This table goes on to the right.' }));
            table.setAttribute('role', 'region');
            table.setAttribute('aria-label', 'A table that goes on to the right');
        } else if (more <= 0 && isSigned) {
            table.previousElementSibling.remove();
            ['role', 'aria-label'].forEach((name) => table.removeAttribute(name));
        }
    };
    tables.forEach((table) => on(table, 'scroll', () => sign(table), { passive: true }));

    // A picture that is higher than the window can't stay in sight: its lower part would never be seen.
    const stick = () => {
        for (const figure of all('.beside > figure.diagram')) {
            classed(figure, 'high', figure.offsetHeight > innerHeight - 80);
        }
    };
    stick();
    on(window, 'load resize', stick);
    // Whatever makes it wider: another window, a font that comes late, what was folded away.
    const sizes = new ResizeObserver(mark);
    for (const el of scrollers) {
        [el, ...el.children].forEach((part) => sizes.observe(part));
    }
    mark();

    // mdBook opens the contents with a label, which neither the keyboard nor a screen reader takes for a button.
    const contents = byId('mdbook-sidebar-toggle');
    if (contents) {
        contents.role = 'button';
        contents.tabIndex = 0;
        onPress(contents, () => contents.click());
    }

    // Paper has nothing to click.
    let opened = [];
    on(window, 'beforeprint', () => {
        opened = all('main details:not([open])');
        opened.forEach((details) => { details.open = true; });
    });
    on(window, 'afterprint', () => opened.forEach((details) => { details.open = false; }));
}

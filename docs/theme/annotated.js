// Lights up what leads to a box and away from it, and lets texts in boxes be selected; keeps names in one line; makes
// what scrolls, and mdBook's own button for the contents, serve the keyboard; opens what is folded away for print. The
// book says everything without it.
(() => {
    'use strict';

    const trace = (svg, key) => {
        svg.querySelectorAll('.lit').forEach((element) => element.classList.remove('lit'));
        svg.classList.toggle('tracing', key !== null);
        if (key === null) {
            return;
        }
        const keys = new Set([key]);
        for (const edge of svg.querySelectorAll('[data-from]')) {
            const { from, to } = edge.dataset;
            if (from === key || to === key) {
                edge.classList.add('lit');
                keys.add(from).add(to);
            }
        }
        for (const box of svg.querySelectorAll('.b[data-key]')) {
            box.classList.toggle('lit', keys.has(box.dataset.key));
        }
    };

    annotated.trace = trace;

    for (const svg of document.querySelectorAll('figure.diagram svg')) {
        for (const box of svg.querySelectorAll('.b[data-key]')) {
            const on = () => trace(svg, box.dataset.key);
            const off = () => trace(svg, null);
            box.addEventListener('pointerenter', on);
            box.addEventListener('pointerleave', off);
            (box.closest('a') ?? box).addEventListener('focus', on);
            (box.closest('a') ?? box).addEventListener('blur', off);
        }
        // To drag the pointer over a text selects it, and follows no link.
        svg.addEventListener('dragstart', (event) => event.preventDefault());
        svg.addEventListener('click', (event) => {
            const byPointer = event.detail > 0;
            if (byPointer && !getSelection().isCollapsed) {
                event.preventDefault();
            }
        });
    }

    // A flag or a name is one word, in spite of its hyphens.
    for (const code of document.querySelectorAll(':not(pre) > code')) {
        code.classList.toggle('word', /^\S{1,24}$/.test(code.textContent));
    }

    // What scrolls sideways is reached by the keyboard; what doesn't is no stop on its way.
    const scrollers = document.querySelectorAll('.drawing, .formula, .table-wrapper, pre > code, pre.source');
    const mark = () => {
        for (const element of scrollers) {
            if (element.scrollWidth > element.clientWidth) {
                element.tabIndex = 0;
            } else {
                element.removeAttribute('tabindex');
            }
        }
    };
    for (const element of scrollers) {
        // There, these keys scroll; mdBook would turn the page.
        element.addEventListener('keydown', (event) => {
            if (event.target === element && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
                event.stopPropagation();
            }
        });
    }
    // A picture that is higher than the window can't stay in sight: its lower part would never be seen.
    const stick = () => {
        for (const figure of document.querySelectorAll('.beside > figure.diagram')) {
            figure.classList.toggle('high', figure.offsetHeight > innerHeight - 80);
        }
    };
    for (const fit of [mark, stick]) {
        fit();
        addEventListener('load', fit);
        addEventListener('resize', fit);
    }
    addEventListener('toggle', mark, true);

    // mdBook opens the contents with a label, which neither the keyboard nor a screen reader takes for a button.
    const contents = document.getElementById('mdbook-sidebar-toggle');
    if (contents) {
        contents.setAttribute('role', 'button');
        contents.tabIndex = 0;
        contents.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                contents.click();
            }
        });
    }

    // Paper has nothing to click.
    const closed = () => [...document.querySelectorAll('main details:not([open])')];
    let opened = [];
    addEventListener('beforeprint', () => {
        opened = closed();
        opened.forEach((details) => { details.open = true; });
    });
    addEventListener('afterprint', () => opened.forEach((details) => { details.open = false; }));
})();

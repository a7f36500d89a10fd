// Lights up what leads to a box and away from it, and lets texts in boxes be selected. Diagrams say everything without it.
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
})();

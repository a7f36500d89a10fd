// What a tooltip says of a box, for the keyboard and for fingers: below the picture, while the box has the focus or after a
// tap. The first tap tells, the second follows the box's link.
(() => {
    'use strict';

    const { make } = annotated;

    /** What the reader used last. */
    let by = 'key';
    addEventListener('pointerdown', (event) => { by = event.pointerType; }, true);
    addEventListener('keydown', () => { by = 'key'; }, true);

    const CODE = /^(.*?)crates\/model\/src\/(\S+)\.rs:(\d+)$/;
    /** A line of the tooltip; where it names code, with a link to it. */
    const fact = (text) => {
        const [, before, file, line] = text.match(CODE) ?? [];
        if (file === undefined) return make('li', '', text);
        const link = make('a', '', `${file}.rs:${line}`);
        const here = `code-${file}.rs:${line}`;
        link.href = document.getElementById(here) ? `#${here}` : `${path_to_root}source/${file}.html#L${line}`;
        return make('li', '', before, link);
    };
    /** Which weights a box has is shown, not said. */
    const isSaid = (text) => !/^[\w.]+ \[|more parameters$/.test(text);

    let current = null;
    let panel = null;
    const hide = () => {
        panel?.remove();
        panel = null;
        current?.link.removeAttribute('aria-describedby');
        current = null;
    };
    /** Shows what there is to tell of a box, and gives it back as a sentence. */
    const show = (box) => {
        if (box !== current?.box) hide();
        const [name, ...lines] = box.querySelector('title').textContent.split('\n');
        const link = box.closest('a') ?? box;
        const says = link.getAttribute('aria-label')?.split(': ').at(-1);
        const close = make('button', 'close', '×');
        close.setAttribute('aria-label', 'Close');
        close.addEventListener('click', () => {
            hide();
            annotated.pin?.(null);
        });
        const sentence = `${lines.filter(isSaid).join('; ') || 'Nothing more is known of it'}.`;
        const spoken = make('p', 'unseen', sentence);
        spoken.id = 'facts-spoken';
        panel?.remove();
        panel = make('div', 'facts', make('b', '', name), close, make('ul', '', ...lines.map(fact)), spoken);
        panel.setAttribute('role', 'group');
        panel.setAttribute('aria-label', `${name}: facts`);
        if (link.matches('a')) {
            const way = make('a', 'way', says.replace(/^its code/, 'To its code').replace(/^see /, 'See: ').replace(/^up to /, 'Up to: '));
            way.href = link.getAttribute('href');
            panel.append(way);
        }
        const tools = annotated.tools(box.closest('figure'));
        tools.prepend(panel);
        // Nothing is told over the box itself.
        const covered = box.getBoundingClientRect().bottom + 8 - tools.getBoundingClientRect().top;
        if (covered > 0) scrollBy({ top: covered, behavior: 'instant' });
        link.setAttribute('aria-describedby', 'facts-spoken');
        current = { box, link };
        return `${name}: ${sentence}${link.matches('a') ? ` Tap again: ${says}.` : ''}`;
    };
    annotated.facts = show;

    const boxAt = (target) => target.closest('[data-key]') ?? target.closest('a')?.querySelector('[data-key]')
        ?? target.closest('a.c')?.previousElementSibling?.querySelector('[data-key]');

    for (const figure of document.querySelectorAll('figure.diagram')) {
        const drawing = figure.querySelector('.drawing');
        drawing.addEventListener('focusin', ({ target }) => {
            const box = by === 'key' && boxAt(target);
            if (box) show(box);
        });
        figure.addEventListener('focusout', ({ relatedTarget }) => {
            if (by === 'key' && relatedTarget && !figure.contains(relatedTarget)) hide();
        });
        drawing.addEventListener('click', (event) => {
            const box = boxAt(event.target);
            if (!box || event.detail === 0) return;
            const leadsOn = event.target.closest('a') !== null;
            if (leadsOn && (by !== 'touch' || box === current?.box)) return;
            event.preventDefault();
            annotated.say(show(box));
            annotated.pin?.(box);
        });
    }
    document.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
    document.addEventListener('click', ({ target }) => {
        if (current && by === 'touch' && !target.closest('figure.diagram')) hide();
    });
})();

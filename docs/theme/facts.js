'use strict';
// What a tooltip says of a box, for the keyboard and for fingers: below the picture, while the box has the focus or after a
// tap. The first tap tells, the second follows the box's link.
{
    /** What the reader used last. */
    let by = 'key';
    on(window, 'pointerdown', (e) => { by = e.pointerType; }, true);
    on(window, 'keydown', () => { by = 'key'; }, true);

    const CODE = /^(.*?)crates\/model\/src\/(\S+)\.rs:(\d+)$/;
    /** A line of the tooltip; where it names code, with a link to it. */
    const fact = (text) => {
        const [, before, file, line] = text.match(CODE) ?? [];
        if (file === undefined) return make('li', {}, text);
        const place = `${file}.rs:${line}`;
        const href = byId(`code-${place}`) ? `#code-${place}` : `${path_to_root}source/${file}.html#L${line}`;
        return make('li', {}, before, make('a', { href }, place));
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
        const [name, ...lines] = one('title', box).textContent.split('\n');
        const link = box.closest('a') ?? box;
        const says = link.getAttribute('aria-label')?.split(': ').at(-1);
        const close = closer(() => {
            hide();
            annotated.pin(null);
        });
        const sentence = `${lines.filter(isSaid).join('; ') || 'Nothing more is known of it'}.`;
        const spoken = make('p', { className: 'unseen', id: 'facts-spoken' }, sentence);
        panel?.remove();
        panel = group('facts', `${name}: facts`, make('b', {}, name), close, make('ul', {}, ...lines.map(fact)), spoken);
        if (link.matches('a')) {
            const textContent = says.replace(/^its code/, 'To its code').replace(/^see /, 'See: ').replace(/^up to /, 'Up to: ');
            panel.append(make('a', { className: 'way', href: link.getAttribute('href'), textContent }));
        }
        const tools = annotated.tools(box.closest('figure'));
        tools.prepend(panel);
        // Nothing is told over the box itself.
        const covered = placed(box).bottom + 8 - placed(tools).top;
        if (covered > 0) scrollBy({ top: covered, behavior: 'instant' });
        link.setAttribute('aria-describedby', 'facts-spoken');
        current = { box, link };
        return `${name}: ${sentence}${link.matches('a') ? ` Tap again: ${says}.` : ''}`;
    };

    const boxAt = (target) => target.closest('[data-key]') ?? target.closest('a')?.querySelector('[data-key]')
        ?? target.closest('a.c')?.previousElementSibling?.querySelector('[data-key]');

    for (const figure of all('figure.diagram')) {
        const drawing = one('.drawing', figure);
        on(drawing, 'focusin', ({ target }) => {
            const box = by === 'key' && boxAt(target);
            if (box) show(box);
        });
        on(figure, 'focusout', ({ relatedTarget }) => {
            if (by === 'key' && relatedTarget && !figure.contains(relatedTarget)) hide();
        });
        on(drawing, 'click', (e) => {
            const box = boxAt(e.target);
            if (!box || e.detail === 0) return;
            const leadsOn = e.target.closest('a') !== null;
            if (leadsOn && (by !== 'touch' || box === current?.box)) return;
            ours(e);
            say(show(box));
            annotated.pin(box);
        });
    }
    annotated.untold = hide;
    on(document, 'keydown', (e) => e.key === 'Escape' && hide());
    on(document, 'click', ({ target }) => {
        if (current && by === 'touch' && !target.closest('figure.diagram')) hide();
    });
}

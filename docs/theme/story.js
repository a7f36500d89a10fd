'use strict';
// A story beside a figure: each sentence lights up its path, by button, by key, by a click on it, and, where the list of
// sentences scrolls, by scrolling. Without script it is a list.
{
    const wide = matchMedia('(min-width: 1300px)');

    const tell = (story, figure) => {
        /** Whether the sentences stand beside their figure, and their controls stay in sight with it. */
        const beside = () => wide.matches && (story.matches('.storied > *')
            || (story.matches('.beside > *') && one('.drawing', figure).offsetHeight < innerHeight - 70));
        const list = one('ol', story);
        const steps = [...list.children];
        const last = steps.length - 1;
        /** The sentence that is told; none is -1. */
        let at = -1;
        /** Where the story itself has scrolled its list to. */
        let own = null;

        const sentence = make('p');
        const place = make('span', 'place');
        const begin = button('Follow it step by step', () => {
            show(0);
            focusOn(next);
        });
        const back = button('Back', () => show(at - 1));
        const next = button('Next', () => (at === last ? end() : show(at + 1)));
        const bar = barOf('div', 'The story', sentence, row(back, place, next, button('Close', () => end())));
        const tools = make('div', 'see-tools', begin);
        classed(story, 'told');
        story.append(tools, bar);

        const light = (chains) => {
            const keys = new Set(chains?.flat());
            const pairs = new Set(chains?.flatMap((chain) => chain.slice(1).map((to, step) => `${chain[step]} ${to}`)));
            for (const svg of picturesOf(figure)) {
                classed(svg, 'telling', chains !== undefined);
                all('[data-key]', svg).forEach((box) => classed(box, 'told', keys.has(box.dataset.key)));
                all('[data-from]', svg).forEach((edge) => classed(edge, 'told', pairs.has(`${edge.dataset.from} ${edge.dataset.to}`)));
            }
            return boxesOf(figure, keys);
        };
        const turn = (to) => {
            at = to;
            [tools.hidden, bar.hidden] = [at >= 0, at < 0];
            steps.forEach((step, number) => { step.ariaCurrent = number === at ? 'step' : null; });
            float(bar, at >= 0 && !beside());
        };
        const room = () => list.scrollHeight - list.clientHeight;

        const show = (to, scrolled = false) => {
            turn(Math.max(0, Math.min(to, last)));
            const step = steps[at];
            sentence.innerHTML = step.innerHTML;
            place.textContent = `${at + 1} of ${steps.length}`;
            // What has the focus must not be disabled: no key would be heard.
            if (at === 0 && document.activeElement === back) {
                focusOn(next);
            }
            back.disabled = at === 0;
            next.textContent = at === last ? 'Done' : 'Next';
            // The line that is read wanders from the list's first line to its last while the list scrolls.
            if (!scrolled && room() > 0) {
                list.scrollTop = ((step.offsetTop - list.offsetTop + (step.offsetHeight * at) / last) * room()) / list.scrollHeight;
            }
            own = list.scrollTop;
            if (beside()) {
                bar.scrollIntoView({ block: 'nearest' });
            }
            reveal(light(JSON.parse(step.dataset.lights)), bar);
            say(`${place.textContent}. ${sentence.textContent}`);
        };
        const end = () => {
            turn(-1);
            light(undefined);
            // Without the controls there may be less to scroll.
            own = list.scrollTop;
            focusOn(begin);
        };
        on(list, 'scroll', () => {
            if (room() > 0 && own !== list.scrollTop) {
                const line = (list.scrollTop * list.scrollHeight) / room() + list.offsetTop;
                const found = Math.max(0, steps.filter((step) => step.offsetTop <= line).length - 1);
                if (found !== at) {
                    show(found, true);
                }
            }
        });
        steps.forEach((step, number) => on(step, 'click', () => getSelection().isCollapsed && show(number)));
        const keys = { ArrowRight: () => show(at + 1), ArrowLeft: () => show(at - 1), Home: () => show(0), End: () => show(last), Escape: () => at >= 0 && end() };
        listen(bar, keys);
        listen(list, keys);

        const measure = () => {
            // What scrolls is reached by the keyboard.
            reached(list, room() > 0);
            // A figure that is higher than the window stays with its lower end, where it is read from.
            figure.style.top = wide.matches && figure.offsetHeight > innerHeight - 70 ? `${innerHeight - figure.offsetHeight}px` : '';
            if (at >= 0) {
                turn(at);
            }
        };
        measure();
        on(window, 'load resize', measure);
    };

    for (const story of all('.story[data-figure]')) {
        tell(story, byId(story.dataset.figure));
    }
}

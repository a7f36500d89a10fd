// A story beside a figure: each sentence lights its path up, by button, by key, by a click on the sentence, and, where the
// list of sentences scrolls, by scrolling it. Without script it is a list.
(() => {
    'use strict';

    const { say } = window.annotated;
    const { make, button, pictures, boxes, reveal, listen, float } = window.annotated.see;
    /** Where the sentences stand beside their figure, and scroll. */
    const wide = matchMedia('(min-width: 1300px)');

    for (const story of document.querySelectorAll('.story[data-figure]')) {
        const figure = document.getElementById(story.dataset.figure);
        if (figure !== null) {
            tell(story, figure);
        }
    }

    function tell(story, figure) {
        const list = story.querySelector('ol');
        const steps = [...list.children];
        const paths = steps.map((step) => JSON.parse(step.dataset.lights));
        /** The sentence that is told; none is -1. */
        let at = -1;
        /** The scroll position that the story itself asked for. */
        let asked = null;

        const begin = button('Follow it step by step', () => {
            show(0);
            next.focus({ preventScroll: true });
        });
        const sentence = make('p');
        const place = make('span', { className: 'place' });
        const back = button('Back', () => show(at - 1));
        const next = button('Next', () => (at === steps.length - 1 ? end() : show(at + 1)));
        const close = button('Close', () => end());
        const bar = make('div', { className: 'see-bar', hidden: true }, sentence, make('div', { className: 'see-row' }, back, place, next, close));
        bar.setAttribute('role', 'group');
        bar.setAttribute('aria-label', 'The story');
        list.id = `${story.id}-steps`;
        story.classList.add('told');
        story.append(make('div', { className: 'see-tools' }, begin), bar);

        function light(path) {
            const keys = new Set(path?.flat());
            const pairs = new Set(path?.flatMap((chain) => chain.slice(1).map((to, step) => `${chain[step]}\n${to}`)));
            for (const svg of pictures(figure)) {
                svg.classList.toggle('telling', path !== undefined);
                svg.querySelectorAll('[data-key]').forEach((box) => box.classList.toggle('told', keys.has(box.dataset.key)));
                svg.querySelectorAll('[data-from]').forEach(({ classList, dataset: { from, to } }) => classList.toggle('told', pairs.has(`${from}\n${to}`)));
            }
            return boxes(figure, keys);
        }

        function show(to) {
            at = Math.max(0, Math.min(to, steps.length - 1));
            begin.parentElement.hidden = true;
            bar.hidden = false;
            steps.forEach((step, number) => (number === at ? step.setAttribute('aria-current', 'step') : step.removeAttribute('aria-current')));
            sentence.textContent = steps[at].textContent;
            place.textContent = `${at + 1} of ${steps.length}`;
            // What has the focus must not be disabled: no key would be heard.
            if (at === 0 && document.activeElement === back) {
                next.focus({ preventScroll: true });
            }
            back.disabled = at === 0;
            next.textContent = at === steps.length - 1 ? 'Done' : 'Next';
            float(bar, !wide.matches);
            follow();
            reveal(light(paths[at]), wide.matches ? null : bar);
            say(`${place.textContent}. ${sentence.textContent}`);
        }

        function end() {
            at = -1;
            steps.forEach((step) => step.removeAttribute('aria-current'));
            light(undefined);
            float(bar, false);
            bar.hidden = true;
            begin.parentElement.hidden = false;
            begin.focus({ preventScroll: true });
        }

        /** The line that is read wanders from the list's first line to its last while the list scrolls. */
        const room = () => list.scrollHeight - list.clientHeight;
        function follow() {
            if (room() > 0) {
                const middle = steps[at].offsetTop - list.offsetTop + steps[at].offsetHeight / 2;
                list.scrollTop = (middle * room()) / list.scrollHeight;
                asked = list.scrollTop;
            }
        }
        list.addEventListener('scroll', () => {
            if (room() <= 0 || asked === list.scrollTop) {
                return;
            }
            asked = null;
            const line = (list.scrollTop * list.scrollHeight) / room() + list.offsetTop;
            const passed = steps.filter((step) => step.offsetTop <= line).length - 1;
            const found = Math.max(0, passed);
            if (found !== at) {
                const where = list.scrollTop;
                show(found);
                // The reader scrolls, not the story.
                list.scrollTop = where;
                asked = list.scrollTop;
            }
        });

        steps.forEach((step, number) => step.addEventListener('click', () => getSelection().isCollapsed && show(number)));
        const keys = { ArrowRight: () => show(at + 1), ArrowLeft: () => show(at - 1), Home: () => show(0), End: () => show(steps.length - 1) };
        listen(bar, { ...keys, Escape: end });
        listen(list, { ...keys, Escape: () => at >= 0 && end() });

        // What scrolls is reached by the keyboard.
        const measure = () => {
            if (room() > 0) {
                list.tabIndex = 0;
            } else {
                list.removeAttribute('tabindex');
            }
            // A figure that is higher than the window stays with its lower end, where it is read from.
            figure.style.top = wide.matches && figure.offsetHeight > innerHeight - 70 ? `${innerHeight - figure.offsetHeight}px` : '';
            if (at >= 0) {
                float(bar, !wide.matches);
            }
        };
        measure();
        addEventListener('resize', measure);
        addEventListener('load', measure);
    }
})();

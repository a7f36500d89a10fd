// A picture whose boxes are chosen: by pointer, by finger, and by the arrow keys.
(() => {
    'use strict';

    const { live } = annotated;
    const SVG = 'http://www.w3.org/2000/svg';
    const FINGER = 44;
    const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

    /**
     * `keys` are the boxes that can be chosen; `title` says what one is called; `choose` is told which is chosen. Both pictures of a
     * figure, the wide one and the narrow one, answer alike.
     */
    live.picture = (place, { keys, title, choose }) => {
        const boxes = [...place.querySelectorAll('.live-figure g.b[data-key]')].filter((box) => keys.has(box.dataset.key));
        const all = (key) => boxes.filter((box) => box.dataset.key === key);
        const focus = (key) => boxes.forEach((box) => box.setAttribute('tabindex', box.dataset.key === key ? 0 : -1));
        const middle = (box) => {
            const { left, top, width, height } = box.getBoundingClientRect();
            return [left + width / 2, top + height / 2];
        };
        /** All that stands in the box belongs to its name, and nothing of it is said twice. */
        const named = (box) => {
            const written = (which) => [...box.querySelectorAll(which)].map((text) => text.textContent.trim()).join(' ');
            const [words, label] = [written('text'), written('text:not(.n, .s)')];
            const name = title(box.dataset.key);
            if (name.startsWith(label)) return words + name.slice(label.length);
            return name.includes(words) ? name : `${words}: ${name}`;
        };
        for (const box of boxes) {
            box.setAttribute('role', 'button');
            box.setAttribute('aria-pressed', false);
            box.setAttribute('aria-label', named(box));
            // What was said of the sizes of another model stays with the other picture.
            box.querySelector('title')?.remove();
        }
        /** A finger needs room: around every box that was given none. */
        const widen = () => boxes.filter((box) => box.checkVisibility() && box.querySelector('.room') === null).forEach((box) => {
            const { x, y, width, height } = box.getBBox();
            const [wide, high] = [Math.max(width, FINGER), Math.max(height, FINGER)];
            const rect = document.createElementNS(SVG, 'rect');
            Object.entries({ class: 'room', x: x + (width - wide) / 2, y: y + (height - high) / 2, width: wide, height: high, fill: 'none', 'pointer-events': 'all' })
                .forEach(([name, value]) => rect.setAttribute(name, value));
            box.prepend(rect);
        });
        widen();
        addEventListener('resize', widen);

        const chosen = (key) => {
            boxes.forEach((box) => {
                const isChosen = box.dataset.key === key;
                box.classList.toggle('chosen', isChosen);
                box.setAttribute('aria-pressed', isChosen);
            });
            focus(key);
        };
        const take = (key, isAsked = true) => {
            chosen(key);
            choose(key, isAsked);
        };
        place.querySelectorAll('.live-figure svg').forEach((svg) => {
            svg.addEventListener('click', (event) => {
                const box = event.target.closest('.b[data-key]') ?? event.target.closest('.around')?.querySelector('.b[data-key]');
                if (boxes.includes(box)) take(box.dataset.key);
            });
            svg.addEventListener('keydown', (event) => {
                const box = event.target.closest('.b[data-key]');
                const step = ARROWS[event.key];
                if (!boxes.includes(box) || event.ctrlKey || event.altKey || event.metaKey) return;
                if (event.key === 'Enter' || event.key === ' ') {
                    event.preventDefault();
                    take(box.dataset.key);
                }
                if (!step) return;
                // mdBook would turn the page.
                event.preventDefault();
                event.stopPropagation();
                const here = middle(box);
                const far = (other) => {
                    const [dx, dy] = middle(other).map((value, axis) => value - here[axis]);
                    const along = dx * step[0] + dy * step[1];
                    return along > 1 ? along + 3 * Math.abs(dx * step[1] + dy * step[0]) : Infinity;
                };
                const others = boxes.filter((other) => other.ownerSVGElement === svg);
                const next = others.reduce((best, other) => (far(other) < far(best) ? other : best), box);
                focus(next.dataset.key);
                next.focus();
            });
        });
        focus(boxes[0]?.dataset.key);
        return {
            chosen,
            take,
            /** Marks the boxes at which something is changed. */
            mark: (changed) => boxes.forEach((box) => {
                const is = changed.has(box.dataset.key);
                box.classList.toggle('changed', is);
                box.setAttribute('aria-label', named(box) + (is ? ', changed' : ''));
            }),
            /** Back to the chosen box, where the panel is below the picture. */
            reveal: () => {
                const box = boxes.find((found) => found.classList.contains('chosen') && found.checkVisibility());
                box?.scrollIntoView({ block: 'center' });
                box?.focus({ preventScroll: true });
            },
            focus: () => boxes.find((box) => box.getAttribute('tabindex') === '0' && box.checkVisibility())?.focus({ preventScroll: true }),
            has: (key) => all(key).length > 0,
        };
    };
})();

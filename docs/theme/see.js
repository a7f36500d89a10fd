// What the ways to see a picture share: small elements, the pictures of a figure with their boxes, and a bar at the lower
// edge of the window.
window.annotated.see = (() => {
    'use strict';

    /** An element with properties and what is in it. */
    const make = (tag, properties = {}, ...inside) => {
        const element = Object.assign(document.createElement(tag), properties);
        element.append(...inside);
        return element;
    };
    const button = (text, act) => {
        const made = make('button', { type: 'button', textContent: text });
        made.addEventListener('click', act);
        return made;
    };

    /** Both pictures of a figure, the wide one and the narrow one; what is shown of one is shown of the other. */
    const pictures = (figure) => [...figure.querySelectorAll('.drawing svg')];
    /** All elements of these keys that are boxes, in both pictures. */
    const boxes = (figure, keys) => [...figure.querySelectorAll('svg [data-key]')].filter((box) => keys.has(box.dataset.key));

    /** Scrolls until these boxes are on the screen, above the bar if there is one. */
    const reveal = (found, bar = null) => {
        const places = found.filter((box) => box.checkVisibility()).map((box) => box.getBoundingClientRect());
        if (places.length === 0) {
            return;
        }
        const [above, below] = [70, innerHeight - 20 - (bar?.offsetHeight ?? 0)];
        const top = Math.min(...places.map((place) => place.top));
        const bottom = Math.max(...places.map((place) => place.bottom));
        if (top >= above && bottom <= below) {
            return;
        }
        // What is too high for the screen is read from the bottom, too.
        const by = bottom - top > below - above ? bottom - below : (top + bottom - above - below) / 2;
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        scrollBy({ top: by, behavior: still ? 'instant' : 'smooth' });
        // After a jump upwards, mdBook's bar would stand in the middle of the page until the next scroll.
        requestAnimationFrame(() => requestAnimationFrame(() => document.dispatchEvent(new Event('scroll'))));
    };

    /** Keys that mean something to `keys` go no further: mdBook would turn the page, or search. */
    const listen = (element, keys) => element.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) {
            return;
        }
        const act = keys[event.key];
        const types = event.target.tagName === 'INPUT';
        if (act && !(types && event.key.startsWith('Arrow'))) {
            event.preventDefault();
            act();
        }
        if (act || types) {
            event.stopPropagation();
        }
    });

    /** Lays an element over the lower edge of the window, or takes it away again. */
    const float = (element, on) => {
        element.classList.toggle('floats', on);
        element.popover = on ? 'manual' : null;
        if (on && element.showPopover && !element.matches(':popover-open')) {
            element.showPopover();
        }
    };

    /** The controls below a figure, made when they are first asked for. */
    const tools = (figure) => {
        let row = figure.querySelector(':scope > .see-tools');
        if (row === null) {
            row = make('div', { className: 'see-tools' });
            figure.append(row);
        }
        return row;
    };

    return { make, button, pictures, boxes, reveal, listen, float, tools };
})();

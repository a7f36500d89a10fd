// What the ways to see a picture share: small elements, a figure's boxes, and a bar at the lower edge of the window.
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
    const row = (...inside) => make('div', { className: 'see-row' }, ...inside);

    /** Both pictures of a figure, the wide one and the narrow one: what is shown of one is shown of the other. */
    const pictures = (figure) => [...figure.querySelectorAll('.drawing svg')];
    const boxes = (figure, keys) => [...figure.querySelectorAll('svg [data-key]')].filter((box) => keys.has(box.dataset.key));

    /** Scrolls until boxes are on the screen, above the bar if it floats. */
    const reveal = (found, bar) => {
        const places = found.filter((box) => box.checkVisibility()).map((box) => box.getBoundingClientRect());
        const floats = bar.matches('.floats');
        const [above, below] = [70, innerHeight - 20 - (floats ? bar.offsetHeight : 0)];
        const top = Math.min(...places.map((place) => place.top));
        const bottom = Math.max(...places.map((place) => place.bottom));
        if (places.length === 0 || (top >= above && bottom <= below)) {
            return;
        }
        // What is too high for the screen is read from the bottom. A bar beside the figure is to stay in sight.
        const nearest = bottom - top <= below - above && top < above ? top - above : bottom - below;
        const by = floats && bottom - top <= below - above ? (top + bottom - above - below) / 2 : nearest;
        scrollBy({ top: by, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth' });
        // After a jump upwards, mdBook's own bar would stand in the middle of the page until the next scroll.
        requestAnimationFrame(() => requestAnimationFrame(() => document.dispatchEvent(new Event('scroll'))));
    };

    /** Keys that mean something here, or are typed, go no further: mdBook would turn the page, or search. */
    const listen = (element, keys) => element.addEventListener('keydown', (event) => {
        const types = event.target.tagName === 'INPUT';
        const act = event.ctrlKey || event.altKey || event.metaKey || (types && event.key !== 'Escape') ? undefined : keys[event.key];
        if (act) {
            event.preventDefault();
            act();
        }
        if (act || types) {
            event.stopPropagation();
        }
    });

    /** A bar of controls with a name; none is to be seen yet. */
    const bar = (tag, name, ...inside) => {
        const made = make(tag, { className: 'see-bar', hidden: true }, ...inside);
        made.setAttribute('role', 'group');
        made.setAttribute('aria-label', name);
        return made;
    };
    /** Lays a bar over the lower edge of the window, or takes it away again. */
    const float = (bar, on) => {
        bar.classList.toggle('floats', on);
        bar.popover = on ? 'manual' : null;
        if (on && bar.showPopover && !bar.matches(':popover-open')) {
            bar.showPopover();
        }
    };

    return { make, button, row, pictures, boxes, reveal, listen, bar, float };
})();

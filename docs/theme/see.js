'use strict';
// What the ways to see a picture share: a figure's boxes, and a bar at the lower edge of the window.

/** Both pictures of a figure, the wide one and the narrow one: what is shown of one is shown of the other. */
const picturesOf = (figure) => all('.drawing svg', figure);
const boxesOf = (figure, keys) => all('svg [data-key]', figure).filter((box) => keys.has(box.dataset.key));
const row = (...inside) => make('div', 'see-row', ...inside);

/** Scrolls until boxes are on the screen, above the bar if it floats. */
const reveal = (found, bar) => {
    const places = found.filter((box) => box.checkVisibility()).map(placed);
    const floats = bar.matches('.floats');
    const [above, below] = [70, innerHeight - 20 - (floats ? bar.offsetHeight : 0)];
    const top = Math.min(...places.map((place) => place.top));
    const bottom = Math.max(...places.map((place) => place.bottom));
    if (places.length === 0 || (top >= above && bottom <= below)) {
        return;
    }
    // What is too high for the screen is read from the bottom. A bar beside the figure is to stay in sight.
    const fits = bottom - top <= below - above;
    const nearest = fits && top < above ? top - above : bottom - below;
    const by = floats && fits ? (top + bottom - above - below) / 2 : nearest;
    scrollBy({ top: by, behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth' });
    // After a jump upwards, mdBook's own bar would stand in the middle of the page until the next scroll.
    requestAnimationFrame(() => requestAnimationFrame(() => document.dispatchEvent(new Event('scroll'))));
};

/** Keys that mean something here, or are typed, go no further: mdBook would turn the page, or search. */
const listen = (el, keys) => on(el, 'keydown', (e) => {
    const types = e.target.tagName === 'INPUT';
    const act = e.ctrlKey || e.altKey || e.metaKey || (types && e.key !== 'Escape') ? undefined : keys[e.key];
    if (act) {
        ours(e);
        act();
    }
    if (act || types) {
        e.stopPropagation();
    }
});

/** A bar of controls with a name; none is to be seen yet. */
const barOf = (tag, name, ...inside) => make(tag, { className: 'see-bar', hidden: true, role: 'group', 'aria-label': name }, ...inside);
/** Lays a bar over the lower edge of the window, or takes it away again. */
const float = (bar, isOn) => {
    classed(bar, 'floats', isOn);
    bar.popover = isOn ? 'manual' : null;
    if (isOn && bar.showPopover && !bar.matches(':popover-open')) {
        bar.showPopover();
    }
};

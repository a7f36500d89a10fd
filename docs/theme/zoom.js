// A closer look at large pictures: by the wheel with Ctrl, by pinching and dragging, by buttons and keys. A small map says
// where one is in the picture, and another where an inner picture is in the whole.
(() => {
    'use strict';

    const MOST = 4;
    const STEP = 1.5;
    /** Pixels of the screen that an arrow key moves. */
    const STRIDE = 60;
    /** A lower picture is seen as a whole. */
    const HIGH = 480;

    const { make } = annotated;

    /** What stands between a picture and its caption. */
    annotated.tools = (figure) => {
        const drawing = figure.querySelector('.drawing');
        if (!drawing.nextElementSibling?.matches('.tools')) {
            drawing.after(make('div', 'tools'));
        }
        return drawing.nextElementSibling;
    };

    /** A picture as rectangles. `size` and each of `rects`: left, top, width, height. */
    const map = (size, rects, marked = []) => {
        const [left, top, width, height] = size;
        const part = ([x, y, w, h], name) => {
            const element = make('i', name);
            Object.assign(element.style, {
                left: `${((x - left) / width) * 100}%`, top: `${((y - top) / height) * 100}%`,
                width: `${(w / width) * 100}%`, height: `${(h / height) * 100}%`,
            });
            return element;
        };
        const element = make('span', 'map', ...rects.map((rect, place) => part(rect, marked.includes(place) ? 'here' : '')));
        element.style.aspectRatio = `${width} / ${height}`;
        element.setAttribute('aria-hidden', true);
        return element;
    };

    // ---- Where an inner picture is ----

    for (const figure of document.querySelectorAll('figure.diagram[data-whole]')) {
        const whole = document.querySelector(`[data-whole-picture="${figure.dataset.whole}"]`)?.dataset;
        if (!whole) continue;
        const numbers = (text) => text.split(',').map(Number);
        const marked = figure.dataset.place.split(' ').map(Number);
        const link = make('a', 'place', map(numbers(whole.size), whole.boxes.split(' ').map(numbers), marked), make('span', '', 'Where this is'));
        link.href = whole.href;
        link.setAttribute('aria-label', `Where this is: in ${whole.title}`);
        annotated.tools(figure).append(link);
    }

    // ---- A closer look ----

    const zoomable = (figure) => {
        const drawing = figure.querySelector('.drawing');
        const picture = () => [...drawing.querySelectorAll('svg')].find((svg) => svg.checkVisibility());
        let scale = 1;
        let small = null;

        const view = make('b', '');
        const follow = () => {
            if (small === null) return;
            const { scrollLeft, scrollTop, clientWidth, clientHeight, scrollWidth, scrollHeight } = drawing;
            Object.assign(view.style, {
                left: `${(scrollLeft / scrollWidth) * 100}%`, top: `${(scrollTop / scrollHeight) * 100}%`,
                width: `${(clientWidth / scrollWidth) * 100}%`, height: `${(clientHeight / scrollHeight) * 100}%`,
            });
        };
        const least = () => Math.min(1, drawing.clientWidth / picture().viewBox.baseVal.width);
        /** Makes it so large, and keeps a place of the screen where it is. */
        const zoomTo = (wanted, x, y) => {
            const svg = picture();
            const next = Math.min(MOST, Math.max(least(), Math.abs(wanted - 1) < 0.04 ? 1 : wanted));
            if (!svg || next === scale) return false;
            const before = svg.getBoundingClientRect();
            if (next > 1 && scale <= 1) drawing.style.height = `${drawing.clientHeight}px`;
            if (next <= 1) drawing.style.height = '';
            scale = next;
            svg.style.setProperty('--zoomed', `${svg.viewBox.baseVal.width * scale}px`);
            drawing.classList.toggle('zoomed', scale !== 1);
            drawing.classList.toggle('closer', scale > 1);
            const after = svg.getBoundingClientRect();
            const [right, down] = [(x - before.left) / before.width, (y - before.top) / before.height];
            drawing.scrollLeft += after.left + right * after.width - x;
            drawing.scrollTop += after.top + down * after.height - y;
            reset.textContent = `${Math.round(scale * 100)} %`;
            if (scale > 1 && small === null) {
                const { x: left, y: top, width, height } = svg.viewBox.baseVal;
                const rects = [...svg.querySelectorAll('[data-key]')].map((box) => {
                    const place = box.querySelector('rect, circle').getBBox();
                    return [place.x, place.y, place.width, place.height];
                });
                small = map([left, top, width, height], rects);
                small.classList.add('view');
                small.append(view);
                tools.append(small);
            } else if (scale <= 1) {
                small?.remove();
                small = null;
            }
            follow();
            return true;
        };
        /** What has the focus, or else what is seen of the picture. */
        const middle = () => {
            const focus = document.activeElement;
            const { left, right, top, bottom } = (drawing.contains(focus) ? focus : drawing).getBoundingClientRect();
            return [(left + right) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
        };
        const by = (factor) => {
            const moved = zoomTo(factor === 0 ? 1 : scale * factor, ...middle());
            annotated.say(moved ? `Zoom ${Math.round(scale * 100)} percent.` : 'It goes no further.');
        };

        const button = (text, says, press) => {
            const element = make('button', '', text);
            element.title = says;
            // A sign is no name.
            if (text.length === 1) element.setAttribute('aria-label', says);
            element.addEventListener('click', press);
            return element;
        };
        const reset = button('100 %', 'As drawn', () => by(0));
        const group = make('span', 'zoom', button('−', 'Zoom out', () => by(1 / STEP)), reset, button('+', 'Zoom in', () => by(STEP)));
        group.setAttribute('role', 'group');
        group.setAttribute('aria-label', 'Zoom');
        const tools = annotated.tools(figure);
        tools.append(group);

        const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
        figure.addEventListener('keydown', (event) => {
            const { key, target } = event;
            if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea, select')) return;
            const factor = { '+': STEP, '=': STEP, '-': 1 / STEP, 0: 0 }[key];
            if (factor !== undefined) {
                by(factor);
                event.preventDefault();
            } else if (ARROWS[key] && scale > 1) {
                const [right, down] = ARROWS[key];
                drawing.scrollBy({ left: right * STRIDE, top: down * STRIDE, behavior: 'instant' });
                event.preventDefault();
                event.stopPropagation();
            } else if (ARROWS[key] && group.contains(target)) {
                // mdBook would turn the page.
                event.stopPropagation();
            }
        });
        drawing.addEventListener('wheel', (event) => {
            if (!event.ctrlKey) return;
            const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
            const moved = zoomTo(scale * Math.exp(-Math.max(-100, Math.min(100, pixels)) / 250), event.clientX, event.clientY);
            // At its end, the wheel is the browser's again.
            if (moved || pixels < 0) event.preventDefault();
        }, { passive: false });
        drawing.addEventListener('scroll', follow);

        // With the mouse, beside texts: those are selected.
        let held = null;
        let dragged = false;
        drawing.addEventListener('mousedown', (event) => {
            dragged = false;
            if (scale <= 1 || event.button !== 0 || event.target.closest('text')) return;
            event.preventDefault();
            held = { x: event.clientX, y: event.clientY };
        });
        addEventListener('mousemove', (event) => {
            if (held === null) return;
            const [right, down] = [held.x - event.clientX, held.y - event.clientY];
            if (!dragged && Math.hypot(right, down) < 5) return;
            dragged = true;
            drawing.scrollBy({ left: right, top: down, behavior: 'instant' });
            held = { x: event.clientX, y: event.clientY };
        });
        addEventListener('mouseup', () => { held = null; });
        drawing.addEventListener('click', (event) => {
            if (!dragged) return;
            dragged = false;
            event.preventDefault();
            event.stopPropagation();
        }, true);

        // Two fingers pinch. One moves what can be moved, and else the page.
        let touch = null;
        const fingers = ({ touches }) => {
            const [one, other = one] = touches;
            return {
                count: touches.length, x: (one.clientX + other.clientX) / 2, y: (one.clientY + other.clientY) / 2,
                apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY), ours: touches.length > 1,
            };
        };
        const canMove = (right, down) => {
            const { scrollLeft, scrollTop, clientWidth, clientHeight, scrollWidth, scrollHeight } = drawing;
            const room = (moved, at, most) => (moved > 0 ? at < most - 1 : moved < 0 && at > 1);
            return Math.abs(right) > Math.abs(down)
                ? room(right, scrollLeft, scrollWidth - clientWidth) : room(down, scrollTop, scrollHeight - clientHeight);
        };
        const begin = (event) => { touch = event.touches.length > 0 ? fingers(event) : null; };
        ['touchstart', 'touchend', 'touchcancel'].forEach((name) => drawing.addEventListener(name, begin, { passive: true }));
        drawing.addEventListener('touchmove', (event) => {
            const now = fingers(event);
            if (touch === null || now.count !== touch.count || now.count > 2) return;
            const [right, down] = [touch.x - now.x, touch.y - now.y];
            touch.ours ||= scale > 1 && canMove(right, down);
            if (!touch.ours) {
                // The page's, until the finger is lifted.
                touch = null;
                return;
            }
            if (event.cancelable) event.preventDefault();
            if (now.count === 2 && touch.apart > 0) zoomTo(scale * (now.apart / touch.apart), now.x, now.y);
            drawing.scrollBy({ left: right, top: down, behavior: 'instant' });
            touch = { ...now, ours: true };
        }, { passive: false });

        let width = innerWidth;
        addEventListener('resize', () => {
            if (innerWidth === width) return;
            width = innerWidth;
            zoomTo(1, 0, 0);
        });
    };

    // At once, while the browser still keeps the place that a link led to.
    const large = [...document.querySelectorAll('figure.diagram')].filter((figure) => {
        const { clientHeight, clientWidth, scrollWidth } = figure.querySelector('.drawing');
        return clientHeight > HIGH || scrollWidth > clientWidth;
    });
    large.forEach(zoomable);
})();

'use strict';
// A closer look at large pictures: by the wheel with Ctrl, by pinching and dragging, by buttons and keys. A small map says
// where one is in the picture, and another where an inner picture is in the whole.
{
    const MOST = 4;
    const STEP = 1.5;
    /** Pixels of the screen that an arrow key moves. */
    const STRIDE = 60;
    /** A lower picture is seen as a whole. */
    const HIGH = 480;

    /** What stands between a picture and its caption. */
    annotated.tools = (figure) => {
        const drawing = one('.drawing', figure);
        if (!drawing.nextElementSibling?.matches('.tools')) {
            drawing.after(make('div', 'tools'));
        }
        return drawing.nextElementSibling;
    };

    /** Puts an element to its left, top, width and height in something of that size. */
    const place = ({ style }, place, width, height) => ['left', 'top', 'width', 'height'].forEach((side, n) => {
        style[side] = `${(place[n] / [width, height][n % 2]) * 100}%`;
    });
    /** A picture as rectangles. `size` and each of `rects`: left, top, width, height. */
    const map = (size, rects, marked = []) => {
        const [left, top, width, height] = size;
        const part = ([x, y, ...extent], name) => {
            const el = make('i', name);
            place(el, [x - left, y - top, ...extent], width, height);
            return el;
        };
        const el = make('span', 'map', ...rects.map((rect, n) => part(rect, marked.includes(n) ? 'here' : '')));
        el.style.aspectRatio = `${width} / ${height}`;
        el.ariaHidden = true;
        return el;
    };

    // ---- Where an inner picture is ----

    for (const figure of all('figure.diagram[data-whole]')) {
        const whole = one(`[data-whole-picture="${figure.dataset.whole}"]`)?.dataset;
        if (!whole) continue;
        const numbers = (text) => text.split(',').map(Number);
        const marked = figure.dataset.place.split(' ').map(Number);
        const link = { className: 'place', href: whole.href, 'aria-label': `Where this is: in ${whole.title}` };
        const small = map(numbers(whole.size), whole.boxes.split(' ').map(numbers), marked);
        annotated.tools(figure).append(make('a', link, small, make('span', {}, 'Where this is')));
    }

    // ---- A closer look ----

    const zoomable = (figure) => {
        const drawing = one('.drawing', figure);
        const picture = () => shown(all('svg', drawing));
        let scale = 1;
        let small = null;

        const view = make('b');
        const move = (left, top) => drawing.scrollBy({ left, top, behavior: 'instant' });
        const follow = () => {
            if (small === null) return;
            const { scrollLeft, scrollTop, clientWidth, clientHeight, scrollWidth, scrollHeight } = drawing;
            place(view, [scrollLeft, scrollTop, clientWidth, clientHeight], scrollWidth, scrollHeight);
        };
        const least = () => Math.min(1, drawing.clientWidth / picture().viewBox.baseVal.width);
        /** Makes it so large, and keeps a place of the screen where it is. */
        const zoomTo = (wanted, x, y) => {
            const svg = picture();
            const next = Math.min(MOST, Math.max(least(), Math.abs(wanted - 1) < 0.04 ? 1 : wanted));
            if (!svg || next === scale) return false;
            const before = placed(svg);
            if (next > 1 && scale <= 1) drawing.style.height = `${drawing.clientHeight}px`;
            if (next <= 1) drawing.style.height = '';
            scale = next;
            svg.style.setProperty('--zoomed', `${svg.viewBox.baseVal.width * scale}px`);
            classed(drawing, 'zoomed', scale !== 1);
            classed(drawing, 'closer', scale > 1);
            const after = placed(svg);
            const [right, down] = [(x - before.left) / before.width, (y - before.top) / before.height];
            drawing.scrollLeft += after.left + right * after.width - x;
            drawing.scrollTop += after.top + down * after.height - y;
            reset.textContent = `${Math.round(scale * 100)} %`;
            if (scale > 1 && small === null) {
                const { x: left, y: top, width, height } = svg.viewBox.baseVal;
                const rects = all('[data-key]', svg).map((box) => {
                    const place = one('rect, circle', box).getBBox();
                    return [place.x, place.y, place.width, place.height];
                });
                small = map([left, top, width, height], rects);
                classed(small, 'view');
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
            const { left, right, top, bottom } = placed(drawing.contains(focus) ? focus : drawing);
            return [(left + right) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
        };
        const by = (factor) => {
            const moved = zoomTo(factor === 0 ? 1 : scale * factor, ...middle());
            say(moved ? `Zoom ${Math.round(scale * 100)} percent.` : 'It goes no further.');
        };

        // A sign is no name.
        const sign = (text, title, factor) => button(text, () => by(factor), { title, 'aria-label': title });
        const reset = button('100 %', () => by(0), { title: 'As drawn' });
        const buttons = group('zoom', 'Zoom', sign('−', 'Zoom out', 1 / STEP), reset, sign('+', 'Zoom in', STEP));
        const tools = annotated.tools(figure);
        tools.append(buttons);

        on(figure, 'keydown', (e) => {
            const { key, target } = e;
            if (e.ctrlKey || e.metaKey || e.altKey || target.matches('input, textarea, select')) return;
            const factor = { '+': STEP, '=': STEP, '-': 1 / STEP, 0: 0 }[key];
            if (factor !== undefined) {
                by(factor);
                ours(e);
            } else if (ARROWS[key] && scale > 1) {
                const [right, down] = ARROWS[key];
                move(right * STRIDE, down * STRIDE);
                ours(e);
                e.stopPropagation();
            } else if (ARROWS[key] && buttons.contains(target)) {
                // mdBook would turn the page.
                e.stopPropagation();
            }
        });
        on(drawing, 'wheel', (e) => {
            if (!e.ctrlKey) return;
            const pixels = e.deltaY * (e.deltaMode === 1 ? 16 : 1);
            const moved = zoomTo(scale * Math.exp(-Math.max(-100, Math.min(100, pixels)) / 250), e.clientX, e.clientY);
            // At its end, the wheel is the browser's again.
            if (moved || pixels < 0) ours(e);
        }, { passive: false });
        on(drawing, 'scroll', follow);

        // With the mouse, beside texts: those are selected.
        let held = null;
        let dragged = false;
        on(drawing, 'mousedown', (e) => {
            dragged = false;
            if (scale <= 1 || e.button !== 0 || e.target.closest('text')) return;
            ours(e);
            held = { x: e.clientX, y: e.clientY };
        });
        on(window, 'mousemove', (e) => {
            if (held === null) return;
            const [right, down] = [held.x - e.clientX, held.y - e.clientY];
            if (!dragged && Math.hypot(right, down) < 5) return;
            dragged = true;
            move(right, down);
            held = { x: e.clientX, y: e.clientY };
        });
        on(window, 'mouseup', () => { held = null; });
        on(drawing, 'click', (e) => {
            if (!dragged) return;
            dragged = false;
            ours(e);
            e.stopPropagation();
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
        const begin = (e) => { touch = e.touches.length > 0 ? fingers(e) : null; };
        on(drawing, 'touchstart touchend touchcancel', begin, { passive: true });
        on(drawing, 'touchmove', (e) => {
            const now = fingers(e);
            if (touch === null || now.count !== touch.count || now.count > 2) return;
            const [right, down] = [touch.x - now.x, touch.y - now.y];
            touch.ours ||= scale > 1 && canMove(right, down);
            if (!touch.ours) {
                // The page's, until the finger is lifted.
                touch = null;
                return;
            }
            if (e.cancelable) ours(e);
            if (now.count === 2 && touch.apart > 0) zoomTo(scale * (now.apart / touch.apart), now.x, now.y);
            move(right, down);
            touch = { ...now, ours: true };
        }, { passive: false });

        let width = innerWidth;
        on(window, 'resize', () => {
            if (innerWidth === width) return;
            width = innerWidth;
            zoomTo(1, 0, 0);
        });
    };

    // At once, while the browser still keeps the place that a link led to.
    const large = all('figure.diagram').filter((figure) => {
        const { clientHeight, clientWidth, scrollWidth } = one('.drawing', figure);
        return clientHeight > HIGH || scrollWidth > clientWidth;
    });
    large.forEach(zoomable);
}

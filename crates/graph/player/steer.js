// How a heat map is steered, and what stands around it: elements, a scale of colours, and a table.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});

    /** An element with a class and what is in it. */
    const make = (tag, name, ...inside) => {
        const element = document.createElement(tag);
        if (name !== '') element.className = name;
        element.append(...inside);
        return element;
    };
    player.make = make;

    /** So many rows a page is, for the keyboard. */
    const PAGE = 10;

    /** Pointer, finger and keys on a heat map's canvas. */
    player.steer = (canvas, { state, cell, looked, moved, all }) => {
        const found = (event) => {
            const [across, down] = cell();
            const { left, top } = canvas.getBoundingClientRect();
            const [row, column] = [Math.floor((event.clientY - top) / down) + state.top, Math.floor((event.clientX - left) / across) + state.left];
            return row >= 0 && column >= 0 && row < looked().height && column < looked().width ? [row, column] : null;
        };
        canvas.addEventListener('pointermove', (event) => {
            const at = found(event);
            if (at !== null && event.pointerType !== 'touch') all((heat) => heat.tell(...at, true));
        });
        canvas.addEventListener('pointerleave', () => all((heat) => heat.tell()));
        canvas.addEventListener('click', (event) => {
            const at = found(event);
            if (at !== null) moved(...at, false);
        });
        canvas.addEventListener('focus', () => {
            if (!state.placed && canvas.matches(':focus-visible')) moved(state.row, state.column, true);
        });
        canvas.addEventListener('keydown', (event) => {
            const { key, ctrlKey, metaKey, altKey } = event;
            if (metaKey || altKey) return;
            const { height, width } = looked();
            const { row, column } = state;
            const next = {
                ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
                PageUp: [row - PAGE, column], PageDown: [row + PAGE, column],
                Home: [ctrlKey ? 0 : row, 0], End: [ctrlKey ? height - 1 : row, width - 1],
            }[key];
            if (next === undefined) return;
            event.preventDefault();
            event.stopPropagation();
            moved(...next, true);
        });
    };

    /** The colours and what their ends mean. */
    player.scale = (element, { low, high, diverging, beyond }, dtype, { infinite, none, hidden }) => {
        const isBool = player.isBool(dtype);
        const bar = make('i', `pl-bar ${diverging ? 'pl-diverging' : 'pl-sequential'}`);
        const end = (value, more) => make('span', '', isBool ? String(value > 0) : player.number(value) + (beyond ? more : ''));
        const parts = [end(low, ' or less'), bar, end(high, ' or more')];
        const apart = [[hidden, 'hidden'], [infinite, 'infinite'], [none, 'not a number']].filter(([count]) => count > 0).map(([, name]) => name);
        if (apart.length > 0) parts.push(make('i', 'pl-none'), make('span', '', apart.join(', or ')));
        element.replaceChildren(...parts);
    };

    /** A plane's numbers as text. */
    player.table = (looked, dtype, label) => {
        const heading = (scope, text) => {
            const element = make('th', '', text);
            element.scope = scope;
            return element;
        };
        const name = (axis, index) => (axis === null ? 'value' : looked.spoken(axis, index));
        const indices = (count) => Array.from({ length: count }, (_, index) => index);
        const numbers = looked.plane();
        const head = make('tr', '', make('td', ''), ...indices(looked.width).map((column) => heading('col', name(looked.columns, column))));
        const rows = indices(looked.height).map((row) => make('tr', '', heading('row', name(looked.rows, row)),
            ...indices(looked.width).map((column) => make('td', '', player.told(numbers(row, column), dtype)))));
        const caption = make('caption', 'pl-unseen', label ?? 'A tensor');
        const around = make('div', 'pl-rows', make('table', '', caption, make('thead', '', head), make('tbody', '', ...rows)));
        around.tabIndex = 0;
        around.setAttribute('role', 'region');
        around.setAttribute('aria-label', `${label ?? 'A tensor'}: the numbers as a table`);
        return around;
    };
})();

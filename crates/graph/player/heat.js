// One tensor as a heat map: a pixel a number, with names at its sides, a cursor for pointer, finger and keyboard, and choosers for
// what a plane can't show.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});
    const { make } = player;

    /** Sides of a cell in pixels of the page. */
    const CELL = { most: 28, named: 12, least: 2 };
    /** What has no names is not higher than this, if it can be. */
    const HIGH = 560;
    /** So many rows and columns are shown at once; the rest is chosen. */
    const WINDOW = { rows: 512, columns: 2048 };
    /** So many numbers also have a table. */
    const TABLE = 400;
    /** So many indices are a list to choose from; more are a number to enter. */
    const LIST = 200;

    /** What several heat maps have in common: where the cursor is, and what is chosen of other axes. */
    player.shared = () => ({ pick: {}, row: 0, column: 0, placed: false, top: 0, left: 0, all: new Set() });

    /**
     * A heat map of `value` ({dtype, shape, data}); `options` as for `player.look`, and `label`, `diverging` (else as the numbers
     * are), `range: [low, high]` (with `beyond: true` if a few numbers are beyond it), `square`, `shared` (with `leads: false` where another one has the choosers), `brief` (no summary).
     * `element.show(value, options)` shows another one in its place, with cursor and choices as they are. When the reader chooses
     * of an axis, the element says so with `pl-picked`.
     */
    player.heat = (value, options = {}) => {
        player.followColours();
        const state = options.shared ?? player.shared();
        Object.assign(state.pick, options.pick);
        let given = options;
        let looked = null;
        let cell = [CELL.least, CELL.least];

        const canvas = make('canvas', 'pl-canvas');
        canvas.tabIndex = 0;
        canvas.setAttribute('role', 'application');
        canvas.setAttribute('aria-roledescription', 'heat map');
        const cursor = make('i', 'pl-cursor');
        const [above, beside] = [make('div', 'pl-above'), make('div', 'pl-beside')];
        const plane = make('div', 'pl-plane', make('div', 'pl-corner'), above, beside, make('div', 'pl-cells', canvas, cursor));
        [above, beside].forEach((names) => names.setAttribute('aria-hidden', true));
        const scroll = make('div', 'pl-scroll', plane);
        const words = make('p', 'pl-words');
        const choosers = make('div', 'pl-choosers');
        const axes = make('p', 'pl-axes');
        const at = make('p', 'pl-at');
        const scale = make('p', 'pl-scale');
        const table = make('details', 'pl-table', make('summary', '', 'As a table'));
        const root = make('div', 'pl pl-heat', words, choosers, axes, scroll, at, scale, table);
        root.setAttribute('role', 'group');

        const windowed = () => ({
            rows: Math.min(WINDOW.rows, looked.height - state.top), columns: Math.min(WINDOW.columns, looked.width - state.left),
        });
        const read = (row, column) => looked.plane()(row, column);
        const saying = (row, column) => `${looked.cell(row, column)}: ${player.told(read(row, column), value.dtype)}`;

        // ---- Painting ----

        const names = (element, axis, from, count, side, size) => {
            const list = axis === null ? undefined : looked.names[axis];
            // As many as there is room for, at round numbers.
            const room = list === undefined ? (side === 'left' ? 34 : 15) : CELL.named;
            const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((step) => step * size >= room) ?? 2000;
            const all = [];
            for (let index = from; axis !== null && index < from + count; index += 1) {
                if (index % step !== 0) continue;
                const name = make('span', '', looked.name(axis, index) ?? String(looked.number(axis, index)));
                name.style[side] = `${Math.max((index - from + 0.5) * size, side === 'left' ? 6 : 0)}px`;
                name.dataset.index = index;
                all.push(name);
            }
            element.replaceChildren(...all);
            element.classList.toggle('pl-named', list !== undefined);
        };
        const longest = (axis, least, most) => {
            const list = axis === null ? [] : looked.names[axis] ?? [String(looked.used[axis])];
            return Math.min(most, Math.max(least, ...list.map((name) => String(name).length * 7.4 + 10)));
        };
        const place = () => {
            const { rows, columns } = windowed();
            const inside = state.row >= state.top && state.row < state.top + rows && state.column >= state.left && state.column < state.left + columns;
            cursor.hidden = !state.placed || !inside;
            Object.assign(cursor.style, {
                left: `${(state.column - state.left) * cell[0]}px`, top: `${(state.row - state.top) * cell[1]}px`,
                width: `${cell[0]}px`, height: `${cell[1]}px`,
            });
            const mark = (element, index) => [...element.children].forEach((name) => name.classList.toggle('pl-here', state.placed && Number(name.dataset.index) === index));
            mark(above, state.column);
            mark(beside, state.row);
        };
        const tell = (row = state.row, column = state.column, any = state.placed) => {
            at.textContent = any && looked.count > 0 ? saying(row, column) : ' ';
        };
        /** How large a cell is: as the room allows, and so that names can be read. */
        const lay = () => {
            const { rows, columns } = windowed();
            const left = longest(looked.rows, looked.rows === null ? 0 : 28, 96);
            const isNamed = (axis) => axis !== null && looked.names[axis] !== undefined;
            const room = Math.max(120, root.clientWidth - left - 2);
            const fit = room / Math.max(1, columns);
            const ratio = globalThis.devicePixelRatio || 1;
            let across = fit >= CELL.least ? Math.floor(fit) : Math.floor(fit * ratio) / ratio;
            if (across < 1) across = CELL.least;
            across = Math.min(CELL.most, isNamed(looked.columns) && columns <= 128 ? Math.max(across, CELL.named) : across);
            let down = given.square ? across : Math.min(CELL.most, Math.max(across, isNamed(looked.rows) || rows <= 16 ? 16 : 4));
            if (rows > 1 && !isNamed(looked.rows) && !isNamed(looked.columns)) {
                // An image is seen as a whole.
                const side = Math.max(CELL.least * 2, Math.floor(HIGH / rows));
                [across, down] = [Math.min(across, side), Math.min(down, side)];
            }
            if (rows === 1) down = Math.max(down, 24);
            cell = [across, down];
            const top = isNamed(looked.columns) ? longest(looked.columns, 24, 110) : 18;
            plane.style.gridTemplateColumns = `${left}px ${across * columns}px`;
            plane.style.gridTemplateRows = `${looked.columns === null ? 0 : top}px ${down * rows}px`;
            names(above, looked.columns, state.left, columns, 'left', across);
            names(beside, looked.rows, state.top, rows, 'top', down);
            place();
        };
        const repaint = () => {
            const { rows, columns } = windowed();
            const numbers = looked.plane();
            const { low, high, diverging } = root.range;
            const seen = (value) => (root.hides && value <= player.HIDDEN ? NaN : value);
            player.paint(canvas, { height: rows, width: columns, low, high, diverging, at: (row, column) => seen(numbers(state.top + row, state.left + column)) });
        };

        // ---- Choosing ----

        const chooser = (text, from, to, now, name, chosen, step = 1) => {
            const many = Math.ceil((to - from) / step) > LIST;
            const field = many ? make('input', '') : make('select', '');
            if (many) Object.assign(field, { type: 'number', min: from, max: to - 1, value: now });
            else {
                for (let index = from; index < to; index += step) field.append(new Option(name(index), index, false, index === now));
            }
            field.addEventListener('change', () => {
                const index = Math.max(from, Math.min(to - 1, Math.trunc(Number(field.value)) || 0));
                chosen(index);
            });
            return make('label', 'pl-chooser', `${text} `, field);
        };
        const choose = () => {
            const list = looked.free.filter((axis) => looked.used[axis] > 1).map((axis) => {
                return chooser(looked.axes[axis], 0, looked.used[axis], looked.chosen[axis], (index) => looked.listed(axis, index), (index) => {
                    state.pick[looked.axes[axis]] = index;
                    all((heat) => heat.update());
                    root.dispatchEvent(new CustomEvent('pl-picked', { detail: { axis: looked.axes[axis], index }, bubbles: true }));
                    player.say(saying(state.row, state.column));
                });
            });
            const part = (text, key, size, most) => {
                if (size <= most) return;
                const name = (index) => `${index} to ${Math.min(size, index + most) - 1}`;
                list.push(chooser(text, 0, size, state[key], name, (index) => {
                    state[key] = index;
                    state[key === 'top' ? 'row' : 'column'] = index;
                    all((heat) => heat.update());
                }, most));
            };
            part(`${looked.axes[looked.rows]}: rows`, 'top', looked.height, WINDOW.rows);
            part(`${looked.axes[looked.columns]}: columns`, 'left', looked.width, WINDOW.columns);
            if (given.leads !== false && list.length !== choosers.children.length) choosers.replaceChildren(...list);
            choosers.hidden = choosers.children.length === 0;
        };

        // ---- The whole ----

        const all = (each) => state.all.forEach((heat) => each(heat));
        const clamp = () => {
            state.row = Math.max(0, Math.min(looked.height - 1, state.row));
            state.column = Math.max(0, Math.min(looked.width - 1, state.column));
            state.top = Math.floor(state.row / WINDOW.rows) * WINDOW.rows;
            state.left = Math.floor(state.column / WINDOW.columns) * WINDOW.columns;
        };
        const fill = () => {
            table.hidden = looked.height * looked.width > TABLE || looked.count === 0;
            table.querySelector('.pl-rows')?.remove();
            if (table.open && !table.hidden) table.append(player.table(looked, value.dtype, given.label));
        };
        const update = () => {
            looked = player.look(value, { ...given, pick: state.pick });
            clamp();
            const measured = player.measure(value.data, looked.count, looked.offset);
            const wanted = given.range;
            root.range = wanted ? { low: wanted[0], high: wanted[1], diverging: given.diverging ?? wanted[0] < 0, beyond: given.beyond } : player.range(measured, given.diverging);
            root.hides = measured.hidden > 0;
            const summary = player.summary(value, given);
            words.textContent = given.brief ? '' : summary;
            words.hidden = given.brief === true;
            root.setAttribute('aria-label', given.label ?? 'A tensor');
            canvas.setAttribute('aria-label', `${given.label ?? 'A tensor'}. ${summary} Arrow keys go from number to number.`);
            const row = looked.rows === null ? '' : `↓ ${looked.axes[looked.rows]}`;
            const column = looked.columns === null ? '' : `→ ${looked.axes[looked.columns]}`;
            axes.textContent = [row, column].filter((text) => text !== '').join('  ');
            scroll.hidden = looked.count === 0;
            player.scale(scale, root.range, value.dtype, measured);
            choose();
            lay();
            repaint();
            fill();
            tell();
        };
        const moved = (row, column, spoken) => {
            Object.assign(state, { row, column, placed: true });
            const before = [state.top, state.left];
            clamp();
            const jumped = before[0] !== state.top || before[1] !== state.left;
            all((heat) => (jumped ? heat.update() : heat.follow()));
            if (spoken) {
                player.say(saying(state.row, state.column));
                cursor.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
            }
            root.dispatchEvent(new CustomEvent('pl-moved', { detail: { row: state.row, column: state.column }, bubbles: true }));
        };

        root.update = update;
        root.repaint = repaint;
        root.follow = () => { place(); tell(); };
        root.tell = tell;
        root.show = (next, more = {}) => {
            value = next;
            given = { ...given, ...more };
            Object.assign(state.pick, more.pick);
            choosers.replaceChildren();
            update();
        };
        player.steer(canvas, { state, cell: () => cell, looked: () => looked, moved, all });
        table.addEventListener('toggle', fill);
        // mdBook turns the page with these.
        root.addEventListener('keydown', (event) => {
            if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') event.stopPropagation();
        });
        state.all.add(root);
        update();
        let width = 0;
        new ResizeObserver(() => {
            if (root.clientWidth === width) return;
            width = root.clientWidth;
            lay();
            repaint();
        }).observe(root);
        return root;
    };
})();

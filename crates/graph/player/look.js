// A tensor as it is looked at: its axes with names, cropped to what is used, one index chosen of each leading axis, and two axes
// left for rows and columns.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});

    /** What axes are called where nobody said so, or only how long they are. */
    const LETTERS = 'ijklmnopqrstuvwxyzabcdefgh';
    const unnamed = (place) => LETTERS[place % LETTERS.length];

    /**
     * `options`: `axes` names of all axes; `names: {axis: [name of each index]}`, and `words`, which are the same but are only said,
     * where there are too many to stand at a side; `size: {axis: how much of it is used}`;
     * `first: {axis: number}` is what the first of an axis is called, if it isn't 0;
     * `pick: {axis: index}` of the axes that are neither rows nor columns; `rows` and `columns`, numbers of axes, if they are not
     * the last two. Axes of one element are no rows and columns if others will do.
     */
    player.look = (value, options = {}) => {
        const shape = [...value.shape];
        const axes = shape.map((_, place) => {
            const name = options.axes?.[place];
            return name === undefined || name === null || /^[?\d]*$/.test(name) ? unnamed(place) : String(name);
        });
        const used = shape.map((size, place) => Math.max(0, Math.min(size, options.size?.[axes[place]] ?? size)));
        const strides = shape.map((_, place) => shape.slice(place + 1).reduce((product, size) => product * size, 1));
        const count = used.reduce((product, size) => product * size, 1);
        const known = (axis) => (Number.isInteger(axis) && axis >= 0 && axis < shape.length ? axis : null);
        const wide = shape.map((_, place) => place).filter((place) => shape[place] !== 1);
        const last = wide.length > 0 ? wide.at(-1) : shape.length - 1;
        const columns = known(options.columns) ?? (shape.length > 0 ? last : null);
        const before = wide.filter((place) => place !== columns).at(-1) ?? null;
        const rows = known(options.rows) ?? (before === columns ? null : before);
        const names = axes.map((axis) => options.names?.[axis]);
        const name = (axis, index) => names[axis]?.[index];
        const number = (axis, index) => index + (options.first?.[axes[axis]] ?? 0);
        /** Whether a name says of what it is one: `head 4`. */
        const isFull = (axis, given) => axes[axis].endsWith('s') && given?.startsWith(`${axes[axis].slice(0, -1)} `);
        /** `heads 3`, `source 5 “dog”`; where a name says of what it is one, the name alone. */
        const spoken = (axis, index) => {
            const given = name(axis, index) ?? options.words?.[axes[axis]]?.[index];
            if (isFull(axis, given)) return given;
            return `${axes[axis]} ${number(axis, index)}${given === undefined ? '' : ` “${given}”`}`;
        };
        /** The same to choose from, where the axis is named already: `5 dog`. */
        const listed = (axis, index) => {
            const given = name(axis, index);
            return isFull(axis, given) ? given : `${number(axis, index)}${given === undefined ? '' : ` ${given}`}`;
        };
        /** The indices of the place-th number of what is used. */
        const indices = (place) => {
            const found = new Array(shape.length);
            for (let axis = shape.length - 1, rest = place; axis >= 0; axis -= 1) {
                found[axis] = rest % used[axis];
                rest = Math.floor(rest / used[axis]);
            }
            return found;
        };
        const isWhole = used.every((size, place) => size === shape[place]);
        const offset = isWhole ? (place) => place
            : (place) => indices(place).reduce((sum, index, axis) => sum + index * strides[axis], 0);
        /** Where something is, in words; axes of one element say nothing. */
        const where = (found) => {
            const said = found.map((index, axis) => (shape[axis] === 1 && names[axis] === undefined ? null : spoken(axis, index)));
            return said.filter((text) => text !== null).join(', ') || 'its only place';
        };
        const place = (number) => where(indices(number));

        // The plane that is looked at.
        const chosen = axes.map((axis, number) => Math.max(0, Math.min(used[number] - 1, options.pick?.[axis] ?? 0)));
        const free = axes.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== columns);
        const height = rows === null ? 1 : used[rows];
        const width = columns === null ? 1 : used[columns];
        const base = (picks) => free.reduce((sum, axis) => sum + picks[axis] * strides[axis], 0);
        const plane = (picks = chosen) => {
            const start = base(picks);
            const [down, right] = [rows === null ? 0 : strides[rows], columns === null ? 0 : strides[columns]];
            return (row, column) => value.data[start + row * down + column * right];
        };
        const cell = (row, column, picks = chosen) => {
            const found = [...picks];
            if (rows !== null) found[rows] = row;
            if (columns !== null) found[columns] = column;
            return where(found);
        };
        return { shape, axes, used, strides, count, rows, columns, names, name, number, spoken, listed, offset, place, chosen, free, height, width, plane, cell };
    };
})();

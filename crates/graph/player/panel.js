// Looking at tensors: one with names on both sides, one before and after a change, and all those of a box.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});
    const { make } = player;

    /** Attention and the like: rows that look at columns, square cells, names on both sides. `options` as for `player.heat`. */
    player.matrix = (value, options = {}) => player.heat(value, { square: true, diverging: false, ...options });

    /** After minus before; what is infinite on both sides alike differs by nothing. What a mask hides may stand for infinity. */
    player.difference = (before, after, hides = false) => {
        const data = new Float32Array(after.data.length);
        const seen = (value) => (hides && value <= player.HIDDEN ? -Infinity : Number(value));
        for (let place = 0; place < data.length; place += 1) {
            const [a, b] = [seen(before.data[place]), seen(after.data[place])];
            data[place] = a === b ? 0 : b - a;
        }
        return { dtype: 'F32', shape: after.shape, data };
    };

    /** One tensor before and after a change, and the difference: with one cursor, the same choices, and the same colours for both. */
    player.compare = (before, after, options = {}) => {
        if (before.shape.join() !== after.shape.join()) {
            throw new RangeError(`before and after have different shapes: ${before.shape.join(' × ')} and ${after.shape.join(' × ')}`);
        }
        const shared = options.shared ?? player.shared();
        const counted = [before, after].map((value) => {
            const looked = player.look(value, options);
            return player.measure(value.data, looked.count, looked.offset);
        });
        const both = {
            finite: counted[0].finite + counted[1].finite,
            least: Math.min(...counted.map(({ least }) => least)), most: Math.max(...counted.map(({ most }) => most)),
            reach: Math.max(...counted.map(({ reach }) => reach)),
        };
        const { low, high, diverging, beyond } = player.range(both, options.diverging);
        const label = options.label ?? 'A tensor';
        const shown = { ...options, shared, range: [low, high], diverging, beyond };
        const part = (title, heat) => make('section', 'pl-part', make('h4', '', title), heat);
        const differs = player.difference(before, after, counted.some(({ hidden }) => hidden > 0));
        const root = make('div', 'pl pl-compare',
            part('Before', player.heat(before, { ...shown, label: `${label}, before` })),
            part('After', player.heat(after, { ...shown, label: `${label}, after`, leads: false })),
            part('Difference', player.heat(differs, { ...options, shared, diverging: true, square: options.square, label: `${label}, after minus before`, leads: false })));
        root.setAttribute('role', 'group');
        root.setAttribute('aria-label', `${label}: before, after and the difference`);
        return root;
    };

    /** So many tensors have a button each; more are a list to choose from. */
    const BUTTONS = 6;
    const buttons = (tensors, choose) => {
        const all = tensors.map((tensor, number) => {
            const button = make('button', '', tensor.title);
            button.type = 'button';
            button.addEventListener('click', () => choose(number));
            return button;
        });
        const element = make('div', 'pl-tabs', ...all);
        element.setAttribute('role', 'group');
        element.setAttribute('aria-label', 'Which tensor');
        element.mark = (chosen) => all.forEach((button, number) => button.setAttribute('aria-pressed', number === chosen));
        return element;
    };
    const list = (tensors, choose) => {
        const select = make('select', '', ...tensors.map(({ title }, number) => new Option(title, number)));
        select.addEventListener('change', () => choose(Number(select.value)));
        const element = make('label', 'pl-chooser', 'Tensor ', select);
        element.mark = (chosen) => { select.value = chosen; };
        return element;
    };

    /**
     * The tensors of a box. `tensors`: `[{title, value, before, …options of player.heat}]`, of which one is shown at a time; with
     * `before`, it is compared. `value` may be a function that gives a value or a promise of one, asked when it is looked at.
     * `element.choose(number)` shows another one; when the reader does, the element says so with `pl-chosen`.
     */
    player.panel = ({ title, tensors, chosen = 0, level = 3 }) => {
        const body = make('div', 'pl-body');
        const parts = [];
        if (title !== undefined) parts.push(make(`h${level}`, 'pl-title', title));
        let asked = 0;
        const show = async (number) => {
            const turn = (asked += 1);
            const tensor = tensors[number];
            root.chosen = number;
            tabs.mark(number);
            try {
                const given = async (value) => (typeof value === 'function' ? value() : value);
                const [value, before] = await Promise.all([given(tensor.value), given(tensor.before)]);
                if (turn !== asked) return;
                if (value === undefined || value === null) {
                    body.replaceChildren(make('p', 'pl-words', tensor.missing ?? 'There are no numbers for it.'));
                    return;
                }
                const options = { label: [title, tensor.title].filter(Boolean).join(', '), ...tensor };
                const isSame = before && before.data.every((number, place) => Object.is(number, value.data[place]));
                const draw = before && !isSame ? player.compare.bind(null, before) : tensor.square ? player.matrix : player.heat;
                body.replaceChildren(draw(value, options));
                if (isSame) body.prepend(make('p', 'pl-words', 'The change changes nothing in it.'));
            } catch (error) {
                if (turn === asked) body.replaceChildren(make('p', 'pl-problem', String(error?.message ?? error)));
            }
        };
        const choose = async (number) => {
            await show(number);
            root.dispatchEvent(new CustomEvent('pl-chosen', { detail: number }));
            player.say(body.querySelector('.pl-words')?.textContent || `${tensors[number].title} is shown.`);
        };
        const isMany = tensors.length > BUTTONS;
        const tabs = isMany ? list(tensors, choose) : buttons(tensors, choose);
        if (tensors.length > 1) parts.push(tabs);
        else if (tensors[0]?.title !== undefined) parts.push(make('p', 'pl-one', tensors[0].title));
        const root = make('div', 'pl pl-panel', ...parts, body);
        if (tensors.length > 0) root.ready = show(Math.min(chosen, tensors.length - 1));
        else body.append(make('p', 'pl-words', 'It has no tensors of its own.'));
        root.choose = (number) => show(number);
        return root;
    };
})();

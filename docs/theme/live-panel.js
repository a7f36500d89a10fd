// What is in a box now: its tensors, one at a time, and what can be done to it.
(() => {
    'use strict';

    const { live, kept: { make } } = annotated;

    /** So many numbers are looked at as a picture; a table of embeddings has more. */
    const MOST = 150000;
    let count = 0;

    const button = (text, title, onclick) => make('button', { type: 'button', textContent: text, onclick, ...(title === '' ? {} : { title }) });
    const select = (label, options, onchange) => {
        const id = `live-select-${count += 1}`;
        const chooser = make('select', { id }, ...options.map(([value, text]) => make('option', { value, textContent: text })));
        chooser.onchange = () => onchange?.(chooser.value);
        return { chooser, element: make('span', { className: 'live-field' }, make('label', { htmlFor: id, textContent: label }), chooser) };
    };
    Object.assign(live, { button, select });

    /**
     * What has the focus is made anew, and has it again: this gives what is to be called then. What it was is known by what it is
     * called, and as which of those that are called so.
     */
    live.refocus = (root) => {
        const text = (element) => (element.matches('select, input') ? element.labels?.[0]?.textContent : element.textContent);
        const called = (element) => [element.tagName, element.className, element.type, element.getAttribute('aria-label') ?? text(element)].join(' ');
        const had = document.activeElement;
        if (!root.contains(had)) return () => {};
        const name = called(had);
        const alike = () => [...root.querySelectorAll('button, select, input, summary, [tabindex]')].filter((element) => called(element) === name);
        const at = alike().indexOf(had);
        return () => {
            if (document.activeElement !== document.body) return;
            const found = alike();
            (found[at] ?? found[0])?.focus({ preventScroll: true });
        };
    };

    /**
     * `look` gives what there is to see: `{run, base, names, size}`, where `base` is there while something is changed. `act` is
     * told of a change. `patched` makes the change of a box that gives what it has for another text. `begins` gives the layer, and
     * what is chosen of other axes, with which a box is shown first.
     */
    live.panel = (model, { look, act, patched, focusBox, begins }) => {
        const root = make('section', { className: 'live-panel', 'aria-label': 'The chosen box' });
        let shown = null;
        /** What the reader chose at this box, which is there again when it is shown anew. */
        let kept = {};
        const fresh = () => ({ tab: null, pick: { ...begins().pick }, every: true, isOpen: true, fields: {} });
        /** A field whose value is kept. */
        const keeps = (name, field) => {
            if (kept.fields[name] !== undefined) field.value = kept.fields[name];
            if (field.value === '' && field.matches('select')) field.selectedIndex = 0;
            field.addEventListener('input', () => { kept.fields[name] = field.value; });
            return field;
        };
        /** Every piece of the vocabulary, to be said. */
        const vocab = (model.vocab ??= Array.from({ length: model.outline.shape(model.output('logits')).at(-1) }, (_, id) => model.piece(id)));

        /** Where tokens look at those of their own sentence, which of the two axes asks. */
        const asking = (axes, names, size) => {
            const axis = axes.at(-1);
            if (axes.at(-2) !== axis || names[axis] === undefined) return { axes, named: names, used: size };
            const both = (of) => ({ ...of, query: of[axis], key: of[axis] });
            return { axes: [...axes.slice(0, -2), 'query', 'key'], named: both(names), used: both(size) };
        };
        const tensors = (box, layer) => {
            const { run, base, names, size } = look();
            const here = box.repeats[layer];
            const within = here.steps.map((number) => model.outline.steps[number]).filter((step) => step?.kind === 'Softmax').flatMap((step) => step.outputs)
                // The softmax at the end has shares of the vocabulary, and no heads.
                .filter((tensor) => model.axes(tensor).includes('heads'));
            const listed = [
                ...here.out.map((tensor, at) => [tensor, here.out.length > 1 ? `Comes out (${at + 1})` : 'Comes out']),
                ...within.filter((tensor) => !here.out.includes(tensor)).map((tensor) => [tensor, 'Attention weights']),
                ...here.in.map((tensor, at) => [tensor, here.in.length > 1 ? `Goes in (${at + 1})` : 'Goes in']),
            ];
            return listed.filter(small).map(([tensor, title]) => {
                const { axes, named, used } = asking(model.axes(tensor), names, size);
                const isWeights = within.includes(tensor);
                const heads = model.outline.shape(tensor)[axes.indexOf('heads')] ?? 0;
                return {
                    title, axes, size: used, square: isWeights, label: `${model.title(box)}: ${title}`, pick: kept.pick, words: { vocab },
                    // Positions are counted from one, as in the choosers and in the text.
                    first: Object.fromEntries(Object.keys(named).map((axis) => [axis, 1])),
                    names: { ...named, heads: Array.from({ length: heads }, (_, head) => `head ${head + 1}`) },
                    value: () => run.value(tensor),
                    before: base && base !== run && !model.outline.given.has(tensor) ? () => base.value(tensor) : undefined,
                };
            });
        };

        const small = ([tensor]) => model.outline.shape(tensor).reduce((all, size) => all * size, 1) <= MOST;
        /** What was learned and is the same for every sentence, folded away. */
        const parameters = (here) => {
            const { run } = look();
            const listed = (here.parameters ?? []).map((tensor) => [tensor, model.parameter(tensor)]).filter(small);
            if (listed.length === 0) return [];
            const folded = make('details', {}, make('summary', { textContent: `Its parameters (${listed.length})` }));
            folded.addEventListener('toggle', () => {
                if (folded.children.length > 1) return;
                folded.append(player.panel({ tensors: listed.map(([tensor, title]) => ({ title, axes: model.axes(tensor), value: () => run.value(tensor) })) }));
            });
            return [folded];
        };

        const actions = (key, layer, place) => {
            const many = model.box(key).repeats.length > 1;
            const every = make('input', { type: 'checkbox', id: `live-every-${count += 1}`, checked: kept.every });
            every.onchange = () => { kept.every = every.checked; };
            const where = () => (many && every.checked ? null : layer);
            const possible = live.possible(model, key);
            const plain = ['off', 'through', 'unmask', 'unscale', 'cut', 'stop'].filter((action) => possible.includes(action))
                .map((action) => button(live.words[action][0], live.words[action][1], () => act(live.change(model, action, key, action === 'stop' ? layer : where()))));
            const rows = [make('div', { className: 'live-row' }, ...plain)];
            if (possible.includes('head')) {
                const heads = select('Head', Array.from({ length: model.heads(key) }, (_, head) => [head, head + 1]));
                keeps('head', heads.chooser);
                rows.push(make('div', { className: 'live-row' }, heads.element, button('Head off', live.words.head[1],
                    () => act(live.change(model, 'head', key, layer, { head: Number(heads.chooser.value) })))));
            }
            const axis = model.axes(model.box(key).repeats[0].out[0])[live.tokenAxis(model.axes(model.box(key).repeats[0].out[0]))];
            const { names } = look();
            const tokens = (names[axis] ?? []).map((name, at) => [at, `${at + 1} ${name}`]);
            if (possible.includes('swap') && tokens.length > 1) {
                const [one, other] = ['Positions', 'and'].map((label, at) => {
                    const made = select(label, tokens);
                    made.chooser.value = String(at);
                    keeps(label, made.chooser);
                    return made;
                });
                const note = make('span', { className: 'live-note', role: 'status' });
                rows.push(make('div', { className: 'live-row' }, one.element, other.element, button('Swap', live.words.swap[1], () => {
                    const [a, b] = [one, other].map(({ chooser }) => Number(chooser.value));
                    note.textContent = a === b ? 'That is one position. Please choose two.' : '';
                    if (a === b) return;
                    act(live.change(model, 'swap', key, where(), { a, b }));
                }), note));
            }
            if (possible.includes('patch')) {
                const id = `live-patch-${count += 1}`;
                const text = keeps('patch', make('input', { id, type: 'text', autocomplete: 'off', spellcheck: false }));
                const which = select('at', [['', 'all positions'], ...tokens]);
                keeps('patched', which.chooser);
                const note = make('span', { className: 'live-note', role: 'status' });
                const go = async () => {
                    try {
                        note.textContent = '';
                        const change = await patched(key, where(), text.value, which.chooser.value === '' ? null : Number(which.chooser.value));
                        if (change !== null) act(change);
                        else note.textContent = 'It is not patched: something else was asked for meanwhile.';
                    } catch (error) {
                        note.textContent = error.message;
                    }
                };
                text.onkeydown = (event) => { if (event.key === 'Enter') go(); };
                rows.push(make('div', { className: 'live-row' }, make('span', { className: 'live-field live-wide' }, make('label', { htmlFor: id, textContent: 'Patch from another sentence' }), text), which.element, button('Patch', live.words.patch[1], go), note));
            }
            // A head, and the place where everything stops, are those of one layer.
            const alone = [['head', 'Head off'], ['stop', 'Stop here']].filter(([action]) => possible.includes(action)).map(([, name]) => name);
            const but = alone.length === 0 ? '' : ` (${alone.join(' and ')}: at this one)`;
            const scope = make('label', { className: 'live-check', htmlFor: every.id }, every, ` at all ${model.box(key).repeats.length} layers${but}`);
            const none = make('p', { textContent: live.isAfter(model, key)
                ? 'There is nothing to change here: it comes after the logits, by which the next token is chosen.'
                : 'There is nothing to change here: it is what goes in, and that can be typed above.' });
            place.append(...(possible.length === 0 ? [none] : [...(many ? [scope] : []), ...rows]));
        };
        const changing = (key, layer) => {
            const folded = make('details', { className: 'live-actions', open: kept.isOpen }, make('summary', { textContent: 'Change it' }));
            folded.addEventListener('toggle', () => { kept.isOpen = folded.open; });
            actions(key, layer, folded);
            return folded;
        };

        /** The panel may scroll by itself. Then a button says that there is more, for as long as it isn't seen. */
        const more = button('Further down: change it', '', () => {
            const summary = root.querySelector('.live-actions > summary');
            summary.scrollIntoView({ block: 'start' });
            summary.focus({ preventScroll: true });
        });
        more.className = 'live-more';
        const sign = () => {
            const summary = root.querySelector('.live-actions > summary');
            const scrolls = getComputedStyle(root).overflowY === 'auto' && root.scrollHeight > root.clientHeight + 1;
            const isBelow = () => summary.getBoundingClientRect().bottom > root.getBoundingClientRect().bottom - (more.hidden ? 0 : more.offsetHeight);
            more.hidden = summary === null || !scrolls || !isBelow();
            root.classList.toggle('scrolls', scrolls);
        };
        root.addEventListener('scroll', sign, { passive: true });
        root.addEventListener('toggle', sign, true);
        const sizes = new ResizeObserver(sign);
        sizes.observe(root);
        root.addEventListener('pl-chosen', ({ detail, target }) => {
            if (target.parentNode === root) kept.tab = detail;
        }, true);
        root.addEventListener('pl-picked', ({ detail }) => { kept.pick[detail.axis] = detail.index; });

        const show = (key, wanted = begins().layer, pick = {}) => {
            const box = model.box(key);
            const layer = Math.min(wanted, box.repeats.length - 1);
            if (shown?.key !== key) kept = fresh();
            Object.assign(kept.pick, pick);
            const refocus = live.refocus(root);
            const scrolled = shown?.key === key ? root.scrollTop : 0;
            shown = { key, layer };
            if (look().run === null) {
                root.replaceChildren(make('p', { textContent: 'There is nothing in it yet.' }));
                return;
            }
            const back = button('Back to the picture', '', () => focusBox());
            back.className = 'live-back';
            const parts = [make('h3', { textContent: model.title(box) }), back];
            if (box.repeats.length > 1) {
                const layers = select('Layer', box.repeats.map((_, at) => [at, `${at + 1} of ${box.repeats.length}`]), (value) => {
                    show(key, Number(value));
                    root.querySelector('select').focus();
                });
                layers.chooser.value = String(layer);
                parts.push(make('div', { className: 'live-row' }, layers.element));
            }
            const listed = tensors(box, layer);
            const seen = player.panel({ tensors: listed, level: 4, chosen: kept.tab ?? Math.max(0, listed.findIndex(({ square }) => square)) });
            // Nothing jumps while the numbers are on their way.
            root.style.minHeight = `${root.offsetHeight}px`;
            sizes.disconnect();
            [root, seen].forEach((part) => sizes.observe(part));
            root.replaceChildren(...parts, seen, changing(key, layer), ...parameters(box.repeats[layer]), more);
            refocus();
            return Promise.resolve(seen.ready).then(() => {
                if (!seen.isConnected) return;
                refocus();
                root.style.minHeight = '';
                root.scrollTop = scrolled;
                sign();
            });
        };
        const hint = make('p', { className: 'live-hint', textContent: 'Choose a box of the picture to see the numbers that are in it now, and to change what it does.' });
        root.append(hint);
        return {
            root, show,
            /** What is chosen of an axis, from outside. */
            pick: (axis, index) => { kept.pick[axis] = index; },
            /** Shows the same again, with new numbers. */
            again: () => (shown === null ? undefined : show(shown.key, shown.layer)),
            at: () => shown,
        };
    };
})();

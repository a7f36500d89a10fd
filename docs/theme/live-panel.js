// What is in a box now: its tensors, one at a time, and what can be done to it.
(() => {
    'use strict';

    const { live, kept: { make } } = annotated;

    /** So many numbers are looked at as a picture; a table of embeddings has more. */
    const MOST = 120000;
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
     * `look` gives what there is to see: `{run, base, names, size}`, where `base` is there while something is changed. `act` is
     * told of a change. `patch` gives the values of tensors for another text.
     */
    live.panel = (model, { look, act, patch, focusBox }) => {
        const root = make('section', { className: 'live-panel', 'aria-label': 'The chosen box' });
        let shown = null;

        const tensors = (here) => {
            const { run, base, names, size } = look();
            const within = here.steps.map((number) => model.outline.steps[number]).filter((step) => step?.kind === 'Softmax').flatMap((step) => step.outputs);
            const listed = [
                ...here.out.map((tensor, at) => [tensor, here.out.length > 1 ? `Comes out (${at + 1})` : 'Comes out']),
                ...within.filter((tensor) => !here.out.includes(tensor)).map((tensor) => [tensor, 'Attention weights']),
                ...here.in.map((tensor, at) => [tensor, here.in.length > 1 ? `Goes in (${at + 1})` : 'Goes in']),
            ];
            return listed.filter(small).map(([tensor, title]) => {
                const axes = model.axes(tensor);
                const isWeights = within.includes(tensor);
                const heads = model.outline.shape(tensor)[axes.indexOf('heads')] ?? 0;
                return {
                    title, axes, size, square: isWeights, label: `${model.places.tensors[tensor]?.label ?? ''} ${title}`.trim(),
                    names: { ...names, heads: Array.from({ length: heads }, (_, head) => `head ${head + 1}`) },
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
            const every = make('input', { type: 'checkbox', id: `live-every-${count += 1}`, checked: true });
            const where = () => (many && every.checked ? null : layer);
            const possible = live.possible(model, key);
            const plain = ['off', 'through', 'unmask', 'unscale', 'cut', 'stop'].filter((action) => possible.includes(action))
                .map((action) => button(live.words[action][0], live.words[action][1], () => act(live.change(model, action, key, action === 'stop' ? layer : where()))));
            const rows = [make('div', { className: 'live-row' }, ...plain)];
            if (possible.includes('head')) {
                const heads = select('Head', Array.from({ length: model.heads(key) }, (_, head) => [head, head + 1]));
                rows.push(make('div', { className: 'live-row' }, heads.element, button('Head off', live.words.head[1],
                    () => act(live.change(model, 'head', key, where(), { head: Number(heads.chooser.value) })))));
            }
            const axis = model.axes(model.box(key).repeats[0].out[0])[live.tokenAxis(model.axes(model.box(key).repeats[0].out[0]))];
            const { names } = look();
            const tokens = (names[axis] ?? []).map((name, at) => [at, `${at + 1} ${name}`]);
            if (possible.includes('swap') && tokens.length > 1) {
                const [one, other] = ['Positions', 'and'].map((label, at) => {
                    const made = select(label, tokens);
                    made.chooser.value = String(at);
                    return made;
                });
                rows.push(make('div', { className: 'live-row' }, one.element, other.element, button('Swap', live.words.swap[1], () => {
                    const [a, b] = [one, other].map(({ chooser }) => Number(chooser.value));
                    act(live.change(model, 'swap', key, where(), { a, b, names: [a, b].map((at) => `“${names[axis][at]}”`) }));
                })));
            }
            if (possible.includes('patch')) {
                const id = `live-patch-${count += 1}`;
                const text = make('input', { id, type: 'text', autocomplete: 'off', spellcheck: false });
                const which = select('at', [['', 'all positions'], ...tokens]);
                const note = make('span', { className: 'live-note', role: 'status' });
                const go = async () => {
                    try {
                        note.textContent = '';
                        const position = which.chooser.value === '' ? null : Number(which.chooser.value);
                        act(await patched(text.value, position));
                    } catch (error) {
                        note.textContent = error.message;
                    }
                };
                const patched = async (said, position) => {
                    const change = live.change(model, 'patch', key, where());
                    const values = await patch(said, change.edits.map(({ tensor }) => tensor));
                    return live.change(model, 'patch', key, where(), { values, position, text: said.trim(), name: position === null ? '' : `“${names[axis][position]}”` });
                };
                text.onkeydown = (event) => { if (event.key === 'Enter') go(); };
                rows.push(make('div', { className: 'live-row' }, make('span', { className: 'live-field live-wide' }, make('label', { htmlFor: id, textContent: 'Patch from another sentence' }), text), which.element, button('Patch', live.words.patch[1], go), note));
            }
            const scope = make('label', { className: 'live-check', htmlFor: every.id }, every, ` at all ${model.box(key).repeats.length} layers`);
            place.replaceChildren(make('h4', { textContent: 'Change it' }), ...(many ? [scope] : []), ...rows);
            place.setAttribute('role', 'group');
            place.setAttribute('aria-label', 'Change it');
        };

        const show = (key, layer = 0) => {
            const box = model.box(key);
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
            const change = make('div', { className: 'live-actions' });
            const listed = tensors(box.repeats[layer]);
            const seen = player.panel({ tensors: listed, level: 4, chosen: Math.max(0, listed.findIndex(({ square }) => square)) });
            root.replaceChildren(...parts, seen, ...parameters(box.repeats[layer]), change);
            actions(key, layer, change);
            return seen.ready;
        };
        const hint = make('p', { className: 'live-hint', textContent: 'Choose a box of the picture to see the numbers that are in it now, and to change what it does.' });
        root.append(hint);
        return {
            root, show,
            /** Shows the same again, with new numbers. */
            again: () => (shown === null ? undefined : show(shown.key, shown.layer)),
            at: () => shown,
        };
    };
})();

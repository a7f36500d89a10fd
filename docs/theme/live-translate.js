// Live Figure 1: the reader types German, and the figure translates it, a token at a time.
(() => {
    'use strict';

    const { say, live, kept: { make, guard } } = annotated;
    const EXAMPLES = ['Wir müssen die Stadt verteidigen.', 'Das Buch erscheint im November.', 'Der Hund beißt den Mann.'];
    const { BOS, EOS } = live.special;

    live.figures.translate = async (place, opened) => {
        let state = null;
        let turn = 0;
        let followed = null;

        // ---- What is typed, and what is said ----

        const text = make('input', { id: 'live-german', type: 'text', value: EXAMPLES[0], autocomplete: 'off', spellcheck: false, lang: 'de' });
        const go = make('button', { type: 'submit', textContent: 'Translate' });
        const examples = EXAMPLES.map((example) => live.button(example, 'Takes this sentence', () => {
            text.value = example;
            start();
        }));
        examples.forEach((example) => { example.lang = 'de'; });
        const told = make('p', { className: 'live-told' });
        const form = make('form', { noValidate: true, onsubmit: (event) => { event.preventDefault(); start(); } },
            make('label', { htmlFor: text.id, textContent: 'A German sentence' }),
            make('div', { className: 'live-row' }, text, go),
            make('div', { className: 'live-row', role: 'group', 'aria-label': 'Sentences to begin with' }, ...examples));
        const source = make('div', { className: 'live-source' });
        const before = make('div', { className: 'live-side live-before' });
        const after = make('div', { className: 'live-side live-after', hidden: true });
        const texts = make('div', { className: 'live-texts' }, before, after);
        const stream = make('div', { className: 'live-followed' });

        const pieces = (ids) => ids.map(opened.piece);
        const side = (root, title, found, note = '') => {
            const hint = root === before ? ' (press a token to follow it)' : '';
            const chips = live.chips(title, pieces(found.written), root === before ? { chosen: followed?.side === 'target' ? followed.at - 1 : null, choose: (at) => follow('target', at + 1) } : {});
            root.replaceChildren(make('h4', { textContent: title + hint }), make('p', { className: 'live-written', lang: 'en', textContent: opened.decode(found.written) || '(nothing)' }), chips, ...(note === '' ? [] : [make('p', { className: 'live-note', textContent: note })]));
        };
        const sources = () => source.replaceChildren(make('h4', { textContent: 'What it reads (press a token to follow it)' }),
            live.chips('What it reads', pieces([...state.source, EOS]), { chosen: followed?.side === 'source' ? followed.at : null, choose: (at) => follow('source', at) }));

        // ---- What is computed ----

        const look = () => {
            const src = pieces([...state.source, EOS]);
            const tgt = pieces([BOS, ...state.before.written]);
            return {
                run: state.forced?.run ?? state.before.run, base: state.forced === null ? null : state.before.run,
                names: { source: src, target: tgt }, size: { source: src.length, target: tgt.length },
            };
        };
        const grown = (root, title, mine) => async (written) => {
            if (mine !== turn) return false;
            side(root, title, { written });
            await live.frame();
            return mine === turn;
        };
        const fullness = (found) => (found.isFull ? `It had not come to an end after ${opened.length.tgt - 1} tokens, for which there is room here.` : '');

        /** The sentence as it is typed, with nothing changed. */
        const start = async () => {
            const mine = turn += 1;
            try {
                const ids = live.ids(opened, text.value, opened.length.src - 1);
                say('Translating …', told);
                desk.tell('');
                [state?.before.run, state?.forced?.run, state?.after?.run].forEach((run) => run?.free());
                state = { source: ids, before: { written: [], run: null }, forced: null, after: null };
                followed = null;
                stream.replaceChildren();
                sources();
                const found = await live.translate(opened, ids, { grown: grown(before, 'Its translation', mine) });
                if (mine !== turn) return;
                state.before = found;
                side(before, 'Its translation', found, fullness(found));
                const first = live.quoted(opened.decode(found.written)) + live.unknown(ids);
                say(first, told);
                if (await change(mine) && desk.changes.length > 0) say(`${first} ${desk.heard()}`);
            } catch (error) {
                if (mine === turn) live.failed(error, told);
            }
        };
        /** The same sentence with what is changed; whether it came to that. */
        const change = async (mine = turn += 1) => {
            if (state === null || state.before.run === null) return false;
            const edits = desk.edits();
            let outcome = '';
            after.hidden = edits.length === 0;
            [state.forced?.run, state.after?.run].forEach((run) => run?.free());
            state.forced = null;
            state.after = null;
            try {
                if (edits.length > 0) {
                    state.forced = await live.forced(opened, state.before, { edits, from: state.before.run });
                    const found = await live.translate(opened, state.source, { edits, from: state.forced.run, grown: grown(after, 'Changed', mine) });
                    if (mine !== turn) return false;
                    state.after = found;
                    const { average, words } = apart(state.before, state.forced);
                    const same = `${found.written}` === `${state.before.written}`;
                    side(after, 'Changed', found, `${same ? 'The same translation. ' : ''}${words} ${fullness(found)}`);
                    const what = same ? 'The same translation' : found.written.length === 0 ? 'Nothing' : `“${live.short(opened.decode(found.written))}”`;
                    outcome = words === live.SAME ? live.SAME : `${what}: ${average.toFixed(2)} bits`;
                }
                if (mine !== turn) return false;
                await desk.show(look(), outcome);
                await followedAgain();
                return mine === turn;
            } catch (error) {
                if (mine !== turn) return false;
                desk.show(look(), live.FAILED);
                live.failed(error, told);
                return false;
            }
        };
        /** How far the predictions have moved, where the translation is the one from before. */
        const apart = (one, other) => {
            const count = one.written.length + 1;
            const all = Array.from({ length: count }, (_, at) => live.bits(live.row(one.logits, at), live.row(other.logits, at)));
            const most = all.indexOf(Math.max(...all));
            const next = [...one.written, EOS][most];
            const average = all.reduce((sum, bits) => sum + bits, 0) / count;
            place.dataset.bits = String(average);
            const isSame = all.every((_, at) => live.same(live.row(one.logits, at), live.row(other.logits, at)));
            return {
                average,
                words: isSame ? live.SAME
                    : `Along the first translation, its predictions are ${average.toFixed(2)} bits apart on average, and most before “${opened.piece(next)}”: ${all[most].toFixed(2)} bits.`,
            };
        };

        // ---- One token from below to above ----

        const follow = (which, at) => {
            followed = followed?.side === which && followed.at === at ? null : { side: which, at };
            sources();
            side(before, 'Its translation', state.before, fullness(state.before));
            return followedAgain().then(() => say(live.wayed(stream)));
        };
        const followedAgain = async () => {
            if (followed === null) {
                stream.replaceChildren();
                return;
            }
            const { run, names } = look();
            const { side: which, at } = followed;
            const path = opened.outline.paths.find((found) => opened.axes(found.at(-1).tensor).includes(which));
            const edits = desk.edits();
            const inputs = {
                src: live.filled([...state.source, EOS], opened.length.src), tgt: live.filled([BOS, ...state.before.written], opened.length.tgt),
            };
            const says = which === 'source' ? null : (tensor) => live.stopped(opened, run, inputs, edits, path.at(-1).tensor, tensor, at);
            const table = await live.stream(desk.model, run, path, at, { says, token: names[which][at], changes: desk.changes });
            stream.replaceChildren(table);
        };

        // ---- All together ----

        const desk = live.desk(place, opened, {
            compute: () => change(),
            /** What these tensors are for another sentence and its own translation. */
            patch: async (other, tensors) => {
                const ids = live.ids(opened, other, opened.length.src - 1);
                const { run } = await live.translate(opened, ids);
                return live.values(run, tensors);
            },
        });
        place.querySelector('.live-start').after(guard(form), told, desk.bar, source, texts, stream);
        place.live = {
            desk,
            get state() { return state; },
            /** Translates a sentence with what is changed. */
            run: async (sentence, changes = []) => {
                text.value = sentence;
                desk.put(changes);
                await start();
                return state;
            },
        };
        await start();
    };
})();

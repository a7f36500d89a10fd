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
        let tables = 0;
        /** Runs that nobody needs as soon as others are seen. */
        const spent = [];
        const seen = () => spent.splice(0).forEach((run) => run?.free());

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
        /** What stands for no letters is written by its names. */
        const wordless = (written) => {
            const all = pieces(written);
            return [...new Set(all)].map((piece) => `${all.filter((other) => other === piece).length} × ${piece}`).join(', ');
        };
        const words = (written) => opened.decode(written).trim();
        const quoted = (written) => (words(written) === '' ? wordless(written) || 'nothing' : `“${live.short(words(written))}”`);
        const side = (root, title, found, note = '') => {
            const isDone = root === before && found.run !== null;
            const hint = isDone ? ' (press a token to follow it)' : '';
            // The one that begins is followed as well: from its vector, the first word is chosen.
            const chips = live.chips(title, pieces(root === before ? [BOS, ...found.written] : found.written), isDone ? { chosen: followed?.side === 'target' ? followed.at : null, choose: (at) => follow('target', at) } : {});
            const text = words(found.written) || wordless(found.written) || (found.run === null ? '…' : '(nothing)');
            root.replaceChildren(make('h4', { textContent: title + hint }), make('p', { className: 'live-written', lang: 'en', textContent: text }), chips, ...(note === '' ? [] : [make('p', { className: 'live-note', textContent: note })]));
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
            side(root, title, { written, run: null });
            await live.frame();
            return mine === turn;
        };
        const fullness = (found) => (found.isFull ? `It had not come to an end after ${opened.length.tgt - 1} tokens, for which there is room here.` : '');

        const reads = live.typed(opened, text, told, opened.length.src - 1);
        /** What is changed, for so many tokens as are written. */
        const edits = (target) => desk.edits({ source: state.source.length + 1, target });
        const start = async () => {
            const ids = reads.read();
            if (ids === null) return;
            say('Translating …', told);
            spent.push(state?.before.run, state?.forced?.run, state?.after?.run);
            state = { source: ids, before: { written: [], run: null }, forced: null, after: null };
            followed = null;
            stream.replaceChildren();
            sources();
            side(before, 'Its translation', state.before);
            after.hidden = true;
            desk.anew();
            await compute();
        };
        /** The sentence as it is typed, unless that is translated already. */
        const plain = async (mine) => {
            const found = await live.translate(opened, state.source, { grown: grown(before, 'Its translation', mine) });
            if (mine !== turn) {
                found.run.free();
                return false;
            }
            state.before = found;
            side(before, 'Its translation', found, fullness(found));
            return true;
        };
        /** The same sentence with what is changed; what came of it. Null if something else was asked for meanwhile. */
        const other = async (mine) => {
            const count = state.before.written.length + 1;
            const forced = await live.forced(opened, state.before, { edits: edits(count), from: state.before.run });
            const found = await live.translate(opened, state.source, { edits, from: forced.run, grown: grown(after, 'Changed', mine) });
            if (mine !== turn) {
                [forced, found].forEach(({ run }) => run.free());
                return null;
            }
            state.forced = forced;
            state.after = found;
            const { average, words: moved } = apart(state.before, state.forced);
            const same = `${found.written}` === `${state.before.written}`;
            side(after, 'Changed', found, `${same ? 'The same translation. ' : ''}${moved} ${fullness(found)}`);
            const what = same ? 'The same translation' : `${quoted(found.written).replace(/^n/, 'N')}, was ${quoted(state.before.written)}`;
            return moved === live.SAME ? live.SAME : `${what}: ${average.toFixed(2)} bits`;
        };
        /** Computes what is typed, with what is changed; whether it came to that. What is asked for later takes its place. */
        const compute = async () => {
            if (state === null) return false;
            const mine = turn += 1;
            const isNew = state.before.run === null;
            const isChanged = desk.changes.length > 0;
            after.hidden = !isChanged;
            if (isChanged) side(after, 'Changed', { written: [], run: null });
            spent.push(state.forced?.run, state.after?.run);
            state.forced = null;
            state.after = null;
            try {
                if (isNew && !await plain(mine)) return false;
                const outcome = isChanged ? await other(mine) : '';
                if (outcome === null) return false;
                await desk.show(look(), outcome);
                if (mine !== turn) return false;
                seen();
                await followedAgain();
                if (mine !== turn) return false;
                // Not that of a sentence which was interrupted: it is said with the first that is seen.
                if (!state.isSaid) {
                    state.isSaid = true;
                    const first = (words(state.before.written) === '' ? `${wordless(state.before.written) || 'Nothing'}.` : live.quoted(words(state.before.written))) + live.unknown(opened, state.source);
                    reads.say(first);
                    if (isChanged) say(`${first} ${desk.heard()}`);
                }
                return true;
            } catch (error) {
                if (mine !== turn) return false;
                after.hidden = true;
                if (state.before.run === null) desk.tell(live.FAILED);
                else desk.show(look(), live.FAILED);
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
            // It is followed as soon as everything is translated.
            if (state.before.run === null) return undefined;
            side(before, 'Its translation', state.before, fullness(state.before));
            return followedAgain().then((isDone) => {
                if (!isDone) return;
                say(live.wayed(stream));
                if (followed !== null) live.sight(stream);
            }).catch((error) => live.failed(error, told));
        };
        /** Whether it came to that, and nothing else was asked for meanwhile. */
        const followedAgain = async () => {
            const mine = tables += 1;
            if (followed === null) {
                stream.replaceChildren();
                return true;
            }
            const { run, names } = look();
            const { side: which, at } = followed;
            const path = opened.outline.paths.find((found) => opened.axes(found.at(-1).tensor).includes(which));
            const changes = state.forced === null ? [] : edits(names.target.length);
            const inputs = {
                src: live.filled([...state.source, EOS], opened.length.src), tgt: live.filled([BOS, ...state.before.written], opened.length.tgt),
            };
            const says = which === 'source' ? null : (tensor) => live.stopped(opened, run, inputs, changes, path.at(-1).tensor, tensor, at);
            const isOver = () => mine !== tables || run !== look().run;
            const table = await live.stream(desk.model, run, path, at, { says, token: names[which][at], changes: desk.changes, isOver });
            if (table === null) return false;
            stream.replaceChildren(table);
            return true;
        };

        // ---- All together ----

        const desk = live.desk(place, opened, {
            compute,
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

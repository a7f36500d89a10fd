// The language model goes on with a text: what may come next, and what is drawn of it.
(() => {
    'use strict';

    const { say, live, kept: { make, guard } } = annotated;
    const EXAMPLES = ['She was very glad to see her', 'He had not been at home many minutes, when', 'Elizabeth was so much'];
    const SHOWN = 8;
    /** The largest seed. */
    const MOST = 4294967295;
    const { BOS, EOS } = live.special;

    live.figures.language = async (place, opened) => {
        /** What is to be seen: `ids` with BOS, of which `typed` were the reader's, and what was computed of them. */
        let state = null;
        /** What is to be read, `ids` and `typed`, before it is computed. */
        let wanted = null;
        let turn = 0;
        let tables = 0;
        let followed = null;
        let random = live.random(1);

        const text = make('input', { id: 'live-prompt', type: 'text', value: EXAMPLES[0], autocomplete: 'off', spellcheck: false });
        const go = make('button', { type: 'submit', textContent: 'Read it' });
        const examples = EXAMPLES.map((example) => live.button(example, 'Takes this text', () => {
            text.value = example;
            start();
        }));
        const told = make('p', { className: 'live-told' });
        const form = make('form', { noValidate: true, onsubmit: (event) => { event.preventDefault(); start(); } },
            make('label', { htmlFor: text.id, textContent: 'A text to go on with' }),
            make('div', { className: 'live-row' }, text, go),
            make('div', { className: 'live-row', role: 'group', 'aria-label': 'Texts to begin with' }, ...examples));
        const slider = make('input', { id: 'live-temperature', type: 'range', min: 0, max: 2, step: 0.1, value: 0 });
        const degree = make('output', { htmlFor: slider.id });
        const seed = make('input', { id: 'live-seed', type: 'number', min: 0, max: MOST, step: 1, value: 1, inputMode: 'numeric' });
        const seeded = make('span', { className: 'live-note', role: 'status' });
        const [next, ten] = [live.button('Next token', 'Draws one token', () => on(1)), live.button('Ten more', 'Draws ten tokens, as long as there is room', () => on(10))];
        const controls = make('div', { className: 'live-row live-controls', role: 'group', 'aria-label': 'How it goes on' },
            make('span', { className: 'live-field live-wide' }, make('label', { htmlFor: slider.id, textContent: 'Temperature' }), slider, degree),
            make('span', { className: 'live-field' }, make('label', { htmlFor: seed.id, textContent: 'Seed' }), seed), next, ten, seeded);
        const written = make('div', { className: 'live-source' });
        const bars = make('div', { className: 'live-texts' });
        const stream = make('div', { className: 'live-followed' });

        const temperature = () => Number(slider.value);
        const shown = () => {
            degree.textContent = temperature() === 0 ? '0: always the likeliest' : temperature().toFixed(1);
            slider.setAttribute('aria-valuetext', degree.textContent);
        };
        slider.oninput = () => {
            shown();
            distribution();
        };
        let sown = 1;
        /** What is no seed changes nothing. */
        const again = () => {
            const isSeed = /^\d+$/.test(seed.value) && Number(seed.value) <= MOST;
            if (isSeed) sown = Number(seed.value);
            seeded.textContent = isSeed ? '' : `A seed is a whole number from 0 to ${MOST}. It is still ${sown}.`;
            random = live.random(sown);
        };
        seed.onchange = again;

        // ---- What is seen ----

        const pieces = () => state.ids.map(opened.piece);
        /** Its end is no word, and is shown as a mark. */
        const end = () => (state.ids.at(-1) === EOS ? [' ', make('span', { className: 'live-end', textContent: '<eos>' })] : []);
        const words = () => written.replaceChildren(make('h4', { textContent: 'The text so far' }),
            make('p', { className: 'live-written' }, opened.decode(state.ids.slice(0, state.typed)), make('b', { textContent: opened.decode(state.ids).slice(opened.decode(state.ids.slice(0, state.typed)).length) }), ...end()),
            make('h4', { textContent: 'Its tokens (press one to follow it)' }), live.chips('Its tokens', pieces(), { chosen: followed, choose: follow }));
        /** At temperature 0 the likeliest is taken; shown is what it is likeliest of. */
        const shares = (logits) => live.probabilities(logits, temperature() === 0 ? 1 : temperature());
        const name = (id) => opened.piece(id);
        const side = (title, list, most, note) => make('div', { className: 'live-side' }, make('h4', { textContent: title }), player.bars(list, { label: title, most, compared: state.after !== null }), ...(note ? [make('p', { className: 'live-note', textContent: note })] : []));
        /** Nobody has to guess what the shares depend on. */
        const warm = (title) => (temperature() === 1 ? title : `${title} (shares at temperature ${temperature() === 0 ? 1 : temperature().toFixed(1)})`);
        const distribution = () => {
            if (state === null) return;
            const before = shares(state.before.logits);
            const list = (from, other) => live.top(from, SHOWN).map(({ id, share }) => ({ name: name(id), value: share, ...(other === null ? {} : { before: other[id] }) }));
            const largest = (all) => Math.max(...all);
            if (state.after === null) {
                bars.replaceChildren(side(warm('What may come next'), list(before, null), largest(before)));
                desk.tell('');
                return;
            }
            const after = shares(state.after.logits);
            const bits = live.bits(state.before.logits, state.after.logits);
            place.dataset.bits = String(bits);
            // Both by one measure.
            const most = Math.max(largest(before), largest(after));
            const isSame = live.same(state.before.logits, state.after.logits);
            const apart = `The two predictions are ${bits.toFixed(2)} bits apart${temperature() === 0 || temperature() === 1 ? '' : ' (at temperature 1)'}.`;
            bars.replaceChildren(side(warm('As it was'), list(before, null), most), side(warm('Changed'), list(after, before), most, isSame ? live.SAME : apart));
            const [{ id, share }] = live.top(after, 1);
            desk.tell(isSame ? live.SAME : `“${name(id)}” ${player.percent(share)}, was ${player.percent(before[id])}: ${bits.toFixed(2)} bits`);
        };
        const look = () => ({
            run: (state.after ?? state.before).run, base: state.after === null ? null : state.before.run,
            names: { target: pieces(), source: pieces() }, size: { target: state.ids.length, source: state.ids.length },
        });

        // ---- What is computed ----

        const reads = live.typed(opened, text, told, opened.length.ids - 1);
        const edits = (ids) => desk.edits({ target: ids.length, source: ids.length });
        const start = async () => {
            const ids = reads.read();
            if (ids === null) return;
            wanted = { ids: [BOS, ...ids], typed: ids.length + 1, isTyped: true };
            again();
            desk.anew();
            await compute();
        };
        /** Computes what is wanted, with what is changed; whether it came to that. What is asked for later takes its place. */
        const compute = async () => {
            if (wanted === null) return false;
            const mine = turn += 1;
            const one = wanted;
            const { ids, typed } = one;
            const changes = edits(ids);
            try {
                const before = await live.next(opened, ids, { from: state?.before.run });
                const after = changes.length === 0 ? null : await live.next(opened, ids, { edits: changes, from: before.run });
                if (mine !== turn) {
                    [before, after].forEach((stale) => stale?.run.free());
                    return false;
                }
                [state?.before.run, state?.after?.run].forEach((run) => run?.free());
                if (one.isTyped && state?.one !== one) followed = null;
                state = { one, ids, typed, before, after };
                words();
                distribution();
                await desk.show(look(), desk.outcome);
                await followedAgain();
                if (mine !== turn) return false;
                if (one.isTyped && !one.isSaid) {
                    one.isSaid = true;
                    const first = `Read: ${ids.length} tokens, with the one that begins every text. What may come next is below.${live.unknown(opened, ids)}`;
                    reads.say(first);
                    if (desk.changes.length > 0) say(`${first} ${desk.heard()}`);
                }
                return true;
            } catch (error) {
                if (mine === turn) {
                    wanted = state?.one ?? null;
                    desk.tell(live.FAILED);
                    live.failed(error, told);
                }
                return false;
            }
        };
        /** Draws from what is computed now: with what is changed, if something is. */
        const on = async (count) => {
            if (state === null || state.one !== wanted) return;
            const old = state.ids.length;
            /** Why it can't go on. */
            const over = () => {
                if (state.ids.at(-1) === EOS) return 'The text has come to an end: <eos>. Begin anew to go on.';
                if (state.ids.length >= opened.length.ids) return `There is no more room: this page holds ${opened.length.ids} tokens. Begin anew with a shorter text.`;
                return '';
            };
            for (let times = 0; times < count && over() === ''; times += 1) {
                wanted = { typed: state.typed, ids: [...state.ids, live.draw((state.after ?? state.before).logits, temperature(), random)] };
                if (!await compute()) return;
                const mine = turn;
                await live.frame();
                if (mine !== turn) return;
            }
            const more = opened.decode(state.ids.slice(old));
            say([...(more.trim() === '' ? [] : [`It goes on: ${live.quoted(more.trim())}`]), ...(over() === '' ? [] : [over()])].join(' '), told);
        };

        // ---- One token from below to above ----

        const follow = (at) => {
            followed = followed === at ? null : at;
            words();
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
            const { run } = look();
            const path = opened.outline.paths[0];
            const at = followed;
            const inputs = { ids: live.filled(state.ids, opened.length.ids) };
            const changes = state.after === null ? [] : edits(state.ids);
            const isOver = () => mine !== tables || run !== look().run;
            const says = (tensor) => live.stopped(opened, run, inputs, changes, path.at(-1).tensor, tensor, at);
            const table = await live.stream(desk.model, run, path, at, { says, token: pieces()[at], changes: desk.changes, isOver });
            if (table === null) return false;
            stream.replaceChildren(table);
            return true;
        };

        const desk = live.desk(place, opened, {
            compute,
            patch: async (other, tensors) => {
                const ids = [BOS, ...live.ids(opened, other, opened.length.ids - 1)];
                const { run } = await live.next(opened, ids);
                return live.values(run, tensors);
            },
        });
        shown();
        place.querySelector('.live-start').after(guard(form), told, desk.bar, written, guard(controls), bars, stream);
        place.live = {
            desk,
            get state() { return state; },
            run: async (prompt, changes = []) => {
                text.value = prompt;
                desk.put(changes);
                await start();
                return state;
            },
            on,
        };
        await start();
    };
})();

// Attention opened up: one query of one head, from its numbers to what it takes home, with a line of arithmetic in full.
(() => {
    'use strict';

    const { say, live, kept: { make, guard } } = annotated;
    const EXAMPLES = ['She was very glad to see her', 'Elizabeth was so much'];
    const { BOS } = live.special;
    /** So many products of a dot product are written out. */
    const WRITTEN = 3;
    const MINUS = '−';
    const number = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits).replace(/^-(?=0\.?0*$)/, '').replace('-', MINUS) : `${value < 0 ? MINUS : ''}∞`);
    const shown = (value) => (Math.abs(value) >= 1e6 ? `${value < 0 ? MINUS : ''}10⁹` : number(value));
    const near = (one, other) => Math.abs(one - other) <= 1e-3 * Math.max(1, Math.abs(one));
    /** The same within a product or a difference, where a sign of its own would be misread. */
    const inside = (value, digits = 2) => number(value, digits).replace(/^−.*/, '($&)');
    const rounded = (value, digits) => Number(value.toFixed(digits));
    /** So many digits that a calculator, given the numbers as they are written, comes to the same result as is written. */
    const enough = (fewest, digits, result, computed) => {
        const fits = (count) => Math.abs(rounded(computed(count), digits) - rounded(result, digits)) < 10 ** -digits / 2;
        return [0, 1, 2, 3].map((more) => fewest + more).find(fits) ?? fewest + 3;
    };
    const percent = (share) => `${(share * 100).toFixed(1)} %`;

    /** The tensors of an attention: what is multiplied, what comes of it, and what stands between. */
    const parts = (model, key, layer) => {
        const { outline } = model;
        const steps = model.box(key).repeats[layer].steps.map((at) => outline.steps[at]);
        const softmax = steps.find((step) => step.kind === 'Softmax');
        const weights = softmax.outputs[0];
        const mix = outline.steps.find((step) => step.kind === 'Matmul' && step.inputs[0] === weights);
        /** Back from the softmax over mask and scale to the product. */
        const chain = [];
        let tensor = softmax.inputs[0];
        let step = outline.maker.get(tensor);
        while (step.kind !== 'Matmul') {
            chain.unshift({ kind: step.kind, tensor, step });
            // Of a mask and what is masked, the latter.
            tensor = step.inputs.find((input) => outline.alike(input, step.outputs[0]));
            step = outline.maker.get(tensor);
        }
        const turned = outline.maker.get(step.inputs[1]);
        const by = (kind) => chain.find((entry) => entry.kind === kind) ?? null;
        return {
            q: step.inputs[0], k: turned.kind === 'SwapDims' ? turned.inputs[0] : step.inputs[1], v: mix.inputs[1], scores: step.outputs[0],
            scaled: by('DivScalar'), masked: by('MaskFill'), weights, mixed: mix.outputs[0],
        };
    };

    /** Row `at` of a head of `[1, heads, positions, width]`. */
    const row = (value, head, at) => {
        const [, , positions, width] = value.shape;
        const start = (Math.min(head, value.shape[1] - 1) * positions + at) * width;
        return value.data.subarray(start, start + width);
    };

    live.figures.attention = async (place, opened) => {
        let state = null;
        /** The tokens that are to be read, before they are, and those that were said to be. */
        let [wanted, announced] = [null, null];
        let turn = 0;
        let opening = 0;
        let [layer, head, query, key] = [0, 0, null, null];

        const text = make('input', { id: 'live-attending', type: 'text', value: EXAMPLES[0], autocomplete: 'off', spellcheck: false });
        const examples = EXAMPLES.map((example) => live.button(example, 'Takes this text', () => { text.value = example; start(); }));
        const told = make('p', { className: 'live-told' });
        const form = make('form', { noValidate: true, onsubmit: (event) => { event.preventDefault(); start(); } },
            make('label', { htmlFor: text.id, textContent: 'A text to read' }),
            make('div', { className: 'live-row' }, text, make('button', { type: 'submit', textContent: 'Read it' })),
            make('div', { className: 'live-row', role: 'group', 'aria-label': 'Texts to begin with' }, ...examples));
        const choosers = make('div', { className: 'live-row', role: 'group', 'aria-label': 'Which attention' });
        const queries = make('div', { className: 'live-source' });
        const steps = make('ol', { className: 'live-steps' });

        // ---- What is computed ----

        const reads = live.typed(opened, text, told, opened.length.ids - 1);
        const edits = (ids) => desk.edits({ target: ids.length, source: ids.length });
        const start = async () => {
            const ids = reads.read();
            if (ids === null) return;
            wanted = [BOS, ...ids];
            desk.anew();
            await compute();
        };
        /** Reads what is wanted, with what is changed; whether it came to that. What is asked for later takes its place. */
        const compute = async () => {
            if (wanted === null) return false;
            const mine = turn += 1;
            const ids = wanted;
            const isNew = state?.ids !== ids;
            const changes = edits(ids);
            try {
                const base = isNew ? (await live.next(opened, ids, { from: state?.base })).run : state.base;
                const run = changes.length === 0 ? base : (await live.next(opened, ids, { edits: changes, from: base })).run;
                const [old, own] = [new Set([state?.base, state?.run]), new Set([base, run])];
                const [spent, kept] = mine === turn ? [old, own] : [own, old];
                spent.forEach((one) => kept.has(one) || one?.free());
                if (mine !== turn) return false;
                state = { ids, base, run, pieces: ids.map(opened.piece) };
                if (isNew) [query, key] = [ids.length - 1, null];
                const names = { target: state.pieces, source: state.pieces };
                const size = { target: ids.length, source: ids.length };
                await desk.show({ run, base: changes.length === 0 ? null : base, names, size });
                if (!await open()) return false;
                if (announced !== ids) {
                    announced = ids;
                    const first = `Read: ${ids.length} tokens, with the one that begins every text.${live.unknown(opened, ids)}`;
                    reads.say(first);
                    if (desk.changes.length > 0) say(`${first} ${desk.heard()}`);
                }
                return true;
            } catch (error) {
                if (mine === turn) {
                    wanted = state?.ids ?? null;
                    desk.tell(live.FAILED);
                    live.failed(error, told);
                }
                return false;
            }
        };

        /** Everything about the chosen query, as it is, and as it was before a change. */
        const numbers = async (run) => {
            const tensors = parts(desk.model, theBox(), layer);
            const values = {};
            for (const name of ['q', 'k', 'v', 'scores', 'weights', 'mixed']) values[name] = await run.value(tensors[name]);
            for (const name of ['scaled', 'masked']) values[name] = tensors[name] === null ? null : await run.value(tensors[name].tensor);
            const divisor = tensors.scaled === null ? 1 : Number(tensors.scaled.step.fields.rhs?.float ?? Number.NaN);
            return { values, divisor, tensors };
        };

        // ---- What is seen ----

        /** The smallest box with the softmax in it. */
        const theBox = () => {
            const { outline, box, keys } = desk.model;
            const steps = (one) => box(one).repeats[0].steps;
            const fitting = [...keys].filter((one) => steps(one).some((at) => outline.steps[at]?.kind === 'Softmax'));
            return fitting.reduce((best, one) => (steps(one).length < steps(best).length ? one : best));
        };
        const cells = (label, head, rows) => make('div', { className: 'table-wrapper', tabIndex: 0, role: 'group', 'aria-label': label }, make('table', { className: 'live-numbers' },
            make('thead', {}, make('tr', {}, ...head.map((title) => make('th', { scope: 'col', textContent: title })))),
            make('tbody', {}, ...rows.map((row) => make('tr', {}, make('th', { scope: 'row' }, row[0]), ...row.slice(1).map((textContent) => make('td', { textContent })))))));
        const step = (title, ...inside) => make('li', {}, make('h4', { textContent: title }), ...inside);
        const worked = (...lines) => make('div', { className: 'live-worked' }, ...lines.map((textContent) => make('p', { textContent })));
        /** Vectors of one head: of the first positions, or, with `only`, of that one. */
        const heat = (label, value, axis, count, only = null) => {
            const width = value.shape.at(-1);
            if (only !== null) return player.heat({ dtype: 'float', shape: [width], data: row(value, head, only) }, { axes: ['d_k'], label });
            const data = new Float32Array(count * width);
            for (let at = 0; at < count; at += 1) data.set(row(value, head, at), at * width);
            return player.heat({ dtype: 'float', shape: [count, width], data }, { axes: [axis, 'd_k'], names: { [axis]: state.pieces }, label });
        };
        /**
         * The key that is worked out until one is chosen: the second, since of the largest score nothing is left to be seen once the
         * largest is taken from all. While something is changed, the one that was looked at most before.
         */
        const first = (before, weights) => {
            const order = (all) => all.map((weight, at) => ({ weight, at })).filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
            if (before !== null) return order(before)[0].at;
            return (order(weights)[1] ?? order(weights)[0] ?? { at: 0 }).at;
        };
        /** What a query gives a key, for who listens. */
        let gives = '';
        /** Opens another attention, and goes back to what was pressed. */
        const choose = async (find, result) => {
            if (!await open().catch((error) => live.failed(error, told))) return;
            find()?.focus({ preventScroll: true });
            say(gives);
            live.sight(steps.querySelector(result));
        };

        /** Whether it came to that, and nothing else was opened or computed meanwhile. */
        const open = async () => {
            const [mine, { ids, run, base }] = [opening += 1, state];
            const isOver = () => mine !== opening || run !== state.run;
            // Numbers of a run that was given up meanwhile aren't wanted.
            const given = await Promise.all([numbers(run), run === base ? null : numbers(base)]).catch((error) => {
                if (!isOver()) throw error;
            });
            if (given === undefined || isOver()) return false;
            const [{ values, divisor, tensors }, was] = [given[0], given[1]?.values ?? null];
            // What is pressed once another text is read is of the one before.
            const onThis = (act) => (...what) => ids === state.ids && act(...what);
            const count = state.ids.length;
            const all = Array.from({ length: count }, (_, at) => at);
            const heads = values.weights.shape[1];
            const repeats = desk.model.box(theBox()).repeats.length;
            const which = [
                ['Layer', repeats, layer, (value) => { layer = value; }], ['Head', heads, head, (value) => { head = value; }],
            ].map(([label, many, at, put]) => {
                const made = live.select(label, Array.from({ length: many }, (_, number) => [number, number + 1]), (value) => {
                    put(Number(value));
                    choose(() => [...choosers.querySelectorAll('select')].find((one) => one.previousSibling.textContent === label), 'h4');
                    follow();
                });
                made.chooser.value = String(at);
                return made.element;
            });
            choosers.replaceChildren(...which);
            queries.replaceChildren(make('h4', { textContent: 'The token that asks' }), live.chips('The token that asks', state.pieces, { chosen: query, choose: onThis((at) => { query = at; key = null; choose(() => queries.querySelector('[aria-pressed=true]'), 'h4'); }) }));

            const of = (name, source = values) => Array.from(row(source[name] ?? source.scores, head, query)).slice(0, count);
            const [scores, scaled, masked, weights] = [of('scores'), values.scaled ? of('scaled') : of('scores'), values.masked ? of('masked') : of('scaled'), of('weights')];
            const before = was === null ? null : of('weights', was);
            const chosen = key ?? first(before, weights);
            const asking = state.pieces[query];
            const answering = state.pieces[chosen];
            const keys = all.map((at) => {
                const press = live.button(state.pieces[at], 'Works out this key below', onThis(() => { key = at; choose(() => steps.querySelector('[data-key][aria-pressed=true]'), '.live-worked'); }));
                press.dataset.key = at;
                press.setAttribute('aria-pressed', at === chosen);
                return press;
            });

            // The dot product, by its largest terms.
            const [q, k] = [row(values.q, head, query), row(values.k, head, chosen)];
            const terms = Array.from(q, (value, at) => ({ at, product: value * k[at] })).sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
            const big = terms.slice(0, WRITTEN);
            const rest = terms.slice(WRITTEN).reduce((sum, { product }) => sum + product, 0);
            const visible = masked.filter((value) => value > -1e6);
            const most = Math.max(...masked);
            const isHidden = masked[chosen] <= -1e6;
            const sum = masked.reduce((total, value) => total + Math.exp(value - most), 0);
            /** A line of arithmetic, unless a change has put another number in the place of its result. */
            const line = (expected, found, text) => (near(expected, found) ? text : `Here something is changed: ${shown(found)} stands where ${shown(expected)} would be.`);
            const share = Math.exp(masked[chosen] - most) / sum;
            const factors = (all, digits) => all.map(({ x, y }, at) => `${at === 0 ? number(x, digits) : inside(x, digits)} · ${inside(y, digits)}`).join(' + ');
            const product = (all, digits) => all.reduce((total, { x, y }) => total + rounded(x, digits) * rounded(y, digits), 0);
            const dot = big.map(({ at }) => ({ x: q[at], y: k[at] }));
            const inDot = enough(3, 2, scores[chosen], (digits) => product(dot, digits) + rounded(rest, digits - 1));
            const scored = line(terms.reduce((total, { product: one }) => total + one, 0), scores[chosen],
                `Score of “${asking}” and “${answering}”: ${factors(dot, inDot)} + ${terms.length - WRITTEN} smaller products that add up to ${inside(rest, inDot - 1)} = ${number(scores[chosen])}.`);
            const by = desk.edits({}).filter(({ tensor }) => tensor === tensors.scaled?.tensor).map((edit) => edit.by);
            const inScale = enough(2, 2, scaled[chosen], (digits) => rounded(scores[chosen], digits) / rounded(divisor, digits + 1));
            const divided = by.some((way) => way === 'through' || way.tensor === tensors.scores) ? 'It is not divided now.'
                : line(scores[chosen] / divisor, scaled[chosen], `${number(scores[chosen], inScale)}, divided by √${q.length} = ${number(divisor, inScale + 1)}: ${number(scaled[chosen])}.`);
            const hides = isHidden ? `“${answering}” is hidden from “${asking}”: the mask puts ${shown(masked[chosen])} in its place, so its weight is 0.`
                : line(scaled[chosen], masked[chosen], `“${asking}” sees ${visible.length} of ${count} tokens, and “${answering}” is one of them: ${number(masked[chosen])} stays.`);
            const power = Math.exp(masked[chosen] - most);
            const inPower = enough(2, 3, power, (digits) => Math.exp(rounded(masked[chosen], digits) - rounded(most, digits)));
            const inShare = enough(3, 1, share * 100, (digits) => rounded(power, digits) / rounded(sum, digits) * 100);
            const shared = isHidden && weights[chosen] === 0 ? `The weight of “${answering}” is 0.`
                : line(share, weights[chosen], `The largest score, ${number(most, inPower)}, is first taken from all of them. Then e to the power of ${number(masked[chosen], inPower)} − ${inside(most, inPower)} is ${number(power, 3)}. `
                    + `The same of all ${visible.length} that are visible adds up to ${number(sum, inShare)}, and ${number(power, inShare)} / ${number(sum, inShare)} = ${percent(share)}.`);
            // The mixture's first number, by its largest parts.
            const mixing = all.map((at) => ({ x: weights[at], y: row(values.v, head, at)[0] })).sort((a, b) => b.x - a.x);
            const part = (list) => list.reduce((total, { x, y }) => total + x * y, 0);
            const [large, others] = [mixing.slice(0, WRITTEN), part(mixing.slice(WRITTEN))];
            const [mixed] = row(values.mixed, head, query);
            const inMixture = enough(3, 3, mixed, (digits) => product(large, digits) + rounded(others, digits));
            const mixture = line(part(mixing), mixed, `Its first number: ${factors(large, inMixture)}`
                + `${mixing.length > WRITTEN ? ` + what the others add, ${inside(others, inMixture)}` : ''} = ${number(mixed, 3)}.`);
            const earlier = before === null ? [] : ['Weight before'];
            steps.replaceChildren(
                step('Query, keys and values', make('h5', { textContent: `Q: what “${asking}” asks for` }), heat('The query', values.q, 'target', 1, query),
                    make('h5', { textContent: 'K: what every token offers' }), heat('The keys', values.k, 'source', count),
                    make('h5', { textContent: 'V: what every token gives' }), heat('The values', values.v, 'source', count)),
                step('Scores', cells('Scores of all keys', ['Key', 'Score q · k', 'Divided', 'Masked', 'Weight', ...earlier], all.map((at) => [keys[at], number(scores[at]), number(scaled[at]), shown(masked[at]), percent(weights[at]), ...(before ? [percent(before[at])] : [])])), worked(scored)),
                step('Scale', worked(divided)),
                step('Mask', worked(hides)),
                step('Softmax', worked(shared)),
                step(`What “${asking}” takes home`, heat('The mixture', values.mixed, 'target', 1, query), worked(mixture)),
            );
            gives = `“${asking}” gives “${answering}” ${percent(weights[chosen])}.`;
            desk.tell(before === null ? '' : `“${asking}” gives “${answering}” ${player.percent(weights[chosen])}, was ${player.percent(before[chosen])}`);
            return true;
        };
        /** The panel shows the layer and the head that are opened. */
        const follow = () => {
            const at = desk.panel.at();
            if (at === null) return;
            desk.panel.pick('heads', head);
            desk.panel.show(at.key, layer);
        };

        const desk = live.desk(place, opened, {
            begins: () => ({ layer, pick: { heads: head } }),
            compute,
            patch: async (other, tensors) => {
                const ids = [BOS, ...live.ids(opened, other, opened.length.ids - 1)];
                const { run } = await live.next(opened, ids);
                return live.values(run, tensors);
            },
        });
        place.querySelector('.live-start').after(guard(form), told, desk.bar, guard(choosers), queries, steps);
        place.live = {
            desk,
            get state() { return state; },
            run: async (said, changes = []) => {
                text.value = said;
                desk.put(changes);
                await start();
                return state;
            },
        };
        await start();
    };
})();

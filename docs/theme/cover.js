// Covers the names in a figure, to be said one at a time: typed, or uncovered and judged by the reader. It counts.
(() => {
    'use strict';

    const { say, store, now } = window.annotated;
    const { make, button, pictures, boxes, reveal, listen, float, tools } = window.annotated.see;
    /** So few names are no exercise. */
    const FEW = 3;
    /** What else a name is called, each without spaces and signs. A name is also known by its note. */
    const SHORT = {
        add: ['plus', 'sum', 'addition', 'residual', 'residualaddition'], feedforward: ['ff', 'ffn', 'mlp', 'feedforwardnetwork'],
        linear: ['linearlayer', 'generator', 'projection'], multiheadattention: ['mha', 'multihead'], layernorm: ['ln', 'norm', 'layernormalisation'],
        maskedmultiheadattention: ['maskedmha', 'maskedmultihead', 'maskedattention', 'maskedselfattention'], matmul: ['matrixproduct', 'matrixmultiplication', 'product'],
        outputprobabilities: ['probabilities'], outputsshiftedright: ['outputs', 'target'], inputs: ['source'], positionalencoding: ['pe', 'position', 'positionencoding'],
        scaleddotproductattention: ['sdpa', 'attention', 'dotproductattention'], splitheads: ['split'], concatheads: ['concat', 'concatenate', 'concatenateheads'],
        swapdims: ['transpose'], x: ['input'], ids: ['inputs', 'tokens'],
    };

    const plain = (text) => text.toLowerCase().replaceAll('&', 'and').replaceAll('+', 'plus').replaceAll('normalization', 'normalisation')
        .normalize('NFD').replace(/[^a-z0-9]/g, '');
    const one = (text) => text.replace(/s$/, '');
    /** Whether two names differ by so little that a finger has slipped: a letter too few, too many, or another. */
    const slip = (a, b) => {
        if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 6) {
            return false;
        }
        let start = 0;
        while (start < a.length && a[start] === b[start]) {
            start += 1;
        }
        const [restA, restB] = [a.slice(start), b.slice(start)];
        return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
    };
    const accepted = ({ name, note }) => {
        const own = plain(name);
        return [own, ...(SHORT[own] ?? []), ...(note ? [plain(note), own + plain(note), plain(note) + own] : [])];
    };
    /** Whether what was typed is the name of this box. What is exactly another's name is no slip. */
    const fits = (typed, box, others) => {
        const said = plain(typed);
        const wanted = accepted(box);
        if (said === '' || wanted.some((name) => one(name) === one(said))) {
            return said !== '';
        }
        return !others.some((other) => accepted(other).includes(said)) && wanted.some((name) => slip(name, said));
    };

    /** The boxes of a figure, from the bottom up: key, name, and the note below the name. */
    const named = (figure) => [...(pictures(figure)[0]?.querySelectorAll('g[data-key]') ?? [])].map((box) => {
        const lines = (box.querySelector('title')?.textContent ?? box.getAttribute('aria-label') ?? '').split('\n');
        const second = [...box.querySelectorAll('text')].some((text) => text.textContent === lines[1]);
        return { key: box.dataset.key, name: lines[0], note: second ? lines[1] : '', frame: box.matches('.f') };
    }).filter(({ name }) => name !== '');

    for (const figure of document.querySelectorAll('figure.diagram')) {
        const found = named(figure);
        if (found.length >= FEW) {
            offer(figure, found);
        }
    }

    function offer(figure, found) {
        const id = `cover:${figure.id.replace(/^figure-/, '')}`;
        const drawing = figure.querySelector('.drawing');
        const result = make('p', { className: 'see-result' });
        /** Of each box: null while it is covered, else whether its name was known. */
        let known = [];
        let at = 0;

        const begin = button('Cover the names', start);
        const question = make('p');
        const field = make('input', { type: 'text', autocomplete: 'off', spellcheck: false });
        field.setAttribute('aria-label', 'Name of the box');
        field.setAttribute('autocapitalize', 'off');
        const check = button('Check', answer);
        const uncover = button('Uncover', peek);
        const yes = button('I knew it', () => done(true));
        const no = button('I didn’t', () => done(false));
        const stop = button('Stop', end);
        const bar = make('div', { className: 'see-bar', hidden: true }, question, make('div', { className: 'see-row' }, field, check, uncover, yes, no, stop));
        bar.setAttribute('role', 'group');
        bar.setAttribute('aria-label', 'Cover');
        tools(figure).append(begin);
        figure.append(bar, result);
        const last = store.read(id, null, (value) => Number.isInteger(value?.right) && Number.isInteger(value?.of));
        if (last !== null) {
            result.textContent = `Last time you knew ${last.right} of ${last.of} names.`;
        }

        const mark = (key, name, on) => boxes(figure, new Set([key])).forEach((box) => box.classList.toggle(name, on));
        const shut = (on) => {
            figure.classList.toggle('covered', on);
            drawing.inert = on;
        };

        function start() {
            known = found.map(() => null);
            result.textContent = '';
            shut(true);
            bar.hidden = false;
            float(bar, true);
            begin.parentElement.hidden = true;
            ask(0);
        }

        /** Asks for the name of a box; `before` is said first. */
        function ask(next, before = '') {
            mark(found[at].key, 'asked', false);
            at = next;
            mark(found[at].key, 'asked', true);
            const what = found[at].frame ? 'frame' : 'box';
            question.textContent = `${before}What is the marked ${what} called? (${known.filter((value) => value !== null).length + 1} of ${found.length})`;
            judging(false);
            field.value = '';
            field.focus({ preventScroll: true });
            reveal(boxes(figure, new Set([found[at].key])), bar);
            say(`${question.textContent} ${around()}`);
        }

        /** For those who don't see the place of a box: what is known of where its input comes from. */
        function around() {
            const edges = [...pictures(figure)[0].querySelectorAll(`[data-to="${CSS.escape(found[at].key)}"]`)];
            const from = [...new Set(edges.map((edge) => edge.dataset.from))].map((key) => {
                const number = found.findIndex((box) => box.key === key);
                return known[number] === null || number < 0 ? 'a covered box' : found[number].name;
            });
            return from.length > 0 ? `It reads ${from.join(' and ')}.` : '';
        }

        const judging = (on) => {
            [field, check, uncover].forEach((element) => { element.hidden = on; });
            [yes, no].forEach((element) => { element.hidden = !on; });
        };

        function answer() {
            if (fits(field.value, found[at], found)) {
                done(true);
                return;
            }
            question.textContent = plain(field.value) === '' ? 'Type a name, or uncover it.' : `“${field.value}” isn’t it. Try again, or uncover it.`;
            say(question.textContent);
            field.select();
            field.focus({ preventScroll: true });
        }

        function peek() {
            mark(found[at].key, 'open', true);
            question.textContent = `${whole(found[at])}. Did you know it?`;
            judging(true);
            yes.focus({ preventScroll: true });
            say(question.textContent);
        }

        const whole = ({ name, note }) => (note === '' ? name : `${name}, ${note}`);

        function done(right) {
            known[at] = right;
            mark(found[at].key, 'open', true);
            const after = [...known.keys()].map((step) => (at + 1 + step) % known.length);
            const next = after.find((place) => known[place] === null);
            if (next === undefined) {
                end();
            } else {
                ask(next, right && !field.hidden ? `Right: ${whole(found[at])}. ` : '');
            }
        }

        function end() {
            const asked = known.filter((value) => value !== null).length;
            const right = known.filter((value) => value === true).length;
            found.forEach(({ key }) => ['asked', 'open'].forEach((name) => mark(key, name, false)));
            shut(false);
            float(bar, false);
            bar.hidden = true;
            begin.parentElement.hidden = false;
            begin.textContent = 'Cover the names again';
            begin.focus({ preventScroll: true });
            if (asked > 0) {
                store.write(id, { right, of: asked, at: now() });
                const rest = asked < found.length ? `, and ${found.length - asked} stayed covered` : '';
                say(`You knew ${right} of ${asked} names${rest}.`, result);
            }
        }

        // A finger or the pointer chooses the box that is asked for next.
        figure.addEventListener('click', ({ clientX: x, clientY: y, target }) => {
            if (!figure.classList.contains('covered') || bar.contains(target) || field.hidden) {
                return;
            }
            const hit = (place) => {
                const more = (size) => Math.max(0, (44 - size) / 2);
                const [across, along] = [more(place.width), more(place.height)];
                return x >= place.left - across && x <= place.right + across && y >= place.top - along && y <= place.bottom + along;
            };
            const all = boxes(figure, new Set(found.map(({ key }) => key))).filter((box) => box.checkVisibility());
            const areas = all.map((box) => [box, (box.querySelector('.r, rect') ?? box).getBoundingClientRect()]).filter(([, place]) => hit(place));
            areas.sort(([, a], [, b]) => a.width * a.height - b.width * b.height);
            const chosen = areas.map(([box]) => found.findIndex(({ key }) => key === box.dataset.key)).find((number) => known[number] === null);
            if (chosen !== undefined) {
                ask(chosen);
            }
        });
        listen(bar, { Escape: end, Enter: () => (document.activeElement === field ? answer() : document.activeElement.click()) });
    }
})();

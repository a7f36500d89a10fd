// Covers the names in a figure, to be said one at a time: typed, or uncovered and judged by the reader. It counts.
(() => {
    'use strict';

    const { say, store, now } = window.annotated;
    const { make, button, row, pictures, boxes, reveal, listen, bar: barOf, float } = window.annotated.see;
    /** What else a name is called, without spaces and signs. */
    const SHORT = {
        add: 'plus sum addition residual', feedforward: 'ff ffn mlp feedforwardnetwork', layernorm: 'ln norm layernormalisation',
        linear: 'linearlayer projection generator', matmul: 'matrixproduct matrixmultiplication product', multiheadattention: 'mha multihead',
        maskedmultiheadattention: 'maskedmha maskedmultihead maskedattention', outputprobabilities: 'probabilities', outputsshiftedright: 'outputs',
        positionalencoding: 'pe positions', scaleddotproductattention: 'sdpa attention dotproductattention', splitheads: 'split', concatheads: 'concat',
    };

    const plain = (text) => text.toLowerCase().replaceAll('&', 'and').replaceAll('+', 'plus').replaceAll('ization', 'isation').replace(/[^a-z0-9]/g, '');
    const one = (text) => text.replace(/s$/, '');
    /** Whether a finger has slipped: a letter too few, too many, or another. */
    const slip = (a, b) => a.length > 5 && [...a].some((_, place) => {
        const [head, tail, rest] = [a.slice(0, place), a.slice(place + 1), b.slice(place + 1)];
        return head + tail === b || (b.startsWith(head) && (rest === tail || rest === a.slice(place)));
    });
    const called = ({ name, note }) => {
        const [own, more] = [plain(name), plain(note)];
        return [own, more, own + more, more + own, ...(SHORT[own] ?? '').split(' ')].filter((text) => text !== '').map(one);
    };
    /** Whether what was typed is the name of a box. What is another's name is no slip. */
    const fits = (typed, box, all) => {
        const said = one(plain(typed));
        const others = () => all.some((other) => called(other).includes(said));
        return called(box).includes(said) || (said !== '' && !others() && called(box).some((name) => slip(name, said)));
    };

    /** The boxes of a figure, from the bottom up. */
    const named = (figure) => [...(pictures(figure)[0]?.querySelectorAll('g[data-key]') ?? [])].map((box) => {
        const [name, more] = (box.querySelector('title')?.textContent ?? '').split('\n');
        const noted = [...box.querySelectorAll('text')].some((text) => text.textContent === more);
        return { key: box.dataset.key, name, note: noted ? more : '', what: box.matches('.f') ? 'frame' : 'box' };
    }).filter(({ name }) => name !== '');

    const offer = (figure, all) => {
        const id = `cover:${figure.id.replace('figure-', '')}`;
        /** Of each box: null while it is covered, else whether its name was known. */
        let known = [];
        let at = 0;

        const result = make('p', { className: 'see-result' });
        const question = make('p');
        const field = make('input', { type: 'text', autocomplete: 'off', spellcheck: false, autocapitalize: 'off' });
        field.setAttribute('aria-label', 'Name of the box');
        const asking = [field, make('button', { textContent: 'Check' }), button('Uncover', () => peek())];
        const judging = [button('I knew it', () => done(true)), button('I didn’t', () => done(false))];
        const bar = barOf('form', 'Cover', question, row(...asking, ...judging, button('Stop', () => end())));
        const begin = button('Cover the names', () => {
            known = all.map(() => null);
            shut(true);
            ask(0);
        });
        const tools = make('div', { className: 'see-tools' }, begin);
        figure.append(tools, bar, result);
        const last = store.read(id, null, (value) => value.right >= 0 && value.of > 0);
        result.textContent = last === null ? '' : `Last time you knew ${last.right} of ${last.of} names.`;

        const mark = (box, name, on) => boxes(figure, new Set([box.key])).forEach((element) => element.classList.toggle(name, on));
        const count = (value) => known.filter((is) => is === value).length;
        const whole = ({ name, note }) => (note === '' ? name : `${name}, ${note}`);
        const shut = (on) => {
            figure.classList.toggle('covered', on);
            figure.querySelector('.drawing').inert = on;
            [tools.hidden, result.hidden, bar.hidden] = [on, on, !on];
            float(bar, on);
        };
        const offered = (judge) => {
            asking.forEach((element) => { element.hidden = judge; });
            judging.forEach((element) => { element.hidden = !judge; });
        };

        /** Asks for the name of a box; `before` is said first. */
        const ask = (next, before = '') => {
            mark(all[at], 'asked', false);
            at = next;
            mark(all[at], 'asked', true);
            question.textContent = `${before}What is the marked ${all[at].what} called? (${all.length - count(null) + 1} of ${all.length})`;
            offered(false);
            field.value = '';
            field.focus({ preventScroll: true });
            reveal(boxes(figure, new Set([all[at].key])), bar);
            // Who doesn't see where it stands is told what it reads.
            const edges = pictures(figure)[0].querySelectorAll(`[data-to="${CSS.escape(all[at].key)}"]`);
            const from = all.filter(({ key }) => [...edges].some((edge) => edge.dataset.from === key));
            const read = from.map((box) => (known[all.indexOf(box)] === null ? 'a covered box' : whole(box)));
            say(question.textContent + (read.length > 0 ? ` It reads ${read.join(' and ')}.` : ''));
        };
        const peek = () => {
            mark(all[at], 'open', true);
            offered(true);
            judging[0].focus({ preventScroll: true });
            say(`${whole(all[at])}. Did you know it?`, question);
        };
        const done = (right, before = '') => {
            known[at] = right;
            mark(all[at], 'open', true);
            const next = known.indexOf(null, at) < 0 ? known.indexOf(null) : known.indexOf(null, at);
            if (next < 0) {
                end();
            } else {
                ask(next, before);
            }
        };
        const end = () => {
            const asked = all.length - count(null);
            all.forEach((box) => ['asked', 'open'].forEach((name) => mark(box, name, false)));
            shut(false);
            begin.textContent = 'Cover the names again';
            begin.focus({ preventScroll: true });
            if (asked > 0) {
                store.write(id, { right: count(true), of: asked, at: now() });
                say(`You knew ${count(true)} of ${asked} names${count(null) > 0 ? `; ${count(null)} stayed covered` : ''}.`, result);
            }
        };
        bar.addEventListener('submit', (event) => {
            event.preventDefault();
            if (fits(field.value, all[at], all)) {
                done(true, `Right: ${whole(all[at])}. `);
            } else {
                say(field.value.trim() === '' ? 'Type a name, or uncover it.' : `“${field.value}” isn’t it. Try again, or uncover it.`, question);
                field.select();
                field.focus();
            }
        });
        listen(bar, { Escape: end });

        // A finger or the pointer chooses the box that is asked for next; each is as large as a finger.
        figure.addEventListener('click', ({ clientX, clientY, target }) => {
            if (bar.hidden || field.hidden || bar.contains(target)) {
                return;
            }
            const hit = (middle, size, point) => Math.abs(middle - point) <= Math.max(size, 44) / 2;
            const found = boxes(figure, new Set(all.map(({ key }) => key))).filter((box) => box.checkVisibility()).map((box) => {
                const { x, y, width, height } = box.querySelector('.r, rect').getBoundingClientRect();
                const is = hit(x + width / 2, width, clientX) && hit(y + height / 2, height, clientY);
                return { number: all.findIndex(({ key }) => key === box.dataset.key), area: width * height, is };
            }).filter(({ number, is }) => is && known[number] === null).sort((a, b) => a.area - b.area);
            if (found.length > 0) {
                ask(found[0].number);
            }
        });
    };

    for (const figure of document.querySelectorAll('figure.diagram')) {
        const all = named(figure);
        // Fewer are no exercise.
        if (all.length > 2) {
            offer(figure, all);
        }
    }
})();

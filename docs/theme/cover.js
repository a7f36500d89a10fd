'use strict';
// Covers the names in a figure, to be said one at a time: typed, or uncovered and judged by the reader. It counts.
{
    /** One of what a word names. */
    const single = (word) => (/..[^s]s$/.test(word) ? word.replace(/(?<=x|ss|ch|sh|z)es$|s$/, '') : word);
    /** What is the same for all ways in which a name is written, as `graph` has it where it grades a drawing. */
    const alike = (name) => {
        const text = name.trim().toLowerCase();
        const words = text.replace(/[&+]/g, ' and ').replace(/['’]/g, '').split(/[^\p{Alphabetic}\p{N}]+/u);
        return /^[+⊕⨁∔]$|^plus$/.test(text) ? 'add' : words.map(single).join('') || text;
    };
    annotated.alike = alike;
    const bare = (name) => name.replace(/\(.*\)|\[.*\]/g, '');
    /** Whether what was typed is the name of a box, with what is written below it or without. */
    const fits = (typed, { name, note }) => {
        const names = [name, bare(name), note, `${name} ${note}`, `${note} ${name}`].map(alike);
        return [typed, bare(typed)].map(alike).some((said) => said !== '' && names.includes(said));
    };

    /** The boxes of a figure, from the bottom up. */
    const named = (figure) => all('.drawing svg', figure).slice(0, 1).flatMap((svg) => all('g[data-key]', svg)).map((box) => {
        const [name, more] = (one('title', box)?.textContent ?? '').split('\n');
        const noted = all('text', box).some((text) => text.textContent === more);
        return { key: box.dataset.key, name, note: noted ? more : '', what: box.matches('.f') ? 'frame' : 'box' };
    }).filter(({ name }) => name !== '');

    const offer = (figure, asked) => {
        const id = `cover:${figure.id.replace('figure-', '')}`;
        /** Of each box: null while it is covered, else whether its name was known. */
        let known = [];
        let at = 0;

        const result = make('p', 'see-result');
        const question = make('p');
        const field = make('input', { type: 'text', autocomplete: 'off', spellcheck: false, autocapitalize: 'off', 'aria-label': 'Name of the box' });
        const asking = [field, make('button', { textContent: 'Check' }), button('Uncover', () => peek())];
        const judging = [button('I knew it', () => done(true)), button('I didn’t', () => done(false))];
        const bar = barOf('form', 'Cover', question, row(...asking, ...judging, button('Stop', () => end())));
        const begin = button('Cover the names', () => {
            known = asked.map(() => null);
            shut(true);
            ask(0);
        });
        const tools = make('div', 'see-tools', begin);
        figure.append(tools, bar, result);
        result.textContent = recalled(id, (value) => value.right >= 0 && value.of > 0, ({ right, of }) => `Last time you knew ${right} of ${of} names.`);

        const mark = (box, name, on) => boxesOf(figure, new Set([box.key])).forEach((el) => classed(el, name, on));
        const count = (value) => known.filter((is) => is === value).length;
        const whole = ({ name, note }) => (note === '' ? name : `${name}, ${note}`);
        const shut = (on) => {
            // What is told of a box would tell its name.
            annotated.untold();
            classed(figure, 'covered', on);
            one('.drawing', figure).inert = on;
            [tools.hidden, result.hidden, bar.hidden] = [on, on, !on];
            float(bar, on);
        };
        const offered = (judge) => {
            asking.forEach((el) => { el.hidden = judge; });
            judging.forEach((el) => { el.hidden = !judge; });
        };

        /** Asks for the name of a box; `before` is said first. */
        const ask = (next, before = '') => {
            mark(asked[at], 'asked', false);
            at = next;
            mark(asked[at], 'asked', true);
            question.textContent = `${before}What is the marked ${asked[at].what} called? (${asked.length - count(null) + 1} of ${asked.length})`;
            offered(false);
            field.value = '';
            focusOn(field);
            reveal(boxesOf(figure, new Set([asked[at].key])), bar);
            // Who doesn't see where it stands is told what it reads.
            const edges = all(`[data-to="${CSS.escape(asked[at].key)}"]`, picturesOf(figure)[0]);
            const from = asked.filter(({ key }) => edges.some((edge) => edge.dataset.from === key));
            const read = from.map((box) => (known[asked.indexOf(box)] === null ? 'a covered box' : whole(box)));
            say(question.textContent + (read.length > 0 ? ` It reads ${read.join(' and ')}.` : ''));
        };
        const peek = () => {
            mark(asked[at], 'open', true);
            offered(true);
            focusOn(judging[0]);
            say(`${whole(asked[at])}. Did you know it?`, question);
        };
        const done = (right, before = '') => {
            known[at] = right;
            mark(asked[at], 'open', true);
            const next = known.indexOf(null, at) < 0 ? known.indexOf(null) : known.indexOf(null, at);
            if (next < 0) {
                end();
            } else {
                ask(next, before);
            }
        };
        const end = () => {
            const told = asked.length - count(null);
            asked.forEach((box) => ['asked', 'open'].forEach((name) => mark(box, name, false)));
            shut(false);
            begin.textContent = 'Cover the names again';
            focusOn(begin);
            if (told > 0) {
                const right = count(true);
                const lost = keep(id, { right, of: told, at: now() });
                say(`You knew ${right} of ${told} names${count(null) > 0 ? `; ${count(null)} stayed covered` : ''}.${lost}`, result);
                result.scrollIntoView({ block: 'center' });
            }
        };
        on(bar, 'submit', (e) => {
            ours(e);
            if (fits(field.value, asked[at])) {
                done(true, `Right: ${whole(asked[at])}. `);
            } else {
                say(field.value.trim() === '' ? 'Type a name, or uncover it.' : `“${field.value}” isn’t it. Try again, or uncover it.`, question);
                field.select();
                field.focus();
            }
        });
        listen(bar, { Escape: end });

        // A finger or the pointer chooses the box that is asked for next; each is as large as a finger.
        on(figure, 'click', ({ clientX, clientY, target }) => {
            if (bar.hidden || field.hidden || bar.contains(target)) {
                return;
            }
            const hit = (middle, size, point) => Math.abs(middle - point) <= Math.max(size, 44) / 2;
            const found = boxesOf(figure, new Set(asked.map(({ key }) => key))).filter((box) => box.checkVisibility()).map((box) => {
                const { x, y, width, height } = placed(one('.r, rect', box));
                const is = hit(x + width / 2, width, clientX) && hit(y + height / 2, height, clientY);
                return { number: asked.findIndex(({ key }) => key === box.dataset.key), area: width * height, is };
            }).filter(({ number, is }) => is && known[number] === null).sort((a, b) => a.area - b.area);
            if (found.length > 0) {
                ask(found[0].number);
            }
        });
    };

    for (const figure of all('figure.diagram')) {
        const found = named(figure);
        // Fewer are no exercise.
        if (found.length > 2) {
            offer(figure, found);
        }
    }
}

// "Was it in the picture?" Names that are in a figure among names that aren't, yes or no to each, and how well the reader
// tells them apart: d', as signal detection has it. Without script it is a list, with its answers folded away.
(() => {
    'use strict';

    const { say, store, now } = window.annotated;
    const { make, button, listen } = window.annotated.see;

    /** The number below which so great a share of a normal distribution lies (Abramowitz & Stegun 26.2.23). */
    const quantile = (share) => {
        if (share > 0.5) {
            return -quantile(1 - share);
        }
        const t = Math.sqrt(-2 * Math.log(share));
        return (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
    };
    /** A share that is neither 0 nor 1, so that its quantile is finite. */
    const share = (count, of) => quantile((count + 0.5) / (of + 1));
    const times = (count) => ['not in it', 'in it', 'in it, twice'][count] ?? `in it, ${count} times`;
    const verdict = (d, most) => {
        if (d < most * 0.15) {
            return 'so far, that is guessing';
        }
        if (d < most * 0.5) {
            return 'you have seen more of it than you may think';
        }
        return d < most * 0.85 ? 'you know most of it' : 'you know this picture';
    };

    for (const block of document.querySelectorAll('.recognise[data-of]')) {
        const id = `recognise:${block.dataset.of}`;
        const figure = document.getElementById(`figure-${block.dataset.of}`);
        const list = block.querySelector('ul');
        const items = [...list.children].map((element) => ({ element, name: element.textContent, in: Number(element.dataset.times) }));
        const folded = block.querySelector('details');
        /** What was said to each. */
        let said = [];

        const begin = button('Begin', start);
        const question = make('p', { className: 'see-name' });
        const yes = button('Yes', () => answer(true));
        const no = button('No', () => answer(false));
        const card = make('div', { className: 'see-card', hidden: true }, question, make('div', { className: 'see-row' }, yes, no));
        card.setAttribute('role', 'group');
        card.setAttribute('aria-label', 'Was it in the picture?');
        const result = make('p', { className: 'see-result', tabIndex: -1 });
        const tools = make('div', { className: 'see-tools' }, begin);
        list.before(tools, card, result);
        list.hidden = true;
        folded.hidden = true;
        const last = store.read(id, null, (value) => Number.isFinite(value?.d));
        if (last !== null) {
            result.textContent = `Last time your d′ was ${last.d.toFixed(1)}.`;
        }

        function start() {
            said = [];
            figure?.classList.add('away');
            [tools.hidden, card.hidden, list.hidden] = [true, false, true];
            result.textContent = '';
            ask();
            yes.focus({ preventScroll: true });
        }

        function ask() {
            const { name } = items[said.length];
            question.replaceChildren(make('b', { textContent: name }), ` (${said.length + 1} of ${items.length})`);
            say(`${name}? ${said.length + 1} of ${items.length}`);
        }

        function answer(yes) {
            said.push(yes);
            if (said.length < items.length) {
                ask();
            } else {
                end();
            }
        }

        function end() {
            figure?.classList.remove('away');
            const count = (inside, answer) => items.filter((item, place) => (item.in > 0) === inside && (answer === undefined || said[place] === answer)).length;
            const [inside, outside] = [count(true), count(false)];
            const [hits, alarms] = [count(true, true), count(false, true)];
            const d = share(hits, inside) - share(alarms, outside);
            const most = share(inside, inside) - share(0, outside);
            items.forEach((item, place) => {
                const right = (item.in > 0) === said[place];
                item.element.className = right ? 'known' : 'missed';
                item.element.textContent = `${right ? '✓' : '✗'} ${item.name}: ${times(item.in)}${right ? '' : `; you said ${said[place] ? 'yes' : 'no'}`}`;
            });
            begin.textContent = 'Once more';
            [tools.hidden, card.hidden, list.hidden] = [false, true, false];
            store.write(id, { d, hits, of: inside, alarms, foils: outside, at: now() });
            say(`Of ${inside} names that are in it you recognised ${hits}; of ${outside} that are not, you took ${alarms} for its own. `
                + `That makes a d′ of ${d.toFixed(1)}: ${verdict(d, most)}. (0 is guessing, ${most.toFixed(1)} is all right.)`, result);
            result.focus({ preventScroll: true });
        }

        listen(card, { y: () => answer(true), n: () => answer(false), ArrowLeft: () => yes.focus(), ArrowRight: () => no.focus() });
    }
})();

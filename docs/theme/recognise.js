'use strict';
// "Was it in the picture?" Yes or no to names that are in a figure and to names that aren't, and d': how well the reader
// tells them apart, as signal detection has it. Without script it is a list, with its answers folded away.
{
    /** The number below which so great a share of a normal distribution lies (Abramowitz & Stegun 26.2.23). */
    const quantile = (share) => {
        if (share > 0.5) {
            return -quantile(1 - share);
        }
        const t = Math.sqrt(-2 * Math.log(share));
        return (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
    };
    /** Of a share that is never 0 or 1, whose quantile would be infinite. */
    const z = (count, of) => quantile((count + 0.5) / (of + 1));
    /** What a share of the most that can be reached means. */
    const MEANS = [[0.15, 'so far, that is guessing'], [0.5, 'you have seen some of it'], [0.85, 'you know most of it'], [Infinity, 'you know this picture']];

    for (const block of all('.recognise[data-of]')) {
        const id = `recognise:${block.dataset.of}`;
        const figure = byId(`figure-${block.dataset.of}`);
        const list = one('ul', block);
        const items = [...list.children].map((el) => ({ el, name: el.textContent, times: Number(el.dataset.times) }));
        let said = [];

        const question = make('p', 'see-name');
        const yes = button('Yes', () => answer(true));
        const no = button('No', () => answer(false));
        const card = make('div', 'see-card', question, row(yes, no));
        const result = make('p', { className: 'see-result', tabIndex: -1 });
        const begin = button('Begin', () => {
            said = [];
            turn(true);
            ask();
            focusOn(yes);
        });
        const tools = make('div', 'see-tools', begin);
        list.before(card, result, tools);

        // While it asks, the figure is away.
        const turn = (on) => {
            classed(figure, 'away', on);
            [card.hidden, tools.hidden, result.hidden, list.hidden] = [!on, on, on, on];
        };
        turn(false);
        list.hidden = true;
        one('details', block).hidden = true;
        result.textContent = recalled(id, ({ d }) => Number.isFinite(d), ({ d }) => `Last time your d′ was ${d.toFixed(1)}.`);

        const ask = () => {
            const { name } = items[said.length];
            const place = `${said.length + 1} of ${items.length}`;
            fill(question, make('b', {}, name), ` (${place})`);
            say(`${name}? ${place}`);
        };
        const answer = (is) => {
            said.push(is);
            if (said.length < items.length) {
                ask();
            } else {
                end();
            }
        };
        const end = () => {
            turn(false);
            items.forEach(({ el, name, times }, place) => {
                const right = times > 0 === said[place];
                const where = ['not in it', 'in it', 'in it, twice'][times] ?? `in it, ${times} times`;
                el.textContent = `${right ? '✓' : '✗'} ${name}: ${where}${right ? '' : `; you said ${said[place] ? 'yes' : 'no'}`}`;
            });
            const count = (inside) => items.filter((item) => item.times > 0 === inside).length;
            const agreed = (inside) => items.filter((item, place) => item.times > 0 === inside && said[place]).length;
            const [of, foils, hits, alarms] = [count(true), count(false), agreed(true), agreed(false)];
            const [d, most] = [z(hits, of) - z(alarms, foils), z(of, of) - z(0, foils)];
            const [, means] = MEANS.find(([share]) => d < most * share);
            begin.textContent = 'Once more';
            const lost = keep(id, { d, hits, of, alarms, foils, at: now() });
            say(`Of ${of} names that are in it you recognised ${hits}; you said yes to ${alarms} of the ${foils} that are not. `
                + `That makes a d′ of ${d.toFixed(1)}: ${means}. (0 is guessing, ${most.toFixed(1)} is everything right.)${lost}`, result);
            focusOn(result);
        };
        listen(card, { y: () => answer(true), n: () => answer(false), ArrowLeft: () => yes.focus(), ArrowRight: () => no.focus() });
    }
}

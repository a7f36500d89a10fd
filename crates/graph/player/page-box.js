// What stands beside a drawing: everything that is known of the box that was chosen, or of the level if none was, and its numbers.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});
    const { make, page } = player;

    const aside = document.querySelector('.pg-box');
    /** Which of the equal ones is looked at, and which tensor, as long as boxes have so many. */
    let copy = 0;
    let chosen = null;

    const tensors = (repeat) => {
        const { values, told } = page;
        const missing = values?.run === null ? 'Press “Run” to see its numbers.' : undefined;
        const entry = (title, tensor) => ({
            title, value: () => values.of(tensor), before: () => values.before(tensor), axes: told.tensors[tensor]?.axes, missing,
        });
        const many = (list, what) => list.map((tensor, place) => {
            const name = told.tensors[tensor]?.label;
            return entry([list.length > 1 ? `${what} ${place + 1}` : what, name].filter(Boolean).join(': '), tensor);
        });
        const { out = [], parameters = [], steps = [] } = repeat;
        // What stands at the border of a picture computes nothing: what enters it leaves it.
        const entering = steps.length === 0 ? [] : repeat.in;
        return [
            ...many(entering, 'in'), ...many(out, 'out'),
            ...parameters.map((tensor) => entry(told.tensors[tensor]?.label ?? `parameter ${tensor}`, tensor)),
        ];
    };
    /** A choice of what is put in the place of what leaves a box. */
    const change = ({ in: entering = [], out = [], steps = [] }) => {
        const { values } = page;
        if (values?.run === null || values === undefined || steps.length === 0 || out.length === 0) return null;
        const type = (tensor) => `${values.type(tensor).dtype} ${values.type(tensor).shape}`;
        const same = entering.find((tensor) => out.every((left) => type(left) === type(tensor)));
        const ways = new Map([['as it is computed', null], ['zeros', 'zeros']]);
        if (same !== undefined) ways.set('what enters, as if it did nothing', { tensor: same });
        const now = values.changes.get(out[0])?.by ?? null;
        const isNow = (by) => JSON.stringify(by) === JSON.stringify(now);
        const select = make('select', '', ...[...ways].map(([name, by]) => new Option(name, name, false, isNow(by))));
        select.addEventListener('change', async () => {
            await values.change(out, ways.get(select.value));
            aside.querySelector('.pg-change select')?.focus();
        });
        return make('label', 'pg-change pl-chooser', 'What leaves it ', select);
    };
    const show = () => {
        const level = page.told.levels[page.level];
        const box = page.current();
        const parts = [make('h2', '', page.box === 0 ? level.title : box.label)];
        if (box.note) parts.push(make('p', 'pl-words', box.note));
        if (box.inside !== undefined && box.inside !== page.level) {
            const link = make('a', 'pg-open', 'What is inside');
            link.href = `#${page.told.levels[box.inside].place}`;
            parts.push(make('p', '', link));
        }
        const { repeats = [] } = box;
        copy = Math.max(0, Math.min(copy, repeats.length - 1));
        if (repeats.length > 1) {
            const select = make('select', '', ...repeats.map((_, place) => new Option(`${place + 1} of ${repeats.length}`, place, false, place === copy)));
            select.addEventListener('change', () => {
                copy = Number(select.value);
                show();
                aside.querySelector('.pg-copy select').focus();
            });
            parts.push(make('label', 'pg-copy pl-chooser', 'Of the equal ones ', select));
        }
        const numbers = page.values === undefined ? [] : tensors(repeats[copy] ?? {});
        if (numbers.length > 0) {
            // A box that is looked at after another shows the same of itself; the first shows what leaves it.
            const same = numbers.findIndex(({ title }) => title.split(':')[0] === chosen);
            const out = numbers.findIndex(({ title }) => title.startsWith('out'));
            const panel = player.panel({ tensors: numbers, chosen: Math.max(0, same >= 0 ? same : out) });
            panel.addEventListener('pl-chosen', ({ detail }) => { chosen = numbers[detail].title.split(':')[0]; });
            parts.push(panel);
        }
        const changing = change(repeats[copy] ?? {});
        if (changing !== null) parts.push(changing);
        if (page.box !== 0) {
            const back = make('a', 'pg-open', `Back to ${level.title}`);
            back.href = `#${level.place}`;
            parts.push(make('p', '', back));
        }
        const lines = box.detail.map((line) => make('li', '', line));
        if (lines.length > 0) parts.push(make('ul', 'pg-detail', ...lines));
        const title = parts.shift();
        aside.replaceChildren(title, ...parts);
        aside.hidden = false;
        aside.classList.toggle('pg-of-level', page.box === 0);
    };
    page.show.push(show);
    page.show.push(() => {
        if (page.box !== 0) player.say(`${page.current().label} is chosen. What is known of it stands in the part “The chosen box”.`);
    });
    page.start();
})();

// The straight path that every part only adds to: how long a token's vector is after each part, and what the model would say if
// nothing after it added anything. A token is followed from below to above.
(() => {
    'use strict';

    const { live, kept: { make } } = annotated;

    const length = (value, at) => {
        const width = value.shape.at(-1);
        let sum = 0;
        for (let place = at * width; place < (at + 1) * width; place += 1) sum += value.data[place] ** 2;
        return Math.sqrt(sum);
    };
    const number = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

    /** What is said when a token is followed, or no longer. */
    live.wayed = (place) => {
        const table = place.querySelector('table');
        if (table === null) return 'No token is followed any more.';
        return `${table.parentNode.getAttribute('aria-label')} is below: ${table.tBodies[0].rows.length} rows.`;
    };

    /** What is written beside a place of the path: the box that made it. */
    const namer = (model) => {
        const names = new Map();
        for (const key of model.keys) {
            const box = model.box(key);
            box.repeats.forEach((here, layer) => here.out.forEach((tensor) => {
                if (!names.has(tensor)) names.set(tensor, { box, layer, many: box.repeats.length > 1 });
            }));
        }
        return (tensor) => {
            const found = names.get(tensor);
            return found === undefined ? null : `${found.many ? `Layer ${found.layer + 1}: ` : ''}${model.title(found.box)}`;
        };
    };

    /** After so many places of a path it ends, because that is what was changed. */
    const ends = (path, changes) => {
        const at = changes.filter(({ action }) => action === 'stop').flatMap(({ edits }) => edits)
            .map(({ by }) => path.findIndex(({ tensor }) => tensor === by.tensor)).filter((place) => place >= 0);
        return at.length === 0 ? path.length : at.at(-1) + 1;
    };

    /**
     * A table for one token. `path` is a straight path of the program, `at` the token's position, `changes` are those of the figure.
     * `says(tensor)` gives the likeliest tokens if everything after that tensor added nothing; null where there is nothing to be said.
     * Null once it `isOver`, since nobody wants the table any more, and its run may be gone.
     */
    live.stream = (model, run, path, at, options) => table(model, run, path, at, options).catch((error) => {
        if (options.isOver()) return null;
        throw error;
    });
    const table = async (model, run, path, at, { says = null, token, changes = [], isOver }) => {
        const name = namer(model);
        const rows = [];
        const end = ends(path, changes);
        for (const [place, { tensor, branch }] of path.entries()) {
            if (isOver()) return null;
            // What is computed there still, nobody hears.
            if (place >= end) {
                rows.push({ tensor, branch, isStopped: true, norm: 0 });
                continue;
            }
            const value = await run.value(tensor);
            const added = branch === null ? null : length(await run.value(branch), at);
            rows.push({ tensor, branch, norm: length(value, at), added, said: says === null ? null : await says(tensor) });
        }
        if (isOver()) return null;
        const most = Math.max(...rows.map(({ norm }) => norm));
        const bar = (norm) => {
            const fill = make('i');
            fill.style.width = `${(norm / most) * 100}%`;
            return make('span', { className: 'live-bar', 'aria-hidden': true }, fill);
        };
        const cell = (text) => make('td', { textContent: text });
        const words = (said) => said.map(({ piece, share }) => `“${piece}” ${player.percent(share)}`).join(' · ');
        const line = ({ tensor, branch, norm, added, said, isStopped }) => make('tr', {},
            make('th', { scope: 'row', textContent: branch === null ? 'What enters' : name(branch) ?? name(tensor) ?? '' }),
            ...(isStopped ? [cell('stopped'), cell('stopped')] : [make('td', {}, number(norm), bar(norm)), cell(added === null ? '–' : number(added))]),
            ...(says === null ? [] : [cell(isStopped ? 'stopped' : words(said))]));
        const heads = ['After', 'Length of its vector', 'Length of what was added', ...(says === null ? [] : ['What it would say now'])];
        return make('div', { className: 'table-wrapper', tabIndex: 0, role: 'group', 'aria-label': `The way of “${token}”` }, make('table', { className: 'live-stream' },
            make('caption', { textContent: `“${token}” from below to above` }),
            make('thead', {}, make('tr', {}, ...heads.map((text) => make('th', { scope: 'col', textContent: text })))),
            make('tbody', {}, ...rows.map(line))));
    };
})();

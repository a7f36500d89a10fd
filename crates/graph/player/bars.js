// Numbers with names, the largest first, such as what a model takes for likely to come next.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});
    const { make } = player;

    /** A share as it is written: with a digit more where there is little left to zero or to all. */
    const percent = (value) => {
        const isRound = (value >= 0.0995 && value < 0.995) || value >= 0.9995;
        return `${(value * 100).toFixed(isRound ? 0 : 1)} %`;
    };
    player.percent = percent;

    /**
     * Bars for `list`: `[{name, value, before}]`, of shares between 0 and 1 unless `options.number` writes them. `before`, where
     * given, is drawn as a thin line: what it was without the change. `options.label` says what they are; `options.most` is what a
     * full bar means; `options.compared` gives the columns of fixed widths, so that two lists have bars of one measure.
     */
    player.bars = (list, options = {}) => {
        const number = options.number ?? percent;
        const most = options.most ?? Math.max(Number.MIN_VALUE, ...list.flatMap(({ value, before = 0 }) => [Math.abs(value), Math.abs(before)]));
        const items = list.map(({ name, value, before }) => {
            const share = (part) => `${Math.min(100, (Math.abs(part) / most) * 100)}%`;
            const bar = make('i', value < 0 ? 'pl-fill pl-negative' : 'pl-fill');
            bar.style.width = share(value);
            const track = make('span', 'pl-track', bar);
            track.setAttribute('aria-hidden', true);
            const parts = [make('span', 'pl-name', name), track, make('span', 'pl-value', number(value))];
            if (before !== undefined) {
                const mark = make('i', 'pl-before');
                mark.style.width = share(before);
                track.append(mark);
                parts.push(make('span', 'pl-was', `was ${number(before)}`));
            }
            return make('li', '', ...parts);
        });
        const root = make('ol', options.compared ? 'pl pl-bars pl-compared' : 'pl pl-bars', ...items);
        root.setAttribute('aria-label', options.label ?? 'The largest first');
        return root;
    };

    /** The places of the `count` largest of `data`, the largest first; of equal ones, the first. */
    player.largest = (data, count) => {
        const found = [];
        for (let place = 0; place < data.length; place += 1) {
            if (found.length === count && !(data[place] > data[found[count - 1]])) continue;
            let at = found.length;
            while (at > 0 && data[place] > data[found[at - 1]]) at -= 1;
            found.splice(at, 0, place);
            if (found.length > count) found.pop();
        }
        return found;
    };
})();

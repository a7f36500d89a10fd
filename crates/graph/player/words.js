// What is said of a tensor: numbers as a reader writes them, statistics, and a summary in words.
(() => {
    'use strict';
    const player = (globalThis.player ??= {});

    /** Digits of the exponent, raised. */
    const RAISED = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };

    /** A number with three digits that count, or an integer as it is: `−0.0314`, `1.2·10⁻⁷`, `−∞`. */
    player.number = (value, digits = 3) => {
        if (typeof value === 'boolean') return String(value);
        if (Number.isNaN(value)) return 'not a number';
        if (!Number.isFinite(value)) return value < 0 ? '−∞' : '∞';
        const sign = value < 0 ? '−' : '';
        const size = Math.abs(value);
        if (Number.isInteger(size) && size < 1e6) return sign + size;
        if (size >= 1e-4 && size < 1e6) {
            const text = size >= 10 ** (digits - 1) ? String(Math.round(size)) : size.toPrecision(digits);
            return sign + (text.includes('e') ? String(Number(text)) : text);
        }
        const [mantissa, exponent] = size.toExponential(digits - 1).split('e');
        return `${sign}${Number(mantissa)}·10${[...String(Number(exponent))].map((digit) => RAISED[digit]).join('')}`;
    };

    /** A value of a tensor as it is written: of booleans, `true` and `false`. */
    player.told = (value, dtype) => (isBool(dtype) ? String(Boolean(value)) : player.number(value));

    const isBool = (dtype) => /^bool/i.test(String(dtype));
    player.isBool = isBool;

    /** A mask writes something as low as this, so that a softmax makes nothing of it, beside scores that are all smaller than `SCORE`. */
    const HIDDEN = -1e8;
    const SCORE = 1e6;
    player.HIDDEN = HIDDEN;
    /** Sizes are counted in steps, so many to an octave, from 2⁻⁶⁴ to 2⁶⁴. */
    const STEPS = 4;
    const SIZES = 128 * STEPS;
    /** All but this share of the numbers are within `reach`. */
    const RARE = 1 / 100;

    /** The size within which nearly all of the counted numbers are. */
    const reached = (sizes, count) => {
        let left = count * RARE;
        let step = SIZES - 1;
        while (step > 0 && sizes[step] <= left) {
            left -= sizes[step];
            step -= 1;
        }
        return 2 ** ((step + 1) / STEPS - 64);
    };
    const gathered = (data, count, at, isVeiled) => {
        let [least, most, sum, finite, infinite, none, zeros, hidden, veil] = [Infinity, -Infinity, 0, 0, 0, 0, 0, 0, 0];
        let [leastAt, mostAt] = [-1, -1];
        const sizes = new Uint32Array(SIZES);
        for (let place = 0; place < count; place += 1) {
            const value = data[at(place)];
            if (isVeiled && value <= HIDDEN && Number.isFinite(value)) {
                hidden += 1;
                veil = value;
            } else if (Number.isFinite(value)) {
                finite += 1;
                sum += value;
                if (value === 0) zeros += 1;
                else sizes[Math.max(0, Math.min(SIZES - 1, Math.floor((Math.log2(Math.abs(value)) + 64) * STEPS)))] += 1;
                if (value < least) { least = value; leastAt = place; }
                if (value > most) { most = value; mostAt = place; }
            } else if (Number.isNaN(value)) none += 1;
            else infinite += 1;
        }
        const mean = finite > 0 ? sum / finite : NaN;
        return { count, finite, infinite, none, zeros, hidden, veil, least, most, mean, leastAt, mostAt, reach: reached(sizes, finite - zeros) };
    };
    /**
     * Least, mean and largest of what is finite, and where the extremes are; the size within which nearly all are; how many are
     * infinite, no number, zero, or (of booleans) true, and how many are `hidden`, with what hides them, `veil`: they count for
     * nothing else. `data` is anything with numbers; `at` is how it is gone through, if not as it lies.
     */
    player.measure = (data, count = data.length, at = (place) => place) => {
        const all = gathered(data, count, at, false);
        if (!(all.least <= HIDDEN)) return all;
        const seen = gathered(data, count, at, true);
        return seen.finite > 0 && Math.max(Math.abs(seen.least), Math.abs(seen.most)) < SCORE ? seen : all;
    };

    const many = (count, one, more) => `${count.toLocaleString('en')} ${count === 1 ? one : more}`;

    /** The axes with their sizes: `heads 8 × target 7 × source 9`. */
    player.shape = (looked) => {
        const { axes, used } = looked;
        const said = axes.map((axis, place) => `${axis} ${used[place]}`);
        // What has but one place is left out, unless it has a name.
        const wide = said.filter((_, place) => used[place] !== 1 || axes[place].length > 1);
        return wide.join(' × ') || 'a single number';
    };

    /**
     * A summary in words for who can't see the picture, such as
     * `head 8 × target 7 × source 9, 504 numbers: from 0 to 0.91, mean 0.111. The largest is at head 3, target 2 “the”, source 5 “dog”.`
     * `options` are those of `player.heat`.
     */
    player.summary = (value, options = {}) => {
        const looked = player.look(value, options);
        const { count, finite, infinite, none, zeros, hidden, veil, least, most, mean, mostAt } = player.measure(value.data, looked.count, looked.offset);
        const shape = player.shape(looked);
        if (count === 0) return `${shape}: there is nothing in it.`;
        if (isBool(value.dtype)) return `${shape}: ${many(count - zeros, 'is', 'are')} true, ${zeros.toLocaleString('en')} false.`;
        if (looked.axes.length === 0 && finite === 1) return `A single number: ${player.number(least)}.`;
        const said = [`${shape}, ${many(count, 'number', 'numbers')}`];
        if (finite > 0) {
            // Whole numbers are ids and places, and have no mean.
            const middle = value.dtype === 'int' ? '' : `, mean ${player.number(mean)}`;
            const span = least === most ? `all ${hidden > 0 ? 'others ' : ''}${player.number(least)}` : `from ${player.number(least)} to ${player.number(most)}${middle}`;
            said[0] += `: ${span}.`;
            if (least !== most) said.push(`The largest is at ${looked.place(mostAt)}.`);
            if (zeros > 0 && least !== most) said.push(`${many(zeros, 'is', 'are')} zero.`);
        } else said[0] += '.';
        if (hidden > 0) said.push(`${many(hidden, 'is', 'are')} hidden, by ${player.number(veil)}.`);
        if (infinite > 0) said.push(`${many(infinite, 'is', 'are')} infinite.`);
        if (none > 0) said.push(`${many(none, 'is', 'are')} not a number.`);
        return said.join(' ');
    };

    let region = null;
    /** Says a sentence to those who listen: by the page's own voice, if it has one. */
    player.say = (text) => {
        if (globalThis.annotated?.say) {
            globalThis.annotated.say(text);
            return;
        }
        if (region === null) {
            region = document.createElement('div');
            region.className = 'pl-unseen';
            region.setAttribute('role', 'status');
            document.body.append(region);
        }
        region.textContent = text;
    };
})();

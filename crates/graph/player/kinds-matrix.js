// Matrix products, and what burn-nn's layers have of their own: linear, attention, norms.
player.part((player) => {
    'use strict';
    const { kind, shown, size, alike } = player;
    const { broadcast, expect, repeated, rows } = player.shapes;

    // ---- Products ----

    // The product is computed in squares of 4 by 4 numbers, whose sums a processor keeps at hand. For that, rows of the one and
    // columns of the other matrix are laid out four by four, filled up with zeros. Every number is added up in the same order,
    // wherever it stands.
    const SQUARE = 4;
    /** Lays out four neighbours beside each other: `count` lines of `length` numbers, `step` apart, with `next` between lines. */
    const panels = (from, start, count, length, next, step, into) => {
        const groups = Math.ceil(count / SQUARE);
        for (let group = 0; group < groups; group++) {
            for (let line = 0; line < SQUARE; line++) {
                const own = group * SQUARE + line;
                let to = group * SQUARE * length + line;
                let at = start + own * next;
                for (let place = 0; place < length; place++, to += SQUARE, at += step) {
                    into[to] = own < count ? from[at] : 0;
                }
            }
        }
    };
    const square = (a, p, b, q, length, out, start, width, height, columns) => {
        let [a0, a1, a2, a3] = [0, 0, 0, 0];
        let [b0, b1, b2, b3] = [0, 0, 0, 0];
        let [c0, c1, c2, c3] = [0, 0, 0, 0];
        let [d0, d1, d2, d3] = [0, 0, 0, 0];
        for (let place = 0; place < length; place++, p += 4, q += 4) {
            const y0 = b[q];
            const y1 = b[q + 1];
            const y2 = b[q + 2];
            const y3 = b[q + 3];
            let x = a[p];
            a0 += x * y0;
            a1 += x * y1;
            a2 += x * y2;
            a3 += x * y3;
            x = a[p + 1];
            b0 += x * y0;
            b1 += x * y1;
            b2 += x * y2;
            b3 += x * y3;
            x = a[p + 2];
            c0 += x * y0;
            c1 += x * y1;
            c2 += x * y2;
            c3 += x * y3;
            x = a[p + 3];
            d0 += x * y0;
            d1 += x * y1;
            d2 += x * y2;
            d3 += x * y3;
        }
        // At an edge, fewer of the sums are wanted.
        line(out, start, columns, a0, a1, a2, a3);
        if (height > 1) {
            line(out, start + width, columns, b0, b1, b2, b3);
        }
        if (height > 2) {
            line(out, start + 2 * width, columns, c0, c1, c2, c3);
        }
        if (height > 3) {
            line(out, start + 3 * width, columns, d0, d1, d2, d3);
        }
    };
    const line = (out, at, columns, s0, s1, s2, s3) => {
        out[at] = s0;
        if (columns > 1) {
            out[at + 1] = s1;
        }
        if (columns > 2) {
            out[at + 2] = s2;
        }
        if (columns > 3) {
            out[at + 3] = s3;
        }
    };

    /** Room for panels, kept between products. */
    const room = [new Float32Array(0), new Float32Array(0)];
    const space = (which, wanted) => {
        if (room[which].length < wanted) {
            room[which] = new Float32Array(wanted);
        }
        return room[which];
    };
    const whole = (count) => Math.ceil(count / SQUARE) * SQUARE;
    /** The panels of matrices that stay, such as weights: kept as long as their numbers are. */
    const kept = new WeakMap();
    /** What was read as columns before is likely to be so again. */
    const seen = new WeakSet();
    const keptPanels = (b, k, n) => {
        const known = kept.get(b);
        if (known?.k === k) {
            return known.into;
        }
        const isKept = seen.has(b);
        const into = isKept ? new Float32Array(whole(n) * k) : space(1, whole(n) * k);
        panels(b, 0, n, k, 1, n, into);
        if (isKept) {
            kept.set(b, { into, k });
        }
        seen.add(b);
        return into;
    };
    const passingPanels = (b, start, k, n, byRow, byColumn) => {
        const into = space(1, whole(n) * k);
        panels(b, start, n, k, byColumn, byRow, into);
        return into;
    };

    /** `out[m, n] = a[m, k] · b[k, n]`, the matrices beginning at these places. `b` may be read across, as if transposed; if it is
     * the whole of a tensor, it stays, and may be used again. */
    const multiply = (a, aStart, b, bStart, out, start, m, k, n, { isTransposed = false, stays = false } = {}) => {
        const left = space(0, whole(m) * k);
        panels(a, aStart, m, k, k, 1, left);
        const right = stays ? keptPanels(b, k, n) : passingPanels(b, bStart, k, n, isTransposed ? 1 : n, isTransposed ? k : 1);
        for (let column = 0; column < n; column += SQUARE) {
            for (let row = 0; row < m; row += SQUARE) {
                square(left, row * k, right, column * k, k, out, start + row * n + column, n, Math.min(m - row, SQUARE), Math.min(n - column, SQUARE));
            }
        }
    };
    player.multiply = multiply;

    const inner = (lhs, rhs) => {
        expect(lhs.length >= 2 && rhs.length >= 2 && lhs.at(-1) === rhs.at(-2), `matrices ${shown(lhs)} and ${shown(rhs)} can’t be multiplied.`);
        return [...broadcast(lhs.slice(0, -2), rhs.slice(0, -2)), lhs.at(-2), rhs.at(-1)];
    };
    kind('Matmul', {
        takes: { lhs: 'float int', rhs: 'float int' },
        gives: 'lhs',
        shape: ({ lhs, rhs }) => inner(lhs.shape, rhs.shape),
        run: ({ lhs, rhs }, { out }) => {
            const [m, k] = lhs.shape.slice(-2);
            const n = rhs.shape.at(-1);
            // One matrix for all: their rows are those of one.
            if (rhs.shape.slice(0, -2).every((length) => length === 1) && out.dtype === 'float') {
                multiply(lhs.data, 0, rhs.data, 0, out.data, 0, size(lhs.shape.slice(0, -1)), k, n, { stays: true });
                return;
            }
            const product = out.dtype === 'float' ? multiply : multiplyWhole;
            const batch = out.shape.slice(0, -2);
            // A step of the batch is a matrix.
            const steps = [lhs, rhs].map(({ shape }) => [...repeated(shape.slice(0, -2), batch), 0]);
            rows([...batch, 1], steps, (place, i, j) => product(lhs.data, i * m * k, rhs.data, j * k * n, out.data, place * m * n, m, k, n));
        },
    });
    const multiplyWhole = (a, aStart, b, bStart, out, start, m, k, n) => {
        for (let row = 0; row < m; row++) {
            for (let column = 0; column < n; column++) {
                let sum = 0;
                for (let place = 0; place < k; place++) {
                    sum += a[aStart + row * k + place] * b[bStart + place * n + column];
                }
                player.shapes.fits(sum, sum | 0);
                out[start + row * n + column] = sum;
            }
        }
    };

    const addRow = (out, row) => {
        for (let at = 0; at < out.length;) {
            for (let place = 0; place < row.length; place++, at++) {
                out[at] += row[place];
            }
        }
    };
    kind('Linear', {
        takes: { x: 'float', weight: 'float', bias: 'float?' },
        gives: 'x',
        shape: ({ x, weight, bias }) => {
            const shape = weight.shape.length === 2 && x.shape.length === 1 ? inner([1, ...x.shape], weight.shape).slice(1) : inner(x.shape, weight.shape);
            expect(weight.shape.length === 2, `the weight of a linear layer has two axes, not ${shown(weight.shape)}.`);
            expect(bias === undefined || alike(bias.shape, [weight.shape[1]]), `the bias of a linear layer ${shown(weight.shape)} isn’t ${shown(bias?.shape ?? [])}.`);
            return shape;
        },
        run: ({ x, weight, bias }, { out }) => {
            const [k, n] = weight.shape;
            multiply(x.data, 0, weight.data, 0, out.data, 0, size(x.shape.slice(0, -1)), k, n, { stays: true });
            if (bias !== undefined) {
                addRow(out.data, bias.data);
            }
        },
    });

    // ---- Attention ----

    kind('Attention', {
        takes: { query: 'float', key: 'float', value: 'float', mask: 'bool?', attn_bias: 'float?' },
        gives: 'query',
        shape: ({ query, key, value, mask, attn_bias: bias }) => {
            const across = [...key.shape.slice(0, -2), key.shape.at(-1), key.shape.at(-2)];
            const scores = inner(query.shape, across);
            for (const other of [mask, bias]) {
                expect(other === undefined || alike(broadcast(other.shape, scores), scores), `${shown(other?.shape ?? [])} doesn’t fit scores ${shown(scores)}.`);
            }
            return inner(scores, value.shape);
        },
        run: ({ query, key, value, mask, attn_bias: bias }, { out }, { options }) => {
            const [m, k] = query.shape.slice(-2);
            const [n, width] = value.shape.slice(-2);
            const shape = [...out.shape.slice(0, -1), n];
            const scores = new Float32Array(size(shape));
            const scale = options.scale ?? 1 / Math.sqrt(k);
            const cap = options.softcap ?? null;
            const steps = [mask, bias].map((other) => repeated(other?.shape ?? [], shape));
            for (let head = 0; head < size(out.shape.slice(0, -2)); head++) {
                multiply(query.data, head * m * k, key.data, head * k * n, scores, head * m * n, m, k, n, { isTransposed: true });
            }
            rows(shape, steps, (start, masked, biased) => {
                const row = start / n % m;
                for (let place = 0; place < n; place++) {
                    let score = scores[start + place] * scale;
                    score = cap === null ? score : cap * Math.tanh(score / cap);
                    score += bias === undefined ? 0 : bias.data[biased + place * steps[1].at(-1)];
                    const isMasked = (options.is_causal && place > row + n - m) || (mask !== undefined && mask.data[masked + place * steps[0].at(-1)] === 1);
                    scores[start + place] = isMasked ? -Infinity : score;
                }
            });
            const weights = scores.slice();
            player.softmax(scores, weights, scores.length / n, n, 1);
            for (let head = 0; head < size(out.shape.slice(0, -2)); head++) {
                multiply(weights, head * m * n, value.data, head * n * width, out.data, head * m * width, m, n, width);
            }
        },
    });

    // ---- Softmax ----

    /** Along an axis of `length` numbers which are `inner` apart. */
    player.softmax = (from, to, outer, length, inner, isLog = false, sign = 1) => {
        for (let before = 0; before < outer; before++) {
            for (let after = 0; after < inner; after++) {
                const start = before * length * inner + after;
                const end = start + length * inner;
                let most = -Infinity;
                for (let at = start; at < end; at += inner) {
                    const x = sign * from[at];
                    most = x > most || x !== x ? x : most;
                }
                let sum = 0;
                for (let at = start; at < end; at += inner) {
                    const e = Math.exp(sign * from[at] - most);
                    to[at] = e;
                    sum += e;
                }
                const log = Math.log(sum);
                for (let at = start; at < end; at += inner) {
                    to[at] = isLog ? from[at] - most - log : to[at] / sum;
                }
            }
        }
    };
    const soft = (isLog, sign) => ({
        takes: { input: 'float' },
        gives: 'input',
        shape: ({ input }, { axis }) => {
            player.shapes.axis(input.shape, axis);
            return input.shape;
        },
        run: ({ input }, { out }, { axis }) => player.softmax(input.data, out.data, ...player.shapes.around(input.shape, axis), isLog, sign),
    });
    kind('Softmax', soft(false, 1));
    kind('LogSoftmax', soft(true, 1));
    kind('Softmin', soft(false, -1));

    // ---- Norms ----

    kind('LayerNorm', {
        takes: { input: 'float', gamma: 'float', beta: 'float?' },
        gives: 'input',
        shape: ({ input, gamma, beta }) => {
            const width = [input.shape.at(-1)];
            const isFit = alike(gamma.shape, width) && (beta === undefined || alike(beta.shape, width));
            expect(isFit, `a norm of ${shown(gamma.shape)} numbers can’t be that of ${shown(input.shape)}.`);
            return input.shape;
        },
        run: ({ input, gamma, beta }, { out }, { epsilon }) => {
            const width = gamma.data.length;
            const [x, scale, shift] = [input.data, gamma.data, beta?.data ?? null];
            for (let start = 0; start < x.length; start += width) {
                let mean = 0;
                for (let place = 0; place < width; place++) {
                    mean += x[start + place];
                }
                mean /= width;
                let variance = 0;
                for (let place = 0; place < width; place++) {
                    variance += (x[start + place] - mean) ** 2;
                }
                const spread = Math.sqrt(variance / width + epsilon);
                for (let place = 0; place < width; place++) {
                    out.data[start + place] = (x[start + place] - mean) / spread * scale[place] + (shift === null ? 0 : shift[place]);
                }
            }
        },
    });
    kind('BatchNorm', {
        takes: { x: 'float', gamma: 'float', beta: 'float', mean: 'float', variance: 'float' },
        gives: 'x',
        shape: ({ x, gamma, beta, mean, variance }) => {
            const isFit = [gamma, beta, mean, variance].every(({ shape }) => alike(shape, [x.shape[1]]));
            expect(isFit, `a norm of ${shown(gamma.shape)} channels can’t be that of ${shown(x.shape)}.`);
            return x.shape;
        },
        run: ({ x, gamma, beta, mean, variance }, { out }, { epsilon }) => {
            const [outer, channels, width] = player.shapes.around(x.shape, 1);
            for (let row = 0; row < outer * channels; row++) {
                const channel = row % channels;
                const scale = gamma.data[channel] / Math.sqrt(variance.data[channel] + epsilon);
                for (let at = row * width; at < (row + 1) * width; at++) {
                    out.data[at] = (x.data[at] - mean.data[channel]) * scale + beta.data[channel];
                }
            }
        },
    });
});

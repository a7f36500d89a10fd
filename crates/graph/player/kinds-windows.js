// Kinds that look through a window which moves over one to three axes: convolution, pooling, scaling. All are `[batch, channels, …]`,
// and one or two axes are taken for three, of which the first are of one place.
player.part((player) => {
    'use strict';
    const { Problem, kind, shown, size, alike } = player;
    const { expect } = player.shapes;

    const three = (list, fill) => [...new Array(3 - list.length).fill(fill), ...list];
    const listed = (value) => (Array.isArray(value) ? value : [value]);
    /** `[before, after]` of each axis. */
    const both = (padding) => listed(padding).map((pad) => (Array.isArray(pad) ? pad : [pad, pad]));

    /** A window: its size, steps, padding and the distance of its places, along three axes. */
    const window = (kernel, { stride = [], padding = [], dilation = [] }, rank) => {
        expect(listed(kernel).length === rank, `the window ${JSON.stringify(kernel)} isn’t one over ${rank} axes.`);
        const view = {
            kernel: three(listed(kernel), 1),
            stride: three(listed(stride), 1),
            padding: three(both(padding), [0, 0]),
            dilation: three(listed(dilation), 1),
        };
        const isSense = [...view.kernel, ...view.stride, ...view.dilation].every((n) => Number.isSafeInteger(n) && n > 0);
        expect(isSense && view.padding.flat().every((n) => Number.isSafeInteger(n)), 'a window has whole steps above 0.');
        return view;
    };
    /** Where windows fit. */
    const windows = (length, axis, { kernel, stride, padding, dilation }, isCeiled = false) => {
        const [before, after] = padding[axis];
        const room = length + before + after - dilation[axis] * (kernel[axis] - 1) - 1;
        if (room < 0) {
            return Number(isCeiled);
        }
        const count = (isCeiled ? Math.ceil(room / stride[axis]) : Math.floor(room / stride[axis])) + 1;
        return isCeiled && (count - 1) * stride[axis] >= length + before ? count - 1 : count;
    };
    const images = (x, rank) => {
        expect(x.shape.length === rank + 2, `${shown(x.shape)} isn’t batch, channels and ${rank} more.`);
        return three(x.shape.slice(2), 1);
    };

    // ---- Convolution ----

    /** What the windows see of the channels from `first` on: `[channels · kernel, windows]`. */
    const unrolled = (x, image, first, channels, view, places, into) => {
        const [[kd, kh, kw], [sd, sh, sw], [dd, dh, dw]] = [view.kernel, view.stride, view.dilation];
        const [pd, ph, pw] = view.padding.map(([before]) => before);
        const [depth, height, width] = image;
        let to = 0;
        for (let channel = first; channel < first + channels; channel++) {
            const plane = channel * depth * height * width;
            for (let k = 0; k < kd * kh * kw; k++) {
                const [z0, y0, x0] = [Math.floor(k / (kh * kw)) * dd - pd, Math.floor(k / kw) % kh * dh - ph, k % kw * dw - pw];
                for (let oz = 0; oz < places[0]; oz++) {
                    const z = oz * sd + z0;
                    for (let oy = 0; oy < places[1]; oy++) {
                        const y = oy * sh + y0;
                        const isInside = z >= 0 && z < depth && y >= 0 && y < height;
                        const row = plane + (z * height + y) * width;
                        for (let ox = 0; ox < places[2]; ox++, to++) {
                            const at = ox * sw + x0;
                            into[to] = isInside && at >= 0 && at < width ? x[row + at] : 0;
                        }
                    }
                }
            }
        }
    };
    const convolution = (rank) => ({
        takes: { x: 'float', weight: 'float', bias: 'float?' },
        gives: 'x',
        shape: ({ x, weight, bias }, { options }) => {
            const image = images(x, rank);
            const view = window(weight.shape.slice(2), options, rank);
            const isFit = weight.shape[1] * options.groups === x.shape[1] && weight.shape[0] % options.groups === 0;
            expect(isFit, `weights ${shown(weight.shape)} in ${options.groups} groups don’t fit ${shown(x.shape)}.`);
            expect(bias === undefined || alike(bias.shape, [weight.shape[0]]), `there are ${weight.shape[0]} channels to shift.`);
            const places = image.map((length, axis) => windows(length, axis, view));
            return [x.shape[0], weight.shape[0], ...places.slice(3 - rank)];
        },
        run: ({ x, weight, bias }, { out }, { options }) => {
            const image = images(x, rank);
            const view = window(weight.shape.slice(2), options, rank);
            const places = three(out.shape.slice(2), 1);
            const [seen, own, groups] = [weight.shape[1], weight.shape[0] / options.groups, options.groups];
            const [length, count] = [size(weight.shape.slice(1)), size(places)];
            const columns = new Float32Array(length * count);
            for (let batch = 0; batch < x.shape[0]; batch++) {
                for (let group = 0; group < groups; group++) {
                    unrolled(x.data, image, batch * x.shape[1] + group * seen, seen, view, places, columns);
                    const start = (batch * groups + group) * own * count;
                    player.multiply(weight.data, group * own * length, columns, 0, out.data, start, own, length, count);
                }
            }
            shifted(out, bias);
        },
    });
    const shifted = (out, bias) => {
        const width = size(out.shape.slice(2));
        for (let at = 0; bias !== undefined && at < out.data.length; at++) {
            out.data[at] += bias.data[Math.floor(at / width) % out.shape[1]];
        }
    };
    [1, 2, 3].forEach((rank) => kind(`Conv${rank}d`, convolution(rank)));

    const transposed = (rank) => ({
        takes: { x: 'float', weight: 'float', bias: 'float?' },
        gives: 'x',
        shape: ({ x, weight, bias }, { options }) => {
            const image = images(x, rank);
            const view = window(weight.shape.slice(2), options, rank);
            const channels = weight.shape[1] * options.groups;
            const isFit = weight.shape[0] === x.shape[1] && x.shape[1] % options.groups === 0;
            expect(isFit && (bias === undefined || alike(bias.shape, [channels])), `weights ${shown(weight.shape)} don’t fit ${shown(x.shape)}.`);
            const more = three(options.padding_out, 0);
            const lengths = image.map((length, axis) => (length - 1) * view.stride[axis] - 2 * view.padding[axis][0]
                + view.dilation[axis] * (view.kernel[axis] - 1) + more[axis] + 1);
            return [x.shape[0], channels, ...lengths.slice(3 - rank)];
        },
        run: ({ x, weight, bias }, { out }, { options }) => {
            const image = images(x, rank);
            const view = window(weight.shape.slice(2), options, rank);
            const places = three(out.shape.slice(2), 1);
            const [taken, given, groups] = [x.shape[1] / options.groups, weight.shape[1], options.groups];
            const [volume, count] = [size(view.kernel), size(image)];
            // Sums in more digits than are kept.
            const sums = new Float64Array(size(places));
            for (let plane = 0; plane < x.shape[0] * groups * given; plane++) {
                const [batch, group, channel] = [Math.floor(plane / (groups * given)), Math.floor(plane / given) % groups, plane % given];
                sums.fill(0);
                for (let other = group * taken; other < (group + 1) * taken; other++) {
                    const from = (batch * x.shape[1] + other) * count;
                    spread(x.data, from, image, weight.data, (other * given + channel) * volume, view, places, sums);
                }
                out.data.set(sums, plane * sums.length);
            }
            shifted(out, bias);
        },
    });
    /** Adds each number of an image, times the weights, to the places that a window beginning there sees. */
    const spread = (x, from, image, weight, first, view, places, sums) => {
        const volume = size(view.kernel);
        for (let at = 0; at < size(image); at++) {
            const origin = [Math.floor(at / (image[1] * image[2])), Math.floor(at / image[2]) % image[1], at % image[2]];
            for (let k = 0; k < volume; k++) {
                const inner = [Math.floor(k / (view.kernel[1] * view.kernel[2])), Math.floor(k / view.kernel[2]) % view.kernel[1], k % view.kernel[2]];
                const [z, y, to] = origin.map((o, axis) => o * view.stride[axis] - view.padding[axis][0] + inner[axis] * view.dilation[axis]);
                if (z >= 0 && z < places[0] && y >= 0 && y < places[1] && to >= 0 && to < places[2]) {
                    sums[(z * places[1] + y) * places[2] + to] += x[from + at] * weight[first + k];
                }
            }
        }
    };
    [1, 2, 3].forEach((rank) => kind(`ConvTranspose${rank}d`, transposed(rank)));

    kind('Unfold4d', {
        takes: { x: 'float' },
        gives: 'x',
        shape: ({ x }, { kernel_size: kernel, options }) => {
            const image = images(x, 2);
            const view = window(kernel, options, 2);
            return [x.shape[0], x.shape[1] * size(kernel), size(image.map((length, axis) => windows(length, axis, view)))];
        },
        run: ({ x }, { out }, { kernel_size: kernel, options }) => {
            const image = images(x, 2);
            const view = window(kernel, options, 2);
            const places = image.map((length, axis) => windows(length, axis, view));
            const count = size(out.shape.slice(1));
            for (let batch = 0; batch < x.shape[0]; batch++) {
                unrolled(x.data, image, batch * x.shape[1], x.shape[1], view, places, out.data.subarray(batch * count, (batch + 1) * count));
            }
        },
    });

    // ---- Pooling ----

    /** Calls `visit(result, plane, ranges)` for each window, with the places `[from, to, step]` of each axis that it sees. */
    const look = (shape, image, view, places, visit) => {
        const planes = size(shape.slice(0, 2));
        const range = (place, axis) => {
            const step = view.dilation[axis];
            let from = place * view.stride[axis] - view.padding[axis][0];
            const to = Math.min(from + (view.kernel[axis] - 1) * step + 1, image[axis]);
            from += from < 0 ? Math.ceil(-from / step) * step : 0;
            return [from, to, step];
        };
        let result = 0;
        for (let plane = 0; plane < planes; plane++) {
            for (let z = 0; z < places[0]; z++) {
                for (let y = 0; y < places[1]; y++) {
                    for (let x = 0; x < places[2]; x++) {
                        visit(result, plane * size(image), [range(z, 0), range(y, 1), range(x, 2)], [z, y, x]);
                        result += 1;
                    }
                }
            }
        }
    };
    /** Calls `visit(place)` for each place that a window sees, within its plane. */
    const inside = (image, [zs, ys, xs], visit) => {
        for (let z = zs[0]; z < zs[1]; z += zs[2]) {
            for (let y = ys[0]; y < ys[1]; y += ys[2]) {
                for (let x = xs[0]; x < xs[1]; x += xs[2]) {
                    visit((z * image[1] + y) * image[2] + x);
                }
            }
        }
    };
    const pooling = (rank, run) => ({
        takes: { x: 'float' },
        gives: 'x',
        shape: ({ x }, has) => {
            const view = window(has.kernel_size, has, rank);
            return [...x.shape.slice(0, 2), ...images(x, rank).map((length, axis) => windows(length, axis, view, has.ceil_mode)).slice(3 - rank)];
        },
        run: ({ x }, given, has) => {
            const view = window(has.kernel_size, has, rank);
            const image = images(x, rank);
            look(x.shape, image, view, three(given.out.shape.slice(2), 1), (...at) => run(x.data, given, image, view, has, ...at));
        },
    });
    const largest = (x, { out, out_indices: indices }, image, view, has, result, plane, ranges) => {
        let [most, where] = [-Infinity, -1];
        inside(image, ranges, (place) => {
            const number = x[plane + place];
            if (where < 0 || number > most || number !== number) {
                [most, where] = [number, place];
            }
        });
        out.data[result] = most;
        if (indices !== undefined) {
            indices.data[result] = where;
        }
    };
    const mean = (x, { out }, image, view, has, result, plane, ranges, at) => {
        let [sum, seen] = [0, 0];
        inside(image, ranges, (place) => {
            sum += x[plane + place];
            seen += 1;
        });
        const padded = at.map((place, axis) => {
            const start = place * view.stride[axis] - view.padding[axis][0];
            return Math.max(Math.min(start + view.kernel[axis], image[axis] + view.padding[axis][1]) - start, 0);
        });
        out.data[result] = sum / Math.max(has.count_include_pad ? size(padded) : seen, 1);
    };
    for (const rank of [1, 2]) {
        kind(`MaxPool${rank}d MaxPool${rank}dWithIndices`, pooling(rank, largest));
        kind(`AvgPool${rank}d`, pooling(rank, mean));
    }
    const adaptive = (rank) => ({
        takes: { x: 'float' },
        gives: 'x',
        shape: ({ x }, { output_size: wanted }) => {
            images(x, rank);
            expect(listed(wanted).length === rank, `${JSON.stringify(wanted)} isn’t a size of ${rank} axes.`);
            return [...x.shape.slice(0, 2), ...listed(wanted)];
        },
        run: ({ x }, { out }) => {
            const image = images(x, rank);
            const places = three(out.shape.slice(2), 1);
            const range = (place, axis) => [Math.floor(place * image[axis] / places[axis]), Math.ceil((place + 1) * image[axis] / places[axis]), 1];
            for (let result = 0; result < out.data.length; result++) {
                const at = [Math.floor(result / (places[1] * places[2])) % places[0], Math.floor(result / places[2]) % places[1], result % places[2]];
                const plane = Math.floor(result / size(places)) * size(image);
                let [sum, seen] = [0, 0];
                inside(image, at.map(range), (place) => {
                    sum += x.data[plane + place];
                    seen += 1;
                });
                out.data[result] = sum / seen;
            }
        },
    });
    [1, 2, 3].forEach((rank) => kind(`AdaptiveAvgPool${rank}d`, adaptive(rank)));

    // ---- Scaling ----

    const cubic = (x) => {
        const [t, a] = [Math.abs(x), -0.75];
        return t <= 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
    };
    const lanczos = (x) => {
        const t = Math.PI * x;
        return x === 0 ? 1 : Math.abs(x) >= 3 ? 0 : Math.sin(t) * Math.sin(t / 3) / (t * t / 3);
    };
    /** Which places of an axis each place of the result is made of, and with which weights. */
    const taps = (from, to, { mode, align_corners: isAligned }) => Array.from({ length: to }, (_, place) => {
        const at = isAligned ? place * (from - 1) / Math.max(to - 1, 1) : (place + 0.5) * from / to - 0.5;
        const last = from - 1;
        const base = Math.floor(at);
        if (mode === 'Nearest') {
            return [[Math.min(Math.floor(place * from / to), last), 1]];
        }
        if (mode === 'NearestExact') {
            return [[Math.min(Math.floor((place + 0.5) * from / to), last), 1]];
        }
        if (mode === 'Bilinear') {
            const low = Math.max(base, 0);
            const weight = Math.max(at - low, 0);
            return [[low, 1 - weight], [Math.min(low + 1, last), weight]];
        }
        if (mode === 'Bicubic') {
            return [-1, 0, 1, 2].map((offset) => [Math.min(Math.max(base + offset, 0), last), cubic(at - base - offset)]);
        }
        const within = [-2, -1, 0, 1, 2, 3].map((offset) => [base + offset, lanczos(at - base - offset)]).filter(([index]) => index >= 0 && index <= last);
        const sum = within.reduce((all, [, weight]) => all + weight, 0);
        return within.map(([index, weight]) => [index, weight / sum]);
    });
    kind('Interpolate', {
        takes: { x: 'float' },
        gives: 'x',
        shape: ({ x }, { output_size: wanted, options }) => {
            images(x, 2);
            expect(size(x.shape.slice(2)) > 0, 'there is nothing to make larger.');
            if (!['Nearest', 'NearestExact', 'Bilinear', 'Bicubic', 'Lanczos3'].includes(options.mode)) {
                throw new Problem(`${options.mode} is no way to scale.`);
            }
            return [...x.shape.slice(0, 2), ...wanted];
        },
        run: ({ x }, { out }, { options }) => {
            const [height, width] = x.shape.slice(2);
            const [rows, columns] = [taps(height, out.shape[2], options), taps(width, out.shape[3], options)];
            let to = 0;
            for (let plane = 0; plane < size(x.shape.slice(0, 2)); plane++) {
                for (const row of rows) {
                    for (const column of columns) {
                        let sum = 0;
                        for (const [y, high] of row) {
                            for (const [at, wide] of column) {
                                sum += x.data[(plane * height + y) * width + at] * high * wide;
                            }
                        }
                        out.data[to++] = sum;
                    }
                }
            }
        },
    });
});

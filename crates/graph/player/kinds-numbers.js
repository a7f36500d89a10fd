// Kinds that compute number by number: functions, arithmetic, comparisons, conversions.
player.part((player) => {
    'use strict';
    const { Problem, kind } = player;
    const { broadcast, repeated, rows, fits } = player.shapes;

    // ---- Functions of one number ----

    const each = (f) => ({ input }, { out }) => {
        const [from, to] = [input.data, out.data];
        for (let place = 0; place < to.length; place++) {
            to[place] = f(from[place]);
        }
    };
    const likeInput = { gives: 'input', shape: ({ input }) => input.shape };
    const real = (name, f) => kind(name, { takes: { input: 'float' }, ...likeInput, run: each(f) });

    /** To the nearest whole number, halves to even ones. */
    const round = (x) => {
        const near = Math.round(x);
        return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
    };
    /** The error function: its power series, which up to 4 has lost few enough digits; beyond, it is 1 in 32 bits. */
    const erf = (x) => {
        if (Math.abs(x) > 4 || Number.isNaN(x)) {
            return Math.sign(x);
        }
        let term = x;
        let sum = x;
        for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return sum * 2 / Math.sqrt(Math.PI);
    };
    const sigmoid = (x) => {
        const e = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    };
    const functions = {
        Exp: Math.exp, Log: Math.log, Log1p: Math.log1p, Erf: erf, Sqrt: Math.sqrt, Cos: Math.cos, Cosh: Math.cosh, Sin: Math.sin,
        Sinh: Math.sinh, Tan: Math.tan, Tanh: Math.tanh, ArcCos: Math.acos, ArcCosh: Math.acosh, ArcSin: Math.asin, ArcSinh: Math.asinh,
        ArcTan: Math.atan, ArcTanh: Math.atanh, Round: round, Floor: Math.floor, Ceil: Math.ceil, Trunc: Math.trunc, Recip: (x) => 1 / x,
        Relu: (x) => (x <= 0 ? 0 : x),
        Gelu: (x) => x * (erf(x / Math.SQRT2) + 1) / 2,
        Sigmoid: sigmoid,
        LogSigmoid: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
    };
    Object.entries(functions).forEach(([name, f]) => real(name, f));

    const whole = { takes: { input: 'float int' }, ...likeInput };
    kind('Abs', { ...whole, run: each(Math.abs) });
    kind('Neg', { ...whole, run: each((x) => -x) });
    kind('Sign', { ...whole, run: each((x) => (x > 0 ? 1 : x < 0 ? -1 : 0)) });
    kind('BitwiseNot', { takes: { input: 'int' }, ...likeInput, run: each((x) => ~x) });
    kind('Not', { takes: { input: 'bool' }, ...likeInput, run: each((x) => 1 - x) });
    kind('IsNan', { takes: { input: 'float' }, ...likeInput, gives: 'bool', run: each((x) => Number(x !== x)) });
    kind('IsInf', { takes: { input: 'float' }, ...likeInput, gives: 'bool', run: each((x) => Number(x === Infinity || x === -Infinity)) });

    // ---- Conversions ----

    const same = (x) => x;
    /** Cut off towards zero; what is too large is the largest there is in Rust, and no number that can be kept here. */
    const cut = (x) => {
        const number = Math.trunc(x) + 0;
        const kept = Number.isNaN(number) ? 0 : number;
        fits(kept, kept | 0);
        return kept;
    };
    const conversion = (dtype, f) => ({ ...likeInput, takes: { input: 'float int bool' }, gives: dtype, run: each(f) });
    kind('IntoFloat', conversion('float', same));
    kind('IntoInt', conversion('int', cut));
    const isBool = (out) => out instanceof Uint8Array;
    kind('Cast', {
        ...conversion('any', same),
        run: (taken, given) => each(isBool(given.out.data) ? (x) => Number(x !== 0) : given.out.dtype === 'int' ? cut : same)(taken, given),
    });

    // ---- Two numbers, and a number and a constant ----

    /** Row by row, a tensor being repeated where it has one number. */
    const pairs = (lhs, rhs, out, f, line) => {
        const [a, b, to] = [lhs.data, rhs.data, out.data];
        const steps = [repeated(lhs.shape, out.shape), repeated(rhs.shape, out.shape)];
        const [left, right] = steps.map((step) => step.at(-1) ?? 0);
        const width = out.shape.at(-1) ?? 1;
        rows(out.shape, steps, (start, i, j) => {
            if (line !== undefined && left === 1 && right === 1) {
                line(a, i, b, j, to, start, width);
                return;
            }
            for (let place = 0; place < width; place++) {
                to[start + place] = f(a[i + place * left], b[j + place * right]);
            }
        });
    };
    /** What models do most, without a call for each number. */
    const lines = {
        Add: (a, i, b, j, to, start, width) => {
            for (let place = 0; place < width; place++) {
                to[start + place] = a[i + place] + b[j + place];
            }
        },
        Mul: (a, i, b, j, to, start, width) => {
            for (let place = 0; place < width; place++) {
                to[start + place] = a[i + place] * b[j + place];
            }
        },
    };
    const checked = (f) => (a, b) => {
        const result = f(a, b);
        if (result !== (result | 0)) {
            throw new Problem(Number.isFinite(result) ? `the number ${result} takes more than the 32 bits that there are here.`
                : `the whole number ${a} can’t be divided by ${b}.`);
        }
        return result;
    };
    /** Of Python: it has the sign of the divisor. */
    const remainder = (a, b) => {
        const rest = a % b;
        return rest !== 0 && (rest < 0) !== (b < 0) ? rest + b : rest;
    };
    const power = (a, b) => (a === 1 || b === 0 ? 1 : a ** b);
    const power32 = (a, b) => (b === 2 ? a * a : power(a, b));

    /** The same for two tensors (`Add`) and for a tensor and a number (`AddScalar`), which is rounded as the tensor's are. */
    const arithmetic = (names, float, int = float) => {
        const [pair, scalar] = names.split(' ');
        const of = (dtype) => (dtype === 'float' ? float : checked(int));
        const types = float === null ? 'int' : 'float int';
        kind(pair, {
            takes: { lhs: types, rhs: types },
            gives: 'lhs',
            shape: ({ lhs, rhs }) => broadcast(lhs.shape, rhs.shape),
            run: ({ lhs, rhs }, { out }) => pairs(lhs, rhs, out, of(lhs.dtype), lhs.dtype === 'float' ? lines[pair] : undefined),
        });
        if (scalar !== undefined) {
            kind(scalar, withScalar(types, 'lhs', of));
        }
    };
    const withScalar = (types, gives, of) => ({
        takes: { lhs: types },
        gives,
        shape: ({ lhs }) => lhs.shape,
        run: ({ lhs }, { out }, { rhs }) => {
            const f = of(lhs.dtype);
            const number = lhs.dtype === 'float' ? Math.fround(rhs) : Math.trunc(rhs);
            const [from, to] = [lhs.data, out.data];
            for (let place = 0; place < to.length; place++) {
                to[place] = f(from[place], number);
            }
        },
    });
    arithmetic('Add AddScalar', (a, b) => a + b);
    arithmetic('Sub SubScalar', (a, b) => a - b);
    arithmetic('Mul MulScalar', (a, b) => a * b);
    arithmetic('Div DivScalar', (a, b) => a / b, (a, b) => Math.trunc(a / b));
    arithmetic('Rem RemScalar', remainder);
    arithmetic('Powf PowfScalar', power32);
    arithmetic('Powi PowiScalar', power32);
    arithmetic('ArcTan2', Math.atan2);
    arithmetic('Hypot', Math.hypot);
    arithmetic('BitwiseAnd BitwiseAndScalar', null, (a, b) => a & b);
    arithmetic('BitwiseOr BitwiseOrScalar', null, (a, b) => a | b);
    arithmetic('BitwiseXor BitwiseXorScalar', null, (a, b) => a ^ b);
    arithmetic('BitwiseLeftShift BitwiseLeftShiftScalar', null, (a, b) => a * 2 ** b);
    arithmetic('BitwiseRightShift BitwiseRightShiftScalar', null, (a, b) => (b > 31 ? (a < 0 ? -1 : 0) : a >> b));

    const comparison = (names, f, types = 'float int') => {
        const [pair, scalar] = names.split(' ');
        kind(pair, {
            takes: { lhs: types, rhs: types },
            gives: 'bool',
            shape: ({ lhs, rhs }) => broadcast(lhs.shape, rhs.shape),
            run: ({ lhs, rhs }, { out }) => pairs(lhs, rhs, out, f),
        });
        if (scalar !== undefined) {
            kind(scalar, withScalar(types, 'bool', () => f));
        }
    };
    comparison('Equal EqualElem', (a, b) => Number(a === b), 'float int bool');
    comparison('NotEqual NotEqualElem', (a, b) => Number(a !== b), 'float int bool');
    comparison('Greater GreaterElem', (a, b) => Number(a > b));
    comparison('GreaterEqual GreaterEqualElem', (a, b) => Number(a >= b));
    comparison('Lower LowerElem', (a, b) => Number(a < b));
    comparison('LowerEqual LowerEqualElem', (a, b) => Number(a <= b));
    comparison('And', (a, b) => a & b, 'bool');
    comparison('Or', (a, b) => a | b, 'bool');
    comparison('Xor', (a, b) => a ^ b, 'bool');

    // ---- With a slope, or within bounds ----

    const above = (x, bound) => (x < bound || bound !== bound ? bound : x);
    const below = (x, bound) => (x > bound || bound !== bound ? bound : x);
    const pass = (f) => () => f;
    kind('ClampMin', withScalar('float int', 'lhs', pass(above)));
    kind('ClampMax', withScalar('float int', 'lhs', pass(below)));
    kind('LeakyRelu', withScalar('float', 'lhs', pass((x, slope) => (x < 0 ? x * slope : x))));
    const ofTensor = (takes, f) => ({
        takes: { tensor: takes },
        gives: 'tensor',
        shape: ({ tensor }) => tensor.shape,
        run: ({ tensor }, { out }, has) => each(f(has, tensor.dtype === 'float' ? Math.fround : Math.trunc))({ input: tensor }, { out }),
    });
    kind('Clamp', ofTensor('float int', ({ min, max }, kept) => (x) => below(above(x, kept(min)), kept(max))));
    kind('HardSigmoid', ofTensor('float', ({ alpha, beta }, kept) => (x) => below(above(x * kept(alpha) + kept(beta), 0), 1)));
    kind('PRelu', {
        takes: { lhs: 'float', rhs: 'float' },
        gives: 'lhs',
        shape: ({ lhs, rhs }) => broadcast(lhs.shape, rhs.shape),
        run: ({ lhs, rhs }, { out }) => pairs(lhs, rhs, out, (x, slope) => (x < 0 ? x * slope : x)),
    });

    // ---- Choices ----

    kind('MaskWhere', {
        takes: { tensor: 'float int bool', mask: 'bool', value: 'float int bool' },
        gives: 'tensor',
        shape: ({ tensor, mask, value }) => broadcast(tensor.shape, mask.shape, value.shape),
        run: ({ tensor, mask, value }, { out }) => {
            const steps = [tensor, mask, value].map(({ shape }) => repeated(shape, out.shape));
            const [p, q, r] = steps.map((step) => step.at(-1) ?? 0);
            const width = out.shape.at(-1) ?? 1;
            rows(out.shape, steps, (start, i, j, k) => {
                for (let place = 0; place < width; place++) {
                    out.data[start + place] = mask.data[j + place * q] === 1 ? value.data[k + place * r] : tensor.data[i + place * p];
                }
            });
        },
    });
    kind('MaskFill', {
        takes: { tensor: 'float int bool', mask: 'bool' },
        gives: 'tensor',
        shape: ({ tensor, mask }) => broadcast(tensor.shape, mask.shape),
        run: ({ tensor, mask }, { out }, { value }) => pairs(tensor, mask, out, (x, isMasked) => (isMasked === 1 ? value : x)),
    });

    // ---- Constants ----

    const filled = (of) => ({
        takes: {},
        gives: 'any',
        shape: (_, __, declared) => declared,
        run: (_, { out }, has) => out.data.fill(of(has)),
    });
    kind('Zeros Empty', filled(() => 0));
    kind('Ones', filled(() => 1));
    kind('Full', filled(({ value }) => value));
});

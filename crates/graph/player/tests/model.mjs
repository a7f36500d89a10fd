// A little model for tests: a table, a norm, attention over three positions with a mask, and a sum around it. It is written
// by hand, so that each tensor has a number that a test can name.

const float = (shape) => ({ dtype: 'F32', shape });
const t = (tensor) => ({ tensor });

/** A SafeTensors file of `{name: [dtype, shape, bytes]}`. */
export const safetensors = (tensors) => {
    let end = 0;
    const head = {};
    for (const [name, [dtype, shape, bytes]] of Object.entries(tensors)) {
        head[name] = { dtype, shape, data_offsets: [end, end + bytes.byteLength] };
        end += bytes.byteLength;
    }
    const text = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return new Uint8Array(Buffer.concat([length, text, ...Object.values(tensors).map(([, , bytes]) => Buffer.from(bytes.buffer))])).buffer;
};

export const IDS = 0;
export const TABLE = 1;
export const GAMMA = 2;
export const MASK = 3;
export const EMBEDDED = 4;
export const NORMED = 5;
export const KEYS = 6;
export const SCORES = 7;
export const SCALED = 8;
export const MASKED = 9;
export const WEIGHTS = 10;
export const MIXED = 11;
export const SUM = 12;
export const DOUBLED = 13;
export const OUT = 14;

/** The program as JSON has it. */
export const object = () => ({
    format: 'graph program',
    version: 1,
    digest: '0',
    name: 'little',
    tensors: [
        { dtype: 'I64', shape: [1, 3] }, float([5, 4]), float([4]), { dtype: { Bool: 'Native' }, shape: [1, 3, 3] }, float([1, 3, 4]),
        float([1, 3, 4]), float([1, 4, 3]), float([1, 3, 3]), float([1, 3, 3]), float([1, 3, 3]), float([1, 3, 3]), float([1, 3, 4]),
        float([1, 3, 4]), float([5, 4]), float([1, 3, 5]), float([4, 5]),
    ],
    inputs: [{ name: 'ids', tensor: IDS }],
    parameters: [{ paths: ['table', 'tied'], tensor: TABLE }, { paths: ['norm.gamma'], tensor: GAMMA }],
    constants: [{ name: 'mask', tensor: MASK }],
    operations: [
        { Module: { Embedding: { indices: t(IDS), out: t(EMBEDDED), weights: t(TABLE) } } },
        { Module: { LayerNorm: { beta: null, epsilon: { float: '1e-5' }, gamma: t(GAMMA), input: t(EMBEDDED), out: t(NORMED) } } },
        { BaseFloat: { SwapDims: { dim1: 1, dim2: 2, input: t(NORMED), out: t(KEYS) } } },
        { Float: ['F32', { Matmul: { lhs: t(NORMED), out: t(SCORES), rhs: t(KEYS) } }] },
        { NumericFloat: ['F32', { DivScalar: { lhs: t(SCORES), out: t(SCALED), rhs: { float: '2.0' } } }] },
        { BaseFloat: { MaskFill: { mask: t(MASK), out: t(MASKED), tensor: t(SCALED), value: { float: '-Infinity' } } } },
        { Activation: { Softmax: { axis: 2, input: t(MASKED), out: t(WEIGHTS) } } },
        { Float: ['F32', { Matmul: { lhs: t(WEIGHTS), out: t(MIXED), rhs: t(NORMED) } }] },
        { NumericFloat: ['F32', { Add: { lhs: t(EMBEDDED), out: t(SUM), rhs: t(MIXED) } }] },
        { NumericFloat: ['F32', { MulScalar: { lhs: t(TABLE), out: t(DOUBLED), rhs: { float: '2.0' } } }] },
        { BaseFloat: { SwapDims: { dim1: 0, dim2: 1, input: t(DOUBLED), out: t(15) } } },
        { Float: ['F32', { Matmul: { lhs: t(SUM), out: t(OUT), rhs: t(15) } }] },
    ],
    outputs: [{ name: 'out', tensor: OUT }],
    shown: [[EMBEDDED], [NORMED]],
});

export const tensors = () => ({
    table: ['F32', [5, 4], Float32Array.from({ length: 20 }, (_, place) => Math.sin(place * 3 + 1))],
    'norm.gamma': ['F16', [4], Uint16Array.of(0x3c00, 0x3c00, 0x4000, 0xbc00)],
    'constants/3': ['BOOL', [1, 3, 3], Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0)],
});

export const values = () => safetensors(tensors());

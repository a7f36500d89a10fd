// What can't be read or computed is told in a sentence, which says where.
import assert from 'node:assert/strict';
import test from 'node:test';
import { player } from './load.mjs';
import { EMBEDDED, OUT, SUM, WEIGHTS, object, safetensors, tensors, values } from './model.mjs';

const problem = (work, pattern) => assert.throws(work, (error) => error instanceof player.Problem && pattern.test(error.message), String(pattern));
/** The program with something changed. */
const changed = (change) => {
    const other = object();
    change(other);
    return () => player.program(other, values());
};

test('what is no program', () => {
    problem(() => player.program(null, values()), /no program/);
    problem(() => player.program('', values()), /no program/);
    problem(() => player.program([], values()), /no program/);
    problem(changed((p) => p.format = 'graph'), /no program/);
    problem(changed((p) => p.version = 2), /version 2, and the player reads version 1/);
    for (const name of ['tensors', 'inputs', 'outputs', 'parameters', 'constants', 'operations', 'shown']) {
        problem(changed((p) => delete p[name]), new RegExp(`no list “${name}”`));
    }
});

test('what the player doesn’t know', () => {
    problem(changed((p) => p.operations[6] = { Activation: { Sparkle: { input: { tensor: 9 }, out: { tensor: 10 } } } }),
        /In step 6 of “little”, Sparkle, after norm\.gamma \(input \[1, 3, 3\]\): the player doesn’t know this kind/);
    problem(changed((p) => p.operations[0] = { Custom: { id: 'mine', inputs: [], outputs: [], scalars: [] } }), /step 0 of “little”, Custom/);
    problem(changed((p) => p.operations[0] = 7), /Step 0 can’t be read|Step 0/);
    problem(changed((p) => p.tensors[4].dtype = 'F64'), /Tensor 4 is of type "F64"/);
    problem(changed((p) => p.tensors[4].dtype = { QFloat: {} }), /QFloat/);
    problem(changed((p) => p.tensors[4].shape = [1, -3, 4]), /Tensor 4 has the shape \[1,-3,4\]/);
});

test('shapes and types that don’t fit, with the operation that they don’t fit', () => {
    problem(changed((p) => p.tensors[SUM].shape = [1, 3, 5]), /step 8 of “little”, Add.*\(lhs \[1, 3, 4\], rhs \[1, 3, 4\]\): it should give float \[1, 3, 4\], and the program says float \[1, 3, 5\]/);
    problem(changed((p) => p.tensors[SUM].dtype = 'I64'), /it should give float .* says int/);
    problem(changed((p) => p.operations[3].Float[1].Matmul.rhs.tensor = 5), /step 3 .* Matmul.*matrices \[1, 3, 4\] and \[1, 3, 4\] can’t be multiplied/);
    problem(changed((p) => p.operations[6].Activation.Softmax.axis = 3), /Softmax.* has no axis 3/);
    problem(changed((p) => p.operations[2].BaseFloat.SwapDims.dim1 = -1), /SwapDims.* has no axis -1/);
    problem(changed((p) => p.operations[0].Module.Embedding.indices.tensor = 1), /Embedding.*indices should be of type int/);
    problem(changed((p) => delete p.operations[0].Module.Embedding.indices), /Embedding.*it takes no indices/);
    problem(changed((p) => p.operations[0].Module.Embedding.weights.tensor = 2), /a table has two axes, not \[4\]/);
});

test('an order that can’t be', () => {
    problem(changed((p) => p.operations[0].Module.Embedding.weights.tensor = 5), /it reads tensor 5, which isn’t there by then/);
    problem(changed((p) => p.operations[8].NumericFloat[1].Add.out.tensor = EMBEDDED), /tensor 4/);
    problem(changed((p) => p.operations[8].NumericFloat[1].Add.out.tensor = 77), /tensor 77, which there is none of/);
    problem(changed((p) => p.outputs[0].tensor = 77), /“out” of “little” is tensor 77, which there is none of/);
    problem(changed((p) => p.operations[8].NumericFloat[1].Add.lhs.tensor = 77), /reads tensor 77/);
});

test('a file of values that is cut off, damaged, or another', () => {
    const whole = new Uint8Array(values());
    for (const end of [0, 5, 8, 30, whole.length - 1]) {
        problem(() => player.program(object(), whole.slice(0, end).buffer), /damaged or cut off/);
    }
    const other = (change) => {
        const file = tensors();
        change(file);
        return () => player.program(object(), safetensors(file));
    };
    problem(() => player.program(object(), '%%%'), /base64/);
    problem(() => player.program(object(), 7), /no bytes/);
    problem(other((file) => delete file.table), /The parameter table of “little” has no value/);
    problem(other((file) => delete file['constants/3']), /The constant mask of “little” has no value/);
    problem(other((file) => file.tables = file.table), /has tables, which “little” doesn’t know/);
    problem(other((file) => file['constants/1'] = file.table), /constants\/1/);
    problem(other((file) => file.table[1] = [4, 5]), /The parameter table is F32 \[5, 4\]; the file of values has F32 \[4, 5\]/);
    problem(other((file) => file.table[1] = [5, 5]), /should have 100 bytes, and has 80/);
    problem(other((file) => file.table = ['I32', [5, 4], new Int32Array(20)]), /F32 .* I32/);
    problem(other((file) => file['constants/3'][2][4] = 2), /neither true nor false/);
    problem(other((file) => file['inputs/ids'] = ['I64', [1, 3], BigInt64Array.of(1n, 2n, 2n ** 40n)]), /more than the 32 bits/);
    const head = new TextEncoder().encode('{"table":7}');
    problem(() => player.program(object(), Uint8Array.of(head.length, 0, 0, 0, 0, 0, 0, 0, ...head).buffer), /entry of table makes no sense/);
    problem(() => player.program(object(), Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3).buffer), /head is no JSON/);
});

test('inputs that are none', () => {
    const program = player.program(object(), values());
    problem(() => program.run({}), /The input “ids” of “little” has no value/);
    problem(() => program.run({ ids: [1, 2] }), /“ids” has the shape \[1, 3\], that is 3 numbers; what was given for it is 2 numbers/);
    problem(() => program.run({ ids: null }), /no list/);
    problem(() => program.run({ ids: 'abc' }), /no list/);
    problem(() => program.run({ ids: [1, 2, 'x'] }), /x, at place 2, is not a whole number/);
    problem(() => program.run({ ids: [1, 2, 2.5] }), /2.5, at place 2, is not a whole number/);
    problem(() => program.run({ ids: [1, 2, NaN] }), /NaN, at place 2/);
    problem(() => program.run({ words: [1] }), /no input “words”; it has ids/);
    problem(() => program.run({ ids: [1, 2, 5] }), /In step 0 of “little”, Embedding of table \(weights \[5, 4\], indices \[1, 3\]\): the index 5 is none of 5 places/);
    const run = program.run({ ids: [[1, 2, 3]] });
    problem(() => run.value(99), /no value for tensor 99/);
    problem(() => run.output('logits'), /no output “logits”; it has out/);
    problem(() => player.program(object()).run({ ids: [1, 2, 3] }), /The parameter table .* has no value/);
});

test('what is no number goes on as what it is', () => {
    const file = tensors();
    file.table[2][4] = NaN;
    file.table[2][8] = Infinity;
    const program = player.program(object(), safetensors(file));
    const run = program.run({ ids: [0, 1, 3] });
    const [weights, out] = [WEIGHTS, OUT].map((tensor) => [...run.value(tensor).data]);
    assert.deepEqual(weights.slice(0, 3), [1, 0, 0], 'the first position sees only itself');
    assert.ok(weights.slice(3).every(Number.isNaN), 'the others see what is none');
    assert.ok(out.every(Number.isNaN), 'nothing times what is no number is none, as everywhere');
    // It is equal to itself, where runs are compared.
    assert.equal(program.run({ ids: [0, 1, 3] }, { from: run }).computed, 0);
});

test('numbers are equal bit for bit, whatever the bits are of what is none', () => {
    const of = (...bits) => new Float32Array(Uint32Array.from(bits).buffer);
    assert.ok(player.equal(of(0x7fc00000, 0x3f800000), of(0xffc00001, 0x3f800000)));
    assert.ok(!player.equal(of(0x7fc00000), of(0x3f800000)));
    assert.ok(!player.equal(of(0x3f800000), of(0x3f800001)));
    assert.ok(!player.equal(Float32Array.of(0), Float32Array.of(-0)));
    assert.ok(!player.equal(Float32Array.of(1), Int32Array.of(1)));
    assert.ok(!player.equal(Float32Array.of(1), Float32Array.of(1, 1)));
});

test('numbers of 16 bits are widened', () => {
    const wide = (dtype, bits) => {
        const file = tensors();
        file['norm.gamma'] = [dtype, [4], Uint16Array.from(bits)];
        return [...player.safetensors(safetensors(file)).get('norm.gamma').data];
    };
    assert.deepEqual(wide('F16', [0x3c00, 0xc100, 0x0001, 0x7bff]), [1, -2.5, 2 ** -24, 65504]);
    assert.deepEqual(wide('F16', [0x7c00, 0xfc00, 0x7e00, 0x8000]), [Infinity, -Infinity, NaN, -0]);
    assert.deepEqual(wide('BF16', [0x3f80, 0xc020, 0x7f80, 0x7fc0]), [1, -2.5, Infinity, NaN]);
});

test('values whose letters were changed are not taken for others', () => {
    const text = 'AAECAw==';
    assert.deepEqual(['', 'a', 'foobar'].map(player.sum), ['811c9dc5', 'e40c292c', 'bf9cf968']);
    assert.deepEqual([...new Uint8Array(player.bytes(text, player.sum(text)))], [0, 1, 2, 3]);
    assert.throws(() => player.bytes('AAECBw==', player.sum(text)), /damaged or cut off: its letters are not those that were written/);
    assert.equal(player.bytes('AAECBw==').byteLength, 4);
});

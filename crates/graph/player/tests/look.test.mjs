// What is said of tensors: names, places, numbers and summaries, without a page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { player } from './load.mjs';

for (const name of ['words', 'look', 'colours', 'steer', 'bars', 'panel']) {
    (0, eval)(readFileSync(new URL(`../${name}.js`, import.meta.url), 'utf8'));
}

/** A tensor whose numbers are their places. */
const counted = (...shape) => {
    const data = Float32Array.from({ length: player.size(shape) }, (_, place) => place);
    return { dtype: 'float', shape, data };
};

test('numbers are written as a reader writes them', () => {
    const pairs = [
        [0, '0'], [-0, '0'], [3, '3'], [-12, '−12'], [0.5, '0.500'], [-0.031415, '−0.0314'], [123.456, '123'], [1234.5, '1235'], [999.7, '1000'],
        [1.2e-7, '1.2·10⁻⁷'], [-3e12, '−3·10¹²'], [1e6, '1·10⁶'], [Infinity, '∞'], [-Infinity, '−∞'], [NaN, 'not a number'],
    ];
    for (const [number, text] of pairs) assert.equal(player.number(number), text);
    assert.equal(player.told(1, 'bool'), 'true');
});

test('a plane is chosen, and every place has a name', () => {
    const value = counted(2, 3, 5, 7);
    const looked = player.look(value, { axes: ['batch', 'heads', 'target', 'source'], names: { source: [...'abcdefg'] }, pick: { batch: 1, heads: 2 } });
    assert.deepEqual([looked.rows, looked.columns, looked.height, looked.width, looked.free], [2, 3, 5, 7, [0, 1]]);
    assert.equal(looked.plane()(4, 6), value.data.length - 1);
    assert.equal(looked.cell(1, 2), 'batch 1, heads 2, target 1, source 2 “c”');
    const numbered = player.look(value, { axes: ['batch', 'heads', 'target', 'source'], names: { heads: ['head 1', 'head 2', 'head 3'], source: ['source', ...'bcdefg'] }, pick: { heads: 2 } });
    assert.equal(numbered.cell(1, 0), 'batch 0, head 3, target 1, source 0 “source”');
    assert.equal(looked.place(0), 'batch 0, heads 0, target 0, source 0 “a”');
    const said = player.look(value, { axes: ['batch', 'heads', 'target', 'vocab'], words: { vocab: [...'abcdefg'] } });
    assert.equal(said.cell(1, 2), 'batch 0, heads 0, target 1, vocab 2 “c”');
    assert.equal(said.names[3], undefined, 'what is only said stands at no side');
});

test('positions may be counted from one', () => {
    const value = counted(2, 3);
    const looked = player.look(value, { axes: ['heads', 'source'], names: { heads: ['head 1', 'head 2'], source: [...'abc'] }, first: { source: 1 } });
    assert.equal(looked.cell(1, 0), 'head 2, source 1 “a”');
    assert.deepEqual([looked.listed(0, 1), looked.listed(1, 2), looked.number(0, 1), looked.number(1, 2)], ['head 2', '3 c', 1, 3]);
    assert.deepEqual([0, 1].map((axis) => player.look(value).listed(axis, 1)), ['1', '1']);
});

test('what a mask hides counts for nothing, and is said', () => {
    const of = (...data) => ({ dtype: 'float', shape: [data.length], data: Float32Array.from(data) });
    const measure = ({ data }) => player.measure(data);
    const masked = measure(of(-1e9, 1, -3, -1e9));
    assert.deepEqual([masked.hidden, masked.least, masked.most, masked.mean, masked.mostAt], [2, -3, 1, -1, 1]);
    assert.equal(player.summary(of(-1e9, 1, -3, -1e9)), 'i 4, 4 numbers: from −3 to 1, mean −1. The largest is at i 1. 2 are hidden, by −1·10⁹.');
    assert.equal(player.summary(of(-1e9, 2)), 'i 2, 2 numbers: all others 2. 1 is hidden, by −1·10⁹.');
    // Large numbers alone, or among large ones, are numbers.
    assert.deepEqual([measure(of(-1e9, -1e9)).hidden, measure(of(-1e9, 3e7)).hidden, measure(of(-1e7, 1)).hidden], [0, 0, 0]);
    assert.deepEqual([...player.difference(of(-1e9, -1e9, 1), of(2, -1e9, 3), true).data], [Infinity, 0, 2]);
});

test('what is padding is left out', () => {
    const value = counted(3, 5);
    const looked = player.look(value, { axes: ['target', 'source'], size: { source: 2, target: 9 } });
    assert.deepEqual([looked.height, looked.width, looked.count], [3, 2, 6]);
    assert.deepEqual([0, 1, 2, 5].map(looked.offset), [0, 1, 5, 11]);
    const { least, most, mean, mostAt } = player.measure(value.data, looked.count, looked.offset);
    assert.deepEqual([least, most, mean, looked.place(mostAt)], [0, 11, 5.5, 'target 2, source 1']);
});

test('axes of one element give way, and axes without names have letters', () => {
    const looked = player.look(counted(5, 1, 7, 1), { axes: ['batch', '1', '7', '?'] });
    assert.deepEqual([looked.rows, looked.columns, looked.axes], [0, 2, ['batch', 'j', 'k', 'l']]);
    assert.equal(player.shape(looked), 'batch 5 × k 7');
    assert.equal(looked.cell(3, 4), 'batch 3, k 4');
    const ends = [[[], 1, 1], [[1], 1, 1], [[3], 1, 3], [[1, 1], 1, 1], [[0, 3], 0, 3]];
    for (const [shape, height, width] of ends) {
        const { height: rows, width: columns } = player.look(counted(...shape));
        assert.deepEqual([rows, columns], [height, width], `of ${shape}`);
    }
});

test('a summary says all that a picture shows', () => {
    const of = (data, shape, dtype = 'float', options = {}) => player.summary({ dtype, shape, data: Float32Array.from(data) }, options);
    assert.equal(of([1, 2, 3, 6], [2, 2], 'float', { axes: ['a', 'b'] }), 'a 2 × b 2, 4 numbers: from 1 to 6, mean 3. The largest is at a 1, b 1.');
    assert.equal(of([0, -Infinity, NaN, 2], [4], 'float', { axes: ['x'] }),
        'x 4, 4 numbers: from 0 to 2, mean 1. The largest is at x 3. 1 is zero. 1 is infinite. 1 is not a number.');
    assert.equal(of([4, 4], [2]), 'i 2, 2 numbers: all 4.');
    assert.equal(of([1, 0, 1], [3], 'bool'), 'i 3: 2 are true, 1 false.');
    assert.equal(of([0.25], []), 'A single number: 0.250.');
    assert.equal(of([], [0, 3]), 'i 0 × j 3: there is nothing in it.');
    assert.equal(of([-Infinity, -Infinity], [2]), 'i 2, 2 numbers. 2 are infinite.');
});

test('colours mean the same on both sides of zero', () => {
    const range = (data, wanted) => player.range(player.measure(Float32Array.from(data)), wanted);
    assert.deepEqual(range([-1, 3]), { low: -3, high: 3, diverging: true });
    assert.deepEqual(range([1, 3]), { low: 0, high: 3, diverging: false });
    assert.deepEqual(range([0, 0]), { low: 0, high: 1, diverging: false });
    assert.deepEqual(range([0, 0], true), { low: -1, high: 1, diverging: true });
    assert.deepEqual(range([1, 3], true), { low: -3, high: 3, diverging: true });
    assert.deepEqual(range([-Infinity]), { low: 0, high: 1, diverging: false });
    // One of 200 that is far beyond all others doesn't take their colours from them; a tenth of them does, and so does what is near.
    const many = (far, count) => [...Array.from({ length: 200 - count }, (_, place) => (place % 2 ? 1 : -1)), ...Array(count).fill(far)];
    const { low, high, beyond } = range(many(-300, 1));
    assert.ok(beyond && high === -low && high >= 1 && high < 1.2, `${low} to ${high}`);
    assert.deepEqual(range(many(-300, 20)), { low: -300, high: 300, diverging: true });
    assert.deepEqual(range(many(-3, 1)), { low: -3, high: 3, diverging: true });
    assert.deepEqual(range([...Array(199).fill(0.001), 1]), { low: 0, high: 1, diverging: false });
});

test('the largest come first, and of equal ones the first', () => {
    assert.deepEqual(player.largest([1, 5, 3, 5, 2], 3), [1, 3, 2]);
    assert.deepEqual(player.largest([1], 3), [0]);
    assert.deepEqual(player.largest([], 3), []);
});

test('a share has a digit more where there is little left', () => {
    const pairs = [[0, '0.0 %'], [0.0004, '0.0 %'], [0.094, '9.4 %'], [0.0996, '10 %'], [0.36, '36 %'], [0.994, '99 %'], [0.9951, '99.5 %'], [0.998, '99.8 %'], [0.9996, '100 %'], [1, '100 %']];
    for (const [share, text] of pairs) assert.equal(player.percent(share), text);
});

test('what is infinite on both sides differs by nothing', () => {
    const of = (...data) => ({ dtype: 'float', shape: [data.length], data: Float32Array.from(data) });
    assert.deepEqual([...player.difference(of(1, -Infinity, 0), of(3, -Infinity, Infinity)).data], [2, 0, Infinity]);
    assert.throws(() => player.compare(of(1), of(1, 2)), /different shapes/);
});

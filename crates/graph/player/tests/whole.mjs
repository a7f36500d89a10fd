// Compares a whole program with what Rust computed of it: `node whole.mjs FOLDER`, where the folder has `program.json`,
// `values.safetensors` with the inputs, and `expected.json` beside `expected.bin`: of every tensor its number, type and place. It
// prints how many tensors there are, and the largest difference over the size of its number if that is above 1.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { player } from './load.mjs';

const folder = process.argv[2];
const bytes = (name) => {
    const file = readFileSync(join(folder, name));
    return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
};
const json = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

const readers = {
    F32: (view, at, place) => view.getFloat32(at + 4 * place, true),
    I64: (view, at, place) => Number(view.getBigInt64(at + 8 * place, true)),
    I32: (view, at, place) => view.getInt32(at + 4 * place, true),
    Bool: (view, at, place) => view.getUint8(at + place),
};

const run = player.program(json('program.json'), bytes('values.safetensors')).run();
const view = new DataView(bytes('expected.bin'));
const expected = json('expected.json');
let [largest, numbers] = [0, 0];
for (const { tensor, dtype, shape, at } of expected) {
    const value = run.value(tensor);
    if (!player.alike([...value.shape], shape)) {
        throw new Error(`tensor ${tensor} is ${player.shown(value.shape)} and should be ${player.shown(shape)}`);
    }
    value.data.forEach((number, place) => {
        const other = readers[dtype](view, at, place);
        const difference = Object.is(number, other) || number === other ? 0 : Math.abs(number - other) / Math.max(Math.abs(other), 1);
        largest = difference <= largest ? largest : difference;
    });
    numbers += value.data.length;
}
console.log(JSON.stringify({ tensors: expected.length, numbers, largest: Number.isNaN(largest) ? 'not a number' : largest }));

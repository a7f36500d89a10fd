// Text becomes the same tokens in a page as in `train`: node --test docs/theme/test/*.test.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const root = new URL('../../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
for (const script of ['vendor/huggingface-tokenizers/tokenizers.js', 'tokens.js']) {
    // As a classic script runs, in the global scope.
    (0, eval)(read(`docs/theme/${script}`));
}
const { tokens } = globalThis;
const models = ['ding', 'austen'];
const vocabulary = Object.fromEntries(
    models.map((model) => [model, tokens.open(JSON.parse(read(`models/${model}/tokenizer.json`)))]),
);

test('more than two hundred texts become the tokens that Rust wrote, and text again', () => {
    const texts = JSON.parse(read('crates/lab/tests/tokens/expected.json'));
    assert.ok(texts.length >= 200);
    for (const { text, ids, decoded } of texts) {
        for (const model of models) {
            const found = vocabulary[model].encode(text);
            assert.deepEqual(found, ids[model], `${model}: ${JSON.stringify(text)}`);
            assert.equal(vocabulary[model].decode(found), decoded[model], `${model}: ${JSON.stringify(text)}`);
        }
    }
});

test('odd texts take the form that the Python package gives them, too', () => {
    const expected = JSON.parse(read('crates/train/tests/tokenizers/expected.json'));
    for (const model of models) {
        assert.ok(expected[model].length > 20);
        for (const { text, normal, ids } of expected[model]) {
            assert.equal(tokens.normalise(text), normal);
            assert.deepEqual(vocabulary[model].encode(text), ids, `${model}: ${JSON.stringify(text)}`);
        }
    }
});

test('every token is read as Rust reads it', () => {
    const pieces = JSON.parse(read('crates/lab/tests/tokens/pieces.json'));
    for (const model of models) {
        const { piece, size } = vocabulary[model];
        assert.equal(pieces[model].length, size);
        assert.deepEqual(pieces[model].map((_, id) => piece(id)), pieces[model]);
        assert.equal(piece(size), `<${size}>`);
    }
});

test('special tokens are letters where they are typed, and nothing where they are read', () => {
    for (const model of models) {
        const { encode, decode, special } = vocabulary[model];
        assert.deepEqual([...special], [[0, '<pad>'], [1, '<bos>'], [2, '<eos>'], [3, '<unk>']]);
        assert.ok(encode('<eos>').every((id) => id > 2));
        assert.equal(decode([1, ...encode('Der Hund'), 2, 0, 0]), 'Der Hund');
        assert.deepEqual(encode(' \u200b '), []);
        assert.equal(decode([]), '');
    }
});

test('half of a surrogate pair is one odd character, and no error', () => {
    for (const model of models) {
        assert.deepEqual(vocabulary[model].encode('a\ud83d b'), vocabulary[model].encode('a\ufffd b'));
    }
});

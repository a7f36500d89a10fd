// From text to the tokens of a trained model and back, as the `train` program does it: the vocabulary is the model's own
// `tokenizer.json`, and what reads it is vendored (vendor/huggingface-tokenizers). A classic script, loaded on demand after
// that one; it sets `tokens`.
globalThis.tokens = (() => {
    'use strict';

    // One form for all that looks the same: see crates/train/src/data/text.rs.
    /** Characters that show nothing: soft hyphen, zero-width space, word joiner, byte order mark. */
    const REMOVED = /[\u00ad\u200b\u2060\ufeff]/gu;
    /** What Unicode calls white space; `\s` would have one character more and one less. */
    const SPACE = /\p{White_Space}+/gu;

    /** A line of text in the form that vocabularies are learnt from. */
    const normalise = (text) => {
        const whole = text.toWellFormed === undefined ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text.toWellFormed();
        return whole.replace(REMOVED, '').normalize('NFC').replace(SPACE, ' ').replace(/^ | $/gu, '');
    };

    /** The vocabulary of a model; `json` is its `tokenizer.json` as an object. */
    const open = (json) => {
        // No text stands for a special token: who types `<eos>` gets its letters. And the normaliser has done its work.
        const bare = new globalThis.huggingfaceTokenizers.Tokenizer({ ...json, added_tokens: [], normalizer: null }, {});
        const special = new Map(json.added_tokens.map(({ id, content }) => [id, content]));
        const named = new Map(Object.entries(json.model.vocab).map(([token, id]) => [id, token]));
        const marked = json.decoder.type === 'Metaspace';

        /** The ids of a line of text, without those that begin and end it. */
        const encode = (text) => {
            const normal = normalise(text);
            return normal === '' ? [] : bare.encode(normal, { add_special_tokens: false }).ids;
        };
        /** The text of ids; special tokens stand for nothing in it. */
        const decode = (ids) => {
            const plain = ids.filter((id) => !special.has(id));
            if (!marked) {
                return plain.length === 0 ? '' : bare.decode(plain, { clean_up_tokenization_spaces: false });
            }
            return plain.map((id) => named.get(id) ?? '').join('').replaceAll('▁', ' ').replace(/^ /u, '');
        };
        /** A token as people read it. */
        const piece = (id) => {
            const token = named.get(id);
            if (token === undefined) {
                return `<${id}>`;
            }
            if (special.has(id)) {
                return token;
            }
            return token.startsWith('▁') ? token.replace(/^▁+/u, '') : decode([id]).trim() || '␣';
        };
        return { encode, decode, piece, special, size: named.size };
    };

    return { normalise, open };
})();

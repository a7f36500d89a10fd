//! The words of the grammar.

use anyhow::{Context, Result};

/// A word in the singular, and in the plural.
pub(super) type Both = [&'static str; 2];

/// Subjects, and what stands between a subject and its verb.
#[rustfmt::skip]
pub(super) const NOUNS: [Both; 16] = [
    ["boy", "boys"], ["girl", "girls"], ["man", "men"], ["woman", "women"],
    ["child", "children"], ["king", "kings"], ["queen", "queens"], ["thief", "thieves"],
    ["teacher", "teachers"], ["farmer", "farmers"], ["doctor", "doctors"], ["sailor", "sailors"],
    ["cat", "cats"], ["dog", "dogs"], ["mouse", "mice"], ["goose", "geese"],
];
/// Subjects that have no plural and no article. Their numbers go on where those of the nouns end.
pub(super) const NAMES: [&str; 4] = ["john", "mary", "anna", "peter"];
/// Verbs as they go with a singular and with a plural.
#[rustfmt::skip]
pub(super) const VERBS: [Both; 16] = [
    ["fills", "fill"], ["opens", "open"], ["closes", "close"], ["finds", "find"],
    ["carries", "carry"], ["paints", "paint"], ["cleans", "clean"], ["holds", "hold"],
    ["moves", "move"], ["watches", "watch"], ["sells", "sell"], ["buys", "buy"],
    ["hides", "hide"], ["likes", "like"], ["takes", "take"], ["sees", "see"],
];
/// Objects.
#[rustfmt::skip]
pub(super) const THINGS: [Both; 12] = [
    ["suitcase", "suitcases"], ["box", "boxes"], ["bag", "bags"], ["basket", "baskets"],
    ["drawer", "drawers"], ["bottle", "bottles"], ["car", "cars"], ["boat", "boats"],
    ["room", "rooms"], ["barrel", "barrels"], ["cupboard", "cupboards"], ["shelf", "shelves"],
];
pub(super) const STUFF: [&str; 4] = ["clothes", "toys", "books", "flowers"];
/// What a noun between subject and verb stands behind. The last begins a clause, and has a verb behind its noun.
pub(super) const MODIFIERS: [&str; 8] =
    ["near", "behind", "beside", "below", "above", "before", "under", "that"];
/// What a sentence may begin with: nothing, or one of these and a noun, ahead of the subject.
pub(super) const OPENINGS: [&str; 4] = ["", "near", "behind", "beside"];
/// What may stand before the verb: nothing, or one of these.
pub(super) const ADVERBS: [&str; 4] = ["", "often", "never", "always"];
const OTHERS: [&str; 8] = ["the", "his", "her", "their", "and", "it", "them", "with"];

/// Every word once.
pub(super) fn all() -> Vec<&'static str> {
    let both = [&NOUNS[..], &VERBS, &THINGS].concat().concat();
    let single = [&OTHERS[..], &MODIFIERS, &ADVERBS[1..], &NAMES, &STUFF].concat();
    [single, both].concat()
}

/// A text's words, however it is written: without signs, in small letters.
///
/// # Errors
///
/// Names the first that the grammar doesn't have.
pub(super) fn read(text: &str) -> Result<Vec<&'static str>> {
    let known = all();
    let plain = |word: &str| word.trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
    let words = text.split_whitespace().map(plain).filter(|word| !word.is_empty());
    let find = |word: String| {
        let found = known.iter().copied().find(|&known| known == word);
        found.with_context(|| format!("the grammar has no word {word:?}; it has {}", known.join(", ")))
    };
    words.map(find).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_there_once() {
        let all = all();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(OPENINGS[1..].iter().all(|opening| MODIFIERS.contains(opening)));
    }

    #[test]
    fn texts_are_read_as_people_write_them() {
        assert_eq!(read("John opens, and ").unwrap(), ["john", "opens", "and"]);
        let message = read("The boy eats.").unwrap_err().to_string();
        assert!(message.starts_with("the grammar has no word \"eats\"; it has the, his, "), "{message}");
    }
}

//! What a word of a source may have made.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::{MAKES, PASSED_ON, RUNNING, SAME, SEVERAL, SILENT, WITH_PARAMETERS};

/// What is known of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It makes one operation, or as many as need be.
    Makes {
        several: bool,
    },
    /// It makes none; the value is passed on.
    PassedOn,
    /// It makes none; the value is no tensor.
    Silent,
    /// It runs closures.
    Running,
    Unknown,
}

/// The tables of words, to look them up in.
static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
    let one = |&(word, kinds): &(&'static str, &[&str])| (word, Meaning::Makes { several: kinds[0] == "*" });
    let all = MAKES.iter().map(one);
    let all = all.chain(SEVERAL.map(|word| (word, Meaning::Makes { several: true })));
    let all = all.chain(SAME.split_whitespace().map(|word| (word, Meaning::Makes { several: false })));
    let all = all.chain(PASSED_ON.map(|word| (word, Meaning::PassedOn)));
    let all = all.chain(SILENT.map(|word| (word, Meaning::Silent)));
    let all = all.chain(RUNNING.map(|word| (word, Meaning::Running)));
    let mut known = HashMap::new();
    // The first table that has a word decides.
    all.for_each(|(word, meaning)| _ = known.entry(word).or_insert(meaning));
    known
});

/// The kinds of operations that words make which are not called like them; none for words that may make anything.
static KINDS: LazyLock<HashMap<&str, Option<&[&str]>>> = LazyLock::new(|| {
    let made = MAKES.iter().map(|&(word, kinds)| (word, Some(kinds)));
    made.chain(SEVERAL.map(|word| (word, None))).collect()
});

/// What is known of a word.
pub(super) fn meaning(word: &str) -> Meaning {
    MEANINGS.get(word).copied().unwrap_or(Meaning::Unknown)
}

/// What it costs to believe that a word made an operation of a kind; none if it can't have.
pub(super) fn cost(word: &str, kind: &str) -> Option<u32> {
    match KINDS.get(word) {
        Some(None) => Some(u32::from(!alike(word, kind))),
        Some(Some(kinds)) => kinds.contains(&kind).then_some(0),
        None => alike(word, kind).then_some(0),
    }
}

/// Whether a module of that name makes operations of a kind with parameters of its own alone.
pub(super) fn needs_parameters(module: &str, kind: &str) -> bool {
    WITH_PARAMETERS.iter().any(|(word, kinds)| *word == module && kinds.contains(&kind))
}

/// Whether a name differs from a kind only in how it is written.
fn alike(word: &str, kind: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|&letter| letter != b'_')
    }
    letters(word).eq(letters(kind)) || letters(stem(word)).eq(letters(stem(kind)))
}

/// A name without what only says what an operation works on.
fn stem(name: &str) -> &str {
    let name = name.strip_prefix("bool_").unwrap_or(name);
    name.strip_suffix("_scalar").or(name.strip_suffix("_elem")).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_make_what_they_are_called_or_what_the_table_says() {
        for (word, kind) in [
            ("matmul", "matmul"),
            ("transpose", "swap_dims"),
            ("+", "add_scalar"),
            ("bool_or", "or"),
            ("equal_elem", "equal_elem"),
            ("argmax", "arg_max"),
            ("prelu", "p_relu"),
            ("unsqueeze", "reshape"),
        ] {
            assert_eq!(cost(word, kind), Some(0), "{word} {kind}");
            assert!(matches!(meaning(word), Meaning::Makes { .. }), "{word}");
        }
        assert_eq!(cost("matmul", "add"), None);
        assert_eq!(cost("exp", "log"), None);
        assert_eq!(meaning("dims"), Meaning::Silent);
        assert_eq!(meaning("frobnicate"), Meaning::Unknown);
    }

    #[test]
    fn no_word_has_two_meanings() {
        let all =
            MAKES.iter().map(|(word, _)| *word).chain(SEVERAL).chain(PASSED_ON).chain(SILENT).chain(RUNNING);
        let mut seen: Vec<&str> = Vec::new();
        for word in all {
            assert!(!seen.contains(&word), "{word}");
            seen.push(word);
        }
    }
}

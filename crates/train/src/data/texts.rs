//! The texts that come with the source code, for programs that count in them.

use anyhow::Result;

use super::corpus::{Corpus, Split};

/// What is learned from in a built-in corpus of texts, a paragraph a piece.
///
/// # Errors
///
/// If there is no such corpus, or it isn't one of texts.
pub fn training_texts(name: &str) -> Result<impl Iterator<Item = Result<String>> + use<>> {
    Corpus::built_in(name)?.texts(Split::Train)
}

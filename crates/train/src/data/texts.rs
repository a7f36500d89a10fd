//! The texts that come with the source code, for programs that count in them; and texts as a language model reads them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::batch::{Batch, Source};
use super::corpus::{Corpus, Split};
use super::dataset::{CorpusBatches, Store, encode_text, origin};
use super::vocabulary::Vocabulary;

/// What is learned from in a built-in corpus of texts, a paragraph a piece.
///
/// # Errors
///
/// If there is no such corpus, or it isn't one of texts.
pub fn training_texts(name: &str) -> Result<impl Iterator<Item = Result<String>> + use<>> {
    Corpus::built_in(name)?.texts(Split::Train)
}

/// A corpus of texts as a language model reads it: each split as one stream of tokens, cut into windows.
#[derive(Debug)]
pub struct Windows<'a> {
    corpus: Corpus,
    vocabulary: &'a Vocabulary,
    length: usize,
    folder: PathBuf,
}

impl<'a> Windows<'a> {
    /// Those of a built-in corpus, with so many tokens to predict in each. What is encoded is kept in a folder that is
    /// there.
    ///
    /// # Errors
    ///
    /// If there is no such corpus.
    pub fn built_in(name: &str, vocabulary: &'a Vocabulary, length: usize, folder: &Path) -> Result<Self> {
        Ok(Self::new(Corpus::built_in(name)?, vocabulary, length, folder.to_owned()))
    }

    pub(crate) fn new(corpus: Corpus, vocabulary: &'a Vocabulary, length: usize, folder: PathBuf) -> Self {
        Self { corpus, vocabulary, length, folder }
    }

    /// What the tokens are.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary
    }

    /// The windows to learn from in batches without end, each with at most `budget` tokens. The seed shuffles them.
    ///
    /// # Errors
    ///
    /// If the corpus can't be read or is none of texts, or the folder can't be written.
    pub fn training(&self, budget: usize, seed: u64) -> Result<impl Source + use<>> {
        Ok(CorpusBatches::new(self.store(Split::Train)?, budget, seed))
    }

    /// The windows of the test split, which nothing is learned from and nothing is chosen by.
    ///
    /// # Errors
    ///
    /// As those of [`Self::training`].
    pub fn test(&self, budget: usize) -> Result<Vec<Batch>> {
        CorpusBatches::all(&self.store(Split::Test)?, budget).collect()
    }

    /// A split, encoded unless it was before.
    pub(crate) fn store(&self, split: Split) -> Result<Store> {
        let Self { corpus, vocabulary, length, folder } = self;
        let path = folder.join(format!("{}.ids", split.name()));
        let origin = origin(corpus, split, &[vocabulary], *length)?;
        let encode = |writer: &mut _| encode_text(corpus, split, vocabulary, *length, writer);
        Ok(Store::make(&path, &origin, encode)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_corpus_is_read_in_windows() {
        let folder = tempfile::tempdir().unwrap();
        let lines = training_texts("austen").unwrap().take(200);
        let vocabulary = Vocabulary::train(lines, 400, crate::data::vocabulary::Alphabet::Bytes).unwrap();
        let windows = Windows::built_in("austen", &vocabulary, 16, folder.path()).unwrap();
        let test = windows.test(170).unwrap();
        let tokens = |batch: &Batch| batch.tgt.iter().map(Vec::len).sum::<usize>();
        assert!(test.iter().all(|batch| batch.src.is_empty() && tokens(batch) <= 170));
        assert_eq!(test[test.len() - 1].tgt[0].len(), 17, "sixteen to predict, and what stands before them");
        assert!(folder.path().join("test.ids").is_file() && !folder.path().join("train.ids").is_file());
        assert!(Windows::built_in("nothing", &vocabulary, 16, folder.path()).is_err());
    }
}

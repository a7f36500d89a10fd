//! A trained translator with its vocabularies, for programs that look inside.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Int, Tensor};
use model::Transformer;

use super::config::RunConfig;
use super::folder::RunFolder;
use super::vocabularies::{self, check_length};
use crate::data::dataset::Vocabularies;
use crate::data::lines::ids_tensor;
use crate::data::text::normalise;
use crate::data::vocabulary::{EOS, PAD, Vocabulary};

/// A translator and what turns text into its tokens.
#[derive(Debug)]
pub struct Translator {
    /// The model.
    pub model: Transformer,
    vocabularies: Vocabularies,
    config: RunConfig,
    device: Device,
}

impl Translator {
    /// Opens the folder of a run and loads its weights.
    ///
    /// # Errors
    ///
    /// If there is no complete run folder, or it holds no model that translates.
    pub fn open(run: &Path, device: &Device) -> Result<Self> {
        let folder = RunFolder::open(run)?;
        let config = folder.config()?;
        let model = folder.model(&config, device)?;
        let vocabularies = vocabularies::open(&folder, &config)?;
        Ok(Self { model, vocabularies, config, device: device.clone() })
    }

    /// The tokens of a sentence to translate, with the one that ends every sentence.
    ///
    /// # Errors
    ///
    /// If the sentence is empty, or far too long for the model.
    pub fn source(&self, text: &str) -> Result<Vec<usize>> {
        Ok([&self.ids(&self.vocabularies.source, text)?[..], &[EOS]].concat())
    }

    /// The tokens of a translation, after the one that begins every text.
    ///
    /// # Errors
    ///
    /// If the sentence is empty, or far too long for the model.
    pub fn target(&self, text: &str) -> Result<Vec<usize>> {
        Ok([&[self.bos()], &self.ids(&self.vocabularies.target, text)?[..]].concat())
    }

    fn ids(&self, vocabulary: &Vocabulary, text: &str) -> Result<Vec<usize>> {
        let ids = vocabulary.encode(&normalise(text))?;
        ensure!(!ids.is_empty(), "the text is empty");
        check_length(ids.len(), &self.config).context("the text can't be used")?;
        Ok(ids)
    }

    /// A token of a translation as people read it.
    #[must_use]
    pub fn piece(&self, id: usize) -> String {
        self.vocabularies.target.piece(id)
    }

    /// A token of a sentence to translate as people read it.
    #[must_use]
    pub fn source_piece(&self, id: usize) -> String {
        self.vocabularies.source.piece(id)
    }

    /// The text of a translation's tokens, those left out that stand for nothing in it.
    ///
    /// # Errors
    ///
    /// If there is no such token.
    pub fn text(&self, ids: &[usize]) -> Result<String> {
        self.vocabularies.target.decode(ids)
    }

    /// The token that every translation begins with.
    #[must_use]
    pub fn bos(&self) -> usize {
        self.config.bos
    }

    /// The token that ends one; none if the model knows none.
    #[must_use]
    pub fn eos(&self) -> Option<usize> {
        self.config.eos
    }

    /// Sentences as the model takes them, the shorter ones padded on the right: `[sentences, longest]`.
    #[must_use]
    pub fn tensor(&self, rows: &[Vec<usize>]) -> Tensor<2, Int> {
        ids_tensor(rows, PAD, &self.device)
    }
}

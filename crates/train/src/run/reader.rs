//! A trained language model with its vocabulary, for programs that look inside.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Int, Tensor};
use model::LanguageModel;

use super::config::RunConfig;
use super::folder::RunFolder;
use super::surprisal::{WordSurprisal, surprisals};
use super::vocabularies::{self, check_length};
use crate::data::lines::ids_tensor;
use crate::data::text::normalise;
use crate::data::vocabulary::{BOS, EOS, PAD, Vocabulary};

/// A language model and what turns text into its tokens.
#[derive(Debug)]
pub struct Reader {
    /// The model.
    pub model: LanguageModel,
    vocabulary: Vocabulary,
    config: RunConfig,
    device: Device,
}

impl Reader {
    /// Opens the folder of a run and loads its weights.
    ///
    /// # Errors
    ///
    /// If there is no complete run folder, or it holds no language model.
    pub fn open(run: &Path, device: &Device) -> Result<Self> {
        let folder = RunFolder::open(run)?;
        let config = folder.config()?;
        let model = folder.language_model(&config, device)?;
        let vocabulary = vocabularies::open(&folder, &config)?.target;
        Ok(Self { model, vocabulary, config, device: device.clone() })
    }

    /// The tokens of a text, after the one that begins every text.
    ///
    /// # Errors
    ///
    /// If the text is empty, or far too long for the model.
    pub fn ids(&self, text: &str) -> Result<Vec<usize>> {
        let ids = self.vocabulary.encode(&normalise(text))?;
        ensure!(!ids.is_empty(), "the text is empty");
        check_length(ids.len(), &self.config).context("the text can't be used")?;
        Ok([&[BOS], &ids[..]].concat())
    }

    /// What turns text into tokens.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// A token as people read it.
    #[must_use]
    pub fn piece(&self, id: usize) -> String {
        self.vocabulary.piece(id)
    }

    /// The text of tokens, those left out that stand for nothing in it.
    ///
    /// # Errors
    ///
    /// If there is no such token.
    pub fn text(&self, ids: &[usize]) -> Result<String> {
        self.vocabulary.decode(ids)
    }

    /// The token that ends a paragraph.
    #[must_use]
    pub fn eos(&self) -> usize {
        EOS
    }

    /// The token that fills up what is shorter than its batch.
    #[must_use]
    pub fn pad(&self) -> usize {
        PAD
    }

    /// How surprised the model is by each word of a text.
    ///
    /// # Errors
    ///
    /// If the text is empty, or far too long for the model.
    pub fn surprisals(&self, text: &str) -> Result<Vec<WordSurprisal>> {
        surprisals(&self.model, &self.vocabulary, &self.ids(text)?[1..], &self.device)
    }

    /// Tokens as the model takes them: `[1, length]`.
    #[must_use]
    pub fn tensor(&self, ids: &[usize]) -> Tensor<2, Int> {
        ids_tensor(&[ids.to_vec()], PAD, &self.device)
    }
}

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
use crate::data::vocabulary::{EOS, PAD};

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

    /// The tokens of a text to be translated, with the one that ends it.
    ///
    /// # Errors
    ///
    /// If the text is empty, or far too long for the model.
    pub fn source(&self, text: &str) -> Result<Vec<usize>> {
        let ids = self.vocabularies.source.encode(&normalise(text))?;
        ensure!(!ids.is_empty(), "the text is empty");
        check_length(ids.len() + 1, &self.config).context("the text can't be used")?;
        Ok([&ids[..], &[EOS]].concat())
    }

    /// A token of a translation as people read it.
    #[must_use]
    pub fn piece(&self, id: usize) -> String {
        self.vocabularies.target.piece(id)
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

    /// Tokens of equally long texts as the model takes them: `[batch, length]`.
    #[must_use]
    pub fn tensor(&self, ids: &[Vec<usize>]) -> Tensor<2, Int> {
        ids_tensor(ids, PAD, &self.device)
    }
}

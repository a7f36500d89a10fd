//! What training begins with, where that is not a model drawn from the seed and a vocabulary learnt from the corpus.

use std::path::{Path, absolute};

use anyhow::{Context, Result, ensure};

use super::folder::RunFolder;
use super::training::Init;
use super::vocabularies;
use crate::data::dataset::Vocabularies;
use crate::data::vocabulary::Vocabulary;
use crate::files::sum;

impl Init {
    /// The weights that a run uses.
    ///
    /// # Errors
    ///
    /// If they can't be read.
    pub(crate) fn run(run: &RunFolder) -> Result<Self> {
        Ok(Self::Run { path: absolute(run.path())?, step: run.step()?, sum: run.weights_sum()? })
    }

    /// A vocabulary in a file.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub(crate) fn tokenizer(path: &Path) -> Result<Self> {
        Ok(Self::Tokenizer { sum: sum::of_file(path)?, path: absolute(path)? })
    }

    /// The run, if it is one, with the weights that it had.
    ///
    /// # Errors
    ///
    /// If it is gone, or has other weights now.
    pub(crate) fn folder(&self) -> Result<Option<RunFolder>> {
        let Self::Run { path, sum, .. } = self else { return Ok(None) };
        let folder = RunFolder::open(path).context("training begins with the weights of a run")?;
        let found = folder.weights_sum()?;
        ensure!(found == *sum, "{}", changed(path));
        Ok(Some(folder))
    }

    /// The vocabularies, which may be one.
    ///
    /// # Errors
    ///
    /// If they are gone, or are others now.
    pub(crate) fn vocabularies(&self) -> Result<Vocabularies> {
        if let Some(folder) = self.folder()? {
            return vocabularies::open(&folder, &folder.config()?);
        }
        let (Self::Run { path, sum, .. } | Self::Tokenizer { path, sum }) = self;
        let shared = Vocabulary::open(path)?;
        ensure!(sum::of_file(path)? == *sum, "{}", changed(path));
        Ok(Vocabularies { source: shared.clone(), target: shared })
    }
}

fn changed(path: &Path) -> String {
    let shown = path.display();
    format!(
        "{shown} has changed since this run began with it; put back what was there, or begin anew with --force"
    )
}

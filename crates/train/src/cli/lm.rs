//! `train lm`: what it can be told, and the plan that comes of it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use model::LanguageModelConfig;
use serde::{Deserialize, Serialize};

use super::beginning::Beginning;
use super::flags::{CorpusFlags, EndFlags, ModelFlags, Place, RunFlags, StepFlags};
use super::plan::{Evaluate, ModelPlan, TrainingPlan};
use super::resolve::resolve;
use crate::data::vocabulary::check_size;
use crate::run::training::TrainingConfig;

/// Arguments of `train lm`.
#[derive(Debug, clap::Args)]
pub(crate) struct LmArgs {
    /// Run folder to make.
    #[arg(long, value_name = "RUN")]
    pub(crate) out: PathBuf,
    /// Folder of your own corpora.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    pub(crate) data: PathBuf,
    /// Where the run goes.
    #[command(flatten)]
    pub(crate) place: Place,
    /// The settings.
    #[command(flatten)]
    pub(crate) flags: LmFlags,
}

/// The settings of a language model.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub(crate) struct LmFlags {
    #[command(flatten)]
    #[serde(flatten)]
    text: TextFlags,
    #[command(flatten)]
    #[serde(flatten)]
    model: ModelFlags,
    #[command(flatten)]
    #[serde(flatten)]
    corpus: CorpusFlags,
    #[command(flatten)]
    #[serde(flatten)]
    end: EndFlags,
    #[command(flatten)]
    #[serde(flatten)]
    step: StepFlags,
    #[command(flatten)]
    #[serde(flatten)]
    run: RunFlags,
}

#[derive(Clone, Debug, Default, Serialize, clap::Args)]
#[command(next_help_heading = "Data")]
struct TextFlags {
    /// Tokens that the model sees at once.
    #[arg(long)]
    context: Option<usize>,
}

/// What a language model learns from, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LmPlan {
    /// Name or folder of the corpus.
    pub(crate) corpus: String,
    vocab: usize,
    /// Where the vocabulary is, if it isn't to be learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokenizer: Option<PathBuf>,
    /// Tokens that the model sees at once.
    pub(crate) context: usize,
    #[serde(flatten)]
    model: ModelPlan,
    batch_tokens: usize,
    #[serde(flatten)]
    evaluate: Evaluate,
    #[serde(flatten)]
    training: TrainingPlan,
}

impl LmPlan {
    /// The flags over a file over the defaults.
    ///
    /// # Errors
    ///
    /// If the file can't be used, or a setting makes no sense.
    pub(crate) fn resolve(flags: &LmFlags, file: Option<&Path>) -> Result<Self> {
        let plan: Self = resolve("lm", file, flags)?;
        plan.training.check(&flags.step)?;
        check_size(plan.vocab)?;
        Ok(plan)
    }

    /// The model.
    #[must_use]
    pub(crate) fn model(&self) -> LanguageModelConfig {
        LanguageModelConfig {
            vocab: self.vocab,
            n_layers: self.model.layers,
            d_model: self.model.d_model,
            d_ff: self.model.d_ff,
            n_heads: self.model.heads,
            dropout: self.model.dropout,
            norm: self.model.norm,
            eps: 1e-5,
            tied: true,
        }
    }

    /// What training begins with, where it is told.
    #[must_use]
    pub(crate) fn beginning(&self) -> Beginning<'_> {
        Beginning { init_from: self.model.init_from.as_deref(), tokenizer: self.tokenizer.as_deref() }
    }

    /// How it is trained.
    #[must_use]
    pub(crate) fn training(&self) -> TrainingConfig {
        self.training.config(self.batch_tokens, self.evaluate.into())
    }
}

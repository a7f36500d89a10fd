//! `train translate`: what it can be told, and the plan that comes of it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use model::{TransformerConfig, Tying};
use serde::{Deserialize, Serialize};

use super::beginning::Beginning;
use super::flags::{CorpusFlags, EndFlags, ModelFlags, Place, RunFlags, StepFlags};
use super::plan::{Evaluate, ModelPlan, TrainingPlan};
use super::resolve::resolve;
use crate::data::vocabulary::{PAD, check_size};
use crate::run::training::TrainingConfig;

/// Arguments of `train translate`.
#[derive(Debug, clap::Args)]
pub(crate) struct TranslateArgs {
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
    pub(crate) flags: TranslateFlags,
}

/// The settings of translation.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub(crate) struct TranslateFlags {
    #[command(flatten)]
    #[serde(flatten)]
    pairs: PairFlags,
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
struct PairFlags {
    /// A vocabulary for each language instead of one for both.
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    separate_vocabularies: Option<bool>,
    /// Leave out pairs with more tokens on a side.
    #[arg(long)]
    max_length: Option<usize>,
}

/// What a translator learns from, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TranslatePlan {
    /// Name or folder of the corpus.
    pub(crate) corpus: String,
    vocab: usize,
    /// Where the vocabulary is, if it isn't to be learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokenizer: Option<PathBuf>,
    separate_vocabularies: bool,
    /// Tokens that a sentence may have, its end included.
    pub(crate) max_length: usize,
    #[serde(flatten)]
    model: ModelPlan,
    batch_tokens: usize,
    #[serde(flatten)]
    evaluate: Evaluate,
    #[serde(flatten)]
    training: TrainingPlan,
}

impl TranslatePlan {
    /// The flags over a file over the defaults.
    ///
    /// # Errors
    ///
    /// If the file can't be used, or a setting makes no sense.
    pub(crate) fn resolve(flags: &TranslateFlags, file: Option<&Path>) -> Result<Self> {
        let plan: Self = resolve("translate", file, flags)?;
        plan.training.check(&flags.step)?;
        check_size(plan.vocab)?;
        Ok(plan)
    }

    /// The model.
    #[must_use]
    pub(crate) fn model(&self) -> TransformerConfig {
        TransformerConfig {
            src_vocab: self.vocab,
            tgt_vocab: self.vocab,
            n_layers: self.model.layers,
            d_model: self.model.d_model,
            d_ff: self.model.d_ff,
            n_heads: self.model.heads,
            dropout: self.model.dropout,
            norm: self.model.norm,
            eps: 1e-6,
            tying: if self.separate_vocabularies { Tying::Decoder } else { Tying::All },
            generator_bias: true,
            pad: PAD,
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

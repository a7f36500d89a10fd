//! `train copy`: what it can be told, and the plan that comes of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use model::{TransformerConfig, Tying};
use serde::{Deserialize, Serialize};

use super::beginning::Beginning;
use super::flags::{EndFlags, ModelFlags, Place, RunFlags, StepFlags};
use super::plan::{ModelPlan, TrainingPlan};
use super::resolve::resolve;
use crate::data::copy::{CopyTask, PAD};
use crate::run::training::{Interval, TrainingConfig};

/// Arguments of `train copy`.
#[derive(Debug, clap::Args)]
pub(crate) struct CopyArgs {
    /// Run folder to make.
    #[arg(long, value_name = "RUN", default_value = "runs/copy")]
    pub(crate) out: PathBuf,
    /// Go on with a run that was stopped, with its own settings; --steps and --device may change.
    #[arg(long, value_name = "RUN", conflicts_with_all = [
        "out", "force", "config", "print_config", "dry_run", "CopyTaskFlags", "ModelFlags", "StepFlags", "RunFlags",
    ])]
    pub(crate) resume: Option<PathBuf>,
    /// Where the run goes.
    #[command(flatten)]
    pub(crate) place: Place,
    /// The settings.
    #[command(flatten)]
    pub(crate) flags: CopyFlags,
}

/// The settings of the copy task.
#[derive(Clone, Debug, Default, Serialize, clap::Args)]
pub(crate) struct CopyFlags {
    #[command(flatten)]
    #[serde(flatten)]
    task: CopyTaskFlags,
    #[command(flatten)]
    #[serde(flatten)]
    model: ModelFlags,
    /// What ends training.
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) end: EndFlags,
    #[command(flatten)]
    #[serde(flatten)]
    step: StepFlags,
    #[command(flatten)]
    #[serde(flatten)]
    run: RunFlags,
}

#[derive(Clone, Copy, Debug, Default, Serialize, clap::Args)]
#[command(next_help_heading = "Task")]
struct CopyTaskFlags {
    /// Number of token ids: 0 is padding, 1 is BOS, the others are symbols.
    #[arg(long)]
    vocab: Option<usize>,
    /// Symbols in a sequence.
    #[arg(long)]
    length: Option<usize>,
    /// Sequences in a batch.
    #[arg(long)]
    batch_size: Option<usize>,
    /// Batches in an epoch, after which the model is validated and saved.
    #[arg(long)]
    batches_per_epoch: Option<usize>,
}

/// What to copy, with what model, and how to train it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CopyPlan {
    vocab: usize,
    length: usize,
    #[serde(flatten)]
    model: ModelPlan,
    batch_size: usize,
    batches_per_epoch: usize,
    #[serde(flatten)]
    training: TrainingPlan,
}

impl CopyPlan {
    /// The flags over a file over the defaults.
    ///
    /// # Errors
    ///
    /// If the file can't be used, or two settings don't go together.
    pub(crate) fn resolve(flags: &CopyFlags, file: Option<&Path>) -> Result<Self> {
        let plan: Self = resolve("copy", file, flags)?;
        plan.training.check(&flags.step)?;
        let Self { batch_size, training: TrainingPlan { accumulate, steps, epochs, .. }, .. } = &plan;
        let divides = *accumulate > 0 && batch_size.is_multiple_of(*accumulate);
        ensure!(divides, "batch_size = {batch_size}, but it must be a multiple of accumulate = {accumulate}");
        ensure!(steps.is_none() || epochs.is_none(), "give --steps or --epochs, not both");
        Ok(plan)
    }

    /// What is copied.
    #[must_use]
    pub(crate) fn task(&self) -> CopyTask {
        CopyTask { vocab: self.vocab, length: self.length }
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
            tying: Tying::None,
            generator_bias: true,
            pad: PAD,
        }
    }

    /// What training begins with, where it is told.
    #[must_use]
    pub(crate) fn beginning(&self) -> Beginning<'_> {
        Beginning { init_from: self.model.init_from.as_deref(), tokenizer: None }
    }

    /// How it is trained: an epoch is so many steps.
    ///
    /// # Errors
    ///
    /// If these are more steps than can be counted.
    pub(crate) fn training(&self) -> Result<TrainingConfig> {
        let epoch = self.batches_per_epoch;
        let steps = self.training.epochs.map(|epochs| {
            epochs.checked_mul(epoch).context("epochs x batches-per-epoch is too large a number of steps")
        });
        let steps = steps.transpose()?.or(self.training.steps);
        let config = self.training.config(self.batch_size, Interval::Steps(epoch));
        Ok(TrainingConfig { steps, epochs: None, ..config })
    }
}

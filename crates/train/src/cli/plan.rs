//! What plans have in common. A plan is settings with nothing left open, as `--print-config` and `settings.toml` show
//! them.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use model::NormOrder;
use serde::{Deserialize, Serialize};

use super::flags::StepFlags;
use crate::run::adam::AdamConfig;
use crate::run::schedule::Schedule;
use crate::run::training::{Interval, TrainingConfig};

/// The sizes of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelPlan {
    /// N.
    pub(crate) layers: usize,
    /// Width of the vectors between sub-layers.
    pub(crate) d_model: usize,
    /// Width inside the feed-forward network.
    pub(crate) d_ff: usize,
    /// Attention heads.
    pub(crate) heads: usize,
    /// Probability of dropping an element.
    pub(crate) dropout: f64,
    /// Where layer norm stands.
    pub(crate) norm: NormOrder,
    /// The run whose weights and vocabularies training begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) init_from: Option<PathBuf>,
}

/// How the learning rate goes, with the one number that it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "schedule", rename_all = "lowercase")]
enum Rate {
    Noam { lr_factor: f64 },
    Cosine { lr: f64 },
}

/// When a model is evaluated and saved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Evaluate {
    /// Every so many steps.
    #[serde(rename = "evaluate_steps")]
    Steps(usize),
    /// Every so many minutes of training.
    #[serde(rename = "evaluate_minutes")]
    Minutes(f64),
}

impl From<Evaluate> for Interval {
    fn from(evaluate: Evaluate) -> Self {
        match evaluate {
            Evaluate::Steps(steps) => Self::Steps(steps),
            Evaluate::Minutes(minutes) => Self::Minutes(minutes),
        }
    }
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrainingPlan {
    pub(super) accumulate: usize,
    pub(super) steps: Option<usize>,
    minutes: Option<f64>,
    pub(super) epochs: Option<usize>,
    #[serde(flatten)]
    rate: Rate,
    warmup: usize,
    #[serde(flatten)]
    adam: AdamConfig,
    label_smoothing: f64,
    clip: Option<f64>,
    patience: Option<usize>,
    keep_best: usize,
    keep_last: usize,
    seed: u64,
}

impl TrainingPlan {
    /// Refuses the flag of a rate that the schedule doesn't go by.
    pub(super) fn check(&self, flags: &StepFlags) -> Result<()> {
        match self.rate {
            Rate::Noam { .. } => {
                ensure!(flags.lr.is_none(), "--lr is for a cosine, but --schedule is noam; give --lr-factor");
            }
            Rate::Cosine { .. } => {
                let other = flags.lr_factor.is_none();
                ensure!(other, "--lr-factor is for noam, but --schedule is cosine; give --lr");
            }
        }
        Ok(())
    }

    /// The same as a run keeps it, where `batch_size` and the interval mean what they mean to the task.
    #[must_use]
    pub(crate) fn config(&self, batch_size: usize, evaluate: Interval) -> TrainingConfig {
        let warmup = self.warmup;
        TrainingConfig {
            steps: self.steps,
            minutes: self.minutes,
            epochs: self.epochs,
            evaluate,
            batch_size,
            accumulate: self.accumulate,
            schedule: match self.rate {
                Rate::Noam { lr_factor: factor } => Schedule::Noam { factor, warmup },
                Rate::Cosine { lr: peak } => Schedule::Cosine { peak, warmup },
            },
            adam: self.adam,
            init: None,
            label_smoothing: self.label_smoothing,
            clip: self.clip,
            patience: self.patience,
            keep_best: self.keep_best,
            keep_last: self.keep_last,
            seed: self.seed,
        }
    }
}

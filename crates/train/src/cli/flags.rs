//! Flags that several training commands share. Each is declared once, and is a setting in a file by the same name; what
//! it is where nobody gives it stands in `defaults.toml`.

use std::path::PathBuf;

use model::NormOrder;
use serde::Serialize;

use super::values::{ScheduleName, norm_order, number};
use crate::dashboard::Display;

/// Where a new run goes, and where its settings come from.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// Replace the run that is there already.
    #[arg(long)]
    pub force: bool,
    /// Read settings from this file, as `settings.toml` of every run; flags come before it.
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// Print all settings as such a file, and train nothing.
    #[arg(long)]
    pub print_config: bool,
    /// How to show training.
    #[command(flatten)]
    pub look: Look,
}

/// How training is shown.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Look {
    /// Show training in plain lines, even on a terminal.
    #[arg(long)]
    plain: bool,
}

impl Look {
    /// The same for the dashboard.
    #[must_use]
    pub fn display(self) -> Display {
        if self.plain { Display::Plain } else { Display::Screen }
    }
}

/// The sizes of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Model")]
pub struct ModelFlags {
    /// Layers in the encoder, and in the decoder (N).
    #[arg(long)]
    pub layers: Option<usize>,
    /// Width of the vectors between sub-layers.
    #[arg(long)]
    pub d_model: Option<usize>,
    /// Width inside the feed-forward network.
    #[arg(long)]
    pub d_ff: Option<usize>,
    /// Attention heads.
    #[arg(long)]
    pub heads: Option<usize>,
    /// Probability of dropping an element.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub dropout: Option<f64>,
    /// Layer norm before each sub-layer (pre) or after it (post, as in the paper).
    #[arg(long, value_parser = norm_order)]
    pub norm: Option<NormOrder>,
}

/// What is learnt from, and how much of it at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, clap::Args)]
pub struct CorpusFlags {
    /// Corpus: a name that `train data list` shows, or a folder.
    #[arg(long, help_heading = "Data")]
    pub corpus: Option<String>,
    /// Pieces of the vocabulary.
    #[arg(long, help_heading = "Data")]
    pub vocab: Option<usize>,
    /// Tokens in a batch, padding included, on its wider side.
    #[arg(long, help_heading = "Training")]
    pub batch_tokens: Option<usize>,
    /// Evaluate and save every so many steps.
    #[arg(long, help_heading = "Training")]
    pub evaluate_steps: Option<usize>,
    /// Evaluate and save every so many minutes.
    #[arg(long, help_heading = "Training", conflicts_with = "evaluate_steps", value_parser = number,
        allow_negative_numbers = true)]
    pub evaluate_minutes: Option<f64>,
}

/// What ends training: whichever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Training")]
pub struct EndFlags {
    /// Steps in all, after which training ends.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Minutes of training in all, evaluations not counted, after which it ends.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub minutes: Option<f64>,
    /// Times through the data in all, after which it ends.
    #[arg(long)]
    pub epochs: Option<usize>,
}

impl EndFlags {
    /// Whether anything ends training.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.steps.is_some() || self.minutes.is_some() || self.epochs.is_some()
    }
}

/// How steps are taken; a run that goes on may take them otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Training")]
pub struct StepFlags {
    /// Factor of the Noam learning rate.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub lr_factor: Option<f64>,
    /// Highest learning rate of the cosine.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub lr: Option<f64>,
    /// Steps until the learning rate is highest.
    #[arg(long)]
    pub warmup: Option<usize>,
    /// Scale gradients down to this norm.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub clip: Option<f64>,
    /// End after so many evaluations without an improvement.
    #[arg(long)]
    pub patience: Option<usize>,
}

/// What is settled once for a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Training")]
pub struct RunFlags {
    /// How the learning rate goes: noam or cosine.
    #[arg(long)]
    pub schedule: Option<ScheduleName>,
    /// Parts that make a step, computed one after the other: the gradients of more tokens in the same memory.
    #[arg(long)]
    pub accumulate: Option<usize>,
    /// Mass taken from the target.
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub label_smoothing: Option<f64>,
    /// Checkpoints to keep for being the best; if there are any, the best is the model to use, or else the last.
    #[arg(long)]
    pub keep_best: Option<usize>,
    /// Checkpoints to keep for being the last.
    #[arg(long)]
    pub keep_last: Option<usize>,
    /// Decides the parameters, the data and dropout.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// What may change when a run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::Args)]
pub struct Change {
    /// What ends training, in place of what was to end it.
    #[command(flatten)]
    pub end: EndFlags,
    /// How steps are taken.
    #[command(flatten)]
    pub step: StepFlags,
    /// Go on from the checkpoint of this step instead of the newest.
    #[arg(long, value_name = "STEP")]
    pub from: Option<usize>,
}

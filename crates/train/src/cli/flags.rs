//! Flags that several training commands share. Each is declared once, and is a setting in a file by the same name; what
//! it is where nobody gives it stands in `defaults.toml`.

use std::path::PathBuf;

use model::NormOrder;
use serde::Serialize;

use super::values::{ScheduleName, norm_order, number};
use crate::dashboard::Display;

/// Where a new run goes, and where its settings come from.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Place {
    /// Replace the run that is there already.
    #[arg(long)]
    pub(crate) force: bool,
    /// Read settings from this file, as `settings.toml` of every run; flags come before it.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// Print all settings as such a file, and train nothing.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Print all settings, how large the model is, how much memory it needs and how much there is; write nothing.
    #[arg(long, conflicts_with = "print_config")]
    pub(crate) dry_run: bool,
    /// How to show training.
    #[command(flatten)]
    pub(crate) look: Look,
}

/// How training is shown, and what it does by itself when a device is lost.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Look {
    /// Show training in plain lines, even on a terminal.
    #[arg(long)]
    plain: bool,
    /// Go on by itself from the last checkpoint when a device of another process is lost, up to so many times.
    #[arg(
        long,
        value_name = "TIMES",
        default_value_t = 0,
        hide_default_value = true,
        overrides_with = "retry"
    )]
    pub(crate) retry: u32,
}

impl Look {
    /// The same for the dashboard.
    #[must_use]
    pub(crate) fn display(self) -> Display {
        if self.plain { Display::Plain } else { Display::Screen }
    }
}

/// The sizes of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelFlags {
    /// Layers in the encoder, and in the decoder (N).
    #[arg(long)]
    pub(crate) layers: Option<usize>,
    /// Width of the vectors between sub-layers.
    #[arg(long)]
    pub(crate) d_model: Option<usize>,
    /// Width inside the feed-forward network.
    #[arg(long)]
    pub(crate) d_ff: Option<usize>,
    /// Attention heads.
    #[arg(long)]
    pub(crate) heads: Option<usize>,
    /// Probability of dropping an element.
    #[arg(long, value_parser = number)]
    pub(crate) dropout: Option<f64>,
    /// Layer norm before each sub-layer (pre) or after it (post, as in the paper).
    #[arg(long, value_parser = norm_order)]
    pub(crate) norm: Option<NormOrder>,
    /// Begin with the weights and vocabularies of this run, whose sizes the model then has, and a fresh optimiser.
    #[arg(long, value_name = "RUN")]
    pub(crate) init_from: Option<PathBuf>,
}

/// What is learnt from, and how much of it at a time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, clap::Args)]
pub(crate) struct CorpusFlags {
    /// Corpus: a name that `train data list` shows, or a folder.
    #[arg(long, help_heading = "Data")]
    pub(crate) corpus: Option<String>,
    /// The most pieces that the vocabulary may have. A small text gives fewer.
    #[arg(long, help_heading = "Data")]
    pub(crate) vocab: Option<usize>,
    /// Take the vocabulary in this file instead of learning one.
    #[arg(long, help_heading = "Data", value_name = "FILE.json", conflicts_with = "init_from")]
    pub(crate) tokenizer: Option<PathBuf>,
    /// Tokens in a batch, padding included, on its wider side.
    #[arg(long, help_heading = "Training")]
    pub(crate) batch_tokens: Option<usize>,
    /// Evaluate and save every so many steps.
    #[arg(long, help_heading = "Training")]
    pub(crate) evaluate_steps: Option<usize>,
    /// Evaluate and save every so many minutes.
    #[arg(long, help_heading = "Training", conflicts_with = "evaluate_steps", value_parser = number)]
    pub(crate) evaluate_minutes: Option<f64>,
}

/// What ends training: whichever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct EndFlags {
    /// Steps in all, after which training ends.
    #[arg(long)]
    pub(crate) steps: Option<usize>,
    /// Minutes of training in all, evaluations not counted, after which it ends.
    #[arg(long, value_parser = number)]
    pub(crate) minutes: Option<f64>,
    /// Times through the data in all, after which it ends.
    #[arg(long)]
    pub(crate) epochs: Option<usize>,
}

impl EndFlags {
    /// Whether anything ends training.
    #[must_use]
    pub(crate) fn is_given(&self) -> bool {
        self.steps.is_some() || self.minutes.is_some() || self.epochs.is_some()
    }
}

/// How steps are taken; a run that goes on may take them otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct StepFlags {
    /// Factor of the Noam learning rate.
    #[arg(long, value_parser = number)]
    pub(crate) lr_factor: Option<f64>,
    /// Highest learning rate of the cosine.
    #[arg(long, value_parser = number)]
    pub(crate) lr: Option<f64>,
    /// Steps until the learning rate is highest.
    #[arg(long)]
    pub(crate) warmup: Option<usize>,
    /// Scale gradients down to this norm.
    #[arg(long, value_parser = number)]
    pub(crate) clip: Option<f64>,
    /// End after so many evaluations without an improvement.
    #[arg(long)]
    pub(crate) patience: Option<usize>,
}

/// What is settled once for a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, clap::Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct RunFlags {
    /// How the learning rate goes: noam or cosine.
    #[arg(long)]
    pub(crate) schedule: Option<ScheduleName>,
    /// Parts that make a step, computed one after the other: the gradients of more tokens in the same memory.
    #[arg(long)]
    pub(crate) accumulate: Option<usize>,
    /// How much of the mean of the gradients Adam keeps at a step.
    #[arg(long, value_parser = number)]
    pub(crate) beta_1: Option<f64>,
    /// How much of the mean of their squares.
    #[arg(long, value_parser = number)]
    pub(crate) beta_2: Option<f64>,
    /// What keeps Adam's divisor from zero.
    #[arg(long, value_parser = number)]
    pub(crate) epsilon: Option<f64>,
    /// Take this times the learning rate off the weights at every step, biases and gains left out (AdamW).
    #[arg(long, value_parser = number)]
    pub(crate) weight_decay: Option<f64>,
    /// Mass taken from the target.
    #[arg(long, value_parser = number)]
    pub(crate) label_smoothing: Option<f64>,
    /// Checkpoints to keep for being the best; if there are any, the best is the model to use, or else the last.
    #[arg(long)]
    pub(crate) keep_best: Option<usize>,
    /// Checkpoints to keep for being the last.
    #[arg(long)]
    pub(crate) keep_last: Option<usize>,
    /// Decides the parameters, the data and dropout.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

/// What may change when a run goes on.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub(crate) struct Change {
    /// What ends training, in place of what was to end it.
    #[command(flatten)]
    pub(crate) end: EndFlags,
    /// How steps are taken.
    #[command(flatten)]
    pub(crate) step: StepFlags,
    /// Go on from the checkpoint of this step instead of the newest.
    #[arg(long, value_name = "STEP")]
    pub(crate) from: Option<usize>,
    /// Where the corpus is now, if it has moved; it must be the same one.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) corpus: Option<PathBuf>,
}

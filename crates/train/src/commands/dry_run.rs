//! `--dry-run`: what a command that trains is about to do, without any of it.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use plot::thousands;

use crate::data::corpus::Split;
use crate::device::memory::room;
use crate::run::config::{ModelConfig, RunConfig, Task};
use crate::run::memory::{self, Need};
use crate::run::state::State;
use crate::run::training::{Interval, TrainingConfig};
use crate::words::{bytes, counted};

/// What is about to be trained.
pub(super) struct About<'a> {
    /// Its settings, as a file has them.
    pub(super) settings: &'a str,
    /// What they come to.
    pub(super) config: &'a RunConfig,
    /// The memory that it needs, where that is known.
    pub(super) need: Option<Need>,
    /// How far it is, if it has a checkpoint.
    pub(super) state: Option<&'a State>,
}

/// Prints settings as a file, and what they come to as remarks in it.
///
/// # Errors
///
/// If what is planned surely needs more memory than there is.
pub(super) fn dry_run(about: &About<'_>, output: &mut impl Write) -> Result<ExitCode> {
    let About { settings, config, need, state } = *about;
    if !settings.is_empty() {
        writeln!(output, "{settings}")?;
    }
    let parameters = memory::parameters(&config.model);
    let size = bytes(parameters * size_of::<f32>() as u128);
    let count = thousands(usize::try_from(parameters)?);
    if state.is_none() && is_learnt(config) {
        let pieces = counted(config.model.tgt_vocab(), "piece");
        writeln!(
            output,
            "# The vocabulary: at most {pieces}; if the text gives fewer, the model is smaller"
        )?;
    }
    writeln!(output, "# The model: {}, {count} parameters, {size}", kind(&config.model))?;
    writeln!(output, "# Memory: {}", told(need.as_ref()))?;
    if let Some(training) = &config.training {
        writeln!(output, "# Steps: {}", steps(&config.task, training))?;
        if let Some(state) = state {
            writeln!(
                output,
                "# Left: {}, from the checkpoint of step {}",
                left(training, state),
                state.step
            )?;
        }
    }
    writeln!(output, "# Nothing is written")?;
    need.map_or(Ok(()), |need| need.check())?;
    Ok(ExitCode::SUCCESS)
}

/// How much is to be done yet, of what ends training.
fn left(training: &TrainingConfig, state: &State) -> String {
    let steps = |steps: usize| format!("{} of {}", steps.saturating_sub(state.step), counted(steps, "step"));
    let minutes =
        |minutes: f64| format!("{:.1} of {minutes} minutes", (minutes - state.seconds / 60.0).max(0.0));
    let epochs = |epochs: usize| {
        format!("{:.1} of {}", (epochs as f64 - state.epochs).max(0.0), counted(epochs, "epoch"))
    };
    let TrainingConfig { steps: by_steps, minutes: by_minutes, epochs: by_epochs, .. } = *training;
    let all = [by_steps.map(steps), by_minutes.map(minutes), by_epochs.map(epochs)];
    all.into_iter().flatten().collect::<Vec<_>>().join(" or ")
}

/// Whether a vocabulary is learnt, so that nobody knows yet how large it will be.
fn is_learnt(config: &RunConfig) -> bool {
    let init = config.training.as_ref().and_then(|training| training.init.as_ref());
    config.task.corpus().is_some() && init.is_none()
}

fn kind(model: &ModelConfig) -> &'static str {
    match model {
        ModelConfig::Transformer(_) => "an encoder and a decoder",
        ModelConfig::Language(_) => "a decoder alone",
    }
}

/// What is needed of what there is.
fn told(need: Option<&Need>) -> String {
    let Some(need) = need else { return "that of the device, of which nothing is known here".to_owned() };
    let there = room().map_or_else(|| "how much there is, the system doesn't tell".to_owned(), memory::told);
    format!("{need}; {there}")
}

/// What ends training, and what an epoch is. How many steps one has that goes through a corpus is known once its text is
/// in tokens.
fn steps(task: &Task, training: &TrainingConfig) -> String {
    let TrainingConfig { steps, minutes, epochs, evaluate, accumulate, batch_size, .. } = training;
    let ends = [
        steps.map(|steps| counted(steps, "step")),
        minutes.map(|minutes| format!("{minutes} minutes")),
        epochs.map(|epochs| counted(epochs, "epoch")),
    ];
    let ends = ends.into_iter().flatten().collect::<Vec<_>>().join(" or ");
    let evaluated = match evaluate {
        Interval::Steps(steps) => counted(*steps, "step"),
        Interval::Minutes(minutes) => format!("{minutes} minutes"),
    };
    let (size, data) = match task {
        Task::Copy(_) => (counted(*batch_size, "sequence"), String::new()),
        Task::Translate(task) | Task::Lm(task) => {
            let lines = task.open_there().map(|corpus| corpus.info().counts.of(Split::Train));
            let lines = lines.map(|lines| format!("; an epoch goes through {}", counted(lines, "line")));
            let tokens = batch_size.saturating_mul(*accumulate);
            (format!("at most {}", counted(tokens, "token")), lines.unwrap_or_default())
        }
        _ => (String::new(), String::new()),
    };
    format!("{ends}, of {size} each, evaluated every {evaluated}{data}")
}

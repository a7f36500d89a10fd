//! `train resume`: goes on with a run that was stopped, or killed, whatever it is about; and what all training commands
//! have in common from the moment on when there is a run folder.

use std::io::{self, Write};
use std::panic;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use burn::tensor::Device;

use crate::checkpoint::{self, Checkpoint};
use crate::dashboard::Dashboard;
use crate::device::{DeviceName, joined, open_all, split};
use crate::run_config::{RunConfig, Task};
use crate::run_folder::RunFolder;
use crate::training::{
    Ending, Examiner, Schedule, Session, Source, State, Trainable, Trainer, TrainingConfig, stop_on_ctrl_c,
};
use crate::{copy, lm, translate, weights};

/// What may change when a run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::Args)]
pub struct Change {
    /// Steps in all; like --minutes and --epochs, this comes in place of what the run was to end with.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Minutes of training in all.
    #[arg(long)]
    pub minutes: Option<f64>,
    /// Times through the data in all.
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Factor of the Noam learning rate.
    #[arg(long)]
    pub lr_factor: Option<f64>,
    /// Highest learning rate of the cosine.
    #[arg(long)]
    pub lr: Option<f64>,
    /// Steps until the learning rate is highest.
    #[arg(long)]
    pub warmup: Option<usize>,
    /// Scale gradients down to this norm.
    #[arg(long)]
    pub clip: Option<f64>,
    /// End after so many evaluations without an improvement.
    #[arg(long)]
    pub patience: Option<usize>,
    /// Go on from the checkpoint of this step instead of the newest.
    #[arg(long, value_name = "STEP")]
    pub from: Option<usize>,
}

impl Change {
    /// The settings of a run with what is to change.
    fn applied(&self, training: &TrainingConfig) -> Result<TrainingConfig> {
        let mut changed = training.clone();
        if self.steps.is_some() || self.minutes.is_some() || self.epochs.is_some() {
            (changed.steps, changed.minutes, changed.epochs) = (self.steps, self.minutes, self.epochs);
        }
        changed.clip = self.clip.or(changed.clip);
        changed.patience = self.patience.or(changed.patience);
        let (rate, new_rate, warmup) = match &mut changed.schedule {
            Schedule::Noam { factor, warmup } => {
                ensure!(self.lr.is_none(), "--lr is for a cosine, but the run has noam; give --lr-factor");
                (factor, self.lr_factor, warmup)
            }
            Schedule::Cosine { peak, warmup } => {
                ensure!(
                    self.lr_factor.is_none(),
                    "--lr-factor is for noam, but the run has a cosine; give --lr"
                );
                (peak, self.lr, warmup)
            }
        };
        *rate = new_rate.unwrap_or(*rate);
        *warmup = self.warmup.unwrap_or(*warmup);
        Ok(changed)
    }
}

/// Goes on with the run in a folder.
///
/// # Errors
///
/// If there is nothing to go on with, or it is damaged.
pub fn resume(
    path: &Path,
    change: &Change,
    names: &[DeviceName],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let folder = RunFolder::open_to_resume(path)?.locked()?;
    let mut config = folder.config()?;
    let before = config.training.as_ref();
    let before = before.with_context(|| format!("{} was not trained here", path.display()))?;
    let training = change.applied(before)?;
    let names = match (names, &config.device) {
        ([], Some(recorded)) => split(recorded)?,
        (names, _) => names.to_vec(),
    };
    let found = checkpoint::find(&folder.checkpoints(), change.from)?;
    config.training = Some(training.clone());
    config.device = Some(joined(&names));
    config.validate()?;
    if let Some((_, state)) = &found
        && is_over(&training, state)
    {
        // It may have been killed before its last checkpoint was put to use.
        let is_new = change.from.is_none() && folder.settle(state, &training)?;
        ensure!(is_new, over(path, &training, state));
        let (steps, used) = (state.step, folder.step()?);
        writeln!(
            output,
            "{} has done all its {steps} steps; its model is now that of step {used}",
            path.display()
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    ensure!(
        found.is_some() || !folder.holds_results()?,
        "{} holds no checkpoint, so there is nothing to go on from",
        folder.checkpoints().display()
    );
    let devices = open_all(&names)?;
    folder.write_config(&config)?;
    train(&folder, &config, found, &devices, output)
}

fn is_over(training: &TrainingConfig, state: &State) -> bool {
    !state.due && training.done(state.step, state.seconds, state.position.epoch as f64) >= 1.0
}

fn over(path: &Path, training: &TrainingConfig, state: &State) -> String {
    let (path, step) = (path.display(), state.step);
    match training.steps {
        Some(steps) => {
            format!("{path} has done {step} of {steps} steps; give --steps with more than {step} to go on")
        }
        None => format!("{path} is complete; give more --steps, --minutes or --epochs to go on"),
    }
}

/// Trains what is in a run folder, from a checkpoint or from the beginning.
pub(crate) fn train(
    folder: &RunFolder,
    config: &RunConfig,
    from: Option<(Checkpoint, State)>,
    devices: &[Device],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let device = &devices[0];
    guarded(folder, || match &config.task {
        Task::Copy(task) => {
            let trainer = trainer(config, |device| Ok(config.transformer()?.init(device)?), from, devices)?;
            copy::command::run(folder, *task, trainer, device, output)
        }
        Task::Translate(task) => {
            let trainer = trainer(config, |device| Ok(config.transformer()?.init(device)?), from, devices)?;
            translate::run(folder, config, task, trainer, device, output)
        }
        Task::Lm(task) => {
            let trainer =
                trainer(config, |device| Ok(config.language_model()?.init(device)?), from, devices)?;
            lm::run(folder, config, task, trainer, device, output)
        }
        Task::Imported { .. } | Task::Average { .. } => {
            bail!("{} was not trained here", folder.path().display())
        }
    })
}

fn trainer<M: Trainable>(
    config: &RunConfig,
    init: impl FnOnce(&Device) -> Result<M>,
    from: Option<(Checkpoint, State)>,
    devices: &[Device],
) -> Result<Trainer<M>> {
    let training = config.training.as_ref().context("the run was not trained here")?;
    let sizes = (config.model.d_model(), config.model.pad());
    let Some((checkpoint, state)) = from else { return Trainer::new(init, training, sizes, devices) };
    let model = init(&devices[0].clone().autodiff())?;
    let what = checkpoint.weights_file().display().to_string();
    let model = weights::fill(model, checkpoint.weights()?, &what)?;
    Trainer::resume(model, checkpoint.optimiser()?, state, training, sizes, devices)
}

/// Devices fail by panicking: a peer goes away, memory runs out. What was saved is still there then, and whatever ends
/// training, the error says how to go on.
fn guarded<T>(folder: &RunFolder, train: impl FnOnce() -> Result<T>) -> Result<T> {
    let reason = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&reason);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let mut reason = noted.lock().unwrap_or_else(PoisonError::into_inner);
        if reason.is_empty() {
            *reason = info.payload_as_str().unwrap_or("no reason given").to_owned();
        }
    }));
    let result = panic::catch_unwind(panic::AssertUnwindSafe(train));
    panic::set_hook(hook);
    match result {
        Ok(result) => result.map_err(|error| with_way_on(error, folder)),
        Err(_) => Err(folder.device_failed(&reason.lock().unwrap_or_else(PoisonError::into_inner))),
    }
}

/// A disk that is full doesn't end a run; it says so.
fn with_way_on(error: anyhow::Error, folder: &RunFolder) -> anyhow::Error {
    let is_full =
        |cause: &io::Error| matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if error.chain().any(|cause| cause.downcast_ref().is_some_and(is_full)) {
        anyhow!("{error:#}; free space, then: train resume {}", folder.path().display())
    } else {
        error
    }
}

/// Trains to the end, with everything that all tasks have in common, and tells how it went.
pub(crate) fn carry_out<M: Trainable, S: Source, E: Examiner<M>>(
    folder: &RunFolder,
    trainer: Trainer<M>,
    source: S,
    examiner: E,
    guessing: f64,
    output: &mut impl Write,
) -> Result<(Trainer<M>, Ending)> {
    let run = folder.path().display();
    let before = trainer.state().step;
    let stop = stop_on_ctrl_c()?;
    let dashboard = Dashboard::open(&format!("training {run}"), false, stop.clone())?;
    let started = Instant::now();
    let session = Session { trainer, source, examiner, folder, dashboard, stop, guessing };
    let (trainer, ending) = session.run()?;
    let (done, seconds) = (trainer.state().step, started.elapsed().as_secs_f64());
    writeln!(output, "trained {} steps in {seconds:.1} s; the run is in {run}", done - before)?;
    match ending {
        Ending::Complete => {}
        Ending::Patience => writeln!(output, "ended early: the last evaluations were no better")?,
        Ending::Stopped => writeln!(output, "stopped after step {done}; go on with: train resume {run}")?,
    }
    Ok((trainer, ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::Interval;

    fn training(schedule: Schedule) -> TrainingConfig {
        TrainingConfig {
            steps: Some(6),
            minutes: None,
            epochs: None,
            evaluate: Interval::Steps(3),
            batch_size: 12,
            accumulate: 1,
            schedule,
            label_smoothing: 0.1,
            clip: None,
            patience: None,
            keep_best: 0,
            keep_last: 1,
            seed: 5,
        }
    }

    #[test]
    fn what_is_said_changes_and_the_rest_does_not() {
        let noam = training(Schedule::Noam { factor: 1.0, warmup: 10 });
        assert_eq!(Change::default().applied(&noam).unwrap(), noam);
        let change = Change { clip: Some(1.0), patience: Some(2), lr_factor: Some(0.5), ..Change::default() };
        let expected = TrainingConfig {
            clip: Some(1.0),
            patience: Some(2),
            schedule: Schedule::Noam { factor: 0.5, warmup: 10 },
            ..noam.clone()
        };
        assert_eq!(change.applied(&noam).unwrap(), expected);
        let ended = Change { minutes: Some(2.0), ..Change::default() }.applied(&noam).unwrap();
        assert_eq!((ended.steps, ended.minutes, ended.epochs), (None, Some(2.0), None));
        let cosine = training(Schedule::Cosine { peak: 0.1, warmup: 10 });
        let change = Change { lr: Some(0.2), warmup: Some(3), ..Change::default() };
        assert_eq!(change.applied(&cosine).unwrap().schedule, Schedule::Cosine { peak: 0.2, warmup: 3 });
        let message = change.applied(&noam).unwrap_err().to_string();
        assert!(message.contains("give --lr-factor"), "{message}");
        let change = Change { lr_factor: Some(0.2), ..Change::default() };
        let message = change.applied(&cosine).unwrap_err().to_string();
        assert!(message.contains("give --lr"), "{message}");
    }

    #[test]
    fn a_full_disk_is_told_from_other_errors() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::claim(&parent.path().join("run"), false).unwrap();
        let told = |kind: io::ErrorKind| {
            let failed: Result<()> = Err(io::Error::from(kind)).context("cannot write metrics.jsonl");
            guarded(&folder, || failed).unwrap_err().to_string()
        };
        let full = told(io::ErrorKind::StorageFull);
        assert!(full.starts_with("cannot write metrics.jsonl: ") && full.contains("; free space, then: "));
        assert!(full.ends_with(&format!("train resume {}", folder.path().display())), "{full}");
        assert_eq!(told(io::ErrorKind::PermissionDenied), "cannot write metrics.jsonl");
    }
}

//! What all tasks have in common from the moment on when there is a run folder.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::panic;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Result, anyhow};
use burn::tensor::Device;

use super::again::Again;
use crate::dashboard::{self, Dashboard, Display};
use crate::data::batch::Source;
use crate::run::config::{RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::training::TrainingConfig;
use crate::training::examiner::Examiner;
use crate::training::progress::Progress;
use crate::training::session::{AT_RISK, Ending, Session};
use crate::training::stop::Stop;
use crate::training::trainable::Trainable;
use crate::training::trainer::Trainer;
use crate::words::counted;

/// Devices fail by panicking: a peer goes away, memory runs out. What was saved is still there then, and whatever ends
/// training, the error says how to go on.
pub(super) fn guarded<T>(folder: &RunFolder, train: impl FnOnce() -> Result<T>) -> Result<T> {
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

/// How much a step learns from, which is the same however many devices compute it.
fn step_of(task: &Task, training: &TrainingConfig, devices: usize) -> String {
    let TrainingConfig { batch_size, accumulate, .. } = *training;
    // The copy task draws the sequences of a step and hands them out in parts; a corpus is cut into batches.
    let told = match task {
        Task::Copy(_) => {
            let parts = format!(" in {accumulate} parts");
            let parts = if accumulate > 1 { parts } else { String::new() };
            format!("{}{parts}", counted(batch_size, "sequence"))
        }
        _ => {
            let batches = counted(accumulate, "batch");
            format!("{batches} of at most {}", counted(batch_size, "token"))
        }
    };
    let divided = match (devices, accumulate) {
        (0 | 1, _) => String::new(),
        (_, 1) => format!(", divided among {devices} devices"),
        _ => format!(", each divided among {devices} devices"),
    };
    format!("a step learns from {told}{divided}")
}

/// A run that is about to be trained.
pub(crate) struct Training<'a, W> {
    /// Where everything is kept.
    pub(crate) folder: &'a RunFolder,
    /// What the run is.
    pub(crate) config: &'a RunConfig,
    /// What computes; the first one also evaluates.
    pub(crate) devices: &'a [Device],
    /// How to show the way it goes.
    pub(crate) display: Display,
    /// What to do when a device of another process is lost.
    pub(crate) again: Again,
    /// Where results go.
    pub(crate) output: &'a mut W,
}

impl<W: Write> Training<'_, W> {
    /// Trains to the end, with everything that all tasks have in common, and tells how it went. Breaks with an exit code
    /// if it was stopped.
    pub(super) fn carry_out<M: Trainable, S: Source, E: Examiner<M>>(
        &mut self,
        trainer: Trainer<M>,
        source: S,
        examiner: E,
    ) -> Result<ControlFlow<ExitCode, Trainer<M>>> {
        let (folder, run) = (self.folder, self.folder.path().display());
        let before = trainer.state().step;
        let stop = Stop::on_signals(dashboard::restore)?;
        let mut progress = Dashboard::open(&format!("training {run}"), self.display, stop.clone())?;
        progress.note(&step_of(&self.config.task, trainer.config(), self.devices.len()));
        let guessing = (self.config.model.tgt_vocab() as f64).ln();
        let started = Instant::now();
        let at_risk = AT_RISK;
        let session =
            Session { trainer, source, examiner, folder, progress, stop: stop.clone(), guessing, at_risk };
        let (trainer, ending) = session.run()?;
        let (done, seconds) = (trainer.state().step, started.elapsed().as_secs_f64());
        let told =
            format!("trained {} in {seconds:.1} s; the run is in {run}", counted(done - before, "step"));
        match ending {
            Ending::Complete => writeln!(self.output, "{told}")?,
            Ending::Patience => {
                writeln!(self.output, "{told}\nended early: the last evaluations were no better")?;
            }
            Ending::Stopped => {
                // Whoever closed the terminal doesn't read it.
                let how = format!("stopped after step {done}; go on with: train resume {run}");
                let _ = writeln!(self.output, "{told}\n{how}");
                return Ok(ControlFlow::Break(ExitCode::from(stop.code())));
            }
        }
        Ok(ControlFlow::Continue(trainer))
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;
    use crate::data::copy::CopyTask;
    use crate::run::training::tests::training;

    #[test]
    fn a_step_says_how_much_it_learns_from_whatever_computes_it() {
        let corpus = |accumulate, devices| {
            let training = TrainingConfig { batch_size: 2_048, accumulate, ..training() };
            let weights = Task::Imported { weights: String::new(), unbiased_norm: false };
            step_of(&weights, &training, devices)
        };
        assert_eq!(corpus(1, 1), "a step learns from 1 batch of at most 2048 tokens");
        let two = "a step learns from 2 batches of at most 2048 tokens";
        assert_eq!(
            (corpus(2, 1).as_str(), corpus(2, 3)),
            (two, format!("{two}, each divided among 3 devices"))
        );
        let copy = Task::Copy(CopyTask { vocab: 7, length: 5 });
        let copied = |accumulate, devices| {
            step_of(&copy, &TrainingConfig { batch_size: 12, accumulate, ..training() }, devices)
        };
        assert_eq!(copied(1, 2), "a step learns from 12 sequences, divided among 2 devices");
        assert_eq!(copied(3, 1), "a step learns from 12 sequences in 3 parts");
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

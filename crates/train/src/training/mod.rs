//! The training loop: batches in, a run folder out.

mod config;
mod metrics;
mod trainer;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

pub use config::TrainingConfig;
pub use metrics::Record;
pub use trainer::Trainer;

use crate::progress::Progress;
use crate::run_folder::RunFolder;

/// Pairs of sequences; each target begins with BOS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What the encoder reads.
    pub src: Vec<Vec<usize>>,
    /// What the decoder is to write.
    pub tgt: Vec<Vec<usize>>,
}

impl Batch {
    /// Tokens to predict: all of the targets but BOS and padding.
    fn tokens(&self, pad: usize) -> usize {
        self.tgt.iter().map(|tgt| tgt[1..].iter().filter(|&&id| id != pad).count()).sum()
    }
}

/// Where batches come from. They are a function of the step, so that training can stop and go on anywhere.
pub trait Batches {
    /// The batch of a step; steps count from one.
    fn training(&self, step: usize) -> Batch;
    /// A batch never trained on.
    fn validation(&self) -> Batch;
}

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps are done.
    Complete,
    /// It was asked to stop; the run can go on later.
    Stopped,
}

/// Trains until all steps are done or `stop` is set, saving at the end of every epoch and at the very end.
///
/// # Errors
///
/// If the run folder can't be written, or the loss is no longer a number.
pub fn train(
    mut trainer: Trainer,
    batches: &impl Batches,
    folder: &RunFolder,
    stop: &AtomicBool,
) -> Result<(Trainer, Ending)> {
    let mut metrics = metrics::open(&folder.metrics(), trainer.steps())?;
    let total = trainer.steps_in_all();
    let mut progress = Progress::new(trainer.steps(), total);
    let validation = batches.validation();
    let mut saved = None;
    while trainer.steps() < total && !stop.load(Ordering::Relaxed) {
        let batch = batches.training(trainer.steps() + 1);
        let (next, mut record) = trainer.step(&batch);
        trainer = next;
        if !record.loss.is_finite() {
            progress.clear();
            let Record { step, loss, .. } = record;
            bail!("the loss of step {step} is {loss}; try a lower --lr-factor or a longer --warmup");
        }
        if trainer.epoch_ends() {
            record.validation_nll = Some(trainer.validate(&validation));
        }
        let context = || format!("cannot write {}", folder.metrics().display());
        writeln!(metrics, "{}", serde_json::to_string(&record)?).with_context(context)?;
        progress.step(&record);
        if trainer.epoch_ends() {
            trainer.save(folder)?;
            saved = Some(trainer.steps());
        }
    }
    progress.clear();
    if saved != Some(trainer.steps()) {
        trainer.save(folder)?;
    }
    let ending = if trainer.steps() < total { Ending::Stopped } else { Ending::Complete };
    Ok((trainer, ending))
}

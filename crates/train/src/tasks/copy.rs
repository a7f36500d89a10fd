//! The copy task: trained on sequences, examined by how many are copied exactly.

use std::io::Write;
use std::ops::ControlFlow;
use std::process::ExitCode;

use anyhow::{Result, bail};
use burn::tensor::Device;
use model::Transformer;
use model::decoding::greedy;

use super::harness::Training;
use crate::data::batch::Batch;
use crate::data::copy::{BOS, CopyBatches, CopyTask, PAD};
use crate::data::lines::ids_tensor;
use crate::run::training::{Interval, TrainingConfig};
use crate::training::examiner::{Examined, Examiner};
use crate::training::trainable::mean_nll;
use crate::training::trainer::Trainer;

/// Fresh sequences that the trained model is asked to copy.
const TESTED: usize = 100;
/// Those of them that are written side by side.
const SIDE_BY_SIDE: usize = 32;

/// Trains a model of the copy task from where it is.
pub(super) fn run<W: Write>(
    training: &mut Training<'_, W>,
    task: CopyTask,
    trainer: Trainer<Transformer>,
) -> Result<ExitCode> {
    let device = &training.devices[0];
    let TrainingConfig { batch_size, accumulate, seed, evaluate, .. } = *trainer.config();
    let Interval::Steps(epoch) = evaluate else { bail!("the copy task is evaluated by steps") };
    let source = CopyBatches::new(task, batch_size, accumulate, seed, epoch);
    let examiner = CopyExaminer { batch: source.validation(), device: device.clone() };
    let trainer = match training.carry_out(trainer, source, examiner)? {
        ControlFlow::Continue(trainer) => trainer,
        ControlFlow::Break(code) => return Ok(code),
    };
    let copied = count_exact_copies(&trainer.trained(), task, seed, TESTED, device);
    writeln!(training.output, "copied {copied} of {TESTED} fresh sequences exactly")?;
    Ok(ExitCode::SUCCESS)
}

struct CopyExaminer {
    batch: Batch,
    device: Device,
}

impl Examiner<Transformer> for CopyExaminer {
    fn examine(&mut self, model: &Transformer) -> Result<Examined> {
        let (nll, _) = mean_nll(model, std::iter::once(Ok(self.batch.clone())), PAD, &self.device)?;
        Ok(Examined { nll, ..Examined::default() })
    }
}

/// How many of `count` fresh sequences greedy decoding copies without a mistake.
pub(crate) fn count_exact_copies(
    model: &Transformer,
    task: CopyTask,
    seed: u64,
    count: usize,
    device: &Device,
) -> usize {
    let sequences = task.fresh(count, seed);
    let exact = |sequences: &[Vec<usize>]| {
        let limits = vec![task.length - 1; sequences.len()];
        let written = greedy(model, ids_tensor(sequences, PAD, device), BOS, None, &limits);
        written.iter().zip(sequences).filter(|(found, sequence)| found.ids == sequence[1..]).count()
    };
    sequences.chunks(SIDE_BY_SIDE).map(exact).sum()
}

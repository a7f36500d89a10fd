//! The noise scale while a Transformer learns: from the metrics of a real run.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use serde::{Deserialize, Serialize};
use train::data::batch::Batch;
use train::data::copy::{BOS, CopyBatches, CopyTask, PAD};
use train::run::config::{ModelConfig, RunConfig, Task, Versions};
use train::run::folder::RunFolder;
use train::run::metrics::{Line, Record, read};
use train::run::schedule::Schedule;
use train::run::training::{Interval, TrainingConfig};
use train::training::examiner::{Examined, Examiner};
use train::training::progress::{Evaluation, Progress, Step};
use train::training::session::{AT_RISK, Session};
use train::training::stop::Stop;
use train::training::trainable::mean_nll;
use train::training::trainer::Trainer;

use crate::contract::experiment::Lab;

/// Points that a run is told by at most.
const POINTS: usize = 60;
/// Steps that a point of the run that is trained here stands for.
const TOGETHER: usize = 10;

const TASK: CopyTask = CopyTask { vocab: 11, length: 10 };

/// Some steps of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    /// The last of them.
    pub(super) step: usize,
    /// Negative log-likelihood per token, in nats: their mean.
    pub(super) nll: f64,
    /// The noise scale after the last of them, in tokens.
    pub(super) noise_scale: f64,
    /// Tokens of a step.
    pub(super) tokens: usize,
}

/// What a run's metrics say.
///
/// # Errors
///
/// If there are none, or they have no noise scale.
pub(super) fn told(run: &Path) -> Result<Vec<Point>> {
    let steps = recorded(run)?;
    let known = steps.iter().filter(|record| record.noise_scale.is_some()).count();
    ensure!(known > 1, "{} has no noise scale; train with --accumulate 2 or more to know it", run.display());
    Ok(points(&steps, steps.len().div_ceil(POINTS)))
}

fn recorded(run: &Path) -> Result<Vec<Record>> {
    let steps = read(&run.join("metrics.jsonl"))?.into_iter().filter_map(|line| match line {
        Line::Step(record) => Some(record),
        Line::Evaluation(_) => None,
    });
    Ok(steps.collect())
}

/// A point for so many steps each, from where the noise scale is known.
fn points(steps: &[Record], together: usize) -> Vec<Point> {
    let digits = |value: f64| format!("{value:.5e}").parse().unwrap_or(value);
    let point = |steps: &[Record]| {
        let last = steps.last()?;
        Some(Point {
            step: last.step,
            nll: digits(steps.iter().map(|record| record.nll).sum::<f64>() / steps.len() as f64),
            noise_scale: digits(last.noise_scale?),
            tokens: last.tokens,
        })
    };
    steps.chunks(together.max(1)).filter_map(point).collect()
}

/// Trains on the copy task, and gives what the run's metrics say.
///
/// # Errors
///
/// If there is no room for temporary files, or the device fails.
pub(super) fn trained(lab: &Lab, steps: usize) -> Result<Vec<Point>> {
    let parent = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (task, model, training) = (TASK, model(), training(lab.seed, steps));
    let config = RunConfig {
        task: Task::Copy(task),
        model: ModelConfig::Transformer(model.clone()),
        bos: BOS,
        eos: None,
        training: Some(training.clone()),
        device: None,
        versions: Versions::current(),
    };
    config.validate()?;
    let folder = RunFolder::create(&parent.path().join("copy"), &config, false)?;
    let sizes = (config.model.d_model(), PAD);
    let devices = [lab.device.clone()];
    let trainer = Trainer::new(|device| Ok(model.init(device)?), &training, sizes, &devices)?;
    let TrainingConfig { batch_size, accumulate, seed, .. } = training;
    let source = CopyBatches::new(task, batch_size, accumulate, seed, steps);
    let examiner = Validation { batch: source.validation(), device: lab.device.clone() };
    let session = Session {
        trainer,
        source,
        examiner,
        folder: &folder,
        progress: Told(lab),
        stop: Arc::new(Stop::default()),
        guessing: (task.vocab as f64).ln(),
        at_risk: AT_RISK,
    };
    session.run()?;
    Ok(points(&recorded(folder.path())?, TOGETHER))
}

/// The model and its training are those of `train copy`, but for the steps and the parts that a step is computed in:
/// without them there is no noise scale.
fn model() -> TransformerConfig {
    TransformerConfig {
        src_vocab: TASK.vocab,
        tgt_vocab: TASK.vocab,
        n_layers: 2,
        d_model: 64,
        d_ff: 256,
        n_heads: 4,
        dropout: 0.1,
        norm: NormOrder::Pre,
        eps: 1e-6,
        tying: Tying::None,
        generator_bias: true,
        pad: PAD,
    }
}

/// The schedule doesn't depend on the number of steps, so a shorter run is the beginning of a longer one.
fn training(seed: u64, steps: usize) -> TrainingConfig {
    TrainingConfig {
        steps: Some(steps),
        minutes: None,
        epochs: None,
        evaluate: Interval::Steps(steps),
        batch_size: 40,
        accumulate: 8,
        schedule: Schedule::Noam { factor: 0.5, warmup: 200 },
        label_smoothing: 0.0,
        clip: None,
        patience: None,
        keep_best: 0,
        keep_last: 1,
        seed,
    }
}

struct Validation {
    batch: Batch,
    device: Device,
}

impl Examiner<Transformer> for Validation {
    fn examine(&mut self, model: &Transformer) -> Result<Examined> {
        let (nll, _) = mean_nll(model, std::iter::once(Ok(self.batch.clone())), PAD, &self.device)?;
        Ok(Examined { nll, ..Examined::default() })
    }
}

/// Training shows as a part of the experiment.
struct Told<'a>(&'a Lab);

impl Progress for Told<'_> {
    fn step(&mut self, step: &Step) {
        self.0
            .progress
            .at(0.15 + 0.45 * step.done, &format!("training, step {}: {:.2} nats", step.step, step.nll));
    }

    fn evaluation(&mut self, _: &Evaluation) {}

    fn note(&mut self, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: usize, noise_scale: Option<f64>) -> Record {
        Record {
            step,
            epoch: 1,
            loss: 1.0,
            nll: step as f64,
            lr: 0.1,
            tokens: 9,
            padding: 0.0,
            gradient_norm: 1.0,
            noise_scale,
        }
    }

    #[test]
    fn a_point_stands_for_some_steps_and_begins_where_the_noise_is_known() {
        let steps: Vec<Record> = (1..=130).map(|step| record(step, (step > 3).then_some(7.0))).collect();
        let found = points(&steps, 3);
        assert_eq!(found.len(), 43);
        assert_eq!(found[0], Point { step: 6, nll: 5.0, noise_scale: 7.0, tokens: 9 });
        assert_eq!(points(&steps[..5], 1).iter().map(|point| point.step).collect::<Vec<_>>(), [4, 5]);
        assert!(points(&[], 0).is_empty());
    }

    #[test]
    fn runs_without_a_noise_scale_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = told(folder.path()).unwrap_err().to_string();
        assert!(message.starts_with("cannot read"), "{message}");
        let line = serde_json::to_string(&record(1, None)).unwrap();
        std::fs::write(folder.path().join("metrics.jsonl"), format!("{line}\n{line}\n")).unwrap();
        let message = told(folder.path()).unwrap_err().to_string();
        assert!(message.contains("--accumulate 2 or more"), "{message}");
    }

    /// So the run can be made anew by hand: `train copy --accumulate 8 --steps 600`.
    #[test]
    fn the_run_is_one_of_train_copy() {
        let defaults = include_str!("../../../../train/src/cli/defaults.toml");
        let copy = defaults.split("[copy]\n").nth(1).unwrap().split("\n[").next().unwrap();
        let (model, training) = (model(), training(1, 600));
        let Schedule::Noam { factor, warmup } = training.schedule else { panic!("{:?}", training.schedule) };
        for (name, value) in [
            ("vocab", model.src_vocab as f64),
            ("length", TASK.length as f64),
            ("layers", model.n_layers as f64),
            ("d_model", model.d_model as f64),
            ("d_ff", model.d_ff as f64),
            ("heads", model.n_heads as f64),
            ("dropout", model.dropout),
            ("batch_size", training.batch_size as f64),
            ("lr_factor", factor),
            ("warmup", warmup as f64),
            ("label_smoothing", training.label_smoothing),
            ("seed", training.seed as f64),
        ] {
            let line = copy.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
            assert_eq!(line.unwrap().parse::<f64>().unwrap(), value, "{name}");
        }
        assert!(copy.contains("norm = \"pre\"") && model.norm == NormOrder::Pre);
    }
}

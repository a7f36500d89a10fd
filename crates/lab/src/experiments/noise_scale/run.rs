//! The noise scale while a Transformer learns: from the metrics of a real run.

use std::sync::Arc;

use anyhow::{Context, Result};
use burn::tensor::Device;
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use train::data::batch::Batch;
use train::data::copy::{BOS, CopyBatches, CopyTask, PAD};
use train::run::config::{ModelConfig, RunConfig, Task, Versions};
use train::run::folder::RunFolder;
use train::run::noise_course::{Point, points, steps as steps_of};
use train::run::schedule::Schedule;
use train::run::training::TrainingConfig;
use train::training::examiner::{Examined, Examiner};
use train::training::progress::Step;
use train::training::session::{AT_RISK, Session};
use train::training::stop::Stop;
use train::training::trainable::mean_nll;
use train::training::trainer::Trainer;

use crate::contract::experiment::Lab;
use crate::contract::training::{Told, of_steps, said};

/// Steps that a point of the run that is trained here stands for.
const TOGETHER: usize = 10;

const TASK: CopyTask = CopyTask { vocab: 11, length: 10 };

/// A run for each seed.
///
/// # Errors
///
/// As [`trained`].
pub(super) fn all(lab: &Lab, steps: usize, seeds: &[u64]) -> Result<Vec<Vec<Point>>> {
    let count = seeds.len();
    let one = |(n, &seed): (usize, &u64)| {
        let told = |done: f64, what: &str| {
            let share = 0.15 + 0.65 * (n as f64 + done) / count as f64;
            lab.progress.at(share, &format!("run {} of {count}, {what}", n + 1));
        };
        trained(lab, seed, steps, told)
    };
    seeds.iter().enumerate().map(one).collect()
}

/// Trains on the copy task, and gives what the run's metrics say.
///
/// # Errors
///
/// If there is no room for temporary files, or the device fails.
pub(super) fn trained(lab: &Lab, seed: u64, steps: usize, told: impl Fn(f64, &str)) -> Result<Vec<Point>> {
    let parent = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (task, model, training) = (TASK, model(), training(seed, steps));
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
        progress: Told(|step: &Step| told(step.done, &said(step))),
        stop: Arc::new(Stop::default()),
        guessing: (task.vocab as f64).ln(),
        at_risk: AT_RISK,
    };
    session.run()?;
    Ok(points(&steps_of(folder.path())?, TOGETHER))
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
    let schedule = Schedule::Noam { factor: 0.5, warmup: 200 };
    TrainingConfig { accumulate: 8, ..of_steps(steps, 40, schedule, seed) }
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

#[cfg(test)]
mod tests {
    use super::*;

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

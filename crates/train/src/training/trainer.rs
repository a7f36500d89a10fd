//! A model being trained, and the step that trains it.

use std::time::Instant;

use anyhow::Result;
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor};
use model::Transformer;
use model::loss::{Loss, label_smoothing};
use model::noam::noam_rate;

use super::{Batch, Record, TrainingConfig};
use crate::lines::ids_tensor;
use crate::optimiser::adam;
use crate::run_folder::{RunConfig, RunFolder};
use crate::weights;

/// A model being trained.
pub struct Trainer {
    model: Transformer,
    optimiser: ModuleOptimizer,
    step: usize,
    config: TrainingConfig,
    d_model: usize,
    pad: usize,
    device: Device,
}

impl Trainer {
    /// A new model with parameters drawn from the seed.
    ///
    /// # Errors
    ///
    /// If the model's configuration is invalid.
    pub fn new(config: &RunConfig, training: &TrainingConfig, device: &Device) -> Result<Self> {
        let device = device.clone().autodiff();
        device.seed(mix(training.seed, 0));
        let model = weights::initialise(config.model.init(&device)?);
        Ok(Self::with(model, adam(), 0, config, training, device))
    }

    /// The model of a run folder with its optimiser, as they were when it was saved.
    ///
    /// # Errors
    ///
    /// If the folder is damaged.
    pub fn resume(
        folder: &RunFolder,
        config: &RunConfig,
        training: &TrainingConfig,
        device: &Device,
    ) -> Result<Self> {
        let device = device.clone().autodiff();
        let (step, optimiser) = folder.checkpoint()?;
        let model = folder.model(config, &device)?;
        Ok(Self::with(model, optimiser, step, config, training, device))
    }

    fn with(
        model: Transformer,
        optimiser: ModuleOptimizer,
        step: usize,
        config: &RunConfig,
        training: &TrainingConfig,
        device: Device,
    ) -> Self {
        let (d_model, pad) = (config.model.d_model, config.model.pad);
        Self { model, optimiser, step, config: training.clone(), d_model, pad, device }
    }

    /// Steps taken.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.step
    }

    /// How many there are to be in all.
    #[must_use]
    pub fn steps_in_all(&self) -> usize {
        self.config.steps
    }

    /// Whether the step just taken was the last of an epoch.
    #[must_use]
    pub fn epoch_ends(&self) -> bool {
        self.step == self.config.steps || self.step.is_multiple_of(self.config.batches_per_epoch)
    }

    /// Saves the model with its optimiser.
    ///
    /// # Errors
    ///
    /// If the folder can't be written.
    pub fn save(&self, folder: &RunFolder) -> Result<()> {
        folder.save_checkpoint(&self.trained(), &self.optimiser, self.step)
    }

    /// The model without dropout and gradients.
    #[must_use]
    pub fn trained(&self) -> Transformer {
        self.model.valid()
    }

    // ANCHOR: training_step
    /// One step: forward, loss, backward, Adam.
    ///
    /// The loss is the sum over all tokens of the batch divided by their number, whatever parts the batch is
    /// computed in: the gradients of the parts add up to exactly the gradient of the whole.
    #[must_use]
    pub fn step(mut self, batch: &Batch) -> (Self, Record) {
        let started = Instant::now();
        self.step += 1;
        self.device.seed(mix(self.config.seed, self.step)); // dropout, too, depends on seed and step alone
        let lr = noam_rate(self.step, self.d_model, self.config.warmup, self.config.lr_factor);
        let tokens = batch.tokens(self.pad).max(1) as f64;
        let mut gradients = GradientsAccumulator::new();
        let (mut loss, mut nll) = (0.0, 0.0);
        let part_size = batch.src.len().div_ceil(self.config.accumulate);
        for (src, tgt) in batch.src.chunks(part_size).zip(batch.tgt.chunks(part_size)) {
            let sums = self.loss(&self.model, src, tgt, &self.device);
            loss += sums.smoothed.clone().into_scalar::<f64>();
            nll += sums.nll.into_scalar::<f64>();
            let backward = (sums.smoothed / tokens).backward();
            gradients.accumulate(&self.model, GradientsParams::from_grads(backward, &self.model));
        }
        self.model = self.optimiser.step(lr, self.model, gradients.grads());
        let record = Record {
            step: self.step,
            epoch: (self.step - 1) / self.config.batches_per_epoch + 1,
            loss: loss / tokens,
            nll: nll / tokens,
            lr,
            tokens_per_s: tokens / started.elapsed().as_secs_f64(),
            validation_nll: None,
        };
        (self, record)
    }
    // ANCHOR_END: training_step

    fn loss(&self, model: &Transformer, src: &[Vec<usize>], tgt: &[Vec<usize>], device: &Device) -> Loss {
        let src = ids_tensor(src, self.pad, device);
        let (given, next) = shifted(ids_tensor(tgt, self.pad, device));
        let logits = model.forward(src, given).logits;
        label_smoothing(logits, next, self.pad, self.config.label_smoothing)
    }

    /// Negative log-likelihood per token, without dropout.
    #[must_use]
    pub fn validate(&self, batch: &Batch) -> f64 {
        let device = self.device.clone().without_autodiff();
        self.loss(&self.trained(), &batch.src, &batch.tgt, &device).mean_nll().into_scalar()
    }
}

/// What the decoder reads and what it is to predict: all tokens but the last, all but the first.
fn shifted(tgt: Tensor<2, Int>) -> (Tensor<2, Int>, Tensor<2, Int>) {
    let [batch, length] = tgt.dims();
    (tgt.clone().slice([0..batch, 0..length - 1]), tgt.slice([0..batch, 1..length]))
}

/// A seed for each step, unlike that of its neighbours (SplitMix64; Steele, Lea & Flood 2014).
fn mix(seed: u64, step: usize) -> u64 {
    let mut z = seed.wrapping_add((step as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::{CopyBatches, CopyTask};
    use crate::run_folder::{Task, Versions};
    use crate::training::Batches;
    use model::TransformerConfig;

    fn training() -> TrainingConfig {
        TrainingConfig {
            steps: 6,
            batches_per_epoch: 3,
            batch_size: 12,
            accumulate: 1,
            lr_factor: 1.0,
            warmup: 10,
            label_smoothing: 0.1,
            seed: 5,
        }
    }

    fn setup() -> (RunConfig, CopyBatches) {
        let task = CopyTask { vocab: 7, length: 5 };
        let sizes =
            TransformerConfig { n_layers: 1, d_model: 8, d_ff: 12, n_heads: 2, ..TransformerConfig::tiny(7) };
        let config = RunConfig {
            model: TransformerConfig { dropout: 0.0, ..sizes },
            task: Task::Copy(task),
            bos: 1,
            eos: None,
            training: Some(training()),
            device: None,
            versions: Versions::current(),
        };
        (config, CopyBatches { task, batch_size: 12, seed: 5 })
    }

    /// Tests in one process share Burn's generator: both trainers get the same parameters from a file instead.
    fn trainers(settings: [TrainingConfig; 2]) -> [Trainer; 2] {
        let (config, _) = setup();
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(&parent.path().join("run"), &config, false).unwrap();
        let first = Trainer::new(&config, &settings[0], &Device::flex()).unwrap();
        folder.save_checkpoint(&first.trained(), &first.optimiser, 0).unwrap();
        settings.map(|training| Trainer::resume(&folder, &config, &training, &Device::flex()).unwrap())
    }

    #[test]
    fn parts_of_a_batch_add_up_to_the_whole() {
        let (_, batches) = setup();
        let [mut whole, mut parts] = trainers([training(), TrainingConfig { accumulate: 4, ..training() }]);
        for step in 1..=4 {
            let batch = batches.training(step);
            let (a, b);
            (whole, a) = whole.step(&batch);
            (parts, b) = parts.step(&batch);
            assert!((a.loss - b.loss).abs() < 1e-5, "step {step}: {} is not {}", b.loss, a.loss);
            assert!((a.nll - b.nll).abs() < 1e-5, "step {step}: {} is not {}", b.nll, a.nll);
        }
    }

    #[test]
    fn training_lowers_the_loss() {
        let (_, batches) = setup();
        let [mut trainer, _] = trainers([training(), training()]);
        let validation = batches.validation();
        let before = trainer.validate(&validation);
        for step in 1..=40 {
            (trainer, _) = trainer.step(&batches.training(step));
        }
        let after = trainer.validate(&validation);
        assert!(after < before - 0.1, "{before} became {after}");
    }
}

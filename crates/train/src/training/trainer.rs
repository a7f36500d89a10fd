//! A model being trained, and the step that trains it.

use anyhow::Result;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::Device;

use super::gradients::{add_up, scaled};
use super::optimiser::adam;
use super::parallel::{Lost, Team, Work, gradients};
use super::trainable::Trainable;
use crate::data::batch::{Batch, mix};
use crate::run::metrics::Record;
use crate::run::state::State;
use crate::run::training::TrainingConfig;
use crate::run::weights;

/// A model being trained.
pub struct Trainer<M: Trainable> {
    /// None only while the optimiser has it.
    model: Option<M>,
    pub(super) optimiser: ModuleOptimizer,
    pub(super) state: State,
    config: TrainingConfig,
    d_model: usize,
    pad: usize,
    device: Device,
    /// Where there are several devices, or one with several cores.
    team: Option<Team<M>>,
}

/// What a step is measured by.
struct Sums {
    gradients: GradientsParams,
    squared_norm: f64,
    loss: f64,
    nll: f64,
    /// Where there are several parts: their size in tokens (the harmonic mean, since the noise in a gradient falls with
    /// the inverse of the size), and the mean squared norm of their gradients, each per token of its own.
    part: Option<(f64, f64)>,
}

impl<M: Trainable> Trainer<M> {
    /// A new model, built by `init` on the first of the devices, its parameters drawn from the seed.
    ///
    /// # Errors
    ///
    /// If the model can't be built.
    pub fn new(
        init: impl FnOnce(&Device) -> Result<M>,
        config: &TrainingConfig,
        (d_model, pad): (usize, usize),
        devices: &[Device],
    ) -> Result<Self> {
        let device = devices[0].clone().autodiff();
        device.seed(mix(config.seed, 0));
        let model = weights::initialise(init(&device)?);
        Self::resume(model, adam(), State::default(), config, (d_model, pad), devices)
    }

    /// A model with its optimiser and state, as they were when it was saved.
    ///
    /// # Errors
    ///
    /// If the system gives no threads.
    pub fn resume(
        model: M,
        optimiser: ModuleOptimizer,
        state: State,
        config: &TrainingConfig,
        (d_model, pad): (usize, usize),
        devices: &[Device],
    ) -> Result<Self> {
        let devices: Vec<Device> = devices.iter().map(|device| device.clone().autodiff()).collect();
        let (config, device) = (config.clone(), devices[0].clone());
        let team = Team::new(&devices)?;
        Ok(Self { model: Some(model), optimiser, state, config, d_model, pad, device, team })
    }

    /// How far training is.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Batches that make a step: so many for each device.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.config.accumulate * self.at_once()
    }

    /// Batches that are worked on at the same time.
    fn at_once(&self) -> usize {
        self.team.as_ref().map_or(1, Team::batches)
    }

    /// How it is trained.
    #[must_use]
    pub fn config(&self) -> &TrainingConfig {
        &self.config
    }

    /// The model without dropout and gradients.
    #[must_use]
    pub fn trained(&self) -> M {
        self.model().valid()
    }

    fn model(&self) -> &M {
        self.model.as_ref().expect("a step that panicked has lost the model")
    }

    // ANCHOR: training_step
    /// One step: forward, loss, backward, Adam, over all `parts` as if they were one batch.
    ///
    /// The loss is the sum over all tokens divided by their number, whatever parts they come in: the gradients of the
    /// parts add up to exactly the gradient of the whole. If the loss or the gradients are no numbers, nothing is
    /// updated; the record shows it.
    ///
    /// # Errors
    ///
    /// If one of several devices fails.
    pub fn step(&mut self, parts: &[Batch]) -> Result<Record> {
        let step = self.state.step + 1;
        let seed = mix(self.config.seed, step); // dropout, too, depends on seed and step alone
        let done = self.config.done(step, self.state.seconds, self.state.epochs);
        let lr = self.config.schedule.rate(step, self.d_model, done);
        let tokens: usize = parts.iter().map(|part| part.tokens(self.pad)).sum();
        let Sums { mut gradients, squared_norm, loss, nll, part } =
            self.backward(parts, tokens.max(1), seed)?;
        let norm = squared_norm.sqrt();
        if let Some(part) = part {
            self.state.noise.note(part, (tokens as f64, squared_norm));
        }
        if let Some(limit) = self.config.clip.filter(|&limit| norm > limit) {
            gradients = scaled(self.model(), gradients, limit / norm);
        }
        if (loss + norm).is_finite() {
            // The optimiser is given the only copy, so that it can work in place.
            self.model = self.model.take().map(|model| self.optimiser.step(lr, model, gradients));
            self.state.step = step;
            self.state.target_tokens += tokens as u64;
        }
        let (places, padding) = parts.iter().map(Batch::places).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        Ok(Record {
            step,
            epoch: self.state.epochs as usize + 1,
            loss,
            nll,
            lr,
            tokens,
            padding: padding as f64 / places.max(1) as f64,
            gradient_norm: norm,
            noise_scale: self.state.noise.scale(),
        })
    }

    /// Adds up the gradients of all parts. Loss and NLL are per token.
    fn backward(&self, parts: &[Batch], tokens: usize, seed: u64) -> Result<Sums> {
        let (model, pad, smoothing) = (self.model(), self.pad, self.config.label_smoothing);
        let work = |(number, batch): (usize, &Batch)| Work {
            batch: batch.clone(),
            pad,
            smoothing,
            tokens: tokens as f64,
            seed: mix(seed, number),
            number,
            cores: None,
        };
        let all: Vec<Work> = parts.iter().enumerate().map(work).collect();
        let (mut loss, mut nll, mut inverse, mut norms) = (0.0, 0.0, 0.0, 0.0);
        let mut total: Option<(GradientsParams, f64)> = None;
        for together in all.chunks(self.at_once()) {
            for shares in self.shares(model, together)? {
                let own: f64 = shares.iter().map(|(_, lost)| lost.tokens).sum::<f64>().max(1.0);
                loss += shares.iter().map(|(_, lost)| lost.loss).sum::<f64>();
                nll += shares.iter().map(|(_, lost)| lost.nll).sum::<f64>();
                let (gradients, norm) =
                    add_up(model, shares.into_iter().map(|(gradients, _)| gradients).collect());
                inverse += 1.0 / own;
                norms += norm * (tokens as f64 / own).powi(2);
                total = Some(match total.take() {
                    Some((before, _)) => add_up(model, vec![before, gradients]),
                    None => (gradients, norm),
                });
            }
        }
        let (gradients, squared_norm) = total.unwrap_or_else(|| (GradientsParams::new(), 0.0));
        let count = parts.len() as f64;
        let part = (parts.len() > 1).then(|| (count / inverse, norms / count));
        Ok(Sums { gradients, squared_norm, loss, nll, part })
    }

    /// The gradients of batches that are worked on at once, each in one share or several.
    fn shares(&self, model: &M, together: &[Work]) -> Result<Vec<Vec<(GradientsParams, Lost)>>> {
        match &self.team {
            Some(team) => team.gradients(model, together.to_vec()),
            None => {
                // What draws from the generator of the device depends on seed and step alone, too.
                let one = |work: &Work| {
                    self.device.seed(work.seed);
                    vec![gradients(model, work, &self.device)]
                };
                Ok(together.iter().map(one).collect())
            }
        }
    }
    // ANCHOR_END: training_step
}

#[cfg(test)]
mod tests {
    use super::super::trainable::mean_nll;
    use super::*;
    use crate::data::batch::Source;
    use crate::data::copy::{CopyBatches, CopyTask};
    use crate::run::training::tests::training;
    use model::{Transformer, TransformerConfig};

    const TASK: CopyTask = CopyTask { vocab: 7, length: 5 };

    fn batches(parts: usize) -> CopyBatches {
        CopyBatches::new(TASK, 12, parts, 5, 3)
    }

    fn config() -> TransformerConfig {
        let tiny = TransformerConfig::tiny(7);
        TransformerConfig { n_layers: 1, d_model: 8, d_ff: 12, n_heads: 2, dropout: 0.0, ..tiny }
    }

    /// Tests in one process share Burn's generator: all trainers get the same parameters from one.
    fn trainers(settings: [TrainingConfig; 2]) -> [Trainer<Transformer>; 2] {
        let devices = [Device::flex()];
        let first =
            Trainer::new(|device| Ok(config().init(device)?), &settings[0], (8, 0), &devices).unwrap();
        settings.map(|training| {
            let model = first.model().clone();
            Trainer::resume(model, adam(), State::default(), &training, (8, 0), &devices).unwrap()
        })
    }

    fn next(source: &mut CopyBatches, parts: usize) -> Vec<Batch> {
        (0..parts).map(|_| source.next().unwrap()).collect()
    }

    #[test]
    fn parts_of_a_batch_add_up_to_the_whole() {
        let [mut whole, mut parts] = trainers([training(), TrainingConfig { accumulate: 4, ..training() }]);
        let (mut one, mut four) = (batches(1), batches(4));
        for step in 1..=4 {
            let a = whole.step(&next(&mut one, 1)).unwrap();
            let b = parts.step(&next(&mut four, 4)).unwrap();
            assert!((a.loss - b.loss).abs() < 1e-5, "step {step}: {} is not {}", b.loss, a.loss);
            assert!((a.nll - b.nll).abs() < 1e-5, "step {step}: {} is not {}", b.nll, a.nll);
            assert!((a.gradient_norm - b.gradient_norm).abs() < 1e-4, "step {step}");
        }
    }

    /// Burn's NdArray device is another implementation, so this compares two programs as well as two divisions of work.
    #[test]
    fn two_devices_give_the_gradients_of_one_on_the_joint_batch() {
        let [alone, _] = trainers([training(), training()]);
        let devices = [Device::flex(), crate::device::ndarray()];
        let model = alone.model().clone();
        let mut both =
            Trainer::resume(model, adam(), State::default(), &training(), (8, 0), &devices).unwrap();
        assert_eq!((alone.parts(), both.parts()), (1, 2));
        let (whole, halves) = (next(&mut batches(1), 1), next(&mut batches(2), 2));
        let tokens = whole[0].tokens(0);
        let (a, b) = (alone.backward(&whole, tokens, 1).unwrap(), both.backward(&halves, tokens, 1).unwrap());
        assert!((a.loss - b.loss).abs() < 1e-5 && (a.nll - b.nll).abs() < 1e-5);
        let all = |trainer: &Trainer<Transformer>, gradients: &GradientsParams| {
            flattened(trainer.model(), gradients)
        };
        let (a, b) = (all(&alone, &a.gradients), all(&both, &b.gradients));
        assert_eq!(a.len(), b.len());
        let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6 && a.iter().any(|value| value.abs() > 1e-3), "{worst}");
        let record = both.step(&halves).unwrap();
        assert!(record.loss.is_finite() && both.state.step == 1);
    }

    fn flattened(model: &Transformer, gradients: &GradientsParams) -> Vec<f32> {
        struct All<'a>(&'a GradientsParams, Vec<f32>);
        impl burn::module::ModuleVisitor for All<'_> {
            fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<burn::tensor::Tensor<D>>) {
                let gradient = self.0.get::<D>(param.id).unwrap();
                self.1.extend(gradient.into_data().iter::<f32>());
            }
        }
        let mut all = All(gradients, Vec::new());
        burn::module::Module::visit(model, &mut all);
        all.1
    }

    #[test]
    fn clipping_shortens_the_step_and_not_the_record() {
        let clipped = TrainingConfig { clip: Some(1e-6), ..training() };
        let [mut free, mut clipped] = trainers([training(), clipped]);
        let batch = next(&mut batches(1), 1);
        let (a, b) = (free.step(&batch).unwrap(), clipped.step(&batch).unwrap());
        assert!((a.gradient_norm - b.gradient_norm).abs() < 1e-6 && a.gradient_norm > 1e-3);
        // Adam's first step has the same length whatever the gradient's; its moments tell.
        assert!(free.state == clipped.state);
        let Sums { gradients, squared_norm, .. } = clipped.backward(&batch, 1, 1).unwrap();
        let half = scaled(clipped.model(), gradients, 0.5);
        let (_, quarter) = add_up(clipped.model(), vec![half]);
        assert!((quarter - squared_norm / 4.0).abs() < 1e-4 * squared_norm);
    }

    #[test]
    fn training_lowers_the_loss() {
        let [mut trainer, _] = trainers([training(), training()]);
        let mut source = batches(1);
        let valid = source.validation();
        let measure = |trainer: &Trainer<Transformer>| {
            let batches = std::iter::once(Ok(valid.clone()));
            mean_nll(&trainer.trained(), batches, 0, &Device::flex()).unwrap().0
        };
        let before = measure(&trainer);
        for _ in 0..40 {
            trainer.step(&next(&mut source, 1)).unwrap();
        }
        let after = measure(&trainer);
        assert!(after < before - 0.1, "{before} became {after}");
    }

    #[test]
    fn what_is_no_number_updates_nothing() {
        let huge = TrainingConfig {
            schedule: crate::run::schedule::Schedule::Noam { factor: 1e30, warmup: 1 },
            ..training()
        };
        let [mut trainer, _] = trainers([huge, training()]);
        let mut source = batches(1);
        let mut last = 0;
        for _ in 0..20 {
            let record = trainer.step(&next(&mut source, 1)).unwrap();
            if !(record.loss + record.gradient_norm).is_finite() {
                assert_eq!((trainer.state.step, record.step), (last, last + 1));
                return;
            }
            last = trainer.state.step;
        }
        panic!("a rate of 1e30 must break the model");
    }
}

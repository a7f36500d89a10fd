//! A model being trained, and the step that trains it.

use anyhow::Result;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::Device;

use super::gradients::{add_up, scaled};
use super::optimiser::adam_of;
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
        Self::resume(model, adam_of(&config.adam), State::default(), config, (d_model, pad), devices)
    }

    /// A model with its optimiser and state, as they were when it was saved.
    ///
    /// # Errors
    ///
    /// If the system gives no threads.
    pub(crate) fn resume(
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
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Batches that make a step, however many devices there are.
    #[must_use]
    pub(crate) fn parts(&self) -> usize {
        self.config.accumulate
    }

    /// Whether several devices compute a step, of which one can fail without the others.
    #[must_use]
    pub(crate) fn has_several_devices(&self) -> bool {
        self.team.as_ref().is_some_and(Team::has_several_devices)
    }

    /// How it is trained.
    #[must_use]
    pub(crate) fn config(&self) -> &TrainingConfig {
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
    /// One step: forward, loss, backward, Adam, over all `parts` as
    /// if they were one batch. The loss is the sum over all tokens
    /// divided by their number, so the gradients of the parts add up
    /// to exactly the gradient of the whole.
    ///
    /// If loss or gradients are no numbers, nothing is updated; the
    /// record shows it.
    ///
    /// # Errors
    ///
    /// If one of several devices fails.
    pub(crate) fn step(&mut self, parts: &[Batch]) -> Result<Record> {
        let step = self.state.step + 1;
        // All that is random depends on the seed and the step alone.
        let seed = mix(self.config.seed, step);
        let tokens = self.tokens(parts);
        let sums = self.backward(parts, tokens.max(1), seed)?;
        let rate = self.rate(step);
        self.note_noise(tokens, &sums);
        let record = self.record(parts, tokens, rate, &sums);
        if (record.loss + record.gradient_norm).is_finite() {
            let gradients = self.clipped(sums);
            // Adam gets the only copy, so that it works in place.
            let model = self.model.take();
            let adam = &mut self.optimiser;
            self.model = model.map(|m| adam.step(rate, m, gradients));
            self.state.step = step;
            self.state.target_tokens += tokens as u64;
        }
        Ok(record)
    }
    // ANCHOR_END: training_step

    /// Tokens to predict.
    fn tokens(&self, parts: &[Batch]) -> usize {
        parts.iter().map(|part| part.tokens(self.pad)).sum()
    }

    /// The learning rate of a step.
    fn rate(&self, step: usize) -> f64 {
        let done = self.config.done(step, self.state.seconds, self.state.epochs);
        self.config.schedule.rate(step, self.d_model, done)
    }

    fn note_noise(&mut self, tokens: usize, sums: &Sums) {
        if let Some(part) = sums.part {
            self.state.noise.note(part, (tokens as f64, sums.squared_norm));
        }
    }

    /// What is noted of the step after those that were taken.
    fn record(&self, parts: &[Batch], tokens: usize, lr: f64, sums: &Sums) -> Record {
        let (places, padding) = parts.iter().map(Batch::places).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        Record {
            step: self.state.step + 1,
            epoch: self.state.epochs as usize + 1,
            loss: sums.loss,
            nll: sums.nll,
            lr,
            tokens,
            padding: padding as f64 / places.max(1) as f64,
            gradient_norm: sums.squared_norm.sqrt(),
            noise_scale: self.state.noise.scale(),
        }
    }

    /// The gradients, scaled down to the norm that they may have.
    fn clipped(&self, Sums { gradients, squared_norm, .. }: Sums) -> GradientsParams {
        let norm = squared_norm.sqrt();
        match self.config.clip.filter(|&limit| norm > limit) {
            Some(limit) => scaled(self.model(), gradients, limit / norm),
            None => gradients,
        }
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
            number: 0,
            cores: None,
        };
        let (mut loss, mut nll, mut inverse, mut norms) = (0.0, 0.0, 0.0, 0.0);
        let mut total: Option<(GradientsParams, f64)> = None;
        for work in parts.iter().enumerate().map(work) {
            let shares = self.shares(model, &work)?;
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
        let (gradients, squared_norm) = total.unwrap_or_else(|| (GradientsParams::new(), 0.0));
        let count = parts.len() as f64;
        let part = (parts.len() > 1).then(|| (count / inverse, norms / count));
        Ok(Sums { gradients, squared_norm, loss, nll, part })
    }

    /// The gradients of a batch, in one share or several.
    fn shares(&self, model: &M, work: &Work) -> Result<Vec<(GradientsParams, Lost)>> {
        if let Some(team) = &self.team {
            return team.gradients(model, work);
        }
        // What draws from the generator of the device depends on seed and step alone, too.
        self.device.seed(work.seed);
        Ok(vec![gradients(model, work, &self.device)])
    }
}

#[cfg(test)]
mod tests;

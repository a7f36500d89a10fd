//! What trainings of experiments have in common: they end after so many steps, and keep their last model alone.

use train::run::adam::AdamConfig;
use train::run::schedule::Schedule;
use train::run::training::{Interval, TrainingConfig};
use train::training::progress::{Evaluation, Progress, Step};

/// A training of so many steps, evaluated at its end, without smoothing and without clipping.
pub(crate) fn of_steps(steps: usize, batch_size: usize, schedule: Schedule, seed: u64) -> TrainingConfig {
    TrainingConfig {
        steps: Some(steps),
        minutes: None,
        epochs: None,
        evaluate: Interval::Steps(steps),
        batch_size,
        accumulate: 1,
        schedule,
        adam: AdamConfig::default(),
        init: None,
        label_smoothing: 0.0,
        clip: None,
        patience: None,
        keep_best: 0,
        keep_last: 1,
        seed,
    }
}

/// Training shows as a part of the experiment: each step is told, and nothing else.
pub(crate) struct Told<F>(pub(crate) F);

impl<F: FnMut(&Step)> Progress for Told<F> {
    fn step(&mut self, step: &Step) {
        (self.0)(step);
    }

    fn evaluation(&mut self, _: &Evaluation) {}

    fn note(&mut self, _: &str) {}
}

/// What a step says of itself.
pub(crate) fn said(step: &Step) -> String {
    format!("step {}: {:.2} nats", step.step, step.nll)
}

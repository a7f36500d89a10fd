//! How to train.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Steps of the optimiser in all.
    pub steps: usize,
    /// Steps in an epoch, after which the model is validated and saved.
    pub batches_per_epoch: usize,
    /// Sequences a step.
    pub batch_size: usize,
    /// Equal parts that a batch is computed in, one after the other, to save memory.
    pub accumulate: usize,
    /// Factor of the Noam learning rate.
    pub lr_factor: f64,
    /// Steps until the learning rate is highest.
    pub warmup: usize,
    /// Mass taken from the target, in `[0, 1)`.
    pub label_smoothing: f64,
    /// Decides the parameters, the data and dropout.
    pub seed: u64,
}

impl TrainingConfig {
    /// Checks every number.
    ///
    /// # Errors
    ///
    /// Names the first that breaks a rule, its value and the rule.
    pub fn validate(&self) -> Result<()> {
        let sizes = [
            ("steps", self.steps),
            ("batches_per_epoch", self.batches_per_epoch),
            ("batch_size", self.batch_size),
            ("accumulate", self.accumulate),
            ("warmup", self.warmup),
        ];
        for (name, size) in sizes {
            ensure!(size > 0, "{name} = {size}, but it must be at least 1");
        }
        let Self { batch_size, accumulate, lr_factor, label_smoothing, .. } = self;
        let divides = batch_size.is_multiple_of(*accumulate);
        ensure!(divides, "batch_size = {batch_size}, but it must be a multiple of accumulate = {accumulate}");
        let positive = lr_factor.is_finite() && *lr_factor > 0.0;
        ensure!(positive, "lr_factor = {lr_factor}, but it must be a positive number");
        let probability = (0.0..1.0).contains(label_smoothing);
        ensure!(probability, "label_smoothing = {label_smoothing}, but a probability in [0, 1) is needed");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn settings_that_make_no_sense_are_named() {
        let wrong = |change: fn(&mut TrainingConfig)| {
            let mut config = training();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        assert!(wrong(|c| c.steps = 0).contains("steps = 0, but it must be at least 1"));
        assert!(
            wrong(|c| c.accumulate = 5)
                .contains("batch_size = 12, but it must be a multiple of accumulate = 5")
        );
        assert!(wrong(|c| c.label_smoothing = 1.0).contains("label_smoothing = 1"));
        assert!(wrong(|c| c.lr_factor = f64::NAN).contains("lr_factor = NaN"));
    }
}

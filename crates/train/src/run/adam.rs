//! How Adam is set (paper, section 5.3; for weight decay Loshchilov & Hutter 2019).

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

/// How much of the mean of the gradients a step keeps.
pub const BETA_1: f64 = 0.9;
/// How much of the mean of their squares.
pub const BETA_2: f64 = 0.98;
/// What keeps the divisor from zero.
pub const EPSILON: f64 = 1e-9;

/// What Adam goes by beside the learning rate. What a run doesn't say is as in the paper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamConfig {
    /// How much of the mean of the gradients a step keeps, in `[0, 1)`.
    pub beta_1: f64,
    /// How much of the mean of their squares, in `[0, 1)`.
    pub beta_2: f64,
    /// What keeps the divisor from zero.
    pub epsilon: f64,
    /// Every step takes this times the learning rate off the weights, apart from what their gradients say. Biases and
    /// gains, which are vectors, stay as they are.
    pub weight_decay: f64,
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self { beta_1: BETA_1, beta_2: BETA_2, epsilon: EPSILON, weight_decay: 0.0 }
    }
}

impl AdamConfig {
    /// Checks every number as it is computed with, in single precision.
    ///
    /// # Errors
    ///
    /// Names the first that breaks a rule, its value and the rule.
    pub(crate) fn validate(&self) -> Result<()> {
        let Self { beta_1, beta_2, epsilon, weight_decay } = *self;
        for (name, beta) in [("beta_1", beta_1), ("beta_2", beta_2)] {
            let fits = (0.0..1.0).contains(&(beta as f32));
            ensure!(fits, "{name} = {beta}, but it must be at least 0 and below 1");
        }
        let fits = epsilon as f32 > 0.0 && (epsilon as f32).is_finite();
        ensure!(fits, "epsilon = {epsilon}, but it must be positive, also in single precision");
        let fits = weight_decay.is_finite() && weight_decay >= 0.0;
        ensure!(fits, "weight_decay = {weight_decay}, but it must be at least 0");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_does_not_say_is_as_in_the_paper() {
        assert_eq!(serde_json::from_str::<AdamConfig>("{}").unwrap(), AdamConfig::default());
        let found: AdamConfig = serde_json::from_str("{\"beta_2\": 0.999}").unwrap();
        assert_eq!(found, AdamConfig { beta_2: 0.999, ..AdamConfig::default() });
        assert!(serde_json::from_str::<AdamConfig>("{\"beta_3\": 0.9}").is_err());
    }

    #[test]
    fn numbers_that_make_no_sense_are_named() {
        AdamConfig::default().validate().unwrap();
        AdamConfig { beta_1: 0.0, beta_2: 0.0, epsilon: 1e-40, weight_decay: 2.0 }.validate().unwrap();
        let wrong = |change: fn(&mut AdamConfig)| {
            let mut config = AdamConfig::default();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        assert!(wrong(|c| c.beta_1 = 1.0).contains("beta_1 = 1, but"));
        assert!(wrong(|c| c.beta_1 = f64::NAN).contains("beta_1 = NaN"));
        // In single precision it is 1, by which nothing can be divided.
        assert!(wrong(|c| c.beta_2 = 0.999_999_999_9).contains("beta_2 = 0.9999999999"));
        assert!(wrong(|c| c.beta_2 = -0.1).contains("beta_2 = -0.1"));
        assert!(wrong(|c| c.epsilon = 1e-60).contains("single precision"));
        assert!(wrong(|c| c.epsilon = f64::INFINITY).contains("epsilon = inf"));
        assert!(wrong(|c| c.weight_decay = -0.1).contains("weight_decay = -0.1"));
        assert!(wrong(|c| c.weight_decay = f64::NAN).contains("weight_decay = NaN"));
    }
}

//! Learning rates.

use std::f64::consts::PI;

use anyhow::{Result, ensure};
use model::noam::noam_rate;
use serde::{Deserialize, Serialize};

/// How the learning rate goes up and down.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Schedule {
    /// The paper's (section 5.3): up in a straight line, then down with the root of the step.
    Noam {
        /// What the rate is multiplied by.
        factor: f64,
        /// Steps until it is highest.
        warmup: usize,
    },
    /// Up in a straight line, then down along a cosine to a tenth (Loshchilov & Hutter 2017).
    Cosine {
        /// The highest rate.
        peak: f64,
        /// Steps until it is reached.
        warmup: usize,
    },
}

/// Where the cosine ends, as a share of the highest rate.
const FLOOR: f64 = 0.1;

impl Schedule {
    /// Checks the numbers.
    ///
    /// # Errors
    ///
    /// Names the first that breaks a rule.
    pub(crate) fn validate(&self) -> Result<()> {
        let (name, rate, warmup) = match *self {
            Self::Noam { factor, warmup } => ("lr_factor", factor, warmup),
            Self::Cosine { peak, warmup } => ("lr", peak, warmup),
        };
        ensure!(rate.is_finite() && rate > 0.0, "{name} = {rate}, but it must be a positive number");
        ensure!(warmup > 0, "warmup = {warmup}, but it must be at least 1");
        Ok(())
    }

    /// The rate of a step, from one; `done` is the share of the whole run, which the cosine goes by.
    #[must_use]
    pub(crate) fn rate(&self, step: usize, d_model: usize, done: f64) -> f64 {
        match *self {
            Self::Noam { factor, warmup } => noam_rate(step, d_model, warmup, factor),
            Self::Cosine { peak, warmup } => {
                let rising = step as f64 / warmup as f64;
                let cosine = 0.5 * (1.0 + (PI * done.clamp(0.0, 1.0)).cos());
                peak * rising.min(1.0) * (FLOOR + (1.0 - FLOOR) * cosine)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_rises_and_falls_to_a_tenth() {
        let schedule = Schedule::Cosine { peak: 2.0, warmup: 4 };
        assert!((schedule.rate(2, 512, 0.0) - 1.0).abs() < 1e-12);
        assert!((schedule.rate(4, 512, 0.0) - 2.0).abs() < 1e-12);
        assert!((schedule.rate(50, 512, 0.5) - 1.1).abs() < 1e-12);
        assert!((schedule.rate(100, 512, 1.0) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn noam_is_the_models() {
        let schedule = Schedule::Noam { factor: 0.5, warmup: 7 };
        assert!((schedule.rate(9, 48, 0.3) - noam_rate(9, 48, 7, 0.5)).abs() < 1e-15);
    }
}

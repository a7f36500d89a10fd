//! A learner made of a formula: how a fact is forgotten, and what a recall does to it.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The share that is still known when a fact's *stability* has passed.
pub(super) const AT_STABILITY: f64 = 0.9;
/// Days after which that is so of a fact that was read once: of as many facts it is more as of which it is less.
pub(super) const READ: f64 = 0.35;
/// How far facts differ in it: the standard deviation of its logarithm.
pub(super) const SPREAD: f64 = 1.0;
/// What a recall at [`AT_STABILITY`] multiplies the stability by: the factor that SM-2 begins with.
pub(super) const FACTOR: f64 = 2.5;

/// How what is known falls with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Curve {
    /// As a power of time: fast at first, and then ever more slowly.
    Power,
    /// By the same share each day.
    Exponential,
}

/// What makes a recall worth more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Gain {
    /// It is worth more, the less was left: what was nearly forgotten is kept longest.
    Spacing,
    /// It is worth the same, whenever it is: the control.
    Constant,
}

// ANCHOR: curve
impl Curve {
    /// The probability that a fact of this stability is recalled
    /// after some days.
    pub(super) fn known(self, days: f64, stability: f64) -> f64 {
        let stabilities = days / stability;
        let lost = 1.0 / AT_STABILITY - 1.0;
        match self {
            Self::Power => 1.0 / (1.0 + lost * stabilities),
            Self::Exponential => AT_STABILITY.powf(stabilities),
        }
    }
}
// ANCHOR_END: curve

// ANCHOR: gain
impl Gain {
    /// What a recall multiplies the stability by, if the fact was
    /// still known with that probability.
    pub(super) fn factor(self, known: f64) -> f64 {
        match self {
            Self::Spacing => {
                let steep = (FACTOR - 1.0) / (1.0 - AT_STABILITY);
                1.0 + steep * (1.0 - known)
            }
            Self::Constant => FACTOR,
        }
    }
}
// ANCHOR_END: gain

/// How well something was answered, from 0 to 5, as SM-2 wants to know: what was nearly forgotten comes slowly.
pub(super) fn grade(recalled: bool, known: f64) -> u8 {
    match recalled {
        false => 1,
        true if known > 0.95 => 5,
        true if known > 0.8 => 4,
        true => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_tenths_are_left_when_the_stability_has_passed() {
        for curve in [Curve::Power, Curve::Exponential] {
            for stability in [0.3, 7.0, 131.0] {
                assert!((curve.known(stability, stability) - 0.9).abs() < 1e-12);
                assert_eq!(curve.known(0.0, stability), 1.0);
            }
        }
        // In the long run, the power keeps more.
        assert!(Curve::Power.known(100.0, 1.0) > 50.0 * Curve::Exponential.known(100.0, 1.0));
    }

    #[test]
    fn a_late_recall_is_worth_more_to_one_learner_and_the_same_to_the_other() {
        assert!(
            (Gain::Spacing.factor(0.9) - 2.5).abs() < 1e-12
                && (Gain::Spacing.factor(1.0) - 1.0).abs() < 1e-12
        );
        assert!(Gain::Spacing.factor(0.5) > Gain::Spacing.factor(0.9));
        assert_eq!([0.1, 0.9, 1.0].map(|known| Gain::Constant.factor(known)), [2.5; 3]);
        assert_eq!([0.99, 0.9, 0.5].map(|known| grade(true, known)), [5, 4, 3]);
        assert_eq!(grade(false, 0.99), 1);
    }
}

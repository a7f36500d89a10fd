//! How to train.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::adam::AdamConfig;
use super::schedule::Schedule;

/// The largest size of a batch, in whatever it is counted.
const LARGEST_BATCH: usize = 1 << 24;
/// Batches of a step at most.
const MOST_PARTS: usize = 1 << 16;

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    /// Steps of the optimiser after which training ends.
    pub steps: Option<usize>,
    /// Minutes of training, evaluations not counted, after which it ends.
    pub minutes: Option<f64>,
    /// Times through the data after which it ends.
    pub epochs: Option<usize>,
    /// When the model is evaluated and saved; it also is at the very end.
    pub evaluate: Interval,
    /// Size of a batch: of the copy task in sequences, else in tokens of its wider side, padding included.
    pub batch_size: usize,
    /// Batches that make a step, one after the other: the gradients are those of all their tokens at once.
    pub accumulate: usize,
    /// The learning rate.
    pub schedule: Schedule,
    /// How the optimiser is set; an older run doesn't say it.
    #[serde(default)]
    pub adam: AdamConfig,
    /// What training begins with; none if the model is drawn from the seed, and the vocabulary learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<Init>,
    /// Mass taken from the target, in `[0, 1)`.
    pub label_smoothing: f64,
    /// Gradients are scaled down to this norm where theirs is greater.
    pub clip: Option<f64>,
    /// Training ends after so many evaluations without an improvement.
    pub patience: Option<usize>,
    /// Checkpoints that are kept for being the best.
    pub keep_best: usize,
    /// Checkpoints that are kept for being the last.
    pub keep_last: usize,
    /// Decides the parameters, the data and dropout.
    pub seed: u64,
}

/// What training begins with. It is read anew if training was killed before its first checkpoint, and must be the same
/// then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Init {
    /// The weights and vocabularies of a run.
    Run {
        /// Its folder.
        path: PathBuf,
        /// Steps that its weights were trained for.
        step: usize,
        /// SHA-256 of the weights.
        sum: String,
    },
    /// A vocabulary that is there already, for both sides.
    Tokenizer {
        /// A `tokenizer.json`.
        path: PathBuf,
        /// Its SHA-256.
        sum: String,
    },
}

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    /// Every so many steps.
    Steps(usize),
    /// Every so many minutes of training.
    Minutes(f64),
}

impl TrainingConfig {
    /// Checks every number.
    ///
    /// # Errors
    ///
    /// Names the first that breaks a rule, its value and the rule.
    pub(crate) fn validate(&self) -> Result<()> {
        let mut sizes = vec![
            ("batch_size", Some(self.batch_size)),
            ("accumulate", Some(self.accumulate)),
            ("steps", self.steps),
            ("epochs", self.epochs),
            ("patience", self.patience),
            ("keep_last", Some(self.keep_last)),
        ];
        let mut positive = vec![("minutes", self.minutes), ("clip", self.clip)];
        match self.evaluate {
            Interval::Steps(steps) => sizes.push(("evaluate_steps", Some(steps))),
            Interval::Minutes(minutes) => positive.push(("evaluate_minutes", Some(minutes))),
        }
        for (name, size) in sizes {
            ensure!(size != Some(0), "{name} = 0, but it must be at least 1");
        }
        let bounded =
            [("batch_size", self.batch_size, LARGEST_BATCH), ("accumulate", self.accumulate, MOST_PARTS)];
        for (name, size, most) in bounded {
            ensure!(size <= most, "{name} = {size}, but it must be at most {most}");
        }
        for (name, number) in positive {
            let fits = number.is_none_or(|number| number.is_finite() && number > 0.0);
            ensure!(fits, "{name} = {}, but it must be a positive number", number.unwrap_or_default());
        }
        ensure!(
            self.steps.is_some() || self.minutes.is_some() || self.epochs.is_some(),
            "nothing says when training ends; give --steps, --minutes or --epochs"
        );
        let Self { label_smoothing, .. } = self;
        let probability = (0.0..1.0).contains(label_smoothing);
        ensure!(probability, "label_smoothing = {label_smoothing}, but a probability in [0, 1) is needed");
        self.adam.validate()?;
        self.schedule.validate()
    }

    /// The share of the run that is done, from 0 to 1.
    #[must_use]
    pub(crate) fn done(&self, step: usize, seconds: f64, epochs: f64) -> f64 {
        let shares = [
            self.steps.map(|steps| step as f64 / steps as f64),
            self.minutes.map(|minutes| seconds / 60.0 / minutes),
            self.epochs.map(|all| epochs / all as f64),
        ];
        shares.into_iter().flatten().fold(0.0, f64::max).min(1.0)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn training() -> TrainingConfig {
        TrainingConfig {
            steps: Some(6),
            minutes: None,
            epochs: None,
            evaluate: Interval::Steps(3),
            batch_size: 12,
            accumulate: 1,
            schedule: Schedule::Noam { factor: 1.0, warmup: 10 },
            adam: AdamConfig::default(),
            init: None,
            label_smoothing: 0.1,
            clip: None,
            patience: None,
            keep_best: 0,
            keep_last: 1,
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
        assert!(wrong(|c| c.steps = Some(0)).contains("steps = 0, but it must be at least 1"));
        assert!(wrong(|c| c.steps = None).contains("--steps, --minutes or --epochs"));
        assert!(wrong(|c| c.minutes = Some(-1.0)).contains("minutes = -1"));
        assert!(wrong(|c| c.evaluate = Interval::Minutes(f64::NAN)).contains("evaluate_minutes = NaN"));
        assert!(wrong(|c| c.label_smoothing = 1.0).contains("label_smoothing = 1"));
        assert!(wrong(|c| c.clip = Some(0.0)).contains("clip = 0"));
        let nan = |c: &mut TrainingConfig| c.schedule = Schedule::Noam { factor: f64::NAN, warmup: 1 };
        assert!(wrong(nan).contains("lr_factor = NaN"));
    }

    #[test]
    fn a_step_has_an_upper_bound() {
        type Field = fn(&mut TrainingConfig) -> &mut usize;
        let fields: [(&str, Field, usize); 2] =
            [("batch_size", |c| &mut c.batch_size, 1 << 24), ("accumulate", |c| &mut c.accumulate, 1 << 16)];
        for (name, field, most) in fields {
            let mut config = training();
            *field(&mut config) = most;
            config.validate().unwrap();
            for size in [most + 1, (1 << 32) - 1, usize::MAX] {
                *field(&mut config) = size;
                let message = config.validate().unwrap_err().to_string();
                assert_eq!(message, format!("{name} = {size}, but it must be at most {most}"));
            }
        }
    }

    #[test]
    fn what_ends_first_decides_how_much_is_done() {
        let config = TrainingConfig { minutes: Some(2.0), epochs: Some(4), ..training() };
        assert!((config.done(3, 0.0, 0.0) - 0.5).abs() < 1e-12);
        assert!((config.done(3, 90.0, 1.0) - 0.75).abs() < 1e-12);
        assert!((config.done(3, 0.0, 3.6) - 0.9).abs() < 1e-12);
        assert!((config.done(9, 0.0, 0.0) - 1.0).abs() < 1e-12);
    }
}

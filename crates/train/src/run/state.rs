//! `state.json` of a checkpoint: how far training was.

use serde::{Deserialize, Serialize};

use super::noise::NoiseMeter;
use crate::data::batch::Position;

/// How far training is: with the weights and the optimiser, everything that going on needs. Dropout's random numbers
/// are a function of the seed and the step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Steps taken.
    pub step: usize,
    /// Where the next batch is.
    pub position: Position,
    /// Times through the data, with the part of the present one that is done.
    #[serde(with = "super::exact")]
    pub epochs: f64,
    /// Target tokens trained on.
    pub target_tokens: u64,
    /// Seconds spent on training, evaluations not counted.
    #[serde(with = "super::exact")]
    pub seconds: f64,
    /// The noise scale so far.
    pub noise: NoiseMeter,
    /// Whether the model is to be evaluated before the next step.
    pub due: bool,
    /// Evaluations, the oldest first.
    pub evaluations: Vec<Measured>,
    /// What of the metrics was written before; older versions didn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Written>,
    /// The same of the timings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timings: Option<Written>,
}

/// The beginning of a file that is added to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// What a checkpoint keeps of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Steps taken before it.
    pub step: usize,
    /// Negative log-likelihood per token, in nats.
    #[serde(with = "super::exact")]
    pub nll: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_keeps_an_evaluation_to_the_last_bit() {
        let measured = Measured { step: 7, nll: 0.1 + 0.2 };
        let text = serde_json::to_string(&measured).unwrap();
        assert_eq!(serde_json::from_str::<Measured>(&text).unwrap(), measured);
    }
}

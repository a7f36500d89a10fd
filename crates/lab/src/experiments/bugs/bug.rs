//! The bugs: what each is called, and what it is.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A mistake that readers of tutorials made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Bug {
    /// The decoder's self-attention has no causal mask.
    CausalLeak,
    /// Heads are cut out by a reshape alone: two axes are not swapped.
    SwappedAxes,
    /// No positional encoding is added.
    NoPositions,
    /// The token that begins every sequence is that of padding.
    BosIsPad,
    /// The loss is averaged over padding, too.
    PadMean,
    /// Of the gradients that are to be accumulated, only the first are kept.
    FirstAccumulation,
    /// Scores are not divided by the root of `d_k`.
    NoScale,
    /// Layer norm divides by a sample's deviation, with epsilon outside the root.
    BesselNorm,
    /// All sines stand before all cosines.
    PositionsInHalves,
}

impl Bug {
    /// All of them, in the order in which they are told.
    pub(super) const ALL: [Self; 9] = [
        Self::CausalLeak,
        Self::SwappedAxes,
        Self::NoPositions,
        Self::BosIsPad,
        Self::PadMean,
        Self::FirstAccumulation,
        Self::NoScale,
        Self::BesselNorm,
        Self::PositionsInHalves,
    ];

    /// Its name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CausalLeak => "causal-leak",
            Self::BesselNorm => "bessel-norm",
            Self::FirstAccumulation => "first-accumulation",
            Self::PadMean => "pad-mean",
            Self::BosIsPad => "bos-is-pad",
            Self::SwappedAxes => "swapped-axes",
            Self::NoPositions => "no-positions",
            Self::PositionsInHalves => "positions-in-halves",
            Self::NoScale => "no-scale",
        }
    }

    /// What is wrong, as a sentence.
    pub(super) fn mistake(self) -> &'static str {
        match self {
            Self::CausalLeak => "The decoder's self-attention has no causal mask.",
            Self::BesselNorm => "Layer norm divides by n - 1, and adds epsilon outside the root.",
            Self::FirstAccumulation => "Of the gradients to be accumulated, only the first are kept.",
            Self::PadMean => "The loss is averaged over padding, too.",
            Self::BosIsPad => "The token that begins every sequence is that of padding.",
            Self::SwappedAxes => "Heads are cut out by a reshape alone: two axes are not swapped.",
            Self::NoPositions => "No positional encoding is added.",
            Self::PositionsInHalves => "All sines stand before all cosines.",
            Self::NoScale => "Scores are not divided by the root of d_k.",
        }
    }

    /// Whether it is in how a trained model is used, and not only in how one is trained.
    pub(super) fn is_in_the_model(self) -> bool {
        !matches!(self, Self::FirstAccumulation | Self::PadMean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_is_told_under_the_name_that_it_has_everywhere() {
        assert_eq!(Bug::value_variants(), Bug::ALL);
        for bug in Bug::ALL {
            assert_eq!(bug.to_possible_value().unwrap().get_name(), bug.name());
            assert_eq!(serde_json::to_value(bug).unwrap(), bug.name());
        }
    }
}

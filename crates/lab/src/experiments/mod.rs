//! The experiments, one file or folder each. A new one gets a line in the table.

mod beam;
mod by_hand;
mod family_trees;
mod feature_visualisation;
mod next_word;
mod noise_scale;
mod replay;
mod skip_and_norm;
mod surprisal;
mod weights_and_inputs;

use crate::contract::experiment::Entry;

/// All experiments, in the order in which a learner meets them.
pub const EXPERIMENTS: &[Entry] = &[
    Entry::of::<family_trees::FamilyTrees>(),
    Entry::of::<feature_visualisation::FeatureVisualisation>(),
    Entry::of::<next_word::NextWord>(),
    Entry::of::<by_hand::ByHand>(),
    Entry::of::<surprisal::Surprisal>(),
    Entry::of::<skip_and_norm::SkipAndNorm>(),
    Entry::of::<weights_and_inputs::WeightsAndInputs>(),
    Entry::of::<noise_scale::NoiseScale>(),
    Entry::of::<beam::Beam>(),
    Entry::of::<replay::Replay>(),
];

//! The experiments, one file or folder each. A new one gets a line in the table.

mod batch_detour;
mod beam;
mod bugs;
mod by_hand;
mod family_trees;
mod feature_visualisation;
mod grammar;
mod learning_rate;
mod live;
mod next_word;
mod noise_scale;
mod redraw;
mod remember;
mod replay;
mod skip_and_norm;
mod surprisal;
mod weights_and_inputs;
mod winograd;

use crate::contract::experiment::Entry;

/// All experiments, in the order in which a learner meets them.
pub const EXPERIMENTS: &[Entry] = &[
    Entry::of::<family_trees::FamilyTrees>(),
    Entry::of::<feature_visualisation::FeatureVisualisation>(),
    Entry::of::<next_word::NextWord>(),
    Entry::of::<by_hand::ByHand>(),
    Entry::of::<grammar::Grammar>(),
    Entry::of::<winograd::Winograd>(),
    Entry::of::<surprisal::Surprisal>(),
    Entry::of::<skip_and_norm::SkipAndNorm>(),
    Entry::of::<weights_and_inputs::WeightsAndInputs>(),
    Entry::of::<batch_detour::BatchDetour>(),
    Entry::of::<learning_rate::LearningRate>(),
    Entry::of::<noise_scale::NoiseScale>(),
    Entry::of::<bugs::Bugs>(),
    Entry::of::<redraw::Redraw>(),
    Entry::of::<remember::Remember>(),
    Entry::of::<beam::Beam>(),
    Entry::of::<replay::Replay>(),
    Entry::of::<live::Live>(),
];

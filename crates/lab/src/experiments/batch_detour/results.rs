//! All that is measured.

use serde::{Deserialize, Serialize};

use super::counts::{Cut, Scoring};
use super::learn::{Point, Way};
use super::pictures::Example;
use crate::contract::spread::Spread;

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::experiments) struct Results {
    pub(super) parameters: usize,
    pub(super) classes: usize,
    pub(super) rate: f64,
    pub(super) momentum: f64,
    /// Images that networks are looked at with on their way.
    pub(super) looked_at: usize,
    /// Rows of a batch that a loop scores which was written for the small one.
    pub(super) rows: usize,
    /// Batches between two losses that the tutorial tells.
    pub(super) told_every: usize,
    /// The images to learn from, in small batches and in large ones, and those of the test in large ones.
    pub(super) small: Cut,
    pub(super) large: Cut,
    pub(super) test: Cut,
    /// How many times fewer updates an epoch has with the large ones, and how many times more images a batch.
    pub(super) fewer: f64,
    pub(super) times: f64,
    /// In a mean of means: how many times too much an image of the last batch of the test weighs, and by how much the batch
    /// weighs too much.
    pub(super) overweight: f64,
    pub(super) excess: f64,
    pub(super) ways: Ways,
    /// Pictures of the first test, one of each class.
    pub(super) examples: Vec<Example>,
    pub(super) runs: Vec<Run>,
    pub(super) summary: Summary,
}

/// The ways to learn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ways {
    /// The tutorial's.
    pub(super) small: Way,
    /// With large batches, and nothing else changed.
    pub(super) large: Way,
    /// With large batches, and a rate as many times larger.
    pub(super) scaled: Way,
    /// With large batches, for longer: in the end with as many updates as small ones have had on their way.
    pub(super) longer: Way,
}

/// What came of one seed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) seed: u64,
    /// Losses of the first small batches.
    pub(super) begin: Vec<f64>,
    pub(super) small: Trained,
    /// After as many updates as in `longer`.
    pub(super) small_then: End,
    /// After one epoch. What came before is in `longer`, which is the same network later.
    pub(super) large: End,
    pub(super) scaled: Trained,
    pub(super) longer: Trained,
    /// Of the network that learned with small batches, if it is tested in large ones.
    pub(super) scoring: Scoring,
}

/// How a network came to where it ended.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Trained {
    pub(super) points: Vec<Point>,
    pub(super) end: End,
}

/// How well a network does in the whole test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) loss: f64,
    pub(super) accuracy: f64,
}

/// What is told of all seeds together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) seeds: usize,
    /// In the whole test, after all that a way has to do.
    pub(super) small: Ends,
    pub(super) large: Ends,
    pub(super) scaled: Ends,
    pub(super) longer: Ends,
    /// With small batches, after as many updates as `longer` has.
    pub(super) small_then: Ends,
    /// Seeds in which large batches are right less often, and by how much.
    pub(super) dropped: usize,
    pub(super) drop: Spread,
    /// What part of that the larger rate makes up for.
    pub(super) made_up_for: Spread,
    /// By how much large batches are ahead of small ones, after as many updates.
    pub(super) longer_ahead: Spread,
    /// Where large batches have been through all images once, and small ones have had no more updates: accuracy with the
    /// images that are looked at.
    pub(super) same_updates: SameUpdates,
    /// How far the formula for the bias is from what came out, at most.
    pub(super) off: f64,
    /// The bias as a part of the loss, without its sign; and in other orders of the images, at most.
    pub(super) bias: Spread,
    pub(super) bias_at_most: f64,
}

/// How well networks do in the whole test.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ends {
    pub(super) loss: Spread,
    pub(super) accuracy: Spread,
}

/// After as many updates.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SameUpdates {
    pub(super) updates: usize,
    pub(super) small: Spread,
    pub(super) large: Spread,
    /// Images that the small batches have had by then.
    pub(super) small_images: usize,
}

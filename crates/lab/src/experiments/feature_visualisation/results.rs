//! All that is measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::exact::{Kernels, Linear};
use super::shades::Shades;
use crate::contract::spread::Spread;

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::experiments) struct Results {
    pub(super) sizes: Sizes,
    /// The cosine with the sprites that one would wish for.
    pub(super) goal: f64,
    pub(super) climb: Climbed,
    pub(super) linear: Linear,
    pub(super) kernels: Kernels,
    pub(super) summary: Summary,
    pub(super) runs: Vec<Run>,
    /// Pictures of the networks of the first seed.
    pub(super) animals: Animals,
    pub(super) sprites: Sprites,
    pub(super) asked: Option<Asked>,
}

/// How large everything is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sizes {
    pub(super) side: usize,
    pub(super) classes: usize,
    pub(super) parameters: usize,
    pub(super) epochs: usize,
    /// Silhouettes to learn from, and to judge by.
    pub(super) learned: usize,
    pub(super) tested: usize,
    /// The same of pictures with sprites in them.
    pub(super) learned_hidden: usize,
    pub(super) tested_hidden: usize,
    /// Cells of a sprite on a side, how often it is in a picture, and the noise's deviation if that of a sprite is 1.
    pub(super) cells: usize,
    pub(super) often: f64,
    pub(super) noise: f64,
}

/// How pictures climb.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Climbed {
    pub(super) steps: usize,
    /// The step in the middle that is shown.
    pub(super) middle: usize,
    pub(super) jitter: usize,
    pub(super) total_variation: f64,
}

/// The networks of a seed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) seed: u64,
    /// The share of animals that are named right, of those that were not learned from.
    pub(super) right: f64,
    /// The share of right answers to whether a sprite is in a picture.
    pub(super) found: f64,
    /// The score of the animal that has the largest, on average over the classes.
    pub(super) best: f64,
    /// By the names of the ways.
    pub(super) ways: BTreeMap<String, Measured>,
}

/// What a way comes to, over all ten classes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Measured {
    /// The score that a picture gets from the unit that it was made for, on average.
    pub(super) score: f64,
    /// The share of pictures that the networks of other seeds name as they are meant; none if there is one seed.
    pub(super) recognised: Option<f64>,
    /// How the total variation of a picture compares with that of the noise it began as.
    pub(super) rough: f64,
    /// The cosine of each sprite and the picture that was made for its unit.
    pub(super) cosines: Vec<f64>,
}

/// What is told of all networks together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) networks: usize,
    pub(super) right: Spread,
    pub(super) found: Spread,
    pub(super) best: Spread,
    /// By the names of the ways.
    pub(super) ways: BTreeMap<String, WaySummary>,
}

/// What a way comes to in all networks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WaySummary {
    pub(super) score: Spread,
    pub(super) recognised: Option<Spread>,
    pub(super) rough: Spread,
    /// The mean of the cosines of each network, and the smallest of all.
    pub(super) cosine: Spread,
    pub(super) least: f64,
    /// How many there are, and how many are at least so much.
    pub(super) sprites: usize,
    pub(super) close: usize,
    /// The mean size of a cosine, whatever its sign.
    pub(super) size: f64,
}

/// Pictures of the network of animals.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Animals {
    pub(super) names: Vec<String>,
    /// What every picture begins as.
    pub(super) noise: Shades,
    /// For each class: halfway, with jitter and total variation.
    pub(super) middle: Vec<Shades>,
    /// By the names of the ways: for each class the picture at the end.
    pub(super) ways: BTreeMap<String, Vec<Shades>>,
    /// For each class the pictures with the largest scores.
    pub(super) best: Vec<Vec<Best>>,
}

/// A picture that a unit likes, among those that were not learned from.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Best {
    pub(super) picture: Shades,
    /// What it is.
    pub(super) class: String,
    pub(super) score: f64,
}

/// Pictures of the network of sprites.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sprites {
    /// The sprites, and for each the first picture that it is hidden in.
    pub(super) planted: Vec<Shades>,
    pub(super) hidden: Vec<Shades>,
    /// By the names of the ways: for each sprite the picture at the end.
    pub(super) ways: BTreeMap<String, Vec<Shades>>,
}

/// What a unit of the reader's choice likes, in the network of the first seed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) unit: String,
    pub(super) ways: Vec<AskedWay>,
    pub(super) best: Vec<Best>,
}

/// One way of climbing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AskedWay {
    pub(super) way: String,
    /// What the unit says at the end.
    pub(super) score: f64,
    /// At the beginning, in the middle and at the end.
    pub(super) pictures: Vec<Shades>,
}

/// As many digits as are worth being kept.
pub(super) fn digits(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

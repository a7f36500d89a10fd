//! What is told of all networks together.

use serde::{Deserialize, Serialize};

use super::tree::{self, FAMILY};
use super::{HELD_OUT, OPPOSITE, Run};
use crate::contract::spread::Spread;

/// What is told of all networks together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) networks: usize,
    /// Networks that answer all cases right that they learned from.
    pub(super) perfect: usize,
    /// Of the cases held out, those that were answered right: over all, and a number for each network.
    pub(super) asked: usize,
    pub(super) right: usize,
    pub(super) share: f64,
    /// Those in which the answers have the largest outputs.
    pub(super) ranked: usize,
    pub(super) ranked_share: f64,
    pub(super) held_out: Spread,
    /// Networks that have 0, 1, 2, ... of them right.
    pub(super) counts: Vec<usize>,
    /// Networks with a unit that has opposite signs for at least eleven of the twelve pairs.
    pub(super) pairs: usize,
    pub(super) needed: usize,
    pub(super) telling: usize,
    pub(super) family: Spread,
    pub(super) generation: Spread,
    pub(super) branch: Spread,
    pub(super) sex: Spread,
}

pub(super) fn summary(runs: &[Run]) -> Summary {
    let learned = tree::cases().len() - HELD_OUT;
    let right = runs.iter().map(|run| run.held_out).sum();
    let ranked: usize = runs.iter().map(|run| run.ranked).sum();
    let asked = runs.len() * HELD_OUT;
    let count = |is: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| is(run)).count();
    let spread = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of));
    Summary {
        networks: runs.len(),
        perfect: count(&|run| run.learned == learned),
        asked,
        right,
        share: right as f64 / asked as f64,
        ranked,
        ranked_share: ranked as f64 / asked as f64,
        held_out: spread(|run| run.held_out as f64),
        counts: (0..=HELD_OUT).map(|n| count(&|run| run.held_out == n)).collect(),
        pairs: FAMILY,
        needed: OPPOSITE,
        telling: count(&|run| run.opposite >= OPPOSITE),
        family: spread(|run| run.family),
        generation: spread(|run| run.generation),
        branch: spread(|run| run.branch),
        sex: spread(|run| run.sex),
    }
}

//! What training reads: batches, where they come from, and where in the data it is.

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// Sequences to learn from; each target begins with BOS. A language model reads no sources, and has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What the encoder reads.
    pub src: Vec<Vec<usize>>,
    /// What the decoder is to write.
    pub tgt: Vec<Vec<usize>>,
}

impl Batch {
    /// Tokens to predict: all of the targets but BOS and padding.
    #[must_use]
    pub(crate) fn tokens(&self, pad: usize) -> usize {
        self.tgt.iter().map(|tgt| tgt[1..].iter().filter(|&&id| id != pad).count()).sum()
    }

    /// Places in the batch's tensors, and how many of them are padding.
    #[must_use]
    pub(crate) fn places(&self) -> (usize, usize) {
        let of = |rows: &[Vec<usize>]| {
            let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
            (widest * rows.len(), rows.iter().map(|row| widest - row.len()).sum::<usize>())
        };
        let (src, tgt) = (of(&self.src), of(&self.tgt));
        (src.0 + tgt.0, src.1 + tgt.1)
    }

    /// Its sequences in so many shares of about equal numbers; fewer, if there are not enough sequences.
    #[must_use]
    pub(crate) fn divided(&self, shares: usize) -> Vec<Self> {
        let count = self.tgt.len();
        let shares = shares.clamp(1, count.max(1));
        let share = |n: usize| {
            let range = n * count / shares..(n + 1) * count / shares;
            let src = if self.src.is_empty() { Vec::new() } else { self.src[range.clone()].to_vec() };
            Self { src, tgt: self.tgt[range].to_vec() }
        };
        (0..shares).map(share).collect()
    }
}

/// Where in the data training is. With it, a run that was stopped goes on with the very batch that would have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Times that all data have been seen.
    pub epoch: usize,
    /// Block within the epoch.
    pub block: usize,
    /// Batch within the block.
    pub batch: usize,
}

/// Where batches come from, without end.
pub trait Source {
    /// The next batch.
    ///
    /// # Errors
    ///
    /// If the data can't be read.
    fn next(&mut self) -> Result<Batch>;
    /// Where the next batch is.
    fn position(&self) -> Position;
    /// Times through the data, with the part of the present one that has been handed out.
    fn epochs(&self) -> f64;
    /// Goes to a position.
    fn seek(&mut self, position: Position);
}

/// A number for each place in a sequence, unlike that of its neighbours (SplitMix64; Steele, Lea & Flood 2014).
#[must_use]
pub(crate) fn mix(seed: u64, place: usize) -> u64 {
    let mut z = seed.wrapping_add((place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

//! Training: batches in, a run folder out.
//!
//! Burn's own `Learner` (crate `burn-train`) is not used for the loop; ARCHITECTURE.md says why.

mod config;
mod gradients;
mod metrics;
mod noise;
mod parallel;
mod schedule;
mod session;
mod trainer;

use std::fmt::{Debug, Display};

use anyhow::Result;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Int, Tensor};
use model::loss::{Loss, label_smoothing};
use model::{LanguageModel, Transformer};
use serde::{Deserialize, Serialize};

pub use config::{Interval, TrainingConfig};
pub use metrics::read as read_metrics;
pub use metrics::{Evaluation, Line, Measured, Record, Timing};
pub use noise::NoiseMeter;
pub use schedule::Schedule;
pub use session::{Ending, STOPPED, Session, stop_on_ctrl_c};
pub use trainer::{State, Trainer};

use crate::dashboard::Sample;
use crate::lines::ids_tensor;

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
    pub fn tokens(&self, pad: usize) -> usize {
        self.tgt.iter().map(|tgt| tgt[1..].iter().filter(|&&id| id != pad).count()).sum()
    }

    /// Places in the batch's tensors, and how many of them are padding.
    #[must_use]
    pub fn places(&self) -> (usize, usize) {
        let of = |rows: &[Vec<usize>]| {
            let widest = rows.iter().map(Vec::len).max().unwrap_or(0);
            (widest * rows.len(), rows.iter().map(|row| widest - row.len()).sum::<usize>())
        };
        let (src, tgt) = (of(&self.src), of(&self.tgt));
        (src.0 + tgt.0, src.1 + tgt.1)
    }

    /// Its sequences in so many shares of about equal numbers; fewer, if there are not enough sequences.
    #[must_use]
    pub fn divided(&self, shares: usize) -> Vec<Self> {
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

/// How good a model is on data that it is not trained on.
pub trait Examiner<M> {
    /// Evaluates the model, which has neither dropout nor gradients.
    ///
    /// # Errors
    ///
    /// If the data can't be read.
    fn examine(&mut self, model: &M) -> Result<Examined>;
}

/// What an [`Examiner`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examined {
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// Corpus BLEU of what the model writes, from 0 to 100.
    pub bleu: Option<f64>,
    /// Some of what it wrote.
    pub samples: Vec<Sample>,
}

/// A model with a loss.
pub trait Trainable: Module + ModuleDisplay + Debug + Display + Send + Sync + 'static {
    /// The sums of the loss over all tokens of a batch.
    fn loss(&self, batch: &Batch, pad: usize, smoothing: f64, device: &Device) -> Loss;
}

impl Trainable for Transformer {
    fn loss(&self, batch: &Batch, pad: usize, smoothing: f64, device: &Device) -> Loss {
        let src = ids_tensor(&batch.src, pad, device);
        let (given, next) = shifted(ids_tensor(&batch.tgt, pad, device));
        label_smoothing(self.forward(src, given).logits, next, pad, smoothing)
    }
}

impl Trainable for LanguageModel {
    fn loss(&self, batch: &Batch, pad: usize, smoothing: f64, device: &Device) -> Loss {
        let (given, next) = shifted(ids_tensor(&batch.tgt, pad, device));
        label_smoothing(self.forward(given).output, next, pad, smoothing)
    }
}

/// What the decoder reads and what it is to predict: all tokens but the last, all but the first.
fn shifted(tgt: Tensor<2, Int>) -> (Tensor<2, Int>, Tensor<2, Int>) {
    let [batch, length] = tgt.dims();
    (tgt.clone().slice([0..batch, 0..length - 1]), tgt.slice([0..batch, 1..length]))
}

/// A number for each place in a sequence, unlike that of its neighbours (SplitMix64; Steele, Lea & Flood 2014).
#[must_use]
pub fn mix(seed: u64, place: usize) -> u64 {
    let mut z = seed.wrapping_add((place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The negative log-likelihood per token over many batches.
///
/// # Errors
///
/// If a batch can't be read.
pub fn mean_nll<M: Trainable>(
    model: &M,
    batches: impl Iterator<Item = Result<Batch>>,
    pad: usize,
    device: &Device,
) -> Result<(f64, usize)> {
    let (mut nll, mut tokens) = (0.0, 0);
    for batch in batches {
        let batch = batch?;
        tokens += batch.tokens(pad);
        nll += model.loss(&batch, pad, 0.0, device).nll.into_scalar::<f64>();
    }
    Ok((nll / tokens.max(1) as f64, tokens))
}

//! What is noted while training: `metrics.jsonl`, which the seed decides to the last digit, and `timings.jsonl`, which
//! depends on the clock.
//!
//! The seed decides alone only where steps or epochs do the counting. With `--minutes`, the clock decides when training
//! ends, and so the learning rates of a cosine, which falls until then; with `--evaluate-minutes`, it decides when the
//! model is evaluated. Such a run, too, goes on from any checkpoint, but comes out a little different each time.

mod log;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

pub(crate) use log::Log;

use super::written;

/// A line of `metrics.jsonl` for a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Steps taken, from one.
    pub step: usize,
    /// The epoch that the step belongs to, from one.
    pub epoch: usize,
    /// What was minimised, per token.
    pub loss: f64,
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// Learning rate.
    pub lr: f64,
    /// Tokens that were predicted.
    pub tokens: usize,
    /// Share of the places in the batch that are padding.
    pub padding: f64,
    /// Norm of the gradients before they were clipped.
    pub gradient_norm: f64,
    /// Gradient noise scale in tokens, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_scale: Option<f64>,
}

/// A line of `metrics.jsonl` for an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Steps taken before it.
    pub step: usize,
    /// Target tokens trained on before it.
    pub target_tokens: u64,
    /// Negative log-likelihood per token of data never trained on, without dropout.
    pub valid_nll: f64,
    /// Corpus BLEU of greedy decoding, from 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bleu: Option<f64>,
}

/// A line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// Of a step.
    Step(Record),
    /// Of an evaluation.
    Evaluation(Evaluation),
}

/// A line of `timings.jsonl`, one for each evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Steps taken.
    pub(crate) step: usize,
    /// Minutes of training, evaluations not counted.
    pub(crate) minutes: f64,
    /// Target tokens a second of training since the last line.
    pub(crate) tokens_per_s: f64,
}

impl Line {
    /// Steps taken.
    #[must_use]
    pub(crate) fn step(&self) -> usize {
        match self {
            Self::Step(record) => record.step,
            Self::Evaluation(evaluation) => evaluation.step,
        }
    }
}

/// Reads `metrics.jsonl`. A last line that was being written when its writer, or the machine, was stopped is left out
/// with a word on standard error: all before it is good. (`train resume` removes it.) There is a word, too, if the file is
/// no longer what the newest checkpoint says was written.
///
/// # Errors
///
/// If it is missing, empty or damaged.
pub fn read(path: &Path) -> Result<Vec<Line>> {
    let shown = path.display();
    let (bytes, damage) = written::read_beside(path, |state| state.metrics.as_ref())?;
    let (whole, torn) = apart(&bytes);
    let text = str::from_utf8(whole).with_context(|| format!("{shown} is damaged"))?;
    let lines = text.lines().enumerate().map(|(index, line)| {
        serde_json::from_str(line).with_context(|| format!("line {} of {shown} is damaged", index + 1))
    });
    let lines = lines.collect::<Result<Vec<Line>>>()?;
    ensure!(
        !lines.is_empty() || torn.is_empty(),
        "{shown} holds no whole line, so there is nothing to show: the only one is cut off"
    );
    ensure!(!lines.is_empty(), "{shown} is empty, so there is nothing to show");
    if !torn.is_empty() {
        let number = lines.len() + 1;
        written::tell(&format!("line {number}, the last of {shown}, is cut off and left out"));
    }
    if let Some(damage) = damage {
        written::tell(&damage);
    }
    Ok(lines)
}

/// What is whole of a file of JSON lines, and a last line without an end that is no JSON.
fn apart(bytes: &[u8]) -> (&[u8], &[u8]) {
    let start = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let is_whole = serde_json::from_slice::<IgnoredAny>(&bytes[start..]).is_ok();
    bytes.split_at(if is_whole { bytes.len() } else { start })
}

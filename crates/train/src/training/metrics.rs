//! What is noted while training: `metrics.jsonl`, which the seed decides to the last digit, and `timings.jsonl`, which
//! depends on the clock.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;

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
pub struct Timing {
    /// Steps taken.
    pub step: usize,
    /// Minutes of training, evaluations not counted.
    pub minutes: f64,
    /// Target tokens a second since the last line.
    pub tokens_per_s: f64,
}

impl Line {
    /// Steps taken.
    #[must_use]
    pub fn step(&self) -> usize {
        match self {
            Self::Step(record) => record.step,
            Self::Evaluation(evaluation) => evaluation.step,
        }
    }
}

/// Reads `metrics.jsonl`.
///
/// # Errors
///
/// If it is missing, empty or damaged.
pub fn read(path: &Path) -> Result<Vec<Line>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().enumerate().map(|(index, line)| {
        serde_json::from_str(line)
            .with_context(|| format!("line {} of {} is damaged", index + 1, path.display()))
    });
    let lines = lines.collect::<Result<Vec<Line>>>()?;
    anyhow::ensure!(!lines.is_empty(), "{} is empty, so there is nothing to plot", path.display());
    Ok(lines)
}

/// A file of JSON lines that is added to.
#[derive(Debug)]
pub(super) struct Log {
    path: std::path::PathBuf,
    file: File,
}

impl Log {
    /// Opens a file to go on after `step`: what is there of later steps was never saved, and is dropped.
    pub(super) fn open(path: &Path, step: usize) -> Result<Self> {
        let old = if step > 0 { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
        let is_kept = |line: &&str| {
            let value = serde_json::from_str::<serde_json::Value>(line).ok();
            value.and_then(|value| value["step"].as_u64()).is_some_and(|found| found as usize <= step)
        };
        let kept: String = old.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect();
        write_atomically(path, kept.as_bytes())?;
        let file = File::options().append(true).open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Adds a line in one write, so that a program that is killed leaves whole lines.
    pub(super) fn add(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: usize) -> Line {
        Line::Step(Record {
            step,
            epoch: 1,
            loss: 1.0,
            nll: 1.0,
            lr: 0.1,
            tokens: 9,
            padding: 0.0,
            gradient_norm: 1.0,
            noise_scale: None,
        })
    }

    #[test]
    fn metrics_after_the_checkpoint_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let evaluation =
            |step| Line::Evaluation(Evaluation { step, target_tokens: 3, valid_nll: 2.0, bleu: Some(1.5) });
        let all = [record(1), record(2), evaluation(2), record(3), evaluation(3)];
        let line = |line: &Line| serde_json::to_string(line).unwrap() + "\n";
        fs::write(&path, all.iter().map(line).collect::<String>() + "{\"st").unwrap();
        Log::open(&path, 2).unwrap().add(&record(3)).unwrap();
        assert_eq!(read(&path).unwrap(), [record(1), record(2), evaluation(2), record(3)]);
        drop(Log::open(&path, 0).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
}

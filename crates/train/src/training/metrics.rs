//! What is noted of every step.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;

/// A line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// Target tokens a second.
    pub tokens_per_s: f64,
    /// At the end of an epoch: negative log-likelihood per token of data never trained on, without dropout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_nll: Option<f64>,
}

/// Opens `metrics.jsonl` to go on after `step`: what is there of later steps was never saved, and is dropped.
pub(super) fn open(path: &Path, step: usize) -> Result<File> {
    let context = || format!("cannot write {}", path.display());
    let old = if step > 0 { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
    let kept = old
        .lines()
        .filter(|line| serde_json::from_str::<Record>(line).is_ok_and(|record| record.step <= step));
    let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
    write_atomically(path, kept.as_bytes())?;
    File::options().append(true).open(path).with_context(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_after_the_checkpoint_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let record = |step| Record {
            step,
            epoch: 1,
            loss: 1.0,
            nll: 1.0,
            lr: 0.1,
            tokens_per_s: 9.0,
            validation_nll: None,
        };
        let line = |step| serde_json::to_string(&record(step)).unwrap();
        fs::write(&path, format!("{}\n{}\n{}\n{{\"st", line(1), line(2), line(3))).unwrap();
        drop(open(&path, 2).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n{}\n", line(1), line(2)));
        drop(open(&path, 0).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
}

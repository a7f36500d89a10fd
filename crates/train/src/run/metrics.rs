//! What is noted while training: `metrics.jsonl`, which the seed decides to the last digit, and `timings.jsonl`, which
//! depends on the clock.
//!
//! The seed decides alone only where steps or epochs do the counting. With `--minutes`, the clock decides when training
//! ends, and so the learning rates of a cosine, which falls until then; with `--evaluate-minutes`, it decides when the
//! model is evaluated. Such a run, too, goes on from any checkpoint, but comes out a little different each time.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use tempfile::TempPath;

use super::state::State;
use crate::files::{sync_folder, unfinished};

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
/// with a word on standard error: all before it is good. (`train resume` removes it.)
///
/// # Errors
///
/// If it is missing, empty or damaged.
pub fn read(path: &Path) -> Result<Vec<Line>> {
    let shown = path.display();
    let bytes = fs::read(path).with_context(|| format!("cannot read {shown}"))?;
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
        // A standard error that is closed is no reason to stop.
        let number = lines.len() + 1;
        let _ = writeln!(io::stderr(), "line {number}, the last of {shown}, is cut off and left out");
    }
    Ok(lines)
}

/// What is whole of a file of JSON lines, and a last line without an end that is no JSON.
fn apart(bytes: &[u8]) -> (&[u8], &[u8]) {
    let start = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let is_whole = serde_json::from_slice::<IgnoredAny>(&bytes[start..]).is_ok();
    bytes.split_at(if is_whole { bytes.len() } else { start })
}

/// A file of JSON lines that is added to.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Where the file is until it is published.
    waiting: Option<TempPath>,
}

impl Log {
    /// Begins a file with the lines up to a state. What was noted after it was never saved, and is left out; so is an
    /// evaluation that the state still has to come. Until [`Log::publish`], the old file stays in its place.
    pub(crate) fn open(path: &Path, state: &State) -> Result<Self> {
        let old = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        // A line that a crash of the machine has spoilt is none.
        let old = String::from_utf8_lossy(&old);
        let kept: String =
            old.lines().filter(|line| is_before(line, state)).flat_map(|line| [line, "\n"]).collect();
        let write = || -> io::Result<_> {
            let mut file = unfinished(path)?;
            file.write_all(kept.as_bytes())?;
            Ok(file.into_parts())
        };
        let (file, waiting) = write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file, waiting: Some(waiting) })
    }

    /// Adds a line in one write, so that a program that is killed leaves whole lines.
    pub(crate) fn add(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Makes sure that all lines are on the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Puts the file into its place, where it is added to from now on.
    pub(crate) fn publish(&mut self) -> Result<()> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        self.sync()?;
        let place = || -> io::Result<()> {
            waiting.persist(&self.path).map_err(|error| error.error)?;
            self.path.parent().map_or(Ok(()), sync_folder)
        };
        place().with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Whether a line was written before the state was saved.
fn is_before(line: &str, state: &State) -> bool {
    let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { return false };
    let is_to_come = line.get("valid_nll").is_some() && state.due;
    match line["step"].as_u64().map(|step| (step as usize).cmp(&state.step)) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => !is_to_come,
        Some(Ordering::Greater) | None => false,
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

    fn evaluation(step: usize) -> Line {
        Line::Evaluation(Evaluation { step, target_tokens: 3, valid_nll: 2.0, bleu: Some(1.5) })
    }

    /// Writes lines, and a half of one.
    fn written(path: &Path, lines: &[Line]) {
        let line = |line: &Line| serde_json::to_string(line).unwrap() + "\n";
        fs::write(path, lines.iter().map(line).collect::<String>() + "{\"st").unwrap();
    }

    fn at(step: usize, due: bool) -> State {
        State { step, due, ..State::default() }
    }

    #[test]
    fn metrics_after_the_checkpoint_are_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        written(&path, &[record(1), record(2), evaluation(2), record(3), evaluation(3)]);
        let mut log = Log::open(&path, &at(2, false)).unwrap();
        log.add(&record(3)).unwrap();
        log.publish().unwrap();
        log.add(&record(4)).unwrap();
        assert_eq!(read(&path).unwrap(), [record(1), record(2), evaluation(2), record(3), record(4)]);
        Log::open(&path, &at(0, false)).unwrap().publish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_evaluation_that_is_to_be_done_again_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        written(&path, &[record(1), evaluation(1), record(2), evaluation(2)]);
        Log::open(&path, &at(2, true)).unwrap().publish().unwrap();
        assert_eq!(read(&path).unwrap(), [record(1), evaluation(1), record(2)]);
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_left_out_and_other_damage_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        written(&path, &[record(1), evaluation(1)]);
        let whole = fs::read(&path).unwrap();
        let whole = whole.strip_suffix(b"{\"st").unwrap();
        let last = whole.strip_suffix(b"\n").unwrap().iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for length in [last + 1, last + 9, whole.len() - 2] {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(read(&path).unwrap(), [record(1)], "{length}");
        }
        for end in [&b""[..], b"\n", b"\n\0\0\xff"] {
            fs::write(&path, [&whole[..whole.len() - 1], end].concat()).unwrap();
            assert_eq!(read(&path).unwrap(), [record(1), evaluation(1)], "{end:?}");
        }
        let refused = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            format!("{:#}", read(&path).unwrap_err())
        };
        for end in [&b"{}"[..], b"1", b"{\"st\n"] {
            assert!(refused(&[whole, end].concat()).starts_with(&format!("line 3 of {} is", path.display())));
        }
        assert!(refused(&whole[1..]).starts_with("line 1 of"));
        assert!(refused(&[b"\xff\n", whole].concat()).contains("is damaged"));
        assert!(refused(&whole[..5]).contains("holds no whole line"));
        assert!(refused(b"").contains("is empty"));
    }

    #[test]
    fn the_old_file_is_whole_until_the_new_one_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        written(&path, &[record(1), record(2)]);
        let old = fs::read(&path).unwrap();
        let mut log = Log::open(&path, &at(1, false)).unwrap();
        log.add(&record(7)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), old);
        drop(log);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "what was never published is gone");
    }

    #[test]
    fn what_cannot_be_read_is_no_empty_history_but_spoilt_lines_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let message = Log::open(folder.path(), &at(2, false)).unwrap_err().to_string();
        assert!(message.starts_with("cannot read"), "{message}");
        let line = serde_json::to_string(&record(1)).unwrap();
        fs::write(&path, [line.as_bytes(), b"\n\0\0\xff\xff\n"].concat()).unwrap();
        Log::open(&path, &at(2, false)).unwrap().publish().unwrap();
        assert_eq!(read(&path).unwrap(), [record(1)]);
    }
}

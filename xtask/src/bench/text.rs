//! `cargo xtask bench text`: adding a corpus, learning its vocabulary, encoding it, and BLEU, beside Python's `tokenizers` and
//! `sacrebleu`, which use the same cores.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use super::baseline::{can_import, lines, script, train_program};
use super::floors::TEXT;
use super::spread::{Spread, verdict_heading};
use super::text_made::{write_disturbed, write_text};
use crate::process::build_train;
use crate::{paths, show};

/// How much text there is.
#[derive(Clone, Debug, Args)]
pub(crate) struct Text {
    /// Lines of made-up text; BLEU compares a tenth of them.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    pub(super) lines: u64,
    /// Times that each side is measured, in turn.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rounds: u32,
    /// Python that can import tokenizers and sacrebleu.
    #[arg(long, default_value = "python3")]
    pub(super) python: String,
}

/// Pieces of the vocabulary.
const VOCABULARY: &str = "8000";

/// A line that a benchmark of text prints. What came of the work has a name of its own on each.
#[derive(Debug, Deserialize)]
struct Line {
    lines_per_s: f64,
    #[serde(alias = "pieces", alias = "tokens", alias = "score")]
    found: f64,
}

/// Makes the text, and prints how many lines a second both sides work on.
pub(super) fn run(arguments: &Text) -> Result<()> {
    build_train(None)?;
    let files = Files::write(arguments.lines)?;
    let Text { lines, rounds, python } = arguments;
    println!(
        "\nLines a second, of {rounds} times the median, with how they vary; {lines} lines of made-up text"
    );
    println!(
        "{:<6}  {:>9}  {:>9} {:>9}  {:<10}  {:>9}  {}",
        "work",
        "train",
        "least",
        "most",
        "beside",
        "Python",
        verdict_heading("ratio")
    );
    let added: Vec<f64> = (0..*rounds).map(|_| files.add(*lines)).collect::<Result<_>>()?;
    println!("{}", row("add", &added, "-", None, None));
    let mut missing = Vec::new();
    for (name, module, floor) in TEXT {
        let can_compare = can_import(python, module);
        if !can_compare {
            missing.push(module);
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..*rounds {
            let own = files.train(name)?;
            ours.push(own.lines_per_s);
            if can_compare {
                let other = files.python(python, name)?;
                ensure!(
                    is_alike(own.found, other.found),
                    "{name} gave {} with train and {} with {module}: they don't do the same",
                    own.found,
                    other.found
                );
                theirs.push(other.lines_per_s);
            }
        }
        println!("{}", row(name, &ours, module, Some(&theirs), floor));
    }
    println!(
        "\nadd is `train data add`; learn gives {VOCABULARY} pieces; encode of train also writes the ids to a file; bleu is \
         that of {} lines.\nBoth sides found the same: pieces, tokens and score.",
        lines / 10
    );
    for module in missing {
        println!("{python} has no {module}: `pip install {module}`.");
    }
    fs::remove_dir_all(&files.folder).context("cannot remove target/bench/text")
}

/// Whether both sides did the same work: scores are rounded differently.
fn is_alike(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-6 * ours.abs()
}

/// Of Python, there may be nothing to compare with (none), or nothing there (empty).
fn row(name: &str, ours: &[f64], module: &str, theirs: Option<&[f64]>, floor: Option<f64>) -> String {
    let Spread { median, least, most } = Spread::of(ours);
    let row = format!("{name:<6}  {median:>9.0}  {least:>9.0} {most:>9.0}  {module:<10}");
    match theirs {
        Some(theirs) if !theirs.is_empty() => {
            let ratio = Spread::of_ratios(ours, theirs).verdict(floor);
            format!("{row}  {:>9.0}  {ratio}", Spread::of(theirs).median)
        }
        _ => format!("{row}  {:>9}", "-"),
    }
}

/// What both sides read, in a folder of its own.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn write(lines: u64) -> Result<Self> {
        let folder = paths::root().join("target/bench/text");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let files = Self { folder };
        let step = show::step("Writing text");
        let bytes = write_text(&files.at("text.txt"), lines)?;
        write_text(&files.at("references.txt"), lines / 10)?;
        write_disturbed(&files.at("references.txt"), &files.at("hypotheses.txt"))?;
        step.done(&format!("{lines} lines, {} MB", bytes / 1_000_000));
        Ok(files)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Lines a second of `train data add`.
    fn add(&self, lines: u64) -> Result<f64> {
        let mut command = Command::new(train_program());
        command.args(["data", "add", "made", "--force", "--text"]).arg(self.at("text.txt"));
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
        ensure!(status.success(), "{command:?} ended with {status}");
        Ok(lines as f64 / started.elapsed().as_secs_f64())
    }

    fn train(&self, work: &str) -> Result<Line> {
        let mut command = Command::new(train_program());
        command.args(["bench", work, "--iters", "1", "--warm-up", "0", "--vocab", VOCABULARY]);
        self.one(command, work, ("--corpus", &self.at("data/made")))
    }

    fn python(&self, python: &str, work: &str) -> Result<Line> {
        let mut command = script(python, "text_baseline.py");
        command.args([work, "--vocab", VOCABULARY]);
        self.one(command, work, ("--text", &self.at("data/made/train.txt")))
    }

    /// Runs a command that does this work, with the files it is about.
    fn one(&self, mut command: Command, work: &str, corpus: (&str, &Path)) -> Result<Line> {
        let mut give = |option: &str, path: &Path| {
            command.args([OsStr::new(option), path.as_os_str()]);
        };
        if work == "bleu" {
            give("--hypotheses", &self.at("hypotheses.txt"));
            give("--references", &self.at("references.txt"));
        } else {
            give(corpus.0, corpus.1);
            give("--tokenizer", &self.at("tokenizer.json"));
        }
        let found: Vec<Line> = lines(&mut command)?;
        found
            .into_iter()
            .next()
            .with_context(|| format!("expected a line of JSON from {command:?}, found none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(row: &str) -> Vec<String> {
        let row = console::strip_ansi_codes(row).into_owned();
        assert!(row.len() <= 110, "{row}");
        row.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_row_has_both_sides_or_a_dash() {
        let row = |theirs, floor| words(&row("learn", &[100.0, 300.0, 200.0], "tokenizers", theirs, floor));
        let found = row(Some(&[100.0, 100.0, 100.0][..]), Some(1.0));
        let ours = ["learn", "200", "100", "300", "tokenizers"];
        assert_eq!(found, [&ours[..], &["100", "2.00", "1.00", "3.00", "1.0"]].concat());
        assert_eq!(row(Some(&[][..]), None), [&ours[..], &["-"]].concat());
        assert_eq!(row(None, None), [&ours[..], &["-"]].concat());
    }

    #[test]
    fn what_came_of_the_work_is_read_whatever_it_is_called() {
        for name in ["pieces", "tokens", "score"] {
            let line = format!("{{\"impl\":\"x\",\"lines_per_s\":7,\"{name}\":61.5}}");
            let line: Line = serde_json::from_str(&line).unwrap();
            assert_eq!((line.lines_per_s, line.found), (7.0, 61.5));
        }
        assert!(is_alike(61.5, 61.500_000_001) && !is_alike(61.5, 61.51) && !is_alike(8_000.0, 7_999.0));
    }
}

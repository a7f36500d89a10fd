//! `cargo xtask bench translate`: the same translator trained here and with PyTorch, for the same time, on the same corpus.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::machine;
use crate::paths;
use crate::process::{call, cargo_train};

/// What both are trained on, and how long.
#[derive(Debug, Args)]
pub(crate) struct Translate {
    /// Folder with train.de, train.en, valid.de and valid.en, one sentence a line.
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// Minutes of training for each, evaluations not counted.
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// Python that can import torch, tokenizers and sacrebleu.
    #[arg(long, default_value = "python3")]
    python: String,
    /// Train nothing; tell of the runs that are there.
    #[arg(long)]
    report: bool,
}

impl Translate {
    /// Training for so many minutes on what is in a folder.
    pub(super) fn new(data: PathBuf, minutes: u32, python: String) -> Self {
        Self { data, minutes, python, report: false }
    }

    /// Whether nothing is measured now.
    pub(super) fn is_told_of_alone(&self) -> bool {
        self.report
    }
}

/// Minutes between two evaluations.
const EVERY: u32 = 5;
/// Where the table goes, for the book.
const TABLE: &str = "docs/src/figures/translation-race.md";
/// Where our curve goes.
const FIGURE: &str = "docs/src/figures/translation-race.svg";
/// The learning rate of both: steps until it is highest, and what the paper's schedule is multiplied by.
const WARMUP: &str = "700";
const FACTOR: &str = "0.7";
/// What both sides are called in the table.
const SIDES: [&str; 2] = ["`train`", "PyTorch"];

/// How good a model was after so many minutes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Point {
    minutes: f64,
    step: u64,
    target_tokens: u64,
    valid_nll: f64,
    #[serde(rename = "bleu500")]
    bleu: f64,
}

/// Trains both and prints both curves.
pub(super) fn run(arguments: &Translate) -> Result<()> {
    let folder = paths::root().join("target/bench");
    let (run, torch, where_and_when) =
        (folder.join("translate"), folder.join("torch_translate.json"), folder.join("translate.txt"));
    if !arguments.report {
        let started = machine::today();
        train_ours(arguments, &run)?;
        train_theirs(arguments, &torch)?;
        fs::write(&where_and_when, format!("{}, {started}", machine::processor()))?;
    }
    let (ours, theirs) = (our_points(&run)?, their_run(&torch)?);
    let measured = fs::read_to_string(&where_and_when)
        .with_context(|| format!("cannot read {}", where_and_when.display()))?;
    let table = format!("{}\n{measured}; PyTorch {}.\n", table(&ours, &theirs.log), theirs.torch);
    print!("{table}");
    plot(&run)?;
    let path = paths::root().join(TABLE);
    fs::write(&path, &table).with_context(|| format!("cannot write {}", path.display()))?;
    println!("\nwritten to {TABLE}");
    Ok(())
}

fn train_ours(arguments: &Translate, run: &Path) -> Result<()> {
    let corpus = paths::root().join("target/bench/corpus");
    make_corpus(&arguments.data, &corpus)?;
    let (minutes, every) = (arguments.minutes.to_string(), EVERY.to_string());
    let mut command = cargo_train("run", None);
    command.args(["--", "translate", "--force", "--corpus"]);
    command.arg(&corpus).arg("--out").arg(run);
    command.args(["--minutes", &minutes, "--evaluate-minutes", &every]);
    command.args(["--schedule", "noam", "--warmup", WARMUP, "--lr-factor", FACTOR]);
    call(&mut command, &format!("train translate --minutes {minutes} --evaluate-minutes {every}"))
}

fn plot(run: &Path) -> Result<()> {
    let mut command = cargo_train("run", None);
    command.args(["--", "plot"]).arg(run).args(["--out", FIGURE]);
    call(&mut command, &format!("train plot --out {FIGURE}"))
}

/// The corpus as `train` reads it, with the very split that PyTorch is given.
fn make_corpus(data: &Path, corpus: &Path) -> Result<()> {
    fs::create_dir_all(corpus)?;
    let mut counts = BTreeMap::from([("test", 0)]);
    for (split, language) in [("train", "de"), ("train", "en"), ("valid", "de"), ("valid", "en")] {
        let name = format!("{split}.{language}");
        let from = data.join(&name);
        let text = fs::read_to_string(&from).with_context(|| format!("cannot read {}", from.display()))?;
        fs::write(corpus.join(&name), &text)?;
        fs::write(corpus.join(format!("test.{language}")), "")?;
        counts.insert(split, text.lines().count());
    }
    let info = serde_json::json!({
        "name": "race", "kind": "pairs", "source": "de", "target": "en", "licence": "that of its source",
        "origin": "the same files as for PyTorch", "counts": counts,
        "dropped": { "empty": 0, "duplicates": 0, "shared_with_held_out": 0 },
    });
    Ok(fs::write(corpus.join("corpus.json"), info.to_string())?)
}

fn train_theirs(arguments: &Translate, out: &Path) -> Result<()> {
    let mut command = Command::new(&arguments.python);
    command.arg(Path::new("bench").join("torch_translate.py")).current_dir(paths::root());
    command.arg("--data").arg(std::path::absolute(&arguments.data)?).arg("--out").arg(out);
    command.args(["--minutes", &arguments.minutes.to_string(), "--every", &EVERY.to_string()]);
    command.args(["--warmup", WARMUP, "--factor", FACTOR]);
    call(&mut command, &format!("{} bench/torch_translate.py", arguments.python))
        .context("`pip install torch numpy tokenizers sacrebleu`, or name another Python with --python")
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn our_points(run: &Path) -> Result<Vec<Point>> {
    #[derive(Deserialize)]
    struct Evaluation {
        step: u64,
        target_tokens: u64,
        valid_nll: f64,
        bleu: f64,
    }
    #[derive(Deserialize)]
    struct Timing {
        step: u64,
        minutes: f64,
    }
    let evaluations: Vec<Evaluation> = lines(&run.join("metrics.jsonl"))?;
    let timings: Vec<Timing> = lines(&run.join("timings.jsonl"))?;
    let point = |found: Evaluation| {
        let minutes = timings.iter().find(|timing| timing.step == found.step)?.minutes;
        let Evaluation { step, target_tokens, valid_nll, bleu } = found;
        Some(Point { minutes, step, target_tokens, valid_nll, bleu })
    };
    Ok(evaluations.into_iter().filter_map(point).collect())
}

/// What `bench/torch_translate.py` writes.
#[derive(Deserialize)]
struct TheirRun {
    /// Version of PyTorch.
    torch: String,
    log: Vec<Point>,
}

fn their_run(path: &Path) -> Result<TheirRun> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let run: TheirRun =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
    ensure!(!run.log.is_empty(), "{} has no evaluation", path.display());
    Ok(run)
}

/// Both curves, as a table of Markdown; evaluations of about the same minute follow each other.
fn table(ours: &[Point], theirs: &[Point]) -> String {
    let mut text = "| Minutes | Trained by | BLEU | NLL | Steps | Target tokens | a second |\n\
                    |---:|:---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let minute = |point: &Point| point.minutes.round() as u64;
    let minutes: BTreeSet<u64> = ours.iter().chain(theirs).map(minute).collect();
    for at in minutes {
        for (side, points) in SIDES.into_iter().zip([ours, theirs]) {
            let Some(point) = points.iter().rev().find(|point| minute(point) == at) else { continue };
            let Point { minutes, step, target_tokens, valid_nll, bleu } = point;
            let tokens = *target_tokens as f64;
            let [step, rate] =
                [*step as f64, tokens / (60.0 * minutes)].map(|number| plot::decimal(number, 0));
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "| {at} | {side} | {bleu:.1} | {valid_nll:.3} | {step} | {:.2} M | {rate} |",
                tokens / 1e6
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(minutes: f64, bleu: f64) -> Point {
        Point { minutes, step: 1_920, target_tokens: 1_540_000, valid_nll: 2.5, bleu }
    }

    #[test]
    fn evaluations_of_a_minute_follow_each_other() {
        let table = table(&[point(5.01, 10.0), point(10.0, 20.0)], &[point(5.2, 7.25)]);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| 5 | `train` | 10.0 | 2.500 | 1,920 | 1.54 M | 5,123 |",
                "| 5 | PyTorch | 7.2 | 2.500 | 1,920 | 1.54 M | 4,936 |",
                "| 10 | `train` | 20.0 | 2.500 | 1,920 | 1.54 M | 2,567 |"
            ]
        );
    }

    #[test]
    fn our_points_are_evaluations_with_their_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "metrics.jsonl",
            "{\"step\":1,\"loss\":1.0}\n{\"step\":2,\"target_tokens\":7,\"valid_nll\":3.5,\"bleu\":1.5}\n",
        );
        write("timings.jsonl", "{\"step\":2,\"minutes\":5.0,\"tokens_per_s\":9.0}\n");
        let expected = Point { minutes: 5.0, step: 2, target_tokens: 7, valid_nll: 3.5, bleu: 1.5 };
        assert_eq!(our_points(folder.path()).unwrap(), [expected]);
    }
}

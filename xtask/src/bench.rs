//! `cargo xtask bench`: speed, always as a ratio to a baseline that is measured in the same run.

mod corpus;
mod diagrams;
mod machine;
mod translate;

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use console::{StyledObject, style};
use serde::Deserialize;

use crate::paths;
use crate::process::{build_train, cargo_train};

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Greedy decoding with the cache, beside PyTorch without one (needs Python with torch; see bench/).
    Decode(Baseline),
    /// A training step, and the most memory it needs, beside PyTorch (needs Python with torch; see bench/).
    Train(Baseline),
    /// Training a translator for the same time here and with PyTorch (needs Python with torch, tokenizers, sacrebleu).
    Translate(translate::Translate),
    /// The memory that a corpus of many lines takes: adding it, encoding it, training on it.
    Corpus(corpus::Corpus),
    /// Capturing, folding, laying out and writing all diagrams.
    Diagrams,
}

/// Where the work is done.
#[derive(Debug, Args)]
pub(crate) struct Baseline {
    /// Python that can import torch.
    #[arg(long, default_value = "python3")]
    python: String,
    /// Device of `train`: flex, ndarray, tch, tch:cuda:N, cuda, cuda:N or wgpu. PyTorch works on the same hardware.
    #[arg(long, default_value = "flex", value_name = "NAME")]
    device: String,
}

/// Rounds of which the median is taken, after two that warm up.
const ITERATIONS: &str = "7";

/// Tokens per second that the floor asks for, as a multiple of the baseline's, by batch. The model is both sides'
/// default: N3 d256 ff1024 h4, vocabulary 8,000, 24 source tokens, 60 new.
const DECODE_FLOORS: [(&str, f64); 2] = [("32", 5.0), ("1", 2.0)];

/// Layers, width, inner width, heads, vocabulary, batch and length of the steps that are timed.
const STEPS: [[&str; 7]; 3] = [
    ["3", "256", "1024", "4", "8000", "64", "24"],
    ["6", "512", "2048", "8", "8000", "16", "32"],
    ["2", "512", "2048", "8", "11", "80", "10"],
];
/// Names of these numbers, as options and as columns.
const SIZES: [(&str, &str); 7] = [
    ("--layers", "N"),
    ("--d-model", "d"),
    ("--d-ff", "ff"),
    ("--heads", "h"),
    ("--vocab", "v"),
    ("--batch", "b"),
    ("--length", "l"),
];
/// A training step is to be no slower than the baseline's, and to take no more memory.
const STEP_FLOOR: f64 = 1.0;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Decode(baseline) => decode(baseline),
        Bench::Train(baseline) => train(baseline),
        Bench::Translate(arguments) => translate::run(arguments),
        Bench::Corpus(arguments) => corpus::run(arguments),
        Bench::Diagrams => diagrams::run(),
    }
}

fn decode(baseline: &Baseline) -> Result<()> {
    baseline.build()?;
    machine::print();
    println!(
        "{:>5}  {:>14}  {:>14}  {:>7}  {:>6}",
        "batch", "train tokens/s", "torch tokens/s", "ratio", "floor"
    );
    for (batch, floor) in DECODE_FLOORS {
        let [ours, theirs] = baseline.beside(&["decode", "--batch", batch])?;
        let ratio = verdict(ours.tokens_per_s / theirs.tokens_per_s, floor);
        let [ours, theirs] = [ours, theirs].map(|side| side.tokens_per_s);
        println!("{batch:>5}  {ours:>14.0}  {theirs:>14.0}  {ratio:>7}  {floor:>6.1}");
    }
    Ok(())
}

fn train(baseline: &Baseline) -> Result<()> {
    baseline.build()?;
    machine::print();
    println!("\n{:<31}  {:^15}  {:^15}  {:<5}  {:^15}", "", "seconds", "tokens/s", "", "peak MiB");
    println!(
        "{:<31}  {:>7} {:>7}  {:>7} {:>7}  {:>5}  {:>7} {:>7}  {:>6}",
        "step", "train", "torch", "train", "torch", "speed", "train", "torch", "memory"
    );
    let mut worked_on = None;
    for sizes in STEPS {
        let options = SIZES.iter().zip(sizes).flat_map(|((option, _), size)| [*option, size]);
        let arguments: Vec<_> = ["step"].into_iter().chain(options).collect();
        let [ours, theirs] = baseline.beside(&arguments)?;
        let name: Vec<_> =
            SIZES.iter().zip(sizes).map(|((_, short), size)| format!("{short}{size}")).collect();
        println!("{:<31}  {}", name.join(" "), row(&ours, &theirs));
        worked_on = theirs.device;
    }
    println!("\nMedians of {ITERATIONS} steps, and peaks of the process, without what lies on a GPU.");
    println!(
        "Speed and memory are what PyTorch takes over what train takes, and to be {STEP_FLOOR:.1} or more."
    );
    if let Some(device) = worked_on {
        println!("PyTorch says that it worked on {device}.");
    }
    Ok(())
}

/// What a training step took on both sides.
fn row(ours: &Timed, theirs: &Timed) -> String {
    let speed = verdict(theirs.seconds / ours.seconds, STEP_FLOOR);
    let (peaks, memory) = match (ours.peak_mib, theirs.peak_mib) {
        (Some(ours), Some(theirs)) => {
            (format!("{ours:>7} {theirs:>7}"), verdict(theirs as f64 / ours as f64, STEP_FLOOR))
        }
        _ => (format!("{:>7} {:>7}", "-", "-"), style("-".to_owned())),
    };
    format!(
        "{:>7.3} {:>7.3}  {:>7.0} {:>7.0}  {speed:>5}  {peaks}  {memory:>6}",
        ours.seconds, theirs.seconds, ours.tokens_per_s, theirs.tokens_per_s
    )
}

/// The ratio, red where it is below the floor.
fn verdict(ratio: f64, floor: f64) -> StyledObject<String> {
    let shown = style(format!("{ratio:.2}"));
    if ratio >= floor { shown.green() } else { shown.red() }
}

/// The line that a benchmark prints.
#[derive(Debug, Deserialize)]
struct Timed {
    seconds: f64,
    tokens_per_s: f64,
    /// The most memory the process had resident; none where the system doesn't tell.
    peak_mib: Option<u64>,
    /// What the device calls itself; `train` doesn't tell.
    device: Option<String>,
}

impl Baseline {
    /// Compiles `train`, and says what is compared.
    fn build(&self) -> Result<()> {
        let (feature, torch) = hardware(&self.device)?;
        build_train(feature)?;
        println!("`train` on {}, beside PyTorch on {torch}", self.device);
        Ok(())
    }

    /// The same work with `train` and with PyTorch, one after the other.
    fn beside(&self, arguments: &[&str]) -> Result<[Timed; 2]> {
        let (feature, torch) = hardware(&self.device)?;
        let mut train = cargo_train("run", feature);
        train.args(["--", "--device", self.device.as_str(), "bench", "--iters", ITERATIONS]).args(arguments);
        let ours = timed(&mut train)?;
        let script = Path::new("bench").join("torch_baseline.py");
        let mut baseline = Command::new(&self.python);
        baseline.arg(script).args(arguments).args(["--device", torch, "--iters", ITERATIONS]);
        let theirs = timed(&mut baseline).with_context(|| {
            let python = &self.python;
            format!(
                "cannot run bench/torch_baseline.py with {python} on {torch}: `pip install torch numpy`, \
                 or name another Python with --python"
            )
        })?;
        Ok([ours, theirs])
    }
}

/// The Cargo feature that a device of `train` needs, and PyTorch's name for the same hardware.
fn hardware(device: &str) -> Result<(Option<&'static str>, &str)> {
    let is_cuda = |name: &&str| *name == "cuda" || name.starts_with("cuda:");
    let by_libtorch = device.strip_prefix("tch:").filter(is_cuda);
    match (device, by_libtorch) {
        ("flex" | "ndarray", _) => Ok((None, "cpu")),
        ("tch", _) => Ok((Some("tch"), "cpu")),
        ("wgpu", _) => Ok((Some("wgpu"), "cuda")),
        (gpu, _) if is_cuda(&gpu) => Ok((Some("cuda"), gpu)),
        (_, Some(gpu)) => Ok((Some("tch"), gpu)),
        _ => bail!("expected flex, ndarray, tch, tch:cuda:N, cuda, cuda:N or wgpu, found {device:?}"),
    }
}

/// Runs a command that prints one JSON line.
fn timed(command: &mut Command) -> Result<Timed> {
    let output = command.current_dir(paths::root()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the benchmark ended with {}", output.status);
    let timed: Timed =
        serde_json::from_slice(&output.stdout).context("expected one line of JSON from the benchmark")?;
    ensure!(timed.seconds > 0.0, "expected seconds above 0 in {timed:?}");
    Ok(timed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(seconds: f64, peak_mib: Option<u64>) -> Timed {
        Timed { seconds, tokens_per_s: 1536.0 / seconds, peak_mib, device: None }
    }

    #[test]
    fn a_row_has_both_sides_and_fits_a_terminal() {
        let row = row(&timed(0.5, Some(1_000)), &timed(1.25, Some(900)));
        let row = console::strip_ansi_codes(&row).into_owned();
        let found: Vec<_> = row.split_whitespace().collect();
        assert_eq!(found, ["0.500", "1.250", "3072", "1229", "2.50", "1000", "900", "0.90"]);
        assert!(31 + 2 + row.len() <= 110, "{row}");
    }

    #[test]
    fn memory_that_is_not_known_has_no_verdict() {
        let row = row(&timed(0.5, None), &timed(0.5, Some(900)));
        assert!(row.ends_with("     -"), "{row:?}");
    }

    #[test]
    fn pytorch_gets_the_same_hardware() {
        for (device, expected) in [
            ("flex", (None, "cpu")),
            ("tch", (Some("tch"), "cpu")),
            ("cuda", (Some("cuda"), "cuda")),
            ("cuda:1", (Some("cuda"), "cuda:1")),
            ("tch:cuda:1", (Some("tch"), "cuda:1")),
        ] {
            assert_eq!(hardware(device).unwrap(), expected, "{device}");
        }
        assert!(hardware("tpu").unwrap_err().to_string().contains("\"tpu\""));
    }
}

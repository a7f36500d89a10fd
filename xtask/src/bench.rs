//! `cargo xtask bench`: speed, always as a ratio to a baseline that is measured in the same run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use console::{StyledObject, style};
use serde::Deserialize;

use crate::{catalogue, paths, show};

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Greedy decoding with the cache, beside PyTorch without one (needs Python with torch; see bench/).
    Decode(Baseline),
    /// A training step, and the most memory it needs, beside PyTorch (needs Python with torch; see bench/).
    Train(Baseline),
    /// Capturing, folding, laying out and writing all diagrams.
    Diagrams,
}

/// Where PyTorch is.
#[derive(Debug, Args)]
pub(crate) struct Baseline {
    /// Python that can import torch.
    #[arg(long, default_value = "python3")]
    python: String,
}

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
/// A training step is to be no slower than the baseline's.
const STEP_FLOOR: f64 = 1.0;

pub(crate) fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Decode(baseline) => decode(baseline),
        Bench::Train(baseline) => train(baseline),
        Bench::Diagrams => diagrams(),
    }
}

fn decode(baseline: &Baseline) -> Result<()> {
    build_train()?;
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
    build_train()?;
    println!(
        "{:<34}  {:>9}  {:>9}  {:>5}  {:>5}  {:>9}  {:>9}",
        "step", "train s", "torch s", "ratio", "floor", "train MiB", "torch MiB"
    );
    for sizes in STEPS {
        let options = SIZES.iter().zip(sizes).flat_map(|((option, _), size)| [*option, size]);
        let arguments: Vec<_> = ["step"].into_iter().chain(options).collect();
        let [ours, theirs] = baseline.beside(&arguments)?;
        let name: Vec<_> =
            SIZES.iter().zip(sizes).map(|((_, short), size)| format!("{short}{size}")).collect();
        let ratio = verdict(theirs.seconds / ours.seconds, STEP_FLOOR);
        let memory = |side: &Timed| side.peak_mib.map_or("-".to_owned(), |mib| mib.to_string());
        println!(
            "{:<34}  {:>9.3}  {:>9.3}  {ratio:>5}  {STEP_FLOOR:>5.1}  {:>9}  {:>9}",
            name.join(" "),
            ours.seconds,
            theirs.seconds,
            memory(&ours),
            memory(&theirs)
        );
    }
    Ok(())
}

/// The ratio, red where it is below the floor.
fn verdict(ratio: f64, floor: f64) -> StyledObject<String> {
    let shown = style(format!("{ratio:.2}"));
    if ratio >= floor { shown.green() } else { shown.red() }
}

fn build_train() -> Result<()> {
    let step = show::step("Building train");
    let mut build = Command::new(env!("CARGO"));
    ensure!(
        build.args(["build", "--quiet", "--package", "train"]).current_dir(paths::root()).status()?.success(),
        "`cargo build --package train` failed"
    );
    step.done("");
    Ok(())
}

/// The line that a benchmark prints.
#[derive(Debug, Deserialize)]
struct Timed {
    seconds: f64,
    tokens_per_s: f64,
    /// The most memory the process had resident; none where the system doesn't tell.
    peak_mib: Option<u64>,
}

impl Baseline {
    /// The same work with `train` and with PyTorch, one after the other.
    fn beside(&self, arguments: &[&str]) -> Result<[Timed; 2]> {
        let ours = timed(
            Command::new(env!("CARGO"))
                .args(["run", "--quiet", "--package", "train", "--", "bench"])
                .args(arguments),
        )?;
        let python = &self.python;
        let script = Path::new("bench").join("torch_baseline.py");
        let theirs = timed(Command::new(python).arg(script).args(arguments)).with_context(|| {
            format!("cannot run bench/torch_baseline.py with {python}: `pip install torch numpy`, or name another with --python")
        })?;
        Ok([ours, theirs])
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

fn diagrams() -> Result<()> {
    const ROUNDS: usize = 9;
    let mut seconds = Vec::new();
    let mut count = 0;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        count = catalogue::render_all()?.len();
        seconds.push(started.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "{count} diagrams captured, folded, laid out and written in {:.3} s (median of {ROUNDS}; {:.3} to {:.3} s)\n",
        seconds[ROUNDS / 2],
        seconds[0],
        seconds[ROUNDS - 1]
    );
    println!(
        "The whole model down to the operation, nothing folded, in seconds; Graphviz lays out the same operations (-: not in a minute, or not there)"
    );
    println!(
        "{:>6}  {:>10}  {:>7}  {:>7}  {:>7}  {:>12}",
        "layers", "operations", "capture", "view", "draw", "graphviz dot"
    );
    for layers in [6, 12, 24, 48] {
        let timed = catalogue::draw_everything(layers)?;
        let dot = graphviz(&timed.dot)?.map_or("-".to_owned(), |seconds| format!("{seconds:.2}"));
        let [capture, view, draw] = timed.seconds;
        println!(
            "{layers:>6}  {:>10}  {capture:>7.3}  {view:>7.3}  {draw:>7.3}  {dot:>12}",
            timed.operations
        );
    }
    Ok(())
}

/// Seconds that Graphviz takes for a layout; none if it is not on the path, or takes longer than a minute.
fn graphviz(dot: &str) -> Result<Option<f64>> {
    let mut file = tempfile::NamedTempFile::new()?;
    std::io::Write::write_all(&mut file, dot.as_bytes())?;
    let started = Instant::now();
    let command = Command::new("timeout")
        .args(["60", "dot", "-Tsvg", "-o", "/dev/null"])
        .arg(file.path())
        .stderr(Stdio::null())
        .status();
    let ended = command.is_ok_and(|status| status.success());
    Ok(ended.then(|| started.elapsed().as_secs_f64()))
}

//! `cargo xtask bench`: speed, always as a ratio to a baseline that is measured in the same run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Subcommand;
use console::style;

use crate::{catalogue, paths, show};

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Greedy decoding with the cache, beside PyTorch without one (needs Python with torch; see bench/).
    Decode {
        /// Python that can import torch.
        #[arg(long, default_value = "python3")]
        python: String,
    },
    /// Capturing, folding, laying out and writing all diagrams.
    Diagrams,
}

/// Tokens per second that the floor asks for, as a multiple of the baseline's, by batch.
const DECODE_FLOORS: [(usize, f64); 2] = [(32, 5.0), (1, 2.0)];

pub(crate) fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Decode { python } => decode(python),
        Bench::Diagrams => diagrams(),
    }
}

/// N3 d256 ff1024 h4, vocabulary 8,000, 24 source tokens, 60 new: both sides' defaults.
fn decode(python: &str) -> Result<()> {
    let step = show::step("Building train");
    let mut build = Command::new(env!("CARGO"));
    ensure!(
        build.args(["build", "--quiet", "--package", "train"]).current_dir(paths::root()).status()?.success(),
        "`cargo build --package train` failed"
    );
    step.done("");
    println!(
        "{:>5}  {:>14}  {:>14}  {:>7}  {:>6}",
        "batch", "train tokens/s", "torch tokens/s", "ratio", "floor"
    );
    for (batch, floor) in DECODE_FLOORS {
        let batch = batch.to_string();
        let ours = tokens_per_s(
            Command::new(env!("CARGO"))
                .args(["run", "--quiet", "--package", "train", "--", "bench"])
                .args(["--batch", &batch]),
        )?;
        let script = Path::new("bench").join("torch_baseline.py");
        let theirs = tokens_per_s(Command::new(python).arg(script).args(["decode", "--batch", &batch]))
            .with_context(|| format!("cannot run bench/torch_baseline.py with {python}: `pip install torch numpy`, or name another with --python"))?;
        let ratio = ours / theirs;
        let verdict = if ratio >= floor {
            style(format!("{ratio:.2}")).green()
        } else {
            style(format!("{ratio:.2}")).red()
        };
        println!("{batch:>5}  {ours:>14.0}  {theirs:>14.0}  {verdict:>7}  {floor:>6.1}");
    }
    Ok(())
}

/// Runs a command that prints one JSON line.
fn tokens_per_s(command: &mut Command) -> Result<f64> {
    let output = command.current_dir(paths::root()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the benchmark ended with {}", output.status);
    let line: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("expected one line of JSON from the benchmark")?;
    match line["tokens_per_s"].as_f64() {
        Some(speed) if speed > 0.0 => Ok(speed),
        _ => bail!("expected tokens_per_s in {line}"),
    }
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

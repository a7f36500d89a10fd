//! Diagrams: capturing and drawing all of them, models of many layers down to the operation, and models that everybody
//! knows.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use console::style;

use super::floors::{CATALOGUE, LAYERS};
use super::spread::Spread;
use crate::catalogue::{self, Graphs};
use crate::process::cargo;

/// Rounds after the first, of which the median is taken.
const ROUNDS: usize = 9;
pub(super) fn run() -> Result<()> {
    all()?;
    layers()?;
    known_models()
}

/// All diagrams. What is read of sources and of the program's lines is kept, so the first round takes longer.
fn all() -> Result<()> {
    let mut count = 0;
    let mut round = || -> Result<Vec<f64>> {
        let mut laps = Laps::new();
        let graphs = Graphs::new()?;
        laps.lap();
        count = catalogue::render_all(&graphs)?.len();
        laps.lap();
        Ok(laps.with_sum())
    };
    let first = round()?;
    let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(|_| round()).collect::<Result<_>>()?;
    println!("\n{count} diagrams, in seconds: the first time, and {ROUNDS} times after it");
    println!("{:<8}  {:>7}  {:>7}  {:>7} {:>7}  {:>5}", "", "first", "median", "least", "most", "limit");
    for (place, name) in ["capture", "draw", "in all"].into_iter().enumerate() {
        let limit = (name == "in all").then_some(CATALOGUE);
        println!("{name:<8}  {:>7.3}  {}", first[place], row(&part(&rounds, place), limit));
    }
    Ok(())
}

/// Whole models, nothing folded. Graphviz lays out the same operations.
fn layers() -> Result<()> {
    println!(
        "\nThe whole model down to the operation, nothing folded, in seconds (medians of {ROUNDS}); Graphviz lays out the \
         same operations (-: not in a minute, or not there)"
    );
    println!(
        "{:>6}  {:>10}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7} {:>7}  {:>5}  {:>12}",
        "layers", "operations", "capture", "view", "draw", "in all", "least", "most", "limit", "graphviz dot"
    );
    for (layers, limit) in LAYERS {
        // The first round makes room in memory, and finds the lines that are still unknown.
        let warm = catalogue::draw_everything(layers)?;
        let round = |_| {
            let mut seconds = catalogue::draw_everything(layers)?.seconds.to_vec();
            seconds.push(seconds.iter().sum());
            Ok(seconds)
        };
        let rounds: Vec<Vec<f64>> = (0..ROUNDS).map(round).collect::<Result<_>>()?;
        let dot = graphviz(&warm.dot)?.map_or("-".to_owned(), |seconds| format!("{seconds:.2}"));
        let [capture, view, draw] = [0, 1, 2].map(|place| part(&rounds, place).median);
        let all = row(&part(&rounds, 3), limit);
        println!(
            "{layers:>6}  {:>10}  {capture:>7.3}  {view:>7.3}  {draw:>7.3}  {all}  {dot:>12}",
            warm.operations
        );
    }
    Ok(())
}

/// What the example of that name prints: it has models of other people, that nothing but tests and examples needs.
fn known_models() -> Result<()> {
    println!();
    let mut example = cargo();
    example.args(["run", "--quiet", "--package", "graph", "--example", "known_models"]);
    ensure!(example.status()?.success(), "the example `known_models` failed");
    Ok(())
}

/// Seconds that the parts of something took, one after the other.
struct Laps {
    started: Instant,
    seconds: Vec<f64>,
}

impl Laps {
    fn new() -> Self {
        Self { started: Instant::now(), seconds: Vec::new() }
    }

    fn lap(&mut self) {
        self.seconds.push(self.started.elapsed().as_secs_f64());
        self.started = Instant::now();
    }

    fn with_sum(mut self) -> Vec<f64> {
        self.seconds.push(self.seconds.iter().sum());
        self.seconds
    }
}

/// What one part took, in all rounds.
fn part(rounds: &[Vec<f64>], part: usize) -> Spread {
    let seconds: Vec<f64> = rounds.iter().map(|round| round[part]).collect();
    Spread::of(&seconds)
}

/// Median, least, most and the limit, red if the median is beyond it.
fn row(seconds: &Spread, limit: Option<f64>) -> String {
    let Spread { median, least, most } = seconds;
    let shown = style(format!("{median:>7.3}"));
    let shown = match limit {
        Some(limit) if *median > limit => shown.red(),
        Some(_) => shown.green(),
        None => shown,
    };
    let limit = limit.map_or("-".to_owned(), |limit| format!("{limit:.2}"));
    format!("{shown}  {least:>7.3} {most:>7.3}  {limit:>5}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_middle_and_both_ends() {
        let rounds: Vec<Vec<f64>> = [3.0, 1.0, 9.0].map(|seconds| vec![0.0, seconds]).to_vec();
        let spread = part(&rounds, 1);
        assert_eq!(spread, Spread { median: 3.0, least: 1.0, most: 9.0 });
        let row = console::strip_ansi_codes(&row(&spread, Some(0.15))).into_owned();
        assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["3.000", "1.000", "9.000", "0.15"]);
        assert_eq!(row.len(), 31, "as wide as its heading: {row:?}");
    }
}

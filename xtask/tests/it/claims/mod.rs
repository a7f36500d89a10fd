//! Sentences of the book beside the numbers that they speak of.

mod first_weeks;
mod measured;
mod model;
mod sizes;
mod steps;
mod training;

use std::path::Path;

use serde_json::Value;

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of the repository, as one line: a sentence may be broken anywhere.
fn read(path: &str) -> String {
    text(path).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// The rows of the tables in a file, its headings among them. The first cell is what stands before the first bar.
fn rows(path: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect();
    text(path).lines().filter(|line| line.starts_with("| ")).map(cells).collect()
}

/// Results of an experiment that the book shows.
fn results(experiment: &str) -> Value {
    json(&format!("docs/src/figures/lab/{experiment}/results.json"))["results"].take()
}

/// Holds a chapter to what it must say.
fn says(chapter: &str, said: &[impl AsRef<str>]) {
    let text = read(&format!("docs/src/{chapter}.md"));
    for said in said.iter().map(AsRef::as_ref) {
        assert!(text.contains(said), "the numbers say, and {chapter}.md doesn't: {said}");
    }
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

/// `1234567` as `1,234,567`.
fn thousands(value: f64) -> String {
    plot::decimal(value, 0)
}

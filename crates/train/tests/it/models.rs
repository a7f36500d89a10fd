//! The small models that come with the source code still do what the book shows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::Program;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The rows of the table that `cargo xtask models` wrote, without what hides Markdown's signs.
fn samples() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/src/figures/ding-samples.md")).unwrap();
    let rows = text.lines().skip(2).take_while(|line| line.starts_with("| "));
    let cell = |cell: &str| cell.trim().replace('\\', "");
    rows.map(|row| row.trim_matches('|').split(" | ").map(cell).collect()).collect()
}

#[test]
fn the_translator_writes_what_the_book_shows() {
    let rows = samples();
    assert!(rows.len() >= 5 && rows.iter().all(|row| row.len() == 3), "{rows:?}");
    let input: String = rows.iter().map(|row| format!("{}\n", row[0])).collect();
    let model = root().join("models/ding");
    let written = Program::new().succeed(&["translate-text", &model.to_string_lossy()], input);
    let shown: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    let hint = "docs/src/figures/ding-samples.md is stale: run `cargo xtask models --figures`";
    assert_eq!(written.lines().collect::<Vec<_>>(), shown, "{hint}");
}

#[test]
fn the_language_model_writes_and_knows_its_test_split() {
    let model = root().join("models/austen");
    let (program, model) = (Program::new(), model.to_string_lossy());
    let written = program.succeed(&["generate", &model, "--prompt", "She was"], "");
    assert!(written.starts_with("She was") && written.len() > 30, "{written}");
    let line = program.succeed(&["eval", &model, "--split", "test", "--json"], "");
    let found: serde_json::Value = serde_json::from_str(&line).unwrap();
    let text = fs::read_to_string(root().join("docs/src/figures/austen-samples.md")).unwrap();
    let bits = format!("{:.2} bits a byte", found["bits_per_byte"].as_f64().unwrap());
    assert!(text.contains(&bits), "austen-samples.md has no {bits:?}: run `cargo xtask models --figures`");
}

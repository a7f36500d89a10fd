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

#[test]
fn their_sums_fit() {
    for name in ["austen", "ding"] {
        let model = root().join("models").join(name);
        let sums = fs::read_to_string(model.join("SHA256SUMS")).unwrap();
        let names: Vec<&str> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
        assert_eq!(names, ["config.json", "model.safetensors", "tokenizer.json"], "{name}");
        let program = Program::new();
        // What is read is checked; that nothing is read unchecked, a wrong sum of each shows.
        let command = match name {
            "austen" => ["generate", "model", "--prompt", "She"],
            _ => ["translate-text", "model", "--text", "Danke."],
        };
        fs::create_dir(program.path("model")).unwrap();
        for file in names.iter().copied().chain(["SHA256SUMS"]) {
            fs::copy(model.join(file), program.path("model").join(file)).unwrap();
        }
        assert!(!program.succeed(&["info", "model"], "").contains("older version"));
        program.succeed(&command, "");
        for file in names {
            let line = |line: &str| match line.ends_with(file) {
                true => format!("{}{}\n", if line.starts_with('0') { '1' } else { '0' }, &line[1..]),
                false => format!("{line}\n"),
            };
            program.write("model/SHA256SUMS", sums.lines().map(line).collect::<String>());
            program.fail(&command, "", &[&format!("model/{file} is damaged")]);
        }
    }
}

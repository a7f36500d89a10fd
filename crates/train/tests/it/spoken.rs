//! What the book's pages are held to (`lab live`) is what the commands print.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::Program;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Texts, with what a model of the book's pages makes of them.
fn written(model: &str) -> Vec<[String; 2]> {
    let text = fs::read_to_string(root().join("docs/src/figures/lab/live/results.json")).unwrap();
    let results: Value = serde_json::from_str(&text).unwrap();
    let written = results["results"][model]["written"].as_array().unwrap();
    let part = |text: &Value, name: &str| text[name].as_str().unwrap().to_owned();
    written.iter().map(|text| ["text", "written"].map(|name| part(text, name))).collect()
}

const HINT: &str = "docs/src/figures/lab/live is stale: run `cargo run -p lab -- book live`";

#[test]
fn the_translator_writes_what_it_writes_in_the_page() {
    let texts = written("translator");
    assert_eq!(texts.len(), 20);
    let input: String = texts.iter().map(|[text, _]| format!("{text}\n")).collect();
    let model = root().join("models/ding");
    let args = ["translate-text", &model.to_string_lossy(), "--beam", "1"];
    let found = Program::new().succeed(&args, input);
    let expected: Vec<&str> = texts.iter().map(|[_, written]| written.as_str()).collect();
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "{HINT}");
}

#[test]
fn the_language_model_goes_on_as_it_does_in_the_page() {
    let texts = written("language_model");
    assert_eq!(texts.len(), 20);
    let (program, model) = (Program::new(), root().join("models/austen"));
    for [text, written] in texts {
        let model = model.to_string_lossy();
        let args = ["generate", &model, "--prompt", &text, "--temperature", "0", "--tokens", "12"];
        assert_eq!(program.succeed(&args, ""), format!("{text}{written}\n"), "{HINT}");
    }
}

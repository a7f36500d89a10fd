//! What the models say that run in the book's pages is what is committed.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::committed::{HINT, different};
use crate::{figures, lab};

/// Tokens and texts are the same everywhere; the numbers depend on the processor, in their last digits.
#[test]
fn the_sentences_of_the_page_are_written_anew() {
    let out = tempfile::tempdir().unwrap();
    let root = figures().join("../../..");
    let told = lab(&root, &["live", "--out", out.path().to_str().unwrap()]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(!told.stdout.contains("MISSED"), "{}", told.stdout);
    let results = |folder: &Path| -> Value {
        let text = fs::read_to_string(folder.join("results.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["results"].take()
    };
    let (new, old) = (results(out.path()), results(&figures().join("lab/live")));
    assert_eq!(different(&new, &old, 1e-3), [""; 0], "{HINT}");
    for model in ["translator", "language_model"] {
        let written = new[model]["written"].as_array().unwrap();
        assert_eq!(written.len(), 20, "{model}");
        for text in written {
            let [output, gaps] = ["output", "gaps"].map(|name| text[name].as_array().unwrap());
            assert!(!output.is_empty() && output.len() == gaps.len(), "{text}");
        }
        let shown = &new[model]["shown"];
        let steps = shown["steps"].as_array().unwrap();
        assert_eq!(steps.len(), written[0]["output"].as_array().unwrap().len());
        for row in shown["attention"]["weights"].as_array().unwrap() {
            let sum: f64 = row.as_array().unwrap().iter().map(|weight| weight.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{row}");
        }
    }
}

#[test]
fn what_the_page_has_no_room_for_is_refused() {
    let root = figures().join("../../..");
    let long = "und ".repeat(40);
    for (args, reason) in [
        (["--tokens", "13"], "--tokens is 13, but it must be from 1 to 12"),
        (["--sentence", " "], "the text is empty"),
        (["--sentence", &long], "and there is room for 32"),
        (
            ["--text", "This is a text that has far more words in it than there is room for in a page"],
            "room for 24",
        ),
        (["--translator", "models/austen"], "reads no source"),
    ] {
        let told = lab(&root, &[&["live"], &args[..]].concat());
        assert!(told.code == 2 && told.stderr.contains(reason), "{args:?}: {}", told.stderr);
    }
}

//! The beam search of one sentence.

use std::fs;

use serde_json::Value;

use crate::{figures, lab};

/// The tree of the committed model: the same tokens and fates, and numbers that differ in their last digits alone.
#[test]
fn the_search_is_done_anew() {
    let out = tempfile::tempdir().unwrap();
    let run = figures().join("../../../models/ding");
    let args = ["beam", "--run", run.to_str().unwrap(), "--out", out.path().to_str().unwrap()];
    let told = lab(out.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let nodes = |folder: &std::path::Path| -> Vec<Value> {
        let text = fs::read_to_string(folder.join("results.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["results"]["nodes"].as_array().unwrap().clone()
    };
    let (new, old) = (nodes(out.path()), nodes(&figures().join("lab/beam")));
    assert_eq!(new.len(), old.len());
    for (new, old) in new.iter().zip(&old) {
        for name in ["parent", "step", "token", "fate"] {
            assert_eq!(new[name], old[name], "run `cargo run -p lab -- book beam`");
        }
        let [a, b] = [new, old].map(|node| node["log_prob"].as_f64().unwrap());
        assert!((a - b).abs() < 1e-3, "{a} is not {b}");
    }
}

#[test]
fn arguments_without_sense_are_refused() {
    let out = tempfile::tempdir().unwrap();
    let run = figures().join("../../../models/ding");
    for (args, reason) in [
        (["--beam", "0"], "--beam is 0, but it must be from 1 to 10"),
        (["--dropped", "11"], "--dropped is 11, but it must be at most 10"),
        (["--alpha", "nan"], "--alpha is NaN, but it must be zero or more"),
        (["--text", " "], "the text is empty"),
    ] {
        let told = lab(out.path(), &[&["beam", "--run", run.to_str().unwrap()], &args[..]].concat());
        assert!(told.code == 2 && told.stderr.contains(reason), "{args:?}: {}", told.stderr);
    }
}

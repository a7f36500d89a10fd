//! Remembering: measured anew, and with facts of a reader's own.

use std::fs;

use serde_json::Value;

use crate::committed::{HINT, different};
use crate::{figures, lab};

/// Only logarithms may come out otherwise on another machine, in the last digit.
#[test]
fn the_learners_are_simulated_anew() {
    let out = tempfile::tempdir().unwrap();
    let told = lab(out.path(), &["remember", "--out", out.path().to_str().unwrap()]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let results = |folder: &std::path::Path| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join("results.json")).unwrap()).unwrap()
    };
    assert_eq!(
        different(&results(out.path()), &results(&figures().join("lab/remember")), 1e-6),
        [""; 0],
        "{HINT}"
    );
}

#[test]
fn facts_of_a_readers_own_are_counted() {
    let out = tempfile::tempdir().unwrap();
    fs::write(out.path().join("facts"), "- Bread is made of flour and water.\n- It rises twice.\n").unwrap();
    fs::write(out.path().join("recalled"), "flour, water: that makes bread").unwrap();
    let args = ["remember", "--seeds", "1", "--facts", "facts", "--recalled", "recalled", "--out", "here"];
    let told = lab(out.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    for part in
        ["Of 2 facts, 1 are in what you wrote:", "  recalled  Bread is made", "  missing   It rises twice."]
    {
        assert!(told.stdout.contains(part), "{part} is missing in {}", told.stdout);
    }
    // A chapter has its facts at its end.
    let chapter = figures().join("../attention.md");
    let args = [
        "remember",
        "--seeds",
        "1",
        "--facts",
        chapter.to_str().unwrap(),
        "--recalled",
        "recalled",
        "--out",
        "here",
    ];
    assert!(lab(out.path(), &args).stdout.contains("Of 6 facts, 0 are in what you wrote:"));
}

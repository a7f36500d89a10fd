//! The range test of learning rates, as it is carried out and as the book shows it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::committed::{HINT, different};
use crate::{figures, lab};

/// Anew, in a process of its own, since what is drawn at random comes from one generator for all threads. Of the test's
/// points, the beginning is compared: later, the last digits of single precision decide.
#[test]
fn a_rate_is_suggested_as_in_the_book_and_the_sweep_agrees() {
    let out = tempfile::tempdir().unwrap();
    let told = lab(out.path(), &["learning-rate", "--out", "here"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(
        !told.stdout.contains("MISSED") && told.stdout.contains("passed: the suggested rate"),
        "{}",
        told.stdout
    );
    let results = |folder: &Path| -> Value {
        let text = fs::read_to_string(folder.join("results.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["results"].take()
    };
    let fresh = results(&out.path().join("here"));
    let stored = results(&figures().join("lab/learning-rate"));
    assert_eq!(fresh["recipe"], stored["recipe"], "{HINT}");
    assert_eq!(stored["runs"].as_array().unwrap().len(), 5, "five seeds are told of");
    let begin = |results: &Value| {
        Value::from(results["runs"][0]["range"]["points"].as_array().unwrap()[..50].to_vec())
    };
    assert_eq!(different(&begin(&fresh), &begin(&stored), 1e-3), [""; 0], "{HINT}");
}

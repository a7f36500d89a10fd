//! What was captured of the models is carried out anew, and comes to what is committed.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::committed::{HINT, different};
use crate::{figures, lab};

/// The counts are the same everywhere; differences, which depend on the processor, are as small.
#[test]
fn programs_of_the_models_are_replayed_anew() {
    let out = tempfile::tempdir().unwrap();
    let run = |name: &str| figures().join("../../../models").join(name).to_str().unwrap().to_owned();
    let (translator, language_model) = (run("ding"), run("austen"));
    let args = ["replay", "--translator", &translator, "--language-model", &language_model, "--out", "here"];
    let told = lab(out.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(!told.stdout.contains("MISSED"), "{}", told.stdout);
    let results = |folder: &Path| -> Value {
        let text = fs::read_to_string(folder.join("results.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["results"].take()
    };
    let (new, old) = (results(&out.path().join("here")), results(&figures().join("lab/replay")));
    assert_eq!(different(&new, &old, 1e-5), [""; 0], "{HINT}");
    for model in new["models"].as_array().unwrap() {
        assert!(
            model["operations"].as_u64() > Some(100) && model["numbers"].as_u64() > Some(10_000),
            "{model}"
        );
    }
}

#[test]
fn a_run_of_another_kind_is_refused() {
    let out = tempfile::tempdir().unwrap();
    let run = |name: &str| figures().join("../../../models").join(name).to_str().unwrap().to_owned();
    let austen = run("austen");
    for (args, reason) in [
        (vec!["replay", "--translator", &austen], "reads no source"),
        (vec!["replay", "--translator", "nowhere"], "nowhere"),
    ] {
        let told = lab(out.path(), &args);
        let last = told.stderr.lines().last().unwrap_or_default();
        assert!(
            told.code == 2 && last.starts_with("error: ") && last.contains(reason),
            "{args:?}: {}",
            told.stderr
        );
    }
}

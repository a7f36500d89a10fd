//! No change of the model's architecture goes unnoticed.

use std::fs;
use std::process::{Command, Output};

use crate::rooms::source::root;

fn compared_with(text: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old.json");
    fs::write(&old, text).unwrap();
    let xtask = env!("CARGO_BIN_EXE_xtask");
    Command::new(xtask).args(["diagrams", "--compare"]).arg(old).output().unwrap()
}

fn saved() -> String {
    fs::read_to_string(root().join("diagrams/architecture.json")).unwrap()
}

#[test]
fn the_model_is_the_one_that_was_announced() {
    let output = compared_with(&saved());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn one_layer_that_is_another_fails() {
    let saved = saved();
    // The third layer had another activation once.
    let (place, relu) = saved.match_indices("\"kind\":\"relu\"").nth(2).unwrap();
    let old = format!("{}\"kind\":\"gelu\"{}", &saved[..place], &saved[place + relu.len()..]);
    let output = compared_with(&old);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    for part in ["1 difference", "layer.2", "GELU -> ReLU", "cargo xtask diagrams"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_file_that_is_cut_off_or_of_another_version_fails() {
    let saved = saved();
    for (old, reason) in [
        (saved[..saved.len() / 2].to_owned(), "cut off"),
        (saved.replacen("\"version\":1", "\"version\":9", 1), "version 9"),
    ] {
        let output = compared_with(&old);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(reason), "{message}");
    }
}

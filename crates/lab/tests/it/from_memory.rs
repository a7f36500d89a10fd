//! What the chapter tells of redrawing, measured anew; and a drawing of the reader's own.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::committed::{HINT, different};
use crate::{figures, lab};

fn results(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("results.json")).unwrap()).unwrap()
}

#[test]
fn redrawing_is_measured_anew() {
    let out = tempfile::tempdir().unwrap();
    let told = lab(out.path(), &["redraw", "--out", "."]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(
        different(&results(out.path()), &results(&figures().join("lab/redraw")), 1e-9),
        [""; 0],
        "{HINT}"
    );
}

#[test]
fn a_drawing_of_ones_own_is_graded_beside_the_copies() {
    let out = tempfile::tempdir().unwrap();
    let dot =
        "digraph { inputs -> \"input embedding\" -> add -> \"Multi Head Attention\" -> \"add and norm\" }";
    fs::write(out.path().join("mine.dot"), dot).unwrap();
    let told = lab(out.path(), &["redraw", "--seeds", "1", "--dot", "mine.dot", "--out", "."]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let way = "The way around Multi-Head Attention of the Encoder layer is missing.";
    assert!(
        told.stdout.starts_with("mine.dot:\nBoxes: 5 of ") && told.stdout.contains(way),
        "{}",
        told.stdout
    );
    let asked = &results(out.path())["results"]["asked"];
    assert!(asked["boxes"].as_f64().unwrap() < 0.5 && asked["file"] == "mine.dot", "{asked}");
}

//! Agreement: what must hold of any network, and how the committed ones began.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::committed::HINT;
use crate::{figures, lab, names};

fn results(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("results.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["results"].take()
}

/// A network that has hardly learned: whatever it answers, the questions are the committed ones, the control is exact, and its first
/// loss is that of the committed network of its seed.
#[test]
fn the_committed_networks_begin_as_they_are_trained_and_the_control_is_exact() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = "The boy near the dogs opens the box.\tThe boy near the dogs open the box.\n\n\
                 the kings that Anna sees fill it\tThe kings that Anna sees fills it\n";
    fs::write(folder.path().join("pairs"), pairs).unwrap();
    let args =
        ["grammar", "--seeds", "1", "--steps", "2", "--pairs", "pairs", "--keep", "kept", "--out", "out"];
    let told = lab(folder.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stdout.contains("Of 2 pairs, the good sentence is the likelier one in "), "{}", told.stdout);
    let (new, old) = (results(&folder.path().join("out")), results(&figures().join("lab/grammar")));
    for name in ["asked", "learned", "network", "examples"] {
        assert_eq!(new[name], old[name], "{name}: {HINT}");
    }
    let first = |results: &Value| results["runs"][0]["first"].as_f64().unwrap();
    assert!((first(&new) / first(&old) - 1.0).abs() < 1e-3, "{} is not {}: {HINT}", first(&new), first(&old));
    for results in [&new, &old] {
        let rows = results["summary"]["rows"].as_array().unwrap();
        assert_eq!(rows.len() as u64, results["asked"].as_u64().unwrap() + 1);
        for row in &rows[1..] {
            assert_eq!([&row["trigram"]["least"], &row["trigram"]["most"]], [0.5; 2]);
            assert_eq!(
                [&row["strangers"]["trigram"]["least"], &row["strangers"]["trigram"]["most"]],
                [0.5; 2]
            );
        }
        assert_eq!(results["summary"]["second"]["trigram"]["mean"], 0.5);
    }
    assert_eq!(old["runs"].as_array().unwrap().len(), 5);
    let pair = &new["pairs"][1];
    assert_eq!(pair["bad"], "The kings that Anna sees fills it");
    assert!(pair["bits"].as_array().unwrap().iter().all(|bits| bits.as_f64().unwrap() > 10.0), "{pair}");
    assert!(names(&folder.path().join("kept")).contains(&"tokenizer.json".to_owned()));
}

#[test]
fn bad_input_ends_before_anything_is_learned() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in
        [("empty", "\n"), ("column", "the boy opens it\n"), ("word", "the boy opens it\tthe boy eats it\n")]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for (args, reason) in [
        (["--seeds", "0"], "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 100"),
        (["--steps", "0"], "--steps is 0, but it must be from 1 to 100000"),
        (["--pairs", "nowhere"], "cannot read nowhere"),
        (["--pairs", "empty"], "empty can't be used: it has no pairs"),
        (["--pairs", "column"], "column can't be used: line 1: expected two columns with a tab between them"),
        (["--pairs", "word"], "word can't be used: line 1: the grammar has no word \"eats\"; it has the, "),
        (["--keep", "word"], "word"),
    ] {
        let told = lab(folder.path(), &[&["grammar"], &args[..]].concat());
        assert_eq!((told.code, told.stdout.as_str()), (2, ""), "{args:?}");
        assert!(
            told.stderr.starts_with("error: ") && told.stderr.contains(reason),
            "{args:?}: {}",
            told.stderr
        );
        assert_eq!(told.stderr.lines().count(), 1, "{args:?}: {}", told.stderr);
    }
    assert_eq!(names(folder.path()), ["column", "empty", "word"], "nothing is left behind");
}

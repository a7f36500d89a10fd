//! The figures and results that the book shows are what `lab book` writes.
//!
//! Figures and checks follow from results alone, so those of every experiment are compared exactly. Results are
//! measured anew where that takes seconds: those of the noise scale in parts, in the tests of its module.

use std::fs;

use lab::book::folder;
use serde_json::Value;

use crate::{figures, lab, names};

pub(crate) const HINT: &str = "run `cargo run -p lab -- book`";

#[test]
fn figures_and_checks_of_experiments_follow_from_the_committed_results() {
    for entry in lab::EXPERIMENTS {
        let folder = folder(&figures(), entry);
        let text = fs::read_to_string(folder.join("results.json")).unwrap();
        let stored: Value = serde_json::from_str(&text).unwrap();
        let report = entry.reread(&text).unwrap();
        let mut expected = vec!["results.json".to_owned()];
        for figure in &report.figures {
            let name = format!("{}.svg", figure.name);
            let old = fs::read_to_string(folder.join(&name)).unwrap();
            assert!(old == figure.svg, "{name} of {} is stale: {HINT}", entry.name);
            expected.push(name);
        }
        for piece in &report.pieces {
            let name = format!("{}.md", piece.name);
            let old = fs::read_to_string(folder.join(&name)).unwrap();
            assert!(old == piece.markdown, "{name} of {} is stale: {HINT}", entry.name);
            expected.push(name);
        }
        expected.sort();
        assert_eq!(names(&folder), expected, "{}: {HINT}", entry.name);
        let checks = serde_json::to_value(&report.checks).unwrap();
        assert_eq!(different(&stored["checks"], &checks, 1e-9), [""; 0], "{}: {HINT}", entry.name);
        assert!(report.passed(), "{} misses a check", entry.name);
        assert_eq!((&stored["name"], &stored["seed"]), (&entry.name.into(), &1.into()));
    }
    assert_eq!(names(&figures().join("lab")).len(), lab::EXPERIMENTS.len());
}

/// Only autodiff, which computes in single precision, may come out otherwise on another processor.
#[test]
fn weights_and_inputs_and_the_figures_of_the_parts_are_written_anew() {
    let out = tempfile::tempdir().unwrap();
    let args = ["book", "figures", "weights-and-inputs", "--out", out.path().to_str().unwrap()];
    let told = lab(out.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let committed = figures();
    let parts = [
        "causal-mask",
        "clock-hands",
        "learning-rate",
        "positional-encoding",
        "smoothed-targets",
        "smoothing-penalty",
    ];
    let parts = parts.map(|name| format!("{name}.svg"));
    assert_eq!(
        names(out.path()),
        [&["lab".to_owned()], &parts[..]]
            .concat()
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    for name in parts
        .into_iter()
        .chain(["weights", "input", "neuron"].map(|name| format!("lab/weights-and-inputs/{name}.svg")))
    {
        let [new, old] =
            [out.path(), &committed].map(|folder| fs::read_to_string(folder.join(&name)).unwrap());
        assert!(new == old, "{name} is stale: {HINT}");
    }
    let results = |folder: &std::path::Path| -> Value {
        let text = fs::read_to_string(folder.join("lab/weights-and-inputs/results.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(different(&results(out.path()), &results(&committed), 1e-5), [""; 0], "{HINT}");
}

/// Only the last digits of single precision may come out otherwise on another processor.
#[test]
fn one_query_is_worked_anew() {
    let out = tempfile::tempdir().unwrap();
    let run = figures().join("../../../models/austen");
    let args = ["by-hand", "--run", run.to_str().unwrap(), "--out", out.path().to_str().unwrap()];
    let told = lab(out.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let results = |folder: &std::path::Path| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join("results.json")).unwrap()).unwrap()
    };
    let committed = figures().join("lab/by-hand");
    assert_eq!(different(&results(out.path()), &results(&committed), 1e-3), [""; 0], "{HINT}");
    for (args, reason) in [
        (["--token", "9"], "--token is 9, but it must be from 1 to 8"),
        (["--head", "0"], "--head is 0, but it must be from 1 to 4"),
        (["--layer", "4"], "--layer is 4, but it must be from 1 to 3"),
        (["--other", "She was very glad"], "must differ from the sentence in one token"),
    ] {
        let told = lab(out.path(), &[&["by-hand", "--run", run.to_str().unwrap()], &args[..]].concat());
        assert!(told.code == 2 && told.stderr.contains(reason), "{args:?}: {}", told.stderr);
    }
}

/// The model is committed; only the last digits of single precision may come out otherwise on another processor.
#[test]
fn what_the_language_model_expects_is_measured_anew() {
    for name in ["next-word", "surprisal"] {
        let out = tempfile::tempdir().unwrap();
        let root = figures().join("../../..");
        let told = lab(&root, &[name, "--out", out.path().to_str().unwrap()]);
        assert_eq!(told.code, 0, "{}", told.stderr);
        // Small models that were trained beside it are not trained anew, and neither is their figure drawn.
        let results = |folder: &std::path::Path| -> [Value; 2] {
            let text = fs::read_to_string(folder.join("results.json")).unwrap();
            let mut record: Value = serde_json::from_str(&text).unwrap();
            record["results"].as_object_mut().unwrap().remove("small");
            ["results", "checks"].map(|part| record[part].take())
        };
        let [fresh, committed] =
            [out.path().to_owned(), figures().join("lab").join(name)].map(|at| results(&at));
        for (fresh, committed) in fresh.iter().zip(&committed) {
            assert_eq!(different(fresh, committed, 1e-3), [""; 0], "{HINT}");
        }
    }
}

/// Where two values differ: numbers by more than the tolerance, measured by the second where that is above 1.
pub(crate) fn different(a: &Value, b: &Value, tolerance: f64) -> Vec<String> {
    let inner = |name: String, a: &Value, b: &Value| {
        different(a, b, tolerance).into_iter().map(move |rest| format!("{name}.{rest}")).collect::<Vec<_>>()
    };
    match (a, b) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().flat_map(|(n, (a, b))| inner(n.to_string(), a, b)).collect()
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().zip(b.values()).flat_map(|((name, a), b)| inner(name.clone(), a, b)).collect()
        }
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            if (x - y).abs() <= tolerance * y.abs().max(1.0) {
                vec![]
            } else {
                vec![format!(" {x} is not {y}")]
            }
        }
        _ if a == b => vec![],
        _ => vec![format!(" {a} is not {b}")],
    }
}

#[test]
fn differences_are_found() {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (a, b) = (value(r#"{"a":[1.0,2.0],"b":"c"}"#), value(r#"{"a":[1.0,2.1],"b":"d"}"#));
    assert_eq!(different(&a, &a, 0.0), [""; 0]);
    assert_eq!(different(&a, &b, 1e-3), ["a.1. 2 is not 2.1", "b. \"c\" is not \"d\""]);
    assert_eq!(different(&a, &value(r#"{"a":[1.0]}"#), 1.0).len(), 1);
}

//! Batches of different sizes, in the small, and what is refused.

use std::fs;

use serde_json::Value;

use crate::{figures, lab, names};

#[test]
fn a_few_images_show_how_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let args =
        ["batch-detour", "--images", "503", "--batch", "101", "--seeds", "1", "--json", "--out", "here"];
    let told = lab(folder.path(), &args);
    assert_eq!((told.code, told.stdout.lines().count()), (0, 1), "{}", told.stderr);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let results = &told["results"];
    assert_eq!((&results["small"]["batches"], &results["large"]["batches"]), (&126.into(), &5.into()));
    assert_eq!((&results["large"]["last"], &results["test"]["last"]), (&99.into(), &1.into()));
    // Ninety-nine batches of the test have four rows and more, and the last one has a single one.
    assert_eq!(results["test"]["scored"], 4 * 99 + 1);
    let scoring = &results["runs"][0]["scoring"];
    let of = |name: &str| scoring[name].as_f64().unwrap();
    let excess = 1.0 / 100.0 - 1.0 / 10_000.0;
    assert!((of("of_means") - of("loss") - (of("last") - of("others")) * excess).abs() < 1e-12, "{scoring}");
    let identity = told["checks"].as_array().unwrap().iter().find(|check| check["target"] == "at most 1e-12");
    assert_eq!(identity.unwrap()["passed"], true);
    assert_eq!(
        names(&folder.path().join("here")),
        ["curves.svg", "pictures.svg", "results.json", "said.md", "said.svg", "ways.md"]
    );
}

/// Whoever changes a figure need not train anew.
#[test]
fn figures_are_drawn_anew_from_results_that_are_there() {
    let out = tempfile::tempdir().unwrap();
    let (old, new) = (figures().join("lab/batch-detour"), out.path().join("lab/batch-detour"));
    let args = ["book", "batch-detour", "--redraw", "--out", out.path().to_str().unwrap()];
    let told = lab(out.path(), &args);
    assert!(told.code == 2 && told.stderr.contains("batch-detour: cannot read"), "{}", told.stderr);
    fs::create_dir_all(&new).unwrap();
    fs::copy(old.join("results.json"), new.join("results.json")).unwrap();
    let told = lab(out.path(), &args);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert_eq!(names(&new), names(&old));
    for name in names(&new) {
        let [new, old] = [&new, &old].map(|folder| fs::read_to_string(folder.join(&name)).unwrap());
        assert!(new == old, "{name} is stale: run `cargo run -p lab -- book batch-detour`");
    }
}

#[test]
fn arguments_without_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (args, reason) in [
        (
            ["batch-detour", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 1000",
        ),
        (["batch-detour", "--batch", "4"], "--batch is 4, but it must be from 5 to 400"),
        (["batch-detour", "--images", "499"], "--images is 499, but it must be from 500 to 1000000"),
        (
            ["noise-scale", "--seeds", "0"],
            "invalid value '0' for '--seeds <SEEDS>': expected a number from 1 to 100",
        ),
    ] {
        let told = lab(folder.path(), &args);
        let lines: Vec<&str> = told.stderr.lines().filter(|line| !line.contains(" %, ")).collect();
        assert_eq!((told.code, lines.len()), (2, 1), "{args:?}: {}", told.stderr);
        assert!(lines[0].starts_with("error: ") && lines[0].contains(reason), "{args:?}: {}", told.stderr);
    }
    assert_eq!(names(folder.path()), [""; 0], "nothing is left behind");
}

//! What a program is made of is told whole, and twice the same.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

fn list(arguments: &[&str]) -> (String, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("sbom").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

fn texts<'a>(values: &'a Value, key: &str) -> Vec<&'a str> {
    values.as_array().unwrap().iter().map(|value| value[key].as_str().unwrap()).collect()
}

#[test]
fn all_crates_of_train_are_listed_and_sorted() {
    let (text, bom) = list(&[]);
    assert_eq!(text, list(&[]).0, "the same program has the same list");
    assert_eq!((&bom["bomFormat"], &bom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    assert_eq!(bom["metadata"]["component"]["name"], "train");
    let components = bom["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|component| component["name"] == name).unwrap();
    // One that is linked, one that the compiler runs, one of our own.
    let [serde, derive, model] = ["serde", "serde_derive", "model"].map(named);
    assert_eq!((&serde["scope"], &derive["scope"]), (&"required".into(), &"excluded".into()));
    assert_eq!(serde["licenses"][0]["expression"], "MIT OR Apache-2.0");
    assert_eq!(serde["hashes"][0]["content"].as_str().unwrap().len(), 64);
    assert!(model["purl"].is_null() && model["hashes"].is_null(), "{model}");
    assert!(!components.iter().any(|component| component["name"] == "proptest"), "that is for tests");

    let references = texts(&bom["components"], "bom-ref");
    let known: BTreeSet<_> = references.iter().copied().chain(["train@0.1.0"]).collect();
    assert_eq!(known.len(), references.len() + 1, "each is there once");
    let names: Vec<_> = texts(&bom["components"], "name");
    assert!(names.is_sorted());
    assert_eq!(texts(&bom["dependencies"], "ref").into_iter().collect::<BTreeSet<_>>(), known);
    let mut used = BTreeSet::new();
    for uses in bom["dependencies"].as_array().unwrap() {
        used.extend(uses["dependsOn"].as_array().unwrap().iter().map(|value| value.as_str().unwrap()));
    }
    assert!(used.iter().all(|reference| known.contains(reference)));
    assert_eq!(used.len(), references.len(), "each is there for another");

    // As many as Cargo says itself.
    let tree = ["tree", "--offline", "-p", "train", "-e", "normal,build", "--prefix", "none", "-f", "{p}"];
    let tree =
        Command::new(env!("CARGO")).args(tree).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<_> = tree
        .lines()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>())
        .filter(|words| words.len() > 1)
        .collect();
    assert_eq!(crates.len(), known.len());
}

#[test]
fn features_and_machines_change_what_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("bom.json");
    let arguments = ["sbom", "--features", "cuda", "--target", "x86_64-pc-windows-msvc", "--out"];
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).arg(&out).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    if message.contains("failed to download") && std::env::var_os("CI").is_none() {
        println!("SKIPPED: crates that aren't compiled here can't be looked up");
        return;
    }
    assert!(output.status.success(), "{message}");
    let bom: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let names = texts(&bom["components"], "name");
    assert!(names.contains(&"burn-cuda") && names.contains(&"windows-sys"));
    let (_, here) = list(&[]);
    assert!(!texts(&here["components"], "name").contains(&"burn-cuda"));
    let output =
        Command::new(env!("CARGO_BIN_EXE_xtask")).args(["sbom", "--package", "nobody"]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && message.contains("nobody"), "{message}");
}

//! `cargo run -p train` finds the Burn that `cargo test --workspace` compiled: see `crates/one-burn`.
//!
//! Cargo's plan of what it would compile is compared, and nothing is compiled. The option that prints the plan is still
//! unstable, so `RUSTC_BOOTSTRAP` opens it to a stable Cargo.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

#[test]
fn programs_share_the_burn_that_tests_of_the_workspace_compile() {
    let programs = dependents();
    assert!(programs.contains("train"), "{programs:?}");
    let workspace = libraries(&["test", "--workspace"]);
    for program in &programs {
        let own = libraries(&["build", "--package", program]);
        assert!(own.iter().any(|library| library.name == "burn-flex"), "{program} computes on no processor");
        let different = roots(&own, &workspace);
        assert!(
            different.is_empty(),
            "`cargo run -p {program}` would compile Burn again, since these differ from `cargo test --workspace`; \
             see crates/one-burn:\n{}",
            different.join("\n")
        );
    }
}

#[test]
fn the_book_needs_no_backend() {
    let names: BTreeSet<_> =
        libraries(&["build", "--package", "xtask"]).into_iter().map(|library| library.name).collect();
    assert!(names.contains("burn-capture"), "{names:?}");
    for backend in ["burn-flex", "burn-ndarray", "burn-autodiff"] {
        assert!(!names.contains(backend), "`cargo xtask book` would compile {backend}");
    }
}

#[test]
fn a_feature_too_few_is_found_with_everything_above_it() {
    let library = |features: &[&str]| Library {
        name: "libc".to_owned(),
        features: features.iter().map(|&feature| feature.to_owned()).collect(),
        ..Library::default()
    };
    let workspace = BTreeSet::from([library(&["default", "std"])]);
    assert_eq!(roots(&workspace, &workspace), [""; 0]);
    let different = roots(&BTreeSet::from([library(&["std"])]), &workspace);
    assert_eq!(different, [r#"libc  with ["std"], in the workspace with ["default", "std"]"#]);
}

/// A crate as it would be compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Library {
    name: String,
    version: String,
    /// A library, a procedural macro, or a build script and its run.
    kind: String,
    features: Vec<String>,
    /// What it was compiled with, the profile's name aside.
    profile: String,
}

/// The packages of the workspace that depend on `one-burn`.
fn dependents() -> BTreeSet<String> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let packages = metadata["packages"].as_array().unwrap().iter();
    let depends = |package: &&Value| {
        let mut dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies.any(|dependency| dependency["name"] == "one-burn")
    };
    packages.filter(depends).map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

/// What a command would compile that comes from a registry.
fn libraries(command: &[&str]) -> BTreeSet<Library> {
    let graph = cargo(&[command, &["-Zunstable-options", "--unit-graph"]].concat());
    let units = graph["units"].as_array().unwrap().iter();
    units.filter_map(library).collect()
}

fn library(unit: &Value) -> Option<Library> {
    // registry+https://github.com/rust-lang/crates.io-index#libc@0.2.191
    let (origin, package) = unit["pkg_id"].as_str()?.rsplit_once('#')?;
    let (name, version) = package.split_once('@')?;
    let mut profile = unit["profile"].clone();
    profile.as_object_mut()?.remove("name");
    let features = unit["features"].as_array()?.iter().map(|feature| Some(feature.as_str()?.to_owned()));
    origin.starts_with("registry+").then_some(Library {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: format!("{} {}", unit["target"]["kind"], unit["mode"]),
        features: features.collect::<Option<_>>()?,
        profile: profile.to_string(),
    })
}

/// What would be compiled in another way than in the workspace, a line each. If there is nothing, then what depends on
/// it can't differ either.
fn roots(own: &BTreeSet<Library>, workspace: &BTreeSet<Library>) -> Vec<String> {
    let described = |library: &Library| {
        let same = |other: &&Library| (&other.name, &other.version) == (&library.name, &library.version);
        let others: Vec<String> =
            workspace.iter().filter(same).map(|other| format!("{:?}", other.features)).collect();
        let Library { name, version, features, .. } = library;
        format!("{name} {version} with {features:?}, in the workspace with {}", others.join(" or "))
    };
    own.difference(workspace).map(described).collect()
}

/// What Cargo answers, as JSON. It finds everything on this machine, since the workspace is compiled.
fn cargo(arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).arg("--offline").env("RUSTC_BOOTSTRAP", "1");
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

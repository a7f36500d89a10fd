//! `cargo run -p train` finds the Burn that `cargo test --workspace` compiled: see `crates/one-burn`.
//!
//! Cargo's plan of what it would compile is compared, and nothing is compiled. The option that prints the plan is still
//! unstable, so `RUSTC_BOOTSTRAP` opens it to a stable Cargo.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process::Command;

use serde_json::Value;

#[test]
fn programs_share_the_burn_that_tests_of_the_workspace_compile() {
    let programs = dependents();
    assert!(programs.contains("train"), "{programs:?}");
    let workspace = Plan::of(&["test", "--workspace"]);
    for program in &programs {
        let own = Plan::of(&["build", "--package", program]);
        assert!(own.compiles("burn-flex"), "{program} computes on no processor");
        let different = own.roots(&workspace);
        assert!(
            different.is_empty(),
            "`cargo run -p {program}` would compile Burn again, since these differ from `cargo test --workspace`; \
             see crates/one-burn:\n{}",
            different.join("\n")
        );
    }
}

#[test]
fn so_do_the_tests_of_a_crate_alone() {
    let workspace = Plan::of(&["test", "--workspace"]);
    for name in ["graph", "kernels", "model", "train", "lab", "xtask"] {
        let own = Plan::of(&["test", "--package", name]);
        assert!(own.compiles("burn-flex"), "the tests of {name} compute on no processor");
        let different = own.roots(&workspace);
        assert!(
            different.is_empty(),
            "`cargo test -p {name}` would compile Burn again:\n{}",
            different.join("\n")
        );
    }
}

#[test]
fn the_book_needs_no_backend() {
    let plan = Plan::of(&["build", "--package", "xtask"]);
    assert!(plan.compiles("burn-capture"));
    for backend in ["burn-flex", "burn-ndarray", "burn-autodiff"] {
        assert!(!plan.compiles(backend), "`cargo xtask book` would compile {backend}");
    }
}

#[test]
fn the_crate_is_named_that_has_a_feature_too_few_and_not_those_above_it() {
    let unit = |name: &str, features: &[&str], dependencies: &[usize]| {
        let dependencies: Vec<_> =
            dependencies.iter().map(|index| serde_json::json!({ "index": index })).collect();
        serde_json::json!({
            "pkg_id": format!("registry+https://example.org/index#{name}@1.0.0"),
            "target": { "kind": ["lib"] }, "mode": "build", "profile": { "name": "dev", "opt_level": "2" },
            "features": features, "dependencies": dependencies,
        })
    };
    let graph =
        |features| serde_json::json!({ "units": [unit("burn", &[], &[1]), unit("libc", features, &[])] });
    let [own, workspace] = [&["std"][..], &["default", "std"]].map(|features| Plan::read(&graph(features)));
    assert_eq!(workspace.roots(&workspace), [""; 0]);
    assert_eq!(own.roots(&workspace), [r#"libc 1.0.0 with ["std"], there with ["default", "std"]"#]);
}

/// What a command would compile, by a number that stands for a crate with all that it is made of.
struct Plan(BTreeMap<u64, Crate>);

/// A crate of a registry as it would be compiled.
struct Crate {
    /// Name and version.
    name: String,
    features: Vec<String>,
    dependencies: Vec<u64>,
}

impl Plan {
    /// What Cargo says that a command would compile.
    fn of(command: &[&str]) -> Self {
        Self::read(&cargo(&[command, &["-Zunstable-options", "--unit-graph"]].concat()))
    }

    fn read(graph: &Value) -> Self {
        let units = graph["units"].as_array().unwrap();
        let (mut plan, mut known) = (Self(BTreeMap::new()), BTreeMap::new());
        for index in 0..units.len() {
            plan.add(units, index, &mut known);
        }
        plan
    }

    /// Adds a unit, after those that it depends on, and gives its number.
    fn add(&mut self, units: &[Value], index: usize, known: &mut BTreeMap<usize, u64>) -> u64 {
        if let Some(&number) = known.get(&index) {
            return number;
        }
        let unit = &units[index];
        let below = unit["dependencies"].as_array().unwrap().iter();
        let below = below.map(|dependency| dependency["index"].as_u64().unwrap() as usize);
        let mut dependencies: Vec<u64> = below.map(|below| self.add(units, below, known)).collect();
        dependencies.sort_unstable();
        let mut profile = unit["profile"].clone();
        profile["name"].take(); // Tests are compiled like everything else, but their profile is called otherwise.
        let mut hasher = DefaultHasher::new();
        for part in [&unit["pkg_id"], &unit["target"], &unit["mode"], &unit["features"], &profile] {
            part.to_string().hash(&mut hasher);
        }
        dependencies.hash(&mut hasher);
        let number = hasher.finish();
        known.insert(index, number);
        // registry+https://github.com/rust-lang/crates.io-index#libc@0.2.191
        let (origin, name) = unit["pkg_id"].as_str().unwrap().rsplit_once('#').unwrap();
        if origin.starts_with("registry+") {
            let features = serde_json::from_value(unit["features"].clone()).unwrap();
            self.0.insert(number, Crate { name: name.replace('@', " "), features, dependencies });
        }
        number
    }

    fn compiles(&self, name: &str) -> bool {
        self.0.values().any(|unit| unit.name.split(' ').next() == Some(name))
    }

    /// The crates that `other` compiles in another way although it compiles all below them in the same way.
    fn roots(&self, other: &Self) -> Vec<String> {
        let differs = |number: &u64| self.0.contains_key(number) && !other.0.contains_key(number);
        let own = self.0.iter().filter(|(number, _)| differs(number));
        let roots = own.filter(|(_, unit)| !unit.dependencies.iter().any(differs));
        let described = |(_, unit): (_, &Crate)| {
            let same = other.0.values().filter(|other| other.name == unit.name);
            let there: Vec<String> = same.map(|other| format!("{:?}", other.features)).collect();
            format!("{} with {:?}, there with {}", unit.name, unit.features, there.join(" or "))
        };
        roots.map(described).collect()
    }
}

/// The programs and libraries of the workspace that depend on `one-burn`, be it through each other.
fn dependents() -> BTreeSet<String> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let mut found = BTreeSet::from(["one-burn".to_owned()]);
    for _ in packages {
        let depends = |package: &&Value| {
            let mut dependencies = package["dependencies"].as_array().unwrap().iter();
            dependencies.any(|dependency| dependency["kind"].is_null() && found.contains(&name(dependency)))
        };
        let more: Vec<String> = packages.iter().filter(depends).map(name).collect();
        found.extend(more);
    }
    found.remove("one-burn");
    found
}

/// What Cargo answers, as JSON. It finds everything on this machine, since the workspace is compiled.
fn cargo(arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).arg("--offline").env("RUSTC_BOOTSTRAP", "1");
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

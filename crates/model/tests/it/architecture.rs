//! What holds of the source itself: who uses whom, how wide it is, and
//! what it keeps away from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The book shows the code beside diagrams, in so many columns.
const COLUMNS: usize = 72;

/// Every source file: its path below `src`, and its text.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(&root).unwrap().to_owned();
                found.push((name, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "{} files", found.len());
    found
}

/// Code without comments.
fn code(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap().to_owned();
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// Code that is no test either.
fn library_code(text: &str) -> String {
    code(text.split("#[cfg(test)]\nmod tests").next().unwrap())
}

/// The modules that `code` names after `crate::`.
fn used(code: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let named = code.split("crate::").skip(1).map(word);
    named.filter(|name| modules.contains(name)).collect()
}

#[test]
fn every_line_fits_beside_a_diagram() {
    let too_wide: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| {
            let lines = text.lines().enumerate();
            lines
                .filter(|(_, line)| line.chars().count() > COLUMNS)
                .map(|(n, _)| format!("{}:{}", path.display(), n + 1))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(too_wide.is_empty(), "over {COLUMNS}: {too_wide:?}");
}

#[test]
fn modules_use_each_other_without_circles() {
    let module = |path: &Path| {
        let first = path.iter().next().unwrap().to_string_lossy();
        first.trim_end_matches(".rs").to_owned()
    };
    let sources = sources();
    let names: BTreeSet<String> =
        sources.iter().map(|(path, _)| module(path)).collect();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in &sources {
        let name = module(path);
        // `lib.rs` names all of them.
        if name != "lib" {
            let found = used(&library_code(text), &names);
            uses.entry(name).or_default().extend(found);
        }
    }
    for (name, used) in &mut uses {
        used.remove(name);
    }
    assert!(uses["transformer"].contains("stack"));
    // What uses nothing that is left goes, until nothing goes any more.
    loop {
        let done: BTreeSet<String> = uses
            .iter()
            .filter(|(_, used)| used.is_disjoint(&keys(&uses)))
            .map(|(name, _)| name.clone())
            .collect();
        if done.is_empty() {
            break;
        }
        uses.retain(|name, _| !done.contains(name));
    }
    assert!(uses.is_empty(), "in circles, or above one: {uses:?}");
}

fn keys(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    uses.keys().cloned().collect()
}

#[test]
fn the_library_reads_nothing_and_prints_nothing() {
    let forbidden = [
        "std::fs",
        "std::io",
        "std::env",
        "std::net",
        "std::process",
        "println!",
        "print!",
        "dbg!",
        "graph::",
    ];
    for (path, text) in sources() {
        let code = library_code(&text);
        for word in forbidden {
            assert!(
                !code.contains(word),
                "{word} in {}",
                path.display()
            );
        }
    }
}

#[test]
fn the_library_depends_on_no_other_crate_of_the_project() {
    let manifest = include_str!("../../Cargo.toml");
    let from = manifest.find("[dependencies]").unwrap();
    let length = manifest[from..].find("\n\n").unwrap();
    let lines = manifest[from..from + length].lines().skip(1);
    let names: Vec<&str> = lines
        .map(|line| line.split(['.', ' ']).next().unwrap())
        .collect();
    assert!(names.contains(&"burn"), "{names:?}");
    for ours in ["graph", "train", "plot", "lab", "xtask"] {
        assert!(!names.contains(&ours), "model depends on {ours}");
    }
}

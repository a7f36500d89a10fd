//! `cargo xtask sbom`: what a program is made of, for those who must know it before they use it.
//!
//! Cargo knows which crates a program is compiled of, and Cargo.lock has the checksum of each. Nothing else goes into the
//! list, no time and no number of its own, so that the same program has the same list.

mod cyclonedx;
mod tree;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{files, paths, process};
use tree::Tree;

/// Whose program, and how it is built.
pub(crate) struct Program {
    /// Crate of the workspace.
    pub(crate) package: String,
    /// Features besides those that are on by default, with commas between.
    pub(crate) features: String,
    /// For which machines: this kind, if none is named; `all` for every kind.
    pub(crate) target: Option<String>,
}

/// Writes the list, to standard output if no file is named.
pub(crate) fn run(program: &Program, out: Option<&Path>) -> Result<()> {
    let all = tree(program, "normal,build")?;
    // Procedural macros run in the compiler, as build scripts do, and are no part of the program.
    let linked = tree(program, "normal,no-proc-macro")?;
    let lock = paths::root().join("Cargo.lock");
    let lock =
        std::fs::read_to_string(&lock).with_context(|| format!("cannot read {}", paths::shown(&lock)))?;
    let bom = cyclonedx::Bom::new(&all, &linked, &sums(&lock))?;
    let text = serde_json::to_string_pretty(&bom)? + "\n";
    match out {
        Some(path) => files::persist(path, &text)?,
        None => io::stdout().write_all(text.as_bytes())?,
    }
    eprintln!(
        "{}: {} crates are part of the program, {} more build it",
        program.package,
        linked.crates.len() - 1,
        all.crates.len() - linked.crates.len()
    );
    Ok(())
}

/// The crates that a program is compiled of, following edges of these kinds.
fn tree(program: &Program, edges: &str) -> Result<Tree> {
    let mut cargo = process::cargo();
    cargo.args(["tree", "--locked", "--charset", "ascii", "--color", "never", "--prefix", "depth"]);
    cargo.args(["--format", tree::FORMAT, "--edges", edges, "--package", &program.package]);
    if !program.features.is_empty() {
        cargo.args(["--features", &program.features]);
    }
    if let Some(target) = &program.target {
        cargo.args(["--target", target]);
    }
    let output = cargo.output().context("cannot start cargo")?;
    ensure!(
        output.status.success(),
        "cargo can't say what {} is made of: {}",
        program.package,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Tree::read(&String::from_utf8(output.stdout)?)
}

/// SHA-256 of each crate of a registry, by name and version, as Cargo.lock has them.
fn sums(lock: &str) -> BTreeMap<(&str, &str), &str> {
    let package = |text| Some(((value(text, "name")?, value(text, "version")?), value(text, "checksum")?));
    lock.split("[[package]]").skip(1).filter_map(package).collect()
}

/// What a key of a package in Cargo.lock says.
fn value<'a>(package: &'a str, key: &str) -> Option<&'a str> {
    package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_from_the_lock() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n\
                    checksum = \"00ff\"\ndependencies = [\n \"b\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\n";
        assert_eq!(sums(lock), BTreeMap::from([(("a", "1.0.0"), "00ff")]));
    }
}

//! `cargo xtask ci`: everything that must hold before a change is merged.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use console::style;

use crate::book::{browser, links};
use crate::{paths, process, show};

/// A named step.
type Step = (&'static str, fn() -> Result<()>);

const STEPS: &[Step] = &[
    ("formatting", || cargo(&["fmt", "--all", "--check"])),
    ("supply chain", supply_chain),
    ("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    ("building tests", || cargo(&["test", "--workspace", "--no-run"])),
    ("tests", || cargo(&["test", "--workspace"])),
    ("player", player),
    ("documentation", || cargo(&["doc", "--workspace", "--no-deps"])),
    ("diagrams", || xtask(&["diagrams", "--check"])),
    ("book", || xtask(&["book"])),
    ("links", || {
        println!("{} links inside the book lead somewhere", links::check(&paths::book())?);
        Ok(())
    }),
    ("browser", browser::run),
];

/// Runs all steps and stops at the first that fails.
pub(crate) fn run() -> Result<()> {
    let mut times = Vec::new();
    for (index, (name, step)) in STEPS.iter().enumerate() {
        println!("\n{} {name}", style(format!("[{}/{}]", index + 1, STEPS.len())).cyan().bold());
        let started = Instant::now();
        let result = step();
        times.push((*name, started.elapsed()));
        if result.is_err() {
            summarise(&times, false);
        }
        result.with_context(|| format!("the step {name:?} failed"))?;
    }
    summarise(&times, true);
    Ok(())
}

fn summarise(times: &[(&str, Duration)], passed: bool) {
    println!();
    for (index, (name, time)) in times.iter().enumerate() {
        let good = passed || index + 1 < times.len();
        let mark = if good { style("✓").green() } else { style("✗").red() };
        println!("{} {name:<14} {:>12}", mark.bold(), show::seconds(*time));
    }
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    println!("{} {:>14}\n", style("in all        ").bold(), show::seconds(total));
}

/// Holds all crates against `deny.toml`. What is known of a crate without asking anybody is asked; advisories, which change
/// although nothing here does, are a matter of the hosted workflow.
fn supply_chain() -> Result<()> {
    let deny = process::cargo().args(["deny", "--version"]).output().context("cannot start cargo")?;
    if !deny.status.success() {
        let hint = "`cargo install cargo-deny --locked` brings it";
        ensure!(std::env::var_os("CI").is_none(), "there is no cargo-deny; {hint}");
        println!("SKIPPED: there is no cargo-deny; {hint}");
        return Ok(());
    }
    cargo(&["deny", "--locked", "check", "bans", "licenses", "sources"])
}

/// Tests in Node what runs in a page without one: what carries programs out, and what turns text into tokens.
fn player() -> Result<()> {
    let mut tests = Vec::new();
    for folder in ["crates/graph/player/tests", "docs/theme/test"].map(|folder| paths::root().join(folder)) {
        let before = tests.len();
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(".test.mjs") {
                tests.push(path);
            }
        }
        ensure!(tests.len() > before, "{} has no tests", folder.display());
    }
    tests.sort();
    let node = Command::new("node").arg("--version").output();
    ensure!(
        node.is_ok_and(|output| output.status.success()),
        "the player is tested in Node, which isn't there: `apt-get install nodejs` brings it"
    );
    let mut command = Command::new("node");
    process::call(command.arg("--test").args(tests), "node --test")
}

/// Runs another task in a program of its own: cargo may have put another in this one's place by now, and where a line
/// of code is, a program looks up in its own file. It is the program that the tests have: without `--package`, features
/// are those of the whole workspace, and Burn is compiled once.
fn xtask(arguments: &[&str]) -> Result<()> {
    cargo(&[&["run", "--bin", "xtask", "--"], arguments].concat())
}

/// Runs cargo, whose own output shows how it is getting on.
fn cargo(arguments: &[&str]) -> Result<()> {
    let mut command = process::cargo();
    command.args(arguments).env("RUSTDOCFLAGS", "-D warnings");
    process::call(&mut command, &format!("cargo {}", arguments.join(" ")))
}

//! The `lab` command as a reader uses it, and what the book shows of it.

mod beam;
mod command;
mod committed;
mod detour;
mod from_memory;
mod grammar;
mod learning_rate;
mod live;
mod narrow;
mod player;
mod redrawn;
mod remember;
mod replayed;
mod surprisal;
#[cfg(target_os = "linux")]
mod thrown;
mod tokens;

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a command gave.
struct Output {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs `lab` in a folder.
fn lab(folder: &Path, args: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_lab")).args(args).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Output { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The book's figures.
fn figures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/figures")
}

/// Names of the files in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

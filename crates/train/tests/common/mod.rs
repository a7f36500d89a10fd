//! Running the real program in folders of its own.
#![allow(dead_code, unreachable_pub, missing_docs)]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Settings of a run that takes a fraction of a second.
pub const TINY: [&str; 20] = [
    "--vocab",
    "5",
    "--length",
    "4",
    "--layers",
    "1",
    "--d-model",
    "16",
    "--d-ff",
    "24",
    "--heads",
    "2",
    "--batch-size",
    "12",
    "--batches-per-epoch",
    "5",
    "--warmup",
    "20",
    "--lr-factor",
    "1",
];

/// What a run of the program gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The program, with a folder to work in.
pub struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.args(args).current_dir(self.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        self.run_with(args, "")
    }

    pub fn run_with<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> Ran {
        let mut child = self.command(args).spawn().unwrap();
        // A program that fails early doesn't read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Runs and expects success; returns standard output.
    #[track_caller]
    pub fn succeed<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> String {
        let ran = self.run_with(args, input);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    }

    /// Runs and expects exit code 2 and one line on standard error that holds all `parts`.
    #[track_caller]
    pub fn fail<S: AsRef<OsStr>>(&self, args: &[S], input: &str, parts: &[&str]) {
        let Ran { code, stdout, stderr } = self.run_with(args, input);
        assert_eq!(code, 2, "{stdout}{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("error: ") && !stderr.contains("panic"), "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} is missing from {stderr:?}");
        }
    }

    /// Trains a tiny model on the copy task.
    #[track_caller]
    pub fn train(&self, run: &str, more: &[&str]) -> String {
        let args = [&["copy", "--out", run], &TINY[..], more].concat();
        self.succeed(&args, "")
    }
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().expect("the program must not be killed"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The lines of `metrics.jsonl` for steps, as text, so that every digit counts.
pub fn losses(run: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    text.lines().filter(|line| line.contains("\"loss\"")).map(str::to_owned).collect()
}

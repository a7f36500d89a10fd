//! Running the real program in folders of its own.
//!
//! To run all of it on LibTorch: `eval "$(cargo xtask libtorch)"`, then
//! `TRAIN_TEST_DEVICE=tch cargo test --workspace --features model/tch,train/tch`.
#![allow(dead_code, unreachable_pub, missing_docs)]

use std::ffi::OsStr;
use std::fs;
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

/// Commands that compute something. A run that is resumed knows its device.
const COMPUTING: [&str; 12] = [
    "copy",
    "translate",
    "lm",
    "translate-text",
    "generate",
    "eval",
    "attention",
    "surprisal",
    "decode",
    "score",
    "bench",
    "serve-device",
];

/// What the devices that tests serve ask for.
pub const TOKEN: &str = "a-token-of-the-tests";

/// The device that commands compute on unless a test names one.
pub fn device() -> String {
    std::env::var("TRAIN_TEST_DEVICE").unwrap_or_else(|_| "flex".to_owned())
}

/// Devices of the processor, for tests that run on each of them; with `--features tch`, LibTorch is one.
pub fn devices() -> Vec<&'static str> {
    let all = [("flex", true), ("ndarray", true), ("tch", cfg!(feature = "tch"))];
    all.into_iter().filter(|(_, is_built)| *is_built).map(|(name, _)| name).collect()
}

/// What is added to arguments that name no device. The default is left to the program.
pub fn with_device<S: AsRef<OsStr>>(args: &[S]) -> Vec<String> {
    let args: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect();
    let computes = args.first().is_some_and(|command| COMPUTING.contains(&command.as_ref()));
    let is_told = args.iter().any(|arg| arg.starts_with("--device") || arg == "--resume");
    match std::env::var("TRAIN_TEST_DEVICE") {
        Ok(device) if computes && !is_told => vec!["--device".to_owned(), device],
        _ => Vec::new(),
    }
}

/// The folder of a model that comes with the source code.
pub fn model(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    path.canonicalize().unwrap().to_string_lossy().into_owned()
}

/// Settings of a run on a corpus that takes a second or two.
pub const SMALL: [&str; 14] = [
    "--layers",
    "1",
    "--d-model",
    "16",
    "--d-ff",
    "24",
    "--heads",
    "2",
    "--batch-tokens",
    "256",
    "--evaluate-steps",
    "4",
    "--warmup",
    "10",
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

    /// With a folder that is lost with the power, where there is such a thing: quicker by far to write to.
    pub fn in_memory() -> Self {
        tempfile::tempdir_in("/dev/shm").map_or_else(|_| Self::new(), |folder| Self { folder })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.args(args).args(with_device(args)).current_dir(self.folder.path()).env("TRAIN_TOKEN", TOKEN);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        self.run_with(args, "")
    }

    pub fn run_with<S: AsRef<OsStr>>(&self, args: &[S], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.command(args).spawn().unwrap();
        // A program that fails early doesn't read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        Ran::of(child.wait_with_output().unwrap())
    }

    /// Runs and expects success; returns standard output.
    #[track_caller]
    pub fn succeed<S: AsRef<OsStr>>(&self, args: &[S], input: impl AsRef<[u8]>) -> String {
        let ran = self.run_with(args, input);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    }

    /// Runs and expects exit code 2 and one line on standard error that holds all `parts`.
    #[track_caller]
    pub fn fail<S: AsRef<OsStr>>(&self, args: &[S], input: impl AsRef<[u8]>, parts: &[&str]) {
        let ran = self.run_with(args, input);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        ran.failed(parts);
    }

    /// Writes a file of the working folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Makes the corpus `mine` of pairs made of a few words, so that there is something to learn, and of the pairs in
    /// `more`. Each split that is held out has nine.
    #[track_caller]
    pub fn add_pairs(&self, more: &str) {
        let words = [("Hund", "dog"), ("Katze", "cat"), ("Maus", "mouse"), ("Kuh", "cow")];
        let verbs = [("schläft", "sleeps"), ("läuft", "runs"), ("frisst", "eats")];
        let mut lines = String::new();
        for (n, (word, translation)) in words.iter().enumerate() {
            for (verb, translated) in verbs {
                for times in 0..10 {
                    lines += &format!("Der {word} {n} {verb} {times} mal.\t");
                    lines += &format!("The {translation} {n} {translated} {times} times.\n");
                }
            }
        }
        self.write("pairs.tsv", lines + more);
        self.succeed(&["data", "add", "mine", "--tsv", "pairs.tsv", "--valid", "9", "--test", "9"], "");
    }

    /// Makes the corpus `book` of 200 lines of text.
    #[track_caller]
    pub fn add_text(&self) {
        let line = |n: usize| format!("Line {n} of a text that says {} and {}.\n", n % 7, n % 5);
        self.write("lines.txt", (0..200).map(line).collect::<String>());
        self.succeed(&["data", "add", "book", "--text", "lines.txt", "--valid", "20", "--test", "20"], "");
    }

    /// Runs shell commands, for which `$TRAIN` is the program.
    pub fn shell(&self, script: &str) -> Ran {
        self.script(Command::new("sh").args(["-c", script]))
    }

    /// Runs shell commands that may mount what they like: nobody else sees it, and it is gone when they end.
    pub fn isolated_shell(&self, script: &str) -> Ran {
        self.script(Command::new("unshare").args(["--map-root-user", "--mount", "sh", "-c", script]))
    }

    fn script(&self, command: &mut Command) -> Ran {
        command.current_dir(self.folder.path()).env("TRAIN", env!("CARGO_BIN_EXE_train"));
        Ran::of(command.stdin(Stdio::null()).output().unwrap())
    }

    /// Whether [`Program::isolated_shell`] works here: the system may have no such command, or refuse it.
    pub fn can_mount(&self) -> bool {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /tmp"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Makes a run one without sums, as older versions made them: whatever is changed in it, no sum tells.
    pub fn remove_sums(&self, run: &str) {
        fs::remove_file(self.path(run).join("SHA256SUMS")).unwrap();
    }

    /// Trains a tiny model on the copy task.
    #[track_caller]
    pub fn train(&self, run: &str, more: &[&str]) -> String {
        let args = [&["copy", "--out", run], &TINY[..], more].concat();
        self.succeed(&args, "")
    }
}

/// Arguments to train a translation of the corpus `mine` in a folder.
pub fn translate<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let first = ["translate", "--corpus", "mine", "--out", out];
    [&first[..], &SMALL, more, &besides(more, [["--vocab", "100"], ["--steps", "2"]])].concat()
}

/// Arguments to train a language model of the corpus `book` in a folder.
pub fn language_model<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let first = ["lm", "--corpus", "book", "--out", out];
    [&first[..], &SMALL, more, &besides(more, [["--vocab", "300"], ["--steps", "2"]])].concat()
}

/// The defaults that `more` does not give itself.
fn besides(more: &[&str], defaults: [[&'static str; 2]; 2]) -> Vec<&'static str> {
    defaults.into_iter().filter(|[name, _]| !more.contains(name)).flatten().collect()
}

impl Ran {
    /// Expects exit code 2 and, whatever else was said, one line that says what is wrong and holds all `parts`.
    #[track_caller]
    pub fn failed(&self, parts: &[&str]) {
        let Self { code, stdout, stderr } = self;
        assert_eq!(*code, 2, "{stdout}{stderr}");
        let errors: Vec<&str> = stderr.lines().filter(|line| line.starts_with("error:")).collect();
        assert!(errors.len() == 1 && !stderr.contains("panic"), "{stderr}");
        for part in parts {
            assert!(errors[0].contains(part), "{part:?} is missing from {:?}", errors[0]);
        }
    }

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

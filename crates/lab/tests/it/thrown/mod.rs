//! What strangers might hand us: files of every format that is read, whole and damaged, through the doorways that fuzzers
//! use. Each is accepted or refused, without a panic, without ten seconds of thought, and within a gibibyte.
//!
//! What is thrown of a format is in `fuzz/corpus`. Each format has a program of its own, so that one that ends without a
//! word, or asks for all memory, is noticed. `THROWN=100000` throws so many more damaged files than usual.

mod child;
mod damage;
mod doorways;
mod seeds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Damaged files of each format.
const COUNT: &str = "500";
/// Memory that a program may reserve, in kibibytes. What it uses is looked at when it ends, and has to be far less.
const RESERVED: &str = "8388608";

/// Where the corpora are.
fn corpus(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(format)
}

/// The last file that was thrown at a format: the one that did it, if its test fails.
fn last(format: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("thrown-{format}"))
}

/// Throws everything at one format.
fn throw(format: &str) {
    let count = std::env::var("THROWN").unwrap_or_else(|_| COUNT.to_owned());
    let script = format!("ulimit -v {RESERVED}; exec \"$@\"");
    let mut program = Command::new("sh");
    program.args(["-c", &script, "sh"]).arg(std::env::current_exe().unwrap());
    program.args(["--ignored", "--exact", "thrown::child::one_format", "--nocapture", "--test-threads", "1"]);
    program.env("THROWN_AT", format).env("THROWN", count).env("RUST_BACKTRACE", "0");
    // A thousand small files are made and forgotten: on a disk, most of the time would go into waiting for it.
    if let Ok(memory) = fs::canonicalize("/dev/shm") {
        program.env("TMPDIR", memory);
    }
    let output = program.output().unwrap();
    let end = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    };
    assert!(
        output.status.success(),
        "{format} ended with {}; the file is {}\n{}\n{}",
        output.status,
        last(format).display(),
        end(&output.stdout),
        end(&output.stderr)
    );
}

macro_rules! formats {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            throw(stringify!($name));
        })*

        /// Every corpus has a test, and every test a corpus.
        #[test]
        fn every_format_is_thrown() {
            let mut names = vec![$(stringify!($name)),*];
            names.sort_unstable();
            assert_eq!(crate::names(&corpus("")), names);
        }
    };
}

formats! { spec config settings tokenizer safetensors pytorch tsv idx dot graph program }

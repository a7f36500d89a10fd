//! `cargo xtask bench corpus`: the memory that it takes to add, to encode and to train on a corpus of many lines.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::baseline::train_program;
use super::text_made::write_text;
use crate::process::build_train;
use crate::{paths, show};

/// How large the corpus is.
#[derive(Debug, Args)]
pub(crate) struct Corpus {
    /// Lines of made-up text.
    #[arg(long, default_value_t = 10_000_000)]
    pub(super) lines: u64,
}

/// Makes the corpus, trains on it for some steps, and prints time and peak memory of both commands.
pub(super) fn run(arguments: &Corpus) -> Result<()> {
    build_train(None)?;
    let folder = paths::root().join("target/bench/large");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let text = folder.join("text.txt");
    let step = show::step("Writing text");
    let bytes = write_text(&text, arguments.lines)?;
    step.done(&format!("{} lines, {} MB", arguments.lines, bytes / 1_000_000));
    let train = train_program();
    let measure = |name: &str, arguments: &[&std::ffi::OsStr]| -> Result<()> {
        let (seconds, peak) = peak(Command::new(&train).args(arguments).current_dir(&folder))?;
        println!("{name:<10} {seconds:>7.1} s  {peak:>6} MiB at most");
        Ok(())
    };
    let words = |line: &'static str| line.split(' ').map(std::ffi::OsStr::new).collect::<Vec<_>>();
    measure("data add", &[&words("data add large --text")[..], &[text.as_os_str()]].concat())?;
    let lm =
        "lm --corpus large --out run --vocab 2000 --layers 1 --d-model 64 --d-ff 128 --heads 2 --steps 50";
    measure("lm", &words(lm))?;
    fs::remove_dir_all(&folder).context("cannot remove target/bench/large")
}

/// Runs a command; the seconds that it took, and the most memory it had resident, in MiB.
fn peak(command: &mut Command) -> Result<(f64, u64)> {
    let started = Instant::now();
    let mut child =
        command.stdout(Stdio::null()).spawn().with_context(|| format!("cannot start {command:?}"))?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        if let Some(code) = child.try_wait()? {
            ensure!(code.success(), "{command:?} ended with {code}");
            return Ok((started.elapsed().as_secs_f64(), most));
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        most = most.max(kib.unwrap_or(0).div_ceil(1_024));
        thread::sleep(Duration::from_millis(50));
    }
}

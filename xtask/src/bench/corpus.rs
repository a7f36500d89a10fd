//! `cargo xtask bench corpus`: the memory that it takes to add, to encode and to train on a corpus of many lines.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::process::build_train;
use crate::{paths, show};

/// How large the corpus is.
#[derive(Debug, Args)]
pub(crate) struct Corpus {
    /// Lines of made-up text.
    #[arg(long, default_value_t = 10_000_000)]
    lines: u64,
}

/// Syllables that words are made of.
const SYLLABLES: [&str; 16] =
    ["ka", "lo", "mi", "ne", "pu", "ra", "si", "to", "vu", "wa", "ze", "bi", "do", "fe", "gu", "hy"];

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
    let train = paths::root().join("target/debug/train");
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

/// Lines of 4 to 19 words, which no two have in common; always the same. Returns how many bytes they are.
fn write_text(path: &Path, lines: u64) -> Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut state = 1_u64;
    let mut next = |below: u64| {
        // Steele, Lea & Flood 2014.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let mut bytes = 0;
    for number in 0..lines {
        let mut line = format!("{number}");
        for _ in 0..4 + next(16) {
            line.push(' ');
            for _ in 0..1 + next(3) {
                line.push_str(SYLLABLES[next(SYLLABLES.len() as u64) as usize]);
            }
        }
        line.push('\n');
        bytes += line.len() as u64;
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_same_every_time_and_no_line_occurs_twice() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            let bytes = write_text(&path, 500).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text.len() as u64, bytes);
            text
        });
        assert_eq!(first, second);
        let lines: std::collections::BTreeSet<&str> = first.lines().collect();
        assert_eq!(lines.len(), 500);
    }
}

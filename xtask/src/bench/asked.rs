//! How much memory a training step asks for: counted, not timed, so it is the same on every day.
//!
//! The allocator counts (jemalloc): every piece that it gives out, in its sizes, which are up to a quarter larger than what
//! was asked for. A process of some steps and one of more differ by what a step takes. Nearly all of it is tensors, each of
//! which is written at least once, and read. Not counted are passes over memory that is there already: weights that are
//! read, sums in place, a tensor that is read more than once.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::baseline::train_program;
use crate::paths;

/// Has jemalloc print at the end what it gave out, without what isn't read here.
const SETTINGS: &str = "stats_print:true,stats_print_opts:gadxeh";
/// Steps that come first: they make the optimiser's state and what is kept for later.
const BEFORE: usize = 2;
/// Steps that are counted.
const COUNTED: usize = 2;

/// MiB that a step asks for, as `train` computes it and as the book shows it.
pub(super) struct Asked {
    pub(super) fused: f64,
    pub(super) textbook: f64,
}

/// Counts a step on Flex, whose sizes are in `arguments`. None where `train` has another allocator.
pub(super) fn count(arguments: &[&str]) -> Result<Option<Asked>> {
    if cfg!(target_env = "msvc") {
        return Ok(None);
    }
    let step = |mode: &[&str]| -> Result<f64> {
        let given = |steps| given_out(mode, arguments, steps);
        let bytes = given(BEFORE + COUNTED)?.saturating_sub(given(BEFORE)?);
        Ok(bytes as f64 / COUNTED as f64 / f64::from(1 << 20))
    };
    Ok(Some(Asked { fused: step(&[])?, textbook: step(&["--textbook"])? }))
}

/// Bytes that a process of so many steps was given.
fn given_out(mode: &[&str], arguments: &[&str], steps: usize) -> Result<u64> {
    let warm_up = (steps - 1).to_string();
    let mut command = Command::new(train_program());
    command.args(mode).arg("bench").args(arguments).args(["--iters", "1", "--warm-up", &warm_up]);
    // Only its own settings are replaced by these, so all that is compiled in stays.
    command.env("_RJEM_MALLOC_CONF", SETTINGS).current_dir(paths::root()).stdout(Stdio::null());
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {told}", output.status);
    sum(&told).with_context(|| format!("expected what jemalloc gave out from {command:?}, found {told:?}"))
}

/// The sum of size and number of all pieces, as jemalloc prints them: small ones in a table `bins:`, others in `large:`.
fn sum(told: &str) -> Option<u64> {
    let mut number_at = None;
    let (mut bytes, mut tables) = (0, 0);
    for line in told.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        match cells.as_slice() {
            ["bins:" | "large:", names @ ..] if names.first() == Some(&"size") => {
                number_at = Some(names.iter().position(|name| *name == "nrequests")?);
                tables += 1;
            }
            [size, ..] => {
                let Some(number_at) = number_at else { continue };
                let Ok(size) = size.parse::<u64>() else { continue };
                bytes += size * cells.get(number_at)?.parse::<u64>().ok()?;
            }
            [] => {}
        }
    }
    (tables == 2).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From jemalloc 5.3, shortened.
    const TOLD: &str = "\
some words before
___ Begin jemalloc statistics ___
Merged arenas stats:
                            allocated         nmalloc   (#/sec)         ndalloc   (#/sec)       nrequests   (#/sec)
small:                        1189000           29656     14828           22775     11387           66301     33150
large:                        2605056            2882      1441            2861      1430            2907      1453
active:                       5541888
bins:           size ind    allocated      nmalloc (#/sec)      ndalloc (#/sec)    nrequests   (#/sec)  nshards
                   8   0         6664         2036    1018         1203     601            7      3465        1
                  16   1        12064         3855    1927         3101    1550           10      3251        1
large:          size ind    allocated      nmalloc (#/sec)      ndalloc (#/sec)    nrequests (#/sec)  curlextents
               16384  36        65536         1154     577         1150     575            2     582            4
                     ---
             8388608  72            0           35      17           35      17            1      17            0
                     ---
--- End jemalloc statistics ---
";

    #[test]
    fn every_piece_counts_with_its_size() {
        assert_eq!(sum(TOLD), Some(8 * 7 + 16 * 10 + 16_384 * 2 + 8_388_608));
    }

    #[test]
    fn what_tells_nothing_of_both_kinds_is_no_count() {
        assert_eq!(sum(""), None);
        let half: Vec<&str> = TOLD.lines().filter(|line| !line.starts_with("large:          size")).collect();
        assert_eq!(sum(&half.join("\n")), None);
        assert_eq!(sum(&TOLD.replace("nrequests", "requests")), None);
    }
}

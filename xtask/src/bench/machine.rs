//! What a benchmark ran on, and when: a figure without them says little.

use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Bytes that are copied to measure the memory: far more than any cache holds.
const BYTES: usize = 256 << 20;
/// Copies of which the fastest counts.
const COPIES: usize = 8;

/// Prints processor, memory bandwidth and date.
pub(super) fn print() {
    println!("processor  {}", processor());
    println!(
        "memory     {:.1} GB/s ({} MB copied by one core, best of {COPIES})",
        bandwidth(BYTES),
        BYTES >> 20
    );
    println!("date       {}", today());
}

/// The processor, and how many cores of it there are.
pub(super) fn processor() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", name(&cpuinfo))
}

/// What Linux tells of the processor: its name alone often hides which one it is.
fn name(cpuinfo: &str) -> String {
    let value = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let Some(name) = value("model name") else { return format!("unknown ({})", std::env::consts::ARCH) };
    match (value("cpu family"), value("model")) {
        (Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => name,
    }
}

/// Gigabytes that one core copies in a second.
fn bandwidth(bytes: usize) -> f64 {
    // Written to once before, so that no copy waits for the system to find pages.
    let (from, mut to) = (vec![1_u8; bytes], vec![2_u8; bytes]);
    let copy = |_| {
        let started = Instant::now();
        to.copy_from_slice(black_box(&from));
        black_box(&to);
        started.elapsed().as_secs_f64()
    };
    let best = (0..COPIES).map(copy).fold(f64::INFINITY, f64::min);
    bytes as f64 / 1e9 / best
}

/// Today's date in UTC.
pub(super) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    date(seconds / 86_400)
}

/// The date so many days after 1 January 1970.
fn date(mut days: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_know_leap_years() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (11_015, "2000-02-28"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_453, "2025-12-31"),
            (20_782, "2026-11-25"),
        ] {
            assert_eq!(date(days), expected, "{days}");
        }
    }

    #[test]
    fn the_processor_is_named_with_its_model() {
        let text = "processor\t: 0\nvendor_id\t: X\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: Fast 3000\nstepping\t: 1\n";
        assert_eq!(name(text), "Fast 3000 (family 25, model 1)");
        assert_eq!(name("model name : Fast 3000"), "Fast 3000");
        assert!(name("").starts_with("unknown ("));
    }

    #[test]
    fn a_copy_has_a_bandwidth() {
        let found = bandwidth(1 << 16);
        assert!(found.is_finite() && found > 0.0, "{found}");
    }
}

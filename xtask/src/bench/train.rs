//! `cargo xtask bench train`: a training step, beside PyTorch.

use anyhow::Result;
use console::style;

use super::baseline::{Baseline, ITERATIONS, Timed, verdict};
use super::machine;

/// Layers, width, inner width, heads, vocabulary, batch and length of the steps that are timed.
const STEPS: [[&str; 7]; 3] = [
    ["3", "256", "1024", "4", "8000", "64", "24"],
    ["6", "512", "2048", "8", "8000", "16", "32"],
    ["2", "512", "2048", "8", "11", "80", "10"],
];
/// Names of these numbers, as options and as columns.
const SIZES: [(&str, &str); 7] = [
    ("--layers", "N"),
    ("--d-model", "d"),
    ("--d-ff", "ff"),
    ("--heads", "h"),
    ("--vocab", "v"),
    ("--batch", "b"),
    ("--length", "l"),
];
/// A training step is to be no slower than the baseline's, and to take no more memory.
const STEP_FLOOR: f64 = 1.0;

pub(super) fn run(baseline: &Baseline) -> Result<()> {
    baseline.build()?;
    machine::print();
    println!("\n{:<31}  {:^15}  {:^15}  {:<5}  {:^15}", "", "seconds", "tokens/s", "", "peak MiB");
    println!(
        "{:<31}  {:>7} {:>7}  {:>7} {:>7}  {:>5}  {:>7} {:>7}  {:>6}",
        "step", "train", "torch", "train", "torch", "speed", "train", "torch", "memory"
    );
    let mut worked_on = None;
    for sizes in STEPS {
        let options = SIZES.iter().zip(sizes).flat_map(|((option, _), size)| [*option, size]);
        let arguments: Vec<_> = ["step"].into_iter().chain(options).collect();
        let [ours, theirs] = baseline.beside(&arguments)?;
        let name: Vec<_> =
            SIZES.iter().zip(sizes).map(|((_, short), size)| format!("{short}{size}")).collect();
        println!("{:<31}  {}", name.join(" "), row(&ours, &theirs));
        worked_on = theirs.device;
    }
    println!("\nMedians of {ITERATIONS} steps, and peaks of the process, without what lies on a GPU.");
    println!(
        "Speed and memory are what PyTorch takes over what train takes, and to be {STEP_FLOOR:.1} or more."
    );
    if let Some(device) = worked_on {
        println!("PyTorch says that it worked on {device}.");
    }
    Ok(())
}

/// What a training step took on both sides.
fn row(ours: &Timed, theirs: &Timed) -> String {
    let speed = verdict(theirs.seconds / ours.seconds, STEP_FLOOR);
    let (peaks, memory) = match (ours.peak_mib, theirs.peak_mib) {
        (Some(ours), Some(theirs)) => {
            (format!("{ours:>7} {theirs:>7}"), verdict(theirs as f64 / ours as f64, STEP_FLOOR))
        }
        _ => (format!("{:>7} {:>7}", "-", "-"), style("-".to_owned())),
    };
    format!(
        "{:>7.3} {:>7.3}  {:>7.0} {:>7.0}  {speed:>5}  {peaks}  {memory:>6}",
        ours.seconds, theirs.seconds, ours.tokens_per_s, theirs.tokens_per_s
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(seconds: f64, peak_mib: Option<u64>) -> Timed {
        Timed { seconds, tokens_per_s: 1536.0 / seconds, peak_mib, device: None }
    }

    #[test]
    fn a_row_has_both_sides_and_fits_a_terminal() {
        let row = row(&timed(0.5, Some(1_000)), &timed(1.25, Some(900)));
        let row = console::strip_ansi_codes(&row).into_owned();
        let found: Vec<_> = row.split_whitespace().collect();
        assert_eq!(found, ["0.500", "1.250", "3072", "1229", "2.50", "1000", "900", "0.90"]);
        assert!(31 + 2 + row.len() <= 110, "{row}");
    }

    #[test]
    fn memory_that_is_not_known_has_no_verdict() {
        let row = row(&timed(0.5, None), &timed(0.5, Some(900)));
        assert!(row.ends_with("     -"), "{row:?}");
    }
}

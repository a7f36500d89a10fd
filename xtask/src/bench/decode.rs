//! `cargo xtask bench decode`: greedy decoding, beside PyTorch.

use anyhow::Result;

use super::baseline::{Baseline, verdict};
use super::machine;

/// Tokens per second that the floor asks for, as a multiple of the baseline's, by batch. The model is both sides'
/// default: N3 d256 ff1024 h4, vocabulary 8,000, 24 source tokens, 60 new.
const DECODE_FLOORS: [(&str, f64); 2] = [("32", 5.0), ("1", 2.0)];

pub(super) fn run(baseline: &Baseline) -> Result<()> {
    baseline.build()?;
    machine::print();
    println!(
        "{:>5}  {:>14}  {:>14}  {:>7}  {:>6}",
        "batch", "train tokens/s", "torch tokens/s", "ratio", "floor"
    );
    for (batch, floor) in DECODE_FLOORS {
        let [ours, theirs] = baseline.beside(&["decode", "--batch", batch])?;
        let ratio = verdict(ours.tokens_per_s / theirs.tokens_per_s, floor);
        let [ours, theirs] = [ours, theirs].map(|side| side.tokens_per_s);
        println!("{batch:>5}  {ours:>14.0}  {theirs:>14.0}  {ratio:>7}  {floor:>6.1}");
    }
    Ok(())
}

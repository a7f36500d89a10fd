//! `cargo xtask bench all`: every benchmark, one after the other, on one day and one machine.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use console::style;

use super::baseline::Baseline;
use super::corpus::{self, Corpus};
use super::text::{self, Text};
use super::translate::{self, Translate};
use super::{decode, diagrams, train};

/// What all of them are told.
#[derive(Debug, Args)]
pub(crate) struct All {
    /// What is compared, and how often.
    #[command(flatten)]
    baseline: Baseline,
    /// Folder with train.de, train.en, valid.de and valid.en, to race on at translating as well: an hour with the usual
    /// minutes.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Minutes of that race for each side.
    #[arg(long, default_value_t = 30, requires = "data")]
    minutes: u32,
    /// Lines of text that is made up. The corpus whose memory is measured has ten times as many.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    lines: u64,
}

/// Runs all of them; the first that fails ends it.
pub(super) fn run(arguments: &All) -> Result<()> {
    let All { baseline, data, minutes, lines } = arguments;
    let python = baseline.python.clone();
    heading("decode");
    decode::run(baseline)?;
    heading("train");
    train::run(baseline)?;
    heading("text");
    text::run(&Text { lines: *lines, rounds: baseline.rounds, python: python.clone() })?;
    heading("corpus");
    corpus::run(&Corpus { lines: lines.saturating_mul(10) })?;
    heading("diagrams");
    diagrams::run()?;
    let Some(data) = data else {
        println!("\nTranslating needs a corpus: give --data FOLDER.");
        return Ok(());
    };
    heading("translate");
    translate::run(&Translate::new(data.clone(), *minutes, python))
}

fn heading(name: &str) {
    println!("\n{}", style(format!("== cargo xtask bench {name}")).bold());
}

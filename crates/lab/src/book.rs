//! `lab book`: writes what the book shows of experiments, and its figures of what the model's parts compute.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use train::device::DeviceName;

use crate::contract::experiment::{Entry, Setup};
use crate::figures;

/// The figures of what the model's parts compute, among the names of experiments.
const FIGURES: &str = "figures";

/// What `lab book` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct BookArgs {
    /// What to write: names of experiments, or `figures` for positions, masks, label smoothing and learning rates.
    /// All, if none is given.
    names: Vec<String>,
    /// Draw anew what follows from the results that are there, without measuring.
    #[arg(long)]
    redraw: bool,
    /// Folder of the book's figures.
    #[arg(long, value_name = "FOLDER", default_value = "docs/src/figures")]
    out: PathBuf,
}

/// Writes the figures, and in a folder `lab/NAME` those of every experiment, as they are with the first seed.
///
/// # Errors
///
/// If a name is unknown, or the folder isn't there or can't be written.
pub(crate) fn run(table: &[Entry], args: &BookArgs, output: &mut impl Write) -> Result<()> {
    let BookArgs { names, redraw, out } = args;
    let is_known = |name: &str| name == FIGURES || table.iter().any(|entry| entry.name == name);
    for name in names {
        ensure!(is_known(name), "expected {FIGURES} or an experiment that `lab list` names, found {name:?}");
    }
    ensure!(
        out.is_dir(),
        "there is no folder {}; begin in the root of the repository, or give --out",
        out.display()
    );
    let is_wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    if is_wanted(FIGURES) {
        figures::write(out)?;
    }
    for entry in table.iter().filter(|entry| is_wanted(entry.name)) {
        if *redraw {
            entry.redraw(&folder(out, entry)).with_context(|| entry.name.to_owned())?;
            continue;
        }
        let setup = Setup { seed: 1, device: DeviceName::Flex.open()?, out: folder(out, entry) };
        entry.carry_out(&entry.of_the_book()?, &setup)?;
    }
    writeln!(output, "written to {}", out.display())?;
    Ok(())
}

/// Where the book's figures and results of an experiment are, below those of the book.
#[must_use]
pub fn folder(figures: &Path, entry: &Entry) -> PathBuf {
    figures.join("lab").join(entry.name)
}

//! What an experiment leaves on disk, and the object that it prints.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use train::files::write_atomically;

use super::report::{Check, Report};
use super::tidy::tidy;

/// What is told of an experiment as JSON.
#[derive(Serialize)]
pub(super) struct Record<'a, R> {
    pub(super) name: &'a str,
    pub(super) seed: u64,
    /// How long it took. `results.json` doesn't say, so that the same command gives the same file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seconds: Option<f64>,
    pub(super) results: &'a R,
    pub(super) checks: &'a [Check],
    /// Files of the figures: in `results.json` beside it, else from the current folder.
    pub(super) figures: Vec<String>,
}

/// Writes the figures and pieces, and then `results.json`, into a folder. Gives the object to print.
pub(super) fn write<R: Serialize>(
    mut record: Record<'_, R>,
    report: &Report,
    folder: &Path,
    seconds: f64,
) -> Result<String> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    write_drawn(report, folder)?;
    let names: Vec<String> = report.figures.iter().map(|figure| format!("{}.svg", figure.name)).collect();
    let paths = names.iter().map(|name| folder.join(name).display().to_string()).collect();
    record.figures = names;
    write_atomically(&folder.join("results.json"), tidy(&record)?.as_bytes())?;
    let printed = Record { seconds: Some((seconds * 1e3).round() / 1e3), figures: paths, ..record };
    Ok(serde_json::to_string(&printed)?)
}

/// Writes the figures and pieces into a folder that is there.
pub(super) fn write_drawn(report: &Report, folder: &Path) -> Result<()> {
    for figure in &report.figures {
        write_atomically(&folder.join(&figure.name).with_extension("svg"), figure.svg.as_bytes())?;
    }
    for piece in &report.pieces {
        write_atomically(&folder.join(piece.name).with_extension("md"), piece.markdown.as_bytes())?;
    }
    Ok(())
}

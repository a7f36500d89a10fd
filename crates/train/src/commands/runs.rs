//! `train runs`: the runs in a folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::beside::is_beside;
use crate::run::folder::RunFolder;
use crate::run::metrics::{Evaluation, Line, read as read_metrics};

/// Lists every run folder below `folder`, two levels deep, with how far it is and how good.
///
/// # Errors
///
/// If the folder can't be read.
pub(crate) fn run(folder: &Path, output: &mut impl Write) -> Result<()> {
    let mut found = Vec::new();
    collect(folder, 2, &mut found)?;
    found.sort();
    if found.is_empty() {
        writeln!(
            output,
            "no runs in {}; `train copy`, `train translate` and `train lm` make them",
            folder.display()
        )?;
        return Ok(());
    }
    let rows: Vec<[String; 6]> = found.iter().map(|path| row(path)).collect();
    let head = ["run", "task", "steps", "valid NLL", "BLEU", "device"].map(str::to_owned);
    let widths: Vec<usize> = (0..6)
        .map(|n| std::iter::once(&head).chain(&rows).map(|row| row[n].chars().count()).max().unwrap_or(0))
        .collect();
    for row in std::iter::once(&head).chain(&rows) {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(output, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<()> {
    if folder.join("config.json").is_file() {
        found.push(folder.to_owned());
        return Ok(());
    }
    if depth == 0 {
        return Ok(());
    }
    let context = || format!("cannot read the folder {}", folder.display());
    for entry in fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.is_dir() && !is_beside(&path) {
            collect(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

/// A run that can't be read is listed with what is wrong.
fn row(path: &Path) -> [String; 6] {
    let name = path.display().to_string();
    told(path, &name).unwrap_or_else(|error| {
        [name, format!("{error:#}"), String::new(), String::new(), String::new(), String::new()]
    })
}

fn told(path: &Path, name: &str) -> Result<[String; 6]> {
    let folder = RunFolder::open_to_resume(path)?;
    let config = folder.config()?;
    // A run that has just begun has none.
    let is_empty = fs::metadata(folder.metrics()).map_or(true, |file| file.len() == 0);
    let metrics = if is_empty { Vec::new() } else { read_metrics(&folder.metrics())? };
    let steps = metrics.last().map_or(0, Line::step);
    let last = metrics.iter().rev().find_map(|line| match line {
        Line::Evaluation(evaluation) => Some(evaluation.clone()),
        Line::Step(_) => None,
    });
    let number =
        |value: Option<f64>, digits: usize| value.map_or(String::new(), |value| format!("{value:.digits$}"));
    let nll = last.as_ref().map(|evaluation: &Evaluation| evaluation.valid_nll);
    let bleu = last.and_then(|evaluation| evaluation.bleu);
    let device = config.device.clone().unwrap_or_default();
    let (name, task) = (name.to_owned(), config.task.name().to_owned());
    Ok([name, task, steps.to_string(), number(nll, 4), number(bleu, 2), device])
}

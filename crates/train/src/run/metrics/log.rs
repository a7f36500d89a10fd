//! Files of JSON lines that are added to while training.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use tempfile::TempPath;

use crate::files::{sync_folder, unfinished};
use crate::run::state::State;

/// A file of JSON lines that is added to.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Where the file is until it is published.
    waiting: Option<TempPath>,
}

impl Log {
    /// Begins a file with the lines up to a state. What was noted after it was never saved, and is left out; so is an
    /// evaluation that the state still has to come. Until [`Log::publish`], the old file stays in its place.
    pub(crate) fn open(path: &Path, state: &State) -> Result<Self> {
        let old = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.with_context(|| format!("cannot read {}", path.display()))?,
        };
        // A line that a crash of the machine has spoilt is none.
        let old = String::from_utf8_lossy(&old);
        let kept: String =
            old.lines().filter(|line| is_before(line, state)).flat_map(|line| [line, "\n"]).collect();
        let write = || -> io::Result<_> {
            let mut file = unfinished(path)?;
            file.write_all(kept.as_bytes())?;
            Ok(file.into_parts())
        };
        let (file, waiting) = write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file, waiting: Some(waiting) })
    }

    /// Adds a line in one write, so that a program that is killed leaves whole lines.
    pub(crate) fn add(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Makes sure that all lines are on the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Puts the file into its place, where it is added to from now on.
    pub(crate) fn publish(&mut self) -> Result<()> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        self.sync()?;
        let place = || -> io::Result<()> {
            waiting.persist(&self.path).map_err(|error| error.error)?;
            self.path.parent().map_or(Ok(()), sync_folder)
        };
        place().with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Whether a line was written before the state was saved.
fn is_before(line: &str, state: &State) -> bool {
    let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { return false };
    let is_to_come = line.get("valid_nll").is_some() && state.due;
    match line["step"].as_u64().map(|step| (step as usize).cmp(&state.step)) {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => !is_to_come,
        Some(Ordering::Greater) | None => false,
    }
}

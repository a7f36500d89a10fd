//! Files of JSON lines that are added to while training.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use crate::files::{sum, sync_folder, unfinished};
use crate::run::state::State;
use crate::run::state::Written;
use crate::run::written;

/// A file of JSON lines that is added to.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Of all that was written, and how much that is.
    digest: Sha256,
    bytes: u64,
    /// Where the file is until it is published.
    waiting: Option<TempPath>,
}

impl Log {
    /// Begins a file with the lines up to a state, of which `written` is what the state says of them. What was noted
    /// after it was never saved, and is left out; so is an evaluation that the state still has to come. Until
    /// [`Log::publish`], the old file stays in its place.
    pub(crate) fn open(path: &Path, state: &State, written: Option<&Written>) -> Result<Self> {
        let kept = match written::read(path, written)? {
            (mut old, Some(length)) => {
                old.truncate(length);
                old
            }
            // A line that a crash of the machine has spoilt is none.
            (old, None) => String::from_utf8_lossy(&old)
                .lines()
                .filter(|line| is_before(line, state))
                .flat_map(|line| [line, "\n"])
                .collect::<String>()
                .into_bytes(),
        };
        // After the next checkpoint, this may be all that fits it.
        let write = || -> io::Result<_> {
            let (mut file, waiting) = (unfinished(path)?, written::waiting(path));
            file.write_all(&kept)?;
            file.as_file().sync_all()?;
            let file = file.persist(&waiting).map_err(|error| error.error)?;
            let waiting = TempPath::try_from_path(waiting)?;
            path.parent().map_or(Ok(()), sync_folder)?;
            Ok((file, waiting))
        };
        let (file, waiting) = write().with_context(|| format!("cannot write {}", path.display()))?;
        let (digest, bytes) = (Sha256::new_with_prefix(&kept), kept.len() as u64);
        Ok(Self { path: path.to_owned(), file, digest, bytes, waiting: Some(waiting) })
    }

    /// All that was written so far.
    pub(crate) fn written(&self) -> Written {
        Written { bytes: self.bytes, sha256: sum::finished(self.digest.clone()) }
    }

    /// Adds a line in one write, so that a program that is killed leaves whole lines.
    pub(crate) fn add(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        let written = self.file.write_all(text.as_bytes());
        written.with_context(|| format!("cannot write {}", self.path.display()))?;
        self.digest.update(&text);
        self.bytes += text.len() as u64;
        Ok(())
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

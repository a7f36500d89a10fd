//! A run folder: all that is kept of a training run or an import.
//!
//! | file | content |
//! |---|---|
//! | `config.json` | the resolved configuration: task, model, training, seed, device, versions; it makes a folder a run |
//! | `settings.toml` | the settings that it was made of, for `--config` |
//! | `tokenizer.json` | the vocabulary; or `source.json` and `target.json` where there are two |
//! | `model.safetensors` | the weights to use: those of the best checkpoint, with their step in the header |
//! | `metrics.jsonl` | a JSON object a step, and one an evaluation |
//! | `timings.jsonl` | how long it took |
//! | `SHA256SUMS` | the sums of the files above that are written whole: all but metrics and timings |
//! | `checkpoints` | what going on needs; see `run::checkpoint` |
//! | `data` | the corpus as token ids, and what was left out |
//!
//! Every file is written beside its place and then renamed, so that an interruption leaves the old one whole.

mod claim;
mod kept;
#[cfg(test)]
mod tests;
mod whole;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::device::Failed;
use crate::run::checkpoint::Checkpoint;
use crate::run::state::State;
use crate::run::written;

const CONFIG: &str = "config.json";
const SETTINGS: &str = "settings.toml";
const WEIGHTS: &str = "model.safetensors";
const METRICS: &str = "metrics.jsonl";
const TIMINGS: &str = "timings.jsonl";
const CHECKPOINTS: &str = "checkpoints";
const DATA: &str = "data";
const LOCK: &str = ".lock";
const VOCABULARIES: [&str; 3] = ["tokenizer.json", "source.json", "target.json"];

/// A folder that holds a run, or is to hold one.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Whoever has this is the only one to train here.
    _lock: Option<File>,
}

impl RunFolder {
    fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), _lock: None }
    }

    /// Opens the folder of a run whose model is to be used.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, &[CONFIG, WEIGHTS])
    }

    /// Opens the folder of a run that may have no model to use yet. To go on with it, it must also be
    /// [locked](RunFolder::locked).
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(crate) fn open_to_resume(path: &Path) -> Result<Self> {
        Self::at(path).refuse_if_nothing_is_begun()?;
        Self::open_with(path, &[CONFIG])
    }

    fn open_with(path: &Path, needed: &[&str]) -> Result<Self> {
        if !path.exists() {
            whole::tidy_beside(path); // it may have been moved away by a process that was killed then
        }
        ensure!(
            path.exists(),
            "{} does not exist; expected a run folder, as `train copy` makes one",
            path.display()
        );
        let folder = Self::at(path);
        for file in needed {
            ensure!(
                folder.file(file).is_file(),
                "{} is no complete run folder: it has no {file}",
                path.display()
            );
        }
        Ok(folder)
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files of a run, there or not, that nothing else may replace.
    #[must_use]
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let names = [LOCK, CONFIG, SETTINGS, WEIGHTS, METRICS, TIMINGS].into_iter().chain(VOCABULARIES);
        names.map(|name| self.file(name)).collect()
    }

    /// Where the metrics are.
    #[must_use]
    pub(crate) fn metrics(&self) -> PathBuf {
        self.file(METRICS)
    }

    /// Where the timings are.
    #[must_use]
    pub(crate) fn timings(&self) -> PathBuf {
        self.file(TIMINGS)
    }

    /// Says what of the metrics and timings is no longer as it was when a state was saved, and keeps a copy of it.
    ///
    /// # Errors
    ///
    /// If they can't be read, or the copy not be written.
    pub(crate) fn check_logs(&self, state: &State) -> Result<()> {
        written::check(&self.metrics(), state.metrics.as_ref(), state.step)?;
        written::check(&self.timings(), state.timings.as_ref(), state.step)
    }

    /// Where the checkpoints are.
    #[must_use]
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.file(CHECKPOINTS)
    }

    /// Where the encoded corpus is; makes the folder.
    ///
    /// # Errors
    ///
    /// If it can't be made.
    pub(crate) fn data(&self) -> Result<PathBuf> {
        let path = self.file(DATA);
        fs::create_dir_all(&path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        Ok(path)
    }

    /// Where a split of the encoded corpus is, if it is there.
    #[must_use]
    pub(crate) fn encoded(&self, split: &str) -> PathBuf {
        self.file(DATA).join(format!("{split}.ids"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What is saved of the run, and the command that goes on with it.
    #[must_use]
    pub(crate) fn way_on(&self, flags: &str) -> String {
        let last = Checkpoint::list(&self.checkpoints()).unwrap_or_default().pop();
        let saved = last.map_or("no checkpoint was saved before".to_owned(), |last| {
            format!("the checkpoint of step {} is saved", last.step)
        });
        format!("{saved}; go on with: train resume {}{flags}", self.path.display())
    }

    /// What to say when a device has failed: which one, what is saved, and how to go on without it.
    #[must_use]
    pub(crate) fn device_failed(&self, reason: &str) -> anyhow::Error {
        let names = self.config().ok().and_then(|config| config.device).unwrap_or_default();
        let numbered: Vec<String> =
            names.split(',').enumerate().map(|(number, name)| format!("{number} is {name}")).collect();
        let which = match numbered.as_slice() {
            [_] => format!("the device {names} has failed"),
            several => format!("a device has failed (device {})", several.join(", device ")),
        };
        let flags = if names == "flex" { "" } else { " --device flex" };
        Failed(format!("{which}: {reason}; {}", self.way_on(flags))).into()
    }
}

//! Checkpoints: everything that going on with a run needs, in a folder that is there whole or not at all.
//!
//! `checkpoints/step-500` holds the weights, the optimiser's state, how far training is, and `SHA256SUMS` of these three,
//! which `sha256sum --check` understands. It is written under another name and then renamed, and renamed again before it
//! is removed, so that a program that is killed leaves no half of one.

mod choice;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::ModuleOptimizer;

use crate::files::sums;
use crate::files::{sync_folder, unfinished_folder, write_atomically};
use crate::run::optimiser;
use crate::run::state::State;
use crate::run::weights::{self, Precision, Weights};

pub(crate) use choice::Choice;

const WEIGHTS: &str = "model.safetensors";
const OPTIMISER: &str = "optimizer.bpk";
const STATE: &str = "state.json";

/// What is summed.
const SUMMED: [&str; 3] = [WEIGHTS, OPTIMISER, STATE];

/// What the names of checkpoints begin with; their step follows.
const WHOLE: &str = "step-";
/// What the names of folders begin with that are on their way to be checkpoints, or to be gone.
const UNFINISHED: &str = ".step-";
/// What the name of a checkpoint begins with while another of the same step takes its place.
const ASIDE: &str = ".before-";

/// A checkpoint's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Checkpoint {
    /// Steps taken before it was saved.
    pub(crate) step: usize,
    path: PathBuf,
}

impl Checkpoint {
    /// Saves a checkpoint among others in `folder`. When this returns, it is on the disk.
    ///
    /// # Errors
    ///
    /// If it can't be written; then the others are as they were.
    pub(crate) fn save<M: Module>(
        folder: &Path,
        model: &M,
        optimiser: &ModuleOptimizer,
        state: &State,
    ) -> Result<Self> {
        let path = folder.join(format!("{WHOLE}{}", state.step));
        let context = || format!("cannot write the checkpoint {}", path.display());
        fs::create_dir_all(folder).with_context(context)?;
        let temporary = unfinished_folder(folder, UNFINISHED).with_context(context)?;
        let file = |name: &str| temporary.path().join(name);
        weights::write_safetensors(model, state.step, Precision::Single, &file(WEIGHTS))
            .with_context(context)?;
        optimiser::save(optimiser, &file(OPTIMISER)).with_context(context)?;
        write_atomically(&file(STATE), serde_json::to_string_pretty(state)?.as_bytes())
            .with_context(context)?;
        sums::seal(temporary.path(), &SUMMED).with_context(context)?;
        let moved = move_into_place(&temporary.keep(), folder, state.step);
        moved.inspect_err(|_| Self::tidy(folder)).with_context(context)?;
        Ok(Self { step: state.step, path })
    }

    /// All checkpoints in a folder, the oldest first.
    ///
    /// # Errors
    ///
    /// If the folder can't be read.
    pub(crate) fn list(folder: &Path) -> Result<Vec<Self>> {
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let context = || format!("cannot read {}", folder.display());
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).with_context(context)? {
            let path = entry.with_context(context)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if let Some(step) = name.strip_prefix(WHOLE).and_then(|step| step.parse().ok()) {
                found.push(Self { step, path });
            }
        }
        found.sort();
        Ok(found)
    }

    /// Puts right what a program that was killed left behind: what is unfinished goes, and what was set aside comes back
    /// unless its successor is there. Only who has locked the run folder may do that.
    pub(crate) fn tidy(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            let place = name.strip_prefix(ASIDE).map(|step| folder.join(format!("{WHOLE}{step}")));
            // What can't be removed only takes room.
            let _ = match place {
                Some(place) if !place.exists() => fs::rename(path, place),
                Some(_) => fs::remove_dir_all(path),
                None if name.starts_with(UNFINISHED) => fs::remove_dir_all(path),
                None => Ok(()),
            };
        }
    }

    /// Where the weights are.
    #[must_use]
    pub(crate) fn weights_file(&self) -> PathBuf {
        self.path.join(WEIGHTS)
    }

    /// How far training was; checks that nothing of the checkpoint is damaged.
    ///
    /// # Errors
    ///
    /// If something is missing or has changed; it is named.
    pub(crate) fn state(&self) -> Result<State> {
        for name in [WEIGHTS, OPTIMISER] {
            sums::read_sealed(&self.path, name)?;
        }
        self.state_alone()
    }

    /// The same, and nothing but this is checked.
    ///
    /// # Errors
    ///
    /// If it is missing or has changed.
    pub(crate) fn state_alone(&self) -> Result<State> {
        let path = self.path.join(STATE);
        let state = sums::read_sealed(&self.path, STATE)?;
        serde_json::from_slice(&state).with_context(|| format!("{} is of another version", path.display()))
    }

    /// What is to be the sum of the weights.
    ///
    /// # Errors
    ///
    /// If the sums can't be read.
    pub(crate) fn weights_sum(&self) -> Result<Option<String>> {
        sums::expected(&self.path, WEIGHTS)
    }

    /// The file of the weights.
    ///
    /// # Errors
    ///
    /// If it is missing or damaged.
    pub(crate) fn weights_bytes(&self) -> Result<Vec<u8>> {
        sums::read_sealed(&self.path, WEIGHTS)
    }

    /// The weights.
    ///
    /// # Errors
    ///
    /// If they are missing or damaged.
    pub(crate) fn weights(&self) -> Result<Weights> {
        weights::safetensors(self.weights_bytes()?, &self.weights_file())
    }

    /// The optimiser: a fresh one, given the state that was saved.
    ///
    /// # Errors
    ///
    /// If it is missing or damaged.
    pub(crate) fn optimiser(&self, fresh: ModuleOptimizer) -> Result<ModuleOptimizer> {
        optimiser::load(sums::read_sealed(&self.path, OPTIMISER)?, &self.path.join(OPTIMISER), fresh)
    }

    /// Removes the checkpoint.
    ///
    /// # Errors
    ///
    /// If that can't be done.
    pub(crate) fn remove(&self) -> Result<()> {
        let gone = self.path.with_file_name(format!("{UNFINISHED}{}-removed", self.step));
        let remove = || fs::rename(&self.path, &gone).and_then(|()| fs::remove_dir_all(&gone));
        remove().with_context(|| format!("cannot remove {}", self.path.display()))
    }
}

/// Puts a finished folder where the checkpoint of its step is to be. At every moment there is the new one or the old.
fn move_into_place(finished: &Path, folder: &Path, step: usize) -> io::Result<()> {
    let [path, aside] = [WHOLE, ASIDE].map(|prefix| folder.join(format!("{prefix}{step}")));
    if path.exists() {
        fs::rename(&path, &aside)?;
    }
    fs::rename(finished, &path)?;
    sync_folder(folder)?;
    if aside.exists() { fs::remove_dir_all(aside) } else { Ok(()) }
}

/// The newest checkpoint, or the one of step `wanted`, with its state; nothing if none was saved yet.
///
/// # Errors
///
/// If there is none of that step, or it is damaged; then the older ones that are whole are offered.
pub(crate) fn find(folder: &Path, wanted: Option<usize>) -> Result<Option<(Checkpoint, State)>> {
    let mut all = Checkpoint::list(folder)?;
    let place = match wanted {
        Some(step) => Some(all.iter().position(|found| found.step == step).with_context(|| {
            let steps: Vec<String> = all.iter().map(|found| found.step.to_string()).collect();
            let steps = if steps.is_empty() { "none".to_owned() } else { steps.join(", ") };
            format!("{} holds no checkpoint of step {step}; there are {steps}", folder.display())
        })?),
        None => all.len().checked_sub(1),
    };
    let Some(place) = place else { return Ok(None) };
    match all[place].state() {
        Ok(state) => Ok(Some((all.swap_remove(place), state))),
        Err(error) => Err(error.context(offer(&all[..place]))),
    }
}

/// What to go on from instead of a checkpoint that is damaged.
fn offer(older: &[Checkpoint]) -> String {
    let whole = older.iter().rev().filter(|older| older.state().is_ok());
    let steps: Vec<usize> = whole.map(|older| older.step).collect();
    let Some(newest) = steps.first() else { return "no older checkpoint is whole either".to_owned() };
    let names: Vec<String> = steps.iter().map(|step| format!("{WHOLE}{step}")).collect();
    format!(
        "--from {newest} goes on from the newest older checkpoint that is whole (of {})",
        names.join(", ")
    )
}

//! Checkpoints: everything that going on with a run needs, in a folder that is there whole or not at all.
//!
//! `checkpoints/step-500` holds the weights, the optimiser's state, how far training is, and `SHA256SUMS` of these three,
//! which `sha256sum --check` understands. It is written under another name and then renamed, and renamed again before it
//! is removed, so that a program that is killed leaves no half of one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::optim::ModuleOptimizer;

use crate::files::{sync_folder, write_atomically};
use crate::optimiser;
use crate::sum;
use crate::training::{Measured, State};
use crate::weights::{self, Precision, Weights};

const WEIGHTS: &str = "model.safetensors";
const OPTIMISER: &str = "optimizer.bpk";
const STATE: &str = "state.json";
const SUMS: &str = "SHA256SUMS";

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
pub struct Checkpoint {
    /// Steps taken before it was saved.
    pub step: usize,
    path: PathBuf,
}

impl Checkpoint {
    /// Saves a checkpoint among others in `folder`. When this returns, it is on the disk.
    ///
    /// # Errors
    ///
    /// If it can't be written; then the others are as they were.
    pub fn save<M: Module>(
        folder: &Path,
        model: &M,
        optimiser: &ModuleOptimizer,
        state: &State,
    ) -> Result<Self> {
        let path = folder.join(format!("{WHOLE}{}", state.step));
        let context = || format!("cannot write the checkpoint {}", path.display());
        fs::create_dir_all(folder).with_context(context)?;
        let temporary =
            tempfile::Builder::new().prefix(UNFINISHED).tempdir_in(folder).with_context(context)?;
        let file = |name: &str| temporary.path().join(name);
        weights::write_safetensors(model, state.step, Precision::Single, &file(WEIGHTS))
            .with_context(context)?;
        optimiser::save(optimiser, &file(OPTIMISER)).with_context(context)?;
        write_atomically(&file(STATE), serde_json::to_string_pretty(state)?.as_bytes())
            .with_context(context)?;
        let sums = SUMMED.iter().map(|name| Ok(format!("{}  {name}\n", sum::of_file(&file(name))?)));
        write_atomically(&file(SUMS), sums.collect::<Result<String>>()?.as_bytes()).with_context(context)?;
        make_readable(temporary.path()).with_context(context)?;
        let moved = move_into_place(&temporary.keep(), folder, state.step);
        moved.inspect_err(|_| Self::tidy(folder)).with_context(context)?;
        Ok(Self { step: state.step, path })
    }

    /// All checkpoints in a folder, the oldest first.
    ///
    /// # Errors
    ///
    /// If the folder can't be read.
    pub fn list(folder: &Path) -> Result<Vec<Self>> {
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
    pub fn tidy(folder: &Path) {
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
    pub fn weights_file(&self) -> PathBuf {
        self.path.join(WEIGHTS)
    }

    /// How far training was; checks that nothing of the checkpoint is damaged.
    ///
    /// # Errors
    ///
    /// If something is missing or has changed; it is named.
    pub fn state(&self) -> Result<State> {
        let path = self.path.join(SUMS);
        let sums = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for name in SUMMED {
            let line = sums.lines().find_map(|line| line.strip_suffix(name)).map(str::trim);
            let expected =
                line.with_context(|| format!("{} is damaged: it has no sum of {name}", path.display()))?;
            let path = self.path.join(name);
            let found = sum::of_file(&path)?;
            ensure!(
                found == expected,
                "{} is damaged: its SHA-256 is {found}, expected {expected}",
                path.display()
            );
        }
        let path = self.path.join(STATE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is of another version", path.display()))
    }

    /// The weights.
    ///
    /// # Errors
    ///
    /// If they are missing or damaged.
    pub fn weights(&self) -> Result<Weights> {
        weights::read_safetensors(&self.weights_file())
    }

    /// The optimiser.
    ///
    /// # Errors
    ///
    /// If it is missing or damaged.
    pub fn optimiser(&self) -> Result<ModuleOptimizer> {
        optimiser::load(&self.path.join(OPTIMISER))
    }

    /// Removes the checkpoint.
    ///
    /// # Errors
    ///
    /// If that can't be done.
    pub fn remove(&self) -> Result<()> {
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

/// What becomes of a run's checkpoints.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The one whose weights are to be used: the best, or the last if none counts as the best.
    pub used: Option<&'a Checkpoint>,
    /// Those that are to be removed.
    pub outdated: Vec<&'a Checkpoint>,
}

impl<'a> Choice<'a> {
    /// Keeps the `best` checkpoints by the evaluations and the `last` ones by their steps. Untrained weights are kept
    /// only as long as there are no others.
    #[must_use]
    pub fn among(all: &'a [Checkpoint], evaluations: &[Measured], best: usize, last: usize) -> Self {
        let known = |found: &Checkpoint| evaluations.iter().rfind(|known| known.step == found.step);
        let mut ranked: Vec<(f64, &Checkpoint)> =
            all.iter().filter_map(|found| Some((known(found)?.nll, found))).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let best: Vec<&Checkpoint> = ranked.into_iter().map(|(_, found)| found).take(best).collect();
        let last = &all[all.len().saturating_sub(last)..];
        let is_kept = |found: &Checkpoint| best.contains(&found) || last.contains(found);
        let is_untrained = |found: &Checkpoint| found.step == 0 && all.len() > 1;
        let outdated = all.iter().filter(|found| is_untrained(found) || !is_kept(found)).collect();
        Self { used: best.first().copied().or(all.last()), outdated }
    }
}

/// The newest checkpoint, or the one of step `wanted`, with its state; nothing if none was saved yet.
///
/// # Errors
///
/// If there is none of that step, or it is damaged; then the older ones that are whole are offered.
pub fn find(folder: &Path, wanted: Option<usize>) -> Result<Option<(Checkpoint, State)>> {
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

/// Temporary folders are for their owner alone; a checkpoint should be as readable as any folder.
#[cfg(unix)]
fn make_readable(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    fn save(folder: &Path, step: usize) -> Checkpoint {
        let model = LinearConfig::new(2, 3).init(&Device::flex());
        let state = State { step, seconds: 0.1 + 0.2, ..State::default() };
        Checkpoint::save(folder, &model, &optimiser::adam(), &state).unwrap()
    }

    fn steps<'a>(checkpoints: impl IntoIterator<Item = &'a Checkpoint>) -> Vec<usize> {
        checkpoints.into_iter().map(|found| found.step).collect()
    }

    #[test]
    fn checkpoints_are_listed_in_order_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(find(&folder.path().join("none"), None).unwrap(), None);
        for step in [100, 9, 20] {
            save(folder.path(), step);
        }
        fs::create_dir(folder.path().join(".step-half")).unwrap();
        Checkpoint::tidy(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        assert_eq!(steps(&Checkpoint::list(folder.path()).unwrap()), [9, 20, 100]);
        let (newest, state) = find(folder.path(), None).unwrap().unwrap();
        assert_eq!((newest.step, state.step, state.seconds), (100, 100, 0.1 + 0.2));
        assert_eq!(find(folder.path(), Some(9)).unwrap().unwrap().0.step, 9);
        let message = find(folder.path(), Some(7)).unwrap_err().to_string();
        assert!(message.contains("no checkpoint of step 7") && message.contains("9, 20, 100"), "{message}");
    }

    #[test]
    fn damage_anywhere_is_named_and_an_older_checkpoint_offered() {
        let folder = tempfile::tempdir().unwrap();
        save(folder.path(), 3);
        let newest = save(folder.path(), 8);
        for name in SUMMED {
            let path = newest.path.join(name);
            let whole = fs::read(&path).unwrap();
            let mut changed = whole.clone();
            let place = whole.len() / 2;
            changed[place] ^= 1;
            for damaged in [&changed[..], &whole[..place], &[]] {
                fs::write(&path, damaged).unwrap();
                let message = format!("{:#}", find(folder.path(), None).unwrap_err());
                assert!(message.contains("--from 3") && message.contains(name), "{message}");
            }
            fs::remove_file(&path).unwrap();
            let message = format!("{:#}", find(folder.path(), None).unwrap_err());
            assert!(message.contains("--from 3") && message.contains(name), "{message}");
            fs::write(&path, &whole).unwrap();
        }
        assert_eq!(find(folder.path(), None).unwrap().unwrap().0.step, 8);
        fs::write(newest.path.join(SUMS), "").unwrap();
        assert!(format!("{:#}", find(folder.path(), None).unwrap_err()).contains(SUMS));
    }

    #[test]
    fn the_older_ones_that_are_whole_are_offered_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second, third, fourth] = [2, 4, 6, 8].map(|step| save(folder.path(), step));
        for damaged in [&second, &fourth] {
            fs::write(damaged.path.join(STATE), "").unwrap();
        }
        let message = |wanted| format!("{:#}", find(folder.path(), wanted).unwrap_err());
        assert!(message(None).contains("--from 6") && message(None).contains("step-6, step-2"));
        assert!(message(Some(4)).contains("--from 2") && !message(Some(4)).contains("step-6"));
        fs::write(first.path.join(STATE), "").unwrap();
        assert!(message(Some(4)).contains("no older checkpoint is whole"));
        assert_eq!(find(folder.path(), Some(6)).unwrap().unwrap().0, third);
    }

    #[test]
    fn what_was_set_aside_comes_back_unless_its_successor_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let saved = [4, 8].map(|step| save(folder.path(), step));
        save(folder.path(), 8);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left of the one replaced");
        fs::rename(&saved[0].path, folder.path().join(".before-4")).unwrap();
        fs::create_dir(folder.path().join(".before-8")).unwrap();
        fs::create_dir(folder.path().join(".step-2-removed")).unwrap();
        Checkpoint::tidy(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(Checkpoint::list(folder.path()).unwrap(), saved);
        saved.iter().for_each(|checkpoint| drop(checkpoint.state().unwrap()));
        saved[0].remove().unwrap();
        assert_eq!(Checkpoint::list(folder.path()).unwrap(), saved[1..]);
    }

    #[test]
    fn the_best_and_the_last_are_kept_and_untrained_weights_are_not() {
        let all = [0, 2, 4, 6, 8].map(|step| Checkpoint { step, path: format!("step-{step}").into() });
        let evaluations = [(2, 3.0), (4, 1.0), (6, 2.0)].map(|(step, nll)| Measured { step, nll });
        let among = |count: usize, best, last| {
            let choice = Choice::among(&all[..count], &evaluations, best, last);
            (choice.used.map(|used| used.step), steps(choice.outdated))
        };
        assert_eq!(among(0, 1, 1), (None, vec![]));
        assert_eq!(among(1, 1, 1), (Some(0), vec![]));
        assert_eq!(among(2, 0, 9), (Some(2), vec![0]));
        assert_eq!(among(5, 0, 2), (Some(8), vec![0, 2, 4]));
        assert_eq!(among(5, 1, 1), (Some(4), vec![0, 2, 6]));
        assert_eq!(among(5, 2, 1), (Some(4), vec![0, 2]));
        assert_eq!(among(5, 9, 9), (Some(4), vec![0]));
        let unknown = Choice::among(&all, &[], 3, 1);
        assert_eq!(unknown.used.map(|used| used.step), Some(8), "the last, if none was evaluated");
    }
}

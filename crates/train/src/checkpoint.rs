//! Checkpoints: everything that going on with a run needs, in a folder that is there whole or not at all.
//!
//! `checkpoints/step-500` holds the weights, the optimiser's state, how far training is, and `SHA256SUMS` of these three,
//! which `sha256sum --check` understands. It is written under another name and then renamed.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use sha2::{Digest, Sha256};

use crate::optimiser;
use crate::training::State;
use crate::weights::{self, Weights};

const WEIGHTS: &str = "model.safetensors";
const OPTIMISER: &str = "optimizer.bpk";
const STATE: &str = "state.json";
const SUMS: &str = "SHA256SUMS";

/// What is summed.
const SUMMED: [&str; 3] = [WEIGHTS, OPTIMISER, STATE];

/// A checkpoint's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checkpoint {
    /// Steps taken before it was saved.
    pub step: usize,
    path: PathBuf,
}

impl Checkpoint {
    /// Saves a checkpoint among others in `folder`.
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
        let path = folder.join(format!("step-{}", state.step));
        let context = || format!("cannot write the checkpoint {}", path.display());
        fs::create_dir_all(folder).with_context(context)?;
        let temporary = tempfile::Builder::new().prefix(".step-").tempdir_in(folder).with_context(context)?;
        let inside = temporary.path().to_owned();
        let file = |name: &str| inside.join(name);
        weights::write_safetensors(model, state.step, &file(WEIGHTS)).with_context(context)?;
        optimiser::save(optimiser, &file(OPTIMISER)).with_context(context)?;
        fs::write(file(STATE), serde_json::to_string_pretty(state)?).with_context(context)?;
        let sums = SUMMED.iter().map(|name| Ok(format!("{}  {name}\n", sum_of(&file(name))?)));
        let sums = sums.collect::<Result<String>>()?;
        let write = || -> std::io::Result<()> {
            fs::write(file(SUMS), sums)?;
            for name in SUMMED.iter().chain(&[SUMS]) {
                File::open(file(name))?.sync_all()?;
            }
            if path.exists() {
                fs::remove_dir_all(&path)?;
            }
            make_readable(&inside)?;
            fs::rename(temporary.keep(), &path)
        };
        write().with_context(context)?;
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
            if let Some(step) = name.strip_prefix("step-").and_then(|step| step.parse().ok()) {
                found.push(Self { step, path });
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes what a program that was killed while saving left behind.
    pub fn tidy(folder: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(".step-") {
                let _ = fs::remove_dir_all(entry.path()); // It only takes room.
            }
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
            let found = sum_of(&path)?;
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
        fs::remove_dir_all(&self.path).with_context(|| format!("cannot remove {}", self.path.display()))
    }
}

/// The newest checkpoint, or the one of step `wanted`, with its state.
///
/// # Errors
///
/// If there is none, or it is damaged; then an older one that is whole is offered.
pub fn find(folder: &Path, wanted: Option<usize>) -> Result<(Checkpoint, State)> {
    let mut all = Checkpoint::list(folder)?;
    let steps: Vec<String> = all.iter().map(|found| found.step.to_string()).collect();
    if let Some(step) = wanted {
        all.retain(|found| found.step == step);
        ensure!(
            !all.is_empty(),
            "{} holds no checkpoint of step {step}; there are {}",
            folder.display(),
            if steps.is_empty() { "none".to_owned() } else { steps.join(", ") }
        );
    }
    let Some(newest) = all.pop() else {
        bail!("{} holds no checkpoint, so there is nothing to go on from", folder.display());
    };
    match newest.state() {
        Ok(state) => Ok((newest, state)),
        Err(error) => {
            let whole = all.iter().rev().find(|older| older.state().is_ok());
            let offer = whole.map_or_else(
                || "no older checkpoint is whole either".to_owned(),
                |older| format!("--from {} goes on from the newest checkpoint that is whole", older.step),
            );
            Err(error.context(offer))
        }
    }
}

fn sum_of(path: &Path) -> Result<String> {
    let sum = || -> std::io::Result<String> {
        let (mut file, mut digest, mut chunk) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(hexadecimal(&digest.finalize())),
                count => digest.update(&chunk[..count]),
            }
        }
    };
    sum().with_context(|| format!("cannot read {}", path.display()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Temporary folders are for their owner alone; a checkpoint should be as readable as any folder.
fn make_readable(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
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

    #[test]
    fn checkpoints_are_listed_in_order_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        for step in [100, 9, 20] {
            save(folder.path(), step);
        }
        fs::create_dir(folder.path().join(".step-half")).unwrap();
        Checkpoint::tidy(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        let steps: Vec<usize> = Checkpoint::list(folder.path()).unwrap().iter().map(|c| c.step).collect();
        assert_eq!(steps, [9, 20, 100]);
        let (newest, state) = find(folder.path(), None).unwrap();
        assert_eq!((newest.step, state.step, state.seconds), (100, 100, 0.1 + 0.2));
        assert_eq!(find(folder.path(), Some(9)).unwrap().0.step, 9);
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
        assert_eq!(find(folder.path(), None).unwrap().0.step, 8);
        fs::write(newest.path.join(SUMS), "").unwrap();
        assert!(format!("{:#}", find(folder.path(), None).unwrap_err()).contains(SUMS));
    }
}

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
//! | `checkpoints` | what going on needs; see `run::checkpoint` |
//! | `data` | the corpus as token ids, and what was left out |
//!
//! Every file is written beside its place and then renamed, so that an interruption leaves the old one whole.

mod claim;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use burn::module::Module;
use burn::tensor::Device;
use model::{LanguageModel, Transformer};

use crate::data::vocabulary::Vocabulary;
use crate::device::is_processor;
use crate::files::write_atomically;
use crate::run::checkpoint::{Checkpoint, Choice};
use crate::run::config::RunConfig;
use crate::run::memory::Need;
use crate::run::state::State;
use crate::run::training::TrainingConfig;
use crate::run::weights::{self, Precision};

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

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether the vocabularies have been saved.
    #[must_use]
    pub(crate) fn has_vocabularies(&self) -> bool {
        let [shared, source, target] = VOCABULARIES.map(|name| self.file(name).is_file());
        shared || (source && target)
    }

    /// The vocabularies of source and target, which may be one; of a language model the second counts.
    ///
    /// # Errors
    ///
    /// If the run has none, or they are damaged.
    pub(crate) fn vocabularies(&self) -> Result<[Vocabulary; 2]> {
        let [shared, source, target] = VOCABULARIES.map(|name| self.file(name));
        if shared.is_file() {
            let vocabulary = Vocabulary::open(&shared)?;
            return Ok([vocabulary.clone(), vocabulary]);
        }
        ensure!(
            source.is_file() && target.is_file(),
            "{} has no tokenizer.json: its model knows ids, not words; `train decode` takes ids",
            self.path.display()
        );
        Ok([Vocabulary::open(&source)?, Vocabulary::open(&target)?])
    }

    /// Saves one vocabulary for both sides.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn save_shared(&self, vocabulary: &Vocabulary) -> Result<()> {
        vocabulary.save(&self.file(VOCABULARIES[0]))
    }

    /// Saves a vocabulary for each side.
    ///
    /// # Errors
    ///
    /// If they can't be written.
    pub(crate) fn save_separate(&self, source: &Vocabulary, target: &Vocabulary) -> Result<()> {
        source.save(&self.file(VOCABULARIES[1]))?;
        target.save(&self.file(VOCABULARIES[2]))
    }

    /// Copies the vocabularies of another run.
    ///
    /// # Errors
    ///
    /// If they can't be read or written.
    pub(crate) fn copy_vocabularies(&self, from: &Self) -> Result<()> {
        for name in VOCABULARIES.iter().filter(|name| from.file(name).is_file()) {
            let bytes = fs::read(from.file(name)).with_context(|| format!("cannot read {name}"))?;
            write_atomically(&self.file(name), &bytes)?;
        }
        Ok(())
    }

    /// Reads `config.json`, and checks it.
    ///
    /// # Errors
    ///
    /// If it is damaged or invalid.
    pub(crate) fn config(&self) -> Result<RunConfig> {
        let path = self.file(CONFIG);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let config: RunConfig =
            serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
        config.validate().with_context(|| format!("{} can't be used", path.display()))?;
        Ok(config)
    }

    /// Writes `config.json`.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub(crate) fn write_config(&self, config: &RunConfig) -> Result<()> {
        let mut text = serde_json::to_string_pretty(config)?;
        text.push('\n');
        write_atomically(&self.file(CONFIG), text.as_bytes())
    }

    /// Builds the model and loads its weights.
    ///
    /// # Errors
    ///
    /// If they are damaged or don't fit the configuration or the memory, or the run holds a language model.
    pub(crate) fn model(&self, config: &RunConfig, device: &Device) -> Result<Transformer> {
        let sizes = config.transformer()?;
        self.check_memory(config, device)?;
        self.fill(sizes.init(device)?)
    }

    /// Builds the language model and loads its weights.
    ///
    /// # Errors
    ///
    /// If they are damaged or don't fit the configuration or the memory, or the run holds another model.
    pub(crate) fn language_model(&self, config: &RunConfig, device: &Device) -> Result<LanguageModel> {
        let sizes = config.language_model()?;
        self.check_memory(config, device)?;
        self.fill(sizes.init(device)?)
    }

    /// Before the model is made: the system would give memory that isn't there, and end the program later.
    fn check_memory(&self, config: &RunConfig, device: &Device) -> Result<()> {
        if !is_processor(device) {
            return Ok(());
        }
        Need::to_use(config).check().with_context(|| format!("{} can't be used here", self.path.display()))
    }

    fn fill<M: Module>(&self, model: M) -> Result<M> {
        let path = self.file(WEIGHTS);
        weights::fill(model, weights::read_safetensors(&path)?, &path.display().to_string())
    }

    /// Steps that the weights to use were trained for.
    ///
    /// # Errors
    ///
    /// If they are damaged.
    pub(crate) fn step(&self) -> Result<usize> {
        weights::step_of(&self.file(WEIGHTS))
    }

    /// Writes the weights alone.
    ///
    /// # Errors
    ///
    /// If they can't be written.
    pub(crate) fn save_model<M: Module>(&self, model: &M, step: usize, precision: Precision) -> Result<()> {
        weights::write_safetensors(model, step, precision, &self.file(WEIGHTS))
    }

    /// Makes the best checkpoint's weights those to use, and removes the checkpoints that are not kept. Says whether
    /// there was anything to do.
    ///
    /// # Errors
    ///
    /// If that can't be done.
    pub(crate) fn settle(&self, state: &State, training: &TrainingConfig) -> Result<bool> {
        let all = Checkpoint::list(&self.checkpoints())?;
        let TrainingConfig { keep_best, keep_last, .. } = *training;
        let Choice { used, outdated } = Choice::among(&all, &state.evaluations, keep_best, keep_last);
        let is_new = used.map_or(Ok(false), |used| self.use_weights(used))?;
        outdated.iter().try_for_each(|outdated| outdated.remove())?;
        Ok(is_new || !outdated.is_empty())
    }

    /// Makes the weights of a checkpoint those to use, unless they are already.
    fn use_weights(&self, checkpoint: &Checkpoint) -> Result<bool> {
        let from = checkpoint.weights_file();
        let bytes = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        let path = self.file(WEIGHTS);
        if fs::read(&path).is_ok_and(|used| used == bytes) {
            return Ok(false);
        }
        write_atomically(&path, &bytes)?;
        Ok(true)
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
        anyhow!("{which}: {reason}; {}", self.way_on(flags))
    }
}

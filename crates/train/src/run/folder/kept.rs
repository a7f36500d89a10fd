//! What is read of a run folder and written into it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::tensor::Device;
use model::{LanguageModel, Transformer};

use super::{CONFIG, RunFolder, SETTINGS, VOCABULARIES, WEIGHTS};
use crate::data::vocabulary::Vocabulary;
use crate::device::is_processor;
use crate::files::{sum, sums};
use crate::run::checkpoint::{Checkpoint, Choice};
use crate::run::config::RunConfig;
use crate::run::memory::Need;
use crate::run::state::State;
use crate::run::training::TrainingConfig;
use crate::run::weights::{self, Precision};

impl RunFolder {
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
        let [shared, source, target] = VOCABULARIES;
        let open = |name: &str| Vocabulary::from_text(&self.read(name)?, &self.file(name));
        if self.file(shared).is_file() {
            let vocabulary = open(shared)?;
            return Ok([vocabulary.clone(), vocabulary]);
        }
        ensure!(
            self.file(source).is_file() && self.file(target).is_file(),
            "{} has no tokenizer.json: its model knows ids, not words; `train decode` takes ids",
            self.path.display()
        );
        Ok([open(source)?, open(target)?])
    }

    /// Reads a file of the run that is written whole, and checks that it is as it was written.
    fn read(&self, name: &str) -> Result<Vec<u8>> {
        sums::read(&self.path, name)
    }

    /// Writes such a file.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        sums::write(&self.path, name, content)
    }

    /// Whether damage to the run would be found. Runs of older versions have no sums.
    #[must_use]
    pub(crate) fn has_sums(&self) -> bool {
        sums::exist(&self.path)
    }

    /// Saves one vocabulary for both sides.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn save_shared(&self, vocabulary: &Vocabulary) -> Result<()> {
        self.write(VOCABULARIES[0], vocabulary.text()?.as_bytes())
    }

    /// Saves a vocabulary for each side.
    ///
    /// # Errors
    ///
    /// If they can't be written.
    pub(crate) fn save_separate(&self, source: &Vocabulary, target: &Vocabulary) -> Result<()> {
        self.write(VOCABULARIES[1], source.text()?.as_bytes())?;
        self.write(VOCABULARIES[2], target.text()?.as_bytes())
    }

    /// Copies the vocabularies of another run.
    ///
    /// # Errors
    ///
    /// If they can't be read or written.
    pub(crate) fn copy_vocabularies(&self, from: &Self) -> Result<()> {
        for name in VOCABULARIES.iter().filter(|name| from.file(name).is_file()) {
            self.write(name, &from.read(name)?)?;
        }
        Ok(())
    }

    /// The settings that the run was made of, if it keeps them.
    ///
    /// # Errors
    ///
    /// If they can't be read, or are damaged.
    pub(crate) fn settings(&self) -> Result<Option<String>> {
        let path = self.file(SETTINGS);
        if !path.is_file() {
            return Ok(None);
        }
        let text = String::from_utf8(self.read(SETTINGS)?);
        text.map(Some).with_context(|| format!("{} is damaged", path.display()))
    }

    /// Reads `config.json`, and checks it.
    ///
    /// # Errors
    ///
    /// If it is damaged or invalid.
    pub(crate) fn config(&self) -> Result<RunConfig> {
        let path = self.file(CONFIG);
        let text = self.read(CONFIG)?;
        let config: RunConfig =
            serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
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
        self.write(CONFIG, text.as_bytes())
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
        weights::fill(model, weights::safetensors(self.read(WEIGHTS)?, &path)?, &path.display().to_string())
    }

    /// Steps that the weights to use were trained for.
    ///
    /// # Errors
    ///
    /// If they are damaged.
    pub(crate) fn step(&self) -> Result<usize> {
        weights::step_of(&self.read(WEIGHTS)?, &self.file(WEIGHTS))
    }

    /// SHA-256 of the weights to use.
    ///
    /// # Errors
    ///
    /// If they can't be read.
    pub(crate) fn weights_sum(&self) -> Result<String> {
        sum::of_file(&self.file(WEIGHTS))
    }

    /// Writes the weights alone.
    ///
    /// # Errors
    ///
    /// If they can't be written.
    pub(crate) fn save_model<M: Module>(&self, model: &M, step: usize, precision: Precision) -> Result<()> {
        let bytes = weights::safetensors_of(model, step, precision);
        self.write(WEIGHTS, &bytes.with_context(|| format!("cannot write {}", self.file(WEIGHTS).display()))?)
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
        let wanted = checkpoint.weights_sum()?;
        let is_used = |path: &Path| sum::of_file(path).is_ok_and(|found| wanted == Some(found));
        let is_known = !self.has_sums() || sums::expected(&self.path, WEIGHTS)? == wanted;
        if is_known && is_used(&self.file(WEIGHTS)) {
            return Ok(false);
        }
        self.write(WEIGHTS, &checkpoint.weights_bytes()?)?;
        Ok(true)
    }
}

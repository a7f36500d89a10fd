//! What is read of a run folder and written into it.

use std::fs;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use burn::tensor::Device;
use model::{LanguageModel, Transformer};

use super::{CONFIG, RunFolder, VOCABULARIES, WEIGHTS};
use crate::data::vocabulary::Vocabulary;
use crate::files::write_atomically;
use crate::run::checkpoint::{Checkpoint, Choice};
use crate::run::config::RunConfig;
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
    /// If they are damaged or don't fit the configuration, or the run holds a language model.
    pub(crate) fn model(&self, config: &RunConfig, device: &Device) -> Result<Transformer> {
        self.fill(config.transformer()?.init(device)?)
    }

    /// Builds the language model and loads its weights.
    ///
    /// # Errors
    ///
    /// If they are damaged or don't fit the configuration, or the run holds another model.
    pub(crate) fn language_model(&self, config: &RunConfig, device: &Device) -> Result<LanguageModel> {
        self.fill(config.language_model()?.init(device)?)
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
}

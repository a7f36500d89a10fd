//! A run folder: all that is kept of a training run or an import.
//!
//! | file | content |
//! |---|---|
//! | `config.json` | the resolved configuration: task, model, training, seed, device, versions |
//! | `tokenizer.json` | the vocabulary; or `source.json` and `target.json` where there are two |
//! | `model.safetensors` | the weights to use: those of the best checkpoint, with their step in the header |
//! | `metrics.jsonl` | a JSON object a step, and one an evaluation |
//! | `timings.jsonl` | how long it took |
//! | `checkpoints` | what going on needs; see [`crate::checkpoint`] |
//! | `data` | the corpus as token ids, and what was left out |
//!
//! Every file is written beside its place and then renamed, so that an interruption leaves the old one whole.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use burn::module::Module;
use burn::tensor::Device;
use model::{LanguageModel, Transformer};

use crate::checkpoint::Checkpoint;
use crate::files::write_atomically;
use crate::run_config::RunConfig;
use crate::vocabulary::Vocabulary;
use crate::weights;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const METRICS: &str = "metrics.jsonl";
const TIMINGS: &str = "timings.jsonl";
const CHECKPOINTS: &str = "checkpoints";
const DATA: &str = "data";
const LOCK: &str = ".lock";
const VOCABULARIES: [&str; 3] = ["tokenizer.json", "source.json", "target.json"];

/// A folder that holds a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes a folder for a new run. An older run is replaced only if `replace` is set, and nothing but a run ever is.
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the folder is in use, or can't be written.
    pub fn create(path: &Path, config: &RunConfig, replace: bool) -> Result<Self> {
        config.validate()?;
        let folder = Self::claim(path, replace)?;
        folder.write_config(config)?;
        Ok(folder)
    }

    /// The first half of [`RunFolder::create`], for what has to be made before the configuration is known.
    ///
    /// # Errors
    ///
    /// If the folder is in use, or can't be written.
    pub fn claim(path: &Path, replace: bool) -> Result<Self> {
        let folder = Self { path: path.to_owned() };
        let ours =
            |name: &std::ffi::OsStr| [LOCK, DATA].iter().chain(&VOCABULARIES).any(|ours| name == *ours);
        let in_use = path.is_dir()
            && fs::read_dir(path)
                .is_ok_and(|entries| entries.flatten().any(|entry| !ours(&entry.file_name())));
        if folder.file(CONFIG).exists() {
            let resumable = !Checkpoint::list(&folder.checkpoints())?.is_empty();
            let path = path.display();
            let resume =
                if resumable { format!("`train resume {path}` to go on with it, ") } else { String::new() };
            ensure!(
                replace,
                "{path} already holds a run; use {resume}--force to replace it, or --out FOLDER to keep both"
            );
            let _lock = folder.lock()?;
            folder.clear()?;
        } else if in_use {
            bail!("{} is not empty and holds no run; give --out FOLDER with another folder", path.display());
        }
        fs::create_dir_all(path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        Ok(folder)
    }

    /// Opens the folder of a run whose model is to be used.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, &[CONFIG, WEIGHTS])
    }

    /// Opens the folder of a run to go on with.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open_to_resume(path: &Path) -> Result<Self> {
        Self::open_with(path, &[CONFIG])
    }

    fn open_with(path: &Path, needed: &[&str]) -> Result<Self> {
        ensure!(
            path.exists(),
            "{} does not exist; expected a run folder, as `train copy` makes one",
            path.display()
        );
        let folder = Self { path: path.to_owned() };
        for file in needed {
            ensure!(
                folder.file(file).is_file(),
                "{} is no complete run folder: it has no {file}",
                path.display()
            );
        }
        Ok(folder)
    }

    /// Makes sure that no other process trains here, for as long as the answer is kept.
    ///
    /// # Errors
    ///
    /// If one does.
    pub fn lock(&self) -> Result<File> {
        let path = self.file(LOCK);
        let context = || format!("cannot write {}", path.display());
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).with_context(context)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                bail!("another process is training in {}; wait for it, or stop it first", self.path.display())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(context),
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the metrics are.
    #[must_use]
    pub fn metrics(&self) -> PathBuf {
        self.file(METRICS)
    }

    /// Where the timings are.
    #[must_use]
    pub fn timings(&self) -> PathBuf {
        self.file(TIMINGS)
    }

    /// Where the checkpoints are.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.file(CHECKPOINTS)
    }

    /// Where the encoded corpus is; makes the folder.
    ///
    /// # Errors
    ///
    /// If it can't be made.
    pub fn data(&self) -> Result<PathBuf> {
        let path = self.file(DATA);
        fs::create_dir_all(&path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        Ok(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Removes the files of a run, and only those.
    fn clear(&self) -> Result<()> {
        let files = [WEIGHTS, METRICS, TIMINGS].into_iter().chain(VOCABULARIES).chain([CONFIG]);
        for path in files.map(|name| self.file(name)).filter(|path| path.exists()) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
        for path in [CHECKPOINTS, DATA].map(|name| self.file(name)) {
            if path.is_dir() {
                fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// The vocabularies of source and target, which may be one; of a language model the second counts.
    ///
    /// # Errors
    ///
    /// If the run has none, or they are damaged.
    pub fn vocabularies(&self) -> Result<[Vocabulary; 2]> {
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
    pub fn save_separate(&self, source: &Vocabulary, target: &Vocabulary) -> Result<()> {
        source.save(&self.file(VOCABULARIES[1]))?;
        target.save(&self.file(VOCABULARIES[2]))
    }

    /// Copies the vocabularies of another run.
    ///
    /// # Errors
    ///
    /// If they can't be read or written.
    pub fn copy_vocabularies(&self, from: &Self) -> Result<()> {
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
    pub fn config(&self) -> Result<RunConfig> {
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
    pub fn write_config(&self, config: &RunConfig) -> Result<()> {
        let mut text = serde_json::to_string_pretty(config)?;
        text.push('\n');
        write_atomically(&self.file(CONFIG), text.as_bytes())
    }

    /// Builds the model and loads its weights.
    ///
    /// # Errors
    ///
    /// If they are damaged or don't fit the configuration, or the run holds a language model.
    pub fn model(&self, config: &RunConfig, device: &Device) -> Result<Transformer> {
        self.fill(config.transformer()?.init(device)?)
    }

    /// Builds the language model and loads its weights.
    ///
    /// # Errors
    ///
    /// If they are damaged or don't fit the configuration, or the run holds another model.
    pub fn language_model(&self, config: &RunConfig, device: &Device) -> Result<LanguageModel> {
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
    pub fn step(&self) -> Result<usize> {
        weights::step_of(&self.file(WEIGHTS))
    }

    /// Writes the weights alone.
    ///
    /// # Errors
    ///
    /// If they can't be written.
    pub fn save_model<M: Module>(&self, model: &M, step: usize) -> Result<()> {
        weights::write_safetensors(model, step, &self.file(WEIGHTS))
    }

    /// Makes the weights of a checkpoint those to use.
    ///
    /// # Errors
    ///
    /// If they can't be read or written.
    pub fn choose(&self, checkpoint: &Checkpoint) -> Result<()> {
        let from = checkpoint.weights_file();
        let bytes = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        write_atomically(&self.file(WEIGHTS), &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::CopyTask;
    use crate::run_config::{ModelConfig, Task, Versions};
    use model::TransformerConfig;

    fn config() -> RunConfig {
        let sizes =
            TransformerConfig { n_layers: 1, d_model: 4, d_ff: 6, n_heads: 2, ..TransformerConfig::tiny(7) };
        RunConfig {
            model: ModelConfig::Transformer(sizes),
            task: Task::Copy(CopyTask { vocab: 7, length: 5 }),
            bos: 1,
            eos: None,
            training: None,
            device: None,
            versions: Versions::current(),
        }
    }

    #[test]
    fn only_a_run_is_replaced_and_only_when_asked() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        RunFolder::create(&path, &config(), false).unwrap();
        fs::create_dir_all(path.join("checkpoints/step-7")).unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        let message = RunFolder::create(&path, &config(), false).unwrap_err().to_string();
        assert!(message.contains("already holds a run") && message.contains("--force"), "{message}");
        RunFolder::create(&path, &config(), true).unwrap();
        assert!(path.join("notes.txt").exists() && !path.join("checkpoints").exists());
        fs::remove_file(path.join(CONFIG)).unwrap();
        let message = RunFolder::create(&path, &config(), true).unwrap_err().to_string();
        assert!(message.contains("holds no run"), "{message}");
    }

    #[test]
    fn a_second_process_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(&parent.path().join("run"), &config(), false).unwrap();
        let lock = folder.lock().unwrap();
        assert!(folder.lock().unwrap_err().to_string().contains("another process is training"));
        drop(lock);
        folder.lock().unwrap();
    }

    #[test]
    fn the_configuration_survives_the_round_trip() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(&parent.path().join("run"), &config(), false).unwrap();
        assert_eq!(folder.config().unwrap(), config());
    }

    #[test]
    fn a_configuration_that_makes_no_sense_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let wrong = RunConfig { bos: 7, ..config() };
        let message = RunFolder::create(parent.path(), &wrong, false).unwrap_err().to_string();
        assert!(message.contains("bos = 7") && message.contains("below tgt_vocab = 7"), "{message}");
    }
}

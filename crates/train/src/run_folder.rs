//! A run folder: all that is kept of a training run or an import.
//!
//! | file | content |
//! |---|---|
//! | `config.json` | the resolved configuration: task, model, training, seed, device, versions |
//! | `model.safetensors` | the weights, with the number of steps they took in the header |
//! | `metrics.jsonl` | a JSON object a step |
//! | `optimizer-N.bpk` | the optimiser's state after step N, for going on |
//!
//! Every file is written beside its place and then renamed, so that an interruption leaves the old one whole. The
//! optimiser's file comes before the weights it belongs to and is named by their step: whichever weights survive, their
//! optimiser does too.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::tensor::Device;
use model::{Transformer, TransformerConfig};
use serde::{Deserialize, Serialize};

use crate::copy::CopyTask;
use crate::files::write_atomically;
use crate::training::TrainingConfig;
use crate::{optimiser, weights};

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const METRICS: &str = "metrics.jsonl";

/// The content of `config.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Where the weights come from.
    pub task: Task,
    /// The model's sizes.
    pub model: TransformerConfig,
    /// Token that begins every target.
    pub bos: usize,
    /// Token that ends a target, if there is one.
    pub eos: Option<usize>,
    /// How it was trained; None if it was not trained here.
    pub training: Option<TrainingConfig>,
    /// The device it was trained on.
    pub device: Option<String>,
    /// What wrote it.
    pub versions: Versions,
}

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// The copy task.
    Copy(CopyTask),
    /// Weights of another program.
    Imported {
        /// The file's name.
        weights: String,
        /// Whether the gains were adapted to the biased variance.
        unbiased_norm: bool,
    },
}

/// The programs that wrote a run folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// This program.
    pub train: String,
    /// The tensor library.
    pub burn: String,
}

impl Versions {
    /// Those of this build.
    #[must_use]
    pub fn current() -> Self {
        Self { train: env!("CARGO_PKG_VERSION").into(), burn: "0.22.1".into() }
    }
}

impl RunConfig {
    fn validate(&self) -> Result<()> {
        self.model.validate()?;
        let vocab = self.model.tgt_vocab;
        for (name, id) in [("bos", Some(self.bos)), ("eos", self.eos)] {
            if let Some(id) = id {
                ensure!(id < vocab, "{name} = {id}, but it must be a token id below tgt_vocab = {vocab}");
            }
        }
        if let Task::Copy(task) = &self.task {
            task.validate()?;
        }
        self.training.as_ref().map_or(Ok(()), TrainingConfig::validate)
    }
}

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
        let folder = Self { path: path.to_owned() };
        let in_use = path.is_dir() && fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
        if folder.file(CONFIG).exists() {
            let path = path.display();
            let resume = match config.task {
                Task::Copy(_) => format!("`train copy --resume {path}` to go on with it, "),
                Task::Imported { .. } => String::new(),
            };
            ensure!(
                replace,
                "{path} already holds a run; use {resume}--force to replace it, or --out FOLDER to keep both"
            );
            folder.clear()?;
        } else if in_use {
            bail!("{} is not empty and holds no run; give --out FOLDER with another folder", path.display());
        }
        fs::create_dir_all(path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        folder.write_config(config)?;
        Ok(folder)
    }

    /// Opens the folder of an earlier run.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open(path: &Path) -> Result<Self> {
        ensure!(
            path.exists(),
            "{} does not exist; expected a run folder, as `train copy` makes one",
            path.display()
        );
        let folder = Self { path: path.to_owned() };
        for file in [CONFIG, WEIGHTS] {
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
    pub fn metrics(&self) -> PathBuf {
        self.file(METRICS)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn optimiser(&self, step: usize) -> PathBuf {
        self.file(&format!("optimizer-{step}.bpk"))
    }

    /// Removes the files of a run, and only those.
    fn clear(&self) -> Result<()> {
        let optimisers = self.optimisers()?;
        for path in [WEIGHTS, METRICS, CONFIG].into_iter().map(|name| self.file(name)).chain(optimisers) {
            if path.exists() {
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(())
    }

    fn optimisers(&self) -> Result<Vec<PathBuf>> {
        let entries =
            fs::read_dir(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", self.path.display()))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let step = name.strip_prefix("optimizer-").and_then(|rest| rest.strip_suffix(".bpk"));
            if step.is_some_and(|step| step.parse::<usize>().is_ok()) {
                found.push(entry.path());
            }
        }
        Ok(found)
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
    /// If they are damaged or don't fit the configuration.
    pub fn model(&self, config: &RunConfig, device: &Device) -> Result<Transformer> {
        let path = self.file(WEIGHTS);
        let model = config.model.init(device)?;
        weights::fill(model, weights::read_safetensors(&path)?, &path.display().to_string())
    }

    /// Writes the weights alone.
    ///
    /// # Errors
    ///
    /// If they can't be written.
    pub fn save_model<M: Module>(&self, model: &M) -> Result<()> {
        weights::write_safetensors(model, 0, &self.file(WEIGHTS))
    }

    /// Writes all that is needed to go on after `step`.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn save_checkpoint<M: Module>(
        &self,
        model: &M,
        optimiser: &ModuleOptimizer,
        step: usize,
    ) -> Result<()> {
        let current = self.optimiser(step);
        optimiser::save(optimiser, &current)?;
        weights::write_safetensors(model, step, &self.file(WEIGHTS))?;
        for old in self.optimisers()? {
            if old != current {
                fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
            }
        }
        Ok(())
    }

    /// The steps that the saved weights have taken, and their optimiser.
    ///
    /// # Errors
    ///
    /// If either is missing or damaged.
    pub fn checkpoint(&self) -> Result<(usize, ModuleOptimizer)> {
        let step = weights::step_of(&self.file(WEIGHTS))?;
        Ok((step, optimiser::load(&self.optimiser(step))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> RunConfig {
        let task = CopyTask { vocab: 7, length: 5 };
        RunConfig {
            model: TransformerConfig {
                n_layers: 1,
                d_model: 4,
                d_ff: 6,
                n_heads: 2,
                ..TransformerConfig::tiny(7)
            },
            task: Task::Copy(task),
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
        fs::write(path.join("optimizer-7.bpk"), "old").unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        let message = RunFolder::create(&path, &config(), false).unwrap_err().to_string();
        assert!(message.contains("already holds a run") && message.contains("--force"), "{message}");
        RunFolder::create(&path, &config(), true).unwrap();
        assert!(path.join("notes.txt").exists() && !path.join("optimizer-7.bpk").exists());
        fs::remove_file(path.join(CONFIG)).unwrap();
        let message = RunFolder::create(&path, &config(), true).unwrap_err().to_string();
        assert!(message.contains("holds no run"), "{message}");
    }

    #[test]
    fn the_recorded_version_of_burn_is_the_one_in_use() {
        let pinned = format!("burn = {{ version = \"={}\"", Versions::current().burn);
        assert!(include_str!("../../../Cargo.toml").contains(&pinned), "{pinned}");
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

//! `config.json` of a run: everything that decides what a run is.

use anyhow::{Result, ensure};
use model::{LanguageModelConfig, TransformerConfig};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::data::copy::CopyTask;
use crate::run::training::TrainingConfig;

pub use crate::run::corpus_task::CorpusTask;

/// The content of `config.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Where the weights come from.
    pub task: Task,
    /// The model's sizes.
    pub model: ModelConfig,
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
    /// Translation.
    Translate(CorpusTask),
    /// Language modelling.
    Lm(CorpusTask),
    /// Weights of another program.
    Imported {
        /// The file's name.
        weights: String,
        /// Whether the gains were adapted to the biased variance.
        unbiased_norm: bool,
    },
    /// The mean of several checkpoints of a run.
    Average {
        /// The run.
        of: String,
        /// Steps after which the checkpoints were saved.
        steps: Vec<usize>,
        /// What that run is about.
        task: Box<Task>,
    },
}

impl Task {
    /// What the weights were trained for, whether they are a mean or not.
    #[must_use]
    pub(crate) fn trained(&self) -> &Self {
        match self {
            Self::Average { task, .. } => task.trained(),
            task => task,
        }
    }

    /// What it learns from, if that is a corpus.
    #[must_use]
    pub(crate) fn corpus(&self) -> Option<&CorpusTask> {
        match self {
            Self::Translate(task) | Self::Lm(task) => Some(task),
            _ => None,
        }
    }

    /// The same, with what is to be known of the corpus.
    ///
    /// # Errors
    ///
    /// If `change` fails.
    pub(crate) fn with_corpus(&self, change: impl FnOnce(&CorpusTask) -> Result<CorpusTask>) -> Result<Self> {
        Ok(match self {
            Self::Translate(task) => Self::Translate(change(task)?),
            Self::Lm(task) => Self::Lm(change(task)?),
            task => task.clone(),
        })
    }

    /// In a word.
    #[must_use]
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Copy(_) => "copy",
            Self::Translate(_) => "translate",
            Self::Lm(_) => "lm",
            Self::Imported { .. } => "imported",
            Self::Average { .. } => "average",
        }
    }
}

/// The sizes of a model, and so which of the two it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ModelConfig {
    /// Encoder and decoder.
    Transformer(TransformerConfig),
    /// Decoder alone.
    Language(LanguageModelConfig),
}

/// They are told apart by their fields; an untagged enum of serde's would not name the field that is wrong.
impl<'de> Deserialize<'de> for ModelConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let config = match value.get("vocab") {
            Some(_) => serde_json::from_value(value).map(Self::Language),
            None => serde_json::from_value(value).map(Self::Transformer),
        };
        config.map_err(D::Error::custom)
    }
}

impl ModelConfig {
    /// Number of token ids that are written.
    #[must_use]
    pub(crate) fn tgt_vocab(&self) -> usize {
        match self {
            Self::Transformer(config) => config.tgt_vocab,
            Self::Language(config) => config.vocab,
        }
    }

    /// Width of the vectors between sub-layers.
    #[must_use]
    pub fn d_model(&self) -> usize {
        match self {
            Self::Transformer(config) => config.d_model,
            Self::Language(config) => config.d_model,
        }
    }

    /// Id of padding.
    #[must_use]
    pub(crate) fn pad(&self) -> usize {
        match self {
            Self::Transformer(config) => config.pad,
            Self::Language(_) => crate::data::vocabulary::PAD,
        }
    }

    fn validate(&self) -> Result<()> {
        match self {
            Self::Transformer(config) => Ok(config.validate()?),
            Self::Language(config) => Ok(config.validate()?),
        }
    }
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
    /// Checks every number.
    ///
    /// # Errors
    ///
    /// Names the first that breaks a rule, its value and the rule.
    pub fn validate(&self) -> Result<()> {
        self.model.validate()?;
        let vocab = self.model.tgt_vocab();
        for (name, id) in [("bos", Some(self.bos)), ("eos", self.eos)] {
            if let Some(id) = id {
                ensure!(id < vocab, "{name} = {id}, but it must be a token id below tgt_vocab = {vocab}");
            }
        }
        match self.task.trained() {
            Task::Copy(task) => task.validate()?,
            Task::Translate(task) => task.check("--max-length")?,
            Task::Lm(task) => task.check("--context")?,
            Task::Imported { .. } | Task::Average { .. } => {}
        }
        self.training.as_ref().map_or(Ok(()), TrainingConfig::validate)
    }

    /// The sizes of the encoder-decoder model.
    ///
    /// # Errors
    ///
    /// If the run holds a language model.
    pub(crate) fn transformer(&self) -> Result<&TransformerConfig> {
        match &self.model {
            ModelConfig::Transformer(config) => Ok(config),
            ModelConfig::Language(_) => anyhow::bail!(
                "the run holds a language model, which reads no source; `train generate` lets it write, `train \
                 surprisal` and `train eval` measure it"
            ),
        }
    }

    /// The sizes of the language model.
    ///
    /// # Errors
    ///
    /// If the run holds an encoder-decoder model.
    pub(crate) fn language_model(&self) -> Result<&LanguageModelConfig> {
        match &self.model {
            ModelConfig::Language(config) => Ok(config),
            ModelConfig::Transformer(_) => anyhow::bail!(
                "the run holds no language model but one that reads a source; `train lm` trains a language model"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_version_of_burn_is_the_one_in_use() {
        let pinned = format!("burn = {{ version = \"={}\"", Versions::current().burn);
        assert!(include_str!("../../../../Cargo.toml").contains(&pinned), "{pinned}");
    }

    #[test]
    fn the_two_models_are_told_apart_and_a_wrong_field_is_named() {
        let transformer = ModelConfig::Transformer(TransformerConfig::tiny(7));
        let language = ModelConfig::Language(LanguageModelConfig::tiny(7));
        for config in [transformer, language] {
            let text = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<ModelConfig>(&text).unwrap(), config);
            let wrong = text.replace("d_ff", "d_gg");
            let error = serde_json::from_str::<ModelConfig>(&wrong).unwrap_err().to_string();
            assert!(error.contains("d_gg"), "{error}");
        }
    }
}

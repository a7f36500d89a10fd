//! What training is told to begin with: the weights of another run, or a vocabulary. Sizes that follow from it need not be
//! told, and one that is told must agree.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use model::{NormOrder, Tying};
use serde_json::{Map, Value, json};

use crate::data::vocabulary::Vocabulary;
use crate::run::config::{ModelConfig, RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::training::Init;

/// Settings by name.
pub(super) type Settings = Map<String, Value>;

/// What training begins with, where it is told.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Beginning<'a> {
    /// A run.
    pub(crate) init_from: Option<&'a Path>,
    /// A vocabulary.
    pub(crate) tokenizer: Option<&'a Path>,
}

/// Settings that follow from those that were told.
///
/// # Errors
///
/// If what they name can't be used.
pub(super) fn implied(command: &str, told: &Settings) -> Result<Settings> {
    let path = |name: &str| told.get(name).and_then(Value::as_str).map(Path::new);
    let mut settings = Settings::new();
    if let Some(run) = path("init_from") {
        let (_, config) = opened(run, command)?;
        for (name, value) in sizes(&config.model) {
            if name != "separate_vocabularies" || command == "translate" {
                settings.insert(name.to_owned(), value);
            }
        }
    } else if let Some(file) = path("tokenizer") {
        settings.insert("vocab".to_owned(), Vocabulary::open(file)?.size().into());
    }
    Ok(settings)
}

/// The run that a command can begin with.
fn opened(run: &Path, command: &str) -> Result<(RunFolder, RunConfig)> {
    let folder = RunFolder::open(run).context("--init-from")?;
    let config = folder.config().context("--init-from")?;
    let (task, model) = (config.task.trained(), &config.model);
    let fits = match (task, model) {
        (Task::Imported { .. }, ModelConfig::Transformer(_)) => command != "lm",
        _ => task.name() == command,
    };
    ensure!(
        fits,
        "--init-from {}: its model is one of `train {}`, which `train {command}` can't go on with",
        run.display(),
        task.name()
    );
    Ok((folder, config))
}

/// The settings that a model was made of.
fn sizes(model: &ModelConfig) -> Vec<(&'static str, Value)> {
    let common = |[vocab, layers, d_model, d_ff, heads]: [usize; 5], norm: NormOrder, dropout: f64| {
        vec![
            ("vocab", json!(vocab)),
            ("layers", json!(layers)),
            ("d_model", json!(d_model)),
            ("d_ff", json!(d_ff)),
            ("heads", json!(heads)),
            ("norm", json!(norm)),
            ("dropout", json!(dropout)),
        ]
    };
    match model {
        ModelConfig::Language(m) => {
            common([m.vocab, m.n_layers, m.d_model, m.d_ff, m.n_heads], m.norm, m.dropout)
        }
        ModelConfig::Transformer(m) => {
            let mut all = common([m.tgt_vocab, m.n_layers, m.d_model, m.d_ff, m.n_heads], m.norm, m.dropout);
            all.push(("separate_vocabularies", json!(m.tying == Tying::Decoder)));
            all
        }
    }
}

impl Beginning<'_> {
    /// Completes the configuration of a run that is going to be in the folder `out`.
    ///
    /// # Errors
    ///
    /// If what was told can't be used, or does not agree with the rest.
    pub(crate) fn complete(&self, config: &mut RunConfig, out: &Path) -> Result<()> {
        let (model, init) = match (self.init_from, self.tokenizer) {
            (None, None) => return Ok(()),
            (Some(_), Some(_)) => {
                bail!("--init-from takes the vocabulary of its run; leave --tokenizer out")
            }
            (Some(run), None) => {
                let is_itself =
                    out.canonicalize().is_ok_and(|out| run.canonicalize().is_ok_and(|run| run == out));
                let shown = out.display();
                ensure!(
                    !is_itself,
                    "--out {shown} is the run that training begins with; give another folder"
                );
                let (folder, found) = opened(run, config.task.name())?;
                (agreed(run, &found, config)?, Init::run(&folder)?)
            }
            (None, Some(file)) => {
                check_vocabulary(file, &config.model)?;
                (config.model.clone(), Init::tokenizer(file)?)
            }
        };
        config.model = model;
        if let Some(training) = &mut config.training {
            training.init = Some(init);
        }
        Ok(())
    }
}

/// The model of a run, with the dropout that is wanted now.
fn agreed(run: &Path, found: &RunConfig, wanted: &RunConfig) -> Result<ModelConfig> {
    for ((name, of_run), (_, told)) in sizes(&found.model).into_iter().zip(sizes(&wanted.model)) {
        let is_choice =
            name == "dropout" || (name == "separate_vocabularies" && wanted.task.name() == "copy");
        ensure!(
            is_choice || of_run == told,
            "{name} = {told}, but the model of --init-from {} has {of_run}; leave --{} out",
            run.display(),
            name.replace('_', "-")
        );
    }
    let tokens = |config: &RunConfig| (config.bos, config.eos, config.model.pad());
    ensure!(
        tokens(found) == tokens(wanted),
        "--init-from {}: its model begins, ends and fills up texts with other tokens than `train {}` does",
        run.display(),
        wanted.task.name()
    );
    Ok(match (found.model.clone(), &wanted.model) {
        (ModelConfig::Transformer(found), ModelConfig::Transformer(wanted)) => {
            ModelConfig::Transformer(model::TransformerConfig { dropout: wanted.dropout, ..found })
        }
        (ModelConfig::Language(found), ModelConfig::Language(wanted)) => {
            ModelConfig::Language(model::LanguageModelConfig { dropout: wanted.dropout, ..found })
        }
        (found, _) => found,
    })
}

fn check_vocabulary(file: &Path, model: &ModelConfig) -> Result<()> {
    let (vocabulary, shown) = (Vocabulary::open(file)?, file.display());
    let (found, wanted) = (vocabulary.size(), model.tgt_vocab());
    ensure!(
        vocabulary.has_no_gaps(),
        "{shown} can't be used: its {found} pieces must have the ids from 0 to {}",
        found.saturating_sub(1)
    );
    ensure!(found == wanted, "--vocab {wanted}, but {shown} has {found} pieces; leave --vocab out");
    let is_separate = matches!(model, ModelConfig::Transformer(model) if model.tying == Tying::Decoder);
    ensure!(
        !is_separate,
        "--tokenizer {shown} is one vocabulary for both languages; leave --separate-vocabularies out"
    );
    Ok(())
}

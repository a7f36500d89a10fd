//! Small language models that are trained anew, each with a seed of its own: how much of what the book's model shows is
//! luck?

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use burn::module::Module;
use burn::tensor::Device;
use model::{LanguageModel, LanguageModelConfig};
use serde::{Deserialize, Serialize};
use train::data::batch::Batch;
use train::data::texts::Windows;
use train::data::vocabulary::{BOS, EOS, PAD};
use train::run::config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use train::run::folder::RunFolder;
use train::run::reader::Reader;
use train::run::schedule::Schedule;
use train::run::training::TrainingConfig;
use train::training::examiner::{Examined, Examiner};
use train::training::progress::Step;
use train::training::session::{AT_RISK, Session};
use train::training::stop::Stop;
use train::training::trainable::mean_nll;
use train::training::trainer::Trainer;

use super::{Measured, wanted};
use crate::contract::experiment::Lab;
use crate::contract::spread::Spread;
use crate::contract::training::{Told, of_steps, said};

// ANCHOR: recipe
/// Half as large as the book's model, so that it learns in minutes.
/// In so few steps it reads no text often, and needs no dropout.
fn model(vocab: usize) -> LanguageModelConfig {
    let tiny = LanguageModelConfig::tiny(vocab);
    let (d_model, d_ff) = (128, 512);
    LanguageModelConfig { d_model, d_ff, dropout: 0.0, ..tiny }
}

/// Tokens of a step, and of a window.
const BATCH: usize = 2_048;
const WINDOW: usize = 128;
/// The highest learning rate, and the steps until it is reached.
const PEAK: f64 = 0.004;
const WARMUP: usize = 100;
// ANCHOR_END: recipe

/// All that is told of the small models.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Small {
    layers: usize,
    d_model: usize,
    pub(super) parameters: usize,
    pub(super) steps: usize,
    /// Tokens of the test split that the perplexities are of.
    tokens: usize,
    pub(super) runs: Vec<Run>,
    /// Over the models: frames that come out as expected, the mean of the bits, and the perplexity.
    pub(super) expected: Spread,
    pub(super) difference: Spread,
    pub(super) perplexity: Spread,
    /// For each frame, so many of the models are more surprised by the word that doesn't fit.
    models: Vec<usize>,
    /// Frames in which all models are, and in which none is.
    always: usize,
    never: usize,
    /// The frames that are asked of the book's model, and how many of these models have as many.
    wanted: f64,
    reached: usize,
    /// The perplexity of the book's model on the same tokens.
    pub(super) book: f64,
}

/// What came of a model.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) seed: u64,
    pub(super) perplexity: f64,
    /// Frames in which the word that doesn't fit surprises more, and by how many bits it does on average.
    pub(super) expected: usize,
    pub(super) difference: f64,
}

/// What small models are to learn, and how long.
pub(super) struct Plan<'a> {
    pub(super) corpus: &'a str,
    pub(super) seeds: &'a [u64],
    pub(super) steps: usize,
}

/// Trains a model for each seed on the tokens of the book's model, and asks them all the same frames, which `ask` does.
///
/// # Errors
///
/// If there is no such corpus, no room for temporary files, or the device fails.
pub(super) fn small(
    plan: &Plan<'_>,
    book: &Reader,
    lab: &Lab,
    ask: impl Fn(&Reader) -> Result<Vec<Measured>>,
) -> Result<Small> {
    let parent = tempfile::tempdir().context("cannot make a temporary folder")?;
    let windows = Windows::built_in(plan.corpus, book.vocabulary(), WINDOW, parent.path())?;
    let test = windows.test(BATCH)?;
    let measured = |model: &LanguageModel| mean_nll(model, test.iter().cloned().map(Ok), PAD, &lab.device);
    let (nll, tokens) = measured(&book.model)?;
    let config = model(book.vocabulary().size());
    let (mut runs, mut models, mut parameters) = (Vec::new(), Vec::new(), 0);
    for (number, &seed) in plan.seeds.iter().enumerate() {
        let told = |done: f64, what: &str| {
            let of = plan.seeds.len();
            lab.progress
                .at((number as f64 + done) / of as f64, &format!("model {} of {of}, {what}", number + 1));
        };
        let path = parent.path().join(seed.to_string());
        let reader = trained(plan, &config, (&windows, &test[..1]), seed, &path, lab, told)?;
        parameters = reader.model.num_params();
        let frames = ask(&reader)?;
        let right: Vec<bool> = frames.iter().map(|frame| frame.difference() > 0.0).collect();
        models.resize(right.len(), 0);
        models.iter_mut().zip(&right).for_each(|(models, &right)| *models += usize::from(right));
        runs.push(Run {
            seed,
            perplexity: measured(&reader.model)?.0.exp(),
            expected: right.iter().filter(|&&right| right).count(),
            difference: Spread::of(frames.iter().map(Measured::difference)).mean,
        });
    }
    let frames = |wanted: usize| models.iter().filter(|&&models| models == wanted).count();
    let wanted = wanted(models.len());
    Ok(Small {
        layers: config.n_layers,
        d_model: config.d_model,
        parameters,
        steps: plan.steps,
        tokens,
        expected: Spread::of(runs.iter().map(|run| run.expected as f64)),
        difference: Spread::of(runs.iter().map(|run| run.difference)),
        perplexity: Spread::of(runs.iter().map(|run| run.perplexity)),
        always: frames(runs.len()),
        never: frames(0),
        wanted,
        reached: runs.iter().filter(|run| run.expected as f64 >= wanted).count(),
        models,
        runs,
        book: nll.exp(),
    })
}

/// A model of a seed, trained in a run folder of its own.
fn trained(
    plan: &Plan<'_>,
    model: &LanguageModelConfig,
    (windows, valid): (&Windows<'_>, &[Batch]),
    seed: u64,
    path: &Path,
    lab: &Lab,
    told: impl Fn(f64, &str),
) -> Result<Reader> {
    let training = training(seed, plan.steps);
    let config = config(plan.corpus, model, &training);
    config.validate()?;
    let folder = RunFolder::create(path, &config, false)?;
    folder.save_shared(windows.vocabulary())?;
    let devices = [lab.device.clone()];
    let sizes = (config.model.d_model(), PAD);
    let session = Session {
        trainer: Trainer::new(|device| Ok(model.init(device)?), &training, sizes, &devices)?,
        source: windows.training(BATCH, seed)?,
        examiner: Glance { batches: valid, device: &lab.device },
        folder: &folder,
        progress: Told(|step: &Step| told(step.done, &said(step))),
        stop: Arc::new(Stop::default()),
        guessing: (windows.vocabulary().size() as f64).ln(),
        at_risk: AT_RISK,
    };
    session.run()?;
    Reader::open(folder.path(), &lab.device)
}

fn config(corpus: &str, model: &LanguageModelConfig, training: &TrainingConfig) -> RunConfig {
    let task = CorpusTask {
        corpus: corpus.to_owned(),
        folder: None,
        beside: None,
        content: None,
        source: None,
        target: None,
        length: WINDOW,
    };
    RunConfig {
        task: Task::Lm(task),
        model: ModelConfig::Language(model.clone()),
        bos: BOS,
        eos: Some(EOS),
        training: Some(training.clone()),
        device: None,
        versions: Versions::current(),
    }
}

fn training(seed: u64, steps: usize) -> TrainingConfig {
    let schedule = Schedule::Cosine { peak: PEAK, warmup: WARMUP };
    TrainingConfig { clip: Some(1.0), ..of_steps(steps, BATCH, schedule, seed) }
}

/// A session asks for an evaluation at its end. A batch will do: what is told is measured of the model that is saved.
struct Glance<'a> {
    batches: &'a [Batch],
    device: &'a Device,
}

impl Examiner<LanguageModel> for Glance<'_> {
    fn examine(&mut self, model: &LanguageModel) -> Result<Examined> {
        let (nll, _) = mean_nll(model, self.batches.iter().cloned().map(Ok), PAD, self.device)?;
        Ok(Examined { nll, ..Examined::default() })
    }
}

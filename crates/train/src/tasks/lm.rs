//! Language modelling: windows of text to train on, examined by likelihood and by going on with a text.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use burn::tensor::Device;
use model::LanguageModel;

use super::generation::{Generation, continued};
use super::harness::Training;
use crate::data::corpus::{Corpus, Split};
use crate::data::dataset::{CorpusBatches, Store, learn_text};
use crate::data::texts::Windows;
use crate::data::vocabulary::{PAD, Vocabulary};
use crate::run::config::{CorpusTask, RunConfig};
use crate::run::training::TrainingConfig;
use crate::run::vocabularies;
use crate::training::examiner::{Examined, Examiner, Sample};
use crate::training::trainable::mean_nll;
use crate::training::trainer::Trainer;

/// Tokens of a batch of the validation split.
const VALIDATION_BATCH: usize = 4_096;
/// Tokens of the sample that is shown at every evaluation.
const SAMPLE: usize = 48;

/// Learns the vocabulary from the training split alone, unless training begins with one.
pub(crate) fn learn(corpus: &Corpus, config: &RunConfig) -> Result<Vocabulary> {
    match config.training.as_ref().and_then(|training| training.init.as_ref()) {
        Some(init) => Ok(init.vocabularies()?.target),
        None => learn_text(corpus, config.model.tgt_vocab()),
    }
}

/// Trains a model from where it is.
pub(super) fn run<W: Write>(
    training: &mut Training<'_, W>,
    task: &CorpusTask,
    trainer: Trainer<LanguageModel>,
) -> Result<ExitCode> {
    let Training { folder, config, devices, .. } = *training;
    let corpus = task.open(folder.path())?;
    let vocabulary = vocabularies::open(folder, config)?.target;
    let prompt = corpus.texts(Split::Valid)?.next().transpose()?.unwrap_or_default();
    let windows = Windows::new(corpus, &vocabulary, task.length, folder.data()?);
    let TrainingConfig { batch_size, seed, .. } = *trainer.config();
    let source = windows.training(batch_size, seed)?;
    let examiner = Continuations {
        valid: windows.store(Split::Valid)?,
        prompt: prompt.split_whitespace().take(6).collect::<Vec<_>>().join(" "),
        vocabulary: vocabulary.clone(),
        context: task.length,
        device: devices[0].clone(),
    };
    Ok(training.carry_out(trainer, source, examiner)?.break_value().unwrap_or(ExitCode::SUCCESS))
}

/// Evaluates by the likelihood of the validation split, and by going on with its first words.
struct Continuations {
    valid: Store,
    prompt: String,
    vocabulary: Vocabulary,
    context: usize,
    device: Device,
}

impl Examiner<LanguageModel> for Continuations {
    fn examine(&mut self, model: &LanguageModel) -> Result<Examined> {
        let batches = CorpusBatches::all(&self.valid, VALIDATION_BATCH);
        let (nll, _) = mean_nll(model, batches, PAD, &self.device)?;
        let generation = Generation { tokens: SAMPLE.min(self.context), ..Generation::default() };
        let output = continued(model, &self.vocabulary, &self.prompt, &generation, &self.device)?;
        let samples = vec![Sample { source: Some(self.prompt.clone()), reference: None, output }];
        Ok(Examined { nll, bleu: None, samples })
    }
}

//! `train lm`: trains a language model.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use burn::tensor::Device;
use model::{LanguageModel, LanguageModelConfig};

use crate::corpus::{Corpus, Split};
use crate::dashboard::Sample;
use crate::dataset::{CorpusBatches, Store, Vocabularies, check_context, encode_text, learn_text, origin};
use crate::device::{DeviceName, joined, open_all};
use crate::generate::{Generation, continued};
use crate::resume::{carry_out, train};
use crate::run_config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use crate::run_folder::RunFolder;
use crate::settings::{RunArgs, Settings};
use crate::training::{Ending, Examined, Examiner, STOPPED, Trainer, mean_nll};
use crate::vocabulary::{BOS, EOS, PAD, Vocabulary, check_size};

/// Tokens of a batch of the validation split.
const VALIDATION_BATCH: usize = 4_096;
/// Tokens of the sample that is shown at every evaluation.
const SAMPLE: usize = 48;

fn defaults() -> Settings {
    Settings {
        corpus: Some("austen".to_owned()),
        vocab: Some(4_000),
        context: Some(128),
        layers: Some(4),
        d_model: Some(256),
        d_ff: Some(1_024),
        heads: Some(4),
        dropout: Some(0.1),
        norm: Some("pre".to_owned()),
        batch_tokens: Some(2_048),
        accumulate: Some(1),
        schedule: Some("cosine".to_owned()),
        lr: Some(1e-3),
        warmup: Some(200),
        label_smoothing: Some(0.0),
        clip: Some(1.0),
        keep_best: Some(3),
        keep_last: Some(3),
        seed: Some(1),
        ..Settings::default()
    }
}

/// Makes a run folder, learns the vocabulary, and trains.
///
/// # Errors
///
/// If a setting makes no sense, or the corpus or the run folder can't be used.
pub fn language_model(args: &RunArgs, names: &[DeviceName], output: &mut impl Write) -> Result<ExitCode> {
    let settings = Settings::resolve(&args.settings, args.config.as_deref(), &defaults())?;
    let corpus = Corpus::find(settings.corpus.as_deref().unwrap_or_default(), &args.data)?;
    drop(corpus.texts(Split::Valid)?); // a corpus without validation is refused before anything is made
    let task = CorpusTask {
        corpus: corpus.info().name.clone(),
        folder: corpus.lasting_folder()?,
        source: None,
        target: None,
        length: settings.context.unwrap_or(128),
    };
    check_context(task.length)?;
    let config = RunConfig {
        task: Task::Lm(task),
        model: ModelConfig::Language(sizes(&settings)?),
        bos: BOS,
        eos: Some(EOS),
        training: Some(settings.training()?),
        device: Some(joined(names)),
        versions: Versions::current(),
    };
    config.validate()?;
    let devices = open_all(names)?;
    let folder = RunFolder::claim(&args.out, args.force)?;
    let vocabulary =
        folder.begin(&config, Some(&settings), || learn_text(&corpus, config.model.tgt_vocab()))?;
    folder.save_shared(&vocabulary)?;
    train(&folder, &config, None, &devices, output)
}

fn sizes(settings: &Settings) -> Result<LanguageModelConfig> {
    let vocab = settings.vocab.unwrap_or(4_000);
    check_size(vocab)?;
    Ok(LanguageModelConfig {
        vocab,
        n_layers: settings.layers.unwrap_or(4),
        d_model: settings.d_model.unwrap_or(256),
        d_ff: settings.d_ff.unwrap_or(1_024),
        n_heads: settings.heads.unwrap_or(4),
        dropout: settings.dropout.unwrap_or(0.1),
        norm: settings.norm_order()?,
        eps: 1e-5,
        tied: true,
    })
}

/// Trains a model from where it is.
pub(crate) fn run(
    folder: &RunFolder,
    config: &RunConfig,
    task: &CorpusTask,
    trainer: Trainer<LanguageModel>,
    device: &Device,
    output: &mut impl Write,
) -> Result<ExitCode> {
    let corpus = task.open()?;
    if !folder.has_vocabularies() {
        folder.save_shared(&learn_text(&corpus, config.model.tgt_vocab())?)?; // It was killed before they were saved.
    }
    let vocabulary = Vocabularies::open(folder, config)?.target;
    let encoded = |split: Split| -> Result<Store> {
        let path = folder.data()?.join(format!("{}.ids", split.name()));
        let origin = origin(&corpus, split, &[&vocabulary], task.length)?;
        let made = Store::make(&path, &origin, |writer| {
            encode_text(&corpus, split, &vocabulary, task.length, writer)
        });
        Ok(made?.0)
    };
    let training = trainer.config();
    let source = CorpusBatches::new(encoded(Split::Train)?, training.batch_size, training.seed);
    let prompt = corpus.texts(Split::Valid)?.next().transpose()?.unwrap_or_default();
    let examiner = Continuations {
        valid: encoded(Split::Valid)?,
        prompt: prompt.split_whitespace().take(6).collect::<Vec<_>>().join(" "),
        vocabulary,
        context: task.length,
        device: device.clone(),
    };
    let guessing = (config.model.tgt_vocab() as f64).ln();
    let (_, ending) = carry_out(folder, trainer, source, examiner, guessing, output)?;
    Ok(if ending == Ending::Stopped { ExitCode::from(STOPPED) } else { ExitCode::SUCCESS })
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

//! `train translate`: trains an encoder-decoder model to translate.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use burn::tensor::Device;
use model::{Transformer, TransformerConfig, Tying};

use crate::bleu::corpus_bleu;
use crate::corpus::{Corpus, Split};
use crate::dashboard::Sample;
use crate::dataset::{CorpusBatches, Store, Vocabularies, encode_pairs};
use crate::decode::{DecodePlan, decode};
use crate::device::{DeviceName, joined, open_all};
use crate::resume::carry_out;
use crate::run_config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use crate::run_folder::RunFolder;
use crate::settings::{RunArgs, Settings};
use crate::training::{Ending, Examined, Examiner, STOPPED, Trainer, mean_nll};
use crate::vocabulary::{Alphabet, BOS, EOS, PAD, Vocabulary};

/// Pairs of the validation split whose translations are compared with the references at every evaluation.
const COMPARED: usize = 500;
/// Translations that are shown at every evaluation.
const SHOWN: usize = 3;
/// Tokens of a batch of the validation split.
const VALIDATION_BATCH: usize = 4_096;

fn defaults() -> Settings {
    Settings {
        corpus: Some("ding".to_owned()),
        vocab: Some(8_000),
        separate_vocabularies: Some(false),
        max_length: Some(100),
        layers: Some(3),
        d_model: Some(256),
        d_ff: Some(1_024),
        heads: Some(4),
        dropout: Some(0.1),
        norm: Some("pre".to_owned()),
        batch_tokens: Some(2_048),
        accumulate: Some(1),
        schedule: Some("noam".to_owned()),
        lr_factor: Some(1.0),
        warmup: Some(1_000),
        label_smoothing: Some(0.1),
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
pub fn translate(args: &RunArgs, names: &[DeviceName], output: &mut impl Write) -> Result<ExitCode> {
    let settings = Settings::resolve(&args.settings, args.config.as_deref(), &defaults())?;
    let corpus = Corpus::find(settings.corpus.as_deref().unwrap_or_default(), &args.data)?;
    let info = corpus.info();
    drop(corpus.pairs(Split::Valid)?); // a corpus without validation is refused before anything is made
    let config = RunConfig {
        task: Task::Translate(CorpusTask {
            corpus: info.name.clone(),
            folder: std::path::absolute(corpus.folder())?,
            source: info.source.clone(),
            target: info.target.clone(),
            length: settings.max_length.unwrap_or(100),
        }),
        model: ModelConfig::Transformer(sizes(&settings)?),
        bos: BOS,
        eos: Some(EOS),
        training: Some(settings.training()?),
        device: Some(joined(names)),
        versions: Versions::current(),
    };
    config.validate()?;
    let devices = open_all(names)?;
    let folder = RunFolder::claim(&args.out, args.force)?;
    learn_vocabularies(&folder, &corpus, &settings)?;
    settings.save(&folder.path().join("settings.toml"))?;
    folder.write_config(&config)?;
    let training = config.training.clone().context("no training")?;
    let trainer = Trainer::new(
        |device| Ok(config.transformer()?.init(device)?),
        &training,
        (config.model.d_model(), PAD),
        &devices,
    )?;
    let Task::Translate(task) = &config.task else { unreachable!("it was just made") };
    run(&folder, &config, task, trainer, &devices[0], output)
}

fn sizes(settings: &Settings) -> Result<TransformerConfig> {
    let vocab = settings.vocab.unwrap_or(8_000);
    let separate = settings.separate_vocabularies == Some(true);
    Ok(TransformerConfig {
        src_vocab: vocab,
        tgt_vocab: vocab,
        n_layers: settings.layers.unwrap_or(3),
        d_model: settings.d_model.unwrap_or(256),
        d_ff: settings.d_ff.unwrap_or(1_024),
        n_heads: settings.heads.unwrap_or(4),
        dropout: settings.dropout.unwrap_or(0.1),
        norm: settings.norm_order()?,
        eps: 1e-6,
        tying: if separate { Tying::Decoder } else { Tying::All },
        generator_bias: true,
        pad: PAD,
    })
}

/// Learns from the training split alone.
fn learn_vocabularies(folder: &RunFolder, corpus: &Corpus, settings: &Settings) -> Result<()> {
    let size = settings.vocab.unwrap_or(8_000);
    let side = |target: bool| -> Result<Vec<String>> {
        let side = |pair: Result<(String, String)>| pair.map(|(a, b)| if target { b } else { a });
        corpus.pairs(Split::Train)?.map(side).collect()
    };
    let learn = |lines: Vec<String>| Vocabulary::train(lines.into_iter(), size, Alphabet::Characters);
    if settings.separate_vocabularies == Some(true) {
        folder.save_separate(&learn(side(false)?)?, &learn(side(true)?)?)
    } else {
        folder.save_shared(&learn([side(false)?, side(true)?].concat())?)
    }
}

/// Trains a model from where it is.
pub(crate) fn run(
    folder: &RunFolder,
    config: &RunConfig,
    task: &CorpusTask,
    trainer: Trainer<Transformer>,
    device: &Device,
    output: &mut impl Write,
) -> Result<ExitCode> {
    let corpus = Corpus::open(&task.folder)?;
    let [source, target] = folder.vocabularies()?;
    let vocabularies = Vocabularies { source, target };
    let train = encoded(folder, &corpus, Split::Train, &vocabularies, task.length)?;
    let valid = encoded(folder, &corpus, Split::Valid, &vocabularies, task.length)?;
    let training = trainer.config();
    let source = CorpusBatches::new(train, training.batch_size, training.seed);
    let examiner = Translations::new(&corpus, valid, vocabularies, config, device)?;
    let guessing = (config.model.tgt_vocab() as f64).ln();
    let (_, ending) = carry_out(folder, trainer, source, examiner, guessing, output)?;
    Ok(if ending == Ending::Stopped { ExitCode::from(STOPPED) } else { ExitCode::SUCCESS })
}

fn encoded(
    folder: &RunFolder,
    corpus: &Corpus,
    split: Split,
    vocabularies: &Vocabularies,
    longest: usize,
) -> Result<Store> {
    let path = folder.data()?.join(format!("{}.ids", split.name()));
    let (store, found) =
        Store::make(&path, |writer| encode_pairs(corpus, split, vocabularies, longest, writer))?;
    if found.too_long > 0 {
        let (name, all) = (split.name(), found.examples + found.too_long);
        eprintln!(
            "{} of {all} pairs of the {name} split have more than {longest} tokens on a side and are left out",
            found.too_long
        );
    }
    Ok(store)
}

/// Evaluates by the likelihood of the validation split, and by translating its beginning.
struct Translations {
    valid: Store,
    sources: Vec<Vec<usize>>,
    texts: Vec<(String, String)>,
    vocabularies: Vocabularies,
    config: RunConfig,
    device: Device,
}

impl Translations {
    fn new(
        corpus: &Corpus,
        valid: Store,
        vocabularies: Vocabularies,
        config: &RunConfig,
        device: &Device,
    ) -> Result<Self> {
        let texts = corpus.pairs(Split::Valid)?.take(COMPARED).collect::<Result<Vec<_>>>()?;
        let sources =
            sources(&vocabularies.source, texts.iter().map(|(source, _)| source.clone()).collect())?;
        Ok(Self { valid, sources, texts, vocabularies, config: config.clone(), device: device.clone() })
    }
}

/// Sources as the encoder reads them.
pub(crate) fn sources(vocabulary: &Vocabulary, texts: Vec<String>) -> Result<Vec<Vec<usize>>> {
    let mut sources = vocabulary.encode_all(texts)?;
    sources.iter_mut().for_each(|source| source.push(EOS));
    Ok(sources)
}

impl Examiner<Transformer> for Translations {
    fn examine(&mut self, model: &Transformer) -> Result<Examined> {
        let batches = CorpusBatches::all(&self.valid, VALIDATION_BATCH);
        let (nll, _) = mean_nll(model, batches, PAD, &self.device)?;
        let written = decode(&DecodePlan::greedy(), &self.config, model, &self.sources, &self.device);
        let outputs = written
            .iter()
            .map(|hypothesis| self.vocabularies.target.decode(&hypothesis.ids))
            .collect::<Result<Vec<String>>>()?;
        let references: Vec<&str> = self.texts.iter().map(|(_, target)| target.as_str()).collect();
        let bleu = corpus_bleu(&outputs, &references).score;
        let sample = |((source, reference), output): (&(String, String), &String)| Sample {
            source: Some(source.clone()),
            reference: Some(reference.clone()),
            output: output.clone(),
        };
        let samples = self.texts.iter().zip(&outputs).take(SHOWN).map(sample).collect();
        Ok(Examined { nll, bleu: Some(bleu), samples })
    }
}

//! `train translate`: trains an encoder-decoder model to translate.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use model::{Transformer, TransformerConfig, Tying};

use crate::bleu::corpus_bleu;
use crate::corpus::{Corpus, Split};
use crate::dashboard::Sample;
use crate::dataset::{
    CorpusBatches, Store, Vocabularies, check_length, encode_pairs, learn_separate, learn_shared, origin,
};
use crate::decode::{DecodePlan, decode};
use crate::device::{DeviceName, joined, open_all};
use crate::resume::{carry_out, train};
use crate::run_config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use crate::run_folder::RunFolder;
use crate::settings::{RunArgs, Settings};
use crate::training::{Ending, Examined, Examiner, STOPPED, Trainer, mean_nll};
use crate::vocabulary::{BOS, EOS, PAD, Vocabulary, check_size};

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
    let longest = settings.max_length.unwrap_or(100);
    let config = RunConfig {
        task: Task::Translate(CorpusTask {
            corpus: info.name.clone(),
            folder: corpus.lasting_folder()?,
            source: info.source.clone(),
            target: info.target.clone(),
            length: longest,
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
    let vocabularies = folder.begin(&config, Some(&settings), || {
        let learnt = learn(&corpus, &config)?;
        check_pairs(&corpus, &learnt, longest)?;
        Ok(learnt)
    })?;
    save(&vocabularies, &folder, &config)?;
    train(&folder, &config, None, &devices, output)
}

fn sizes(settings: &Settings) -> Result<TransformerConfig> {
    let vocab = settings.vocab.unwrap_or(8_000);
    check_size(vocab)?;
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

fn are_separate(config: &RunConfig) -> Result<bool> {
    Ok(config.transformer()?.tying == Tying::Decoder)
}

/// Learns the vocabularies from the training split alone.
fn learn(corpus: &Corpus, config: &RunConfig) -> Result<Vocabularies> {
    let size = config.model.tgt_vocab();
    if are_separate(config)? {
        return learn_separate(corpus, size);
    }
    let shared = learn_shared(corpus, size)?;
    Ok(Vocabularies { source: shared.clone(), target: shared })
}

fn save(vocabularies: &Vocabularies, folder: &RunFolder, config: &RunConfig) -> Result<()> {
    let Vocabularies { source, target } = vocabularies;
    if are_separate(config)? { folder.save_separate(source, target) } else { folder.save_shared(source) }
}

/// Makes sure that there are pairs that are short enough, which is known when the first one is found.
fn check_pairs(corpus: &Corpus, vocabularies: &Vocabularies, longest: usize) -> Result<()> {
    let Vocabularies { source, target } = vocabularies;
    let fits = |(src, tgt): (String, String)| -> Result<bool> {
        Ok(source.encode(&src)?.len() < longest && target.encode(&tgt)?.len() < longest)
    };
    for split in [Split::Train, Split::Valid] {
        let mut fitting =
            corpus.pairs(split)?.map(|pair| fits(pair?)).filter(|fits| !matches!(fits, Ok(false)));
        ensure!(
            fitting.next().transpose()?.is_some(),
            "no pair of the {} split has at most --max-length {longest} tokens on both sides",
            split.name()
        );
    }
    Ok(())
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
    let corpus = task.open()?;
    if !folder.has_vocabularies() {
        save(&learn(&corpus, config)?, folder, config)?; // It was killed before they were saved.
    }
    let vocabularies = Vocabularies::open(folder, config)?;
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
    let origin = origin(corpus, split, &[&vocabularies.source, &vocabularies.target], longest)?;
    let (store, found) =
        Store::make(&path, &origin, |writer| encode_pairs(corpus, split, vocabularies, longest, writer))?;
    if found.too_long > 0 {
        let (name, all, left_out) = (split.name(), found.examples + found.too_long, found.too_long);
        // A standard error that is closed is no reason to stop.
        let _ = writeln!(
            io::stderr(),
            "{left_out} of {all} pairs of the {name} split have more than {longest} tokens on a side and are left out"
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
        let read = ended(&vocabularies.source, texts.iter().map(|(source, _)| source.clone()).collect())?;
        // One that is far too long is among those that were left out, and reported, when the split was encoded.
        let pairs = texts.into_iter().zip(read);
        let (texts, sources) = pairs.filter(|(_, read)| check_length(read.len(), config).is_ok()).unzip();
        Ok(Self { valid, sources, texts, vocabularies, config: config.clone(), device: device.clone() })
    }
}

/// Sources as the encoder reads them.
fn ended(vocabulary: &Vocabulary, texts: Vec<String>) -> Result<Vec<Vec<usize>>> {
    let mut sources = vocabulary.encode_all(texts)?;
    sources.iter_mut().for_each(|source| source.push(EOS));
    Ok(sources)
}

/// The same, but one that is far too long is refused; `place` names it by its index.
pub(crate) fn sources(
    vocabulary: &Vocabulary,
    texts: Vec<String>,
    config: &RunConfig,
    place: impl Fn(usize) -> String,
) -> Result<Vec<Vec<usize>>> {
    let sources = ended(vocabulary, texts)?;
    for (index, source) in sources.iter().enumerate() {
        check_length(source.len(), config).with_context(|| place(index))?;
    }
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

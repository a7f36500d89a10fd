//! Translation: pairs of sentences to train on, examined by likelihood and by BLEU.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use model::{Transformer, Tying};

use super::bleu::corpus_bleu;
use super::decoding::{DecodePlan, decode};
use super::harness::Training;
use crate::data::corpus::{Corpus, Split};
use crate::data::dataset::{
    CorpusBatches, Store, Vocabularies, encode_pairs, learn_separate, learn_shared, no_pair, origin,
};
use crate::data::vocabulary::{EOS, PAD, Vocabulary};
use crate::run::config::{CorpusTask, RunConfig};
use crate::run::folder::RunFolder;
use crate::run::training::Init;
use crate::run::training::TrainingConfig;
use crate::run::vocabularies::{self, check_length};
use crate::training::examiner::{Examined, Examiner, Sample};
use crate::training::trainable::mean_nll;
use crate::training::trainer::Trainer;
use crate::words::counted;

/// Pairs of the validation split whose translations are compared with the references at every evaluation.
const COMPARED: usize = 500;
/// Translations that are shown at every evaluation.
const SHOWN: usize = 3;
/// Tokens of a batch of the validation split.
const VALIDATION_BATCH: usize = 4_096;

fn are_separate(config: &RunConfig) -> Result<bool> {
    Ok(config.transformer()?.tying == Tying::Decoder)
}

/// Learns the vocabularies from the training split alone, unless training begins with some.
pub(crate) fn learn(corpus: &Corpus, config: &RunConfig) -> Result<Vocabularies> {
    if let Some(init) = config.training.as_ref().and_then(|training| training.init.as_ref()) {
        return init.vocabularies();
    }
    let size = config.model.tgt_vocab();
    if are_separate(config)? {
        return learn_separate(corpus, size);
    }
    let shared = learn_shared(corpus, size)?;
    Ok(Vocabularies { source: shared.clone(), target: shared })
}

pub(crate) fn save(vocabularies: &Vocabularies, folder: &RunFolder, config: &RunConfig) -> Result<()> {
    let Vocabularies { source, target } = vocabularies;
    if let Some(run) = run_of(config)? {
        return folder.copy_vocabularies(&run);
    }
    if are_separate(config)? { folder.save_separate(source, target) } else { folder.save_shared(source) }
}

/// The run that training begins with.
fn run_of(config: &RunConfig) -> Result<Option<RunFolder>> {
    let init = config.training.as_ref().and_then(|training| training.init.as_ref());
    Ok(init.map(Init::folder).transpose()?.flatten())
}

/// Makes sure that there are pairs that are short enough, which is known when the first one is found.
pub(crate) fn check_pairs(corpus: &Corpus, vocabularies: &Vocabularies, longest: usize) -> Result<()> {
    let Vocabularies { source, target } = vocabularies;
    let fits = |(src, tgt): (String, String)| -> Result<bool> {
        Ok(source.encode(&src)?.len() < longest && target.encode(&tgt)?.len() < longest)
    };
    for split in [Split::Train, Split::Valid] {
        let mut fitting =
            corpus.pairs(split)?.map(|pair| fits(pair?)).filter(|fits| !matches!(fits, Ok(false)));
        ensure!(fitting.next().transpose()?.is_some(), "{}", no_pair(split, longest));
    }
    Ok(())
}

/// Trains a model from where it is.
pub(super) fn run<W: Write>(
    training: &mut Training<'_, W>,
    task: &CorpusTask,
    trainer: Trainer<Transformer>,
) -> Result<ExitCode> {
    let Training { folder, config, devices, .. } = *training;
    let corpus = task.open(folder.path())?;
    let vocabularies = vocabularies::open(folder, config)?;
    let train = encoded(folder, &corpus, Split::Train, &vocabularies, task.length)?;
    let valid = encoded(folder, &corpus, Split::Valid, &vocabularies, task.length)?;
    let TrainingConfig { batch_size, seed, .. } = *trainer.config();
    let source = CorpusBatches::new(train, batch_size, seed);
    let examiner = Translations::new(&corpus, valid, vocabularies, config, &devices[0])?;
    Ok(training.carry_out(trainer, source, examiner)?.break_value().unwrap_or(ExitCode::SUCCESS))
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
        let (name, all) = (split.name(), found.examples + found.too_long);
        let (have, are) = if found.too_long == 1 { ("has", "is") } else { ("have", "are") };
        // A standard error that is closed is no reason to stop.
        let _ = writeln!(
            io::stderr(),
            "{} of {} of the {name} split {have} more than {} on a side and {are} left out",
            found.too_long,
            counted(all, "pair"),
            counted(longest, "token")
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
pub(crate) fn ended(vocabulary: &Vocabulary, texts: Vec<String>) -> Result<Vec<Vec<usize>>> {
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

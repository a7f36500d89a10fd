//! `train eval`: how good a model is on a split of its corpus.

use std::f64::consts::LN_2;
use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use burn::tensor::Device;
use model::Transformer;
use serde::Serialize;

use crate::data::corpus::{Corpus, Split, warn_of_overlap};
use crate::data::dataset::{
    CorpusBatches, Encoded, Store, Vocabularies, Writer, chunk, encode_pairs, encode_text,
};
use crate::data::vocabulary::PAD;
use crate::run::config::{CorpusTask, RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::vocabularies;
use crate::tasks::bleu::{Bleu, Counts, SIGNATURE};
use crate::tasks::decoding::{DecodePlan, decode};
use crate::tasks::translate::sources;
use crate::training::trainable::{Trainable, mean_nll};
use crate::words::counted;

/// Tokens of a batch.
const BATCH: usize = 4_096;

/// What is to be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EvalPlan {
    /// The split.
    pub(crate) split: Split,
    /// Another corpus than the one trained on.
    pub(crate) corpus: Option<String>,
    /// At most so many lines are translated.
    pub(crate) limit: Option<usize>,
    /// How to translate.
    pub(crate) decoding: DecodePlan,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
struct Report {
    split: &'static str,
    /// Sentences or windows.
    examples: usize,
    /// Sentences that were too long for the likelihood.
    too_long: usize,
    tokens: u64,
    /// Negative log-likelihood per token, in nats.
    nll: f64,
    perplexity: f64,
    /// Of the target's UTF-8.
    bits_per_byte: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bleu: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bleu_detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'static str>,
}

/// Evaluates a run's model and prints what was found.
///
/// # Errors
///
/// If the run folder or the corpus can't be used.
pub(crate) fn run(
    folder: &RunFolder,
    plan: &EvalPlan,
    data: &Path,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    let config = folder.config()?;
    let report = match config.task.trained() {
        Task::Translate(task) => {
            let corpus = corpus(folder.path(), task, plan, data)?;
            translations(folder, &config, task, &corpus, plan, device)?
        }
        Task::Lm(task) => {
            let corpus = corpus(folder.path(), task, plan, data)?;
            let vocabulary = vocabularies::open(folder, &config)?.target;
            let (store, encoded) =
                temporary(|writer| encode_text(&corpus, plan.split, &vocabulary, task.length, writer))?;
            let model = folder.language_model(&config, device)?;
            report(&model, &store, encoded, plan.split, device)?
        }
        other => bail!("the run is about {:?}, which has no corpus to evaluate on", other.name()),
    };
    if plan.decoding.json {
        writeln!(output, "{}", serde_json::to_string(&report)?)?;
        return Ok(());
    }
    let Report { split, examples, too_long, tokens, nll, perplexity, bits_per_byte, .. } = &report;
    let (examples, tokens) = (counted(*examples, "example"), counted(*tokens as usize, "token"));
    writeln!(output, "{split}: {examples}, {tokens}")?;
    match too_long {
        0 => {}
        1 => writeln!(output, "1 more was too long for the likelihood; it was translated all the same")?,
        more => writeln!(
            output,
            "{more} more were too long for the likelihood; they were translated all the same"
        )?,
    }
    writeln!(
        output,
        "NLL {nll:.4} nats a token, perplexity {perplexity:.2}, {bits_per_byte:.4} bits a byte"
    )?;
    if let (Some(detail), Some(signature)) = (&report.bleu_detail, report.signature) {
        writeln!(output, "{detail}\n{signature}")?;
    }
    Ok(())
}

/// The corpus to evaluate on. What its split has in common with what the model was trained on is said.
fn corpus(run: &Path, task: &CorpusTask, plan: &EvalPlan, data: &Path) -> Result<Corpus> {
    let Some(name) = &plan.corpus else {
        let corpus = task.open(run)?;
        warn_of_overlap(&corpus, &corpus, &[plan.split])?;
        return Ok(corpus);
    };
    let corpus = Corpus::find(name, data)?;
    // The one that it was trained on need not be there any more, nor whole.
    if let Ok(trained) = task.open(run) {
        let _ = warn_of_overlap(&trained, &corpus, &[plan.split]);
    }
    Ok(corpus)
}

/// A store for this evaluation alone.
fn temporary(encode: impl FnOnce(&mut Writer) -> Result<Encoded>) -> Result<(Store, Encoded)> {
    let folder = tempfile::tempdir()?;
    let mut writer = Writer::create(&folder.path().join("ids"))?;
    let encoded = encode(&mut writer)?;
    Ok((writer.finish()?.keep(folder), encoded))
}

fn report<M: Trainable>(
    model: &M,
    store: &Store,
    encoded: Encoded,
    split: Split,
    device: &Device,
) -> Result<Report> {
    let (nll, _) = mean_nll(model, CorpusBatches::all(store, BATCH), PAD, device)?;
    ensure!(
        nll.is_finite(),
        "the NLL of the {} split is {nll}: the model's weights are too large to be computed with",
        split.name()
    );
    Ok(Report {
        split: split.name(),
        examples: encoded.examples,
        too_long: encoded.too_long,
        tokens: encoded.target_tokens,
        nll,
        perplexity: nll.exp(),
        bits_per_byte: nll * encoded.target_tokens as f64 / encoded.target_bytes as f64 / LN_2,
        bleu: None,
        bleu_detail: None,
        signature: None,
    })
}

fn translations(
    folder: &RunFolder,
    config: &RunConfig,
    task: &CorpusTask,
    corpus: &Corpus,
    plan: &EvalPlan,
    device: &Device,
) -> Result<Report> {
    let model = folder.model(config, device)?;
    let vocabularies = vocabularies::open(folder, config)?;
    let (store, encoded) =
        temporary(|writer| encode_pairs(corpus, plan.split, &vocabularies, task.length, writer))?;
    let mut found = report(&model, &store, encoded, plan.split, device)?;
    let bleu = compared(&model, &vocabularies, config, corpus, plan, device)?;
    found.bleu = Some(bleu.score);
    found.bleu_detail = Some(bleu.to_string());
    found.signature = Some(SIGNATURE);
    Ok(found)
}

/// How well the model's translations match the references. Sentences are read and translated a chunk at a time.
fn compared(
    model: &Transformer,
    vocabularies: &Vocabularies,
    config: &RunConfig,
    corpus: &Corpus,
    plan: &EvalPlan,
    device: &Device,
) -> Result<Bleu> {
    let mut pairs = corpus.pairs(plan.split)?.take(plan.limit.unwrap_or(usize::MAX));
    let (mut counts, mut before) = (Counts::default(), 0);
    loop {
        let chunk = chunk(&mut pairs, |(source, target)| source.len() + target.len())?;
        if chunk.is_empty() {
            return Ok(counts.bleu());
        }
        let (texts, translations): (Vec<String>, Vec<String>) = chunk.into_iter().unzip();
        let place = |index| {
            let (line, split, folder) = (before + index + 1, plan.split.name(), corpus.folder().display());
            format!("line {line} of the {split} split of {folder}")
        };
        let read = sources(&vocabularies.source, texts, config, place)?;
        let written = decode(&plan.decoding, config, model, &read, device);
        for (hypothesis, reference) in written.iter().zip(&translations) {
            counts.add(&vocabularies.target.decode(&hypothesis.ids)?, reference);
        }
        before += translations.len();
    }
}

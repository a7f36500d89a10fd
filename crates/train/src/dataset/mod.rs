//! A corpus as token ids: on disk in blocks, so that however large it is one block is in memory, and in batches of
//! similar lengths.

mod batches;
mod store;

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

pub use batches::CorpusBatches;
pub use store::{Block, Example, Store, Writer};

use crate::corpus::{Corpus, Split};
use crate::vocabulary::{BOS, EOS, Vocabulary};

/// Lines that are encoded at a time.
const CHUNK: usize = 4_096;

/// The vocabularies of a pair of languages, which may be one.
#[derive(Clone, Debug)]
pub struct Vocabularies {
    /// Of the source.
    pub source: Vocabulary,
    /// Of the target.
    pub target: Vocabulary,
}

/// What became of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encoded {
    /// Examples kept.
    pub examples: usize,
    /// Sentences left out for having more tokens than allowed.
    pub too_long: usize,
    /// Tokens to predict.
    pub target_tokens: u64,
    /// Bytes of UTF-8 that those tokens stand for.
    pub target_bytes: u64,
}

/// Encodes the pairs of a split: the source ends with EOS, the target begins with BOS and ends with EOS.
///
/// A pair with more than `longest` tokens on a side, its end included, is left out and counted.
///
/// # Errors
///
/// If the corpus can't be read, or nothing is left.
pub fn encode_pairs(
    corpus: &Corpus,
    split: Split,
    vocabularies: &Vocabularies,
    longest: usize,
    store: &mut Writer,
) -> Result<Encoded> {
    let mut encoded = Encoded::default();
    let progress = bar(corpus.info().counts.of(split), &format!("encoding the {} split", split.name()));
    let mut pairs = corpus.pairs(split)?;
    loop {
        let (mut sources, mut targets) = (Vec::new(), Vec::new());
        for pair in pairs.by_ref().take(CHUNK) {
            let (source, target) = pair?;
            sources.push(source);
            targets.push(target);
        }
        if sources.is_empty() {
            break;
        }
        progress.inc(sources.len() as u64);
        let bytes: Vec<usize> = targets.iter().map(String::len).collect();
        let sources = vocabularies.source.encode_all(sources)?;
        let targets = vocabularies.target.encode_all(targets)?;
        for ((mut src, tgt), bytes) in sources.into_iter().zip(targets).zip(bytes) {
            src.push(EOS);
            let tgt = [&[BOS], &tgt[..], &[EOS]].concat();
            if src.len() > longest || tgt.len() - 1 > longest {
                encoded.too_long += 1;
                continue;
            }
            encoded.examples += 1;
            encoded.target_tokens += tgt.len() as u64 - 1;
            encoded.target_bytes += bytes as u64;
            store.push(&src, &tgt)?;
        }
    }
    progress.finish_and_clear();
    ensure!(
        encoded.examples > 0,
        "no pair of the {} split has at most --max-length {longest} tokens on both sides",
        split.name()
    );
    Ok(encoded)
}

/// Encodes the lines of a split as one stream, each line ended by EOS, cut into windows of `length` tokens to predict.
/// Windows overlap by one token, so that every token but the very first, BOS, is predicted exactly once.
///
/// # Errors
///
/// If the corpus can't be read.
pub fn encode_text(
    corpus: &Corpus,
    split: Split,
    vocabulary: &Vocabulary,
    length: usize,
    store: &mut Writer,
) -> Result<Encoded> {
    let mut encoded = Encoded::default();
    let progress = bar(corpus.info().counts.of(split), &format!("encoding the {} split", split.name()));
    let mut lines = corpus.texts(split)?;
    let mut waiting = vec![BOS];
    loop {
        let chunk = lines.by_ref().take(CHUNK).collect::<Result<Vec<String>>>()?;
        progress.inc(chunk.len() as u64);
        let is_last = chunk.is_empty();
        // The end of a line counts as one byte.
        encoded.target_bytes += chunk.iter().map(|line| line.len() as u64 + 1).sum::<u64>();
        for ids in vocabulary.encode_all(chunk)? {
            waiting.extend(ids);
            waiting.push(EOS);
        }
        let mut start = 0;
        while waiting.len() - start > if is_last { 1 } else { length } {
            let end = (start + length + 1).min(waiting.len());
            encoded.examples += 1;
            encoded.target_tokens += (end - start) as u64 - 1;
            store.push(&[], &waiting[start..end])?;
            start = end - 1;
        }
        waiting.drain(..start);
        if is_last {
            break;
        }
    }
    progress.finish_and_clear();
    Ok(encoded)
}

fn bar(lines: usize, message: &str) -> ProgressBar {
    let template = "{msg}  {bar:24} {pos}/{len} lines  {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(lines as u64).with_style(style).with_message(message.to_owned())
}

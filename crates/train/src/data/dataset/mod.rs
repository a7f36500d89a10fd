//! A corpus as token ids: on disk in blocks, so that however large it is one block is in memory, and in batches of
//! similar lengths.

mod batches;
mod index;
mod learn;
mod store;
mod watched;

use anyhow::{Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

pub(crate) use batches::CorpusBatches;
pub(crate) use learn::{learn_separate, learn_shared, learn_text};
pub(crate) use store::{Block, Store, Writer};

use crate::data::corpus::{Corpus, Split};
use crate::data::vocabulary::{BOS, EOS, Vocabulary};
use crate::files::sum;
use crate::words::counted;

/// Lines that are encoded at a time.
const CHUNK: usize = 4_096;
/// Bytes after which a chunk ends sooner: while it is encoded, a text takes a hundred times its own memory.
const CHUNK_BYTES: usize = 1 << 20;
/// Tokens that a sentence may have, and that a language model may see at once.
pub(crate) const LONGEST_CONTEXT: usize = 1 << 16;

/// The vocabularies of a pair of languages, which may be one.
#[derive(Clone, Debug)]
pub(crate) struct Vocabularies {
    /// Of the source.
    pub(crate) source: Vocabulary,
    /// Of the target; of a language model, its only one.
    pub(crate) target: Vocabulary,
}

/// Checks how many tokens a language model is to see at once.
///
/// # Errors
///
/// If there are none, or more than any memory holds the attention of.
pub(crate) fn check_context(tokens: usize) -> Result<()> {
    ensure!(
        (1..=LONGEST_CONTEXT).contains(&tokens),
        "--context = {tokens}, but it must be at least 1 and at most {LONGEST_CONTEXT} tokens"
    );
    Ok(())
}

/// What is in a corpus, as one SHA-256 of the files of all splits, wherever the corpus is and whatever it is called.
///
/// # Errors
///
/// If a file can't be read.
pub(crate) fn content(corpus: &Corpus) -> Result<String> {
    let mut sums = Vec::new();
    for split in Split::ALL {
        let paths = corpus.paths(split)?;
        sums.extend(paths.iter().map(|path| sum::of_file(path)).collect::<Result<Vec<_>>>()?);
    }
    Ok(sum::of_texts(&sums))
}

/// What a split is encoded from, as one SHA-256: its files, the vocabularies, and how long an example may be.
///
/// # Errors
///
/// If a file can't be read.
pub(crate) fn origin(
    corpus: &Corpus,
    split: Split,
    vocabularies: &[&Vocabulary],
    length: usize,
) -> Result<String> {
    let files = corpus.paths(split)?.into_iter().map(|path| sum::of_file(&path));
    let vocabularies = vocabularies.iter().map(|vocabulary| vocabulary.text());
    let all = files.chain(vocabularies).chain([Ok(length.to_string())]).collect::<Result<Vec<_>>>()?;
    Ok(sum::of_texts(&all))
}

/// The next lines, as many as are worked on at a time; none at the end.
///
/// # Errors
///
/// If one can't be read.
pub(crate) fn chunk<T>(
    lines: &mut impl Iterator<Item = Result<T>>,
    bytes: impl Fn(&T) -> usize,
) -> Result<Vec<T>> {
    let (mut chunk, mut sum) = (Vec::new(), 0);
    while chunk.len() < CHUNK && sum < CHUNK_BYTES {
        let Some(line) = lines.next().transpose()? else { break };
        sum += bytes(&line);
        chunk.push(line);
    }
    Ok(chunk)
}

/// What became of a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Encoded {
    /// Examples kept.
    pub(crate) examples: usize,
    /// Sentences left out for having more tokens than allowed.
    pub(crate) too_long: usize,
    /// Tokens to predict.
    pub(crate) target_tokens: u64,
    /// Bytes of UTF-8 that those tokens stand for.
    pub(crate) target_bytes: u64,
}

/// Encodes the pairs of a split: the source ends with EOS, the target begins with BOS and ends with EOS.
///
/// A pair with more than `longest` tokens on a side, its end included, is left out and counted.
///
/// # Errors
///
/// If the corpus can't be read, or nothing is left.
pub(crate) fn encode_pairs(
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
        let chunk = chunk(&mut pairs, |(source, target)| source.len() + target.len())?;
        let (sources, targets): (Vec<String>, Vec<String>) = chunk.into_iter().unzip();
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
    ensure!(encoded.examples > 0, "{}", no_pair(split, longest));
    Ok(encoded)
}

/// What to say where every pair of a split is too long.
pub(crate) fn no_pair(split: Split, longest: usize) -> String {
    let (name, tokens) = (split.name(), counted(longest, "token"));
    format!(
        "no pair of the {name} split has {tokens} or fewer on both sides; give more than --max-length {longest}"
    )
}

/// Encodes the lines of a split as one stream, each line ended by EOS, cut into windows of `length` tokens to predict.
/// Windows overlap by one token, so that every token but the very first, BOS, is predicted exactly once.
///
/// # Errors
///
/// If the corpus can't be read, or the windows are too long.
pub(crate) fn encode_text(
    corpus: &Corpus,
    split: Split,
    vocabulary: &Vocabulary,
    length: usize,
    store: &mut Writer,
) -> Result<Encoded> {
    check_context(length)?;
    let mut encoded = Encoded::default();
    let progress = bar(corpus.info().counts.of(split), &format!("encoding the {} split", split.name()));
    let mut lines = corpus.texts(split)?;
    let mut waiting = vec![BOS];
    loop {
        let chunk = chunk(&mut lines, String::len)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::vocabulary::Alphabet;

    #[test]
    fn a_chunk_is_bounded_by_lines_and_by_bytes() {
        let mut short = (0..CHUNK + 5).map(|n| Ok(n.to_string()));
        let mut next = || chunk(&mut short, String::len).unwrap().len();
        assert_eq!((next(), next(), next()), (CHUNK, 5, 0));
        let mut long = (0..5).map(|_| Ok("x".repeat(CHUNK_BYTES / 2)));
        let mut next = || chunk(&mut long, String::len).unwrap().len();
        assert_eq!((next(), next(), next()), (2, 2, 1));
        let mut broken = [Ok(String::new()), Err(anyhow::anyhow!("broken"))].into_iter();
        assert_eq!(chunk(&mut broken, String::len).unwrap_err().to_string(), "broken");
    }

    #[test]
    fn absurd_lengths_are_refused() {
        for tokens in [0, LONGEST_CONTEXT + 1, usize::MAX] {
            let message = check_context(tokens).unwrap_err().to_string();
            assert!(message.contains("--context") && message.contains("at most 65536"), "{message}");
        }
        check_context(LONGEST_CONTEXT).unwrap();
    }

    #[test]
    fn a_change_of_anything_changes_the_origin() {
        let corpus = Corpus::find("austen", std::path::Path::new("none")).unwrap();
        let train = |size| {
            let lines = (0..90).map(|n| Ok(format!("Line {n} is line {n}.")));
            Vocabulary::train(lines, size, Alphabet::Bytes).unwrap()
        };
        let (one, other) = (train(262), train(263));
        let of = |split, vocabulary, length| origin(&corpus, split, &[vocabulary], length).unwrap();
        let first = of(Split::Valid, &one, 9);
        assert_eq!(first, of(Split::Valid, &one, 9));
        let others = [of(Split::Test, &one, 9), of(Split::Valid, &other, 9), of(Split::Valid, &one, 8)];
        assert!(others.iter().all(|other| *other != first));
    }
}

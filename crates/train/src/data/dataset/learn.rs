//! Learning vocabularies from a corpus, from its training split alone.
//!
//! The corpus is read once for each vocabulary, a line at a time. What grows with it is the number of different words,
//! and that is bounded by learning from a sample of a large corpus: a million lines have all the words that could
//! matter to a vocabulary of a few thousand pieces.

use std::io::{self, Write};

use anyhow::Result;

use super::Vocabularies;
use super::watched::Progress;
use crate::data::corpus::{Corpus, Split};
use crate::data::vocabulary::{Alphabet, Vocabulary};
use crate::words::counted;

/// Lines to learn from at most, of each language.
const MOST: usize = 1_000_000;

/// Learns one vocabulary of at most `size` pieces for both languages of a corpus of pairs.
///
/// # Errors
///
/// If the corpus can't be read, or needs more pieces.
pub(crate) fn learn_shared(corpus: &Corpus, size: usize) -> Result<Vocabulary> {
    let both = |pair: Result<(String, String)>| match pair {
        Ok((source, target)) => [Some(Ok(source)), Some(Ok(target))],
        Err(error) => [Some(Err(error)), None],
    };
    let lines = drawn(corpus, corpus.pairs(Split::Train)?).flat_map(both).flatten();
    told("vocabulary", size, from(lines, 2 * count(corpus), size, Alphabet::Characters)?)
}

/// Learns a vocabulary of at most `size` pieces for each language of a corpus of pairs.
///
/// # Errors
///
/// If the corpus can't be read, or needs more pieces.
pub(crate) fn learn_separate(corpus: &Corpus, size: usize) -> Result<Vocabularies> {
    let learn = |whose: &str, side: fn((String, String)) -> String| -> Result<Vocabulary> {
        let lines = drawn(corpus, corpus.pairs(Split::Train)?).map(move |pair| pair.map(side));
        told(whose, size, from(lines, count(corpus), size, Alphabet::Characters)?)
    };
    let source = learn("vocabulary of the source", |pair| pair.0)?;
    Ok(Vocabularies { source, target: learn("vocabulary of the target", |pair| pair.1)? })
}

/// Learns the vocabulary of a corpus of text, at most `size` pieces.
///
/// # Errors
///
/// If the corpus can't be read, or needs more pieces.
pub(crate) fn learn_text(corpus: &Corpus, size: usize) -> Result<Vocabulary> {
    let lines = drawn(corpus, corpus.texts(Split::Train)?);
    told("vocabulary", size, from(lines, count(corpus), size, Alphabet::Bytes)?)
}

/// Says how large a vocabulary has become, if that is less than was asked for.
fn told(whose: &str, size: usize, vocabulary: Vocabulary) -> Result<Vocabulary> {
    let found = vocabulary.size();
    if found < size {
        let pieces = counted(found, "piece");
        // A standard error that is closed is no reason to stop.
        let _ = writeln!(
            io::stderr(),
            "the {whose} has {pieces}, as many as the training data give; --vocab {size} is the most it may have"
        );
    }
    Ok(vocabulary)
}

/// Learns from so many lines, and says how far it is.
fn from(
    lines: impl Iterator<Item = Result<String>> + Send,
    count: usize,
    size: usize,
    alphabet: Alphabet,
) -> Result<Vocabulary> {
    let progress = Progress::new(count);
    Vocabulary::train(progress.watch(lines), size, alphabet)
}

/// How many lines of each language are learnt from.
fn count(corpus: &Corpus) -> usize {
    corpus.info().counts.train.min(MOST)
}

/// What to learn from of the training split, which is said if it isn't all of it.
fn drawn<T>(corpus: &Corpus, lines: impl Iterator<Item = Result<T>>) -> impl Iterator<Item = Result<T>> {
    let count = corpus.info().counts.train;
    if count > MOST {
        let _ = writeln!(io::stderr(), "the vocabulary is learnt from {MOST} of {count} lines");
    }
    sample(lines, count, MOST)
}

/// At most `most` of `count` lines, spread evenly over all of them and always the same ones; and what can't be read.
fn sample<T>(
    lines: impl Iterator<Item = Result<T>>,
    count: usize,
    most: usize,
) -> impl Iterator<Item = Result<T>> {
    let share = move |lines: usize| lines as u128 * most as u128 / count.max(1) as u128;
    let is_drawn = move |number: usize| count <= most || share(number + 1) > share(number);
    lines.enumerate().filter(move |(number, line)| line.is_err() || is_drawn(*number)).map(|(_, line)| line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::corpus::{CorpusInfo, Counts, Dropped, Kind};
    use anyhow::anyhow;
    use std::fs;

    #[test]
    fn a_sample_is_spread_evenly_and_keeps_what_cannot_be_read() {
        let drawn = |count: usize, most| -> Vec<usize> {
            sample((0..count).map(Ok), count, most).map(Result::unwrap).collect()
        };
        assert_eq!(drawn(5, 9), [0, 1, 2, 3, 4]);
        assert_eq!(drawn(10, 5), [1, 3, 5, 7, 9]);
        let many = drawn(1_003, 100);
        assert_eq!(many.len(), 100);
        assert!(many.windows(2).all(|two| (10..=11).contains(&(two[1] - two[0]))), "{many:?}");
        let lines = (0..10).map(|n| if n == 2 { Err(anyhow!("broken")) } else { Ok(n) });
        assert_eq!(sample(lines, 10, 1).filter(Result::is_err).count(), 1);
    }

    /// A corpus of so many pairs to train on.
    fn corpus(folder: &std::path::Path, pairs: usize) -> Corpus {
        let info = CorpusInfo {
            name: "dogs".to_owned(),
            kind: Kind::Pairs,
            source: Some("de".to_owned()),
            target: Some("en".to_owned()),
            licence: "none".to_owned(),
            origin: "here".to_owned(),
            counts: Counts { train: pairs, valid: 1, test: 1 },
            dropped: Dropped::default(),
        };
        fs::write(folder.join("corpus.json"), serde_json::to_string(&info).unwrap()).unwrap();
        for split in Split::ALL {
            let write = |language: &str, line: &dyn Fn(usize) -> String| {
                let lines: String = (0..info.counts.of(split)).map(line).collect();
                fs::write(folder.join(format!("{}.{language}", split.name())), lines).unwrap();
            };
            write("de", &|n| format!("Der Hund {n} schläft unter dem Tisch.\n"));
            write("en", &|n| format!("The dog {n} sleeps under the table.\n"));
        }
        Corpus::open(folder).unwrap()
    }

    #[test]
    fn a_shared_vocabulary_knows_both_languages_and_separate_ones_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = corpus(folder.path(), 40);
        let shared = learn_shared(&corpus, 60).unwrap();
        let Vocabularies { source, target } = learn_separate(&corpus, 60).unwrap();
        let length = |vocabulary: &Vocabulary, text: &str| vocabulary.encode(text).unwrap().len();
        let (german, english) = ("Der Hund schläft unter dem Tisch.", "The dog sleeps under the table.");
        assert!(length(&source, german) < length(&target, german));
        assert!(length(&target, english) < length(&source, english));
        assert!(length(&shared, german) <= length(&target, german));
        assert_eq!([&shared, &source, &target].map(Vocabulary::size), [60; 3]);
    }

    #[test]
    fn a_corpus_that_is_damaged_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = corpus(folder.path(), 40);
        fs::write(folder.path().join("train.en"), b"The dog\n\xff\n").unwrap();
        for message in [learn_shared(&corpus, 60).err(), learn_separate(&corpus, 60).err()] {
            let message = format!("{:#}", message.unwrap());
            assert!(message.contains("line 2 of") && message.contains("train.en is not UTF-8"), "{message}");
        }
    }
}

//! The copy task with sequences of several lengths, so that there is padding.

use std::iter::once;

use train::data::batch::Batch;

use super::bug::Bug;
use crate::contract::random::Random;

/// Fills up what is shorter than the longest of a batch.
pub(super) const PAD: usize = 0;
/// Begins every sequence.
const BOS: usize = 1;
/// Ends every sequence.
const EOS: usize = 2;
/// The first of the symbols; those before have a meaning.
const FIRST: usize = 3;
/// Symbols that can be copied. Who guesses is right in one of so many.
pub(super) const SYMBOLS: usize = 10;
/// Token ids.
pub(super) const VOCAB: usize = FIRST + SYMBOLS;
/// Symbols of a sequence.
pub(super) const SHORTEST: usize = 2;
pub(super) const LONGEST: usize = 8;

/// The token that begins every sequence.
// ANCHOR: begin
pub(super) fn begin(bug: Option<Bug>) -> usize {
    match bug {
        Some(Bug::BosIsPad) => PAD,
        _ => BOS,
    }
}
// ANCHOR_END: begin

/// So many sequences of random symbols; what is to be written is what is read.
pub(super) fn batch(count: usize, begin: usize, random: &mut Random) -> Batch {
    let sequence = |_| -> Vec<usize> {
        let length = SHORTEST + random.below(LONGEST - SHORTEST + 1);
        let symbols = (0..length).map(|_| FIRST + random.below(SYMBOLS));
        once(begin).chain(symbols).chain(once(EOS)).collect()
    };
    let sequences: Vec<Vec<usize>> = (0..count).map(sequence).collect();
    Batch { src: sequences.clone(), tgt: sequences }
}

/// A batch in parts of equal numbers of sequences. Each part has the length of its own longest.
pub(super) fn parts(whole: &Batch, parts: usize) -> Vec<Batch> {
    let size = whole.tgt.len().div_ceil(parts).max(1);
    let part = |(src, tgt): (&[Vec<usize>], &[Vec<usize>])| Batch { src: src.to_vec(), tgt: tgt.to_vec() };
    whole.src.chunks(size).zip(whole.tgt.chunks(size)).map(part).collect()
}

/// The symbols of a sequence, without what begins and ends it.
pub(super) fn symbols(sequence: &[usize]) -> &[usize] {
    &sequence[1..sequence.len() - 1]
}

/// The share of padding among what is to be predicted.
pub(super) fn padding(batch: &Batch) -> f64 {
    let longest = batch.tgt.iter().map(|row| row.len() - 1).max().unwrap_or(0);
    let symbols: usize = batch.tgt.iter().map(|row| row.len() - 1).sum();
    1.0 - symbols as f64 / (longest * batch.tgt.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_have_all_lengths_and_symbols_and_no_other_tokens() {
        let batch = batch(500, BOS, &mut Random::new(3, 0));
        assert_eq!(batch.src, batch.tgt);
        for length in SHORTEST..=LONGEST {
            assert!(batch.src.iter().any(|row| symbols(row).len() == length), "{length}");
        }
        let all: std::collections::BTreeSet<usize> =
            batch.src.iter().flat_map(|row| symbols(row).iter().copied()).collect();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), (FIRST..VOCAB).collect::<Vec<_>>());
        assert!(batch.src.iter().all(|row| row[0] == BOS && row.ends_with(&[EOS])));
        assert!(batch.src.iter().all(|row| (SHORTEST..=LONGEST).contains(&symbols(row).len())));
    }

    #[test]
    fn parts_are_the_whole_and_padding_is_what_is_filled_up() {
        let whole = batch(13, PAD, &mut Random::new(5, 0));
        let parts = parts(&whole, 4);
        assert_eq!(parts.iter().map(|part| part.tgt.len()).collect::<Vec<_>>(), [4, 4, 4, 1]);
        let rows: Vec<Vec<usize>> = parts.into_iter().flat_map(|part| part.tgt).collect();
        assert_eq!(rows, whole.tgt);
        let rows = vec![vec![1, 5, 6], vec![1, 7, 7, 7, 7]];
        assert_eq!(padding(&Batch { src: rows.clone(), tgt: rows }), 0.25);
    }
}

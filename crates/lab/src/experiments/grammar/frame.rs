//! What stands where in a sentence, and what is kept for the test.

use super::words::{ADVERBS, MODIFIERS, OPENINGS, VERBS};
use crate::contract::random::Random;

// ANCHOR: frame
/// A sentence up to its verb, without nouns and verbs: where its words
/// stand in their lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) opening: usize,
    /// What joins each noun between the subject and its verb.
    pub(super) modifiers: Vec<usize>,
    pub(super) adverb: usize,
}

/// One frame in so many is kept for the test, and one pair.
pub(super) const KEPT: usize = 4;

impl Frame {
    /// Whether no sentence to learn from has this frame. Each of its
    /// words is in other frames.
    pub(super) fn is_kept(&self) -> bool {
        let modifiers = self.modifiers.iter().zip(1usize..);
        let sum: usize = modifiers.map(|(word, at)| word * at).sum();
        (self.opening + self.adverb + sum).is_multiple_of(KEPT)
    }
}

/// Whether a subject never has this verb in what is learned from.
pub(super) fn is_kept(subject: usize, verb: usize) -> bool {
    (subject + verb).is_multiple_of(KEPT)
}
// ANCHOR_END: frame

/// There is an adverb in a half of all sentences.
const SOME: usize = ADVERBS.len() - 1;

impl Frame {
    /// With so many attractors: one that is kept, or one that isn't.
    pub(super) fn drawn(attractors: usize, kept: bool, random: &mut Random) -> Self {
        loop {
            let frame = Self {
                opening: random.below(OPENINGS.len()),
                modifiers: (0..attractors).map(|_| random.below(MODIFIERS.len())).collect(),
                adverb: random.below(2 * SOME).saturating_sub(SOME - 1),
            };
            if frame.is_kept() == kept {
                return frame;
            }
        }
    }
}

/// A verb that is kept with a subject, or one that isn't.
pub(super) fn drawn_verb(subject: usize, kept: bool, random: &mut Random) -> usize {
    loop {
        let verb = random.below(VERBS.len());
        if is_kept(subject, verb) == kept {
            return verb;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{NAMES, NOUNS};
    use super::*;

    #[test]
    fn a_quarter_of_all_pairs_is_kept_and_every_subject_keeps_and_learns_verbs() {
        for subject in 0..NOUNS.len() + NAMES.len() {
            let kept = (0..VERBS.len()).filter(|&verb| is_kept(subject, verb)).count();
            assert_eq!(kept * KEPT, VERBS.len());
        }
    }

    #[test]
    fn a_quarter_of_all_frames_is_kept_and_every_word_of_them_is_learned() {
        let mut kept = 0;
        let mut learned = [[false; MODIFIERS.len()]; 2];
        for opening in 0..OPENINGS.len() {
            for adverb in 0..ADVERBS.len() {
                for modifiers in (0..64).map(|n| vec![n % 8, n / 8]) {
                    let frame = Frame { opening, adverb, modifiers };
                    if frame.is_kept() {
                        kept += 1;
                    } else {
                        (0..2).for_each(|at| learned[at][frame.modifiers[at]] = true);
                    }
                }
            }
        }
        assert_eq!(kept * KEPT, OPENINGS.len() * ADVERBS.len() * MODIFIERS.len().pow(2));
        assert!(learned.as_flattened().iter().all(|&learned| learned));
    }
}

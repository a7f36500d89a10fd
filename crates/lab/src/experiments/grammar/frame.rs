//! What stands where in a sentence, and what is kept for the test.

use super::words::{ADVERBS, MODIFIERS, OPENINGS, VERBS};
use crate::contract::random::Random;

/// A sentence up to its verb, without nouns and verbs: where its words
/// stand in their lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) opening: usize,
    /// What joins each noun between the subject and its verb.
    pub(super) modifiers: Vec<usize>,
    pub(super) adverb: usize,
}

// ANCHOR: met
/// One combination in so many is kept for the test.
pub(super) const KEPT: usize = 4;
/// Each subject has one verb in so many that it never has.
pub(super) const NEVER: usize = 16;

/// Where a subject and a verb were read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// In this frame.
    Here,
    /// In other frames, but never in this one.
    Elsewhere,
    /// Nowhere.
    Nowhere,
}

impl Met {
    pub(super) fn of(frame: &Frame, who: usize, verb: usize) -> Self {
        let modifiers = frame.modifiers.iter().zip(1usize..);
        let sum: usize = modifiers.map(|(word, at)| word * at).sum();
        let frame = frame.opening + frame.adverb + sum;
        if (who + verb).is_multiple_of(NEVER) {
            Self::Nowhere
        } else if (frame + who + verb).is_multiple_of(KEPT) {
            Self::Elsewhere
        } else {
            Self::Here
        }
    }
}
// ANCHOR_END: met

/// There is an adverb in a half of all sentences.
const SOME: usize = ADVERBS.len() - 1;

impl Frame {
    /// With so many attractors.
    pub(super) fn drawn(attractors: usize, random: &mut Random) -> Self {
        Self {
            opening: random.below(OPENINGS.len()),
            modifiers: (0..attractors).map(|_| random.below(MODIFIERS.len())).collect(),
            adverb: random.below(2 * SOME).saturating_sub(SOME - 1),
        }
    }

    /// A verb that a subject has met so.
    pub(super) fn verb(&self, subject: usize, met: Met, random: &mut Random) -> usize {
        loop {
            let verb = random.below(VERBS.len());
            if Met::of(self, subject, verb) == met {
                return verb;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{NAMES, NOUNS};
    use super::*;

    const SUBJECTS: usize = NOUNS.len() + NAMES.len();

    fn frames() -> impl Iterator<Item = Frame> {
        let modifiers = (0..MODIFIERS.len().pow(2)).map(|n| vec![n % MODIFIERS.len(), n / MODIFIERS.len()]);
        let all =
            modifiers.chain([vec![]]).flat_map(|modifiers| (0..16).map(move |n| (n, modifiers.clone())));
        all.map(|(n, modifiers)| Frame { opening: n % 4, adverb: n / 4, modifiers })
    }

    #[test]
    fn every_subject_has_verbs_of_each_kind_in_every_frame() {
        assert_eq!((OPENINGS.len(), ADVERBS.len(), VERBS.len()), (4, 4, NEVER));
        for frame in frames() {
            for subject in 0..SUBJECTS {
                let count =
                    |met| (0..VERBS.len()).filter(|&verb| Met::of(&frame, subject, verb) == met).count();
                let [here, elsewhere, nowhere] = [Met::Here, Met::Elsewhere, Met::Nowhere].map(count);
                assert_eq!((here + elsewhere, nowhere), (15, 1), "{frame:?}");
                assert!(elsewhere == 3 || elsewhere == 4);
            }
        }
    }

    #[test]
    fn who_never_meets_meets_in_no_frame_and_all_others_meet_somewhere() {
        for subject in 0..SUBJECTS {
            for verb in 0..VERBS.len() {
                let met: Vec<Met> = frames().map(|frame| Met::of(&frame, subject, verb)).collect();
                let strangers = (subject + verb) % NEVER == 0;
                assert_eq!(met.iter().all(|&met| met == Met::Nowhere), strangers);
                assert!(strangers || met.contains(&Met::Here));
            }
        }
    }
}

//! What is asked: beginnings of sentences, each with the verb that agrees and the one that doesn't.
//!
//! Whatever is near the verb says nothing of it: the numbers of the nouns between are balanced, and every beginning has a
//! twin that differs from it in nothing but the number of its subject.

use super::frame::{Frame, drawn_verb};
use super::sentence::{Beginning, Noun, Object};
use super::words::{THINGS, VERBS};
use crate::contract::random::Random;

/// Sentences of a row. It is a multiple of the number of patterns that the numbers of all nouns can make.
pub(super) const ITEMS: usize = 512;

/// A beginning, and how it may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) words: Vec<&'static str>,
    /// The verb that agrees, and the one that doesn't.
    pub(super) verbs: [&'static str; 2],
    /// Whether there are nouns between, all of another number than the subject.
    pub(super) opposed: bool,
    /// Where the subject's noun stands.
    pub(super) subject: usize,
}

/// Whether the subject and the verb of a question were learned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairs {
    Unseen,
    Seen,
}

/// Questions with so many attractors.
pub(super) fn row(attractors: usize, pairs: Pairs, random: &mut Random) -> Vec<Item> {
    let both = |n: usize| {
        let said = Beginning::drawn(Frame::drawn(attractors, true, random), random);
        let verb = drawn_verb(said.subject.which, pairs == Pairs::Unseen, random);
        twins(&said, n, verb)
    };
    (0..ITEMS / 2).flat_map(both).collect()
}

// ANCHOR: twins
/// Two questions that differ in nothing but the number of the subject.
/// Which nouns between are plural, the binary digits of `pattern` say;
/// over all questions, each pattern is equally frequent.
fn twins(said: &Beginning, pattern: usize, verb: usize) -> [Item; 2] {
    let mut said = said.clone();
    for (at, noun) in said.attractors.iter_mut().enumerate() {
        noun.plural = (pattern >> at) % 2 == 1;
    }
    [false, true].map(|plural| {
        said.subject.plural = plural;
        item(&said, verb)
    })
}
// ANCHOR_END: twins

fn item(said: &Beginning, verb: usize) -> Item {
    let Beginning { subject, attractors, .. } = said;
    let other = |noun: &Noun| noun.plural != subject.plural;
    let opposed = !attractors.is_empty() && attractors.iter().all(other);
    Item { words: said.words(), verbs: forms(*subject, verb), opposed, subject: said.at() }
}

/// A verb as it agrees, and as it doesn't.
pub(super) fn forms(subject: Noun, verb: usize) -> [&'static str; 2] {
    let [singular, plural] = VERBS[verb];
    if subject.plural { [plural, singular] } else { [singular, plural] }
}

/// Questions for a second verb, behind an object: *the boy opens his suitcases and …*
pub(super) fn second(random: &mut Random) -> Vec<Item> {
    let both = |n: usize| {
        let mut said = Beginning::drawn(Frame::drawn(0, true, random), random);
        let object = Object { thing: random.below(THINGS.len()), plural: n % 2 == 1, owner: n / 2 % 3 };
        let first = drawn_verb(said.subject.which, false, random);
        let verb = drawn_verb(said.subject.which, true, random);
        [false, true].map(|plural| {
            said.subject.plural = plural;
            let subject = said.subject;
            let rest = [&[subject.does(first)][..], &object.said(subject), &["and"]].concat();
            let words = [said.words(), rest].concat();
            let opposed = object.plural != plural;
            Item { words, verbs: forms(subject, verb), opposed, subject: said.at() }
        })
    };
    (0..ITEMS / 2).flat_map(both).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::frame::is_kept;
    use super::super::sentence::{LEARNED, sentence};
    use super::super::words::{NOUNS, all};
    use super::*;

    const MOST: usize = 6;

    #[test]
    fn every_pattern_of_numbers_is_equally_frequent_and_twins_differ_in_one_word() {
        let mut random = Random::new(5, 0);
        for attractors in 0..=MOST {
            let items = row(attractors, Pairs::Unseen, &mut random);
            assert_eq!(items.len(), ITEMS);
            let is_plural = |word: &&str| NOUNS.iter().any(|noun| noun[1] == *word);
            let is_noun = |word: &&&str| NOUNS.as_flattened().contains(word);
            let mut patterns: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
            for item in &items {
                let nouns: Vec<bool> = item.words.iter().filter(is_noun).map(is_plural).collect();
                // What stands before the subject isn't asked about.
                *patterns.entry(nouns[nouns.len() - attractors - 1..].to_vec()).or_default() += 1;
            }
            assert_eq!(patterns.len(), 2 << attractors);
            assert!(patterns.values().all(|&count| count == ITEMS >> (attractors + 1)), "{patterns:?}");
            assert_eq!(
                items.iter().filter(|item| item.opposed).count(),
                if attractors == 0 { 0 } else { ITEMS >> attractors }
            );
        }
        for items in [row(2, Pairs::Seen, &mut random), second(&mut random)] {
            for two in items.chunks(2) {
                assert_eq!(two[0].words.len(), two[1].words.len());
                assert_eq!(two[0].words.last(), two[1].words.last());
                assert_eq!((two[0].verbs[0], two[0].verbs[1]), (two[1].verbs[1], two[1].verbs[0]));
            }
        }
    }

    /// Words up to the verb that the frame alone decides, and the verb with its subject.
    #[test]
    fn no_frame_and_no_pair_of_the_test_is_learned_and_every_word_is() {
        let mut random = Random::new(7, 0);
        let learned: Vec<Vec<&str>> = (0..6_000).map(|_| sentence(&mut random)).collect();
        let words: BTreeSet<&str> = learned.iter().flatten().copied().collect();
        assert_eq!(words, all().into_iter().collect());
        let bare = |words: &[&'static str]| -> Vec<&'static str> {
            words
                .iter()
                .map(|word| if NOUNS.as_flattened().contains(word) { "noun" } else { *word })
                .collect()
        };
        let beginnings: BTreeSet<Vec<&str>> = learned
            .iter()
            .flat_map(|words| (1..words.len()).map(move |end| bare(&words[..end])))
            .filter(|words| words.last() != Some(&"the"))
            .collect();
        let clause = |words: &[&str]| words.contains(&"that");
        let mut checked = 0;
        for attractors in 0..=LEARNED {
            for item in row(attractors, Pairs::Unseen, &mut random).iter().filter(|item| !clause(&item.words))
            {
                // Such a beginning may be a part of a longer one, but then no verb comes next.
                let with = |verb: &'static str| [bare(&item.words), vec![verb]].concat();
                assert!(item.verbs.iter().all(|verb| !beginnings.contains(&with(verb))), "{item:?}");
                checked += 1;
            }
        }
        assert!(checked > 1_000, "{checked}");
        // The noun right before a verb is its subject where nothing but "that the" or a beginning stands before it.
        for words in &learned {
            for three in words.windows(3).filter(|three| three[0] == "that" && three[1] == "the") {
                let at = words.windows(3).position(|found| found == three).unwrap();
                let noun = NOUNS.iter().position(|noun| noun.contains(&three[2])).unwrap();
                let verb = VERBS.iter().position(|verb| verb.contains(&words[at + 3])).unwrap();
                assert!(!is_kept(noun, verb), "{words:?}");
            }
            if let ["the", noun, verb, ..] = words[..]
                && let Some(verb) = VERBS.iter().position(|known| known.contains(&verb))
            {
                let noun = NOUNS.iter().position(|known| known.contains(&noun)).unwrap();
                assert!(!is_kept(noun, verb), "{words:?}");
            }
        }
    }
}

//! What is asked: beginnings of sentences, each with the verb that agrees and the one that doesn't.
//!
//! Whatever is near the verb says nothing of it: the numbers of the nouns between are balanced, and every beginning has a
//! twin that differs from it in nothing but the number of its subject.

use super::frame::{Frame, Met};
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

/// Questions with so many attractors, of subjects and verbs that have met so.
pub(super) fn row(attractors: usize, met: Met, random: &mut Random) -> Vec<Item> {
    let both = |n: usize| {
        let said = Beginning::drawn(Frame::drawn(attractors, random), random);
        let verb = said.frame.verb(said.subject.which, met, random);
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
        let mut said = Beginning::drawn(Frame::drawn(0, random), random);
        let object = Object { thing: random.below(THINGS.len()), plural: n % 2 == 1, owner: n / 2 % 3 };
        let first = said.frame.verb(said.subject.which, Met::Here, random);
        let verb = said.frame.verb(said.subject.which, Met::Elsewhere, random);
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

    use super::super::sentence::sentence;
    use super::super::words::{NOUNS, OPENINGS, all};
    use super::*;

    const MOST: usize = 8;

    #[test]
    fn every_pattern_of_numbers_is_equally_frequent_and_twins_differ_in_one_word() {
        let mut random = Random::new(5, 0);
        for attractors in 0..=MOST {
            let items = row(attractors, Met::Elsewhere, &mut random);
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
        for items in [row(2, Met::Nowhere, &mut random), second(&mut random)] {
            for two in items.chunks(2) {
                assert_eq!(two[0].words.len(), two[1].words.len());
                assert_eq!(two[0].words.last(), two[1].words.last());
                assert_eq!((two[0].verbs[0], two[0].verbs[1]), (two[1].verbs[1], two[1].verbs[0]));
            }
        }
    }

    /// Subjects with their verbs as they stand in sentences whose verb comes right behind a noun without a clause.
    #[test]
    fn nothing_that_is_asked_is_learned_and_every_word_is() {
        let mut random = Random::new(7, 0);
        let learned: Vec<Vec<&str>> = (0..6_000).map(|_| sentence(&mut random)).collect();
        let words: BTreeSet<&str> = learned.iter().flatten().copied().collect();
        assert_eq!(words, all().into_iter().collect());
        // What stands between may be anything: it is the frame, the subject and the verb that must not have met.
        let bare = |words: &[&'static str], subject: usize| -> Vec<&'static str> {
            let hidden = |(at, word): (usize, &&'static str)| {
                if at != subject && NOUNS.as_flattened().contains(word) { "noun" } else { *word }
            };
            words.iter().enumerate().map(hidden).collect()
        };
        let beginnings: BTreeSet<Vec<&str>> = learned
            .iter()
            .flat_map(|words| {
                let subject = if OPENINGS[1..].contains(&words[0]) { 4 } else { 1 };
                (1..words.len()).map(move |end| bare(&words[..end], subject))
            })
            .collect();
        let mut met = 0;
        for (kind, attractors) in
            [(Met::Elsewhere, 0), (Met::Nowhere, 0), (Met::Elsewhere, 1), (Met::Here, 0)]
        {
            for item in row(attractors, kind, &mut random).iter().filter(|item| !item.words.contains(&"that"))
            {
                let said = |verb: &'static str| [bare(&item.words, item.subject), vec![verb]].concat();
                let found = beginnings.contains(&said(item.verbs[0]));
                assert!(kind == Met::Here || !found, "{item:?}");
                met += usize::from(found);
            }
        }
        assert!(met > ITEMS / 4, "{met}: what may have met mostly has");
    }
}

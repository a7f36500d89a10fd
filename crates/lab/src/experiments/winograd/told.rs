//! Single sentences: those of the trophy and the suitcase, and the reader's.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::asked::{Translator, pronoun};
use super::nouns::{Gender, Role, SUITCASE, TROPHY};
use super::sentences::{Frame, Twins, Twist};
use super::words::written;

/// The number of the book among the nouns: it is neuter, as neither the trophy nor the suitcase is.
const BOOK: usize = 6;
/// The number of the child among the people.
const CHILD: usize = 2;

/// A sentence that a network has translated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) english: String,
    /// What is right.
    pub(super) expected: String,
    /// What it wrote.
    pub(super) german: String,
    /// The log-probability, in nats, of the right translation with each of *er*, *sie*, *es*.
    pub(super) scores: [f64; 3],
    /// Whether the pronoun that it wrote is the right one.
    pub(super) right: bool,
}

/// What all networks make of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) english: String,
    pub(super) translations: Vec<Translation>,
}

/// A translation, and how many networks wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Translation {
    pub(super) german: String,
    pub(super) networks: usize,
}

/// The sentence that everybody knows.
pub(super) fn trophy() -> Twins {
    Twins { frame: Frame::Fits, thing: TROPHY, container: SUITCASE, adjective: Some(0), twist: Twist::Plain }
}

/// The trophy and the suitcase, as in training and with something added.
///
/// # Errors
///
/// If a word is unknown.
pub(super) fn examples(translator: &Translator) -> Result<Vec<Example>> {
    let twists = [
        Twist::Plain,
        Twist::ReasonFirst,
        Twist::Says(CHILD),
        Twist::BesideThing(BOOK),
        Twist::BesideContainer(BOOK),
    ];
    let mut examples = Vec::new();
    for sentence in twists.into_iter().flat_map(|twist| Twins { twist, ..trophy() }.sentences()) {
        let german = translator.translations(&[&sentence.english])?.swap_remove(0);
        let scores = translator.scores(std::slice::from_ref(&sentence))?[0];
        examples.push(Example {
            english: written(&sentence.english),
            expected: written(&sentence.german(sentence.gender)),
            right: pronoun(&german) == Some(sentence.gender),
            german: written(&german),
            scores: scores.map(|score| format!("{score:.3}").parse().unwrap_or(score)),
        });
    }
    Ok(examples)
}

/// What the networks make of a sentence that somebody typed; what most of them write comes first.
///
/// # Errors
///
/// If a word is unknown.
pub(super) fn answer(english: &str, networks: &[&Translator]) -> Result<Answer> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for network in networks {
        *counts.entry(network.translations(&[english])?.swap_remove(0)).or_default() += 1;
    }
    let translation =
        |(german, networks): (String, usize)| Translation { german: written(&german), networks };
    let mut translations: Vec<Translation> = counts.into_iter().map(translation).collect();
    translations.sort_by_key(|translation| std::cmp::Reverse(translation.networks));
    Ok(Answer { english: written(english), translations })
}

/// The pronouns in the order of scores.
pub(super) fn pronouns() -> [&'static str; 3] {
    Gender::ALL.map(Gender::pronoun)
}

/// What *it* is in each example, in their order.
pub(super) fn meant(example: usize) -> Role {
    Role::ALL[example % 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::winograd::nouns::{NOUNS, PEOPLE};

    #[test]
    fn what_is_added_to_the_trophy_is_neuter() {
        let own = [TROPHY, SUITCASE].map(|noun| NOUNS[noun].gender);
        let third = own[0].third(own[1]);
        assert_eq!((third, NOUNS[BOOK].english), (Some(NOUNS[BOOK].gender), "book"));
        assert_eq!((third, PEOPLE[CHILD].0), (Some(PEOPLE[CHILD].2), "child"));
    }
}

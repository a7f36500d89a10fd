//! What a network makes of the sentences that it is asked: by its scores, as ContraPro does, and by what it writes.

use anyhow::Result;
use burn::tensor::Device;
use model::Transformer;
use model::decoding::{greedy, score};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::nouns::{Gender, NOUNS};
use super::sentences::{Sentence, Twins, Twist};
use super::words::{BOS, EOS, PAD, Words, tensor};

/// Sentences that are worked on at once.
const TOGETHER: usize = 32;
/// Words that a translation may have more than its source.
const MORE: usize = 10;

/// A network and its words.
pub(super) struct Translator {
    pub(super) model: Transformer,
    pub(super) english: Words,
    pub(super) german: Words,
    pub(super) device: Device,
}

/// How a network did, as shares of what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Shares {
    /// The true translation scores best.
    pub(super) scored: f64,
    /// It does in both of two sentences that differ in the adjective.
    pub(super) both: f64,
    /// It writes the right pronoun, that of the other noun, or that of the gender that neither has.
    pub(super) right: f64,
    pub(super) other: f64,
    pub(super) third: f64,
    /// It writes the true translation, word by word.
    pub(super) exact: f64,
    /// What was added is there in what it writes; none if nothing was.
    pub(super) kept: Option<f64>,
}

/// The scores of some sentences, in the order of genders.
type Scored = Result<Vec<[f64; 3]>>;

impl Translator {
    /// What it writes, word by word the likeliest.
    ///
    /// # Errors
    ///
    /// If a word is unknown.
    pub(super) fn translations(&self, english: &[&str]) -> Result<Vec<String>> {
        let read: Vec<Vec<usize>> = english.iter().map(|text| self.source(text)).collect::<Result<_>>()?;
        let some = |rows: &[Vec<usize>]| -> Vec<String> {
            let most: Vec<usize> = rows.iter().map(|row| row.len() + MORE).collect();
            let found = greedy(&self.model, tensor(rows, &self.device), BOS, Some(EOS), &most);
            found.iter().map(|hypothesis| self.german.text(&hypothesis.ids)).collect()
        };
        Ok(read.par_chunks(TOGETHER).flat_map_iter(some).collect())
    }

    /// A sentence as the model reads it.
    pub(super) fn source(&self, english: &str) -> Result<Vec<usize>> {
        Ok([&self.english.ids(english)?[..], &[EOS]].concat())
    }

    /// What the model has written before it writes more.
    pub(super) fn beginning(&self, german: &str) -> Result<Vec<usize>> {
        Ok([&[BOS], &self.german.ids(german)?[..]].concat())
    }

    /// All that it is to write.
    fn whole(&self, german: &str) -> Result<Vec<usize>> {
        Ok([&self.beginning(german)?[..], &[EOS]].concat())
    }

    // ANCHOR: scores
    /// The log-probability of a translation with each pronoun, in the
    /// order of genders. Nothing else in it changes.
    ///
    /// # Errors
    ///
    /// If a word is unknown.
    pub(super) fn scores(&self, all: &[Sentence]) -> Scored {
        let scored = |some: &[Sentence]| -> Scored {
            let (mut read, mut written) = (Vec::new(), Vec::new());
            for sentence in some {
                for gender in Gender::ALL {
                    let german = sentence.german(gender);
                    read.push(self.source(&sentence.english)?);
                    written.push(self.whole(&german)?);
                }
            }
            let read = tensor(&read, &self.device);
            let written = tensor(&written, &self.device);
            let of_words = score(&self.model, read, written, PAD);
            let sums = of_words.iter().map(|all| all.iter().sum());
            let sums: Vec<f64> = sums.collect();
            Ok(sums.chunks(3).map(|of| [of[0], of[1], of[2]]).collect())
        };
        let parts = all.par_chunks(TOGETHER).map(scored);
        Ok(parts.collect::<Result<Vec<_>>>()?.concat())
    }
    // ANCHOR_END: scores

    /// Scores and translations of twins.
    ///
    /// # Errors
    ///
    /// If a word is unknown.
    pub(super) fn shares(&self, twins: &[Twins]) -> Result<Shares> {
        let sentences: Vec<Sentence> = twins.iter().flat_map(Twins::sentences).collect();
        let scored: Vec<bool> =
            sentences.iter().zip(self.scores(&sentences)?).map(|(s, of)| is_best(&of, s.gender)).collect();
        let english: Vec<&str> = sentences.iter().map(|sentence| sentence.english.as_str()).collect();
        let written = self.translations(&english)?;
        let share = |is: &dyn Fn(usize) -> bool| {
            (0..sentences.len()).filter(|&n| is(n)).count() as f64 / sentences.len() as f64
        };
        let gender = |n: usize| pronoun(&written[n]);
        let third = |n: usize| sentences[n].gender.third(sentences[n].other);
        let added: Vec<Option<&str>> = twins.iter().flat_map(|twins| [added(twins); 2]).collect();
        let has = |n: usize| added[n].is_some_and(|word| written[n].split(' ').any(|one| one == word));
        Ok(Shares {
            scored: share(&|n| scored[n]),
            both: scored.chunks(2).filter(|pair| pair.iter().all(|&right| right)).count() as f64
                / twins.len() as f64,
            right: share(&|n| gender(n) == Some(sentences[n].gender)),
            other: share(&|n| gender(n) == Some(sentences[n].other)),
            third: share(&|n| gender(n).is_some() && gender(n) == third(n)),
            exact: share(&|n| written[n] == sentences[n].german(sentences[n].gender)),
            kept: added.iter().any(Option::is_some).then(|| share(&has)),
        })
    }
}

/// Whether the score of a gender is above the others.
fn is_best(scores: &[f64; 3], gender: Gender) -> bool {
    let own = scores[gender as usize];
    Gender::ALL.iter().all(|&one| one == gender || scores[one as usize] < own)
}

/// The gender of the first pronoun of a text.
pub(super) fn pronoun(german: &str) -> Option<Gender> {
    let gender = |word: &str| Gender::ALL.into_iter().find(|gender| gender.pronoun() == word);
    german.split(' ').find_map(gender)
}

/// The noun that was added.
fn added(twins: &Twins) -> Option<&'static str> {
    match twins.twist {
        Twist::BesideThing(noun) | Twist::BesideContainer(noun) => Some(NOUNS[noun].german),
        Twist::Says(who) => Some(super::nouns::PEOPLE[who].1),
        Twist::Plain | Twist::ReasonFirst => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::winograd::sentences::Frame;
    use crate::experiments::winograd::training::sizes;

    fn twins(twist: Twist) -> Twins {
        Twins { frame: Frame::Fits, thing: 0, container: 1, adjective: Some(0), twist }
    }

    /// A network that nothing has trained.
    fn translator() -> Translator {
        let sentences = twins(Twist::Says(0)).sentences();
        let english = Words::of(sentences.iter().map(|sentence| sentence.english.as_str()));
        let german: Vec<String> =
            sentences.iter().flat_map(|s| Gender::ALL.map(|gender| s.german(gender))).collect();
        let german = Words::of(german.iter().map(String::as_str));
        let device = Device::flex();
        device.seed(3);
        let model = sizes(english.size(), german.size()).init(&device).unwrap();
        Translator { model, english, german, device }
    }

    /// What differs is the pronoun and all that comes after it.
    #[test]
    fn a_score_is_the_sum_over_the_words() {
        let translator = translator();
        let sentences = twins(Twist::Says(0)).sentences();
        let scores = translator.scores(&sentences).unwrap();
        for (sentence, scores) in sentences.iter().zip(&scores) {
            for gender in Gender::ALL {
                let read = tensor(&[translator.source(&sentence.english).unwrap()], &translator.device);
                let whole = translator.whole(&sentence.german(gender)).unwrap();
                let written = tensor(&[whole], &translator.device);
                let alone: f64 = score(&translator.model, read, written, PAD)[0].iter().sum();
                assert!((scores[gender as usize] - alone).abs() < 1e-4, "{scores:?} {alone}");
            }
        }
        assert!(scores[0][0] != scores[0][1] && scores[0][1] != scores[0][2]);
    }

    #[test]
    fn shares_are_of_all_sentences() {
        let shares = translator().shares(&[twins(Twist::Says(0)), twins(Twist::Plain)]).unwrap();
        let all = [shares.scored, shares.both, shares.right, shares.other, shares.third, shares.exact];
        assert!(all.iter().all(|share| (0.0..=1.0).contains(share)) && shares.both <= shares.scored);
        assert!(shares.kept.is_some() && translator().shares(&[twins(Twist::Plain)]).unwrap().kept.is_none());
    }

    #[test]
    fn pronouns_are_told_from_articles() {
        assert_eq!(
            pronoun("die Dose passt nicht in das Glas , weil es zu klein ist ."),
            Some(Gender::Neuter)
        );
        assert_eq!(pronoun("die Dose passt nicht ."), None);
        assert!(is_best(&[-3.0, -1.0, -2.0], Gender::Feminine));
        assert!(!is_best(&[-1.0, -1.0, -2.0], Gender::Feminine));
        assert_eq!(added(&twins(Twist::BesideThing(6))), Some("Buch"));
    }
}

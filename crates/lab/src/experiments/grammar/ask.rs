//! All that is asked of every network, and what comes of it.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::frame::{KEPT, Met, NEVER};
use super::gaze::Gaze;
use super::items::{ITEMS, Item, forms, row, second};
use super::measure::{bits, encoded, ids, log_probabilities, right};
use super::network::{Trained, batch, model};
use super::pairs::Pair;
use super::sentence::{LEARNED, suitcases};
use super::trigram::Trigram;
use super::words::{NOUNS, VERBS, all};
use super::{ASKED, BATCH, Corpus, Network, Run, Shares};
use crate::contract::experiment::Lab;
use crate::contract::spread::Spread;

/// The verb of the example: the first of all.
const FILLS: usize = 0;

/// What is asked. All networks are asked the same.
pub(super) struct Questions {
    /// By the number of attractors.
    pub(super) unseen: Vec<Vec<Item>>,
    strangers: Vec<Vec<Item>>,
    second: Vec<Item>,
    suitcases: Vec<Item>,
    pairs: Vec<Pair>,
}

/// What a network gives besides its shares: the probabilities of both verbs for each suitcase, and the bits of both sentences of
/// each pair.
pub(super) struct Given {
    suitcases: Vec<[f64; 2]>,
    pairs: Vec<[f64; 2]>,
    pub(super) gaze: Gaze,
}

/// A sentence of the example.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Suitcase {
    pub(super) text: String,
    /// The verb that agrees, and the one that doesn't, with their probabilities.
    pub(super) verbs: [String; 2],
    pub(super) probabilities: [Spread; 2],
    /// Bits that the one that doesn't agree has more.
    pub(super) bits: Spread,
    /// Networks that have it right.
    pub(super) right: usize,
}

/// What came of a pair of the reader's.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) good: String,
    pub(super) bad: String,
    /// Bits of both, on average.
    pub(super) bits: [f64; 2],
    /// Networks to which the good one is the likelier.
    pub(super) right: usize,
}

impl Questions {
    pub(super) fn new(lab: &Lab, pairs: Vec<Pair>) -> Self {
        let mut random = lab.random(0);
        let mut rows = |met: Met| (0..=ASKED).map(|attractors| row(attractors, met, &mut random)).collect();
        let (unseen, strangers) = (rows(Met::Elsewhere), rows(Met::Nowhere));
        let suitcase =
            |(subject, words)| Item { words, verbs: forms(subject, FILLS), opposed: false, subject: 0 };
        Self {
            unseen,
            strangers,
            second: second(&mut random),
            suitcases: suitcases().into_iter().map(suitcase).collect(),
            pairs,
        }
    }

    /// What a network answers, and what a trigram does that has counted in the same sentences.
    pub(super) fn asked(&self, lab: &Lab, seed: u64, steps: usize, network: Trained) -> Result<(Run, Given)> {
        let Trained { reader, vocabulary, points, first } = network;
        let mut trigram = Trigram::default();
        for number in 0..steps {
            batch(seed, number).iter().for_each(|sentence| trigram.count(sentence));
        }
        let (model, device) = (&reader.model, &lab.device);
        let shares = |items: &Vec<Item>| -> Result<Shares> {
            let right = right(model, &encoded(&vocabulary, items)?, device);
            let network: Vec<f64> = right.into_iter().map(f64::from).collect();
            let trigram: Vec<f64> = items.iter().map(|item| trigram.is_right(item)).collect();
            Ok(compared(items, &[network, trigram]))
        };
        let rows = |rows: &[Vec<Item>]| rows.iter().map(&shares).collect::<Result<Vec<_>>>();
        let run = Run {
            seed,
            first,
            nll: points.last().map_or(f64::NAN, |point| point.nll),
            unseen: rows(&self.unseen)?,
            strangers: rows(&self.strangers)?,
            second: shares(&self.second)?,
            points,
        };
        let items = &self.unseen[LEARNED];
        let probabilities = log_probabilities(model, &encoded(&vocabulary, &self.suitcases)?, device);
        let of_pair = |pair: &Pair| -> Result<[f64; 2]> {
            let [good, bad] = pair.words.each_ref().map(|words| {
                let found = ids(&vocabulary, std::iter::once(words.as_slice()))?;
                found.into_iter().map(|ids| bits(model, ids, device)).sum::<Result<f64>>()
            });
            Ok([good?, bad?])
        };
        let given = Given {
            suitcases: probabilities.into_iter().map(|both| both.map(f64::exp)).collect(),
            pairs: self.pairs.iter().map(of_pair).collect::<Result<_>>()?,
            gaze: Gaze::of(model, items, &encoded(&vocabulary, items)?, device),
        };
        Ok((run, given))
    }

    /// What all networks make of the example.
    pub(super) fn suitcases(&self, given: &[Given]) -> Vec<Suitcase> {
        let one = |(n, item): (usize, &Item)| {
            let both = || given.iter().map(move |given| given.suitcases[n]);
            let more = |[good, bad]: [f64; 2]| (good / bad).log2();
            Suitcase {
                text: item.words.join(" "),
                verbs: item.verbs.map(str::to_owned),
                probabilities: [0, 1].map(|verb| Spread::of(both().map(|both| both[verb]))),
                bits: Spread::of(both().map(more)),
                right: both().filter(|[good, bad]| good > bad).count(),
            }
        };
        self.suitcases.iter().enumerate().map(one).collect()
    }

    /// What all networks make of the reader's pairs; nothing, if there are none.
    pub(super) fn pairs(&self, given: &[Given]) -> Option<Vec<Answer>> {
        let one = |(n, pair): (usize, &Pair)| {
            let both = || given.iter().map(move |given| given.pairs[n]);
            let mean = |side: usize| both().map(|both| both[side]).sum::<f64>() / given.len() as f64;
            let [good, bad] = pair.texts.clone();
            Answer {
                good,
                bad,
                bits: [0, 1].map(mean),
                right: both().filter(|[good, bad]| good < bad).count(),
            }
        };
        (!self.pairs.is_empty()).then(|| self.pairs.iter().enumerate().map(one).collect())
    }

    /// The first question of each row but those that are longer than what was learned.
    pub(super) fn examples(&self) -> Vec<String> {
        let said = |item: &Item| format!("{} … {} / {}", item.words.join(" "), item.verbs[0], item.verbs[1]);
        let rows = self.unseen.iter().take(LEARNED + 1).chain([&self.second]);
        rows.filter_map(|items| items.first()).map(said).collect()
    }
}

/// The shares of both, given for each question how right it is.
fn compared(items: &[Item], right: &[Vec<f64>; 2]) -> Shares {
    let opposed = items.iter().filter(|item| item.opposed).count();
    let all = right.each_ref().map(|right| right.iter().sum::<f64>() / items.len() as f64);
    let of_opposed = |right: &Vec<f64>| {
        let sum: f64 = items.iter().zip(right).filter(|(item, _)| item.opposed).map(|(_, right)| right).sum();
        sum / opposed as f64
    };
    Shares {
        network: all[0],
        trigram: all[1],
        opposed: (opposed > 0).then(|| right.each_ref().map(of_opposed)),
    }
}

pub(super) fn corpus(steps: usize) -> Corpus {
    let pairs = NOUNS.len() * VERBS.len();
    Corpus {
        words: all().len(),
        nouns: NOUNS.len(),
        verbs: VERBS.len(),
        sentences: steps * BATCH,
        items: ITEMS,
        pairs,
        strangers: pairs / NEVER,
        kept: 1.0 / KEPT as f64,
    }
}

pub(super) fn network(parameters: usize) -> Network {
    let sizes = model(0);
    Network { layers: sizes.n_layers, heads: sizes.n_heads, d_model: sizes.d_model, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_over_all_and_over_those_that_are_opposed() {
        let item = |opposed| Item { words: vec![], verbs: ["sees", "see"], opposed, subject: 0 };
        let items = [item(false), item(true), item(true), item(false)];
        let shares = compared(&items, &[vec![1.0, 1.0, 0.0, 1.0], vec![0.5, 0.0, 0.0, 1.0]]);
        assert_eq!((shares.network, shares.trigram, shares.opposed), (0.75, 0.375, Some([0.5, 0.0])));
        assert_eq!(compared(&[item(false)], &[vec![1.0], vec![0.0]]).opposed, None);
    }
}

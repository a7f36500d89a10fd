//! What is told of the language, and of all networks together.

use std::collections::BTreeMap;

use model::TransformerConfig;
use serde::{Deserialize, Serialize};

use super::Run;
use super::asked::Shares;
use super::attention::Attended;
use super::nouns::{NOUNS, pairs};
use super::patching::Patched;
use super::sentences::{ADJECTIVES, Frame};
use super::sets::{Kind, Sets};
use super::training::{BATCH, STEPS};
use super::words::Words;
use crate::contract::spread::Spread;

/// The language: how much there is of what. What is drawn is that of the first network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Language {
    pub(super) nouns: usize,
    pub(super) containers: usize,
    pub(super) adjectives: usize,
    pub(super) frames: usize,
    pub(super) pairs: usize,
    pub(super) learned: usize,
    pub(super) held_out: usize,
    /// Sentences that are learned from.
    pub(super) sentences: usize,
    /// Sentences with unseen pairs that are asked.
    pub(super) asked: usize,
    pub(super) english: usize,
    pub(super) german: usize,
}

impl Language {
    pub(super) fn of(sets: &Sets, english: &Words, german: &Words) -> Self {
        Self {
            nouns: NOUNS.len(),
            containers: NOUNS.iter().filter(|noun| noun.holds).count(),
            adjectives: 2 * ADJECTIVES.len(),
            frames: Frame::ALL.len(),
            pairs: pairs().len(),
            learned: sets.learned,
            held_out: sets.held_out,
            sentences: sets.training.len(),
            asked: sets.asked.get(&Kind::Unseen).map_or(0, |twins| 2 * twins.len()),
            english: english.size(),
            german: german.size(),
        }
    }
}

/// The networks and their training.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Network {
    pub(super) layers: usize,
    pub(super) d_model: usize,
    pub(super) d_ff: usize,
    pub(super) heads: usize,
    pub(super) parameters: usize,
    pub(super) steps: usize,
    pub(super) batch: usize,
}

impl Network {
    pub(super) fn of(sizes: &TransformerConfig, parameters: usize) -> Self {
        let TransformerConfig { n_layers, d_model, d_ff, n_heads, .. } = *sizes;
        Self { layers: n_layers, d_model, d_ff, heads: n_heads, parameters, steps: STEPS, batch: BATCH }
    }
}

/// All networks together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) networks: usize,
    pub(super) asked: BTreeMap<Kind, Spreads>,
    /// Means of what patching brings, in the shapes that a network has.
    pub(super) patched: Patched,
    pub(super) attended: Looking,
    /// What the strongest head brings that is between English and German, what all of the rest bring at most, and so on.
    pub(super) strongest: Strongest,
}

/// [`Shares`] of all networks.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Spreads {
    pub(super) scored: Spread,
    pub(super) both: Spread,
    pub(super) right: Spread,
    pub(super) other: Spread,
    pub(super) third: Spread,
    pub(super) exact: Spread,
    pub(super) kept: Option<Spread>,
}

/// What brings the most, network by network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Strongest {
    /// The one head that brings the most: of all, and of each attention.
    pub(super) head: Spread,
    pub(super) heads: Vec<Spread>,
    /// Of the words at the encoder's end: the adjective's own position, the largest of all others.
    pub(super) adjective: Spread,
    pub(super) elsewhere: Spread,
    /// Networks in which the place at the encoder's end that brings the most is this word.
    pub(super) words: Vec<usize>,
}

impl Summary {
    pub(super) fn of(runs: &[Run]) -> Self {
        let kinds = Kind::ALL.into_iter().filter(|kind| runs.iter().all(|run| run.asked.contains_key(kind)));
        let asked = kinds.map(|kind| (kind, Spreads::of(runs.iter().map(|run| &run.asked[&kind]))));
        Self {
            networks: runs.len(),
            asked: asked.collect(),
            patched: together(runs),
            attended: Looking::of(runs),
            strongest: Strongest::of(runs),
        }
    }
}

impl Spreads {
    fn of<'a>(all: impl Iterator<Item = &'a Shares>) -> Self {
        let all: Vec<&Shares> = all.collect();
        let spread = |of: fn(&Shares) -> f64| Spread::of(all.iter().map(|shares| of(shares)));
        let kept: Vec<f64> = all.iter().filter_map(|shares| shares.kept).collect();
        Self {
            scored: spread(|shares| shares.scored),
            both: spread(|shares| shares.both),
            right: spread(|shares| shares.right),
            other: spread(|shares| shares.other),
            third: spread(|shares| shares.third),
            exact: spread(|shares| shares.exact),
            kept: (!kept.is_empty()).then(|| Spread::of(kept)),
        }
    }
}

/// What single heads look at, network by network.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Looking {
    /// Of the heads of *it*, the one that tells the noun that is meant from the other best: its weight on either.
    pub(super) it: [Spread; 2],
    /// The largest weight on the adjective that any head of the decoder's attention to English has.
    pub(super) adjective: Spread,
    /// Of the heads that look at what is written, the one with the most on what is meant: its weight on that, article and
    /// noun, on the other, and on the article that is meant alone.
    pub(super) own: [Spread; 3],
}

impl Looking {
    fn of(runs: &[Run]) -> Self {
        let best = |layers: &[Vec<[f64; 3]>], by: fn(&[f64; 3]) -> f64| {
            let best = layers.iter().flatten().max_by(|a, b| by(a).total_cmp(&by(b)));
            best.copied().unwrap_or([f64::NAN; 3])
        };
        let spread = |of: &dyn Fn(&Attended) -> f64| Spread::of(runs.iter().map(|run| of(&run.attended)));
        let it = |n: usize| spread(&move |of| best(&of.it, |on| on[0] - on[1])[n]);
        let own = |n: usize| spread(&move |of| best(&of.own, |on| on[0])[n]);
        Self {
            it: [it(0), it(1)],
            adjective: spread(&|of| best(&of.source, |on| on[2])[2]),
            own: [own(0), own(1), own(2)],
        }
    }
}

impl Strongest {
    fn of(runs: &[Run]) -> Self {
        let all = runs.iter().map(|run| &run.patched);
        let most = |values: &[f64]| values.iter().copied().fold(f64::MIN, f64::max);
        let heads = |patched: &Patched| most(&patched.heads.concat());
        let end = |patched: &Patched| patched.encoder.last().cloned().unwrap_or_default();
        let others = |patched: &Patched| {
            let rest = end(patched).into_iter().enumerate().filter(|(n, _)| *n != ADJECTIVE);
            most(&rest.map(|(_, value)| value).collect::<Vec<_>>())
        };
        let best = |word: usize| move |patched: &&Patched| end(patched)[word] == most(&end(patched));
        let words = runs.first().map_or(0, |run| end(&run.patched).len());
        let attentions = runs.iter().map(|run| run.patched.heads.len()).min().unwrap_or_default();
        Self {
            head: Spread::of(all.clone().map(heads)),
            heads: (0..attentions).map(|n| Spread::of(all.clone().map(|p| most(&p.heads[n])))).collect(),
            adjective: Spread::of(all.clone().map(|p| end(p).get(ADJECTIVE).copied().unwrap_or(f64::NAN))),
            elsewhere: Spread::of(all.clone().map(others)),
            words: (0..words).map(|word| all.clone().filter(best(word)).count()).collect(),
        }
    }
}

/// Where the adjective stands in the sentences that are patched.
pub(super) const ADJECTIVE: usize = 11;

/// The mean, with as many digits as are worth being kept.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let mean = Spread::of(values).mean;
    format!("{mean:.4}").parse().unwrap_or(mean)
}

/// The means of all numbers. A tensor that is the same in both runs of a network brings nothing in it.
fn together(runs: &[Run]) -> Patched {
    let all: Vec<&Patched> = runs.iter().map(|run| &run.patched).collect();
    let grid = |of: fn(&Patched) -> &Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let Some(first) = all.first() else { return Vec::new() };
        let row = |r: usize| (0..of(first)[r].len()).map(|c| mean(all.iter().map(|p| of(p)[r][c]))).collect();
        (0..of(first).len()).map(row).collect()
    };
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for (tensor, brings) in all.iter().flat_map(|patched| patched.tensors.iter().zip(&patched.brings)) {
        *sums.entry(*tensor).or_default() += brings / all.len() as f64;
    }
    Patched {
        large: mean(all.iter().map(|patched| patched.large)),
        small: mean(all.iter().map(|patched| patched.small)),
        rows: all.iter().map(|patched| patched.rows).sum(),
        encoder: grid(|patched| &patched.encoder),
        decoder: grid(|patched| &patched.decoder),
        heads: grid(|patched| &patched.heads),
        brings: sums.values().map(|sum| mean(std::iter::once(*sum))).collect(),
        tensors: sums.into_keys().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, brings: &[(usize, f64)], end: f64) -> Run {
        let mut words = vec![0.0; 13];
        (words[ADJECTIVE], words[2]) = (end, 1.0 - end);
        let patched = Patched {
            large: 5.0,
            small: -3.0,
            rows: 7,
            tensors: brings.iter().map(|of| of.0).collect(),
            brings: brings.iter().map(|of| of.1).collect(),
            encoder: vec![words],
            decoder: vec![vec![end]],
            heads: vec![vec![end, 0.1]],
        };
        let attended = Attended {
            it: vec![vec![[0.4, 0.4, 0.1], [0.3, 0.1, 0.0]]],
            source: vec![vec![[0.0, 0.0, end]], vec![[0.0, 0.0, 0.1]]],
            own: vec![vec![[0.2, 0.1, 0.0], [end, 0.0, 0.2]]],
        };
        let shares =
            Shares { scored: end, both: end, right: 1.0, other: 0.0, third: 0.0, exact: 0.5, kept: None };
        Run { seed, losses: vec![], asked: [(Kind::Unseen, shares)].into(), attended, patched }
    }

    #[test]
    fn networks_are_taken_together() {
        let runs = [run(1, &[(3, 0.5), (8, 1.0)], 0.25), run(2, &[(3, 0.3), (5, 0.2)], 0.75)];
        let summary = Summary::of(&runs);
        assert_eq!(summary.patched.tensors, [3, 5, 8]);
        assert_eq!(summary.patched.brings, [0.4, 0.1, 0.5]);
        assert_eq!((summary.patched.rows, summary.patched.large), (14, 5.0));
        assert_eq!(summary.patched.decoder, [[0.5]]);
        let Looking { it, adjective, own } = summary.attended;
        assert_eq!((it[0].mean, it[1].mean, adjective.most), (0.3, 0.1, 0.75));
        assert_eq!((own[0].least, own[1].mean, own[2].mean), (0.25, 0.0, 0.2));
        assert_eq!(summary.asked[&Kind::Unseen].scored.mean, 0.5);
        let Strongest { head, heads, adjective, elsewhere, words } = summary.strongest;
        assert_eq!((head.most, heads[0].mean, adjective.least, elsewhere.most), (0.75, 0.5, 0.25, 0.75));
        assert_eq!((words[2], words[ADJECTIVE]), (1, 1));
    }
}

//! Beam search once more, with everything that it drops written down.

use model::decoding::{Search, length_penalty};
use serde::{Deserialize, Serialize};

/// What has become of a hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It was continued.
    Kept,
    /// There was no room for it.
    Dropped,
    /// It has come to its end.
    Finished,
    /// It was alive when the search ended, since it could not win any more.
    Left,
}

/// A hypothesis: one token more than the one that it goes on from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Node<T> {
    /// The one that it goes on from; none for a first token.
    pub(super) parent: Option<usize>,
    /// How many tokens it has.
    pub(super) step: usize,
    pub(super) token: T,
    /// Logarithm of the probability of all its tokens.
    pub(super) log_prob: f64,
    /// The same over the length penalty.
    pub(super) score: f64,
    pub(super) fate: Fate,
}

/// A living hypothesis.
struct Living {
    node: Option<usize>,
    ids: Vec<usize>,
    log_prob: f64,
}

/// All hypotheses that were kept, and at each step the `dropped` likeliest of the others. `next` gives the logarithms of
/// the probabilities of every token after each of some beginnings.
pub(super) fn explore(
    search: &Search,
    max_new: usize,
    dropped: usize,
    mut next: impl FnMut(&[Vec<usize>]) -> Vec<Vec<f64>>,
) -> Vec<Node<usize>> {
    let mut nodes: Vec<Node<usize>> = Vec::new();
    let mut living = vec![Living { node: None, ids: Vec::new(), log_prob: 0.0 }];
    let mut finished: Vec<f64> = Vec::new();
    while !living.is_empty() {
        let beginnings: Vec<Vec<usize>> = living.iter().map(|one| one.ids.clone()).collect();
        let candidates = candidates(&living, &next(&beginnings));
        let width = search.beam.saturating_sub(finished.len());
        let mut longer = Vec::new();
        for (place, &(row, token, log_prob)) in candidates.iter().enumerate().take(width + dropped) {
            let ids = [&living[row].ids[..], &[token]].concat();
            let (step, parent) = (ids.len(), living[row].node);
            let score = log_prob / length_penalty(step, search.alpha);
            let fate = match search.eos == Some(token) || step == max_new {
                _ if place >= width => Fate::Dropped,
                true => Fate::Finished,
                false => Fate::Kept,
            };
            match fate {
                Fate::Kept => longer.push(Living { node: Some(nodes.len()), ids, log_prob }),
                Fate::Finished => finished.push(score),
                Fate::Dropped | Fate::Left => {}
            }
            nodes.push(Node { parent, step, token, log_prob, score, fate });
        }
        let best = finished.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let longest = length_penalty(max_new, search.alpha);
        if longer.iter().all(|one| one.log_prob / longest <= best) {
            longer.iter().filter_map(|one| one.node).for_each(|node| nodes[node].fate = Fate::Left);
            longer.clear();
        }
        living = longer;
    }
    nodes
}

/// Every continuation of the living: which it goes on from, its token, and its logarithm; the likeliest first.
fn candidates(living: &[Living], next: &[Vec<f64>]) -> Vec<(usize, usize, f64)> {
    let of_one = |(row, logs): (usize, &Vec<f64>)| {
        let begun = living[row].log_prob;
        logs.iter().enumerate().map(move |(token, log)| (row, token, begun + log)).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = next.iter().enumerate().take(living.len()).flat_map(of_one).collect();
    all.sort_by(|a, b| b.2.total_cmp(&a.2));
    all
}

/// The finished hypothesis with the best score.
pub(super) fn best<T>(nodes: &[Node<T>]) -> Option<usize> {
    let finished = (0..nodes.len()).filter(|&node| nodes[node].fate == Fate::Finished);
    finished.max_by(|&a, &b| nodes[a].score.total_cmp(&nodes[b].score).then(b.cmp(&a)))
}

/// A hypothesis and all that it goes on from, the first token first.
pub(super) fn path<T>(nodes: &[Node<T>], end: usize) -> Vec<usize> {
    let mut path = vec![end];
    while let Some(parent) = path.last().and_then(|&node| nodes.get(node)?.parent) {
        path.push(parent);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens 0 and 1, and 2 for the end. After 0 the sentence most likely ends; after 1 it surely does.
    fn next(beginnings: &[Vec<usize>]) -> Vec<Vec<f64>> {
        let row = |ids: &Vec<usize>| match ids.last() {
            None => vec![-0.9, -0.6, -5.0],
            Some(0) => vec![-3.0, -3.0, -0.2],
            _ => vec![-2.0, -2.5, -0.1],
        };
        beginnings.iter().map(row).collect()
    }

    #[test]
    fn kept_dropped_and_finished_are_told_apart() {
        let search = Search { bos: 9, eos: Some(2), beam: 2, alpha: 0.0 };
        let nodes = explore(&search, 5, 1, next);
        let told: Vec<_> = nodes.iter().map(|node| (node.parent, node.token, node.fate)).collect();
        let expected = [
            (None, 1, Fate::Kept),
            (None, 0, Fate::Kept),
            (None, 2, Fate::Dropped),
            (Some(0), 2, Fate::Finished),
            (Some(1), 2, Fate::Finished),
            (Some(0), 0, Fate::Dropped),
        ];
        assert_eq!(told, expected);
        assert_eq!(best(&nodes), Some(3));
        assert_eq!(path(&nodes, 3), [0, 3]);
        assert!((nodes[3].log_prob + 0.7).abs() < 1e-12);
    }

    #[test]
    fn what_can_not_win_any_more_is_left() {
        let search = Search { bos: 9, eos: Some(2), beam: 2, alpha: 0.0 };
        let fates = |nodes: &[Node<usize>]| nodes.iter().map(|node| node.fate).collect::<Vec<_>>();
        let nodes = explore(&search, 5, 0, |_| vec![vec![-3.0, -9.0, -0.1]]);
        assert_eq!(fates(&nodes), [Fate::Finished, Fate::Left]);
        // The limit ends a sentence as well.
        assert_eq!(fates(&explore(&search, 1, 0, next)), [Fate::Finished, Fate::Finished]);
    }
}

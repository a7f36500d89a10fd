//! Beam search (paper, section 6.1; Wu et al. 2016, section 7).

use burn::tensor::{Int, Tensor};

use super::{Hypothesis, column, log_softmax, numbers};
use crate::cache::Rows;
use crate::transformer::{DecoderState, Transformer};

/// What beam search is to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The token every sentence begins with.
    pub bos: usize,
    /// The token that ends a sentence; None to write on to the limit.
    pub eos: Option<usize>,
    /// Hypotheses kept alive; the paper uses 4, and 1 is greedy
    /// decoding.
    pub beam: usize,
    /// Strength of the length penalty; the paper uses 0.6, and 0 turns
    /// it off.
    pub alpha: f64,
}

// ANCHOR: length_penalty
/// `((5 + length) / 6)^alpha`, by which a log-probability is divided
/// (Wu et al. 2016, equation 14).
#[must_use]
pub fn length_penalty(length: usize, alpha: f64) -> f64 {
    ((5.0 + length as f64) / 6.0).powf(alpha)
}
// ANCHOR_END: length_penalty

/// Tokens that are looked through at a time.
const TOGETHER: usize = 64;

/// A sentence's search: what is still being written, and what is done.
struct Beam {
    live: Vec<Hypothesis>,
    done: Vec<Hypothesis>,
    max_new: usize,
    /// How many of the best are wanted.
    best: usize,
}

// ANCHOR: beam
/// Writes the best sentences for each row of `src`, `[batch, source]`:
/// at most `beam` each, best score first.
///
/// The beam keeps the `beam` likeliest continuations; one that ends in
/// EOS leaves it and takes its place along, so the search stops when
/// all are done, or as soon as no living one can still beat the best:
/// log-probabilities only fall, so `log_prob / length_penalty(max_new)`
/// bounds what a hypothesis may yet reach. Sentences still open at
/// `max_new` tokens (one limit a sentence) count as they stand.
///
/// # Panics
///
/// If `max_new` has not one entry a sentence, or `beam` is zero.
pub fn beam_search(
    model: &Transformer,
    src: Tensor<2, Int>,
    search: &Search,
    max_new: &[usize],
) -> Vec<Vec<Hypothesis>> {
    n_best_search(model, src, search, 1, max_new)
}

/// The same where several sentences are wanted: it goes on until no
/// living hypothesis can become one of the `best` best ones.
///
/// # Panics
///
/// As [`beam_search`], or if `best` is zero or more than `beam`.
pub fn n_best_search(
    model: &Transformer,
    src: Tensor<2, Int>,
    search: &Search,
    best: usize,
    max_new: &[usize],
) -> Vec<Vec<Hypothesis>> {
    assert!(
        src.dims()[0] == max_new.len() && search.beam > 0,
        "one limit a sentence, and a beam"
    );
    assert!(
        (1..=search.beam).contains(&best),
        "best from 1 to the width of the beam"
    );
    let device = src.device();
    let mut state = model.start(src);
    let mut beams: Vec<Beam> =
        max_new.iter().map(|&limit| Beam::new(limit, best)).collect();
    // The rows of the batch are the living hypotheses of all sentences,
    // one after the other.
    let mut parents: Vec<usize> = (0..beams.len())
        .filter(|&b| !beams[b].live.is_empty())
        .collect();
    while !parents.is_empty() {
        state.select(&Rows::new(&parents, &device));
        // [rows, vocab]
        let log_p =
            next_log_probs(model, &beams, search.bos, &mut state);
        let vocab = log_p.dims()[1];
        let log_p = numbers(log_p);
        parents = Vec::new();
        let mut first = 0; // this sentence's first row
        for beam in &mut beams {
            let rows = beam.live.len();
            let log_p = &log_p[first * vocab..(first + rows) * vocab];
            parents.extend(
                beam.advance(log_p, vocab, search)
                    .into_iter()
                    .map(|row| first + row),
            );
            first += rows;
        }
    }
    beams.into_iter().map(|beam| beam.done).collect()
}

impl Beam {
    /// Extends every living hypothesis by every token and keeps the
    /// likeliest; returns, for each hypothesis that lives on, the row
    /// it came from. `log_p` is `[live, vocab]`.
    fn advance(
        &mut self,
        log_p: &[f32],
        vocab: usize,
        search: &Search,
    ) -> Vec<usize> {
        // ANCHOR: advance
        let width = search.beam.saturating_sub(self.done.len());
        let so_far = self.live.iter().map(|h| h.log_prob);
        let best = largest(so_far.zip(log_p.chunks(vocab)), width);
        let mut parents = Vec::new();
        let mut live = Vec::new();
        for Next { row, token, log_prob } in best {
            let mut ids = self.live[row].ids.clone();
            ids.push(token);
            let score =
                log_prob / length_penalty(ids.len(), search.alpha);
            let ended =
                search.eos == Some(token) || ids.len() == self.max_new;
            let hypothesis = Hypothesis { ids, log_prob, score };
            if ended {
                self.done.push(hypothesis);
            } else {
                parents.push(row);
                live.push(hypothesis);
            }
        }
        // ANCHOR_END: advance
        self.done.sort_by(|a, b| b.score.total_cmp(&a.score));
        if self.is_settled(&live, search) {
            (parents, live) = (Vec::new(), Vec::new());
        }
        self.live = live;
        parents
    }

    // ANCHOR: is_settled
    /// Whether the best hypotheses are done, as many as are wanted, and
    /// no living one can reach the score of the last any more.
    fn is_settled(&self, live: &[Hypothesis], search: &Search) -> bool {
        let longest =
            length_penalty(self.max_new, search.alpha.max(0.0));
        let bound = live
            .iter()
            .map(|h| h.log_prob / longest)
            .fold(f64::NEG_INFINITY, f64::max);
        let last = self.done.get(self.best - 1);
        last.is_some_and(|last| last.score >= bound)
    }
    // ANCHOR_END: is_settled
}
// ANCHOR_END: beam

impl Beam {
    fn new(max_new: usize, best: usize) -> Self {
        let empty =
            Hypothesis { ids: Vec::new(), log_prob: 0.0, score: 0.0 };
        let (live, done) = match max_new {
            0 => (Vec::new(), vec![empty]),
            _ => (vec![empty], Vec::new()),
        };
        Self { live, done, max_new, best }
    }
}

/// Scores the token after each living hypothesis: `[rows, vocab]`.
fn next_log_probs(
    model: &Transformer,
    beams: &[Beam],
    bos: usize,
    state: &mut DecoderState,
) -> Tensor<2> {
    let living = beams.iter().flat_map(|beam| &beam.live);
    let newest: Vec<usize> = living
        .map(|hypothesis| hypothesis.ids.last().copied().unwrap_or(bos))
        .collect();
    let device = state.device();
    log_softmax(model.step(column(&newest, &device), state))
}

/// A hypothesis and a token after it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Next {
    row: usize,
    token: usize,
    /// Of both together.
    log_prob: f64,
}

/// The `count` likeliest, each of a row's log-probability so far and
/// those of the tokens after it; likeliest first. The first row and
/// the first token win a tie.
fn largest<'a>(
    rows: impl Iterator<Item = (f64, &'a [f32])>,
    count: usize,
) -> Vec<Next> {
    let mut best: Vec<Next> = Vec::with_capacity(count + 1);
    for (row, (so_far, tokens)) in rows.enumerate() {
        for (part, some) in tokens.chunks(TOGETHER).enumerate() {
            // Of most parts, nothing is likely enough. To count is
            // quicker than to look for the first that is.
            let full = best.len() == count;
            let least =
                best.last().map_or(f64::INFINITY, |n| n.log_prob);
            let total = |log_p: f32| so_far + f64::from(log_p);
            let unlikely = |&log_p: &f32| total(log_p) <= least;
            if full
                && some.iter().filter(|x| unlikely(x)).count()
                    == some.len()
            {
                continue;
            }
            for (token, &log_p) in (part * TOGETHER..).zip(some) {
                let log_prob = total(log_p);
                let is_less = |n: &Next| log_prob <= n.log_prob;
                if best.len() == count
                    && best.last().is_none_or(is_less)
                {
                    continue;
                }
                let place =
                    best.partition_point(|n| n.log_prob >= log_prob);
                best.insert(place, Next { row, token, log_prob });
                best.truncate(count);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_come_in_order_and_ties_go_to_the_first() {
        let rows: [(f64, &[f32]); 2] =
            [(0.5, &[0.0, 1.5, -1.5]), (-1.0, &[3.0, 1.7])];
        let top = |count| {
            largest(rows.into_iter(), count)
                .into_iter()
                .map(|next| (next.row, next.token))
                .collect::<Vec<_>>()
        };
        assert_eq!(top(3), [(0, 1), (1, 0), (1, 1)]);
        let all = [(0, 1), (1, 0), (1, 1), (0, 0), (0, 2)];
        assert_eq!(top(9), all);
        assert!(top(0).is_empty());
    }

    /// What is passed over in one go is what would not be among them.
    #[test]
    fn the_largest_of_many_are_those_that_sorting_finds() {
        let number = |n: usize| ((n * n * 31) % 1_009) as f32 / -97.0;
        let all: Vec<f32> = (0..3_001).map(number).collect();
        let (one, other) = all.split_at(1_700);
        let rows = [(-1.0, one), (-2.5, other)];
        let mut expected: Vec<Next> = Vec::new();
        for (row, (so_far, tokens)) in rows.into_iter().enumerate() {
            for (token, &log_p) in tokens.iter().enumerate() {
                let log_prob = so_far + f64::from(log_p);
                expected.push(Next { row, token, log_prob });
            }
        }
        expected.sort_by(|a, b| b.log_prob.total_cmp(&a.log_prob));
        for count in [1, 4, 61] {
            let found = largest(rows.into_iter(), count);
            assert_eq!(found, expected[..count]);
        }
    }

    #[test]
    fn the_length_penalty_is_one_for_one_token_and_grows() {
        assert_eq!(length_penalty(1, 0.6), 1.0);
        assert!(
            (length_penalty(7, 0.6) - 2f64.powf(0.6)).abs() < 1e-12
        );
        assert_eq!(length_penalty(7, 0.0), 1.0);
    }

    /// Two tokens and EOS (2). After one step EOS is done with a fair
    /// score; the living hypothesis may still win because the penalty
    /// forgives length: a search that stopped at the first EOS would
    /// miss it.
    #[test]
    fn the_search_goes_on_while_a_longer_hypothesis_may_win() {
        let search =
            Search { bos: 0, eos: Some(2), beam: 2, alpha: 1.0 };
        let mut beam = Beam::new(9, 1);
        let parents = beam.advance(&[-9.0, -1.0, -1.1], 3, &search);
        assert_eq!((parents, beam.done.len()), (vec![0], 1));
        let parents = beam.advance(&[-9.0, -9.0, -0.01], 3, &search);
        assert!(parents.is_empty());
        assert_eq!(
            beam.done[0].ids,
            [1, 2],
            "-1.01 / (7/6) beats -1.1"
        );
    }

    #[test]
    fn the_search_stops_when_nothing_can_win() {
        let search =
            Search { bos: 0, eos: Some(2), beam: 2, alpha: 1.0 };
        let mut beam = Beam::new(2, 1);
        let parents = beam.advance(&[-9.0, -9.0, -0.01], 3, &search);
        assert_eq!((parents.len(), beam.done.len()), (0, 1));
    }
}

//! Greedy decoding: the likeliest token, step by step.

use burn::tensor::{Int, Tensor};

use super::{Hypothesis, column, ids, log_softmax, numbers};
use crate::cache::Rows;
use crate::transformer::Transformer;

// ANCHOR: greedy
/// Writes one sentence for each row of `src`, `[batch, source]`, always
/// going on with the likeliest token.
///
/// A sentence ends after `eos`, if there is one, or when it has
/// `max_new` tokens, given a sentence each.
///
/// # Panics
///
/// If `max_new` has not one entry a sentence.
pub fn greedy(
    model: &Transformer,
    src: Tensor<2, Int>,
    bos: usize,
    eos: Option<usize>,
    max_new: &[usize],
) -> Vec<Hypothesis> {
    assert_eq!(src.dims()[0], max_new.len(), "one limit a sentence");
    let device = src.device();
    let mut written =
        vec![
            Hypothesis { ids: Vec::new(), log_prob: 0.0, score: 0.0 };
            max_new.len()
        ];
    // Sentences still in the batch, in its order.
    let mut open: Vec<usize> = (0..max_new.len()).collect();
    let mut newest = vec![bos; open.len()];
    let mut state = model.start(src);
    loop {
        let going: Vec<usize> = (0..open.len())
            .filter(|&row| {
                written[open[row]].ids.len() < max_new[open[row]]
                    && !ended(&written[open[row]], eos)
            })
            .collect();
        if going.is_empty() {
            return written;
        }
        if going.len() < open.len() {
            state.select(&Rows::new(&going, &device));
            open = going.iter().map(|&row| open[row]).collect();
            newest = going.iter().map(|&row| newest[row]).collect();
        }
        // ANCHOR: greedy_step
        // [batch, vocab]
        let logits = model.step(column(&newest, &device), &mut state);
        // [batch, 1] each
        let (best, token) = log_softmax(logits).max_dim_with_indices(1);
        newest = ids(token);
        for ((&sentence, &token), log_prob) in
            open.iter().zip(&newest).zip(numbers(best))
        {
            written[sentence].ids.push(token);
            written[sentence].log_prob += f64::from(log_prob);
            written[sentence].score = written[sentence].log_prob;
        }
        // ANCHOR_END: greedy_step
    }
}
// ANCHOR_END: greedy

fn ended(hypothesis: &Hypothesis, eos: Option<usize>) -> bool {
    eos.is_some() && hypothesis.ids.last().copied() == eos
}

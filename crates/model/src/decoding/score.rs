//! The log-probability of a given text.

use burn::tensor::{Int, Tensor};

use super::{ids, log_softmax, numbers};
use crate::transformer::Transformer;

// ANCHOR: score
/// How likely the model finds each sentence of `tgt`, given `src`: the
/// log-probability, in nats, of every token after BOS that is not
/// padding.
///
/// # Shapes
///
/// - `src`: `[batch, source]`; `tgt`: `[batch, target]`, each row BOS,
///   tokens, and padding up to the longest
pub fn score(
    model: &Transformer,
    src: Tensor<2, Int>,
    tgt: Tensor<2, Int>,
    pad: usize,
) -> Vec<Vec<f64>> {
    let [batch, length] = tgt.dims();
    if length < 2 {
        return vec![Vec::new(); batch];
    }
    // What the decoder reads, and what it is to predict.
    let given = tgt.clone().slice([0..batch, 0..length - 1]);
    let next = tgt.slice([0..batch, 1..length]);
    // [batch, target - 1, vocab]
    let log_p = log_softmax(model.forward(src, given).logits);
    // [batch, target - 1, 1]
    let of_next = log_p.gather(2, next.clone().unsqueeze_dim(2));
    let (of_next, next) = (numbers(of_next), ids(next));
    let sentence = |(log_p, next): (&[f32], &[usize])| {
        log_p
            .iter()
            .zip(next)
            .filter(|&(_, &id)| id != pad)
            .map(|(&log_p, _)| f64::from(log_p))
            .collect()
    };
    of_next
        .chunks(length - 1)
        .zip(next.chunks(length - 1))
        .map(sentence)
        .collect()
}
// ANCHOR_END: score

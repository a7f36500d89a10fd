//! Scaled dot-product attention (paper, section 3.2.1).

use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Tensor};

use crate::dropout::Dropout;

/// What masked scores are set to before the softmax: far below any
/// score, yet finite, so that a row whose keys are all masked gets
/// equal weights instead of NaN.
const MASKED: f32 = -1e9;

/// What everything that attends gives back: its output, and the weights
/// that led to it.
///
/// Weights are the softmax's rows, before dropout: over the keys they
/// sum to one. One attention has `[batch, heads, query, key]`, and a
/// stack a list of what its layers have.
#[derive(Clone, Debug)]
pub struct Attended<W = Tensor<4>, const D: usize = 3> {
    /// The weighted values, and what became of them.
    pub output: Tensor<D>,
    /// The attention weights.
    pub weights: W,
}

impl<W, const D: usize> Attended<W, D> {
    /// Goes on with the output; the weights stay as they are.
    pub fn map<const E: usize>(
        self,
        f: impl FnOnce(Tensor<D>) -> Tensor<E>,
    ) -> Attended<W, E> {
        let Self { output, weights } = self;
        Attended { output: f(output), weights }
    }
}

// ANCHOR: attention
/// Scaled dot-product attention, equation (1):
/// `softmax(Q K^T / sqrt(d_k)) V`.
///
/// # Shapes
///
/// - `query`: `[batch, heads, query, d_k]`
/// - `key`, `value`: `[batch, heads, key, d_k]`
/// - `mask`: broadcasts to `[batch, heads, query, key]`; `true` hides
///   that key from that query
/// - output: `[batch, heads, query, d_k]`
/// - weights: `[batch, heads, query, key]`
#[tracing::instrument(name = "attention", skip_all)]
pub fn attention(
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    mask: Option<&Tensor<4, Bool>>,
    dropout: &Dropout,
) -> Attended<Tensor<4>, 4> {
    let d_k = query.dims()[3];
    // [batch, heads, query, key]
    let scores = query.matmul(key.transpose()) / (d_k as f32).sqrt();
    let scores = match mask {
        Some(mask) => scores.mask_fill(mask.clone(), MASKED),
        None => scores,
    };
    // Every row over the keys sums to one.
    let weights = softmax(scores, 3);
    // [batch, heads, query, d_k]
    let output = dropout.forward(weights.clone()).matmul(value);
    Attended { output, weights }
}
// ANCHOR_END: attention

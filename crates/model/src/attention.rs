//! Attention (paper, section 3.2).

use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Device, Tensor};

use crate::dropout::Dropout;
use crate::linear::Linear;
use crate::sizes::Sizes;

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

// ANCHOR: multi_head
/// Multi-head attention (section 3.2.2): `h` attentions side by side,
/// each in its own learned projection.
#[derive(Module, Debug)]
pub struct MultiHeadAttention {
    /// `W^Q` of all heads: `[d_model, d_model]`.
    pub query: Linear,
    /// `W^K` of all heads: `[d_model, d_model]`.
    pub key: Linear,
    /// `W^V` of all heads: `[d_model, d_model]`.
    pub value: Linear,
    /// `W^O`: `[d_model, d_model]`.
    pub output: Linear,
    pub(crate) dropout: Dropout,
    n_heads: usize,
}
// ANCHOR_END: multi_head

impl MultiHeadAttention {
    // ANCHOR: multi_head_forward
    /// Lets `x` look at `source`. In self-attention the two are the
    /// same; in cross-attention `source` is the encoder's memory.
    ///
    /// # Shapes
    ///
    /// - `x`: `[batch, query, d_model]`
    /// - `source`: `[batch, key, d_model]`
    /// - `mask`: broadcasts to `[batch, heads, query, key]`
    /// - output: `[batch, query, d_model]`
    #[tracing::instrument(name = "multi_head_attention", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        source: Tensor<3>,
        mask: &Tensor<4, Bool>,
    ) -> Attended {
        let query = self.split_heads(self.query.forward(x));
        let KeysValues { keys, values } = self.keys_values(source);
        attention(query, keys, values, Some(mask), &self.dropout)
            .map(|heads| self.output.forward(concat_heads(heads)))
    }
    // ANCHOR_END: multi_head_forward

    // ANCHOR: split_heads
    /// What can be looked at, `[batch, key, d_model]`, as keys and
    /// values: `[batch, heads, key, d_k]` each.
    pub(crate) fn keys_values(&self, source: Tensor<3>) -> KeysValues {
        KeysValues {
            keys: self.split_heads(self.key.forward(source.clone())),
            values: self.split_heads(self.value.forward(source)),
        }
    }

    /// `[batch, length, d_model]` to `[batch, heads, length, d_k]`.
    pub(crate) fn split_heads(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, length, d_model] = x.dims();
        let d_k = d_model / self.n_heads;
        x.reshape([batch, length, self.n_heads, d_k]).swap_dims(1, 2)
    }
    // ANCHOR_END: split_heads
}

// ANCHOR: concat_heads
/// `[batch, heads, length, d_k]` to `[batch, length, d_model]`.
pub(crate) fn concat_heads(x: Tensor<4>) -> Tensor<3> {
    let [batch, heads, length, d_k] = x.dims();
    x.swap_dims(1, 2).reshape([batch, length, heads * d_k])
}
// ANCHOR_END: concat_heads

/// The keys and values of every head, ready for the dot product:
/// `[batch, heads, key, d_k]` each.
#[derive(Clone, Debug)]
pub(crate) struct KeysValues {
    pub(crate) keys: Tensor<4>,
    pub(crate) values: Tensor<4>,
}

impl MultiHeadAttention {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let d_model = sizes.d_model;
        let linear = || Linear::new(d_model, d_model, device);
        Self {
            query: linear(),
            key: linear(),
            value: linear(),
            output: linear(),
            dropout: Dropout::new(sizes.dropout),
            n_heads: sizes.n_heads,
        }
    }
}

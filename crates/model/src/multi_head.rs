//! Multi-head attention (paper, section 3.2.2).

use burn::module::Module;
use burn::tensor::{Bool, Device, Tensor};

use crate::attention::Attended;
use crate::dropout::Dropout;
use crate::fused::attention;
use crate::linear::Linear;
use crate::sizes::Sizes;

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

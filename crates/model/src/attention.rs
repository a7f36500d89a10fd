//! Attention (paper, section 3.2).

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Device, Int, Tensor};

use crate::config::{TransformerConfig, XAVIER};
use crate::dropout::drop_out;
use crate::linear::project;

/// What masked scores are set to before the softmax: far below any score, yet finite, so that a row whose keys are
/// all masked gets equal weights instead of NaN.
const MASKED: f32 = -1e9;

/// What attention gives back: the result, and the weights that made it.
#[derive(Clone, Debug)]
pub struct Attended<const D: usize> {
    /// The weighted values.
    pub output: Tensor<D>,
    /// The softmax's rows, before dropout: `[batch, heads, query, key]`. Over the keys they sum to one.
    pub weights: Tensor<4>,
}

// ANCHOR: attention
/// Scaled dot-product attention, equation (1): `softmax(Q K^T / sqrt(d_k)) V`.
///
/// # Shapes
///
/// - `query`: `[batch, heads, query, d_k]`; `key`, `value`: `[batch, heads, key, d_k]`
/// - `mask`: broadcasts to `[batch, heads, query, key]`; `true` hides that key from that query
/// - output: `[batch, heads, query, d_k]`
#[tracing::instrument(name = "attention", skip_all)]
pub fn attention(
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    mask: Option<&Tensor<4, Bool>>,
    dropout: &Dropout,
) -> Attended<4> {
    let d_k = query.dims()[3];
    let scores = query.matmul(key.transpose()) / (d_k as f32).sqrt(); // [batch, heads, query, key]
    let scores = match mask {
        Some(mask) => scores.mask_fill(mask.clone(), MASKED),
        None => scores,
    };
    let weights = softmax(scores, 3); // every row over the keys sums to one
    let output = drop_out(weights.clone(), dropout).matmul(value); // [batch, heads, query, d_k]
    Attended { output, weights }
}
// ANCHOR_END: attention

// ANCHOR: multi_head
/// Multi-head attention (section 3.2.2): `h` attentions side by side, each in its own learned projection.
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
    dropout: Dropout,
    n_heads: usize,
}

impl MultiHeadAttention {
    /// Lets `x` look at `source`. In self-attention the two are the same; in cross-attention `source` is the
    /// encoder's memory. A `cache` carries keys and values from one decoding step to the next.
    ///
    /// # Shapes
    ///
    /// - `x`: `[batch, query, d_model]`; `source`: `[batch, key, d_model]`
    /// - `mask`: broadcasts to `[batch, heads, query, key]`
    /// - output: `[batch, query, d_model]`
    #[tracing::instrument(name = "multi_head_attention", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        source: Tensor<3>,
        mask: Option<&Tensor<4, Bool>>,
        cache: Option<&mut Cache>,
    ) -> Attended<3> {
        let [batch, length, d_model] = x.dims();
        let query = self.split_heads(project(x, &self.query)); // [batch, heads, query, d_k]
        let fresh = || KeyValue {
            keys: self.split_heads(project(source.clone(), &self.key)), // [batch, heads, key, d_k]
            values: self.split_heads(project(source, &self.value)),     // [batch, heads, key, d_k]
        };
        let KeyValue { keys, values } = match cache {
            Some(cache) => cache.update(fresh),
            None => fresh(),
        };
        let Attended { output, weights } = attention(query, keys, values, mask, &self.dropout);
        let heads = output.swap_dims(1, 2).reshape([batch, length, d_model]); // concatenated: [batch, query, d_model]
        Attended { output: project(heads, &self.output), weights }
    }

    /// `[batch, length, d_model]` to `[batch, heads, length, d_k]`.
    fn split_heads(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, length, d_model] = x.dims();
        x.reshape([batch, length, self.n_heads, d_model / self.n_heads]).swap_dims(1, 2)
    }
}
// ANCHOR_END: multi_head

impl MultiHeadAttention {
    pub(crate) fn new(config: &TransformerConfig, device: &Device) -> Self {
        let linear =
            || LinearConfig::new(config.d_model, config.d_model).with_initializer(XAVIER).init(device);
        Self {
            query: linear(),
            key: linear(),
            value: linear(),
            output: linear(),
            dropout: DropoutConfig::new(config.dropout).init(),
            n_heads: config.n_heads,
        }
    }
}

// ANCHOR: cache
/// Keys and values of every head, ready for the dot product: `[batch, heads, key, d_k]` each.
#[derive(Clone, Debug)]
pub struct KeyValue {
    keys: Tensor<4>,
    values: Tensor<4>,
}

/// What one attention remembers while a sequence is decoded token by token, so that nothing is projected twice.
#[derive(Clone, Debug)]
pub enum Cache {
    /// Self-attention: each step appends its keys and values.
    Growing(Option<KeyValue>),
    /// Cross-attention: the memory is projected at the first step and reused.
    Fixed(Option<KeyValue>),
}

impl Cache {
    fn update(&mut self, project: impl FnOnce() -> KeyValue) -> KeyValue {
        let (slot, known) = match self {
            Self::Growing(slot) => {
                let known = match slot.take() {
                    Some(past) => past.append(project()),
                    None => project(),
                };
                (slot, known)
            }
            Self::Fixed(slot) => {
                let known = slot.take().unwrap_or_else(project);
                (slot, known)
            }
        };
        slot.insert(known).clone()
    }

    /// Keeps the given rows of the batch, in that order; a row may be kept several times or not at all.
    pub(crate) fn select(&mut self, rows: &Tensor<1, Int>) {
        let (Self::Growing(slot) | Self::Fixed(slot)) = self;
        *slot = slot.take().map(|KeyValue { keys, values }| KeyValue {
            keys: keys.select(0, rows.clone()),
            values: values.select(0, rows.clone()),
        });
    }
}
// ANCHOR_END: cache

impl KeyValue {
    fn append(self, new: Self) -> Self {
        Self {
            keys: Tensor::cat(vec![self.keys, new.keys], 2), // [batch, heads, key + 1, d_k]
            values: Tensor::cat(vec![self.values, new.values], 2), // [batch, heads, key + 1, d_k]
        }
    }
}

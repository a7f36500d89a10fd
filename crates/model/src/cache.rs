//! Writing token by token, without projecting anything twice.
//!
//! When one more token is written, nothing changes for those before it,
//! because nobody looks ahead. So only the newest position is computed,
//! `[batch, 1, d_model]`, and the keys and values of the others are
//! kept. No mask hides the future: it isn't there yet.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::decoder::{Decoder, DecoderLayer};
use crate::fused::attention;
use crate::multi_head::{KeysValues, MultiHeadAttention, concat_heads};
use crate::stack::{Layer, Stack};
use crate::sublayer::on_top;

// ANCHOR: cache
/// The keys and values that one attention has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Cache(Option<KeysValues>);

impl MultiHeadAttention {
    // ANCHOR: cache_step
    /// Self-attention of the newest position: its key and value join
    /// those before.
    ///
    /// # Shapes
    ///
    /// - `x` and output: `[batch, 1, d_model]`
    #[tracing::instrument(name = "multi_head_attention", skip_all)]
    pub fn step(&self, x: Tensor<3>, cache: &mut Cache) -> Tensor<3> {
        let query = self.split_heads(self.query.forward(x.clone()));
        let new = self.keys_values(x);
        let all = match cache.0.take() {
            Some(past) => past.append(new),
            None => new,
        };
        self.look(query, cache.0.insert(all).clone(), None)
    }
    // ANCHOR_END: cache_step

    // ANCHOR: cache_across
    /// Attention of the newest position to a `memory` that never
    /// changes: it is projected at the first step.
    ///
    /// # Shapes
    ///
    /// - `x` and output: `[batch, 1, d_model]`
    /// - `memory`: `[batch, source, d_model]`
    /// - `mask`: broadcasts to `[batch, heads, 1, source]`
    #[tracing::instrument(name = "multi_head_attention", skip_all)]
    pub fn step_across(
        &self,
        x: Tensor<3>,
        memory: &Tensor<3>,
        mask: &Tensor<4, Bool>,
        cache: &mut Cache,
    ) -> Tensor<3> {
        let query = self.split_heads(self.query.forward(x));
        let project = || self.keys_values(memory.clone());
        let seen = cache.0.get_or_insert_with(project).clone();
        self.look(query, seen, Some(mask))
    }
    // ANCHOR_END: cache_across

    fn look(
        &self,
        query: Tensor<4>,
        KeysValues { keys, values }: KeysValues,
        mask: Option<&Tensor<4, Bool>>,
    ) -> Tensor<3> {
        let heads = attention(query, keys, values, mask, &self.dropout);
        self.output.forward(concat_heads(heads.output))
    }
}

impl KeysValues {
    fn append(self, new: Self) -> Self {
        // [batch, heads, key + 1, d_k]
        Self {
            keys: join(self.keys, new.keys),
            values: join(self.values, new.values),
        }
    }
}
// ANCHOR_END: cache

/// Joins along the axis of positions.
fn join(past: Tensor<4>, new: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "kernels")]
    if kernels::serve(&past) && !past.device().is_autodiff() {
        return kernels::append(past, new);
    }
    Tensor::cat(vec![past, new], 2)
}

impl Layer {
    /// The newest position, `[batch, 1, d_model]`.
    #[tracing::instrument(name = "layer", skip_all)]
    pub fn step(&self, x: Tensor<3>, cache: &mut Cache) -> Tensor<3> {
        let x = self
            .self_attn_sublayer
            .forward(x, |x| self.self_attn.step(x, cache));
        self.feed_forward_sublayer
            .forward(x, |x| self.feed_forward.forward(x))
    }
}

impl Stack {
    /// What is remembered before the first token: one cache a layer.
    #[must_use]
    pub fn start(&self) -> Vec<Cache> {
        vec![Cache::default(); self.layers.len()]
    }

    /// The newest position, `[batch, 1, d_model]`.
    ///
    /// # Panics
    ///
    /// If `caches` are not those of [`Self::start`], one a layer.
    #[tracing::instrument(name = "stack", skip_all)]
    pub fn step(
        &self,
        mut x: Tensor<3>,
        caches: &mut [Cache],
    ) -> Tensor<3> {
        let layers = self.layers.len();
        assert_eq!(caches.len(), layers, "one cache a layer");
        for (layer, cache) in self.layers.iter().zip(caches) {
            x = layer.step(x, cache);
        }
        on_top(self.norm.as_ref(), x)
    }
}

/// What one decoder layer remembers from step to step.
#[derive(Clone, Debug, Default)]
pub struct DecoderCache {
    own: Cache,
    cross: Cache,
}

impl DecoderLayer {
    /// The newest position, `[batch, 1, d_model]`, which also looks at
    /// `memory`, `[batch, source, d_model]`.
    #[tracing::instrument(name = "layer", skip_all)]
    pub fn step(
        &self,
        x: Tensor<3>,
        memory: &Tensor<3>,
        mask: &Tensor<4, Bool>,
        DecoderCache { own, cross }: &mut DecoderCache,
    ) -> Tensor<3> {
        let x = self
            .self_attn_sublayer
            .forward(x, |x| self.self_attn.step(x, own));
        let x = self.cross_attn_sublayer.forward(x, |x| {
            self.cross_attn.step_across(x, memory, mask, cross)
        });
        self.feed_forward_sublayer
            .forward(x, |x| self.feed_forward.forward(x))
    }
}

impl Decoder {
    /// What is remembered before the first token: one cache a layer.
    #[must_use]
    pub fn start(&self) -> Vec<DecoderCache> {
        vec![DecoderCache::default(); self.layers.len()]
    }

    /// The newest position, `[batch, 1, d_model]`, which also looks at
    /// `memory`, `[batch, source, d_model]`.
    ///
    /// # Panics
    ///
    /// If `caches` are not those of [`Self::start`], one a layer.
    #[tracing::instrument(name = "decoder", skip_all)]
    pub fn step(
        &self,
        mut x: Tensor<3>,
        memory: &Tensor<3>,
        mask: &Tensor<4, Bool>,
        caches: &mut [DecoderCache],
    ) -> Tensor<3> {
        let layers = self.layers.len();
        assert_eq!(caches.len(), layers, "one cache a layer");
        for (layer, cache) in self.layers.iter().zip(caches) {
            x = layer.step(x, memory, mask, cache);
        }
        on_top(self.norm.as_ref(), x)
    }
}

/// Rows of a batch that are kept, in this order; one may be kept
/// several times or not at all.
pub(crate) struct Rows {
    indices: Vec<usize>,
    /// The same on the device: `[rows]`.
    tensor: Tensor<1, Int>,
}

impl Rows {
    pub(crate) fn new(indices: &[usize], device: &Device) -> Self {
        let numbers: Vec<i64> =
            indices.iter().map(|&index| index as i64).collect();
        let data = TensorData::new(numbers, [indices.len()]);
        let tensor = Tensor::from_data(data, device);
        Self { indices: indices.to_vec(), tensor }
    }

    /// Their numbers, `[rows]`, to select them from a tensor.
    pub(crate) fn tensor(&self) -> Tensor<1, Int> {
        self.tensor.clone()
    }

    /// Those entries of a list.
    pub(crate) fn among(&self, list: &[usize]) -> Vec<usize> {
        self.indices.iter().map(|&index| list[index]).collect()
    }

    /// Those rows of what is remembered, which may change places.
    fn remembered(&self, x: Tensor<4>) -> Tensor<4> {
        #[cfg(feature = "kernels")]
        if kernels::serve(&x) && !x.device().is_autodiff() {
            return kernels::reorder(x, &self.indices);
        }
        x.select(0, self.tensor())
    }
}

impl Cache {
    /// Keeps the given rows of the batch.
    pub(crate) fn select(&mut self, rows: &Rows) {
        self.0 = self.0.take().map(|seen| KeysValues {
            keys: rows.remembered(seen.keys),
            values: rows.remembered(seen.values),
        });
    }
}

impl DecoderCache {
    /// Keeps the given rows of the batch. Rows of the same sentence
    /// have read the same: if each place keeps its sentence, what was
    /// read `stays` where it is.
    pub(crate) fn select(&mut self, rows: &Rows, stays: bool) {
        self.own.select(rows);
        if !stays {
            self.cross.select(rows);
        }
    }
}

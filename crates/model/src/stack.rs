//! The encoder (paper, section 3.1).

use burn::module::Module;
use burn::nn::LayerNorm;
use burn::tensor::{Bool, Device, Int, Tensor};

use crate::attention::{Cache, MultiHeadAttention};
use crate::config::TransformerConfig;
use crate::feed_forward::FeedForward;
use crate::sublayer::{Sublayer, final_norm};

// ANCHOR: encoder_layer
/// One of the N layers: self-attention, then the feed-forward network, each in a [`Sublayer`].
#[derive(Module, Debug)]
pub struct EncoderLayer {
    /// First sub-layer.
    pub self_attn: MultiHeadAttention,
    /// Second sub-layer.
    pub feed_forward: FeedForward,
    /// Residual and norm around the first.
    pub self_attn_sublayer: Sublayer,
    /// Residual and norm around the second.
    pub feed_forward_sublayer: Sublayer,
}

impl EncoderLayer {
    /// Returns `[batch, length, d_model]` and the attention weights, `[batch, heads, query, key]`.
    #[tracing::instrument(name = "layer", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        mask: Option<&Tensor<4, Bool>>,
        cache: Option<&mut Cache>,
    ) -> (Tensor<3>, Tensor<4>) {
        let (x, weights) = self.self_attn_sublayer.forward(x, |x| {
            let attended = self.self_attn.forward(x.clone(), x, mask, cache);
            (attended.output, attended.weights)
        });
        let (x, ()) = self.feed_forward_sublayer.forward(x, |x| (self.feed_forward.forward(x), ()));
        (x, weights)
    }
}
// ANCHOR_END: encoder_layer

// ANCHOR: encoder
/// A stack of N layers. With a causal mask, the same stack is a decoder-only language model.
#[derive(Module, Debug)]
pub struct Encoder {
    /// The N layers, first to last.
    pub layers: Vec<EncoderLayer>,
    /// The norm on top, in pre-norm alone.
    pub norm: Option<LayerNorm>,
}

impl Encoder {
    /// Returns `[batch, length, d_model]` and each layer's attention weights, `[batch, heads, query, key]`.
    #[tracing::instrument(name = "encoder", skip_all)]
    pub fn forward(
        &self,
        mut x: Tensor<3>,
        mask: Option<&Tensor<4, Bool>>,
        caches: Option<&mut EncoderCache>,
    ) -> (Tensor<3>, Vec<Tensor<4>>) {
        let mut caches = caches.map(|caches| caches.0.iter_mut());
        let mut attention = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let weights;
            (x, weights) = layer.forward(x, mask, caches.as_mut().and_then(Iterator::next));
            attention.push(weights);
        }
        let x = match &self.norm {
            Some(norm) => norm.forward(x),
            None => x,
        };
        (x, attention)
    }
}
// ANCHOR_END: encoder

impl Encoder {
    pub(crate) fn new(config: &TransformerConfig, device: &Device) -> Self {
        let layer = || EncoderLayer {
            self_attn: MultiHeadAttention::new(config, device),
            feed_forward: FeedForward::new(config, device),
            self_attn_sublayer: Sublayer::new(config, device),
            feed_forward_sublayer: Sublayer::new(config, device),
        };
        Self { layers: (0..config.n_layers).map(|_| layer()).collect(), norm: final_norm(config, device) }
    }
}

/// What a stack used as a language model remembers from step to step: one [`Cache`] a layer.
#[derive(Clone, Debug)]
pub struct EncoderCache(Vec<Cache>);

impl EncoderCache {
    pub(crate) fn new(n_layers: usize) -> Self {
        Self(vec![Cache::Growing(None); n_layers])
    }

    pub(crate) fn select(&mut self, rows: &Tensor<1, Int>) {
        self.0.iter_mut().for_each(|cache| cache.select(rows));
    }
}

//! The decoder (paper, section 3.1).

use burn::module::Module;
use burn::nn::LayerNorm;
use burn::tensor::{Bool, Device, Int, Tensor};

use crate::attention::{Cache, MultiHeadAttention};
use crate::config::TransformerConfig;
use crate::feed_forward::FeedForward;
use crate::sublayer::{Sublayer, final_norm};

/// The masks of the two attentions of a decoder layer; `true` means masked.
#[derive(Clone, Debug)]
pub struct DecoderMasks {
    /// For self-attention: broadcasts to `[batch, heads, target, target]`. None while decoding step by step, when
    /// the future isn't there yet.
    pub target: Option<Tensor<4, Bool>>,
    /// For cross-attention: broadcasts to `[batch, heads, target, source]`.
    pub memory: Tensor<4, Bool>,
}

/// The attention weights of one decoder layer.
#[derive(Clone, Debug)]
pub struct DecoderAttention {
    /// `[batch, heads, target, target]`
    pub self_attn: Tensor<4>,
    /// `[batch, heads, target, source]`
    pub cross_attn: Tensor<4>,
}

// ANCHOR: decoder_layer
/// One of the N layers: masked self-attention, attention to the encoder's memory, the feed-forward network, each in a
/// [`Sublayer`].
#[derive(Module, Debug)]
pub struct DecoderLayer {
    /// First sub-layer.
    pub self_attn: MultiHeadAttention,
    /// Second sub-layer.
    pub cross_attn: MultiHeadAttention,
    /// Third sub-layer.
    pub feed_forward: FeedForward,
    /// Residual and norm around the first.
    pub self_attn_sublayer: Sublayer,
    /// Residual and norm around the second.
    pub cross_attn_sublayer: Sublayer,
    /// Residual and norm around the third.
    pub feed_forward_sublayer: Sublayer,
}

impl DecoderLayer {
    /// # Shapes
    ///
    /// - `x` and output: `[batch, target, d_model]`; `memory`: `[batch, source, d_model]`
    #[tracing::instrument(name = "layer", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        memory: Tensor<3>,
        masks: &DecoderMasks,
        cache: Option<&mut LayerCache>,
    ) -> (Tensor<3>, DecoderAttention) {
        let (own, cross) = cache.map(|cache| (&mut cache.own, &mut cache.cross)).unzip();
        let (x, self_attn) = self.self_attn_sublayer.forward(x, |x| {
            let attended = self.self_attn.forward(x.clone(), x, masks.target.as_ref(), own);
            (attended.output, attended.weights)
        });
        let (x, cross_attn) = self.cross_attn_sublayer.forward(x, |x| {
            let attended = self.cross_attn.forward(x, memory, Some(&masks.memory), cross);
            (attended.output, attended.weights)
        });
        let (x, ()) = self.feed_forward_sublayer.forward(x, |x| (self.feed_forward.forward(x), ()));
        (x, DecoderAttention { self_attn, cross_attn })
    }
}
// ANCHOR_END: decoder_layer

// ANCHOR: decoder
/// A stack of N layers.
#[derive(Module, Debug)]
pub struct Decoder {
    /// The N layers, first to last.
    pub layers: Vec<DecoderLayer>,
    /// The norm on top, in pre-norm alone.
    pub norm: Option<LayerNorm>,
}

impl Decoder {
    /// # Shapes
    ///
    /// - `x` and output: `[batch, target, d_model]`; `memory`: `[batch, source, d_model]`
    #[tracing::instrument(name = "decoder", skip_all)]
    pub fn forward(
        &self,
        mut x: Tensor<3>,
        memory: Tensor<3>,
        masks: &DecoderMasks,
        caches: Option<&mut DecoderCache>,
    ) -> (Tensor<3>, Vec<DecoderAttention>) {
        let mut caches = caches.map(|caches| caches.0.iter_mut());
        let mut attention = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let weights;
            let cache = caches.as_mut().and_then(Iterator::next);
            (x, weights) = layer.forward(x, memory.clone(), masks, cache);
            attention.push(weights);
        }
        let x = match &self.norm {
            Some(norm) => norm.forward(x),
            None => x,
        };
        (x, attention)
    }
}
// ANCHOR_END: decoder

impl Decoder {
    pub(crate) fn new(config: &TransformerConfig, device: &Device) -> Self {
        let layer = || DecoderLayer {
            self_attn: MultiHeadAttention::new(config, device),
            cross_attn: MultiHeadAttention::new(config, device),
            feed_forward: FeedForward::new(config, device),
            self_attn_sublayer: Sublayer::new(config, device),
            cross_attn_sublayer: Sublayer::new(config, device),
            feed_forward_sublayer: Sublayer::new(config, device),
        };
        Self { layers: (0..config.n_layers).map(|_| layer()).collect(), norm: final_norm(config, device) }
    }
}

/// What one decoder layer remembers from step to step.
#[derive(Clone, Debug)]
pub struct LayerCache {
    own: Cache,
    cross: Cache,
}

/// What the decoder remembers from step to step: one [`LayerCache`] a layer.
#[derive(Clone, Debug)]
pub struct DecoderCache(Vec<LayerCache>);

impl DecoderCache {
    pub(crate) fn new(n_layers: usize) -> Self {
        Self(vec![LayerCache { own: Cache::Growing(None), cross: Cache::Fixed(None) }; n_layers])
    }

    pub(crate) fn select(&mut self, rows: &Tensor<1, Int>) {
        for LayerCache { own, cross } in &mut self.0 {
            own.select(rows);
            cross.select(rows);
        }
    }
}

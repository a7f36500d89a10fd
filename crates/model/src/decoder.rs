//! The decoder (paper, section 3.1).

use burn::module::Module;
use burn::tensor::{Bool, Device, Tensor};

use crate::attention::Attended;
use crate::feed_forward::FeedForward;
use crate::layer_norm::LayerNorm;
use crate::multi_head::MultiHeadAttention;
use crate::sizes::Sizes;
use crate::sublayer::{Sublayer, final_norm, on_top};

/// The masks of the two attentions of a decoder layer; `true` means
/// masked.
#[derive(Clone, Debug)]
pub struct DecoderMasks {
    /// For self-attention: broadcasts to
    /// `[batch, heads, target, target]`.
    pub target: Tensor<4, Bool>,
    /// For cross-attention: broadcasts to
    /// `[batch, heads, target, source]`.
    pub memory: Tensor<4, Bool>,
}

/// The attention weights of one decoder layer.
#[derive(Clone, Debug)]
pub struct DecoderWeights {
    /// `[batch, heads, target, target]`
    pub self_attn: Tensor<4>,
    /// `[batch, heads, target, source]`
    pub cross_attn: Tensor<4>,
}

// ANCHOR: decoder_layer
/// One of the N layers: masked self-attention, attention to the
/// encoder's memory, the feed-forward network, each in a [`Sublayer`].
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
// ANCHOR_END: decoder_layer

impl DecoderLayer {
    // ANCHOR: decoder_layer_forward
    /// # Shapes
    ///
    /// - `x` and output: `[batch, target, d_model]`
    /// - `memory`: `[batch, source, d_model]`
    #[tracing::instrument(name = "layer", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        memory: Tensor<3>,
        masks: &DecoderMasks,
    ) -> Attended<DecoderWeights> {
        let own = self.self_attn_sublayer.attend(x, |x| {
            self.self_attn.forward(x.clone(), x, &masks.target)
        });
        let cross = self.cross_attn_sublayer.attend(own.output, |x| {
            self.cross_attn.forward(x, memory, &masks.memory)
        });
        let output = self
            .feed_forward_sublayer
            .forward(cross.output, |x| self.feed_forward.forward(x));
        let weights = DecoderWeights {
            self_attn: own.weights,
            cross_attn: cross.weights,
        };
        Attended { output, weights }
    }
    // ANCHOR_END: decoder_layer_forward
}

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
    /// The output, and the weights of each layer.
    ///
    /// # Shapes
    ///
    /// - `x` and output: `[batch, target, d_model]`
    /// - `memory`: `[batch, source, d_model]`
    #[tracing::instrument(name = "decoder", skip_all)]
    pub fn forward(
        &self,
        mut x: Tensor<3>,
        memory: Tensor<3>,
        masks: &DecoderMasks,
    ) -> Attended<Vec<DecoderWeights>> {
        let mut weights = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let attended = layer.forward(x, memory.clone(), masks);
            x = attended.output;
            weights.push(attended.weights);
        }
        Attended { output: on_top(self.norm.as_ref(), x), weights }
    }
}
// ANCHOR_END: decoder

impl Decoder {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let layer = |_| DecoderLayer {
            self_attn: MultiHeadAttention::new(sizes, device),
            cross_attn: MultiHeadAttention::new(sizes, device),
            feed_forward: FeedForward::new(sizes, device),
            self_attn_sublayer: Sublayer::new(sizes, device),
            cross_attn_sublayer: Sublayer::new(sizes, device),
            feed_forward_sublayer: Sublayer::new(sizes, device),
        };
        Self {
            layers: (0..sizes.n_layers).map(layer).collect(),
            norm: final_norm(sizes, device),
        }
    }
}

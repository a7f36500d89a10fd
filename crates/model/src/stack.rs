//! The encoder (paper, section 3.1), or all of a language model between
//! its embedding and its generator: which of the two, the mask decides.

use burn::module::Module;
use burn::tensor::{Bool, Device, Tensor};

use crate::attention::Attended;
use crate::feed_forward::FeedForward;
use crate::layer_norm::LayerNorm;
use crate::multi_head::MultiHeadAttention;
use crate::sizes::Sizes;
use crate::sublayer::{Sublayer, final_norm, on_top};

// ANCHOR: layer
/// One of the N layers: self-attention, then the feed-forward network,
/// each in a [`Sublayer`].
#[derive(Module, Debug)]
pub struct Layer {
    /// First sub-layer.
    pub self_attn: MultiHeadAttention,
    /// Second sub-layer.
    pub feed_forward: FeedForward,
    /// Residual and norm around the first.
    pub self_attn_sublayer: Sublayer,
    /// Residual and norm around the second.
    pub feed_forward_sublayer: Sublayer,
}

impl Layer {
    /// # Shapes
    ///
    /// - `x` and output: `[batch, length, d_model]`
    /// - `mask`: broadcasts to `[batch, heads, length, length]`
    #[tracing::instrument(name = "layer", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        mask: &Tensor<4, Bool>,
    ) -> Attended {
        let attended = self
            .self_attn_sublayer
            .attend(x, |x| self.self_attn.forward(x.clone(), x, mask));
        attended.map(|x| {
            self.feed_forward_sublayer
                .forward(x, |x| self.feed_forward.forward(x))
        })
    }
}
// ANCHOR_END: layer

// ANCHOR: stack
/// A stack of N layers. Under a mask that hides padding it is the
/// encoder; under a causal mask, the layers of a language model.
#[derive(Module, Debug)]
pub struct Stack {
    /// The N layers, first to last.
    pub layers: Vec<Layer>,
    /// The norm on top, in pre-norm alone.
    pub norm: Option<LayerNorm>,
}

impl Stack {
    /// The output, and the weights of each layer.
    ///
    /// # Shapes
    ///
    /// - `x` and output: `[batch, length, d_model]`
    /// - `mask`: broadcasts to `[batch, heads, length, length]`
    #[tracing::instrument(name = "stack", skip_all)]
    pub fn forward(
        &self,
        mut x: Tensor<3>,
        mask: &Tensor<4, Bool>,
    ) -> Attended<Vec<Tensor<4>>> {
        let mut weights = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let attended = layer.forward(x, mask);
            x = attended.output;
            weights.push(attended.weights);
        }
        Attended { output: on_top(self.norm.as_ref(), x), weights }
    }
}
// ANCHOR_END: stack

impl Stack {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let layer = |_| Layer {
            self_attn: MultiHeadAttention::new(sizes, device),
            feed_forward: FeedForward::new(sizes, device),
            self_attn_sublayer: Sublayer::new(sizes, device),
            feed_forward_sublayer: Sublayer::new(sizes, device),
        };
        Self {
            layers: (0..sizes.n_layers).map(layer).collect(),
            norm: final_norm(sizes, device),
        }
    }
}

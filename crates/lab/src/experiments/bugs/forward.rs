//! The model's forward pass, written out with its public parts, so that one of them can be broken. Without a bug, it is
//! the model's own to the last digit, and the same graph.

use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Int, Tensor};
use model::Transformer;
use model::attention::attention;
use model::decoder::{Decoder, DecoderLayer, DecoderMasks};
use model::dropout::Dropout;
use model::embedding::Embeddings;
use model::layer_norm::LayerNorm;
use model::mask::{padding_mask, target_mask};
use model::multi_head::MultiHeadAttention;
use model::positional::positional_encoding;
use model::stack::{Layer, Stack};
use model::sublayer::Sublayer;

use super::bug::Bug;
use super::copies::PAD;

/// Attention heads of the model.
pub(super) const HEADS: usize = 4;
/// What The Annotated Transformer adds to a deviation.
const EPS: f64 = 1e-6;
/// As the model has it.
const MASKED: f32 = -1e9;

/// A model and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patient<'a> {
    pub(super) model: &'a Transformer,
    pub(super) bug: Option<Bug>,
}

impl Patient<'_> {
    // ANCHOR: forward
    /// The logits of the next token at every place, `[batch, target,
    /// vocab]`, given the source and the true tokens up to there.
    #[tracing::instrument(name = "transformer", skip_all)]
    pub(super) fn forward(
        self,
        src: Tensor<2, Int>, // [batch, source]
        tgt: Tensor<2, Int>, // [batch, target]
    ) -> Tensor<3> {
        let own = self.model;
        let memory_mask = padding_mask(src.clone(), PAD);
        let x = self.embed(self.source(), src);
        let memory = self.encode(&own.encoder, x, &memory_mask);
        let target = self.target_mask(tgt.clone());
        let masks = DecoderMasks { target, memory: memory_mask };
        let x = self.embed(&own.tgt_embed, tgt);
        let x = self.decode(&own.decoder, x, &memory, &masks);
        own.generator.forward(x, &own.tgt_embed)
    }
    // ANCHOR_END: forward

    fn source(&self) -> &Embeddings {
        self.model.src_embed.as_ref().unwrap_or(&self.model.tgt_embed)
    }

    // ANCHOR: target_mask
    fn target_mask(self, tgt: Tensor<2, Int>) -> Tensor<4, Bool> {
        match self.bug {
            // The future is forgotten.
            Some(Bug::CausalLeak) => padding_mask(tgt, PAD),
            _ => target_mask(tgt, PAD),
        }
    }
    // ANCHOR_END: target_mask

    fn embed(self, of: &Embeddings, ids: Tensor<2, Int>) -> Tensor<3> {
        match self.bug {
            Some(Bug::NoPositions) => embedded(of, ids, None),
            Some(Bug::PositionsInHalves) => embedded(of, ids, Some(in_halves)),
            _ => of.forward(ids, 0),
        }
    }

    #[tracing::instrument(name = "stack", skip_all)]
    fn encode(self, of: &Stack, x: Tensor<3>, mask: &Tensor<4, Bool>) -> Tensor<3> {
        let x = of.layers.iter().fold(x, |x, layer| self.encoder_layer(layer, x, mask));
        self.on_top(of.norm.as_ref(), x)
    }

    #[tracing::instrument(name = "layer", skip_all)]
    fn encoder_layer(self, of: &Layer, x: Tensor<3>, mask: &Tensor<4, Bool>) -> Tensor<3> {
        let x = self.around(&of.self_attn_sublayer, x, |x| self.attend(&of.self_attn, x.clone(), x, mask));
        self.around(&of.feed_forward_sublayer, x, |x| of.feed_forward.forward(x))
    }

    #[tracing::instrument(name = "decoder", skip_all)]
    fn decode(self, of: &Decoder, x: Tensor<3>, memory: &Tensor<3>, masks: &DecoderMasks) -> Tensor<3> {
        let x = of.layers.iter().fold(x, |x, layer| self.decoder_layer(layer, x, memory, masks));
        self.on_top(of.norm.as_ref(), x)
    }

    #[tracing::instrument(name = "layer", skip_all)]
    fn decoder_layer(
        self,
        of: &DecoderLayer,
        x: Tensor<3>,
        memory: &Tensor<3>,
        masks: &DecoderMasks,
    ) -> Tensor<3> {
        let x = self
            .around(&of.self_attn_sublayer, x, |x| self.attend(&of.self_attn, x.clone(), x, &masks.target));
        let x = self.around(&of.cross_attn_sublayer, x, |x| {
            self.attend(&of.cross_attn, x, memory.clone(), &masks.memory)
        });
        self.around(&of.feed_forward_sublayer, x, |x| of.feed_forward.forward(x))
    }

    /// A sub-layer with what is around it.
    fn around(self, of: &Sublayer, x: Tensor<3>, f: impl FnOnce(Tensor<3>) -> Tensor<3>) -> Tensor<3> {
        match self.bug {
            Some(Bug::BesselNorm) => around_unbiased(of, x, f),
            _ => of.forward(x, f),
        }
    }

    fn on_top(self, norm: Option<&LayerNorm>, x: Tensor<3>) -> Tensor<3> {
        match (norm, self.bug) {
            (Some(norm), Some(Bug::BesselNorm)) => unbiased(norm, x),
            (Some(norm), _) => norm.forward(x),
            (None, _) => x,
        }
    }

    fn attend(
        self,
        of: &MultiHeadAttention,
        x: Tensor<3>,
        source: Tensor<3>,
        mask: &Tensor<4, Bool>,
    ) -> Tensor<3> {
        match self.bug {
            Some(bug @ (Bug::SwappedAxes | Bug::NoScale)) => multi_head(of, bug, x, source, mask),
            _ => of.forward(x, source, mask).output,
        }
    }
}

/// The table's rows times sqrt(d_model), and what `change` makes of the positions.
#[tracing::instrument(name = "embeddings", skip_all)]
fn embedded(of: &Embeddings, ids: Tensor<2, Int>, change: Option<fn(Tensor<2>) -> Tensor<2>>) -> Tensor<3> {
    let (length, device) = (ids.dims()[1], ids.device());
    let x = looked_up(of, ids);
    let Some(change) = change else { return x };
    let d_model = x.dims()[2];
    x + change(positional_encoding(0..length, d_model, &device)).unsqueeze::<3>()
}

#[tracing::instrument(name = "embedding", skip_all)]
fn looked_up(of: &Embeddings, ids: Tensor<2, Int>) -> Tensor<3> {
    let x = of.table.forward(ids);
    let d_model = x.dims()[2];
    x * (d_model as f32).sqrt()
}

// ANCHOR: in_halves
/// Sine, cosine, sine, cosine … as all sines, all cosines.
fn in_halves(waves: Tensor<2>) -> Tensor<2> {
    let [positions, d_model] = waves.dims();
    let pairs = waves.reshape([positions, d_model / 2, 2]);
    pairs.swap_dims(1, 2).reshape([positions, d_model])
}
// ANCHOR_END: in_halves

/// Pre-norm, with another norm.
#[tracing::instrument(name = "sublayer", skip_all)]
fn around_unbiased(of: &Sublayer, x: Tensor<3>, f: impl FnOnce(Tensor<3>) -> Tensor<3>) -> Tensor<3> {
    let y = f(unbiased(&of.norm, x.clone()));
    x + y
}

// ANCHOR: bessel
/// The norm of The Annotated Transformer.
fn unbiased(norm: &LayerNorm, x: Tensor<3>) -> Tensor<3> {
    // The variance of a sample: divided by n - 1.
    let (variance, mean) = x.clone().var_mean(2);
    let y = (x - mean) / (variance.sqrt() + EPS);
    let y = y * norm.gamma.val().unsqueeze::<3>();
    y + norm.beta.val().unsqueeze::<3>()
}
// ANCHOR_END: bessel

// ANCHOR: multi_head
/// Multi-head attention, with one of two things wrong.
#[tracing::instrument(name = "multi_head_attention", skip_all)]
fn multi_head(
    of: &MultiHeadAttention,
    bug: Bug,
    x: Tensor<3>,
    source: Tensor<3>,
    mask: &Tensor<4, Bool>,
) -> Tensor<3> {
    let swapped = bug == Bug::SwappedAxes;
    let split = |x: Tensor<3>| {
        let [batch, length, width] = x.dims();
        let d_k = width / HEADS;
        if swapped {
            return x.reshape([batch, HEADS, length, d_k]);
        }
        x.reshape([batch, length, HEADS, d_k]).swap_dims(1, 2)
    };
    let query = split(of.query.forward(x));
    let key = split(of.key.forward(source.clone()));
    let value = split(of.value.forward(source));
    let heads = match bug {
        Bug::NoScale => unscaled(query, key, value, mask),
        _ => scaled(query, key, value, mask),
    };
    let [batch, _, length, d_k] = heads.dims();
    let heads = if swapped { heads } else { heads.swap_dims(1, 2) };
    of.output.forward(heads.reshape([batch, length, HEADS * d_k]))
}
// ANCHOR_END: multi_head

fn scaled(query: Tensor<4>, key: Tensor<4>, value: Tensor<4>, mask: &Tensor<4, Bool>) -> Tensor<4> {
    attention(query, key, value, Some(mask), &Dropout::new(0.0)).output
}

// ANCHOR: unscaled
/// `softmax(Q K^T) V`
#[tracing::instrument(name = "attention", skip_all)]
fn unscaled(
    query: Tensor<4>, // [batch, heads, query, d_k]
    key: Tensor<4>,   // [batch, heads, key, d_k]
    value: Tensor<4>, // [batch, heads, key, d_k]
    mask: &Tensor<4, Bool>,
) -> Tensor<4> {
    let scores = query.matmul(key.transpose());
    let scores = scores.mask_fill(mask.clone(), MASKED);
    softmax(scores, 3).matmul(value)
}
// ANCHOR_END: unscaled

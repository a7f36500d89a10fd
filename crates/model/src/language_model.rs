//! A decoder-only language model: the encoder's blocks under a causal mask (as in Radford et al. 2018).

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::config::{ConfigError, NormOrder, TransformerConfig, Tying, check};
use crate::embedding::Embeddings;
use crate::encoder::{Encoder, EncoderCache};
use crate::generator::Generator;
use crate::mask::causal_mask;

/// The sizes of a [`LanguageModel`]; the fields mean what they mean in [`TransformerConfig`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageModelConfig {
    /// Number of token ids.
    pub vocab: usize,
    /// Layers.
    pub n_layers: usize,
    /// Width of the vectors between sub-layers.
    pub d_model: usize,
    /// Width inside the feed-forward network.
    pub d_ff: usize,
    /// Attention heads.
    pub n_heads: usize,
    /// Probability of dropping an element, in `[0, 1)`.
    pub dropout: f64,
    /// Norm before or after each sub-layer.
    pub norm: NormOrder,
    /// Added to the variance inside the root of layer normalisation.
    pub eps: f64,
    /// Whether the generator uses the embedding's matrix.
    pub tied: bool,
}

impl LanguageModelConfig {
    /// A model for tests and toy tasks.
    #[must_use]
    pub fn tiny(vocab: usize) -> Self {
        let norm = NormOrder::Pre;
        Self {
            vocab,
            n_layers: 2,
            d_model: 64,
            d_ff: 256,
            n_heads: 4,
            dropout: 0.1,
            norm,
            eps: 1e-5,
            tied: true,
        }
    }

    /// Builds the model on `device` with freshly drawn parameters.
    ///
    /// # Errors
    ///
    /// Names the first field that breaks a rule, its value and the rule.
    pub fn init(&self, device: &Device) -> Result<LanguageModel, ConfigError> {
        self.validate()?;
        let blocks = self.blocks();
        Ok(LanguageModel {
            embed: Embeddings::new(self.vocab, &blocks, device),
            layers: Encoder::new(&blocks, device),
            generator: Generator::new(self.vocab, &blocks, device),
        })
    }

    /// Checks the sizes without building anything.
    ///
    /// # Errors
    ///
    /// As [`LanguageModelConfig::init`].
    pub fn validate(&self) -> Result<(), ConfigError> {
        check(self.vocab > 0, "vocab", self.vocab, "it must be at least 1")?;
        self.blocks().validate()
    }

    /// The same sizes in the terms of the blocks that the model is made of.
    fn blocks(&self) -> TransformerConfig {
        TransformerConfig {
            src_vocab: self.vocab,
            tgt_vocab: self.vocab,
            n_layers: self.n_layers,
            d_model: self.d_model,
            d_ff: self.d_ff,
            n_heads: self.n_heads,
            dropout: self.dropout,
            norm: self.norm,
            eps: self.eps,
            tying: if self.tied { Tying::Decoder } else { Tying::None },
            generator_bias: false,
            pad: 0,
        }
    }
}

// ANCHOR: language_model
/// Predicts each token from those before it.
#[derive(Module, Debug)]
pub struct LanguageModel {
    /// Token embeddings.
    pub embed: Embeddings,
    /// The stack.
    pub layers: Encoder,
    /// The linear layer on top.
    pub generator: Generator,
}

impl LanguageModel {
    /// Logits of the next token at every position, and each layer's attention weights.
    ///
    /// Sequences are padded on the right, if at all: there, the causal mask keeps padding from everybody else.
    ///
    /// # Shapes
    ///
    /// - `ids`: `[batch, length]`
    /// - output: `[batch, length, vocab]`, and a layer each `[batch, heads, length, length]`
    #[tracing::instrument(name = "language_model", skip_all)]
    pub fn forward(&self, ids: Tensor<2, Int>) -> (Tensor<3>, Vec<Tensor<4>>) {
        let mask = causal_mask(ids.dims()[1], &ids.device()); // [1, 1, length, length]
        let x = self.embed.forward(ids, 0); // [batch, length, d_model]
        let (x, attention) = self.layers.forward(x, Some(&mask), None);
        (self.generator.forward(x, &self.embed), attention)
    }

    /// Takes the newest token of every sequence, `[batch, 1]`, and scores the one after it: `[batch, vocab]`.
    #[tracing::instrument(name = "step", skip_all)]
    pub fn step(&self, newest: Tensor<2, Int>, state: &mut LanguageModelState) -> Tensor<2> {
        let x = self.embed.forward(newest, state.position); // [batch, 1, d_model]
        state.position += 1;
        let (x, _) = self.layers.forward(x, None, Some(&mut state.cache));
        self.generator.forward(x, &self.embed).squeeze_dim(1) // [batch, vocab]
    }

    /// The state before the first token.
    pub fn start(&self) -> LanguageModelState {
        LanguageModelState { cache: EncoderCache::new(self.layers.layers.len()), position: 0 }
    }
}
// ANCHOR_END: language_model

/// A batch of sequences being continued.
#[derive(Clone, Debug)]
pub struct LanguageModelState {
    cache: EncoderCache,
    position: usize,
}

impl LanguageModelState {
    /// Keeps the given rows of the batch, in that order.
    pub(crate) fn select(&mut self, rows: &Tensor<1, Int>) {
        self.cache.select(rows);
    }
}

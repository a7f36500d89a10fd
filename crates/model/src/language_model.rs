//! A decoder-only language model: the encoder's layers under a causal
//! mask (as in Radford et al. 2018).

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use serde::{Deserialize, Serialize};

use crate::attention::Attended;
use crate::cache::{Cache, Rows};
use crate::embedding::Embeddings;
use crate::generator::Generator;
use crate::mask::causal_mask;
use crate::sizes::{ConfigError, NormOrder, Sizes, vocabulary};
use crate::stack::Stack;

/// The sizes and choices that define a [`LanguageModel`].
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
        Self {
            vocab,
            n_layers: 2,
            d_model: 64,
            d_ff: 256,
            n_heads: 4,
            dropout: 0.1,
            norm: NormOrder::Pre,
            eps: 1e-5,
            tied: true,
        }
    }

    /// What its layers are built from.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes {
            n_layers: self.n_layers,
            d_model: self.d_model,
            d_ff: self.d_ff,
            n_heads: self.n_heads,
            dropout: self.dropout,
            norm: self.norm,
            eps: self.eps,
        }
    }

    /// Builds the model on `device` with freshly drawn parameters.
    ///
    /// # Errors
    ///
    /// Names the first field that breaks a rule, its value and the
    /// rule.
    pub fn init(
        &self,
        device: &Device,
    ) -> Result<LanguageModel, ConfigError> {
        self.validate()?;
        let sizes = self.sizes();
        Ok(LanguageModel {
            embed: Embeddings::new(self.vocab, &sizes, device),
            layers: Stack::new(&sizes, device),
            generator: self.generator(device),
        })
    }

    fn generator(&self, device: &Device) -> Generator {
        if self.tied {
            return Generator::tied();
        }
        Generator::without_bias(self.d_model, self.vocab, device)
    }

    /// Checks the sizes without building anything.
    ///
    /// # Errors
    ///
    /// As [`LanguageModelConfig::init`].
    pub fn validate(&self) -> Result<(), ConfigError> {
        vocabulary("vocab", self.vocab)?;
        self.sizes().validate()
    }
}

// ANCHOR: language_model
/// Predicts each token from those before it.
#[derive(Module, Debug)]
pub struct LanguageModel {
    /// Token embeddings.
    pub embed: Embeddings,
    /// The stack.
    pub layers: Stack,
    /// The linear layer on top.
    pub generator: Generator,
}

impl LanguageModel {
    // ANCHOR: language_model_forward
    /// Logits of the next token at every position, and the attention
    /// weights of each layer.
    ///
    /// Sequences are padded on the right, if at all: there, the causal
    /// mask keeps padding from everybody else.
    ///
    /// # Shapes
    ///
    /// - `ids`: `[batch, length]`
    /// - output: `[batch, length, vocab]`
    /// - weights: a layer each, `[batch, heads, length, length]`
    #[tracing::instrument(name = "language_model", skip_all)]
    pub fn forward(
        &self,
        ids: Tensor<2, Int>,
    ) -> Attended<Vec<Tensor<4>>> {
        // [1, 1, length, length]
        let mask = causal_mask(ids.dims()[1], &ids.device());
        let x = self.embed.forward(ids, 0); // [batch, length, d_model]
        self.layers
            .forward(x, &mask)
            .map(|x| self.generator.forward(x, &self.embed))
    }
    // ANCHOR_END: language_model_forward

    /// The state before the first token.
    pub fn start(&self) -> LanguageModelState {
        LanguageModelState { caches: self.layers.start(), position: 0 }
    }

    /// Takes the newest token of every sequence, `[batch, 1]`, and
    /// scores the one after it: `[batch, vocab]`.
    #[tracing::instrument(name = "step", skip_all)]
    pub fn step(
        &self,
        newest: Tensor<2, Int>,
        state: &mut LanguageModelState,
    ) -> Tensor<2> {
        let x = self.embed.forward(newest, state.position);
        state.position += 1;
        let x = self.layers.step(x, &mut state.caches);
        // [batch, 1, vocab]
        let logits = self.generator.forward(x, &self.embed);
        logits.squeeze_dim(1)
    }
}
// ANCHOR_END: language_model

/// A batch of sequences being continued.
#[derive(Clone, Debug)]
pub struct LanguageModelState {
    caches: Vec<Cache>,
    position: usize,
}

impl LanguageModelState {
    /// Keeps the given rows of the batch, in that order.
    pub(crate) fn select(&mut self, rows: &Rows) {
        self.caches.iter_mut().for_each(|cache| cache.select(rows));
    }
}

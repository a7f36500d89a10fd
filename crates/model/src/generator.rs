//! From vectors back to tokens (paper, section 3.4): the linear layer below the softmax of Figure 1.

use burn::module::{Module, Param};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::config::{TransformerConfig, Tying, XAVIER};
use crate::embedding::Embeddings;
use crate::linear::{product, project};

// ANCHOR: generator
/// Scores every token of the target vocabulary. The softmax is left to whoever needs it: the loss, the decoder.
#[derive(Module, Debug)]
pub struct Generator {
    /// `[d_model, vocab]`, if the matrix is not the target embedding's.
    pub proj: Option<Linear>,
    /// The bias of a tied generator: `[vocab]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Generator {
    /// Logits for every position. A tied generator multiplies by the transposed table of `embeddings`: there is one
    /// parameter, so there is one gradient.
    ///
    /// # Shapes
    ///
    /// - `x`: `[batch, target, d_model]`
    /// - output: `[batch, target, vocab]`
    #[tracing::instrument(name = "generator", skip_all)]
    pub fn forward(&self, x: Tensor<3>, embeddings: &Embeddings) -> Tensor<3> {
        match &self.proj {
            Some(proj) => project(x, proj),
            None => {
                let weight = embeddings.table.weight.val().transpose(); // [d_model, vocab]
                product(x, weight, self.bias.as_ref().map(Param::val))
            }
        }
    }
}
// ANCHOR_END: generator

impl Generator {
    pub(crate) fn new(vocab: usize, config: &TransformerConfig, device: &Device) -> Self {
        let own = config.tying == Tying::None;
        let proj = LinearConfig::new(config.d_model, vocab)
            .with_bias(config.generator_bias)
            .with_initializer(XAVIER);
        Self {
            proj: own.then(|| proj.init(device)),
            bias: (!own && config.generator_bias).then(|| Initializer::Zeros.init([vocab], device)),
        }
    }
}

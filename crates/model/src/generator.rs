//! From vectors back to tokens (paper, section 3.4): the linear layer
//! below the softmax of Figure 1.

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};

use crate::embedding::Embeddings;
use crate::linear::{Linear, linear};

// ANCHOR: generator
/// Scores every token of the target vocabulary. The softmax is left to
/// whoever needs it: the loss, decoding.
#[derive(Module, Debug)]
pub struct Generator {
    /// `[d_model, vocab]`, if the matrix is not the target embedding's.
    pub proj: Option<Linear>,
    /// The bias of a tied generator: `[vocab]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Generator {
    /// Logits for every position. A tied generator multiplies by the
    /// transposed table of `embeddings`: there is one parameter, so
    /// there is one gradient.
    ///
    /// # Shapes
    ///
    /// - `x`: `[batch, target, d_model]`
    /// - output: `[batch, target, vocab]`
    #[tracing::instrument(name = "generator", skip_all)]
    pub fn forward(
        &self,
        x: Tensor<3>,
        embeddings: &Embeddings,
    ) -> Tensor<3> {
        match &self.proj {
            Some(proj) => proj.forward(x),
            None => {
                // [d_model, vocab]
                let weight = embeddings.table.weight.val().transpose();
                linear(x, weight, self.bias.as_ref().map(Param::val))
            }
        }
    }
}
// ANCHOR_END: generator

impl Generator {
    /// With a matrix of its own, and a bias.
    pub(crate) fn new(
        d_model: usize,
        vocab: usize,
        device: &Device,
    ) -> Self {
        Self {
            proj: Some(Linear::new(d_model, vocab, device)),
            bias: None,
        }
    }

    /// With a matrix of its own.
    pub(crate) fn without_bias(
        d_model: usize,
        vocab: usize,
        device: &Device,
    ) -> Self {
        let proj = Linear::without_bias(d_model, vocab, device);
        Self { proj: Some(proj), bias: None }
    }

    /// With the matrix of the embeddings.
    pub(crate) fn tied() -> Self {
        Self { proj: None, bias: None }
    }

    /// With the matrix of the embeddings, and a bias of zero.
    pub(crate) fn tied_with_bias(
        vocab: usize,
        device: &Device,
    ) -> Self {
        let bias = Initializer::Zeros.init([vocab], device);
        Self { bias: Some(bias), ..Self::tied() }
    }
}

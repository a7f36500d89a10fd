//! Position-wise feed-forward networks (paper, section 3.3).

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::dropout::Dropout;
use crate::linear::Linear;
use crate::sizes::Sizes;

// ANCHOR: feed_forward
/// Equation (2): `FFN(x) = max(0, x W1 + b1) W2 + b2`, the same at
/// every position.
#[derive(Module, Debug)]
pub struct FeedForward {
    /// `W1`, `b1`: `[d_model, d_ff]`.
    pub inner: Linear,
    /// `W2`, `b2`: `[d_ff, d_model]`.
    pub outer: Linear,
    dropout: Dropout,
}

impl FeedForward {
    /// `[batch, length, d_model]` to the same shape.
    #[tracing::instrument(name = "feed_forward", skip_all)]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        // [batch, length, d_ff]
        let hidden = relu(self.inner.forward(x));
        // [batch, length, d_model]
        self.outer.forward(self.dropout.forward(hidden))
    }
}
// ANCHOR_END: feed_forward

impl FeedForward {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let &Sizes { d_model, d_ff, dropout, .. } = sizes;
        Self {
            inner: Linear::new(d_model, d_ff, device),
            outer: Linear::new(d_ff, d_model, device),
            dropout: Dropout::new(dropout),
        }
    }
}

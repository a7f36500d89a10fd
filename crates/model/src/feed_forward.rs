//! Position-wise feed-forward networks (paper, section 3.3).

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::config::{TransformerConfig, XAVIER};
use crate::dropout::drop_out;
use crate::linear::project;

// ANCHOR: feed_forward
/// Equation (2): `FFN(x) = max(0, x W1 + b1) W2 + b2`, the same at every position.
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
        let hidden = relu(project(x, &self.inner)); // [batch, length, d_ff]
        project(drop_out(hidden, &self.dropout), &self.outer) // [batch, length, d_model]
    }
}
// ANCHOR_END: feed_forward

impl FeedForward {
    pub(crate) fn new(config: &TransformerConfig, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).with_initializer(XAVIER).init(device);
        Self {
            inner: linear(config.d_model, config.d_ff),
            outer: linear(config.d_ff, config.d_model),
            dropout: DropoutConfig::new(config.dropout).init(),
        }
    }
}

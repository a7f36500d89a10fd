//! Linear layers at every position: the projections of sections 3.2.2, 3.3 and 3.4.

use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::module::linear;

/// Applies a layer at every position: `[batch, length, d_input]` to `[batch, length, d_output]`.
pub(crate) fn project(x: Tensor<3>, layer: &Linear) -> Tensor<3> {
    product(x, layer.weight.val(), layer.bias.as_ref().map(|bias| bias.val()))
}

/// `x W + b`. All positions of all sequences are rows of one matrix: the weights are read once, and their gradient is one
/// product, where a product for each sequence would read them, and write a gradient, as often as there are sequences.
///
/// # Shapes
///
/// - `x`: `[batch, length, d_input]`; `weight`: `[d_input, d_output]`; `bias`: `[d_output]`
/// - output: `[batch, length, d_output]`
pub(crate) fn product(x: Tensor<3>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<3> {
    let ([batch, length, d_input], [_, d_output]) = (x.dims(), weight.dims());
    let rows = x.reshape([batch * length, d_input]); // [batch * length, d_input]
    linear(rows, weight, bias).reshape([batch, length, d_output])
}

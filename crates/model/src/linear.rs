//! Linear layers at every position (paper, sections 3.2.2, 3.3, 3.4).

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor, module};

// ANCHOR: linear
/// `x W + b`, the same at every position.
#[derive(Module, Debug)]
pub struct Linear {
    /// `W`: `[d_in, d_out]`.
    pub weight: Param<Tensor<2>>,
    /// `b`: `[d_out]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// # Shapes
    ///
    /// - `x`: `[batch, length, d_in]`
    /// - output: `[batch, length, d_out]`
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let bias = self.bias.as_ref().map(Param::val);
        linear(x, self.weight.val(), bias)
    }
}

/// `x W + b`. All positions of all sequences are rows of one matrix:
/// the weights are read once, and their gradient is one product. With a
/// product for each sequence, they would be read, and a gradient would
/// be written, as often as there are sequences.
pub(crate) fn linear(
    x: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Tensor<3> {
    let [batch, length, d_in] = x.dims();
    let [_, d_out] = weight.dims();
    let rows = x.reshape([batch * length, d_in]);
    let rows = affine(rows, weight, bias);
    rows.reshape([batch, length, d_out])
}
// ANCHOR_END: linear

/// `x W + b` for rows: `[rows, d_in]` to `[rows, d_out]`.
fn affine(
    rows: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Tensor<2> {
    #[cfg(feature = "kernels")]
    if kernels::serve(&rows) {
        let (width, device) = (weight.dims()[1], rows.device());
        let bias =
            bias.unwrap_or_else(|| Tensor::zeros([width], &device));
        return kernels::linear(rows, weight, bias);
    }
    module::linear(rows, weight, bias)
}

impl Linear {
    /// Weight and bias are drawn by Xavier's rule (Glorot & Bengio
    /// 2010), uniformly.
    pub(crate) fn new(
        d_in: usize,
        d_out: usize,
        device: &Device,
    ) -> Self {
        Self {
            bias: Some(xavier([d_out], d_in, d_out, device)),
            ..Self::without_bias(d_in, d_out, device)
        }
    }

    /// `x W` alone.
    pub(crate) fn without_bias(
        d_in: usize,
        d_out: usize,
        device: &Device,
    ) -> Self {
        let weight = xavier([d_in, d_out], d_in, d_out, device);
        Self { weight, bias: None }
    }
}

fn xavier<const D: usize>(
    shape: [usize; D],
    d_in: usize,
    d_out: usize,
    device: &Device,
) -> Param<Tensor<D>> {
    let uniform = Initializer::XavierUniform { gain: 1.0 };
    uniform.init_with(shape, Some(d_in), Some(d_out), device)
}

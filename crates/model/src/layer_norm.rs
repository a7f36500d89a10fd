//! Layer normalisation (paper, section 3.1).

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor, module};

use crate::sizes::Sizes;

/// Gives every vector a mean of zero and a variance of one, then scales
/// and shifts its elements as was learned (Ba et al. 2016). Variance
/// is the mean of squares; a small epsilon keeps it from being zero.
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// The learned scale, one at first: `[d_model]`.
    pub gamma: Param<Tensor<1>>,
    /// The learned shift, zero at first: `[d_model]`.
    pub beta: Param<Tensor<1>>,
    epsilon: f64,
}

impl LayerNorm {
    /// `[batch, length, d_model]` to the same shape.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        #[cfg(feature = "kernels")]
        if kernels::serve(&x) {
            return kernels::layer_norm(x, gamma, beta, self.epsilon);
        }
        module::layer_norm(x, gamma, Some(beta), self.epsilon)
    }
}

impl LayerNorm {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        let all =
            |value: Initializer| value.init([sizes.d_model], device);
        Self {
            gamma: all(Initializer::Ones),
            beta: all(Initializer::Zeros),
            epsilon: sizes.eps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_uses_the_biased_variance() {
        let device = Device::flex();
        let sizes = Sizes { d_model: 4, eps: 1e-5, ..Sizes::tiny() };
        let x =
            Tensor::<3>::from_data([[[1.0, 0.0, 0.0, 0.0]]], &device);
        let y: Vec<f32> = LayerNorm::new(&sizes, &device)
            .forward(x)
            .into_data()
            .try_to_vec()
            .unwrap();
        assert!((y[0] - 1.7320).abs() < 1e-4, "{y:?}");
        assert!((y[1] + 0.5773).abs() < 1e-4, "{y:?}");
    }
}

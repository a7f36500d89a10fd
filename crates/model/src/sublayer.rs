//! Residual connection and layer normalisation around each sub-layer (paper, section 3.1).

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use crate::config::{NormOrder, TransformerConfig};
use crate::dropout::drop_out;

// ANCHOR: sublayer
/// Wraps a sub-layer `f` in a residual connection, with layer normalisation before or after it.
///
/// Layer normalisation is the usual one: the biased variance, with `eps` inside the root.
#[derive(Module, Debug)]
pub struct Sublayer {
    /// Gain and bias: `[d_model]` each.
    pub norm: LayerNorm,
    dropout: Dropout,
    pre_norm: bool,
}

impl Sublayer {
    /// `norm(x + f(x))` in post-norm, as the paper has it; `x + f(norm(x))` in pre-norm. Besides its result, `f` may
    /// return something to hand through, such as attention weights.
    ///
    /// # Shapes
    ///
    /// - `x`, the argument of `f`, its result and the output: `[batch, length, d_model]`
    #[tracing::instrument(name = "sublayer", skip_all)]
    pub fn forward<W>(&self, x: Tensor<3>, f: impl FnOnce(Tensor<3>) -> (Tensor<3>, W)) -> (Tensor<3>, W) {
        if self.pre_norm {
            let (y, extra) = f(self.norm.forward(x.clone()));
            (x + drop_out(y, &self.dropout), extra)
        } else {
            let (y, extra) = f(x.clone());
            (self.norm.forward(x + drop_out(y, &self.dropout)), extra)
        }
    }
}
// ANCHOR_END: sublayer

impl Sublayer {
    pub(crate) fn new(config: &TransformerConfig, device: &Device) -> Self {
        Self {
            norm: layer_norm(config, device),
            dropout: DropoutConfig::new(config.dropout).init(),
            pre_norm: config.norm == NormOrder::Pre,
        }
    }
}

/// The norm on top of a stack, which pre-norm needs: there, no sub-layer normalises what it gives out.
pub(crate) fn final_norm(config: &TransformerConfig, device: &Device) -> Option<LayerNorm> {
    (config.norm == NormOrder::Pre).then(|| layer_norm(config, device))
}

fn layer_norm(config: &TransformerConfig, device: &Device) -> LayerNorm {
    LayerNormConfig::new(config.d_model).with_epsilon(config.eps).init(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that tell the biased variance from the unbiased one, with `eps` inside the root.
    #[test]
    fn the_norm_uses_the_biased_variance() {
        let device = Device::flex();
        let config = TransformerConfig { d_model: 4, eps: 1e-5, ..TransformerConfig::tiny(11) };
        let x = Tensor::<2>::from_data([[1.0, 0.0, 0.0, 0.0]], &device);
        let y: Vec<f32> = layer_norm(&config, &device).forward(x).into_data().try_to_vec().unwrap();
        assert!((y[0] - 1.7320).abs() < 1e-4, "{y:?}");
        assert!((y[1] + 0.5773).abs() < 1e-4, "{y:?}");
    }

    #[test]
    fn the_order_decides_what_is_normalised() {
        let device = Device::flex();
        let x = Tensor::<3>::from_data([[[3.0, -1.0, 4.0, 2.0]]], &device);
        let run = |norm| {
            let config = TransformerConfig { d_model: 4, norm, ..TransformerConfig::tiny(11) };
            let (y, seen) = Sublayer::new(&config, &device).forward(x.clone(), |x| (x.clone() * 2.0, x));
            (y.into_data().try_to_vec::<f32>().unwrap(), seen.into_data().try_to_vec::<f32>().unwrap())
        };
        let ((post, post_seen), (pre, pre_seen)) = (run(NormOrder::Post), run(NormOrder::Pre));
        assert_eq!(post_seen, [3.0, -1.0, 4.0, 2.0], "post-norm feeds x itself to the sub-layer");
        assert!(post.iter().sum::<f32>().abs() < 1e-5, "post-norm gives out a normalised vector");
        assert!(pre_seen.iter().sum::<f32>().abs() < 1e-5, "pre-norm feeds a normalised vector");
        for ((y, x), seen) in pre.iter().zip([3.0, -1.0, 4.0, 2.0]).zip(pre_seen) {
            assert!((y - (x + 2.0 * seen)).abs() < 1e-5, "pre-norm adds x as it is");
        }
    }
}

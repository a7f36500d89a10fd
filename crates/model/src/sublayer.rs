//! Residual connection and layer normalisation around each sub-layer
//! (paper, section 3.1).

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::attention::Attended;
use crate::dropout::Dropout;
use crate::layer_norm::LayerNorm;
use crate::sizes::{NormOrder, Sizes};

// ANCHOR: sublayer
/// Wraps a sub-layer `f` in a residual connection, with layer
/// normalisation before or after it.
///
/// Layer normalisation is the usual one: the biased variance, with
/// `eps` inside the root.
#[derive(Module, Debug)]
pub struct Sublayer {
    /// Gain and bias: `[d_model]` each.
    pub norm: LayerNorm,
    dropout: Dropout,
    pre_norm: bool,
}
// ANCHOR_END: sublayer

impl Sublayer {
    // ANCHOR: sublayer_attend
    /// `norm(x + f(x))` in post-norm, as the paper has it;
    /// `x + f(norm(x))` in pre-norm. What `f` attended to is handed
    /// through.
    ///
    /// # Shapes
    ///
    /// - `x`, the argument of `f`, its output and the output:
    ///   `[batch, length, d_model]`
    #[tracing::instrument(name = "sublayer", skip_all)]
    pub fn attend<W>(
        &self,
        x: Tensor<3>,
        f: impl FnOnce(Tensor<3>) -> Attended<W>,
    ) -> Attended<W> {
        if self.pre_norm {
            f(self.norm.forward(x.clone()))
                .map(|y| x + self.dropout.forward(y))
        } else {
            f(x.clone())
                .map(|y| self.norm.forward(x + self.dropout.forward(y)))
        }
    }
    // ANCHOR_END: sublayer_attend

    /// The same around an `f` that attends to nothing.
    pub fn forward(
        &self,
        x: Tensor<3>,
        f: impl FnOnce(Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let f = |x| Attended { output: f(x), weights: () };
        self.attend(x, f).output
    }
}

impl Sublayer {
    pub(crate) fn new(sizes: &Sizes, device: &Device) -> Self {
        Self {
            norm: LayerNorm::new(sizes, device),
            dropout: Dropout::new(sizes.dropout),
            pre_norm: sizes.norm == NormOrder::Pre,
        }
    }
}

/// The norm on top of a stack, which pre-norm needs: there, no
/// sub-layer normalises what it gives out.
pub(crate) fn final_norm(
    sizes: &Sizes,
    device: &Device,
) -> Option<LayerNorm> {
    let needed = sizes.norm == NormOrder::Pre;
    needed.then(|| LayerNorm::new(sizes, device))
}

/// Applies the norm on top of a stack, if there is one.
pub(crate) fn on_top(
    norm: Option<&LayerNorm>,
    x: Tensor<3>,
) -> Tensor<3> {
    match norm {
        Some(norm) => norm.forward(x),
        None => x,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(norm: NormOrder) -> Sizes {
        Sizes { d_model: 4, norm, ..Sizes::tiny() }
    }

    /// The numbers that tell the biased variance from the unbiased one,
    /// with `eps` inside the root.
    #[test]
    fn the_order_decides_what_is_normalised() {
        let device = Device::flex();
        let x =
            Tensor::<3>::from_data([[[3.0, -1.0, 4.0, 2.0]]], &device);
        let run = |norm| {
            let sublayer = Sublayer::new(&sizes(norm), &device);
            let twice = |x: Tensor<3>| Attended {
                output: x.clone() * 2.0,
                weights: x,
            };
            let Attended { output, weights: seen } =
                sublayer.attend(x.clone(), twice);
            let numbers = |x: Tensor<3>| {
                x.into_data().try_to_vec::<f32>().unwrap()
            };
            (numbers(output), numbers(seen))
        };
        let ((post, post_seen), (pre, pre_seen)) =
            (run(NormOrder::Post), run(NormOrder::Pre));
        assert_eq!(
            post_seen,
            [3.0, -1.0, 4.0, 2.0],
            "post-norm feeds x itself to the sub-layer"
        );
        assert!(
            post.iter().sum::<f32>().abs() < 1e-5,
            "post-norm gives out a normalised vector"
        );
        assert!(
            pre_seen.iter().sum::<f32>().abs() < 1e-5,
            "pre-norm feeds a normalised vector"
        );
        for ((y, x), seen) in
            pre.iter().zip([3.0, -1.0, 4.0, 2.0]).zip(pre_seen)
        {
            assert!(
                (y - (x + 2.0 * seen)).abs() < 1e-5,
                "pre-norm adds x as it is"
            );
        }
    }
}

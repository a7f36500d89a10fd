//! Attention in fewer passes over memory, where there is a way.
//!
//! With the feature `kernels`, a processor computes attention, linear
//! layers, layer normalisation, dropout and the loss by one operation
//! each, with a gradient of its own (see the crate `kernels`).
//! Everywhere else, and always where a model is drawn, what runs is
//! the code that the book shows. After `kernels::set_enabled(false)` it
//! runs on a processor, too: the option `--textbook` of `train` does
//! that. Whoever changes the code wants it.

use burn::tensor::{Bool, Tensor};

use crate::attention::{self, Attended};
use crate::dropout::Dropout;

/// [`attention::attention`]. No gradient flows through the weights that
/// the fused operation gives out. Always inlined, so that whoever reads
/// the stack finds the same calls with the feature and without.
#[inline(always)]
pub(crate) fn attention(
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    mask: Option<&Tensor<4, Bool>>,
    dropout: &Dropout,
) -> Attended<Tensor<4>, 4> {
    #[cfg(feature = "kernels")]
    if kernels::serve(&query) {
        let [batch, heads, length, _] = query.dims();
        let weights = batch * heads * length * key.dims()[2];
        let drops = dropout.drops(&query);
        let kept = drops.then(|| dropout.kept(weights));
        if kept.as_ref().is_none_or(Option::is_some) {
            let (mask, kept) = (mask.cloned(), kept.flatten());
            let (output, weights) =
                kernels::attention(query, key, value, mask, kept);
            return Attended { output, weights };
        }
    }
    attention::attention(query, key, value, mask, dropout)
}

//! Fused operations for Burn's Flex backend: what a Transformer computes most, in fewer passes over memory.
//!
//! Written as tensor operations, a layer normalisation or a loss reads and writes whole tensors a dozen times, forward and
//! backward, and computes next to nothing each time. Here each is one operation with a backward pass of its own:
//!
//! | Operation | Instead of |
//! |---|---|
//! | [`attention()`] | scores, scale, mask, softmax, dropout, product with the values, and the copies of heads |
//! | [`linear()`] | a product and a sum, and products that read weights column by column |
//! | [`layer_norm()`] | mean, variance, and all that their gradients take |
//! | [`dropout()`] | a product with a mask as large as what is dropped |
//! | [`append()`], [`reorder()`] | copying all that was remembered of a sentence at each of its tokens |
//! | [`log_softmax()`] | exponentials one by one |
//! | [`label_smoothing()`] | log-softmax of all logits, and several sums of it |
//!
//! They are for `f32` on Flex alone, with gradients or without: ask [`serve`] first. On any other device they panic. Everywhere else, the same is written
//! with Burn's own operations, and [`set_enabled`] turns these off, so that both can be compared.
//!
//! The results are the same whatever the number of threads.

mod append;
mod attention;
mod dropout;
mod eight_bits;
mod elements;
mod heads;
mod kept;
mod label_smoothing;
mod layer_norm;
mod linear;
mod operations;
mod packed;
mod product;
mod rows;
mod softmax;
mod ternary;

use std::sync::atomic::{AtomicBool, Ordering};

use burn::backend::{Dispatch, DispatchDevice};
use burn::tensor::{Bool, DType, Int, Tensor};

pub use dropout::Kept;
pub use label_smoothing::Smoothing;
use operations::{Attended, Masked, Operations};

static ENABLED: AtomicBool = AtomicBool::new(true);

/// Turns the operations on, as they are when a program begins, or off: then [`serve`] says no.
pub fn set_enabled(enabled: bool) {
    ENABLED.store(enabled, Ordering::Relaxed);
}

/// Whether the operations are turned on.
#[must_use]
pub fn enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Turns products of eight bits on, or off, as they are when a program begins. While they are on, [`linear()`] rounds weights and what
/// they are multiplied by, on a device without gradients. Use them with a trained model alone.
pub fn set_eight_bits(wanted: bool) {
    eight_bits::want(wanted);
}

/// Whether the operations work with this tensor: one of `f32` on Flex, unless they are turned off.
#[must_use]
pub fn serve<const D: usize>(x: &Tensor<D>) -> bool {
    enabled()
        && x.dtype() == DType::F32
        && matches!(x.device().inner().as_dispatch(), DispatchDevice::Flex(_))
}

/// Scaled dot-product attention (Vaswani et al. 2017, section 3.2.1): the output, and the weights before dropout.
///
/// No gradient flows through the weights that are returned, only through the output.
///
/// # Shapes
///
/// - `query`: `[batch, heads, query, d_k]`; `key` and `value`: `[batch, heads, key, d_k]`, in whatever order they lie in memory
/// - `mask`: any shape that broadcasts to `[batch, heads, query, key]` and has its keys; true means masked
/// - `kept`: as many as there are weights
/// - output: that of `query`, whose heads of a position lie side by side; weights: `[batch, heads, query, key]`
///
/// # Panics
///
/// If the shapes don't fit each other, or `kept` says too little.
#[must_use]
pub fn attention(
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    mask: Option<Tensor<4, Bool>>,
    kept: Option<Kept>,
) -> (Tensor<4>, Tensor<4>) {
    let [query, key, value] = [query, key, value].map(Tensor::into_dispatch);
    let mask = mask.map_or(Masked::Nothing, |mask| Masked::Where(mask.into_dispatch()));
    let Attended { output, weights } = Dispatch::fused_attention(query, key, value, mask, kept);
    (Tensor::from_dispatch(output), Tensor::from_dispatch(weights))
}

/// A linear layer: `x weight + bias`.
///
/// # Shapes
///
/// - `x`: `[rows, d_in]`; `weight`: `[d_in, d_out]`, in whatever order it lies in memory; `bias`: `[d_out]`
/// - output: `[rows, d_out]`
///
/// # Panics
///
/// If the shapes don't fit each other.
#[must_use]
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    let [x, weight] = [x, weight].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::fused_linear(x, weight, bias.into_dispatch()))
}

/// Layer normalisation over the last axis (Ba et al. 2016), with the biased variance.
///
/// # Shapes
///
/// - `x` and the output: `[..., d]`; `gamma` and `beta`: `[d]`
///
/// # Panics
///
/// If the shapes don't fit each other.
#[must_use]
pub fn layer_norm<const D: usize>(
    x: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
) -> Tensor<D> {
    let [gamma, beta] = [gamma, beta].map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::fused_layer_norm(x.into_dispatch(), gamma, beta, epsilon))
}

/// Dropout (Srivastava et al. 2014): what is kept becomes larger, so that the mean stays.
///
/// # Shapes
///
/// - `x` and the output: any; `kept`: as many
///
/// # Panics
///
/// If there are not as many.
#[must_use]
pub fn dropout<const D: usize>(x: Tensor<D>, kept: Kept) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::fused_dropout(x.into_dispatch(), kept))
}

/// Joins what was remembered, `[batch, heads, key, d_k]`, and what is new, `[batch, heads, more, d_k]`, along the third axis. What
/// comes out has room for more, which is written in place as long as nobody else has the tensor. (On a device with gradients, it is
/// Burn's `cat`.)
///
/// # Panics
///
/// If the shapes don't fit each other.
#[must_use]
pub fn append(past: Tensor<4>, new: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::fused_append(past.into_dispatch(), new.into_dispatch()))
}

/// Takes rows of what was remembered, `[batch, heads, key, d_k]`, in any order: `[rows, heads, key, d_k]`. Where there are
/// as many rows as before, those that stay where they are aren't copied, if [`append()`] made the tensor and nobody else has it.
/// (On a device with gradients, it is Burn's `select`.)
///
/// # Panics
///
/// If there is no such row.
#[must_use]
pub fn reorder(past: Tensor<4>, rows: &[usize]) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::fused_reorder(past.into_dispatch(), rows.to_vec()))
}

/// The logarithms of the softmax over the last axis, in nats: the shape stays.
#[must_use]
pub fn log_softmax<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::fused_log_softmax(x.into_dispatch()))
}

/// Sums over all positions whose target is not padding: the KL divergence of the prediction from the smoothed target, and the
/// negative log-likelihood of the target. Both in nats. Only the first carries a gradient.
///
/// # Shapes
///
/// - `logits`: `[batch, target, vocab]`; `targets`: `[batch, target]`, ids below `vocab`
/// - output: `[1]`, `[1]`
///
/// # Panics
///
/// If there are not as many targets, or an id is not below `vocab`.
#[must_use]
pub fn label_smoothing(
    logits: Tensor<3>,
    targets: Tensor<2, Int>,
    smoothing: Smoothing,
) -> (Tensor<1>, Tensor<1>) {
    let [logits, targets] = [logits.into_dispatch(), targets.into_dispatch()];
    let both = Tensor::<1>::from_dispatch(Dispatch::fused_label_smoothing(logits, targets, smoothing));
    (both.clone().narrow(0, 0, 1), both.narrow(0, 1, 1).detach())
}

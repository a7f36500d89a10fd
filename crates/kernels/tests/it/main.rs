//! Each operation beside the same one written with Burn's: results and gradients, on shapes of primes.

mod attention;
mod dropout;
mod label_smoothing;
mod layer_norm;
mod linear;
mod switch;
mod writing;

use std::cell::RefCell;

use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Where gradients are computed.
fn device() -> Device {
    Device::flex().autodiff()
}

thread_local! {
    /// Each test has a thread of its own, so it gets the same numbers each time.
    static NUMBERS: RefCell<ChaCha8Rng> = RefCell::new(ChaCha8Rng::seed_from_u64(11));
}

/// Numbers of both signs, more of them positive.
fn numbers<const D: usize>(shape: [usize; D]) -> TensorData {
    NUMBERS.with_borrow_mut(|numbers| {
        let values = (0..shape.iter().product()).map(|_| numbers.random_range(-2.0..2.6_f32));
        TensorData::new(values.collect(), shape)
    })
}

/// A tensor that wants a gradient.
fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(numbers(shape), &device()).require_grad()
}

/// A weight for each element, so that each has a gradient of its own.
fn weighed<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    let weights = Tensor::<1, Int>::arange(1..y.shape().num_elements() as i64 + 1, &y.device());
    let weights = (weights.float() * 0.7).sin().reshape(y.dims());
    (y * weights).sum()
}

/// A way to compute a tensor of some others.
type Way<'a, const D: usize, const E: usize> = &'a dyn Fn(&[Tensor<D>]) -> Tensor<E>;

/// What two ways of computing the same give: a tensor, and the gradients of these tensors.
#[track_caller]
fn assert_same<const D: usize, const E: usize>(
    name: &str,
    inputs: &[Tensor<D>],
    ways: [Way<'_, D, E>; 2],
    tolerance: f32,
) {
    let [found, expected] = ways.map(|way| {
        let leaves: Vec<_> = inputs.iter().map(|input| input.clone().detach().require_grad()).collect();
        let result = way(&leaves);
        let gradients = weighed(result.clone()).backward();
        let all = leaves.iter().map(|leaf| leaf.grad(&gradients).expect("it has a gradient"));
        (result.inner(), all.collect::<Vec<_>>())
    });
    assert_close(name, found.0, expected.0, tolerance);
    for (index, (found, expected)) in found.1.into_iter().zip(expected.1).enumerate() {
        assert_close(&format!("{name}, gradient {index}"), found, expected, tolerance);
    }
}

#[track_caller]
fn assert_close<const D: usize>(name: &str, found: Tensor<D>, expected: Tensor<D>, tolerance: f32) {
    assert_eq!(found.dims(), expected.dims(), "{name}");
    let largest: f32 = expected.clone().abs().max().into_scalar();
    let difference: f32 = (found - expected).abs().max().into_scalar();
    assert!(difference <= tolerance * largest.max(1.0), "{name}: off by {difference}, of up to {largest}");
}

//! Each operation beside the same one written with Burn's: results and gradients, on shapes of primes.

mod attention;
mod dropout;
mod label_smoothing;
mod layer_norm;
mod linear;
mod switch;
mod writing;

use burn::tensor::{Device, Distribution, Tensor};

/// Where gradients are computed.
fn device() -> Device {
    Device::flex().autodiff()
}

/// A tensor that wants a gradient.
fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.3, 1.2), &device()).require_grad()
}

/// A weight for each element, so that each has a gradient of its own.
fn weighed<const D: usize>(y: Tensor<D>) -> Tensor<1> {
    let weights = Tensor::<1, burn::tensor::Int>::arange(0..y.shape().num_elements() as i64, &y.device());
    let weights = (weights.float() * 0.7).sin().reshape(y.dims());
    (y * weights).sum()
}

/// A way to compute a number of some tensors.
type Way<'a, const D: usize> = &'a dyn Fn(&[Tensor<D>]) -> Tensor<1>;

/// What two ways of computing the same give: a number, and the gradients of these tensors.
#[track_caller]
fn assert_same<const D: usize>(name: &str, inputs: &[Tensor<D>], ways: [Way<'_, D>; 2], tolerance: f32) {
    let [found, expected] = ways.map(|way| {
        let leaves: Vec<_> = inputs.iter().map(|input| input.clone().detach().require_grad()).collect();
        let result = way(&leaves);
        let gradients = result.backward();
        let all = leaves.iter().map(|leaf| leaf.grad(&gradients).expect("it has a gradient"));
        (result.into_scalar::<f32>(), all.collect::<Vec<_>>())
    });
    let scale = expected.0.abs().max(1.0);
    assert!((found.0 - expected.0).abs() <= tolerance * scale, "{name}: {} is not {}", found.0, expected.0);
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

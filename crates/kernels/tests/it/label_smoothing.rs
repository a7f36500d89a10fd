use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};
use kernels::Smoothing;

use crate::{assert_close, assert_same, device, random};

const PAD: usize = 2;

fn smoothing(vocab: usize, smoothing: f32) -> Smoothing {
    let others = if vocab > 2 { smoothing / (vocab - 2) as f32 } else { 0.0 };
    Smoothing { pad: PAD, target: 1.0 - smoothing, others, entropy: 0.25, log_zero: -1e4 }
}

fn targets(shape: [usize; 2], vocab: usize) -> Tensor<2, Int> {
    let ids: Vec<i64> = (0..shape[0] * shape[1]).map(|n| (n * n + 1) as i64 % vocab as i64).collect();
    Tensor::from_data(TensorData::new(ids, shape), &device())
}

/// The same with a distribution for every position.
fn written_out(logits: Tensor<3>, targets: Tensor<2, Int>, of: Smoothing) -> [Tensor<1>; 2] {
    let [batch, length, vocab] = logits.dims();
    let log_p = log_softmax(logits, 2).clamp_min(of.log_zero);
    let one_hot = targets.clone().one_hot::<3>(vocab).float();
    let counts = targets.not_equal_elem(PAD as i64).float();
    let possible = Tensor::ones([batch, length, vocab], &log_p.device());
    let possible = possible.slice_fill([0..batch, 0..length, PAD..PAD + 1], 0.0);
    let q = one_hot.clone() * of.target + (possible - one_hot.clone()) * of.others;
    let expected = (q * log_p.clone()).sum_dim(2).squeeze_dim::<2>(2);
    let smoothed = ((expected * -1.0 + of.entropy) * counts.clone()).sum();
    let nll = ((one_hot * log_p).sum_dim(2).squeeze_dim::<2>(2) * -counts).sum();
    [smoothed, nll]
}

#[test]
fn it_is_the_divergence_from_the_smoothed_target() {
    for (shape, mass) in [([1, 1, 3], 0.1), ([3, 5, 7], 0.0), ([2, 13, 61], 0.1), ([5, 31, 1009], 0.4)] {
        let [batch, length, vocab] = shape;
        let (targets, of) = (targets([batch, length], vocab), smoothing(vocab, mass));
        let fused =
            |x: &[Tensor<3>]| kernels::label_smoothing(x[0].clone() * 1.0, targets.clone(), of).0 * 0.7;
        let written = |x: &[Tensor<3>]| written_out(x[0].clone() * 1.0, targets.clone(), of)[0].clone() * 0.7;
        let logits = random(shape);
        assert_same(&format!("{shape:?}"), std::slice::from_ref(&logits), [&fused, &written], 1e-5);
        let found = kernels::label_smoothing(logits.clone(), targets.clone(), of).1;
        assert_close("nll", found, written_out(logits, targets, of)[1].clone(), 1e-5);
    }
}

/// A probability below e^-10000 counts as that, and its logit has no gradient of its own.
#[test]
fn what_is_cut_off_has_no_gradient() {
    let logits = random([1, 7, 11]).slice_fill([0..1, 0..7, 4..6], -3e4).slice_fill([0..1, 2..3, 1..2], -5e4);
    let (targets, of) = (targets([1, 7], 11), smoothing(11, 0.1));
    let fused = |x: &[Tensor<3>]| kernels::label_smoothing(x[0].clone(), targets.clone(), of).0;
    let written = |x: &[Tensor<3>]| written_out(x[0].clone(), targets.clone(), of)[0].clone();
    assert_same("cut off", &[logits], [&fused, &written], 1e-5);
}

#[test]
fn what_is_no_number_stays_so() {
    let logits = random([1, 3, 37]).slice_fill([0..1, 0..1, 30..31], f32::NAN);
    for mass in [0.0, 0.1] {
        let (smoothed, nll) =
            kernels::label_smoothing(logits.clone(), targets([1, 3], 37), smoothing(37, mass));
        assert!(smoothed.into_scalar::<f32>().is_nan() && nll.into_scalar::<f32>().is_nan());
    }
}

#[test]
#[should_panic(expected = "don't fit")]
fn targets_that_are_shifted_by_one_are_refused() {
    let _ = kernels::label_smoothing(random([2, 5, 7]), targets([2, 4], 7), smoothing(7, 0.1));
}

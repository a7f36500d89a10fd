use burn::tensor::Tensor;
use burn::tensor::module;

use crate::{assert_close, assert_same, random};

const EPSILON: f64 = 1e-5;

#[test]
fn it_is_burns() {
    for shape in [[1, 1, 1], [3, 5, 7], [2, 13, 61], [7, 97, 128]] {
        let width = shape[2];
        let (gamma, beta) = (random([width]), random([width]));
        let by = |normalised: fn(Tensor<3>, Tensor<1>, Tensor<1>) -> Tensor<3>| {
            let (gamma, beta) = (gamma.clone(), beta.clone());
            move |x: &[Tensor<3>]| normalised(x[0].clone(), gamma.clone(), beta.clone())
        };
        let fused = by(|x, gamma, beta| kernels::layer_norm(x, gamma, beta, EPSILON));
        let burns = by(|x, gamma, beta| module::layer_norm(x, gamma, Some(beta), EPSILON));
        assert_same(&format!("{shape:?}"), &[random(shape)], [&fused, &burns], 2e-5);
    }
}

#[test]
fn scale_and_shift_have_burns_gradients() {
    let x = random([11, 31, 67]);
    let both = [random([67]), random([67])];
    let fused =
        |both: &[Tensor<1>]| kernels::layer_norm(x.clone(), both[0].clone(), both[1].clone(), EPSILON);
    let burns =
        |both: &[Tensor<1>]| module::layer_norm(x.clone(), both[0].clone(), Some(both[1].clone()), EPSILON);
    assert_same("gamma and beta", &both, [&fused, &burns], 2e-5);
}

#[test]
fn it_works_on_what_lies_elsewhere_and_without_gradients() {
    let x = random([5, 17, 3]).inner().swap_dims(0, 1);
    let (gamma, beta) = (random([3]).inner(), random([3]).inner());
    let found = kernels::layer_norm(x.clone(), gamma.clone(), beta.clone(), EPSILON);
    assert_close("swapped", found, module::layer_norm(x, gamma, Some(beta), EPSILON), 1e-5);
}

#[test]
fn what_is_no_number_stays_so() {
    let x = random([2, 3, 19]).inner();
    let x = x.slice_fill([0..1, 1..2, 4..5], f32::NAN);
    let ones = Tensor::<1>::ones([19], &x.device());
    let y = kernels::layer_norm(x, ones.clone(), ones, EPSILON);
    let found: Vec<bool> = y.is_nan().any_dim(2).into_data().iter::<bool>().collect();
    assert_eq!(found, [false, true, false, false, false, false]);
}

#[test]
#[should_panic(expected = "don't fit each other")]
fn half_a_row_is_not_normalised() {
    let _ = kernels::layer_norm(random([2, 8]), random([4]), random([4]), 1e-5);
}

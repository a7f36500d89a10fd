use burn::tensor::{Tensor, module};

use crate::{assert_close, assert_same, random};

/// Around the number of columns that are transposed at a time, and the rows that are in a square.
const SIZES: [[usize; 3]; 6] =
    [[1, 1, 1], [3, 5, 7], [31, 17, 61], [13, 16, 256], [7, 33, 257], [97, 67, 521]];

#[test]
fn it_is_burns() {
    for [rows, d_in, d_out] in SIZES {
        let bias = random([d_out]);
        let inputs = [random([rows, d_in]), random([d_in, d_out])];
        let fused = |x: &[Tensor<2>]| kernels::linear(x[0].clone(), x[1].clone(), bias.clone());
        let burns = |x: &[Tensor<2>]| module::linear(x[0].clone(), x[1].clone(), Some(bias.clone()));
        assert_same(&format!("{rows} x {d_in} x {d_out}"), &inputs, [&fused, &burns], 2e-5);
        let [x, weight] = inputs;
        let fused = |bias: &[Tensor<1>]| kernels::linear(x.clone(), weight.clone(), bias[0].clone());
        let burns = |bias: &[Tensor<1>]| module::linear(x.clone(), weight.clone(), Some(bias[0].clone()));
        assert_same("bias", std::slice::from_ref(&bias), [&fused, &burns], 2e-5);
    }
}

/// As a tied generator has them: the transposed table of an embedding.
#[test]
fn weights_may_lie_transposed() {
    for [rows, d_in, d_out] in SIZES {
        let bias = random([d_out]);
        let inputs = [random([rows, d_in]), random([d_out, d_in])];
        let fused = |x: &[Tensor<2>]| kernels::linear(x[0].clone(), x[1].clone().transpose(), bias.clone());
        let burns =
            |x: &[Tensor<2>]| module::linear(x[0].clone(), x[1].clone().transpose(), Some(bias.clone()));
        assert_same(&format!("{rows} x {d_in} x {d_out}"), &inputs, [&fused, &burns], 2e-5);
    }
}

#[test]
fn it_works_on_what_was_cut_out() {
    let x = random([11, 13]).inner().slice([2..9, 3..8]);
    let weight = random([7, 17]).inner().slice([1..6, 2..15]);
    let bias = random([29]).inner().narrow(0, 5, 13);
    let found = kernels::linear(x.clone(), weight.clone(), bias.clone());
    assert_close("cut out", found, module::linear(x, weight, Some(bias)), 1e-5);
}

/// Weights that are one column, seen as several.
#[test]
fn weights_may_be_shared_by_columns() {
    for rows in [1, 3, 61] {
        let (x, bias) = (random([rows, 7]).inner(), random([5]).inner());
        let weight: Tensor<2> = random([7, 1]).inner().expand([7, 5]);
        let found = kernels::linear(x.clone(), weight.clone(), bias.clone());
        assert_close(&format!("{rows} rows"), found, module::linear(x, weight, Some(bias)), 1e-5);
    }
}

#[test]
#[should_panic(expected = "don't fit each other")]
fn an_input_that_is_too_wide_is_refused() {
    let _ = kernels::linear(random([4, 10]).inner(), random([8, 5]).inner(), random([5]).inner());
}

#[test]
#[should_panic(expected = "don't fit each other")]
fn so_is_a_bias_that_is_too_short_where_gradients_are_wanted() {
    let _ = kernels::linear(random([4, 8]), random([8, 5]), random([3]));
}

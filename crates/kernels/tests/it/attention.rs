use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Tensor, TensorData};
use kernels::Kept;

use crate::{assert_close, assert_same, device, numbers, random};

fn written_out(
    inputs: &[Tensor<4>],
    mask: Option<&Tensor<4, Bool>>,
    kept: Option<&Tensor<4>>,
) -> [Tensor<4>; 2] {
    let [query, key, value] = [0, 1, 2].map(|input: usize| inputs[input].clone());
    let scores = query.clone().matmul(key.transpose()) / (query.dims()[3] as f32).sqrt();
    let scores = match mask {
        Some(mask) => scores.mask_fill(mask.clone(), -1e9),
        None => scores,
    };
    let weights = softmax(scores, 3);
    let used = match kept {
        Some(kept) => weights.clone() * kept.clone(),
        None => weights.clone(),
    };
    [used.matmul(value), weights]
}

/// True where a random number is small; the first key is never masked, but in the last sentence all are.
fn mask(shape: [usize; 4]) -> Tensor<4, Bool> {
    let [batch, heads, query, key] = shape;
    let mask = Tensor::<4>::from_data(numbers(shape), &device()).lower_elem(-0.16);
    let mask = mask.slice_fill([0..batch, 0..heads, 0..query, 0..1], false);
    mask.slice_fill([batch - 1..batch, 0..heads, 0..query, 0..key], true)
}

#[test]
fn it_is_what_the_formula_says() {
    let sizes = [[1, 1, 1, 1, 1], [2, 3, 5, 7, 11], [3, 2, 17, 13, 32], [2, 5, 23, 23, 19]];
    for [batch, heads, query, key, d_k] in sizes {
        let inputs = [
            random([batch, heads, query, d_k]),
            random([batch, heads, key, d_k]),
            random([batch, heads, key, d_k]),
        ];
        let count = batch * heads * query * key;
        let kept: Vec<u8> = (0..count).map(|n| u8::from(n * n % 7 != 2)).collect();
        let factors: Vec<f32> = kept.iter().map(|kept| f32::from(*kept) * 1.25).collect();
        let factors = Tensor::<4>::from_data(TensorData::new(factors, [batch, heads, query, key]), &device());
        let kept = Kept::new(kept, 1.25);
        let masks = [
            None,
            Some(mask([batch, heads, query, key])),
            Some(mask([batch, 1, 1, key])),
            Some(mask([1, 1, query, key])),
            Some(mask([batch, 1, query, 1])),
        ];
        for mask in masks {
            let name = format!("{batch} x {heads} x {query} x {key}, {:?}", mask.as_ref().map(Tensor::dims));
            let both = |inputs: &[Tensor<4>], kept: Option<Kept>| {
                let [query, key, value] = [0, 1, 2].map(|input: usize| inputs[input].clone());
                kernels::attention(query, key, value, mask.clone(), kept)
            };
            let fused = |inputs: &[Tensor<4>]| both(inputs, Some(kept.clone())).0;
            let written =
                |inputs: &[Tensor<4>]| written_out(inputs, mask.as_ref(), Some(&factors))[0].clone();
            assert_same(&name, &inputs, [&fused, &written], 2e-5);
            let fused = |inputs: &[Tensor<4>]| both(inputs, None).0;
            let written = |inputs: &[Tensor<4>]| written_out(inputs, mask.as_ref(), None)[0].clone();
            assert_same(&name, &inputs, [&fused, &written], 2e-5);
            let [output, weights] = written_out(&inputs, mask.as_ref(), None);
            let found = both(&inputs, None);
            assert_close(&name, found.0, output, 1e-5);
            assert_close(&name, found.1, weights, 1e-5);
        }
    }
}

/// Heads as a model has them: side by side in memory, or one of several that were cut out.
#[test]
fn it_works_where_the_heads_lie() {
    let x = [0; 3].map(|_| random([3, 13, 2 * 7]));
    let split = |x: &Tensor<3>| x.clone().reshape([3, 13, 2, 7]).swap_dims(1, 2);
    let heads = |x: &[Tensor<3>]| x.iter().map(split).collect::<Vec<_>>();
    let cut = |x: Tensor<4>| x.slice([1..3, 0..2, 3..13, 0..7]);
    let fused = |x: &[Tensor<3>]| {
        let [query, key, value] = heads(x).try_into().unwrap();
        let output = kernels::attention(cut(query), cut(key).flip([2]), cut(value), None, None).0;
        output.swap_dims(1, 2).reshape([2, 10, 14])
    };
    let written = |x: &[Tensor<3>]| {
        let [query, key, value] = heads(x).try_into().unwrap();
        let [output, _] = written_out(&[cut(query), cut(key).flip([2]), cut(value)], None, None);
        output.swap_dims(1, 2).reshape([2, 10, 14])
    };
    assert_same("heads", &x, [&fused, &written], 2e-5);
}

/// What is masked has a weight of zero exactly, if anything is not.
#[test]
fn nothing_leaks_through_a_mask() {
    let inputs = [0; 3].map(|_| random([2, 3, 5, 7]).inner());
    let [query, key, value] = inputs;
    let mask = mask([2, 1, 5, 5]);
    let (_, weights) = kernels::attention(query, key, value, Some(mask.clone()), None);
    let masked = weights.clone().narrow(0, 0, 1) * mask.narrow(0, 0, 1).expand([1, 3, 5, 5]).float();
    assert_eq!(masked.max().into_scalar::<f32>(), 0.0);
    let uniform = weights.narrow(0, 1, 1) - 0.2;
    assert!(uniform.abs().max().into_scalar::<f32>() < 1e-6, "where all is masked, all have the same weight");
}

#[test]
#[should_panic(expected = "don't fit each other")]
fn keys_and_values_belong_together() {
    let _ = kernels::attention(random([1, 1, 2, 3]), random([1, 1, 5, 3]), random([1, 1, 7, 3]), None, None);
}

#[test]
fn nobody_sees_nothing() {
    let [query, key] = [0, 5].map(|length| random([2, 3, length, 7]).inner());
    let (output, weights) = kernels::attention(query, key.clone(), key, None, None);
    assert_eq!((output.dims(), weights.dims()), ([2, 3, 0, 7], [2, 3, 0, 5]));
}

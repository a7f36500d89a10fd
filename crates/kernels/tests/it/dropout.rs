use burn::tensor::{Tensor, TensorData};
use kernels::Kept;

use crate::{assert_same, device, random};

fn kept(count: usize) -> Vec<u8> {
    (0..count).map(|n| u8::from(n * n % 7 != 2)).collect()
}

#[test]
fn it_is_a_product_with_a_mask() {
    for shape in [[1, 1, 1], [3, 5, 7], [13, 97, 61]] {
        let kept = kept(shape.iter().product());
        let mask: Vec<f32> = kept.iter().map(|kept| f32::from(*kept) * 1.25).collect();
        let mask = Tensor::<3>::from_data(TensorData::new(mask, shape), &device());
        let kept = Kept::new(kept, 1.25);
        let fused = |x: &[Tensor<3>]| kernels::dropout(x[0].clone() * 2.0, kept.clone());
        let product = |x: &[Tensor<3>]| x[0].clone() * 2.0 * mask.clone();
        assert_same(&format!("{shape:?}"), &[random(shape)], [&fused, &product], 0.0);
    }
}

#[test]
fn who_else_has_the_tensor_keeps_it() {
    let x = random([31, 37]);
    let before = x.clone().into_data();
    let _ = kernels::dropout(x.clone(), Kept::new(kept(31 * 37), 2.0));
    assert_eq!(x.into_data(), before);
}

#[test]
#[should_panic(expected = "whether it is kept")]
fn every_element_needs_an_answer() {
    let _ = kernels::dropout(random([3, 5]), Kept::new(kept(14), 2.0));
}

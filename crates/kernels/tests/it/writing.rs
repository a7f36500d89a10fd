//! What serves whoever writes a token at a time.

use burn::tensor::{Device, Tensor, TensorData, activation, module};

use crate::{assert_close, numbers, random};

fn plain<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(numbers(shape), &Device::flex())
}

/// Around the width of a panel and the number of rows up to which there are any.
#[test]
fn a_few_rows_are_multiplied_by_panels() {
    for [d_in, d_out] in [[1, 1], [7, 61], [31, 64], [17, 65], [67, 521], [1031, 1033]] {
        let (weight, table, bias) = (plain([d_in, d_out]), plain([d_out, d_in]), plain([d_out]));
        for rows in [1, 2, 8, 9, 17, 48, 49] {
            let x = plain([rows, d_in]);
            for (name, weight) in [("as it is", weight.clone()), ("transposed", table.clone().transpose())] {
                let expected = module::linear(x.clone(), weight.clone(), Some(bias.clone()));
                for time in ["first", "second"] {
                    let found = kernels::linear(x.clone(), weight.clone(), bias.clone());
                    let name = format!("{rows} x {d_in} x {d_out}, {name}, {time}");
                    assert_close(&name, found, expected.clone(), 1e-5);
                }
            }
        }
    }
}

/// Tensors come and go, often in the same place, and are changed in place.
#[test]
fn weights_that_change_are_others() {
    let (x, bias) = (plain([3, 61]), plain([67]));
    let mut weight = plain([61, 67]);
    for _ in 0..20 {
        let found = kernels::linear(x.clone(), weight.clone(), bias.clone());
        assert_close("changed", found, module::linear(x.clone(), weight.clone(), Some(bias.clone())), 1e-5);
        weight = weight * 1.5 + 0.25;
        let found = kernels::linear(x.clone(), weight.clone(), bias.clone());
        assert_close("changed", found, module::linear(x.clone(), weight.clone(), Some(bias.clone())), 1e-5);
        weight = weight.slice_fill([3..5, 1..2], 7.0);
        let fresh = plain([61, 67]);
        let found = kernels::linear(x.clone(), fresh.clone(), bias.clone());
        assert_close("another", found, module::linear(x.clone(), fresh, Some(bias.clone())), 1e-5);
    }
}

#[test]
fn what_is_appended_is_there_as_if_it_were_joined() {
    let mut expected = plain([2, 3, 1, 5]);
    let mut found = expected.clone();
    let mut kept = Vec::new();
    for step in 0..67 {
        // As a model has it: heads are cut out of positions.
        let new = plain([2, 1 + step % 2, 3, 5]).swap_dims(1, 2);
        expected = Tensor::cat(vec![expected, new.clone()], 2);
        found = kernels::append(found, new);
        assert_eq!(found.clone().into_data(), expected.clone().into_data(), "step {step}");
        if step % 13 == 4 {
            kept.push((found.clone(), expected.clone()));
        }
        if step == 40 {
            // As beam search does it.
            let rows = Tensor::from_data([1, 0], &Device::flex());
            [found, expected] = [found, expected].map(|x| x.select(0, rows.clone()));
        }
    }
    for (found, expected) in kept {
        assert_eq!(found.into_data(), expected.into_data(), "what somebody kept is as it was");
    }
}

#[test]
fn rows_change_places_as_if_they_were_selected() {
    let mut expected = plain([5, 3, 1, 7]);
    let mut found = expected.clone();
    let orders: [&[usize]; 9] = [
        &[0, 1, 2, 3, 4],
        &[0, 0, 2, 2, 2],
        &[4, 3, 2, 1, 0],
        &[1, 2, 3, 4, 0],
        &[0, 1, 1, 4, 3],
        &[2, 4, 1],
        &[0, 0, 1, 1, 2, 2],
        &[5, 0, 5, 0, 3, 3],
        &[3],
    ];
    let mut kept = Vec::new();
    for (step, rows) in orders.into_iter().enumerate() {
        // Some are as they came out of a product, some have room.
        if step != 1 {
            let new = plain([expected.dims()[0], 2, 3, 7]).swap_dims(1, 2);
            expected = Tensor::cat(vec![expected, new.clone()], 2);
            found = kernels::append(found, new);
        }
        if step % 3 == 2 {
            kept.push((found.clone(), expected.clone()));
        }
        let indices: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
        let indices = Tensor::from_data(TensorData::new(indices, [rows.len()]), &Device::flex());
        expected = expected.select(0, indices);
        found = kernels::reorder(found, rows);
        assert_eq!(found.clone().into_data(), expected.clone().into_data(), "step {step}");
    }
    for (found, expected) in kept {
        assert_eq!(found.into_data(), expected.into_data(), "what somebody kept is as it was");
    }
    let tracked = random([2, 3, 5, 7]);
    let reversed = kernels::reorder(tracked.clone(), &[1, 0]);
    assert_eq!(reversed.into_data(), tracked.flip([0]).into_data());
}

#[test]
#[should_panic(expected = "rows [0, 2] of 2")]
fn only_rows_that_are_there_change_places() {
    let _ = kernels::reorder(plain([2, 3, 1, 5]), &[0, 2]);
}

#[test]
#[should_panic(expected = "has another shape")]
fn what_is_appended_has_the_same_heads() {
    let _ = kernels::append(plain([2, 3, 1, 5]), plain([2, 2, 1, 5]));
}

#[test]
fn logarithms_of_softmax_are_burns() {
    for shape in [[1, 1], [3, 7], [13, 1009]] {
        let x = plain(shape) * 5.0;
        let expected = activation::log_softmax(x.clone(), 1);
        assert_close(&format!("{shape:?}"), kernels::log_softmax(x.clone()), expected, 1e-5);
        let tracked = kernels::log_softmax(random(shape));
        assert_eq!(tracked.dims(), shape);
    }
    let impossible = Tensor::<2>::from_data([[0.0, f32::NEG_INFINITY]], &Device::flex());
    assert_eq!(kernels::log_softmax(impossible.clone()).into_data(), impossible.into_data());
}

//! What makes one number of many: sums, the largest, orders, running sums, softmax.

use burn::tensor::{Tensor, activation};

use super::{Case, Play};

fn reduced<const D: usize>(p: &Play<'_>, x: Tensor<D>) {
    for dim in 0..D {
        p.give(x.clone().sum_dim(dim));
        p.give(x.clone().mean_dim(dim));
        p.give(x.clone().prod_dim(dim));
        p.give(x.clone().max_dim(dim));
        p.give(x.clone().min_dim(dim));
        p.give(x.clone().max_abs_dim(dim));
        p.give_int(x.clone().argmax(dim));
        p.give_int(x.clone().argmin(dim));
        p.give_bool(x.clone().greater_elem(1.0).any_dim(dim));
        p.give_bool(x.clone().greater_elem(-1.0).all_dim(dim));
        let (most, places) = x.clone().max_dim_with_indices(dim);
        p.give(most + places.float());
        let (least, places) = x.clone().min_dim_with_indices(dim);
        p.give(least + places.float());
        p.give(x.clone().cumsum(dim));
        p.give(x.clone().cumprod(dim));
        p.give(x.clone().cummax(dim));
        p.give(x.clone().cummin(dim));
        p.give(activation::softmax(x.clone(), dim));
        p.give(activation::log_softmax(x.clone(), dim));
        p.give(activation::softmin(x.clone(), dim));
    }
    p.give(x.clone().sum());
    p.give(x.clone().mean());
    p.give(x.clone().prod());
    p.give(x.clone().max());
    p.give(x.clone().min());
    p.give(x.clone().max_abs());
    p.give_bool(x.clone().greater_elem(0.0).any());
    p.give_bool(x.greater_elem(0.0).all());
}

pub(super) fn reductions() -> Vec<Case> {
    vec![
        ("sums and the like", |p| reduced(p, p.float([3, 5, 2]))),
        ("sums and the like of one", |p| reduced(p, p.float([1, 3]))),
        ("sums of nothing", |p| {
            let x = p.float([3, 0, 2]);
            p.give(x.clone().sum_dim(1));
            p.give(x.clone().sum_dim(0));
            p.give(x.clone().mean_dim(1));
            p.give(x.clone().sum());
            p.give(x.clone().cumsum(1));
            p.give(activation::softmax(x, 1));
        }),
        ("what is no number among others", |p| {
            let x =
                p.these([2, 5], &[1.0, f32::NAN, 3.0, f32::NAN, -1.0, f32::NEG_INFINITY, 1.0, 2.0, 2.0, 0.5]);
            p.give(x.clone().max_dim(1));
            p.give(x.clone().min_dim(1));
            p.give_int(x.clone().argmax(1));
            p.give_int(x.clone().argmin(1));
            p.give(x.clone().cummax(1));
            p.give(activation::softmax(x.clone(), 1));
            p.give(x.sort(1));
        }),
        ("masked rows", |p| {
            let x = p.these(
                [2, 3],
                &[f32::NEG_INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY, 1.0, f32::NEG_INFINITY, 2.0],
            );
            p.give(activation::softmax(x.clone(), 1));
            p.give(activation::log_softmax(x, 1));
        }),
        ("sums of whole numbers", |p| {
            let x = p.int([3, 5], -7, 11);
            p.give_int(x.clone().sum_dim(1));
            p.give_int(x.clone().mean_dim(0));
            p.give_int(x.clone().max_dim(0));
            p.give_int(x.clone().argmax(1));
            p.give_int(x.clone().cumsum(0));
            p.give_int(x.clone().prod_dim(0));
            p.give_int(x.sum());
        }),
        ("in order", |p| {
            let x = p.float([3, 7, 2]);
            p.give(x.clone().sort(1));
            p.give(x.clone().sort_descending(0));
            p.give_int(x.clone().argsort(1));
            p.give_int(x.clone().argtopk(2, 1));
            let (values, places) = x.clone().sort_with_indices(1);
            p.give(values * places.float());
            let (values, places) = x.clone().topk_with_indices(3, 1);
            p.give(values * places.float());
            p.give(x.clone().topk(2, 0));
            p.give(x.var(1).sqrt());
        }),
    ]
}

//! Functions, arithmetic, comparisons, conversions and choices.

use burn::tensor::{Tensor, activation};

use super::{Case, Play};

const INFINITIES: [f32; 7] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1e-40, -1e9];

fn functions<const D: usize>(p: &Play<'_>, x: Tensor<D>) {
    for f in [Tensor::exp, Tensor::log1p, Tensor::erf, Tensor::sqrt, Tensor::cos, Tensor::cosh, Tensor::sin] {
        p.give(f(x.clone()));
    }
    for f in [Tensor::log, Tensor::sinh, Tensor::tan, Tensor::tanh, Tensor::acos, Tensor::acosh, Tensor::asin]
    {
        p.give(f(x.clone()));
    }
    for f in [Tensor::asinh, Tensor::atan, Tensor::atanh, Tensor::round, Tensor::floor, Tensor::ceil] {
        p.give(f(x.clone()));
    }
    for f in [Tensor::trunc, Tensor::recip, Tensor::abs, Tensor::neg, Tensor::sign, activation::relu] {
        p.give(f(x.clone()));
    }
    for f in
        [activation::gelu, activation::sigmoid, activation::log_sigmoid, activation::silu, activation::mish]
    {
        p.give(f(x.clone()));
    }
    p.give(activation::leaky_relu(x.clone(), 0.01));
    p.give(activation::hard_sigmoid(x.clone(), 0.2, 0.5));
    p.give(x.clone().clamp(-0.7, 0.9));
    p.give(x.clone().clamp_min(0.1));
    p.give(x.clone().clamp_max(0.1));
    p.give_bool(x.clone().is_nan());
    p.give_bool(x.clone().is_inf());
    p.give_bool(x.is_finite());
}

fn scalars<const D: usize>(p: &Play<'_>, x: Tensor<D>) {
    p.give(x.clone() + 0.1);
    p.give(x.clone() - 0.1);
    p.give(x.clone() * 0.1);
    p.give(x.clone() / 0.7);
    p.give(x.clone().remainder_scalar(0.7));
    p.give(x.clone().powf_scalar(0.5));
    p.give(x.clone().powf_scalar(2.0));
    p.give(x.clone().powi_scalar(3));
    p.give_bool(x.clone().equal_elem(0.0));
    p.give_bool(x.clone().not_equal_elem(0.0));
    p.give_bool(x.clone().greater_elem(0.1));
    p.give_bool(x.clone().greater_equal_elem(0.1));
    p.give_bool(x.clone().lower_elem(0.1));
    p.give_bool(x.lower_equal_elem(0.1));
}

pub(super) fn numbers() -> Vec<Case> {
    vec![
        ("functions", |p| functions(p, p.float([5, 7]))),
        ("functions of large numbers", |p| functions(p, p.within([3, 5], -90.0, 90.0))),
        ("functions of no numbers", |p| functions(p, p.float([3, 0]))),
        ("functions of what is no number", |p| functions(p, p.these([7], &INFINITIES))),
        ("functions of halves", |p| functions(p, p.these([7], &[0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5]))),
        ("numbers and constants", |p| scalars(p, p.float([3, 5, 7]))),
        ("numbers and constants at their edges", |p| {
            scalars(p, p.these([7], &[0.1, -0.7, 0.7, 0.0, -0.0, 1.4, -1.3]))
        }),
        ("no numbers and constants", |p| scalars(p, p.float([0]))),
        ("whole numbers", |p| {
            let x = p.int([5, 7], -11, 13);
            for y in
                [x.clone() + 3, x.clone() - 3, x.clone() * 3, x.clone() / 3, x.clone().remainder_scalar(3)]
            {
                p.give_int(y);
            }
            p.give_int(x.clone().abs().neg());
            p.give_int(x.clone().sign());
            p.give_int(x.clone().powi_scalar(3));
            p.give_int(x.clone().clamp(-3, 5));
            p.give_int(x.clone().bitwise_and_scalar(6));
            p.give_int(x.clone().bitwise_or_scalar(6));
            p.give_int(x.clone().bitwise_xor_scalar(6));
            p.give_int(x.clone().bitwise_not());
            p.give_int(x.clone().bitwise_left_shift_scalar(2));
            p.give_int(x.clone().bitwise_right_shift_scalar(2));
            p.give_bool(x.clone().greater_elem(2));
            p.give_bool(x.clone().equal_elem(2));
            p.give(x.float());
        }),
        ("conversions", |p| {
            let (x, mask) = (p.within([3, 5], -9.0, 9.0), p.bool([3, 5]));
            p.give_int(x.clone().int());
            p.give_int(mask.clone().int());
            p.give(mask.clone().float());
            p.give_bool(mask.bool_not());
            p.give_bool(x.int().bool());
        }),
        ("constants", |p| {
            let x = p.float([3, 5]);
            p.give(x.zeros_like() + x.ones_like() + x.full_like(0.1) + x);
            p.give_int(Tensor::arange(2..13, p.device()) + 1);
        }),
    ]
}

fn two<const D: usize>(p: &Play<'_>, a: Tensor<D>, b: Tensor<D>) {
    for f in
        [Tensor::add, Tensor::sub, Tensor::mul, Tensor::div, Tensor::remainder, Tensor::atan2, Tensor::hypot]
    {
        p.give(f(a.clone(), b.clone()));
    }
    p.give(a.clone().abs().powf(b.clone()));
    for f in [Tensor::equal, Tensor::not_equal, Tensor::greater, Tensor::greater_equal, Tensor::lower] {
        p.give_bool(f(a.clone(), b.clone()));
    }
    p.give_bool(a.lower_equal(b));
}

pub(super) fn pairs() -> Vec<Case> {
    vec![
        ("pairs", |p| two(p, p.float([3, 5, 7]), p.float([3, 5, 7]))),
        ("pairs of which one is repeated", |p| two(p, p.float([3, 5, 7]), p.float([1, 1, 7]))),
        ("pairs repeated across", |p| two(p, p.float([3, 1, 7]), p.float([1, 5, 1]))),
        ("pairs of nothing", |p| two(p, p.float([3, 0]), p.float([3, 1]))),
        ("pairs of what is no number", |p| {
            let x = p.these([1, 7], &INFINITIES);
            two(p, x.clone(), x.swap_dims(0, 1));
        }),
        ("pairs of whole numbers", |p| {
            let (a, b) = (p.int([5, 7], -11, 13), p.int([5, 1], 1, 5));
            for y in
                [a.clone() + b.clone(), a.clone() - b.clone(), a.clone() * b.clone(), a.clone() / b.clone()]
            {
                p.give_int(y);
            }
            p.give_int(a.clone().remainder(b.clone()));
            p.give_int(a.clone().powi(b.clone()));
            p.give_int(a.clone().bitwise_and(b.clone()));
            p.give_int(a.clone().bitwise_or(b.clone()));
            p.give_int(a.clone().bitwise_xor(b.clone()));
            p.give_int(a.clone().bitwise_left_shift(b.clone()));
            p.give_int(a.clone().bitwise_right_shift(b.clone()));
            p.give_bool(a.equal(b));
        }),
        ("truths", |p| {
            let (a, b) = (p.bool([5, 7]), p.bool([1, 7]));
            p.give_bool(a.clone().bool_and(b.clone()));
            p.give_bool(a.clone().bool_or(b.clone()));
            p.give_bool(a.clone().bool_xor(b.clone()));
            p.give_bool(a.clone().equal(b.clone()));
            p.give_bool(a.not_equal(b));
        }),
        ("choices", |p| {
            let (x, y) = (p.float([3, 5, 7]), p.float([3, 5, 7]));
            p.give(x.clone().mask_where(p.bool([3, 5, 7]), y));
            p.give(x.clone().mask_fill(p.bool([3, 5, 7]), f32::NEG_INFINITY));
            p.give(x.clone().mask_fill(p.bool([1, 5, 1]), 0.1));
            p.give(activation::prelu(x.clone(), p.float([5])));
            p.give(x.clone().triu(1) + x.tril(-1));
            p.give_int(p.int([3, 5], 0, 9).mask_fill(p.bool([3, 5]), -1));
        }),
    ]
}

//! What moves numbers: reshaping, slices, picking by indices, padding.

use burn::tensor::ops::PadMode;
use burn::tensor::{IndexingUpdateOp, Tensor, module, s};

use super::{Case, Play};

fn moved(p: &Play<'_>, x: Tensor<3>) {
    p.give(x.clone().swap_dims(0, 2));
    p.give(x.clone().permute([2, 0, 1]));
    p.give(x.clone().flip([0, 2]));
    p.give(x.clone().repeat_dim(1, 3));
    p.give(Tensor::cat(vec![x.clone(), x.clone() + 1, x.clone()], 1));
    p.give(x.slice([0..2, 1..3]));
}

pub(super) fn moves() -> Vec<Case> {
    vec![
        ("moves", |p| moved(p, p.float([3, 5, 7]))),
        ("moves of nothing", |p| moved(p, p.float([2, 3, 0]))),
        ("moves of one", |p| moved(p, p.float([2, 3, 1]))),
        ("laid out anew", |p| {
            p.give(p.float([3, 5, 7]).reshape([7, 15]));
            p.give(p.float([2, 3, 1]).reshape([6]));
            p.give(p.float([2, 3]).unsqueeze_dim::<3>(1));
            p.give_bool(p.bool([5]).reshape([1, 1, 5]));
        }),
        ("repeated", |p| {
            p.give(p.float([1, 5, 1]).expand([3, 5, 7]));
            p.give_int(p.int([3, 1], 0, 9).expand([2, 3, 5]));
            p.give_bool(p.bool([1]).expand([3]));
        }),
        ("slices", |p| {
            let x = p.float([5, 7, 11]);
            p.give(x.clone().slice(s![1..4, -3.., ..;3]));
            p.give(x.clone().slice(s![..;-1, 1..6;-2, 2..3]));
            p.give(x.clone().slice(s![2..2, .., ..]));
            p.give(x.clone().slice_assign(s![1..4, 2..5, 3..4], p.float([3, 3, 1])));
            p.give(x.slice_assign(s![..;2, 0..1, ..;5], p.float([3, 1, 3])));
        }),
        ("picked", |p| {
            let (x, table) = (p.float([3, 5, 7]), p.float([11, 3]));
            p.give(x.clone().select(1, p.int([13], 0, 5)));
            p.give(x.clone().select(0, p.int([0], 0, 3)));
            p.give(x.clone().gather(2, p.int([3, 5, 2], 0, 7)));
            p.give(x.clone().gather(0, p.int([2, 5, 7], 0, 3)));
            p.give(module::embedding(table, p.int([2, 7], 0, 11)));
            p.give(x.clone().scatter(1, p.int([3, 2, 7], 0, 5), p.float([3, 2, 7]), IndexingUpdateOp::Add));
            p.give(x.clone().select_assign(1, p.int([3], 0, 5), p.float([3, 3, 7]), IndexingUpdateOp::Add));
            p.give(x.unfold::<4, _>(1, 3, 2));
        }),
        ("padded", |p| {
            let x = p.float([3, 5, 7]);
            p.give(x.clone().pad([(1, 2), (3, 0)], PadMode::Constant(0.1)));
            p.give(x.clone().pad([(1, 2), (3, 0)], PadMode::Reflect));
            p.give(x.pad([(1, 2), (3, 0)], PadMode::Edge));
        }),
    ]
}

//! Products, norms, attention, windows, and modules made of them.

use burn::nn::activation::SwiGluConfig;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{
    BatchNormConfig, BiLstmConfig, GroupNormConfig, GruConfig, InstanceNormConfig, RmsNormConfig,
    RotaryEncodingConfig,
};
use burn::tensor::module;
use burn::tensor::ops::{
    AttentionModuleOptions, AvgPoolOptions, ConvOptions, ConvTransposeOptions, InterpolateMode,
    InterpolateOptions, MaxPoolOptions, UnfoldOptions,
};

use super::Case;

pub(super) fn products() -> Vec<Case> {
    vec![
        ("products", |p| {
            p.give(p.float([7, 11]).matmul(p.float([11, 5])));
            p.give(p.float([2, 3, 7, 11]).matmul(p.float([2, 3, 11, 5])));
            p.give(p.float([2, 3, 7, 11]).matmul(p.float([1, 1, 11, 5])));
            p.give(p.float([1, 3, 7, 11]).matmul(p.float([2, 1, 11, 5])));
            p.give(p.float([2, 5, 1]).matmul(p.float([2, 1, 3])));
            p.give(p.float([3, 0]).matmul(p.float([0, 5])));
            p.give(p.float([0, 3]).matmul(p.float([3, 5])));
            let keys = p.float([2, 5, 3]);
            p.give(p.float([2, 7, 3]).matmul(keys.swap_dims(1, 2)));
            p.give_int(p.int([3, 5], -9, 9).matmul(p.int([5, 2], -9, 9)));
        }),
        ("products of one matrix, laid out in two ways", |p| {
            let matrix = p.float([7, 5]);
            for _ in 0..2 {
                p.give(p.float([3, 7]).matmul(matrix.clone()));
            }
            p.give(p.float([3, 5]).matmul(matrix.reshape([5, 7])));
        }),
        ("linear layers", |p| {
            p.give(module::linear(p.float([2, 7, 11]), p.float([11, 5]), Some(p.float([5]))));
            p.give(module::linear(p.float([7, 11]), p.float([11, 13]), None));
        }),
        ("norms", |p| {
            let x = p.float([2, 5, 7]);
            p.give(module::layer_norm(x.clone(), p.float([7]), Some(p.float([7])), 1e-5));
            p.give(module::layer_norm(x.clone(), p.float([7]), None, 1e-3));
            let five = || p.float([5]);
            p.give(module::batch_norm(x, five(), five(), five(), p.within([5], 0.5, 1.5), 1e-5));
        }),
        ("attention", |p| {
            let query = || p.float([2, 3, 5, 7]);
            let (key, value) = (p.float([2, 3, 11, 7]), p.float([2, 3, 11, 13]));
            let options = |scale, softcap, is_causal| AttentionModuleOptions { scale, softcap, is_causal };
            let none = options(None, None, false);
            p.give(module::attention(query(), key.clone(), value.clone(), None, None, none));
            let mask = p.bool([2, 3, 5, 11]);
            p.give(module::attention(
                query(),
                key.clone(),
                value.clone(),
                Some(mask),
                None,
                options(Some(0.3), None, false),
            ));
            let bias = p.float([1, 3, 5, 11]);
            p.give(module::attention(
                query(),
                key.clone(),
                value.clone(),
                None,
                Some(bias),
                options(None, Some(2.0), false),
            ));
            p.give(module::attention(query(), key, value, None, None, options(None, None, true)));
        }),
    ]
}

pub(super) fn windows() -> Vec<Case> {
    vec![
        ("convolutions", |p| {
            let options = ConvOptions::new([2], [1], [2], 1);
            p.give(module::conv1d(p.float([2, 3, 11]), p.float([5, 3, 3]), Some(p.float([5])), options));
            let options = ConvOptions::new([2, 1], [1, 2], [1, 2], 2);
            p.give(module::conv2d(p.float([2, 4, 7, 5]), p.float([6, 2, 3, 2]), Some(p.float([6])), options));
            let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
            p.give(module::conv2d(p.float([1, 3, 5, 5]), p.float([2, 3, 1, 1]), None, options));
            let options = ConvOptions::new([1, 2, 1], [1, 0, 1], [1, 1, 1], 1);
            p.give(module::conv3d(p.float([1, 2, 3, 5, 3]), p.float([3, 2, 2, 3, 2]), None, options));
            let options = ConvOptions::new_with_padding([1], [(2, 0)], [1], 1);
            p.give(module::conv1d(p.float([2, 3, 7]), p.float([5, 3, 3]), None, options));
        }),
        ("convolutions backwards", |p| {
            let options = ConvTransposeOptions::new([2], [1], [1], [2], 1);
            p.give(module::conv_transpose1d(
                p.float([2, 3, 5]),
                p.float([3, 5, 3]),
                Some(p.float([5])),
                options,
            ));
            let options = ConvTransposeOptions::new([2, 1], [1, 0], [1, 0], [1, 2], 2);
            p.give(module::conv_transpose2d(p.float([2, 4, 3, 5]), p.float([4, 3, 3, 2]), None, options));
            let options = ConvTransposeOptions::new([1, 2, 1], [0, 1, 0], [0, 0, 0], [1, 1, 1], 1);
            p.give(module::conv_transpose3d(
                p.float([1, 2, 2, 3, 2]),
                p.float([2, 3, 2, 3, 2]),
                None,
                options,
            ));
        }),
        ("pools", |p| {
            let (line, image) = (p.float([2, 3, 11]), p.float([2, 3, 7, 5]));
            p.give(module::max_pool1d(
                line.clone(),
                MaxPoolOptions::new([3]).with_stride([2]).with_padding([1]),
            ));
            p.give(module::avg_pool1d(
                line.clone(),
                AvgPoolOptions::new([3]).with_stride([2]).with_padding([1]),
            ));
            let dilated =
                MaxPoolOptions::new([2, 2]).with_stride([2, 1]).with_padding([1, 0]).with_dilation([2, 1]);
            p.give(module::max_pool2d(image.clone(), dilated));
            p.give(module::max_pool2d(image.clone(), MaxPoolOptions::new([2, 2]).with_ceil_mode(true)));
            let inside = AvgPoolOptions::new([3, 2]).with_padding([1, 1]).with_count_include_pad(false);
            p.give(module::avg_pool2d(image.clone(), inside));
            p.give(module::avg_pool2d(
                image.clone(),
                AvgPoolOptions::new([3, 2]).with_ceil_mode(true).with_padding([1, 1]),
            ));
            let (most, places) = module::max_pool2d_with_indices(image.clone(), MaxPoolOptions::new([3, 2]));
            p.give(most);
            p.give_int(places);
            let (_, places) = module::max_pool1d_with_indices(line.clone(), MaxPoolOptions::new([3]));
            p.give_int(places);
            p.give(module::adaptive_avg_pool1d(line, 3));
            p.give(module::adaptive_avg_pool2d(image.clone(), [3, 2]));
            p.give(module::adaptive_avg_pool3d(image.unsqueeze_dim(2), [1, 2, 3]));
        }),
        ("larger and smaller", |p| {
            let image = p.float([2, 3, 5, 7]);
            let modes = [
                InterpolateMode::Nearest,
                InterpolateMode::Bilinear,
                InterpolateMode::Bicubic,
                InterpolateMode::Lanczos3,
            ];
            for mode in modes {
                for is_aligned in [false, true] {
                    let options = InterpolateOptions::new(mode.clone()).with_align_corners(is_aligned);
                    p.give(module::interpolate(image.clone(), options.clone().with_output_size([11, 3])));
                }
            }
            p.give(module::unfold4d(image.clone(), [3, 2], UnfoldOptions::new([2, 1], [0, 0], [1, 1])));
            p.give(module::unfold4d(image, [3, 2], UnfoldOptions::new([2, 1], [1, 0], [1, 2])));
        }),
    ]
}

pub(super) fn modules() -> Vec<Case> {
    vec![
        ("group norm", |p| {
            p.give(p.module(|d| GroupNormConfig::new(3, 6).init(d)).forward(p.float([2, 6, 5])))
        }),
        ("instance norm", |p| {
            p.give(p.module(|d| InstanceNormConfig::new(3).init(d)).forward(p.float([2, 3, 5])))
        }),
        ("rms norm", |p| p.give(p.module(|d| RmsNormConfig::new(5).init(d)).forward(p.float([2, 3, 5])))),
        ("batch norm", |p| {
            p.give(p.module(|d| BatchNormConfig::new(5).init(d)).forward(p.float([2, 5, 3, 2])))
        }),
        ("gated", |p| p.give(p.module(|d| SwiGluConfig::new(5, 7).init(d)).forward(p.float([2, 5])))),
        ("rotary", |p| {
            p.give(p.module(|d| RotaryEncodingConfig::new(11, 10).init(d)).forward(p.float([2, 3, 7, 10])));
        }),
        ("encoder", |p| {
            let encoder = p.module(|d| TransformerEncoderConfig::new(15, 23, 3, 2).init(d));
            let input = TransformerEncoderInput::new(p.float([2, 7, 15]));
            p.give(encoder.forward(input.mask_pad(p.bool([2, 7]))));
        }),
        ("gru", |p| {
            p.give(p.module(|d| GruConfig::new(3, 5, true).init(d)).forward(p.float([2, 3, 3]), None))
        }),
        ("lstm", |p| {
            p.give(p.module(|d| BiLstmConfig::new(3, 5, true).init(d)).forward(p.float([2, 3, 3]), None).0)
        }),
    ]
}

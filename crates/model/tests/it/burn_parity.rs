//! The stacks against `burn-nn`'s own Transformer, where the two can be
//! configured alike: ReLU, no dropout, and, since its pre-norm has
//! none, no norm on top.

use std::collections::BTreeMap;

use crate::common::{Array, assert_close, devices, fill, parameters};
use burn::module::Module;
use burn::nn::activation::ActivationConfig;
use burn::nn::transformer::{
    TransformerDecoderConfig, TransformerDecoderInput,
    TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::tensor::{Bool, Device, Distribution, Tensor};
use model::decoder::DecoderMasks;
use model::mask::causal_mask;
use model::{NormOrder, TransformerConfig};

const BATCH: usize = 2;
const SOURCE: usize = 7;
const TARGET: usize = 5;

fn on_every_device_and_order(
    test: impl Fn(&str, &TransformerConfig, &Device),
) {
    for (name, device) in devices() {
        for norm in [NormOrder::Pre, NormOrder::Post] {
            device.seed(3);
            let sizes = TransformerConfig {
                d_model: 15,
                n_heads: 3,
                d_ff: 17,
                ..TransformerConfig::tiny(11)
            };
            test(
                &format!("{norm:?} on {name}"),
                &TransformerConfig { dropout: 0.0, norm, ..sizes },
                &device,
            );
        }
    }
}

/// The source's padding, `[batch, source]`: the last two tokens of the
/// second sentence.
fn source_padding(device: &Device) -> Tensor<2, Bool> {
    let mut padding = [[false; SOURCE]; BATCH];
    padding[1][SOURCE - 2..].fill(true);
    Tensor::from_data(padding, device)
}

fn states(length: usize, device: &Device) -> Tensor<3> {
    Tensor::random(
        [BATCH, length, 15],
        Distribution::Normal(0.0, 1.0),
        device,
    )
}

/// Our parameters under `burn-nn`'s names. It numbers its norms, and
/// differently in the two orders: `orders` lists the norm around each
/// sub-layer.
fn in_burn_names<M: Module>(
    stack: &M,
    norms: &[(&str, &str)],
    renamed: &[(&str, &str)],
) -> BTreeMap<String, Array> {
    let rename = |path: String| {
        let norms = norms.iter().map(|&(ours, theirs)| {
            (format!("{ours}_sublayer.norm."), format!("{theirs}."))
        });
        let parts = [
            ("feed_forward.inner", "pwff.linear_inner"),
            ("feed_forward.outer", "pwff.linear_outer"),
        ];
        let parts =
            parts.iter().chain(renamed).map(|&(ours, theirs)| {
                (ours.to_owned(), theirs.to_owned())
            });
        norms.chain(parts).fold(path, |path, (ours, theirs)| {
            path.replace(&ours, &theirs)
        })
    };
    parameters(stack)
        .into_iter()
        .map(|(path, _, array)| (rename(path), array))
        .collect()
}

#[test]
fn the_encoder_agrees() {
    on_every_device_and_order(|case, config, device| {
        let mut ours = config.init(device).unwrap().encoder;
        ours.norm = None;
        let pre = config.norm == NormOrder::Pre;
        let norms = if pre {
            ["norm_2", "norm_1"]
        } else {
            ["norm_1", "norm_2"]
        };
        let norms =
            [("self_attn", norms[0]), ("feed_forward", norms[1])];
        let arrays =
            in_burn_names(&ours, &norms, &[("self_attn.", "mha.")]);
        let theirs = TransformerEncoderConfig::new(
            config.d_model,
            config.d_ff,
            config.n_heads,
            config.n_layers,
        )
        .with_dropout(0.0)
        .with_norm_first(pre)
        .with_activation(ActivationConfig::Relu)
        .init(device);
        let theirs = fill(theirs, |path| arrays[path].clone());

        let (x, padding) =
            (states(SOURCE, device), source_padding(device));
        let expected = theirs.forward(
            TransformerEncoderInput::new(x.clone())
                .mask_pad(padding.clone()),
        );
        let mask = padding.reshape([BATCH, 1, 1, SOURCE]);
        let found = ours.forward(x, &mask).output;
        assert_close(
            case,
            &Array::of(found),
            &Array::of(expected),
            1e-5,
            false,
        );
    });
}

#[test]
fn the_decoder_agrees() {
    on_every_device_and_order(|case, config, device| {
        let mut ours = config.init(device).unwrap().decoder;
        ours.norm = None;
        let pre = config.norm == NormOrder::Pre;
        let norms = if pre {
            ["norm_3", "norm_1", "norm_2"]
        } else {
            ["norm_1", "norm_2", "norm_3"]
        };
        let norms = [
            ("self_attn", norms[0]),
            ("cross_attn", norms[1]),
            ("feed_forward", norms[2]),
        ];
        let arrays = in_burn_names(&ours, &norms, &[]);
        let theirs = TransformerDecoderConfig::new(
            config.d_model,
            config.d_ff,
            config.n_heads,
            config.n_layers,
        )
        .with_dropout(0.0)
        .with_norm_first(pre)
        .with_activation(ActivationConfig::Relu)
        .init(device);
        let theirs = fill(theirs, |path| arrays[path].clone());

        let (x, memory) =
            (states(TARGET, device), states(SOURCE, device));
        let (padding, future) =
            (source_padding(device), causal_mask(TARGET, device));
        let input =
            TransformerDecoderInput::new(x.clone(), memory.clone())
                .memory_mask_pad(padding.clone())
                .target_mask_attn(
                    future
                        .clone()
                        .expand([BATCH, 1, TARGET, TARGET])
                        .squeeze_dim(1),
                );
        let expected = theirs.forward(input);
        let masks = DecoderMasks {
            target: future,
            memory: padding.reshape([BATCH, 1, 1, SOURCE]),
        };
        let found = ours.forward(x, memory, &masks).output;
        assert_close(
            case,
            &Array::of(found),
            &Array::of(expected),
            1e-5,
            false,
        );
    });
}

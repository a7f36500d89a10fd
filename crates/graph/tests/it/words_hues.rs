//! The same thing has the same hue in every model, and a closed box the one of what is in it.

use burn::nn::attention::{MhaInput, MultiHeadAttentionConfig};
use burn::nn::conv::Conv2dConfig;
use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2dConfig};
use burn::nn::transformer::{
    PositionWiseFeedForwardConfig, TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::nn::{
    BatchNormConfig, EmbeddingConfig, GruConfig, LayerNormConfig, Linear, LinearConfig, LstmConfig,
    PaddingConfig2d, RmsNormConfig, SwiGluConfig,
};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Int, Tensor};
use graph::view::BoxKind;
use graph::{DrawOptions, draw};

use crate::words::{graph, inner, view};

/// The hue of a closed box around what a closure does with `[2, 5, 8]`.
fn hue<const D: usize>(body: impl FnOnce(Tensor<3>, &Device) -> Tensor<D>) -> BoxKind {
    let found = graph(|session| {
        let device = session.device();
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], device));
        let y = tracing::info_span!("part").in_scope(|| body(x, device));
        session.output("y", y.exp());
    });
    let view = view(&found);
    let part = inner(&view).into_iter().find(|b| b.label == "part");
    part.unwrap_or_else(|| panic!("{}", found.outline())).kind
}

// A layer made inside of the span has its parameters made there, too: what is no parameter would be a constant.
fn hue_of<const D: usize, M: burn::module::Module>(
    module: impl FnOnce(&Device) -> M,
    body: impl FnOnce(&M, Tensor<3>) -> Tensor<D>,
) -> BoxKind {
    let found = graph(|session| {
        let device = session.device();
        let module = module(device);
        session.parameters(&module);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], device));
        let y = tracing::info_span!("part").in_scope(|| body(&module, x));
        session.output("y", y.exp());
    });
    let view = view(&found);
    let part = inner(&view).into_iter().find(|b| b.label == "part");
    part.unwrap_or_else(|| panic!("{}", found.outline())).kind
}

fn linears(n: usize) -> impl FnOnce(&Device) -> Vec<Linear> {
    move |device| (0..n).map(|_| LinearConfig::new(8, 8).init(device)).collect()
}

#[test]
fn feed_forward_is_a_linear_layer_an_activation_and_a_linear_layer() {
    let network = hue_of(linears(2), |l, x| l[1].forward(relu(l[0].forward(x))));
    assert_eq!(network, BoxKind::FeedForward);
    let burns = hue_of(|d| PositionWiseFeedForwardConfig::new(8, 16).init(d), |m, x| m.forward(x));
    assert_eq!(burns, BoxKind::FeedForward);
    let gated = hue_of(
        |d| (SwiGluConfig::new(8, 16).init(d), LinearConfig::new(16, 8).init(d)),
        |(glu, out), x| out.forward(glu.forward(x)),
    );
    assert_eq!(gated, BoxKind::FeedForward);
    let dense = hue_of(linears(1), |l, x| relu(l[0].forward(x)));
    assert_eq!(dense, BoxKind::Linear, "one layer is no network");
    let parallel =
        hue_of(linears(3), |l, x| l[0].forward(x.clone()) + l[1].forward(x.clone()) + l[2].forward(x));
    assert_eq!(parallel, BoxKind::Linear);
}

#[test]
fn an_encoder_layer_is_a_module_however_many_there_are() {
    for layers in [1, 12] {
        let found = graph(|session| {
            let encoder = TransformerEncoderConfig::new(16, 32, 2, layers).init(session.device());
            session.parameters(&encoder);
            let x = session.input("x", Tensor::<3>::zeros([2, 5, 16], session.device()));
            let y =
                tracing::info_span!("encoder").in_scope(|| encoder.forward(TransformerEncoderInput::new(x)));
            session.output("y", y.exp());
        });
        let view = view(&found);
        assert_eq!(inner(&view)[0].kind, BoxKind::Module, "{layers}");
        let drawn = draw(&view, &DrawOptions::new("encoder").legend(true)).unwrap();
        assert!(drawn.svg.contains(">Module</text>"), "the legend says so");
    }
}

#[test]
fn attention_is_attention_with_its_linear_layers_and_norms_of_queries() {
    let plain = hue_of(
        |d| MultiHeadAttentionConfig::new(8, 2).init(d),
        |m, x| m.forward(MhaInput::self_attn(x)).context,
    );
    assert_eq!(plain, BoxKind::Attention);
    let normed = hue_of(
        |d| (linears(3)(d), RmsNormConfig::new(8).init(d)),
        |(l, norm), x| {
            let [q, k] = [0, 1].map(|n| norm.forward(l[n].forward(x.clone())));
            let scores = q.matmul(k.transpose()) / 8_f32.sqrt();
            burn::tensor::activation::softmax(scores, 2).matmul(l[2].forward(x))
        },
    );
    assert_eq!(normed, BoxKind::Attention);
}

#[test]
fn stages_of_convolutions_are_convolutions_and_pooling_is_pooling() {
    let stage = hue_of(
        |d| {
            let pad = PaddingConfig2d::Explicit(1, 1, 1, 1);
            let conv = || Conv2dConfig::new([5, 5], [3, 3]).with_padding(pad.clone()).init(d);
            (vec![conv(), conv()], BatchNormConfig::new(5).init(d))
        },
        |(convs, norm), x| {
            let x = x.unsqueeze_dim::<4>(2);
            let y = relu(norm.forward(convs[0].forward(x.clone())));
            relu(norm.forward(convs[1].forward(y)) + x)
        },
    );
    assert_eq!(stage, BoxKind::Convolution);
    let pooled = hue(|x, _| {
        let x = MaxPool2dConfig::new([2, 2]).init().forward(x.unsqueeze_dim::<4>(1));
        AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(x).flatten::<2>(1, 3)
    });
    assert_eq!(pooled, BoxKind::Pooling);
}

#[test]
fn gates_are_no_feed_forward_networks() {
    let lstm = hue_of(|d| LstmConfig::new(8, 6, true).init(d), |m, x| m.forward(x, None).0);
    assert_eq!(lstm, BoxKind::Recurrent);
    let gru = hue_of(|d| GruConfig::new(8, 6, true).init(d), |m, x| m.forward(x, None));
    assert_eq!(gru, BoxKind::Recurrent);
    let found = graph(|session| {
        let lstm = LstmConfig::new(8, 6, true).init(session.device());
        session.parameters(&lstm);
        let x = session.input("x", Tensor::<3>::zeros([2, 2, 8], session.device()));
        session.output("y", lstm.forward(x, None).0);
    });
    let shown = view(&found);
    let gates: Vec<_> = inner(&shown).into_iter().filter(|b| b.label.contains("gate")).collect();
    assert!(gates.len() >= 4 && gates.iter().all(|b| b.kind == BoxKind::Recurrent), "{}", found.outline());
    let by_hand = hue_of(linears(2), |l, x| (l[0].forward(x.clone()) + l[1].forward(x)).tanh());
    assert_eq!(by_hand, BoxKind::Recurrent, "an Elman cell");
    let wave = hue_of(linears(2), |l, x| sigmoid(l[0].forward(x.clone())) * l[1].forward(x).tanh());
    assert_eq!(wave, BoxKind::Recurrent);
}

#[test]
fn what_is_of_one_sort_has_its_hue() {
    let norm = hue_of(|d| LayerNormConfig::new(8).init(d), |m, x| m.forward(x) * 2.0);
    assert_eq!(norm, BoxKind::Norm);
    let activation = hue(|x, _| sigmoid(x * 0.5) * 3.0);
    assert_eq!(activation, BoxKind::Activation);
    let arithmetic = hue(|x, _| (x + 1.0).abs().sqrt());
    assert_eq!(arithmetic, BoxKind::Other);
    let moved = hue(|x, _| x.swap_dims(1, 2).flip([0]));
    assert_eq!(moved, BoxKind::Movement);
    let sum = hue_of(
        |d| (EmbeddingConfig::new(9, 8).init(d), LayerNormConfig::new(8).init(d)),
        |(table, norm), x| {
            let ids: Tensor<2, Int> = x.mean_dim(2).squeeze_dim::<2>(2).int();
            norm.forward(table.forward(ids) * 8_f32.sqrt())
        },
    );
    assert_eq!(sum, BoxKind::Embedding);
}

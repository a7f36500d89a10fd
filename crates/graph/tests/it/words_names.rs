//! Boxes carry the names of the code's fields and plain words, and the numbers that belong to them.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig, Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig};
use burn::nn::pool::{AvgPool1dConfig, MaxPool2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig,
    PRelu, PReluConfig, PaddingConfig2d,
};
use burn::tensor::{Int, Tensor};
use graph::view::{BoxKind, View};
use graph::{Rules, Style, ViewOptions};

use crate::words::{graph, texts, view};

#[derive(Module, Debug)]
struct Stem {
    stem: Conv2d,
    normalise: BatchNorm,
    act: PRelu,
}

#[test]
fn every_layer_carries_the_name_of_its_field() {
    let found = graph(|session| {
        let device = session.device();
        let net = Stem {
            stem: Conv2dConfig::new([4, 8], [7, 5])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(3, 2, 3, 2))
                .init(device),
            normalise: BatchNormConfig::new(8).init(device),
            act: PReluConfig::new().with_num_parameters(8).init(device),
        };
        session.parameters(&net);
        let x = session.input("x", Tensor::<4>::zeros([2, 4, 32, 32], device));
        let x = net.act.forward(net.normalise.forward(net.stem.forward(x)));
        session.output("y", MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init().forward(x));
    });
    let expected = [
        "Conv2d (stem · 7×5, stride 2)",
        "Batch Norm (normalise)",
        "PReLU (act)",
        "Max Pool (2×2, stride 2)",
    ];
    assert_eq!(texts(&found), expected);
}

#[derive(Module, Debug)]
struct Embeddings {
    words: Embedding,
    positions: Param<Tensor<2>>,
    kinds: Embedding,
    norm: LayerNorm,
}

#[test]
fn three_embeddings_are_told_apart_and_one_may_be_by_hand() {
    let found = graph(|session| {
        let device = session.device();
        let table = |rows| EmbeddingConfig::new(rows, 8).init(device);
        let model = Embeddings {
            words: table(30),
            positions: Param::from_tensor(Tensor::ones([20, 8], device)),
            kinds: table(2),
            norm: LayerNormConfig::new(8).init(device),
        };
        session.parameters(&model);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([2, 5], device));
        let places = session.input("places", Tensor::<1, Int>::zeros([5], device));
        let sum = model.words.forward(ids.clone()) + model.kinds.forward(ids);
        let sum = sum + model.positions.val().select(0, places).unsqueeze();
        session.output("y", model.norm.forward(sum).exp());
    });
    let expected = ["Embedding (words)", "Embedding (kinds)", "Add", "Embedding (positions)"];
    assert_eq!(texts(&found)[..4], expected, "{:?}", texts(&found));
    assert!(texts(&found).contains(&"Layer Norm (norm)".to_owned()), "{:?}", texts(&found));
    let hues: Vec<_> = view(&found).boxes.iter().filter(|b| b.label == "Embedding").map(|b| b.kind).collect();
    assert_eq!(hues, [BoxKind::Embedding; 3]);
}

#[derive(Module, Debug)]
struct Raw {
    r#type: Linear,
    w2: Param<Tensor<2>>,
}

#[test]
fn a_field_called_like_a_word_of_the_language_is_called_so_and_a_bare_weight_by_its_own_field() {
    let found = graph(|session| {
        let device = session.device();
        let raw = Raw {
            r#type: LinearConfig::new(4, 4).init(device),
            w2: Param::from_tensor(Tensor::ones([4, 6], device)),
        };
        session.parameters(&raw);
        let x = session.input("x", Tensor::<2>::zeros([3, 4], device));
        let x = tracing::info_span!("r#match").in_scope(|| raw.r#type.forward(x).exp().tanh());
        session.output("y", x.matmul(raw.w2.val()).exp());
    });
    assert_eq!(texts(&found), ["match", "Linear (w2)", "Exp"]);
    assert!(found.parameters().any(|parameter| parameter.paths[0] == "type.weight"));
    let inside = found.view(&ViewOptions::new().root("match")).unwrap();
    assert!(inside.boxes.iter().any(|b| b.note.as_deref() == Some("type")));
}

#[test]
fn values_are_shown() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        let y = (x * 0.125 + 1e-5).powf_scalar(3.0).square().clamp(-2.0, 0.5) / 3.0;
        session.output("y", y.lower_elem(0.25).int().powi_scalar(3).equal_elem(7).float());
    });
    let expected = [
        "Scale (× 0.125)",
        "Add constant (+ 1e-5)",
        "Power (exponent 3)",
        "Square",
        "Clamp (-2 to 0.5)",
        "Scale (÷ 3)",
        "Less than (< 0.25)",
        "To integer",
        "Power (exponent 3)",
        "Equal (= 7)",
        "To float",
    ];
    assert_eq!(texts(&found), expected);
}

#[derive(Module, Debug)]
struct Sampling {
    down: Conv1d,
    up: ConvTranspose2d,
}

#[test]
fn kernels_and_strides_are_in_the_box() {
    let found = graph(|session| {
        let device = session.device();
        let Sampling { down, up } = &Sampling {
            down: Conv1dConfig::new(6, 6, 5).with_groups(6).with_stride(3).init(device),
            up: ConvTranspose2dConfig::new([1, 2], [4, 4]).with_stride([2, 2]).init(device),
        };
        session.parameters(&Sampling { down: down.clone(), up: up.clone() });
        let x = session.input("x", Tensor::<3>::zeros([2, 6, 50], device));
        let x = AvgPool1dConfig::new(2).with_stride(2).init().forward(down.forward(x));
        session.output("y", up.forward(x.unsqueeze_dim::<4>(1)));
    });
    let expected = [
        "Conv1d (down · kernel 5, stride 3, depthwise)",
        "Average Pool (kernel 2, stride 2)",
        "Transposed Conv2d (up · 4×4, stride 2)",
    ];
    assert_eq!(texts(&found), expected);
}

#[test]
fn a_look_up_is_no_rearrangement() {
    let found = graph(|session| {
        let device = session.device();
        let x = session.input("x", Tensor::<2>::zeros([6, 4], device));
        let ids = session.input("ids", Tensor::<2, Int>::zeros([6, 4], device));
        let y = x.swap_dims(0, 1).reshape([6, 4]).gather(1, ids).flip([0]).swap_dims(0, 1);
        session.output("y", y.exp());
    });
    assert_eq!(texts(&found), ["Transpose, Reshape", "Gather", "Flip, Transpose", "Exp"]);
}

/// The labels of what enters a view.
fn entering(view: &View) -> Vec<&str> {
    let boxes = view.boxes.iter().filter(|b| b.kind == BoxKind::Input);
    boxes.map(|b| b.label.as_str()).collect()
}

#[test]
fn what_enters_a_scope_is_called_as_it_is_outside() {
    let found = graph(|session| {
        let device = session.device();
        let movement = session.input("movement", Tensor::<2>::zeros([6, 4], device));
        let turned = movement.clone().swap_dims(0, 1).reshape([6, 4]).flip([0]);
        let silu = burn::tensor::activation::silu(movement);
        let y = tracing::info_span!("inside").in_scope(|| turned.exp() + silu.exp());
        session.output("y", y);
    });
    let labels = |path: &str| {
        let rules = Rules::new().rule("**/nothing", Style::hidden());
        let view = found.view(&ViewOptions::new().root(path).labels(rules)).unwrap();
        entering(&view).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(labels(""), ["movement"]);
    assert_eq!(labels("inside"), ["Rearrange", "SiLU"], "not by the crate's own words");
}

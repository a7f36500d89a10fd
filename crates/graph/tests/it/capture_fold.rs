//! Each pattern is recognised where it is, and not where it is not.

use burn::nn::conv::Conv2dConfig;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Bool, Int, Tensor, TensorData};
use graph::view::{BoxKind, View};
use graph::{ComputationGraph, Pattern, Session, ViewOptions, capture};

use crate::model::symbolic;

fn graph(closure: impl FnOnce(&Session)) -> ComputationGraph {
    let captured = capture("test", |session| {
        closure(session);
        Ok(())
    });
    captured.expect("the closure can be captured")
}

/// The labels of the root's boxes, inputs and outputs left out.
fn labels(view: &View) -> Vec<String> {
    let inner = view.boxes[View::ROOT].children.iter().map(|&id| &view.boxes[id]);
    inner
        .filter(|b| !matches!(b.kind, BoxKind::Input | BoxKind::Output))
        .map(|b| match b.repeat {
            1 => b.label.clone(),
            n => format!("{} x{n}", b.label),
        })
        .collect()
}

fn boxes(graph: &ComputationGraph) -> Vec<String> {
    labels(&graph.view(&ViewOptions::new()).expect("the root is there"))
}

#[test]
fn both_forms_of_a_linear_layer_are_one_box() {
    // Burn joins the leading axes of a product with few rows, and leaves those of one with many as they are.
    for (batch, length) in [(2, 3), (4, 512)] {
        let found = graph(|session| {
            let linear = LinearConfig::new(64, 96).init(session.device());
            session.parameters(&linear);
            let x = session.input("x", Tensor::<3>::zeros([batch, length, 64], session.device()));
            session.output("y", linear.forward(x).exp());
        });
        assert_eq!(found.recognised(Pattern::Linear), 1);
        assert_eq!(boxes(&found), ["Linear", "Exp"], "{}", found.outline());
    }
}

#[test]
fn a_product_of_two_activations_is_no_linear_layer() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 3], session.device()));
        session.output("y", x.clone().matmul(x.exp()));
    });
    assert_eq!(boxes(&found), ["Exp", "MatMul"]);
}

#[test]
fn a_reshape_that_others_read_stays_outside_of_the_layer() {
    let found = graph(|session| {
        let linear = LinearConfig::new(4, 5).with_bias(false).init(session.device());
        session.parameters(&linear);
        let x = session.input("x", Tensor::<3>::zeros([2, 3, 4], session.device())).reshape([6, 4]);
        session.output("y", linear.forward(x.clone()).sum());
        session.output("x", x.exp().sum());
    });
    assert_eq!(boxes(&found), ["Reshape", "Linear", "Sum", "Exp", "Sum"]);
}

#[test]
fn attention_is_recognised_with_every_kind_of_mask() {
    for mask in 0..3 {
        let found = graph(|session| {
            let device = session.device();
            let [q, k, v] =
                ["q", "k", "v"].map(|name| session.input(name, Tensor::<4>::zeros([2, 2, 5, 4], device)));
            let scores = q.matmul(k.swap_dims(2, 3)) / 2.0;
            let scores = match mask {
                0 => scores,
                1 => scores.mask_fill(Tensor::<2, Bool>::tril_mask([5, 5], 0, device).unsqueeze(), -1e9),
                _ => scores + Tensor::<2>::zeros([5, 5], device).triu(1).unsqueeze::<4>(),
            };
            session.output("y", softmax(scores, 3).matmul(v).exp());
        });
        assert_eq!(found.recognised(Pattern::Attention), 1, "mask {mask}");
        let expected: &[_] = match mask {
            0 => &["Scaled Dot-Product Attention", "Exp"],
            _ => &["Mask", "Scaled Dot-Product Attention", "Exp"],
        };
        assert_eq!(boxes(&found), expected, "{}", found.outline());
    }
}

#[test]
fn a_softmax_alone_is_no_attention() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 3], session.device()));
        session.output("y", softmax(x, 1).exp());
    });
    assert_eq!((found.recognised(Pattern::Attention), boxes(&found).len()), (0, 2));
}

#[test]
fn what_only_makes_a_mask_is_one_box() {
    let found = graph(|session| {
        let ids = session.input("ids", Tensor::<2, Int>::zeros([2, 3], session.device()));
        let x = session.input("x", Tensor::<2>::zeros([2, 3], session.device()));
        let mask = ids.clone().equal_elem(0).bool_or(ids.greater_elem(7));
        session.output("y", x.mask_fill(mask, 0.0).exp());
    });
    assert_eq!(found.recognised(Pattern::Mask), 1);
    assert_eq!(boxes(&found), ["Mask", "Mask", "Exp"], "the making and the filling");
}

#[test]
fn residual_additions_are_told_from_others() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([2, 3], session.device()));
        let position = Tensor::<2>::from_data(TensorData::zeros::<f32, _>([2, 3]), session.device());
        let x = x + position;
        let x = x.clone() + x.exp();
        let y = x.clone().sin() + x.cos();
        session.output("y", y);
    });
    assert_eq!((found.count("add"), found.residual_additions()), (3, 1));
}

#[test]
fn modules_without_spans_are_grouped_by_their_parameters() {
    let found = graph(|session| {
        let encoder = TransformerEncoderConfig::new(16, 32, 2, 3).init(session.device());
        session.parameters(&encoder);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 16], session.device()));
        session.output("y", encoder.forward(TransformerEncoderInput::new(x)));
    });
    assert_eq!(boxes(&found), ["layers x3"]);
    let view = found.view(&ViewOptions::new().root("layers")).expect("there are layers");
    assert_eq!(labels(&view), ["mha", "Add & Norm", "pwff", "Add & Norm"]);
    let view = found.view(&ViewOptions::new().root("layers.1/pwff")).expect("there is a network");
    assert_eq!(labels(&view), ["Linear", "GELU", "Linear"]);
}

#[test]
fn an_activation_belongs_to_the_block_it_follows() {
    let found = graph(|session| {
        let device = session.device();
        let blocks: Vec<Vec<_>> =
            (0..3).map(|_| (0..2).map(|_| LinearConfig::new(4, 4).init(device)).collect()).collect();
        session.parameters(&blocks);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        let block = |x, block: &Vec<Linear>| relu(block[1].forward(relu(block[0].forward(x))));
        session.output("y", blocks.iter().fold(x, block).reshape([8]));
    });
    assert_eq!(boxes(&found), ["block x3", "Reshape"], "{}", found.outline());
    let view = found.view(&ViewOptions::new().root("block.1")).expect("there are three");
    assert_eq!(labels(&view), ["block x2"]);
}

#[test]
fn a_convolutional_net_needs_no_scopes() {
    let found = graph(|session| {
        let conv =
            Conv2dConfig::new([1, 4], [3, 3]).with_padding(PaddingConfig2d::Same).init(session.device());
        let linear = LinearConfig::new(4 * 8 * 8, 10).init(session.device());
        session.parameters(&conv);
        session.parameters(&linear);
        let x = session.input("x", Tensor::<4>::zeros([2, 1, 8, 8], session.device()));
        session.output("y", linear.forward::<2>(conv.forward(x).flatten(1, 3)));
    });
    assert_eq!(boxes(&found), ["Conv2d", "Reshape", "Linear"]);
}

#[test]
fn layers_read_elsewhere_are_no_repeat() {
    let layers = |read_all: bool| {
        graph(|session| {
            let mut x = session.input("x", Tensor::<2>::zeros([2, 3], session.device()));
            let mut all = vec![x.clone()];
            for _ in 0..3 {
                x = tracing::info_span!("layer").in_scope(|| (x * 2.0).exp());
                all.extend(read_all.then(|| x.clone()));
            }
            session.output("y", all.into_iter().fold(x, |sum, x| sum + x));
        })
    };
    assert_eq!(boxes(&layers(false)), ["layer x3", "Add"]);
    assert_eq!(boxes(&layers(true)).iter().filter(|label| label.contains(" x")).count(), 0);
}

#[test]
fn every_axis_has_its_symbol() {
    let graph = symbolic().expect("the sizes tell all apart");
    let symbols = ["batch", "source", "target", "d_model", "heads", "d_k", "d_ff", "vocab"];
    for operation in graph.operations() {
        for axis in operation.outputs.iter().flat_map(|tensor| &tensor.axes) {
            let named =
                axis.symbol.as_deref().is_none_or(|name| name.split('·').all(|s| symbols.contains(&s)));
            assert!(named && (axis.symbol.is_some() || axis.size == 1), "{operation:?}");
        }
    }
    let generator = graph.parameters().find(|p| p.paths[0] == "generator.weight").expect("a parameter");
    assert_eq!(generator.tensor.to_string(), "[d_model, vocab]");
    assert_eq!(generator.tensor.concrete(), "[16, 50] f32");
}

#[test]
fn names_with_markup_do_not_break_the_exports() {
    let found = graph(|session| {
        let x = session.input("a \"b\" <c>\n\u{202e}", Tensor::<2>::zeros([2, 3], session.device()));
        session.output("y\\", tracing::info_span!("<s> \"t\"").in_scope(|| x.exp().sin()));
    });
    let dot = found.to_dot();
    assert!(dot.contains(r#"label="a \"b\" <c>\n"#) && dot.contains(r#"label="y\\""#), "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    let json: serde_json::Value = serde_json::from_str(&found.to_json()).unwrap();
    assert_eq!(json["operations"].as_array().map(Vec::len), Some(2));
    assert_eq!(json["scopes"][1]["name"], "<s> \"t\"");
}

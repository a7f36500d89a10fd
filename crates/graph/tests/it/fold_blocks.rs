//! Blocks that are one after the other are one box, with what stands at their edges.

use burn::module::Module;
use burn::nn::attention::generate_autoregressive_mask;
use burn::nn::transformer::{
    TransformerDecoderConfig, TransformerDecoderInput, TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, silu};
use burn::tensor::{Bool, Device, Tensor};
use graph::ComputationGraph;
use graph::view::View;

use crate::listed::{boxes, graph, inside, inside_of_repeated, repeated, shown, sources};

fn linear(from: usize, to: usize, device: &Device) -> Linear {
    LinearConfig::new(from, to).init(device)
}

#[derive(Module, Debug)]
struct Pair {
    a: Linear,
    b: Linear,
}

#[derive(Module, Debug)]
struct Pairs {
    blocks: Vec<Pair>,
}

impl Pairs {
    fn new(count: usize, device: &Device) -> Self {
        let block = |_| Pair { a: linear(4, 6, device), b: linear(6, 4, device) };
        Self { blocks: (0..count).map(block).collect() }
    }
}

/// `forward` for each block of five.
fn five(forward: impl Fn(&Pair, Tensor<2>) -> Tensor<2>) -> ComputationGraph {
    graph(|session| {
        let net = Pairs::new(5, session.device());
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
        session.output("y", net.blocks.iter().fold(x, |x, block| forward(block, x)));
    })
}

#[test]
fn residual_blocks_by_hand_are_one_box_with_the_sum_inside() {
    let post = five(|block, x| relu(x.clone() + block.b.forward(relu(block.a.forward(x)))));
    assert_eq!(boxes(&post), ["blocks x5"], "{}", post.outline());
    assert_eq!(inside_of_repeated(&post, 5), ["Linear", "ReLU", "Linear", "Add", "ReLU"]);
    assert_eq!(sources(&shown(&post, 2), "Add"), ["Linear", "x"], "both arms of the sum");
    let pre = five(|block, x| x.clone() + block.b.forward(relu(block.a.forward(relu(x)))));
    assert_eq!(boxes(&pre), ["blocks x5"], "{}", pre.outline());
    assert_eq!(inside_of_repeated(&pre, 5), ["ReLU", "Linear", "ReLU", "Linear", "Add"]);
}

#[test]
fn what_is_only_between_blocks_is_in_those_that_have_it() {
    let last_apart = graph(|session| {
        let net = Pairs::new(5, session.device());
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
        let forward = |(n, block): (usize, &Pair), x| {
            let x = block.b.forward(block.a.forward(x));
            if n < 4 { x.tanh() } else { x }
        };
        session.output("y", net.blocks.iter().enumerate().fold(x, |x, block| forward(block, x)));
    });
    assert_eq!(boxes(&last_apart), ["blocks x4", "blocks 4"], "{}", last_apart.outline());
}

#[test]
fn layers_of_alternating_width_are_folded_in_twos() {
    #[derive(Module, Debug)]
    struct Net {
        layers: Vec<Linear>,
    }
    let found = graph(|session| {
        let device = session.device();
        let net = Net {
            layers: [(4, 6), (6, 4)].repeat(3).into_iter().map(|(a, b)| linear(a, b, device)).collect(),
        };
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        session.output("y", net.layers.iter().fold(x, |x, layer| layer.forward(x).tanh()));
    });
    assert_eq!(boxes(&found), ["layers x3"], "{}", found.outline());
}

fn encoder(norm_first: bool, masked: bool) -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let encoder = TransformerEncoderConfig::new(64, 128, 4, 4).with_norm_first(norm_first).init(device);
        session.parameters(&encoder);
        let mut input =
            TransformerEncoderInput::new(session.input("x", Tensor::<3>::zeros([2, 5, 64], device)));
        if masked {
            let padding = session.input("padding", Tensor::<2, Bool>::empty([2, 5], device));
            input = input.mask_attn(generate_autoregressive_mask(2, 5, device)).mask_pad(padding);
        }
        session.output("y", encoder.forward(input));
    })
}

fn decoder(norm_first: bool) -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let decoder = TransformerDecoderConfig::new(64, 128, 4, 6).with_norm_first(norm_first).init(device);
        session.parameters(&decoder);
        let [x, memory] =
            ["x", "memory"].map(|name| session.input(name, Tensor::<3>::zeros([2, 5, 64], device)));
        let mask = generate_autoregressive_mask(2, 5, device);
        let input = TransformerDecoderInput::new(x, memory).target_mask_attn(mask);
        session.output("y", decoder.forward(input));
    })
}

#[test]
fn layers_with_the_norm_first_or_last_masked_or_not_are_folded() {
    let expected = [
        (false, &["mha", "Add & Norm", "pwff", "Add & Norm"][..]),
        (true, &["Layer Norm", "mha", "Add", "Layer Norm", "pwff", "Add"]),
    ];
    for (norm_first, layer) in expected {
        let plain = encoder(norm_first, false);
        assert_eq!(boxes(&plain), ["layers x4"], "{}", plain.outline());
        let masked = encoder(norm_first, true);
        assert_eq!(boxes(&masked), ["Mask", "layers x4"], "{}", masked.outline());
        for found in [plain, masked] {
            let view = shown(&found, 2);
            assert_eq!(inside(&view, repeated(&view, 4)), layer, "{}", found.outline());
        }
        let found = decoder(norm_first);
        assert_eq!(boxes(&found), ["Mask", "layers x6"], "{}", found.outline());
    }
}

#[test]
fn a_closed_box_says_how_often_it_is_repeated() {
    let view = shown(&encoder(true, false), 1);
    let drawing = graph::draw(&view, &graph::DrawOptions::new("encoder")).expect("it can be drawn");
    assert!(drawing.svg.contains(">4×</text>"), "{}", drawing.svg);
    assert_eq!((drawing.report.faults(), drawing.report.crossings), (0, 0), "{}", drawing.report);
}

#[test]
fn parts_in_spans_with_norms_and_sums_between_them_are_folded() {
    #[derive(Module, Debug)]
    struct Layer {
        norms: Vec<LayerNorm>,
        parts: Vec<Linear>,
    }
    let found = graph(|session| {
        let device = session.device();
        let layer = |_| Layer {
            norms: (0..2).map(|_| LayerNormConfig::new(4).init(device)).collect(),
            parts: (0..2).map(|_| linear(4, 4, device)).collect(),
        };
        let layers: Vec<Layer> = (0..3).map(layer).collect();
        session.parameters(&layers);
        let mut x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        for layer in &layers {
            for (norm, part) in layer.norms.iter().zip(&layer.parts) {
                let y = norm.forward(x.clone());
                x = x + tracing::info_span!("part").in_scope(|| relu(part.forward(y)));
            }
        }
        session.output("y", x);
    });
    assert_eq!(boxes(&found), ["part x6"], "each norm, part and sum: {}", found.outline());
}

#[test]
fn gated_blocks_with_root_mean_squares_are_folded() {
    #[derive(Module, Debug)]
    struct Gated {
        gate: Linear,
        up: Linear,
        down: Linear,
    }
    #[derive(Module, Debug)]
    struct Llama {
        layers: Vec<Gated>,
        head: Linear,
    }
    let found = graph(|session| {
        let device = session.device();
        let layer =
            |_| Gated { gate: linear(4, 6, device), up: linear(4, 6, device), down: linear(6, 4, device) };
        let net = Llama { layers: (0..4).map(layer).collect(), head: linear(4, 9, device) };
        session.parameters(&net);
        let mut x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        for layer in &net.layers {
            let scale = (x.clone().powi_scalar(2).mean_dim(1) + 1e-5).sqrt();
            let y = x.clone() / scale;
            x = x + layer.down.forward(silu(layer.gate.forward(y.clone())) * layer.up.forward(y));
        }
        session.output("y", net.head.forward(x));
    });
    assert_eq!(boxes(&found), ["layers x4", "Linear"], "{}", found.outline());
    assert!(inside_of_repeated(&found, 4).contains(&"Add".to_owned()), "{}", found.outline());
}

#[test]
fn both_arms_of_a_sum_out_of_one_closed_box_are_drawn() {
    #[derive(Module, Debug)]
    struct Whole {
        stem: Pair,
        head: Linear,
    }
    let found = graph(|session| {
        let device = session.device();
        let net = Whole {
            stem: Pair { a: linear(4, 4, device), b: linear(4, 4, device) },
            head: linear(4, 2, device),
        };
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        // In a span, so that the product is certainly none of the stem's.
        let (skip, y) = tracing::info_span!("stem").in_scope(|| {
            let skip = net.stem.a.forward(x);
            (skip.clone(), net.stem.b.forward(skip))
        });
        session.output("y", net.head.forward(skip * y));
    });
    let view = shown(&found, 1);
    assert_eq!(inside(&view, View::ROOT), ["stem", "Multiply", "Linear"]);
    let both: Vec<usize> = view
        .edges
        .iter()
        .filter(|edge| view.boxes[edge.to].label == "Multiply")
        .map(|edge| edge.uses)
        .collect();
    assert_eq!(both, [2], "one line with two arrows");
    let drawing = graph::draw(&view, &graph::DrawOptions::new("arms")).expect("it can be drawn");
    assert_eq!(drawing.svg.matches("data-from=\"stem\" data-to=\"mul\"").count(), 3, "a stem and two arrows");
}

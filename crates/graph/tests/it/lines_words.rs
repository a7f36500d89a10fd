//! What Burn makes of a word, however many operations that are, has the line of the word, and not that of a layer beside it.
//!
//! A line that makes operations ends in a comment with two slashes and a colon, and the kinds of what it makes.

use burn::module::{Module, Param};
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{mish, relu, softplus};
use burn::tensor::{Device, Int, Tensor};
use graph::view::View;
use graph::{ComputationGraph, ViewOptions, capture};

const THIS: &str = include_str!("lines_words.rs");

fn line(number: u32) -> &'static str {
    THIS.lines().nth(number as usize - 1).unwrap_or_default()
}

/// Fails unless every operation has the line that made it.
fn check(found: &ComputationGraph) {
    for operation in found.operations() {
        let source = operation.source.as_ref().unwrap_or_else(|| panic!("{} has no line", operation.kind));
        let made = line(source.line).split_once("//: ").map_or("", |(_, kinds)| kinds);
        let fits = made.split(' ').any(|kind| kind == operation.kind);
        assert!(fits, "{} was made by {:?}", operation.kind, line(source.line));
    }
}

#[derive(Module, Debug)]
struct Layers {
    one: Linear,
    two: Linear,
    three: Linear,
    four: Linear,
    five: Linear,
}

impl Layers {
    fn new(device: &Device) -> Self {
        let linear = || LinearConfig::new(4, 4).init(device);
        Self { one: linear(), two: linear(), three: linear(), four: linear(), five: linear() }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.one.forward(x); //: reshape matmul add
        let squares = x.clone().powf_scalar(2.0); //: mul
        let mean = squares.mean_dim(1); //: mean_dim
        let x = x / mean.sqrt(); //: div sqrt
        let gate = self.two.forward(x.clone()); //: reshape matmul add
        let x = relu(x).powi_scalar(2); //: relu mul
        let x = gate * self.three.forward(x); //: mul reshape matmul add
        let x = softplus(x, 1.0); //: mul_scalar greater_elem mask_fill exp log1p div_scalar mask_where
        let x = self.four.forward(x); //: reshape matmul add
        let x = mish(x); //: mul_scalar greater_elem mask_fill exp log1p div_scalar mask_where tanh mul
        self.five.forward(x) //: reshape matmul add
    }
}

#[test]
fn what_burn_makes_of_powers_and_activations_has_their_lines() {
    let found = capture("words", |session| {
        let layers = Layers::new(session.device());
        session.parameters(&layers);
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        session.output("y", layers.forward(x));
        Ok(())
    })
    .unwrap();
    assert_eq!(found.count("mask_where"), 2);
    check(&found);
}

#[derive(Module, Debug)]
struct Model {
    table: Embedding,
    places: Param<Tensor<2>>,
    norm: LayerNorm,
    bias: Param<Tensor<1>>,
}

impl Model {
    fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let [_, length] = ids.dims();
        let x = self.table.forward(ids);
        let places = self
            .places
            .val()
            .slice(0..length) // the places
            .unsqueeze::<3>();
        let x = self.norm.forward(x + places);
        let weight = self.table.weight.val().transpose();
        let scores = x.matmul(weight.unsqueeze()); // the product
        scores + self.bias.val().unsqueeze()
    }
}

fn line_of(view: &View, label: &str) -> &'static str {
    let found = view.boxes.iter().find(|b| b.label == label);
    let found = found.unwrap_or_else(|| panic!("there is no {label}"));
    found.source.as_ref().map_or("", |source| line(source.line))
}

/// Without spans, all lines of a model have in common the call that runs it.
#[test]
fn a_box_of_several_lines_leads_to_one_of_them_and_not_to_what_runs_the_model() {
    let found = capture("words", |session| {
        let device = session.device();
        let model = Model {
            table: EmbeddingConfig::new(11, 4).init(device),
            places: Param::from_tensor(Tensor::zeros([7, 4], device)),
            norm: LayerNormConfig::new(4).init(device),
            bias: Param::from_tensor(Tensor::zeros([11], device)),
        };
        session.parameters(&model);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([2, 3], device));
        session.output("scores", model.forward(ids));
        Ok(())
    })
    .unwrap();
    let view = found.view(&ViewOptions::new()).unwrap();
    let places = line_of(&view, "Slice, Reshape");
    assert!(places.ends_with("// the places"), "{places}");
    assert!(line_of(&view, "Linear").ends_with("// the product"), "{}", line_of(&view, "Linear"));
    let linear = view.boxes.iter().find(|b| b.label == "Linear").unwrap();
    let shares = linear.detail.iter().any(|line| line.starts_with("weights shared with"));
    assert!(shares, "the bias is its own, the weights are not: {:?}", linear.detail);
}

#[derive(Module, Debug)]
struct Deep {
    encoder: TransformerEncoder,
    output: Linear,
}

impl Deep {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = self.encoder.forward(TransformerEncoderInput::new(x)); // the encoder
        self.output.forward(x) // the layer
    }
}

/// Burn's encoder has no lines of its own: what it makes is the call's. Its last sum stands right before the next layer.
#[test]
fn the_last_sum_of_a_foreign_encoder_is_not_the_next_layers_bias() {
    let found = capture("words", |session| {
        let device = session.device();
        let encoder = TransformerEncoderConfig::new(6, 10, 2, 1).with_norm_first(true).init(device);
        let model = Deep { encoder, output: LinearConfig::new(6, 5).init(device) };
        session.parameters(&model);
        let x = session.input("x", Tensor::<3>::zeros([1, 3, 6], device));
        session.output("y", model.forward(x));
        Ok(())
    })
    .unwrap();
    let sums = |end: &str| {
        let lines = found.operations().filter(|operation| operation.kind == "add");
        let lines = lines.map(|operation| operation.source.as_ref().map_or("", |source| line(source.line)));
        lines.filter(|line| line.ends_with(end)).count()
    };
    let biases = 4 + 2;
    assert_eq!((sums("// the encoder"), sums("// the layer")), (biases + 2, 1), "biases and residuals");
}

#[derive(Module, Debug)]
struct Plain {
    layer: Linear,
}

impl Plain {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.layer.forward(x);
        relu(x)
    }
}

#[derive(Module, Debug)]
struct Double {
    wide: Option<Plain>,
    narrow: Plain,
}

impl Double {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.wide.as_ref().map_or(x.clone(), |wide| wide.forward(x));
        self.narrow.forward(x)
    }
}

#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)]
enum Kind {
    Plain(Plain),
    Double(Double),
}

#[derive(Module, Debug)]
struct Blocks {
    blocks: Vec<Kind>,
}

impl Blocks {
    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for block in &self.blocks {
            match block {
                Kind::Double(double) => x = double.forward(x), // a double one
                Kind::Plain(plain) => x = plain.forward(x),    // a plain one
            }
        }
        x
    }
}

/// Each kind of block could have made what the other did: the fields of the parameters say which it was.
#[test]
fn blocks_of_two_kinds_lead_to_their_own_lines() {
    let found = capture("words", |session| {
        let plain = || Plain { layer: LinearConfig::new(4, 4).init(session.device()) };
        let double = |wide| Kind::Double(Double { wide, narrow: plain() });
        let blocks = vec![Kind::Plain(plain()), double(Some(plain())), double(None)];
        let model = Blocks { blocks };
        session.parameters(&model);
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        session.output("y", model.forward(x));
        Ok(())
    })
    .unwrap();
    let view = found.view(&ViewOptions::new()).unwrap();
    for (block, comment) in [("blocks 0", "// a plain one"), ("blocks 1", "// a double one")] {
        assert!(line_of(&view, block).ends_with(comment), "{block}: {}", line_of(&view, block));
    }
}

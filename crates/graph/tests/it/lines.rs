//! Every operation knows the line that made it.
//!
//! A line of this file that makes operations ends in a comment with two slashes and a colon, and the kinds of what it
//! makes in any order. What is captured is compared with these comments.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Bool, Device, Tensor};
use graph::view::{Source, View};
use graph::{
    BoxLinks, ClosureError, ComputationGraph, DrawOptions, Operation, Session, ViewOptions, capture, draw,
};

const THIS: &str = include_str!("lines.rs");

fn text(source: &Source) -> &'static str {
    THIS.lines().nth(source.line as usize - 1).unwrap_or_default()
}

fn line_of(operation: &Operation) -> Option<&'static str> {
    let source = operation.source.as_ref()?;
    assert_eq!(source.file, "crates/graph/tests/it/lines.rs", "{operation:?}");
    Some(text(source))
}

/// Fails if an operation's line is another than the one that made it; gives the operations without a line.
fn checked(graph: &ComputationGraph) -> Vec<String> {
    let mut without = Vec::new();
    for operation in graph.operations() {
        match line_of(operation) {
            Some(line) => {
                let made = line.split_once("//: ").map_or("", |(_, kinds)| kinds);
                let fits = made.split(' ').any(|kind| kind == operation.kind || kind == "any");
                assert!(fits, "{} was made by {line:?}, {:?}", operation.kind, operation.calls);
            }
            None => without.push(operation.kind.clone()),
        }
    }
    without
}

fn captured(run: impl FnOnce(&Session) -> Result<(), ClosureError>) -> ComputationGraph {
    capture("lines", run).unwrap()
}

fn x(session: &Session) -> Tensor<2> {
    session.input("x", Tensor::<2>::zeros([6, 6], session.device()))
}

#[tracing::instrument(name = "attention", skip_all)]
fn attention(query: Tensor<2>, key: Tensor<2>, mask: Option<Tensor<2, Bool>>) -> Tensor<2> {
    let width = query.dims()[1];
    let scores = query.clone().matmul(key.transpose()) //: matmul swap_dims
        / (width as f32).sqrt(); //: div_scalar
    let scores = match mask {
        Some(mask) => scores.mask_fill(mask, -1e9), //: mask_fill
        None => scores.exp(),                       //: exp
    };
    softmax(scores, 1) //: softmax
        .matmul(query) //: matmul
}

#[test]
fn operations_of_one_function_have_their_lines() {
    for masked in [false, true] {
        let graph = captured(|session| {
            let x = x(session);
            let mask = masked.then(|| {
                let mask = Tensor::<2, Bool>::full([6, 6], false, session.device());
                session.input("mask", mask)
            });
            session.output("y", attention(x.clone(), x, mask));
            Ok(())
        });
        assert_eq!(checked(&graph), [""; 0]);
        let kinds: Vec<&str> = graph.operations().map(|operation| operation.kind.as_str()).collect();
        assert_eq!(kinds.contains(&"exp"), !masked, "{kinds:?}");
    }
}

#[derive(Module, Debug)]
struct Block {
    inner: Linear,
    outer: Linear,
    norm: LayerNorm,
    gated: bool,
}

impl Block {
    fn new(gated: bool, device: &Device) -> Self {
        let linear = || LinearConfig::new(6, 6).init(device);
        Self { inner: linear(), outer: linear(), norm: LayerNormConfig::new(6).init(device), gated }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let hidden = relu(self.inner.forward(x.clone())); //: relu any
        let hidden = self.outer.forward(hidden); //: any
        if !self.gated {
            return self.norm.forward(x + hidden); //: add layer_norm
        }
        let gate = sigmoid_of(&hidden);
        let sum = x * gate //: mul
            + hidden; //: add
        self.norm.forward(sum) //: layer_norm
    }
}

fn sigmoid_of(x: &Tensor<2>) -> Tensor<2> {
    burn::tensor::activation::sigmoid(x.clone()) //: sigmoid
}

#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
    last: Option<Linear>,
}

impl Net {
    fn new(gated: bool, device: &Device) -> Self {
        let blocks = (0..3).map(|_| Block::new(gated, device)).collect();
        Self { blocks, last: Some(LinearConfig::new(6, 2).init(device)) }
    }

    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for block in &self.blocks {
            x = block.forward(x);
        }
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x).tanh()); //: tanh
        match &self.last {
            Some(last) => last.forward(x), //: any
            None => x.exp(),               //: exp
        }
    }
}

#[test]
fn a_model_without_spans_is_followed_through_loops_closures_and_helpers() {
    for gated in [false, true] {
        let graph = captured(|session| {
            let net = Net::new(gated, session.device());
            session.parameters(&net);
            session.output("y", net.forward(x(session)).sqrt()); //: sqrt
            Ok(())
        });
        assert_eq!(checked(&graph), [""; 0], "gated: {gated}");
        // What a helper made is known to be called from the block, and that from the model.
        for sigmoid in graph.operations().filter(|operation| operation.kind == "sigmoid") {
            let calls: Vec<&str> = sigmoid.calls.iter().map(text).collect();
            assert_eq!(calls.len(), 3, "{calls:?}");
            assert!(calls[0].contains("net.forward") && calls[1].contains("block.forward"), "{calls:?}");
            assert!(calls[2].contains("sigmoid_of"), "{calls:?}");
        }
        assert_eq!(graph.count("sigmoid"), if gated { 6 } else { 0 });
    }
}

#[tracing::instrument(name = "wrapped", skip_all)]
fn wrapped(x: Tensor<2>, f: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
    let before = x.clone() * 2.0; //: mul_scalar
    f(before) + x //: add
}

#[test]
fn a_closure_that_is_given_to_a_span_has_its_own_lines() {
    let graph = captured(|session| {
        let y = wrapped(x(session), |x| x.log().abs()); //: log abs
        let negative = |x: Tensor<2>| -x; //: neg
        session.output("y", wrapped(y, negative));
        Ok(())
    });
    assert_eq!(checked(&graph), [""; 0]);
}

#[test]
fn spans_within_a_function_are_told_from_what_is_around_them() {
    let graph = captured(|session| {
        let x = x(session).exp(); //: exp
        let x = tracing::info_span!("inside").in_scope(|| {
            let x = x.sin(); //: sin
            x.cos() //: cos
        });
        let x = {
            let _span = tracing::info_span!("entered").entered();
            x.exp() //: exp
        };
        session.output("y", x.sqrt()); //: sqrt
        Ok(())
    });
    assert_eq!(checked(&graph), [""; 0]);
    assert_eq!(graph.scopes().len(), 3);
}

#[tracing::instrument(name = "doubtful", skip_all)]
fn doubtful(x: Tensor<2>, first: bool) -> Tensor<2> {
    let x = if first { x.exp() } else { x }; //: exp
    if first {
        return x;
    }
    x.exp() //: exp
}

/// A branch that depends on a value leaves no trace. Where two lines explain what was recorded as well, none is named.
#[test]
fn a_line_that_is_in_doubt_is_not_named() {
    let graph = captured(|session| {
        session.output("y", doubtful(x(session), false));
        Ok(())
    });
    assert_eq!(checked(&graph), ["exp"]);
    let view = graph.view(&ViewOptions::new().root("doubtful")).unwrap();
    let found = view.boxes.iter().find(|found| found.label == "Exp").unwrap();
    let head = THIS.lines().position(|line| line.contains("name = \"doubtful\"")).unwrap() as u32 + 1;
    assert_eq!(found.source.as_ref().map(|source| source.line), Some(head), "the head of its function");
}

/// Numbers beside tensors: their sums and products are no operations.
#[tracing::instrument(name = "numbers", skip_all)]
fn numbers(x: Tensor<2>, start: usize) -> Tensor<2> {
    let [rows, columns] = x.dims();
    let size = rows * columns;
    let places = start..start + size;
    let half = (columns as f32 / 2.0).powf(0.5) * 3.0;
    let x = x * half; //: mul_scalar
    let bound = places.end as f32 - 1.0;
    let x = x.reshape([columns * 2, rows / 2]) //: reshape
        - bound; //: sub_scalar
    x.clone() / x //: div
}

#[test]
fn arithmetic_on_numbers_is_no_operation() {
    let graph = captured(|session| {
        session.output("y", numbers(x(session), 3));
        Ok(())
    });
    assert_eq!(checked(&graph), [""; 0]);
}

#[test]
fn a_box_leads_to_its_line_and_a_span_says_who_called_it() {
    let graph = captured(|session| {
        let x = x(session);
        session.output("y", wrapped(attention(x.clone(), x, None), |x| x.abs())); //: abs
        Ok(())
    });
    let called: Vec<&str> =
        graph.scopes()[1..].iter().map(|scope| text(scope.called_at.as_ref().unwrap())).collect();
    assert_eq!(called.len(), 2, "{called:?}");
    assert!(called.iter().all(|line| line.contains("wrapped(attention(")), "{called:?}");

    let view = graph.view(&ViewOptions::new().root("wrapped").depth(1)).unwrap();
    let line = |label: &str| {
        let found = view.boxes.iter().find(|found| found.label == label).unwrap();
        text(found.source.as_ref().unwrap())
    };
    assert!(line("Scale").contains("* 2.0") && line("Absolute value").contains("x.abs()"), "{view:?}");
    assert!(line("Add").contains("f(before) + x"), "{view:?}");
    let root = &view.boxes[View::ROOT];
    assert!(text(root.source.as_ref().unwrap()).contains("instrument"), "a span's box leads to its function");
    let detail = root.detail.iter().find(|line| line.starts_with("called at ")).unwrap();
    assert!(detail.contains("crates/graph/tests/it/lines.rs:"), "{detail}");

    // A sum is a circle without words, and leads to its line itself.
    let links = |found: &graph::view::ViewBox| BoxLinks {
        down: None,
        source: found.source.as_ref().map(|source| format!("code#L{}", source.line)),
        says: None,
    };
    let sum = view.boxes.iter().find(|found| found.label == "Add").unwrap();
    let link =
        format!("<a href=\"code#L{}\" aria-label=\"Add: its code\">", sum.source.as_ref().unwrap().line);
    let svg = draw(&view, &DrawOptions::new("id").links(links)).unwrap().svg;
    assert!(svg.contains(&link), "{svg}");
}

#[test]
fn lines_are_in_the_json() {
    let graph = captured(|session| {
        session.output("y", x(session).exp()); //: exp
        Ok(())
    });
    let json: serde_json::Value = serde_json::from_str(&graph.to_json()).unwrap();
    let operation = &json["operations"][0];
    assert_eq!(operation["source"]["file"], "crates/graph/tests/it/lines.rs");
    assert_eq!(operation["source"]["line"], graph.operation(0).source.as_ref().unwrap().line);
    assert!(json["scopes"][0]["called_at"].is_null());
    let again = graph::ComputationGraph::from_json(&graph.to_json()).unwrap();
    assert_eq!(again.operation(0).source, graph.operation(0).source);
    assert!(again.without_sources().operation(0).source.is_none());
}

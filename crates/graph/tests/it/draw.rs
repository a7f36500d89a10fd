//! Pictures of views made by hand: the shapes that diagrams of models consist of.

use graph::view::{BoxKind, EdgeRole};
use graph::{DrawOptions, draw};

use crate::sketch::Sketch;

/// Sub-layers of a post-norm layer; returns the last box.
fn post_norm(s: &mut Sketch, frame: usize, from: usize, names: &[&str], memory: Option<usize>) -> usize {
    let mut last = from;
    for &name in names {
        let kind = if name.contains("Attention") { BoxKind::Attention } else { BoxKind::FeedForward };
        let sublayer = s.add(frame, name, kind);
        let norm = s.add(frame, "Add & Norm", BoxKind::Norm);
        s.edge(last, sublayer, EdgeRole::Flow);
        s.edge(sublayer, norm, EdgeRole::Flow);
        s.edge(last, norm, EdgeRole::Residual);
        if let (Some(memory), "Multi-Head Attention") = (memory, name) {
            s.edge(memory, sublayer, EdgeRole::Lateral);
        }
        last = norm;
    }
    last
}

/// The paper's Figure 1.
fn figure_1() -> Sketch {
    let mut s = Sketch::new();
    let tower = |s: &mut Sketch, input: &str, embedding: &str| {
        let input = s.add(0, input, BoxKind::Input);
        let embedding = s.add(0, embedding, BoxKind::Embedding);
        let position = s.add(0, "+ Positional Encoding", BoxKind::Embedding);
        s.flow(&[input, embedding, position]);
        position
    };
    let source = tower(&mut s, "Inputs", "Input Embedding");
    let encoder = s.add(0, "Encoder layer", BoxKind::Scope);
    s.view.boxes[encoder].repeat = 6;
    let memory = post_norm(&mut s, encoder, source, &["Multi-Head Attention", "Feed Forward"], None);
    let target = tower(&mut s, "Outputs (shifted right)", "Output Embedding");
    let decoder = s.add(0, "Decoder layer", BoxKind::Scope);
    s.view.boxes[decoder].repeat = 6;
    let names = ["Masked Multi-Head Attention", "Multi-Head Attention", "Feed Forward"];
    let last = post_norm(&mut s, decoder, target, &names, Some(memory));
    let linear = s.add(0, "Linear", BoxKind::Linear);
    let softmax = s.add(0, "Softmax", BoxKind::Activation);
    let output = s.add(0, "Output Probabilities", BoxKind::Output);
    s.flow(&[last, linear, softmax, output]);
    s
}

#[test]
fn figure_1_is_clean() {
    let drawing = figure_1().draw("figure-1");
    assert_eq!((drawing.report.faults(), drawing.report.crossings), (0, 0), "{}", drawing.report);
    assert!(
        drawing.width < 560.0 && drawing.width * drawing.height < 600_000.0,
        "{} x {}",
        drawing.width,
        drawing.height
    );
}

#[test]
fn multi_head_attention_is_clean() {
    let mut s = Sketch::new();
    let inputs = ["V", "K", "Q"].map(|name| s.add(0, name, BoxKind::Input));
    let linear = inputs.map(|input| {
        let linear = s.add(0, "Linear", BoxKind::Linear);
        s.edge(input, linear, EdgeRole::Flow);
        linear
    });
    let attention = s.add(0, "Scaled Dot-Product Attention", BoxKind::Attention);
    linear.iter().for_each(|&linear| s.edge(linear, attention, EdgeRole::Flow));
    let concat = s.add(0, "Concat", BoxKind::Movement);
    let output = s.add(0, "Linear", BoxKind::Linear);
    s.flow(&[attention, concat, output]);
    let drawing = s.draw("multi-head");
    assert_eq!((drawing.report.faults(), drawing.report.crossings), (0, 0), "{}", drawing.report);
}

#[test]
fn one_source_for_three_boxes_is_clean() {
    let mut s = Sketch::new();
    let input = s.add(0, "x", BoxKind::Input);
    let frame = s.add(0, "Multi-Head Attention", BoxKind::Scope);
    let linear = ["Linear Q", "Linear K", "Linear V"].map(|name| s.add(frame, name, BoxKind::Linear));
    linear.iter().for_each(|&linear| s.edge(input, linear, EdgeRole::Flow));
    let scores = s.add(frame, "MatMul", BoxKind::Linear);
    let softmax = s.add(frame, "Softmax", BoxKind::Activation);
    let weighted = s.add(frame, "MatMul", BoxKind::Linear);
    s.flow(&[linear[0], scores, softmax, weighted]);
    s.edge(linear[1], scores, EdgeRole::Flow);
    s.edge(linear[2], weighted, EdgeRole::Flow);
    let output = s.add(0, "y", BoxKind::Output);
    s.flow(&[weighted, output]);
    let drawing = s.draw("opened");
    assert_eq!((drawing.report.faults(), drawing.report.crossings), (0, 0), "{}", drawing.report);
}

#[test]
fn pre_norm_is_clean() {
    let mut s = Sketch::new();
    let mut last = s.add(0, "x", BoxKind::Input);
    for name in ["Multi-Head Attention", "Feed Forward"] {
        let norm = s.add(0, "Norm", BoxKind::Norm);
        let sublayer = s.add(0, name, BoxKind::Attention);
        let sum = s.add(0, "+", BoxKind::Add);
        s.flow(&[last, norm, sublayer, sum]);
        s.edge(last, sum, EdgeRole::Residual);
        last = sum;
    }
    let output = s.add(0, "y", BoxKind::Output);
    s.flow(&[last, output]);
    let drawing = s.draw("pre-norm");
    assert_eq!((drawing.report.faults(), drawing.report.crossings), (0, 0), "{}", drawing.report);
}

#[test]
fn attention_that_reads_its_input_three_times_gets_three_arrows() {
    let mut s = Sketch::new();
    let input = s.add(0, "x", BoxKind::Input);
    let attention = s.add(0, "Multi-Head Attention", BoxKind::Attention);
    s.flow(&[input, attention]);
    let heads = |s: &Sketch| s.draw("forked").svg.matches("marker-end=").count();
    assert_eq!(heads(&s), 1);
    s.view.edges[0].uses = 3;
    assert_eq!(heads(&s), 3);
    s.view.boxes[attention].kind = BoxKind::FeedForward;
    assert_eq!(heads(&s), 1, "elsewhere, how often something is read is a detail");
}

#[test]
fn the_way_back_up_is_a_row_of_links() {
    let mut s = Sketch::new();
    let input = s.add(0, "x", BoxKind::Input);
    let output = s.add(0, "y", BoxKind::Output);
    s.flow(&[input, output]);
    let level = |name: &str, link: &str| (name.to_owned(), link.to_owned());
    let trail = [level("The <whole>", "whole.svg"), level("A layer", "layer.svg")];
    let options = DrawOptions::new("trail").trail(trail);
    let drawing = draw(&s.view, &options).unwrap();
    assert_eq!(drawing.report.faults(), 0);
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let links: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("a"))
        .map(|node| (node.attribute("href").unwrap(), node.last_element_child().unwrap().text().unwrap()))
        .collect();
    assert_eq!(links, [("whole.svg", "The <whole>"), ("layer.svg", "A layer")]);
    // Where there is no room for all, the nearest level stays.
    let trail: Vec<_> = (0..40).map(|n| level(&format!("Level number {n}"), "up.svg")).collect();
    let drawing = draw(&s.view, &DrawOptions::new("trail").trail(trail)).unwrap();
    assert_eq!(drawing.report.faults(), 0);
    assert!(drawing.width < 400.0 && drawing.svg.contains("Level number 39"), "{}", drawing.width);
    assert!(!drawing.svg.contains("Level number 3<"));
}

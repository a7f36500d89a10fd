//! What a picture does with its space: arrows that can be told apart, no large void, columns, shapes beside lines.

use burn::nn::{Linear, LinearConfig};
use burn::tensor::Tensor;
use graph::view::{BoxKind, EdgeRole, View};
use graph::{DrawOptions, Drawing, Session, ViewOptions, capture, draw};

use crate::sketch::Sketch;

/// Arrows nearer than this are one wedge to the eye.
const APART: f64 = 6.5;

fn drawn(name: &str, view: &View, options: &DrawOptions<'_>) -> Drawing {
    let drawing = draw(view, options).unwrap();
    if let Ok(folder) = std::env::var("SKETCHES") {
        std::fs::write(format!("{folder}/{name}.svg"), &drawing.svg).unwrap();
    }
    roxmltree::Document::parse(&drawing.svg).unwrap();
    assert_eq!(drawing.report.faults(), 0, "{name}: {}", drawing.report);
    drawing
}

fn captured(closure: impl FnOnce(&Session)) -> View {
    let graph = capture("net", |session| {
        closure(session);
        Ok(())
    });
    graph.unwrap().view(&ViewOptions::new().depth(2)).unwrap()
}

fn linears(session: &Session, count: usize) -> Vec<Linear> {
    let linears: Vec<Linear> = (0..count).map(|_| LinearConfig::new(4, 4).init(session.device())).collect();
    session.parameters(&linears);
    linears
}

#[test]
fn a_constant_stays_beside_the_sum_that_it_begins() {
    for (name, first) in [("sum-from-zeros", true), ("sum-from-a-product", false)] {
        let view = captured(|session| {
            let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
            let zeros = Tensor::<2>::zeros([2, 4], session.device());
            let mut y = if first { zeros } else { zeros + x.clone().exp() };
            for linear in linears(session, 8) {
                y = y + linear.forward(x.clone());
            }
            session.output("y", y);
        });
        let drawing = drawn(name, &view, &DrawOptions::new(name));
        assert!(drawing.report.empty < 0.3, "{name}: {}", drawing.report);
    }
}

#[test]
fn what_enters_every_layer_from_the_side_is_one_line() {
    let mut s = Sketch::new();
    let memory = s.add(0, "Memory", BoxKind::Linear);
    let mut last = s.add(0, "x", BoxKind::Input);
    for _ in 0..24 {
        let frame = s.add(0, "Layer", BoxKind::Scope);
        let [a, b] = ["Attention", "Cross"].map(|label| s.add(frame, label, BoxKind::Attention));
        s.flow(&[last, a, b]);
        s.edge(memory, b, EdgeRole::Lateral);
        last = b;
    }
    let drawing = drawn("memory", &s.view, &DrawOptions::new("memory"));
    assert!(drawing.width < 400.0, "{} x {}", drawing.width, drawing.height);
}

#[test]
fn many_arrows_into_one_box_are_told_apart() {
    for (name, kind) in
        [("wedge", BoxKind::Linear), ("wedge-of-a-sum", BoxKind::Add), ("wedge-out", BoxKind::Output)]
    {
        let mut s = Sketch::new();
        let x = s.add(0, "x", BoxKind::Input);
        let middle: Vec<usize> = (0..64).map(|n| s.add(0, &format!("Expert {n}"), BoxKind::Linear)).collect();
        let merge = s.add(0, "Merge", kind);
        for &id in &middle {
            s.flow(&[x, id, merge]);
        }
        let drawing = drawn(name, &s.view, &DrawOptions::new(name));
        assert!(drawing.report.arrow_spacing.unwrap() > APART, "{name}: {:?}", drawing.report);
        assert!(drawing.report.empty < 0.3, "{name}: {}", drawing.report);
    }
}

#[test]
fn many_arrows_into_the_side_of_a_box_are_told_apart() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let chain: Vec<usize> = (0..12).map(|n| s.add(0, &format!("Layer {n}"), BoxKind::Linear)).collect();
    s.flow(&[&[x], chain.as_slice()].concat());
    chain[..10].iter().for_each(|&id| s.edge(id, chain[11], EdgeRole::Residual));
    let drawing = drawn("dense", &s.view, &DrawOptions::new("dense"));
    assert!(drawing.report.arrow_spacing.unwrap() > APART, "{:?}", drawing.report);
}

/// A tower with residual connections, and some frames in it.
fn tower(layers: usize) -> Sketch {
    let mut s = Sketch::new();
    let mut last = s.add(0, "x", BoxKind::Input);
    for n in 0..layers {
        let frame = if n % 3 == 0 { s.add(0, &format!("Block {n}"), BoxKind::Scope) } else { 0 };
        let (a, b) = (s.add(frame, "Linear", BoxKind::Linear), s.add(frame, "ReLU", BoxKind::Activation));
        let sum = s.add(frame, "+", BoxKind::Add);
        s.flow(&[last, a, b, sum]);
        s.edge(last, sum, EdgeRole::Residual);
        last = sum;
    }
    let y = s.add(0, "y", BoxKind::Output);
    s.flow(&[last, y]);
    s
}

#[test]
fn a_tall_picture_becomes_columns() {
    let s = tower(40);
    let tall = drawn("tower", &s.view, &DrawOptions::new("tower"));
    for limit in [900.0, 2000.0] {
        let name = format!("columns-{limit}");
        let wrapped = drawn(&name, &s.view, &DrawOptions::new("tower").columns(limit));
        assert!(wrapped.height < limit + 250.0, "{} x {}", wrapped.width, wrapped.height);
        assert!(
            wrapped.width < 4.5 * tall.width * tall.height / limit,
            "{} x {}",
            wrapped.width,
            wrapped.height
        );
        let paths = |svg: &str| svg.matches("class=\"e\"").count();
        assert_eq!(paths(&wrapped.svg), paths(&tall.svg), "every edge is one line still");
    }
    let low = draw(&s.view, &DrawOptions::new("tower").columns(1e6)).unwrap();
    assert_eq!(low.svg, tall.svg, "what is low enough stays as it is");
}

#[test]
fn what_cannot_be_cut_stays_in_one_piece() {
    let mut s = Sketch::new();
    let frame = s.add(0, "All", BoxKind::Scope);
    let chain: Vec<usize> = (0..60).map(|n| s.add(frame, &format!("{n}"), BoxKind::Linear)).collect();
    s.flow(&chain);
    let plain = drawn("whole", &s.view, &DrawOptions::new("whole"));
    assert_eq!(drawn("whole", &s.view, &DrawOptions::new("whole").columns(500.0)).svg, plain.svg);
}

#[test]
fn a_hint_says_what_to_do_about_a_picture_that_is_too_high() {
    let s = tower(120);
    let drawing = drawn("too-high", &s.view, &DrawOptions::new("too-high"));
    assert!(drawing.height > 10_000.0);
    assert!(drawing.report.hints[0].contains("DrawOptions::columns"), "{:?}", drawing.report.hints);
    let wrapped = drawn("too-high", &s.view, &DrawOptions::new("too-high").columns(2000.0));
    assert_eq!(wrapped.report.hints, Vec::<String>::new());
}

#[test]
fn shapes_stand_beside_the_lines_if_they_are_asked_for() {
    let view = captured(|session| {
        let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
        let y = linears(session, 3).iter().fold(x, |x, linear| x.clone() + linear.forward(x).exp());
        session.output("y", y.reshape([8]));
    });
    let shapes = |drawing: &Drawing| drawing.svg.matches(">[2, 4]</text>").count();
    let plain = drawn("untagged", &view, &DrawOptions::new("tags").shapes(false));
    let tagged = drawn("tagged", &view, &DrawOptions::new("tags").shapes(false).shapes_on_lines(true));
    assert_eq!(shapes(&plain), 0);
    let sources: std::collections::BTreeSet<usize> = view.edges.iter().map(|edge| edge.from).collect();
    assert_eq!(
        shapes(&tagged) + 1,
        sources.len(),
        "one for each box that something leaves, the reshape's is [8]"
    );
    assert!(tagged.svg.contains(">[8]</text>"));
}

//! What a picture of two models says in words: the same count as its marks, in the names of its boxes, and every mark on
//! both sides where there is something on both sides.

use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Tensor};
use expect_test::expect;
use graph::{ComputationGraph, DrawOptions, Drawing, ViewOptions, compare};

use crate::compare_graphs::{Form, PLAIN, tower};
use crate::listed::graph;

/// What someone does to a layer of attention.
#[derive(Clone, Copy)]
struct Kind {
    mask: bool,
    cache: bool,
    width: usize,
}

const BARE: Kind = Kind { mask: false, cache: false, width: 8 };

/// Attention with a span around its middle, which stays closed.
fn attention(kind: Kind) -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let linear = || LinearConfig::new(kind.width, kind.width).init(device);
        let projections: [Linear; 4] = [linear(), linear(), linear(), linear()];
        session.parameters(&projections);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, kind.width], device));
        let [query, mut key, mut value] = [0, 1, 2].map(|n: usize| projections[n].forward(x.clone()));
        if kind.cache {
            let kept = |name| session.input(name, Tensor::<3>::zeros([2, 3, kind.width], device));
            key = Tensor::cat(vec![kept("keys"), key], 1);
            value = Tensor::cat(vec![kept("values"), value], 1);
        }
        let mask = kind.mask.then(|| session.input("mask", Tensor::<3, Bool>::full([2, 5, 5], true, device)));
        let read = tracing::info_span!("look up").in_scope(|| {
            let mut scores = query.matmul(key.transpose()).exp();
            if let Some(mask) = mask {
                scores = scores.mask_fill(mask, -1e9);
            }
            softmax(scores, 2).abs().matmul(value)
        });
        session.output("y", projections[3].forward(read));
    })
}

fn drawn(before: &ComputationGraph, after: &ComputationGraph, depth: usize) -> Drawing {
    let options = |title: &str| ViewOptions::new().title(title).depth(depth);
    let comparison = compare(before, after).unwrap();
    let drawing = comparison.draw(&options("Old"), &options("New"), &DrawOptions::new("pair")).unwrap();
    assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    if let Ok(folder) = std::env::var("SKETCHES") {
        let name = std::thread::current().name().unwrap_or("told").replace("::", "-");
        std::fs::write(format!("{folder}/{name}.svg"), &drawing.svg).unwrap();
    }
    drawing
}

/// The description in the picture, and the part of its text that tells the differences, one to a line.
fn told(drawing: &Drawing) -> (String, String) {
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let described =
        document.descendants().find(|node| node.has_tag_name("desc")).and_then(|node| node.text());
    let text = roxmltree::Document::parse(&drawing.text).unwrap();
    let first = text.root_element().first_element_child().unwrap();
    let lines: Vec<&str> =
        first.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).collect();
    (described.unwrap().to_owned(), lines.join("\n"))
}

/// How many boxes of each side have a mark.
fn marked(drawing: &Drawing, mark: &str) -> [usize; 2] {
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let mut found = [0, 0];
    for node in document.descendants() {
        let is_marked =
            node.attribute("class").is_some_and(|class| class.split(' ').any(|part| part == mark));
        if let Some(key) = node.attribute("data-key").filter(|_| is_marked) {
            found[usize::from(key.starts_with("after:"))] += 1;
        }
    }
    found
}

#[test]
fn a_box_that_lost_something_is_marked_on_both_sides() {
    let (masked, bare) = (attention(Kind { mask: true, ..BARE }), attention(BARE));
    for (before, after, what) in [(&masked, &bare, "removed"), (&bare, &masked, "added")] {
        let drawing = drawn(before, after, 1);
        assert_eq!(marked(&drawing, "m-changed"), [1, 1], "{what}");
        let (described, lines) = told(&drawing);
        let capital = if what == "added" { "Added" } else { "Removed" };
        assert_eq!(
            lines,
            format!(
                "What differs is marked: 1 {what}, 1 changed\n{capital}: mask (input)\nChanged: look up: Mask {what}"
            )
        );
        assert!(described.contains(&format!("1 {what}, 1 changed. {capital}: mask (input).")), "{described}");
        assert!(drawing.svg.contains(&format!("differs: Mask {what}")), "the tooltip says it too");
    }
}

#[test]
fn what_is_counted_is_what_is_seen() {
    let (bare, cached) = (attention(Kind { mask: true, ..BARE }), attention(Kind { cache: true, ..BARE }));
    let drawing = drawn(&bare, &cached, 1);
    assert_eq!((marked(&drawing, "m-removed"), marked(&drawing, "m-added")), ([1, 0], [0, 4]));
    expect![[r#"
        What differs is marked: 1 removed, 4 added, 1 changed
        Removed: mask (input)
        Added: Concat, twice; keys (input); values (input)
        Changed: look up: Mask removed; [2, 8, 5], now [2, 8, 8]; [2, 5, 5], now [2, 5, 8]"#]]
    .assert_eq(&told(&drawing).1);
}

#[test]
fn what_is_in_equal_layers_is_told_once() {
    let drawing = drawn(&tower(PLAIN), &tower(Form { gelu: true, ..PLAIN }), 3);
    expect![[r#"
        What differs is marked: 1 changed
        Changed: ReLU of the feed_forward, in each layer (three times): ReLU, now GELU"#]]
    .assert_eq(&told(&drawing).1);
    let drawing = drawn(&tower(PLAIN), &tower(Form { layers: 4, ..PLAIN }), 2);
    assert_eq!(marked(&drawing, "m-changed"), [1, 1]);
    expect![[r#"
        What differs is marked: 1 changed
        Changed: layer: three times, now four times"#]]
    .assert_eq(&told(&drawing).1);
}

#[test]
fn moved_norms_and_lines_are_told_by_their_neighbours() {
    let (post, pre) = (tower(PLAIN), tower(Form { pre_norm: true, ..PLAIN }));
    let options = |title: &str| ViewOptions::new().title(title).root("layer.0").depth(1).fold_add_norm(false);
    let comparison = compare(&post, &pre).unwrap();
    let drawing = comparison.draw(&options("Post"), &options("Pre"), &DrawOptions::new("pair")).unwrap();
    expect![[r#"
        What differs is marked: 2 moved, 1 line starts elsewhere
        Moved: Layer Norm, twice
        Line starts elsewhere: the one to Add after feed_forward: at Layer Norm (first), now at Add after attention"#]]
    .assert_eq(&told(&drawing).1);
}

#[test]
fn what_differs_where_nothing_is_shown_is_not_denied() {
    let (narrow, wide) = (attention(BARE), attention(BARE));
    assert_eq!(told(&drawn(&narrow, &wide, 1)).1, "No difference");
}

#[test]
fn two_pictures_that_would_be_too_wide_stand_one_above_the_other() {
    let layers = |count: usize, extra: bool| {
        graph(|session| {
            let device = session.device();
            let linears: Vec<Linear> = (0..count).map(|_| LinearConfig::new(4, 4).init(device)).collect();
            session.parameters(&linears);
            let x = session.input("x", Tensor::<2>::zeros([2, 4], device));
            let heads: Vec<Tensor<2>> =
                linears.iter().map(|linear| linear.forward(x.clone()).tanh()).collect();
            let y = Tensor::cat(heads, 1);
            session.output("y", if extra { y.exp() } else { y });
        })
    };
    let beside = drawn(&layers(2, false), &layers(2, true), 1);
    assert!(beside.svg.contains("added: only right") && !beside.svg.contains("below"));
    let above = drawn(&layers(7, false), &layers(7, true), 1);
    assert!(above.width < 1_000.0, "{} x {}", above.width, above.height);
    assert!(above.svg.contains("added: only below") && !above.svg.contains("only right"));
    // The first of both comes first.
    let height = |name: &str| {
        let document = roxmltree::Document::parse(&above.svg).unwrap();
        let found =
            document.descendants().find(|node| node.has_tag_name("text") && node.text() == Some(name));
        found.and_then(|node| node.attribute("y")).unwrap().parse::<f64>().unwrap()
    };
    assert!(height("Old") + 300.0 < height("New"));
}

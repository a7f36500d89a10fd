//! Two models side by side, with a mark on what differs and on nothing else.

use graph::{DrawOptions, Drawing, ViewOptions, compare};

use crate::compare_graphs::{Form, PLAIN, tower};

fn drawn(old: Form, new: Form, view: fn(ViewOptions<'static>) -> ViewOptions<'static>) -> Drawing {
    let (a, b) = (tower(old), tower(new));
    let options = |title: &str| view(ViewOptions::new().title(title));
    let comparison = compare(&a, &b).unwrap();
    let drawing = comparison.draw(&options("Old"), &options("New"), &DrawOptions::new("pair")).unwrap();
    assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    if let Ok(folder) = std::env::var("SKETCHES") {
        let name = std::thread::current().name().unwrap_or("pair").replace("::", "-");
        std::fs::write(format!("{folder}/{name}.svg"), &drawing.svg).unwrap();
    }
    drawing
}

/// Labels and marks of all marked boxes, those of the left side first, and the number of marked lines.
fn marks(drawing: &Drawing) -> (Vec<String>, usize) {
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let class = |node: roxmltree::Node<'_, '_>, prefix: &str| -> Option<String> {
        let classes = node.attribute("class")?.split(' ');
        classes.filter_map(|class| class.strip_prefix(prefix)).map(str::to_owned).next()
    };
    let (mut boxes, mut lines) = (Vec::new(), 0);
    for node in document.descendants() {
        let Some(mark) = class(node, "m-") else { continue };
        if node.has_attribute("data-key") {
            let title =
                node.children().find(|child| child.has_tag_name("title")).and_then(|title| title.text());
            boxes.push(format!("{} {mark}", title.unwrap_or_default().lines().next().unwrap_or_default()));
            let signs = node.descendants().filter(|inner| class(*inner, "g").is_some()).count();
            assert_eq!(signs, 1, "a mark is a sign too");
        }
        lines += usize::from(node.has_attribute("data-from"));
    }
    (boxes, lines)
}

#[test]
fn nothing_is_marked_where_nothing_differs() {
    let drawing = drawn(PLAIN, PLAIN, |view| view.depth(3));
    assert_eq!(marks(&drawing), (vec![], 0));
    assert!(!drawing.svg.contains("m-added") && drawing.text.contains("No difference"));
}

#[test]
fn relu_against_gelu_is_one_box_a_layer() {
    let gelu = Form { gelu: true, ..PLAIN };
    let drawing = drawn(PLAIN, gelu, |view| view.depth(3));
    assert_eq!(marks(&drawing).0, ["ReLU changed", "GELU changed"], "equal layers are one");
    let drawing = drawn(PLAIN, gelu, |view| view.depth(3).fold_repeats(false));
    assert_eq!(
        marks(&drawing),
        (
            [vec!["ReLU changed"; 3], vec!["GELU changed"; 3]]
                .concat()
                .iter()
                .map(|&s| s.to_owned())
                .collect(),
            0
        )
    );
    assert!(drawing.text.contains("ReLU, now GELU"), "{}", drawing.text);
}

#[test]
fn what_was_resized_is_marked() {
    let drawing = drawn(PLAIN, Form { d_ff: 32, ..PLAIN }, |view| view.depth(3));
    let resized = ["Linear changed", "ReLU changed", "Linear changed"];
    assert_eq!(marks(&drawing).0, [resized, resized].concat());
}

#[test]
fn the_moved_norms_and_where_the_residual_starts_are_marked() {
    let pre = Form { pre_norm: true, ..PLAIN };
    let drawing = drawn(PLAIN, pre, |view| view.root("layer.0").fold_add_norm(false));
    let norms = ["Layer Norm moved"; 2];
    assert_eq!(marks(&drawing), ([norms, norms].concat().iter().map(|&s| s.to_owned()).collect(), 2));
    assert!(drawing.svg.contains("moved, or starts elsewhere") && !drawing.svg.contains("only left"));
}

#[test]
fn a_layer_more_is_said_of_the_frame() {
    let drawing = drawn(PLAIN, Form { layers: 4, ..PLAIN }, |view| view.depth(2));
    let (boxes, lines) = marks(&drawing);
    assert_eq!((boxes, lines), (vec!["layer changed".to_owned(); 2], 0), "on both sides");
    let drawing = drawn(PLAIN, Form { layers: 4, ..PLAIN }, |view| view.depth(1).fold_repeats(false));
    assert_eq!(marks(&drawing).0, ["layer 3 added"]);
}

#[test]
fn the_picture_is_the_same_every_time() {
    let pre = Form { pre_norm: true, gelu: true, ..PLAIN };
    let draw = || drawn(PLAIN, pre, |view| view.depth(3));
    let (a, b) = (draw(), draw());
    assert_eq!((a.svg, a.text), (b.svg, b.text));
}

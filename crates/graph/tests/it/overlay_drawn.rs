//! Pictures with weights: everything stays where it is, and a weight is seen by more than its colour.

use graph::view::{BoxKind, EdgeRole};
use graph::{DrawError, DrawOptions, Drawing, Overlay, Scale, ViewOptions, draw};
use roxmltree::{Document, Node};

use crate::listed::graph;
use crate::sketch::Sketch;

/// Two branches, a sum, and a residual connection in a frame.
fn sketch() -> Sketch {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let frame = s.add(0, "Block", BoxKind::Scope);
    let attention = s.add(frame, "Attention", BoxKind::Attention);
    let network = s.add(frame, "Feed Forward", BoxKind::FeedForward);
    let sum = s.add(frame, "+", BoxKind::Add);
    s.flow(&[x, attention, network, sum]);
    s.edge(attention, sum, EdgeRole::Residual);
    let y = s.add(0, "y", BoxKind::Output);
    s.flow(&[sum, y]);
    s.view.edges[0].uses = 3;
    s
}

const BOXES: [(usize, f64); 4] = [(1, 0.0), (3, 0.5), (4, 1.0), (5, 0.25)];
const EDGES: [(usize, f64); 4] = [(0, 0.75), (1, 0.5), (3, 0.125), (4, 0.0)];

fn weighed(s: &Sketch, scale: Scale, sign: f64) -> Overlay {
    let mut overlay = Overlay::new(&s.view, scale).unwrap();
    for (id, weight) in BOXES {
        overlay = overlay.weigh_box(id, sign * weight).unwrap();
    }
    for (edge, weight) in EDGES {
        overlay = overlay.weigh_edge(edge, sign * weight).unwrap();
    }
    overlay
}

fn drawn(s: &Sketch, options: DrawOptions<'_>) -> Drawing {
    let drawing = draw(&s.view, &options).unwrap();
    if let Ok(folder) = std::env::var("SKETCHES") {
        std::fs::write(format!("{folder}/overlay-{}.svg", drawing.svg.len()), &drawing.svg).unwrap();
    }
    drawing
}

/// The corners of boxes and the ways of lines, by what they are of.
fn places(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let shapes = |node: &Node<'_, '_>| {
        let all = node.children().filter(|shape| shape.has_tag_name("rect") || shape.has_tag_name("circle"));
        let corner = |shape: Node<'_, '_>| {
            ["x", "y", "width", "height", "cx", "cy", "r"]
                .map(|name| shape.attribute(name).unwrap_or(""))
                .join(" ")
        };
        all.map(corner).collect::<Vec<_>>().join(",")
    };
    let nodes = document.descendants().filter(|node| node.attribute("data-key").is_some());
    let boxes = nodes.map(|node| format!("{} {}", node.attribute("data-key").unwrap(), shapes(&node)));
    let lines = document.descendants().filter(|node| node.attribute("data-from").is_some());
    let lines = lines.map(|node| node.attribute("d").unwrap().to_owned());
    boxes.chain(lines).collect()
}

fn width_of(node: &Node<'_, '_>) -> f64 {
    let style = node.attribute("style").unwrap();
    style.strip_prefix("stroke-width:").and_then(|rest| rest.strip_suffix("px")).unwrap().parse().unwrap()
}

#[test]
fn nothing_moves() {
    let s = sketch();
    let options = || DrawOptions::new("a");
    type Choice = fn(DrawOptions<'static>) -> DrawOptions<'static>;
    let choices: [Choice; 5] = [
        |o| o,
        |o| o.narrow(),
        |o| o.columns(120.0),
        |o| o.legend(false),
        |o| o.shapes_on_lines(true).trail([("Top".to_owned(), "top".to_owned())]),
    ];
    for (number, choice) in choices.into_iter().enumerate() {
        for (scale, sign) in [(Scale::new("Share"), 1.0), (Scale::signed("Change"), -1.0)] {
            let without = drawn(&s, choice(options()));
            let with = drawn(&s, choice(options()).overlay(weighed(&s, scale, sign)));
            assert_eq!(places(&with.svg), places(&without.svg), "choice {number}");
            assert!(places(&with.svg).len() > 8);
            assert_eq!(with.width, without.width);
            assert_eq!(with.report.faults(), 0, "choice {number}: {}", with.report);
        }
    }
}

#[test]
fn a_weight_is_a_width_a_number_and_a_line_of_the_tooltip() {
    let s = sketch();
    let scale = Scale::new("Share of the effect").ends("none", "all of it");
    let drawing = drawn(&s, DrawOptions::new("a").overlay(weighed(&s, scale, 1.0)));
    let document = Document::parse(&drawing.svg).unwrap();
    let found = |key: &str| {
        document
            .descendants()
            .find(|node| node.attribute("data-key").is_some_and(|k| k.ends_with(key)))
            .unwrap()
    };
    let widths: Vec<f64> = ["/1", "/5", "/3", "/4"].map(|key| width_of(&found(key))).to_vec();
    assert_eq!(widths, [1.2, 2.2, 3.2, 5.2], "as far apart as the weights 0, 0.25, 0.5 and 1");
    let title = |node: Node<'_, '_>| {
        node.children()
            .find(|child| child.has_tag_name("title"))
            .and_then(|title| title.text())
            .unwrap()
            .to_owned()
    };
    assert!(title(found("/4")).contains("Share of the effect: 1.00"));
    assert!(!title(found("/2")).contains("Share of the effect"), "a frame of which nothing was said");
    assert_eq!(found("/6").attribute("class"), Some("b k-output w-none"));
    // The line with three ends has them all, and what has no weight has no wide line.
    let bands: Vec<(f64, f64)> = document
        .descendants()
        .filter(|node| node.attribute("data-weight").is_some() && node.has_tag_name("path"))
        .map(|node| (node.attribute("data-weight").unwrap().parse().unwrap(), width_of(&node)))
        .collect();
    let share = (1.5 + 7.5 * 0.75_f64, 1.5 + 7.5 * 0.5_f64);
    let close = |a: f64, b: f64| (a - b).abs() < 0.06;
    assert_eq!(bands.len(), 4 + 1 + 1, "{bands:?}");
    assert!(bands[..4].iter().all(|&(weight, width)| weight == 0.75 && close(width, share.0)), "{bands:?}");
    assert!(close(bands[4].1, share.1) && bands[4].1 > bands[5].1, "{bands:?}");
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    for wanted in [
        "0.50",
        "1.00",
        "0.25",
        "0.75",
        "0.12",
        "Share of the effect",
        "0: none; 1: all of it",
        "not measured",
    ] {
        assert!(texts.contains(&wanted), "{wanted} in {texts:?}");
    }
    // Two lines carry what the box before them weighs: their numbers would say the same again.
    assert_eq!(texts.iter().filter(|text| **text == "0.50").count(), 1, "{texts:?}");
    for without in ["Attention, ", "Feed-forward"] {
        assert!(!texts.contains(&without), "colours say nothing of what a box is");
    }
}

#[test]
fn what_is_negative_has_broken_lines() {
    let s = sketch();
    let drawing = drawn(&s, DrawOptions::new("a").overlay(weighed(&s, Scale::signed("Change"), -1.0)));
    let document = Document::parse(&drawing.svg).unwrap();
    let weighed = document.descendants().filter(|node| node.attribute("data-weight").is_some());
    let classes: Vec<(&str, bool)> = weighed
        .map(|node| {
            let is_negative = node.attribute("class").unwrap().split(' ').any(|class| class == "neg");
            (node.attribute("data-weight").unwrap(), is_negative)
        })
        .collect();
    assert!(
        classes.iter().all(|&(weight, is_negative)| is_negative == weight.starts_with('-')),
        "{classes:?}"
    );
    assert!(classes.iter().any(|&(weight, _)| weight == "0"), "no negative zero: {classes:?}");
    assert!(drawing.svg.contains(".agd .neg.o{stroke-dasharray"));
    assert!(drawing.svg.contains(">−0.50</text>") && drawing.svg.contains(">+1</text>"));
}

#[test]
fn a_picture_without_weights_knows_nothing_of_them() {
    let svg = sketch().draw("a").svg;
    for word in ["stroke-width:inherit", "w-none", "--o-", "data-weight"] {
        assert!(!svg.contains(word), "{word}");
    }
}

#[test]
fn weights_of_another_view_are_refused() {
    let (s, mut other) = (sketch(), sketch());
    other.add(0, "z", BoxKind::Linear);
    let overlay = weighed(&other, Scale::new("Share"), 1.0);
    assert!(overlay.listed(&s.view).is_empty());
    let refused = draw(&s.view, &DrawOptions::new("a").overlay(overlay)).unwrap_err();
    assert_eq!(refused, DrawError::OtherView);
}

#[test]
fn two_graphs_in_one_picture_have_no_weights() {
    let captured = || {
        graph(|session| {
            let x = session.input("x", burn::tensor::Tensor::<1>::zeros([5], session.device()));
            session.output("y", x.exp());
        })
    };
    let (one, two) = (captured(), captured());
    let view = one.view(&ViewOptions::new()).unwrap();
    let options = DrawOptions::new("a").overlay(Overlay::new(&view, Scale::new("Share")).unwrap());
    let refused =
        graph::compare(&one, &two).unwrap().draw(&ViewOptions::new(), &ViewOptions::new(), &options);
    assert!(refused.unwrap_err().to_string().contains("no overlay"));
}

#[test]
fn a_long_title_and_large_numbers_have_room() {
    let s = sketch();
    let scale = Scale::signed(
        "What the score of the right pronoun loses when one activation comes from elsewhere, in thousandths",
    )
    .up_to(131_071.0)
    .ends("the other pronoun becomes as likely as it can be", "nothing of it is lost");
    for narrow in [false, true] {
        let options = DrawOptions::new("a").overlay(weighed(&s, scale.clone(), 1.0));
        let drawing = drawn(&s, if narrow { options.narrow() } else { options });
        assert_eq!(drawing.report.faults(), 0, "narrow: {narrow}: {}", drawing.report);
    }
}

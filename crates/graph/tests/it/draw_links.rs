//! Where boxes and frames lead: by a click anywhere, with a name, and with room for a finger.

use graph::view::{BoxKind, EdgeRole, View, ViewBox};
use graph::{BoxLinks, DrawOptions, draw};

use crate::sketch::Sketch;

/// An input, a frame with a box, and an output.
fn sketch() -> Sketch {
    let mut s = Sketch::new();
    let input = s.add(0, "x", BoxKind::Input);
    let frame = s.add(0, "Layer", BoxKind::Scope);
    let inside = s.add(frame, "Feed Forward", BoxKind::FeedForward);
    let sum = s.add(0, "Add", BoxKind::Add);
    let output = s.add(0, "y", BoxKind::Output);
    s.flow(&[input, inside, sum, output]);
    s.edge(input, sum, EdgeRole::Residual);
    s
}

/// Every link as `(href, name, what is in it)`.
fn links(view: &View, of: impl Fn(&ViewBox) -> BoxLinks) -> Vec<(String, String, Vec<String>)> {
    let drawing = draw(view, &DrawOptions::new("links").links(of)).unwrap();
    assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let anchors = document.descendants().filter(|node| node.has_tag_name("a"));
    let read = |node: roxmltree::Node<'_, '_>| {
        let texts = node.descendants().filter(|inner| inner.has_tag_name("text"));
        let texts = texts.filter_map(|inner| inner.text()).map(str::to_owned).collect();
        let attribute = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
        (attribute("href"), attribute("aria-label"), texts)
    };
    anchors.map(read).collect()
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_box_leads_to_its_inside_and_its_line_number_to_the_code() {
    let both = |found: &ViewBox| match found.label.as_str() {
        "Feed Forward" => BoxLinks { down: Some("inside".into()), source: Some("code".into()), says: None },
        _ => BoxLinks::default(),
    };
    let found = links(&sketch().view, both);
    let expected = [
        ("inside", "Feed Forward: what is inside", texts(&["Feed Forward"])),
        ("code", "attention.rs:42: the code of Feed Forward", texts(&["attention.rs:42"])),
    ];
    assert_eq!(found, expected.map(|(href, name, texts)| (href.to_owned(), name.to_owned(), texts)));
}

#[test]
fn what_has_no_inside_leads_to_its_code_as_a_whole() {
    let code = |found: &ViewBox| BoxLinks {
        source: Some("code".into()).filter(|_| found.label == "Feed Forward"),
        ..BoxLinks::default()
    };
    let expected = (
        "code".to_owned(),
        "Feed Forward attention.rs:42: its code".to_owned(),
        texts(&["Feed Forward", "attention.rs:42"]),
    );
    assert_eq!(links(&sketch().view, code), [expected]);
}

#[test]
fn a_frame_leads_on_from_its_background() {
    let frame = |found: &ViewBox| match found.label.as_str() {
        "Layer" => BoxLinks { down: Some("layer".into()), says: Some("See a layer".into()), source: None },
        _ => BoxLinks::default(),
    };
    let view = sketch().view;
    let drawing = draw(&view, &DrawOptions::new("frame").links(frame)).unwrap();
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let link = document.descendants().find(|node| node.has_tag_name("a")).unwrap();
    assert_eq!(link.attribute("aria-label"), Some("Layer: See a layer"));
    let group = link.first_element_child().unwrap();
    assert_eq!(group.attribute("class"), Some("f"), "the frame itself is in the link");
    assert!(group.children().any(|node| node.has_tag_name("rect")));
    assert!(!link.descendants().any(|node| node.attribute("class") == Some("b k-feed-forward")));
}

#[test]
fn what_is_small_gets_room_for_a_finger() {
    let all = |_: &ViewBox| BoxLinks { down: Some("inside".into()), ..BoxLinks::default() };
    let drawing = draw(&sketch().view, &DrawOptions::new("finger").links(all)).unwrap();
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let mut seen = 0;
    for link in document.descendants().filter(|node| node.has_tag_name("a")) {
        let rects = link.descendants().filter(|node| node.has_tag_name("rect"));
        let size =
            |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
        let (mut width, mut height) = (0.0_f64, 0.0_f64);
        rects.for_each(|rect| {
            (width, height) = (width.max(size(rect, "width")), height.max(size(rect, "height")));
        });
        assert!(width >= 44.0 && height >= 44.0, "{width} x {height}: {:?}", link.attribute("aria-label"));
        seen += 1;
    }
    assert_eq!(seen, 5);
}

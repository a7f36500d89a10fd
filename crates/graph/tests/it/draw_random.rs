//! Random views of every shape: whatever is drawn must be well-formed and without faults.

use graph::view::{BoxKind, EdgeRole, View, ViewEdge};
use graph::{BoxLinks, DrawOptions, draw};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use crate::sketch::Sketch;

const KINDS: [BoxKind; 12] = [
    BoxKind::Scope,
    BoxKind::Input,
    BoxKind::Output,
    BoxKind::Embedding,
    BoxKind::Attention,
    BoxKind::FeedForward,
    BoxKind::Norm,
    BoxKind::Linear,
    BoxKind::Activation,
    BoxKind::Add,
    BoxKind::Mask,
    BoxKind::Movement,
];

const ROLES: [EdgeRole; 5] =
    [EdgeRole::Flow, EdgeRole::Flow, EdgeRole::Flow, EdgeRole::Residual, EdgeRole::Lateral];

/// Names as nobody should choose them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("Multi-Head Attention".to_owned()),
        Just("<b>&amp;\"it's\"</b>]]><!--".to_owned()),
        Just("line\r\nbreak\ttab\u{0}\u{7}\u{fffe}\u{ffff}".to_owned()),
        Just("שלום עולם \u{202e}turned\u{2066}".to_owned()),
        Just("漢字かな交じり文".to_owned()),
        Just("supercalifragilistic".repeat(30)),
        "\\PC{0,24}",
    ]
}

/// Where a box is hung in, its name, kind, count and note.
type Item = (usize, String, BoxKind, usize, Option<String>);

fn item() -> impl Strategy<Value = Item> {
    let repeat = prop_oneof![4 => Just(1usize), 1 => Just(6), 1 => Just(usize::MAX)];
    (any::<usize>(), name(), select(&KINDS[..]), repeat, proptest::option::weighted(0.2, name()))
}

/// A tree with at most `frames` boxes that have children, and edges between its leaves.
fn view(cyclic: bool) -> impl Strategy<Value = View> {
    let ends = (any::<usize>(), any::<usize>(), select(&ROLES[..]));
    (vec(item(), 0..28), 0usize..7, vec(ends, 0..44)).prop_map(move |(items, frames, edges)| {
        let mut s = Sketch::new();
        s.view.title = items.first().map_or_else(String::new, |item| item.1.clone());
        for (at, name, kind, repeat, note) in items {
            let parent = at % s.view.boxes.len().min(frames + 1);
            let id = s.add(parent, &name, kind);
            s.view.boxes[id].shape = note.clone();
            (s.view.boxes[id].repeat, s.view.boxes[id].note) = (repeat, note);
        }
        let leaves = leaves(&s.view, View::ROOT);
        for (a, b, role) in edges {
            let (a, b) = (a % leaves.len(), b % leaves.len());
            let (a, b) = if cyclic { (a, b) } else { (a.min(b), a.max(b)) };
            if leaves[a] != View::ROOT && (cyclic || a != b) {
                let shape = Some("[batch, <any>]".to_owned());
                s.view.edges.push(ViewEdge {
                    from: leaves[a],
                    to: leaves[b],
                    role,
                    shape,
                    detail: None,
                    uses: 1,
                });
            }
        }
        s.view
    })
}

/// All leaves in the order in which a program would run them.
fn leaves(view: &View, id: usize) -> Vec<usize> {
    if view.is_leaf(id) {
        return vec![id];
    }
    view.boxes[id].children.iter().flat_map(|&child| leaves(view, child)).collect()
}

fn assert_drawn_well(view: &View) -> Result<(), TestCaseError> {
    let links = BoxLinks { down: Some("a?b&c=\"d\"".into()), source: Some("<x>".into()) };
    let options = DrawOptions::new("random").links(|_| links.clone());
    let drawing = draw(view, &options).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert!(drawing.width.is_finite() && drawing.height.is_finite());
    prop_assert!(drawing.width > 0.0 && drawing.height > 0.0);
    prop_assert!(!drawing.svg.contains("NaN") && !drawing.svg.contains("inf "));
    let document = roxmltree::Document::parse(&drawing.svg);
    prop_assert!(document.is_ok(), "{:?}", document.err());
    prop_assert!(roxmltree::Document::parse(&drawing.text).is_ok());
    prop_assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    prop_assert_eq!(draw(view, &options).map(|again| again.svg == drawing.svg), Ok(true));
    Ok(())
}

fn config() -> ProptestConfig {
    let rng_seed = RngSeed::Fixed(1706_03762);
    ProptestConfig { cases: 256, failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn views_in_the_order_of_the_flow_are_drawn_well(view in view(false)) {
        assert_drawn_well(&view)?;
    }

    #[test]
    fn views_with_circles_are_drawn_well(view in view(true)) {
        assert_drawn_well(&view)?;
    }
}

//! What tests say of a graph: its boxes in a list.

use graph::view::{BoxKind, View};
use graph::{ComputationGraph, Session, ViewOptions, capture};

/// The graph of what a closure does that can't fail.
pub(crate) fn graph(closure: impl FnOnce(&Session)) -> ComputationGraph {
    let captured = capture("test", |session| {
        closure(session);
        Ok(())
    });
    captured.expect("the closure can be captured")
}

/// The labels of what is directly in a box, inputs and outputs left out: `layers x4`.
pub(crate) fn inside(view: &View, id: usize) -> Vec<String> {
    let inner = view.boxes[id].children.iter().map(|&id| &view.boxes[id]);
    inner
        .filter(|b| !matches!(b.kind, BoxKind::Input | BoxKind::Output))
        .map(|b| match b.repeat {
            1 => b.label.clone(),
            n => format!("{} x{n}", b.label),
        })
        .collect()
}

/// The boxes of the whole, one level deep.
pub(crate) fn boxes(graph: &ComputationGraph) -> Vec<String> {
    inside(&shown(graph, 1), View::ROOT)
}

/// The whole, so many levels deep.
pub(crate) fn shown(graph: &ComputationGraph, depth: usize) -> View {
    graph.view(&ViewOptions::new().depth(depth)).expect("the root is there")
}

/// The first box that is repeated so often.
pub(crate) fn repeated(view: &View, times: usize) -> usize {
    let found = view.boxes.iter().position(|b| b.repeat == times);
    found.unwrap_or_else(|| panic!("nothing is repeated {times} times: {:?}", inside(view, View::ROOT)))
}

/// What is directly in the first box that is repeated so often, with everything open.
pub(crate) fn inside_of_repeated(graph: &ComputationGraph, times: usize) -> Vec<String> {
    let view = shown(graph, 9);
    inside(&view, repeated(&view, times))
}

/// The labels of what leads to the boxes of a label, those of all of them together.
pub(crate) fn sources(view: &View, label: &str) -> Vec<String> {
    let leading = view.edges.iter().filter(|edge| view.boxes[edge.to].label == label);
    leading.map(|edge| view.boxes[edge.from].label.clone()).collect()
}

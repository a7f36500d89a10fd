//! Captures for the tests of what boxes say.

use graph::view::{BoxKind, View, ViewBox};
use graph::{ComputationGraph, Session, ViewOptions, capture};

pub(crate) fn graph(closure: impl FnOnce(&Session)) -> ComputationGraph {
    let captured = capture("test", |session| {
        closure(session);
        Ok(())
    });
    captured.expect("the closure can be captured")
}

/// The root, one level deep.
pub(crate) fn view(graph: &ComputationGraph) -> View {
    graph.view(&ViewOptions::new().depth(1)).expect("the root is there")
}

/// The root's boxes, inputs and outputs left out.
pub(crate) fn inner(view: &View) -> Vec<&ViewBox> {
    let children = view.boxes[View::ROOT].children.iter().map(|&id| &view.boxes[id]);
    children.filter(|b| !matches!(b.kind, BoxKind::Input | BoxKind::Output)).collect()
}

/// Their labels, with the notes in brackets.
pub(crate) fn texts(graph: &ComputationGraph) -> Vec<String> {
    let view = view(graph);
    let text = |b: &&ViewBox| match &b.note {
        Some(note) => format!("{} ({note})", b.label),
        None => b.label.clone(),
    };
    inner(&view).iter().map(text).collect()
}

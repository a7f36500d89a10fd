//! A drawing in Graphviz's language, graded as `cargo xtask redraw grade` does.

#![no_main]

use std::sync::LazyLock;

use graph::view::View;
use graph::{ComputationGraph, Picture, Redrawing, ViewOptions};
use libfuzzer_sys::fuzz_target;

static VIEW: LazyLock<View> = LazyLock::new(|| {
    let graph = ComputationGraph::from_json(include_str!("../corpus/graph/small.json")).expect("a graph");
    graph.view(&ViewOptions::new().depth(2)).expect("a view")
});

fuzz_target!(|text: &str| {
    if let Ok(drawn) = Redrawing::from_dot(text) {
        let _ = Picture::of(&VIEW).grade(&drawn);
    }
});

//! A saved graph, compared with another as `cargo xtask diagrams --compare` does.

#![no_main]

use std::sync::LazyLock;

use graph::{ComputationGraph, compare};
use libfuzzer_sys::fuzz_target;

static SMALL: LazyLock<ComputationGraph> = LazyLock::new(|| {
    ComputationGraph::from_json(include_str!("../corpus/graph/small.json")).expect("a graph")
});

fuzz_target!(|text: &str| {
    if let Ok(read) = ComputationGraph::from_json(text) {
        let _ = compare(&SMALL, &read).map(|found| found.to_string());
        let _ = read.outline();
        let written = read.to_json();
        let again = ComputationGraph::from_json(&written).map(|again| again.to_json());
        assert!(again.is_ok_and(|again| again == written), "what was read can't be written and read again");
    }
});

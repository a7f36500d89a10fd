//! Whatever is opened, closed or hidden, a view loses nothing of the graph.

use graph::{ComputationGraph, Style, Subject, ViewOptions};
use proptest::prelude::*;

use crate::model::{Shape, captured};

/// Every operation below the root is in one box, and every box counts what it holds.
fn check_owners(graph: &ComputationGraph, options: &ViewOptions<'_>) -> Result<(), TestCaseError> {
    let (view, owners) = graph.view_with_owners(options).unwrap();
    let mut held = vec![0; view.boxes.len()];
    for owner in owners.iter().flatten() {
        for id in view.ancestors(*owner) {
            held[id] += 1;
        }
    }
    for (id, b) in view.boxes.iter().enumerate() {
        let copies: usize = view.ancestors(id).skip(1).map(|above| view.boxes[above].repeat).product();
        prop_assert_eq!(held[id], b.operations * copies, "{}", &b.key);
    }
    for edge in &view.edges {
        prop_assert!(view.is_leaf(edge.from) && view.is_leaf(edge.to) && edge.from != edge.to);
    }
    let mut keys: Vec<_> = view.boxes.iter().map(|b| &b.key).collect();
    keys.sort();
    keys.dedup();
    prop_assert_eq!(keys.len(), view.boxes.len());
    Ok(())
}

proptest! {
    #[test]
    fn nothing_is_lost_by_folding(
        root in prop::sample::select(vec!["", "encoder", "decoder", "decoder/layer.1", "encoder/layer/attn", "**/ff"]),
        depth in 1_usize..5,
        open in prop::sample::select(vec!["", "**/layer/*", "**/attn", "**/query", "decoder/layer.2/ff"]),
        close in prop::sample::select(vec!["", "**/layer", "encoder", "**/ff"]),
        style in 0..4,
        switches in 0..16,
    ) {
        thread_local!(static GRAPH: ComputationGraph = captured(&Shape::default()));
        let styled = |subject: &Subject<'_>| match (style, subject.name) {
            (1, "attn") => Some(Style::hidden()),
            (2, "attn") => Some(Style::bridged()),
            (3, "attn" | "layer") => Some(Style::dissolved()),
            _ => None,
        };
        let mut options = ViewOptions::new()
            .root(root)
            .depth(depth)
            .open(open)
            .close(close)
            .labels(styled)
            .fold_repeats(switches & 1 == 0)
            .fold_add_norm(switches & 2 == 0)
            .movement(switches & 4 == 0);
        if switches & 8 != 0 {
            options = options.every_operation();
        }
        GRAPH.with(|graph| check_owners(graph, &options))?;
    }
}

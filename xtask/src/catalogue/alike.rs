//! Whether two places are equal: the same operations on the same shapes, under the same masks.

use std::fmt::Write;

use anyhow::Result;
use graph::view::{BoxKind, View};
use graph::{ComputationGraph, ViewOptions};

/// Everything that is said of a place, down to the operation and in the code's own names, but for whose parameters
/// and whose data it works on. Equal places have equal descriptions.
pub(super) fn description(graph: &ComputationGraph, path: &str) -> Result<String> {
    let view = graph.view(&ViewOptions::new().root(path).depth(usize::MAX).every_operation())?;
    let mut text = String::new();
    for (id, found) in view.boxes.iter().enumerate().filter(|(id, _)| *id != View::ROOT) {
        let boundary = found.operations == 0 && matches!(found.kind, BoxKind::Input | BoxKind::Output);
        let is_mask = found.detail.iter().any(|tensor| tensor.contains("bool"));
        // Of what comes in, a mask is told apart by what made it.
        let label = if boundary && !is_mask { "" } else { &found.label };
        let numbers =
            |line: &&String| line.starts_with("in ") || line.starts_with("out ") || line.contains(" = ");
        let detail: Vec<_> = found.detail.iter().filter(numbers).collect();
        _ = writeln!(text, "{id} {:?} {:?} {label} {:?} {detail:?}", found.parent, found.kind, found.shape);
    }
    for edge in &view.edges {
        _ = writeln!(text, "{} {} {:?} {}", edge.from, edge.to, edge.shape, edge.uses);
    }
    Ok(text)
}

//! The captured graph with its numbers: in each box the value and the slope, on each line how the box changes with it.

use graph::view::{BoxKind, View};
use graph::{DrawOptions, ViewOptions, draw};

use super::table::{expression, short};
use super::{GIVEN, Neuron, captured};
use crate::contract::report::Report;

/// Decimals of what is drawn.
const DECIMALS: usize = 3;

pub(super) fn add(neuron: &Neuron, report: &mut Report) {
    // What the graph is doesn't depend on what was measured. Were it no longer what the numbers are of, there would be no
    // figure, and a test that misses it.
    if let Some(svg) = drawn(neuron) {
        report.figure("neuron", svg);
    }
}

fn drawn(neuron: &Neuron) -> Option<String> {
    // A line that moves in the source is no other picture.
    let graph = captured().ok()?.without_sources();
    let title = "One neuron, forward and back";
    let description = "The operations of one neuron, captured from its code, with what comes out of each and how the \
                       loss changes with that.";
    let options = ViewOptions::new().every_operation().title(title).description(description);
    let (mut view, owners) = graph.view_with_owners(&options).ok()?;
    let mut node_of = vec![None; view.boxes.len()];
    for (operation, owner) in owners.into_iter().enumerate() {
        node_of[owner?] = Some(GIVEN.len() + operation);
    }
    for (id, of) in view.boxes.iter().zip(&mut node_of) {
        if id.kind == BoxKind::Input {
            *of = GIVEN.iter().position(|name| *name == id.label);
        }
    }
    fill(&mut view, &node_of, neuron)?;
    let options =
        DrawOptions::new("lab-neuron").sources(false).shapes(false).shapes_on_lines(true).legend(false);
    Some(draw(&view, &options).ok()?.svg)
}

/// Puts the numbers into boxes and onto lines.
fn fill(view: &mut View, node_of: &[Option<usize>], neuron: &Neuron) -> Option<()> {
    for edge in &mut view.edges {
        edge.shape = match (node_of[edge.from], node_of[edge.to]) {
            (Some(from), Some(to)) => {
                let reader = neuron.nodes.get(to)?;
                let way = reader.arguments.iter().position(|&argument| argument == from)?;
                let ways = reader.arguments.iter().filter(|&&argument| argument == from).count();
                let change = short(reader.local[way], DECIMALS);
                Some(if ways == 2 { format!("× {change}, twice") } else { format!("× {change}") })
            }
            _ => None,
        };
    }
    for (shown, node) in view.boxes.iter_mut().zip(node_of) {
        let Some(node) = node.and_then(|node| neuron.nodes.get(node)) else { continue };
        let value = short(node.value, DECIMALS);
        // Where a label is broken, it is before the value.
        let kept = |text: &str| text.replace(' ', "\u{a0}");
        shown.label = if node.operation.is_empty() {
            format!("{} = {value}", node.name)
        } else {
            kept(&format!("{} = {}", node.name, expression(neuron, node)))
                + " "
                + &kept(&format!("= {value}"))
        };
        shown.note = Some(format!("slope {}", short(node.slope, DECIMALS)));
        (shown.kind, shown.shape) =
            (if node.operation.is_empty() { shown.kind } else { BoxKind::Linear }, None);
        shown.detail.clear();
    }
    Some(())
}

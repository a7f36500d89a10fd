//! Two captures of the same code at different sizes, side by side.
//!
//! They agree in all that computes, but not in every reshape: Burn writes a linear layer in one of two forms, whichever
//! is faster at the size. So what computes must match one to one, what only moves data is matched where it can be, and
//! axes without a counterpart are named after those they come from.

use super::names::Names;
use crate::captured::{Captured, Counts, Node, Place, ScopeId};
use crate::operation::{Axis, Operation, TensorType};

/// For each operation of one graph its counterpart in the other. An error says what differs first.
pub(crate) fn twins(a: &Captured, b: &Captured) -> Result<Vec<Option<usize>>, String> {
    let computing = |captured: &Captured| -> Vec<usize> {
        (0..captured.operation_count()).filter(|&number| !captured.operation(number).is_movement()).collect()
    };
    let (ours, theirs) = (computing(a), computing(b));
    let (origins_a, origins_b) = (origins(a), origins(b));
    let mut twins = vec![None; a.operation_count()];
    let mut done = (0, 0);
    for (&one, &other) in ours.iter().zip(&theirs) {
        compare(a, b, one, other)?;
        if !same_origins(&origins_a[one], &origins_b[other], &twins) {
            return Err(format!("{} has other arguments", at(a, one)));
        }
        match_moves(a, b, done.0..one, done.1..other, &mut twins);
        twins[one] = Some(other);
        done = (one + 1, other + 1);
    }
    match_moves(a, b, done.0..a.operation_count(), done.1..b.operation_count(), &mut twins);
    let counts = |captured: &Captured, computing: usize| Counts { operations: computing, ..captured.counts };
    let (one, other) = (counts(a, ours.len()), counts(b, theirs.len()));
    if one != other {
        let text = |Counts { operations, parameters, .. }: Counts| {
            format!("{operations} computing operations and {parameters} parameters")
        };
        return Err(format!("{} in one, {} in the other", text(one), text(other)));
    }
    Ok(twins)
}

fn at(captured: &Captured, number: usize) -> String {
    let kind = &captured.operation(number).kind;
    match captured.path(captured.scope_of[number]).as_str() {
        "" => format!("operation {number} ({kind})"),
        path => format!("operation {number} ({kind}) in `{path}`"),
    }
}

fn compare(a: &Captured, b: &Captured, one: usize, other: usize) -> Result<(), String> {
    let (kind, other_kind) = (&a.operation(one).kind, &b.operation(other).kind);
    if kind != other_kind {
        return Err(format!("{} is {other_kind} in the other", at(a, one)));
    }
    let (here, there) = (a.scope_of[one], b.scope_of[other]);
    if is_same_scope(a, b, here, there) {
        return Ok(());
    }
    let (here, there) = (a.path(here), b.path(there));
    if here != there {
        return Err(format!("{} is in `{there}` in the other", at(a, one)));
    }
    Ok(())
}

/// Whether two scopes and all around them are called alike.
fn is_same_scope(a: &Captured, b: &Captured, mut here: ScopeId, mut there: ScopeId) -> bool {
    while here != Captured::ROOT && there != Captured::ROOT {
        let (one, other) = (&a.scopes[here], &b.scopes[there]);
        if (&one.name, one.index) != (&other.name, other.index) {
            return false;
        }
        (here, there) = (one.parent.unwrap_or(Captured::ROOT), other.parent.unwrap_or(Captured::ROOT));
    }
    here == there
}

/// For each operation, where its arguments come from when those that only move data are seen through.
fn origins(captured: &Captured) -> Vec<Vec<Place>> {
    let mut origins: Vec<Vec<Place>> = Vec::with_capacity(captured.operation_count());
    for number in 0..captured.operation_count() {
        let mut found = Vec::new();
        for edge in captured.incoming(captured.node_of(number)) {
            match captured.place(edge.from) {
                Place::Operation(source) if captured.operation(source).is_movement() => {
                    found.extend(origins[source].clone());
                }
                place => found.push(place),
            }
        }
        origins.push(found);
    }
    origins
}

fn same_origins(ours: &[Place], theirs: &[Place], twins: &[Option<usize>]) -> bool {
    let same = |(one, other): (&Place, &Place)| match (one, other) {
        (Place::Operation(one), Place::Operation(other)) => twins[*one] == Some(*other),
        (one, other) => one == other,
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(same)
}

/// Matches the moves between two operations that compute, in order, where kind and ranks agree.
fn match_moves(
    a: &Captured,
    b: &Captured,
    ours: std::ops::Range<usize>,
    theirs: std::ops::Range<usize>,
    twins: &mut [Option<usize>],
) {
    let signature = |operation: &Operation| -> (String, Vec<usize>) {
        let ranks = operation.inputs.iter().chain(&operation.outputs).map(|tensor| tensor.axes.len());
        (operation.kind.clone(), ranks.collect())
    };
    let mut from = theirs.start;
    for one in ours {
        let wanted = signature(a.operation(one));
        if let Some(found) = (from..theirs.end).find(|&other| signature(b.operation(other)) == wanted) {
            twins[one] = Some(found);
            from = found + 1;
        }
    }
}

/// Gives every axis its symbol.
pub(crate) fn name_axes(
    shown: &mut Captured,
    probe: &Captured,
    twins: &[Option<usize>],
    names: &mut Names<'_>,
) {
    let count = shown.nodes().len();
    // What a node reads comes before it, and is named already.
    for node in 0..count {
        let arguments = shown.incoming(node).into_iter();
        let inputs: Vec<TensorType> =
            arguments.filter_map(|edge| shown.tensor(edge.from, edge.output).cloned()).collect();
        let twin = match shown.place(node) {
            Place::Operation(number) => twins[number].map(|twin| probe.node_of(twin)),
            // Other nodes are the same in number, but come before and after the operations.
            Place::Input(_) | Place::Parameter(_) => Some(node),
            Place::Output(_) => None,
        };
        let twin = twin.map(|twin| probe.at(twin));
        match shown.at_mut(node) {
            Node::Input(boundary) => name_pair(&mut boundary.tensor, twin.and_then(first_tensor), names),
            Node::Parameter(parameter) => {
                name_pair(&mut parameter.tensor, twin.and_then(first_tensor), names)
            }
            Node::Output(boundary) => take_over(inputs.into_iter().next(), &mut boundary.tensor),
            Node::Operation(operation) => name_operation(operation, inputs, twin, names),
        }
    }
}

fn first_tensor(node: &Node) -> Option<&TensorType> {
    match node {
        Node::Input(boundary) | Node::Output(boundary) => Some(&boundary.tensor),
        Node::Parameter(parameter) => Some(&parameter.tensor),
        Node::Operation(operation) => operation.outputs.first(),
    }
}

/// Takes over the names of a tensor of the same shape.
fn take_over(from: Option<TensorType>, to: &mut TensorType) {
    let Some(from) = from else { return };
    if from.axes.iter().map(|axis| axis.size).eq(to.axes.iter().map(|axis| axis.size)) {
        to.axes = from.axes;
    }
}

/// Names the axes of a tensor by its counterpart's sizes. Leaves them alone if it is of another rank.
fn name_pair(tensor: &mut TensorType, other: Option<&TensorType>, names: &mut Names<'_>) {
    let Some(other) = other.filter(|other| other.axes.len() == tensor.axes.len()) else { return };
    for (axis, other) in tensor.axes.iter_mut().zip(&other.axes) {
        axis.symbol = names.of(axis.size, other.size);
    }
}

fn name_operation(
    operation: &mut Operation,
    inputs: Vec<TensorType>,
    twin: Option<&Node>,
    names: &mut Names<'_>,
) {
    for (to, from) in operation.inputs.iter_mut().zip(inputs) {
        take_over(Some(from), to);
    }
    let others = match twin {
        Some(Node::Operation(twin)) => twin.outputs.as_slice(),
        _ => &[],
    };
    for place in 0..operation.outputs.len() {
        let rank = operation.outputs[place].axes.len();
        match others.get(place).filter(|other| other.axes.len() == rank) {
            Some(other) => name_pair(&mut operation.outputs[place], Some(other), names),
            None => {
                let axes = infer(operation, &operation.outputs[place].axes, names);
                operation.outputs[place].axes = axes;
            }
        }
    }
}

/// Names for a result without a counterpart, after the arguments.
fn infer(operation: &Operation, result: &[Axis], names: &Names<'_>) -> Vec<Axis> {
    let mut axes = result.to_vec();
    match (operation.kind.as_str(), operation.inputs.as_slice()) {
        ("reshape", [input]) => joined(&parted(&input.axes, names), &mut axes),
        ("matmul", [a, b]) => {
            let last = axes.len().saturating_sub(1);
            aligned(&a.axes, &mut axes[..last], 1);
            aligned(&b.axes, &mut axes[last..], 0);
        }
        (_, inputs) => inputs.iter().for_each(|input| aligned(&input.axes, &mut axes, 0)),
    }
    axes
}

/// Takes over the names of axes of equal size at the same place from the right, less the last `skip` ones.
fn aligned(from: &[Axis], to: &mut [Axis], skip: usize) {
    for (from, to) in from.iter().rev().skip(skip).zip(to.iter_mut().rev()) {
        if to.symbol.is_none() && from.size == to.size {
            to.symbol.clone_from(&from.symbol);
        }
    }
}

/// The axes with products taken apart: `batch·target` becomes `batch` and `target`.
fn parted(axes: &[Axis], names: &Names<'_>) -> Vec<Axis> {
    let mut parted = Vec::with_capacity(axes.len());
    for axis in axes {
        let symbol = axis.symbol.as_deref().unwrap_or_default();
        let parts: Option<Vec<Axis>> = symbol
            .split('·')
            .map(|part| names.shown(part).map(|size| Axis { size, symbol: Some(part.to_owned()) }))
            .collect();
        match parts {
            Some(parts) => parted.extend(parts),
            None => parted.push(axis.clone()),
        }
    }
    parted
}

/// Names the axes of a reshape that are an axis of the argument, or several in a row joined.
fn joined(from: &[Axis], to: &mut [Axis]) {
    let mut next = 0;
    for axis in to {
        let (mut size, mut parts, first) = (1, Vec::new(), next);
        while size < axis.size && next < from.len() {
            size *= from[next].size;
            if from[next].size > 1 {
                parts.push(from[next].symbol.clone().unwrap_or_else(|| from[next].size.to_string()));
            }
            next += 1;
        }
        let named = from[first..next].iter().any(|axis| axis.symbol.is_some());
        if size != axis.size {
            return;
        }
        if size > 1 && named {
            axis.symbol = Some(parts.join("·"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::symbol::Symbol;
    use super::*;

    fn axes(text: &[(usize, &str)]) -> Vec<Axis> {
        let axis = |&(size, name): &(usize, &str)| Axis {
            size,
            symbol: (!name.is_empty()).then(|| name.to_owned()),
        };
        text.iter().map(axis).collect()
    }

    #[test]
    fn joined_axes_are_named_after_their_parts() {
        let from = axes(&[(2, "batch"), (9, "target"), (512, "d_model")]);
        let mut to = axes(&[(18, ""), (512, "")]);
        joined(&from, &mut to);
        assert_eq!(to, axes(&[(18, "batch·target"), (512, "d_model")]));
        let mut split = axes(&[(2, ""), (9, ""), (8, ""), (64, "")]);
        joined(&from, &mut split);
        assert_eq!(
            split,
            axes(&[(2, "batch"), (9, "target"), (8, ""), (64, "")]),
            "what is split stays a number"
        );
        let mut plain = axes(&[(18, ""), (512, "")]);
        joined(&axes(&[(18, "rows"), (8, ""), (64, "")]), &mut plain);
        assert_eq!(plain, axes(&[(18, "rows"), (512, "")]), "numbers alone are no name");
    }

    #[test]
    fn a_product_is_taken_apart_again() {
        let symbols = [Symbol::new("batch", 2, 3), Symbol::new("target", 9, 11)];
        let names = Names::new(&symbols);
        let mut to = axes(&[(2, ""), (9, ""), (512, "")]);
        joined(&parted(&axes(&[(18, "batch·target"), (512, "d_model")]), &names), &mut to);
        assert_eq!(to, axes(&[(2, "batch"), (9, "target"), (512, "d_model")]));
    }
}

//! Tells running statistics from parameters.
//!
//! A visitor of a module sees both alike. What they are read as tells: the mean and the variance of a batch norm, be that
//! one operation or written by hand. And their names do, where they are called as burn-nn calls them.

use crate::captured::{Captured, Edge, Node, Place};

/// Marks them.
pub(super) fn mark(captured: &mut Captured) {
    let is_named = |path: &String| path.rsplit('.').next().is_some_and(|name| name.starts_with("running_"));
    let mut found: Vec<usize> = captured
        .parameters()
        .enumerate()
        .filter(|(_, parameter)| parameter.paths.iter().any(is_named))
        .map(|(number, _)| number)
        .collect();
    for number in 0..captured.operation_count() {
        match captured.operation(number).kind.as_str() {
            "batch_norm" => {
                let edges = captured.incoming(captured.node_of(number));
                found.extend(edges.iter().skip(3).filter_map(|edge| parameter_behind(captured, edge, false)));
            }
            "div" | "mul" => found.extend(by_hand(captured, number).into_iter().flatten()),
            _ => {}
        }
    }
    for number in found {
        let node = captured.node(Place::Parameter(number));
        if let Node::Parameter(parameter) = captured.at_mut(node) {
            parameter.is_statistic = true;
        }
    }
}

/// Mean and variance of `(x - mean) / sqrt(variance + epsilon)`.
fn by_hand(captured: &Captured, number: usize) -> Option<[usize; 2]> {
    let edges = captured.incoming(captured.node_of(number));
    let [a, b] = edges.as_slice() else { return None };
    let either = [(a, b), (b, a)];
    either.iter().find_map(|(centred, root)| {
        let variance = parameter_behind(captured, root, true)?;
        let Place::Operation(subtraction) = captured.place(centred.from) else { return None };
        if captured.operation(subtraction).kind != "sub" {
            return None;
        }
        let edges = captured.incoming(captured.node_of(subtraction));
        let mean = parameter_behind(captured, edges.get(1)?, false)?;
        Some([mean, variance])
    })
}

/// The parameter behind an argument, if there are but moves and scalars between; with a root among them if `rooted`.
fn parameter_behind(captured: &Captured, edge: &Edge, rooted: bool) -> Option<usize> {
    let (mut node, mut has_root) = (edge.from, false);
    loop {
        let number = match captured.place(node) {
            Place::Parameter(parameter) => return Some(parameter).filter(|_| has_root == rooted),
            Place::Operation(number) => number,
            Place::Input(_) | Place::Output(_) => return None,
        };
        let operation = captured.operation(number);
        match operation.kind.as_str() {
            "sqrt" => has_root = true,
            "powf_scalar" | "powi_scalar" if operation.value().is_some_and(|value| value.abs() == 0.5) => {
                has_root = true;
            }
            "recip" | "add_scalar" | "clamp_min" => {}
            _ if operation.is_movement() && !operation.joins() => {}
            _ => return None,
        }
        node = captured.incoming(captured.node_of(number)).first()?.from;
    }
}

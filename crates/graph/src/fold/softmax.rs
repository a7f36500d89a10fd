//! Softmax, as one operation or as several.

use super::cone::{Cone, are_free, of_type, sizes};
use super::pattern::{Activation, Pattern};
use super::tree::Tree;
use super::wiring::Wiring;
use crate::captured::{Captured, Place};

/// No form of a softmax takes more operations.
const LONGEST: usize = 14;

/// A softmax and what it reads.
pub(super) struct Softmax {
    /// Its operations; the last gives the weights.
    pub(super) members: Vec<usize>,
    pub(super) root: usize,
    pub(super) what: Activation,
    /// The operation that gives the scores.
    pub(super) scores: Option<usize>,
}

/// All of them, in program order.
pub(super) fn find(captured: &Captured, wiring: &Wiring) -> Vec<Softmax> {
    let mut found = Vec::new();
    for number in 0..captured.operation_count() {
        match captured.operation(number).kind.as_str() {
            "softmax" => found.push(Softmax {
                members: vec![number],
                root: number,
                what: Activation::Softmax,
                scores: wiring.producer(number, 0),
            }),
            "div" | "mul" => found.extend(by_hand(captured, wiring, number)),
            _ => {}
        }
    }
    found
}

/// Groups those that are several operations, and are no part of attention.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    for softmax in find(captured, wiring) {
        if softmax.members.len() > 1 && are_free(tree, &softmax.members) {
            let pattern = Pattern::Activation(softmax.what);
            tree.group(wiring, pattern, &pattern.key(), &softmax.members);
        }
    }
}

/// `exp(x - m) / sum(exp(x - m))`, with or without the maximum `m`, and with one more in the sum if it is a quiet one.
fn by_hand(captured: &Captured, wiring: &Wiring, root: usize) -> Option<Softmax> {
    let kind = |number: usize| captured.operation(number).kind.as_str();
    let reads_sum = (0..2).filter_map(|slot| wiring.producer(root, slot)).any(|before| {
        matches!(kind(before), "sum_dim" | "add" | "add_scalar" | "recip" | "clamp_min" | "expand")
    });
    if !reads_sum {
        return None;
    }
    let shape = sizes(captured, root);
    let enters = |number: usize| {
        matches!(
            kind(number),
            "exp"
                | "sum_dim"
                | "max_dim"
                | "max_dim_with_indices"
                | "neg"
                | "add_scalar"
                | "recip"
                | "equal_elem"
                | "mask_fill"
                | "cast"
                | "clamp_min"
                | "expand"
        ) || (matches!(kind(number), "sub" | "add" | "mask_where")
            && has_row(captured, wiring, number, &shape))
    };
    let follows = |_, _| true;
    let mut cone = Cone::new(captured, wiring, root, follows);
    while cone.members.len() < LONGEST && cone.step(enters, follows) {
        let whole = cone.source_type().is_some_and(|tensor| of_type(tensor) == shape);
        if !whole || !cone.has("exp") || !cone.has("sum_dim") {
            continue;
        }
        // What is subtracted first belongs to it.
        let before = cone.source().map(|source| source.place);
        if let Some(Place::Operation(number)) = before
            && kind(number) == "sub"
            && enters(number)
        {
            let maximum = wiring.producer(number, 1).is_some_and(|m| kind(m).starts_with("max_dim"));
            if maximum {
                continue;
            }
        }
        let more = cone.members.iter().any(|&number| match kind(number) {
            "add" => true,
            "add_scalar" => captured.operation(number).value() == Some(1.0),
            _ => false,
        });
        let what = if more { Activation::QuietSoftmax } else { Activation::Softmax };
        let scores = match before {
            Some(Place::Operation(number)) => Some(number),
            _ => None,
        };
        return cone.is_private().then(|| Softmax { members: cone.list(), root, what, scores });
    }
    None
}

/// Whether one of the arguments has a value for each row only: a sum or a maximum.
fn has_row(captured: &Captured, wiring: &Wiring, number: usize, shape: &[usize]) -> bool {
    let whole: usize = shape.iter().product();
    wiring.arguments[number].iter().any(|argument| {
        captured.tensor(captured.node(argument.place), argument.output).is_some_and(|t| t.elements() < whole)
    })
}

//! Activations that are several operations, and gated linear units.

use super::cone::are_free;
use super::function;
use super::pattern::{Activation, Gate, Pattern};
use super::tree::Tree;
use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};

/// Groups every activation, with the product that it gates if that is all it does.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let mut taken = vec![false; captured.operation_count()];
    for root in (0..captured.operation_count()).rev() {
        if taken[root] {
            continue;
        }
        let several = function::ending_at(captured, wiring, root)
            .filter(|(members, _)| members.iter().all(|&member| !taken[member]));
        let (mut members, activation) = match several {
            Some(found) => found,
            None => match single(&captured.operation(root).kind) {
                Some(activation) => (vec![root], activation),
                None => continue,
            },
        };
        let gate = gate(captured, wiring, root, activation);
        members.extend(gate.map(|(_, product)| product));
        if members.len() < 2 || !are_free(tree, &members) {
            continue;
        }
        members.iter().for_each(|&member| taken[member] = true);
        let pattern = gate.map_or(Pattern::Activation(activation), |(gate, _)| Pattern::Gate(gate));
        tree.group(wiring, pattern, &pattern.key(), &members);
    }
}

/// What Burn records as one operation and may be a gate's activation.
fn single(kind: &str) -> Option<Activation> {
    match kind {
        "gelu" => Some(Activation::Gelu),
        "relu" => Some(Activation::Relu),
        "sigmoid" => Some(Activation::Sigmoid),
        _ => None,
    }
}

/// The gated linear unit that an activation is part of, and the product that ends it: the activation of one linear map of
/// a tensor, times another linear map of the same.
fn gate(captured: &Captured, wiring: &Wiring, root: usize, activation: Activation) -> Option<(Gate, usize)> {
    let gate = match activation {
        Activation::Silu => Gate::SwiGlu,
        Activation::Gelu | Activation::GeluTanh | Activation::GeluSigmoid => Gate::GeGlu,
        Activation::Relu => Gate::ReGlu,
        Activation::Sigmoid => Gate::Glu,
        _ => return None,
    };
    let product = wiring.only_user(root).filter(|&user| captured.operation(user).kind == "mul")?;
    let other =
        *wiring.arguments[product].iter().find(|argument| argument.place != Place::Operation(root))?;
    let before = input_of(captured, wiring, root)?;
    let (a, b) = (mapped(captured, wiring, before)?, mapped(captured, wiring, other)?);
    (a == b).then_some((gate, product))
}

/// What an activation, which may be several operations, is applied to.
fn input_of(captured: &Captured, wiring: &Wiring, root: usize) -> Option<Argument> {
    match function::ending_at(captured, wiring, root) {
        None => wiring.arguments[root].first().copied(),
        Some((members, _)) => {
            let inside = |argument: &Argument| matches!(argument.place, Place::Operation(source) if members.contains(&source));
            let mut arguments = members.iter().flat_map(|&member| &wiring.arguments[member]);
            arguments.find(|argument| !inside(argument)).copied()
        }
    }
}

/// What a linear map, with or without a bias, is applied to. Moves before and after it don't count.
fn mapped(captured: &Captured, wiring: &Wiring, argument: Argument) -> Option<Argument> {
    let mut argument = argument;
    let mut product = false;
    loop {
        let Place::Operation(number) = argument.place else { return Some(argument).filter(|_| product) };
        let operation = captured.operation(number);
        let arguments = &wiring.arguments[number];
        let of_parameter =
            |argument: &&Argument| super::cone::parameter_behind(captured, wiring, **argument).is_some();
        let next = match operation.kind.as_str() {
            "matmul" | "linear" | "conv1d" | "conv2d" | "conv3d" if !product => {
                product = arguments.iter().skip(1).any(|argument| of_parameter(&argument));
                arguments.first().filter(|_| product)
            }
            "add" if !product && arguments.iter().any(|argument| of_parameter(&argument)) => {
                arguments.iter().find(|argument| !of_parameter(argument))
            }
            _ if operation.is_movement() && !operation.joins() => arguments.first(),
            _ => return Some(argument).filter(|_| product),
        };
        argument = *next?;
    }
}

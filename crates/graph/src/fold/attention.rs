//! Scaled dot-product attention: product, scale, mask, softmax, product.

use super::pattern::Pattern;
use super::softmax::{self, Softmax};
use super::tree::Tree;
use super::wiring::Wiring;
use crate::captured::{Captured, Place};

/// Groups the operations around every softmax between two products of activations.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    for softmax in softmax::find(captured, wiring) {
        if let Some(members) = attention(captured, wiring, &softmax) {
            tree.group(wiring, Pattern::Attention, "attention", &members);
        }
    }
}

/// The operations of the attention around a softmax.
pub(super) fn attention(captured: &Captured, wiring: &Wiring, softmax: &Softmax) -> Option<Vec<usize>> {
    let kind = |number: usize| captured.operation(number).kind.as_str();
    let mut members = softmax.members.clone();
    let mut before = softmax.scores?;
    let mut users = softmax.members.clone();
    let scores = loop {
        let ours = |user: &usize| users.contains(user);
        if !wiring.users[before].iter().all(ours) || !wiring.outputs[before].is_empty() {
            return None;
        }
        members.push(before);
        match kind(before) {
            "matmul" => break before,
            "div_scalar" | "mul_scalar" | "mask_fill" | "mask_where" | "add" | "cast" | "sub" | "tanh" => {
                users = vec![before];
                before = scores_behind(wiring, before)?;
            }
            _ => return None,
        }
    };
    let of_parameter = |slot: usize| {
        wiring.arguments[scores]
            .get(slot)
            .is_none_or(|argument| matches!(argument.place, Place::Parameter(_)))
    };
    if of_parameter(0) || of_parameter(1) {
        return None;
    }
    for slot in [0, 1] {
        let prepared = wiring.producer(scores, slot).filter(|&before| {
            let expected = match slot {
                0 => matches!(kind(before), "div_scalar" | "mul_scalar"),
                _ => matches!(kind(before), "swap_dims" | "permute" | "div_scalar" | "mul_scalar"),
            };
            expected && wiring.only_user(before) == Some(scores)
        });
        members.extend(prepared);
    }
    // The weights may be brought into another precision.
    let cast = wiring.only_user(softmax.root).filter(|&user| kind(user) == "cast");
    members.extend(cast);
    let weights = cast.unwrap_or(softmax.root);
    let is_weights = |source: Option<usize>| source == Some(weights);
    let weighted = |&user: &usize| kind(user) == "matmul" && is_weights(wiring.producer(user, 0));
    members.push(wiring.users[weights].iter().copied().find(weighted)?);
    Some(members)
}

/// The argument of `number` that carries the scores: the first, or for a sum the one with parameters behind it.
fn scores_behind(wiring: &Wiring, number: usize) -> Option<usize> {
    let trained = |slot: usize| wiring.producer(number, slot).filter(|&source| wiring.trained[source]);
    match wiring.arguments[number].len() {
        2 => trained(0).or_else(|| trained(1)).or_else(|| wiring.producer(number, 0)),
        _ => wiring.producer(number, 0),
    }
}

//! A linear layer: Burn records it as reshape, matmul, reshape of the bias, add, reshape.

use super::field::field;
use super::pattern::Pattern;
use super::tree::Tree;
use super::wiring::Wiring;
use crate::captured::{Captured, Place};
use crate::operation::TensorType;

/// Groups every product with a parameter with its bias and the reshapes around it.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    for number in 0..captured.operation_count() {
        if let Some((members, name)) = linear(captured, wiring, number) {
            let parent = tree.items[tree.leaves[number]].parent;
            // What another scope does is not taken along.
            let members: Vec<_> =
                members.into_iter().filter(|&m| tree.items[tree.leaves[m]].parent == parent).collect();
            tree.group(wiring, Pattern::Linear, &name, &members);
        }
    }
}

/// The operations of the layer around the product `matmul`, and the name of the module that owns the weight.
fn linear(captured: &Captured, wiring: &Wiring, matmul: usize) -> Option<(Vec<usize>, String)> {
    if captured.operation(matmul).kind != "matmul" {
        return None;
    }
    let (mut members, weight) = prepared(captured, wiring, matmul, 1)?;
    members.push(matmul);
    let mut last = matmul;
    if let Some(add) = wiring.only_user(matmul).filter(|&user| captured.operation(user).kind == "add") {
        let slot = usize::from(wiring.producer(add, 0) == Some(matmul));
        if let Some((bias, _)) = prepared(captured, wiring, add, slot) {
            members.extend(bias);
            members.push(add);
            last = add;
        }
    }
    members.extend(reshapes(captured, wiring, matmul, last).into_iter().flatten());
    Some((members, field(captured, weight).unwrap_or_else(|| "linear".to_owned())))
}

/// The reshape that joins all axes but the last before the product, with the one that parts them again after it.
/// Which of its two forms Burn chooses depends on the sizes; in the other there are none.
fn reshapes(captured: &Captured, wiring: &Wiring, matmul: usize, last: usize) -> Option<[usize; 2]> {
    let is_reshape = |&number: &usize| captured.operation(number).kind == "reshape";
    let before = wiring.producer(matmul, 0).filter(is_reshape)?;
    let after = wiring.only_user(last).filter(is_reshape)?;
    let leading = |tensor: &TensorType| -> Vec<usize> {
        let axes = &tensor.axes[..tensor.axes.len().saturating_sub(1)];
        axes.iter().map(|axis| axis.size).collect()
    };
    let (flattened, restored) =
        (captured.operation(before).inputs.first()?, captured.operation(after).outputs.first()?);
    let rank = captured.operation(matmul).outputs.first()?.axes.len();
    let fits = rank == 2 && flattened.axes.len() > 2 && leading(flattened) == leading(restored);
    (fits && wiring.only_user(before) == Some(matmul)).then_some([before, after])
}

/// The operations that bring a parameter into the form in which `number` takes it as argument `slot`; none if it is
/// taken as it is. No answer if the argument is no parameter.
fn prepared(captured: &Captured, wiring: &Wiring, number: usize, slot: usize) -> Option<(Vec<usize>, usize)> {
    let (mut members, mut user, mut slot) = (Vec::new(), number, slot);
    loop {
        match wiring.arguments[user].get(slot)?.place {
            Place::Parameter(parameter) => return Some((members, parameter)),
            Place::Operation(source)
                if captured.operation(source).is_movement() && wiring.only_user(source) == Some(user) =>
            {
                members.push(source);
                (user, slot) = (source, 0);
            }
            _ => return None,
        }
    }
}

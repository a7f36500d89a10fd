//! Chains of operations that only move data, such as a reshape with a transposition.

use super::pattern::Pattern;
use super::tree::{ItemId, Tree, What};
use super::wiring::Wiring;
use crate::captured::Captured;
use crate::operation::{Operation, TensorType};

/// Groups every chain of at least two moves within one scope.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let free = |tree: &Tree, number: usize| -> Option<ItemId> {
        let parent = tree.items[tree.leaves[number]].parent?;
        let grouped =
            matches!(tree.items[parent].what, What::Pattern(_)) || tree.items[parent].recognised.is_some();
        let operation = captured.operation(number);
        (operation.is_movement() && !operation.joins() && !grouped).then_some(parent)
    };
    let mut taken = vec![false; captured.operation_count()];
    for start in 0..captured.operation_count() {
        let Some(parent) = free(tree, start).filter(|_| !taken[start]) else { continue };
        let mut chain = vec![start];
        let mut last = start;
        while let Some(next) = wiring.only_user(last)
            && free(tree, next) == Some(parent)
        {
            chain.push(next);
            last = next;
        }
        chain.iter().for_each(|&number| taken[number] = true);
        if chain.len() > 1 {
            tree.group(wiring, Pattern::Movement, "movement", &chain);
        }
    }
}

/// What a chain of moves does, in a few words.
pub(crate) fn label(chain: &[&Operation]) -> String {
    let sizes = |tensors: &[TensorType]| -> Vec<usize> {
        tensors.first().map(|tensor| tensor.axes.iter().map(|axis| axis.size).collect()).unwrap_or_default()
    };
    let kinds: Vec<&str> = chain.iter().map(|operation| operation.kind.as_str()).collect();
    match (kinds.as_slice(), chain) {
        (["reshape", "swap_dims" | "permute"], [reshape, _])
            if parts_last(&sizes(&reshape.inputs), &sizes(&reshape.outputs)) =>
        {
            "Split heads".to_owned()
        }
        (["swap_dims" | "permute", "reshape"], [_, reshape])
            if parts_last(&sizes(&reshape.outputs), &sizes(&reshape.inputs)) =>
        {
            "Concat heads".to_owned()
        }
        _ => {
            let mut labels: Vec<String> = Vec::new();
            for label in chain.iter().map(|operation| operation.label()) {
                if labels.last() != Some(&label) {
                    labels.push(label);
                }
            }
            if labels.len() > 2 { "Rearrange".to_owned() } else { labels.join(", ") }
        }
    }
}

/// Whether the last axis of `whole` is two axes in `parts`, all else being the same.
fn parts_last(whole: &[usize], parts: &[usize]) -> bool {
    let (Some((last, leading)), Some((two, others))) =
        (whole.split_last(), parts.split_last_chunk::<2>().map(|(o, t)| (t, o)))
    else {
        return false;
    };
    leading == others && two[0] * two[1] == *last && two[0] > 1
}

/// Whether the operation does nothing but add or drop axes of size one, or takes a slice that is the whole.
pub(crate) fn is_trivial(operation: &Operation) -> bool {
    if operation.kind == "slice" {
        let is_reversed = operation.attribute("ranges").is_some_and(|ranges| ranges.contains("step -"));
        return operation.inputs == operation.outputs && !is_reversed;
    }
    let significant = |tensors: &[TensorType]| -> Option<Vec<usize>> {
        Some(tensors.first()?.axes.iter().map(|axis| axis.size).filter(|&size| size > 1).collect())
    };
    operation.kind == "reshape" && significant(&operation.inputs) == significant(&operation.outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_split_off_the_last_axis() {
        assert!(parts_last(&[2, 9, 512], &[2, 9, 8, 64]));
        assert!(!parts_last(&[2, 9, 512], &[9, 2, 8, 64]));
        assert!(!parts_last(&[2, 9, 512], &[2, 9, 1, 512]), "adding an axis splits nothing");
        assert!(!parts_last(&[512], &[512]));
        assert!(!parts_last(&[], &[]));
    }
}

//! What depends on no input and no parameter: tables, grids, positions.

use super::pattern::Pattern;
use super::tree::{ItemId, Tree, What};
use super::wiring::Wiring;
use crate::captured::Captured;

/// Makes one group of what makes one constant, where it is made; a scope that makes nothing else is one as a whole.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let is_constant = |tree: &Tree, number: usize| {
        let parent = tree.items[tree.leaves[number]].parent;
        let free = parent.is_some_and(|parent| {
            !matches!(tree.items[parent].what, What::Pattern(_)) && tree.items[parent].recognised.is_none()
        });
        wiring.is_constant(number) && !tree.masks[number] && free
    };
    for scope in 1..tree.items.len() {
        if !matches!(tree.items[scope].what, What::Scope(_)) {
            continue;
        }
        let operations = tree.operations(scope);
        let all = operations.iter().all(|&number| wiring.is_constant(number) && !tree.masks[number]);
        if all && operations.len() > 1 {
            tree.items[scope].recognised = Some(Pattern::Constant);
        }
    }
    // Connected parts, each within one scope.
    let parent = |tree: &Tree, number: usize| -> Option<ItemId> { tree.items[tree.leaves[number]].parent };
    let mut group_of: Vec<usize> = (0..captured.operation_count()).collect();
    let constant: Vec<bool> = (0..group_of.len()).map(|number| is_constant(tree, number)).collect();
    for number in (0..group_of.len()).filter(|&number| constant[number]) {
        for source in (0..wiring.arguments[number].len()).filter_map(|slot| wiring.producer(number, slot)) {
            if constant[source] && parent(tree, source) == parent(tree, number) {
                let (one, other) = (find(&mut group_of, source), find(&mut group_of, number));
                group_of[one.max(other)] = one.min(other);
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
    for number in (0..group_of.len()).filter(|&number| constant[number]) {
        groups.entry(find(&mut group_of, number)).or_default().push(number);
    }
    for members in groups.values().filter(|members| members.len() > 1) {
        tree.group(wiring, Pattern::Constant, "constant", members);
    }
}

/// The first of a group, found by way of those that each joined.
fn find(group_of: &mut [usize], number: usize) -> usize {
    let mut number = number;
    while group_of[number] != number {
        group_of[number] = group_of[group_of[number]];
        number = group_of[number];
    }
    number
}

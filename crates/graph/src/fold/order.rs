//! The order of siblings.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::tree::{Item, ItemId, Tree, What};
use super::wiring::Wiring;

/// Orders the children of every item such that data flows from the earlier to the later ones, and otherwise by their
/// first operation. Program order alone is no such order, since a group may begin before what it reads.
pub(super) fn by_data(wiring: &Wiring, tree: &mut Tree) {
    let grouped = |item: &Item| {
        item.children.iter().any(|&child| matches!(tree.items[child].what, What::Pattern(_) | What::Module))
    };
    let mut edges: HashMap<ItemId, HashSet<(ItemId, ItemId)>> = tree
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| grouped(item))
        .map(|(id, _)| (id, HashSet::new()))
        .collect();
    for number in 0..tree.leaves.len() {
        for source in (0..wiring.arguments[number].len()).filter_map(|slot| wiring.producer(number, slot)) {
            if let Some((parent, from, to)) = siblings(tree, source, number)
                && let Some(edges) = edges.get_mut(&parent)
            {
                edges.insert((from, to));
            }
        }
    }
    for (parent, edges) in edges {
        if let Some(children) = sorted(tree, &tree.items[parent].children, &edges) {
            tree.items[parent].children = children;
        }
    }
}

/// The innermost item that holds both operations, and its children that hold the one and the other.
fn siblings(tree: &Tree, a: usize, b: usize) -> Option<(ItemId, ItemId, ItemId)> {
    let above: Vec<ItemId> = tree.ancestors(tree.leaves[a]).collect();
    let mut child = tree.leaves[b];
    for parent in tree.ancestors(child).skip(1) {
        if let Some(place) = above.iter().position(|&item| item == parent) {
            return Some((parent, *above.get(place.checked_sub(1)?)?, child));
        }
        child = parent;
    }
    None
}

/// A topological order; none if there is a cycle.
fn sorted(tree: &Tree, children: &[ItemId], edges: &HashSet<(ItemId, ItemId)>) -> Option<Vec<ItemId>> {
    let mut waiting: HashMap<ItemId, usize> = children.iter().map(|&child| (child, 0)).collect();
    let mut next: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    for &(from, to) in edges {
        *waiting.get_mut(&to)? += 1;
        next.entry(from).or_default().push(to);
    }
    let key = |id: ItemId| Reverse((tree.items[id].first, id));
    let mut ready: BinaryHeap<_> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(&id, _)| key(id)).collect();
    let mut order = Vec::with_capacity(children.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        order.push(id);
        for &to in next.get(&id).into_iter().flatten() {
            let count = waiting.get_mut(&to)?;
            *count -= 1;
            if *count == 0 {
                ready.push(key(to));
            }
        }
    }
    (order.len() == children.len()).then_some(order)
}

//! The order of siblings.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::movement::is_trivial;
use super::pattern::Pattern;
use super::tree::{Item, ItemId, Tree, What};
use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};

/// So many pieces that are taken out of one tensor are a sequence.
const MANY: usize = 3;

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

/// Moves what takes one piece out of many to the one who reads it, and what readies a result to be joined with others to
/// where that is made: then the steps of a recurrent net stand one after the other with all that is theirs.
pub(super) fn by_reader(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let kind = |number: usize| captured.operation(number).kind.as_str();
    let mut before: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    let mut after: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    let mut changed: HashSet<ItemId> = HashSet::new();
    let mut moved: HashSet<ItemId> = HashSet::new();
    for number in (0..tree.leaves.len()).filter(|&number| captured.operation(number).is_movement()) {
        let unit = match tree.items[tree.leaves[number]].parent {
            Some(parent) if matches!(tree.items[parent].what, What::Pattern(Pattern::Movement)) => parent,
            _ => tree.leaves[number],
        };
        let operations = tree.operations(unit);
        let (Some(&first), Some(&last)) = (operations.first(), operations.last()) else { continue };
        let Some(user) = wiring.only_user(last).filter(|_| first == number) else { continue };
        let source = wiring.arguments[first].first();
        let pieces = |argument: &Argument| match argument.place {
            Place::Operation(source) => {
                let mut readers = wiring.users[source].iter().filter(|&&user| kind(user) == "slice");
                readers.nth(MANY - 1).is_some()
            }
            // Nobody counts who reads an input.
            _ => true,
        };
        let anchor = if kind(first) == "slice" && source.is_some_and(pieces) {
            siblings(tree, first, user).map(|(parent, own, reader)| (parent, own, reader, &mut before))
        } else if kind(user) == "cat"
            && operations.iter().all(|&number| is_trivial(captured.operation(number)))
            && let Some(source) = wiring.producer(first, 0)
        {
            siblings(tree, source, last).map(|(parent, maker, own)| (parent, own, maker, &mut after))
        } else {
            None
        };
        if let Some((parent, own, anchor, moves)) = anchor.filter(|found| found.1 == unit) {
            moves.entry(anchor).or_default().push(unit);
            changed.insert(parent);
            moved.insert(own);
        }
    }
    for parent in changed {
        let mut order = Vec::with_capacity(tree.items[parent].children.len());
        for &child in tree.items[parent].children.iter().filter(|child| !moved.contains(child)) {
            order.extend(before.get(&child).into_iter().flatten());
            order.push(child);
            order.extend(after.get(&child).into_iter().flatten());
        }
        // What hangs on something that was moved itself stays where it is.
        if order.len() == tree.items[parent].children.len() {
            tree.items[parent].children = order;
        }
    }
}

/// `items`, with what readies a result to be joined with others directly after what makes it, however much later it was
/// recorded: results that are gathered in the end are readied then, all in a row.
pub(super) fn beside_makers(
    captured: &Captured,
    wiring: &Wiring,
    tree: &Tree,
    items: &[ItemId],
) -> Vec<ItemId> {
    let mut item_of: HashMap<usize, ItemId> = HashMap::new();
    let mut after: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    let mut moved: HashSet<ItemId> = HashSet::new();
    for &item in items {
        let operations = tree.operations(item);
        let is_ready = operations.iter().all(|&number| is_trivial(captured.operation(number)));
        if is_ready
            && let (Some(&first), Some(&last)) = (operations.first(), operations.last())
            && wiring.only_user(last).is_some_and(|user| captured.operation(user).kind == "cat")
            && let Some(&maker) = wiring.producer(first, 0).and_then(|source| item_of.get(&source))
            && !moved.contains(&maker)
        {
            after.entry(maker).or_default().push(item);
            moved.insert(item);
        }
        item_of.extend(operations.into_iter().map(|number| (number, item)));
    }
    let stays = items.iter().filter(|item| !moved.contains(item));
    stays
        .flat_map(|item| std::iter::once(item).chain(after.get(item).into_iter().flatten()))
        .copied()
        .collect()
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

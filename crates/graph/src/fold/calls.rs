//! Numbers for siblings of one name: a module's own in its list where that is known, and which call of it each is.

use std::collections::HashMap;

use super::modules::{Modules, common, list, number};
use super::pattern::Pattern;
use super::tree::{ItemId, Tree, What};
use crate::captured::Captured;
use crate::view::BoxKind;

/// Numbers all siblings that share a name.
pub(super) fn number_siblings(captured: &Captured, modules: &Modules<'_>, tree: &mut Tree) {
    for parent in 0..tree.items.len() {
        let mut by_name: HashMap<String, Vec<ItemId>> = HashMap::new();
        for &child in &tree.items[parent].children {
            by_name.entry(tree.items[child].name.clone()).or_default().push(child);
        }
        for siblings in by_name.into_values().filter(|siblings| siblings.len() > 1) {
            number_group(captured, modules, tree, &siblings);
        }
    }
}

/// Parameters, and what sort of item reads them.
type Read<'a> = (&'a [usize], std::mem::Discriminant<What>);

fn number_group(captured: &Captured, modules: &Modules<'_>, tree: &mut Tree, siblings: &[ItemId]) {
    let weights: Vec<Vec<usize>> = siblings.iter().map(|&item| modules.parameters(tree, item)).collect();
    let own = own_numbers(modules, tree, siblings, &weights);
    // For each set of parameters, and what reads it: the number of that, and how many calls there were. A table that the
    // output layer shares is looked up once, and multiplied with once.
    let mut known: HashMap<Read<'_>, (usize, usize)> = HashMap::new();
    let mut different = 0;
    let mut calls = Vec::with_capacity(siblings.len());
    for (&item, weights) in siblings.iter().zip(&weights) {
        let next = (different, 0);
        let (number, count) = match weights.is_empty() || !is_called(captured, tree, item) {
            true => (different, 1),
            false => {
                let sort = std::mem::discriminant(&tree.items[item].what);
                let known = known.entry((weights, sort)).or_insert(next);
                known.1 += 1;
                *known
            }
        };
        different += usize::from(count == 1);
        calls.push((number, count));
    }
    for (place, (&item, (number, call))) in siblings.iter().zip(calls).enumerate() {
        let item = &mut tree.items[item];
        (item.call, item.own) = (call, own.is_some());
        (item.index, item.shown) = match &own {
            Some(own) => (Some(own[place]), Some(own[place])),
            // One module alone that is called again needs no number beside that of the call.
            None if different == 1 => (Some(place), None),
            None => (Some(place), Some(number)),
        };
    }
}

/// The numbers of modules in the list that holds them, if all siblings are of one list and have different ones.
fn own_numbers(
    modules: &Modules<'_>,
    tree: &Tree,
    siblings: &[ItemId],
    weights: &[Vec<usize>],
) -> Option<Vec<usize>> {
    if !siblings.iter().all(|&item| matches!(tree.items[item].what, What::Scope(_) | What::Module)) {
        return None;
    }
    let paths: Vec<_> = weights.iter().map(|weights| modules.common(weights)).collect::<Option<_>>()?;
    let depth = paths.iter().cloned().reduce(|a, b| common(&a, &b))?.len();
    let parts: Vec<&String> = paths.iter().map(|path| path.get(depth)).collect::<Option<_>>()?;
    if parts.iter().any(|part| list(part) != list(parts[0])) {
        return None;
    }
    let numbers: Vec<usize> = parts.iter().map(|part| number(part)).collect::<Option<_>>()?;
    let mut weights_of: HashMap<usize, &[usize]> = HashMap::new();
    let told_apart =
        numbers.iter().zip(weights).all(|(&n, weights)| *weights_of.entry(n).or_insert(weights) == weights);
    told_apart.then_some(numbers)
}

/// Whether an item is what a reader calls a call of a module.
fn is_called(captured: &Captured, tree: &Tree, item: ItemId) -> bool {
    match tree.items[item].what {
        What::Scope(_) | What::Module | What::Pattern(Pattern::Linear) => true,
        What::Pattern(_) => false,
        What::Operation(number) => {
            let kind = captured.operation(number).box_kind();
            matches!(kind, BoxKind::Linear | BoxKind::Norm | BoxKind::Embedding)
        }
    }
}

//! Groups by the paths of parameters, where there are no spans.
//!
//! An operation with parameters belongs to the module that holds them. One without belongs to the innermost module
//! that holds the operations before and after it: the activation between two layers of a network is the network's.
//! What stands at the edges of a list's elements is theirs if the data says so.

use std::collections::{BTreeMap, HashSet};

use super::edges;
use super::flow::Flow;
use super::modules::{Modules, Path, common, fill, list};
use super::tree::{ItemId, Tree, What};
use super::{handed, order};
use crate::captured::Captured;

/// Groups the children of every scope that holds no other scope.
pub(super) fn recognise(captured: &Captured, modules: &Modules<'_>, tree: &mut Tree) {
    let scopes: Vec<ItemId> = (0..tree.items.len())
        .filter(|&id| matches!(tree.items[id].what, What::Scope(_)))
        .filter(|&id| {
            let child = |&child: &ItemId| matches!(tree.items[child].what, What::Scope(_));
            !tree.items[id].children.iter().any(child)
        })
        .collect();
    for scope in scopes {
        let units = order::beside_makers(captured, modules.wiring, tree, &tree.items[scope].children);
        let owners: Vec<Option<Path>> = units.iter().map(|&unit| modules.owner(tree, unit)).collect();
        let owners = handed::without(modules, tree, &units, &owners);
        let mut placed = owners.clone();
        let flow = Flow::new(captured, modules.wiring, tree, &units);
        let early = edges::place(&flow, modules, &mut placed);
        let mut paths = fill(&placed);
        strip_common(&mut paths, &owners);
        let units = moved(units.into_iter().zip(paths).collect(), &early);
        nest(tree, scope, &units, 0);
    }
}

/// Moves some of the units before others: which, and before which.
fn moved<T: Clone>(units: Vec<T>, moves: &[(usize, usize)]) -> Vec<T> {
    let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    moves.iter().for_each(|&(unit, place)| before.entry(place).or_default().push(unit));
    let gone: HashSet<usize> = moves.iter().map(|&(unit, _)| unit).collect();
    let mut order = Vec::with_capacity(units.len());
    for place in (0..units.len()).filter(|place| !gone.contains(place)) {
        order.extend(before.get(&place).into_iter().flatten().copied());
        order.push(place);
    }
    order.into_iter().map(|place| units[place].clone()).collect()
}

/// A part that all paths share tells nothing.
fn strip_common(paths: &mut [Path], owners: &[Option<Path>]) {
    let shared = owners.iter().flatten().cloned().reduce(|a, b| common(&a, &b)).unwrap_or_default().len();
    for path in paths {
        path.drain(..shared.min(path.len()));
    }
}

/// Makes an item of every run of at least two units in the same module, and goes on inside.
fn nest(tree: &mut Tree, parent: ItemId, units: &[(ItemId, Path)], depth: usize) {
    for run in units.chunk_by(|a, b| a.1.get(depth).is_some() && a.1.get(depth) == b.1.get(depth)) {
        let Some(name) = run[0].1.get(depth).filter(|_| run.len() > 1) else { continue };
        if run.len() == units.len() {
            return nest(tree, parent, run, depth + 1);
        }
        let members: Vec<_> = run.iter().map(|(unit, _)| *unit).collect();
        let name = list(name).to_owned();
        let group = tree.adopt(parent, What::Module, &name, &members);
        nest(tree, group, run, depth + 1);
    }
}

//! What reads a parameter that was handed down: a mask or a table that a model holds for all of its layers. It is read in
//! the midst of a layer, and is part of what the layer does.

use std::collections::{BTreeSet, HashMap};

use super::modules::{Modules, Path, common};
use super::tree::{ItemId, Tree};

/// So far to both sides it is looked for what is around.
const NEAR: usize = 48;

/// The owners of items, without those whose parameters were handed down to another module.
pub(super) fn without(
    modules: &Modules<'_>,
    tree: &Tree,
    items: &[ItemId],
    owners: &[Option<Path>],
) -> Vec<Option<Path>> {
    let mut first: HashMap<&[String], usize> = HashMap::new();
    for (place, path) in owners.iter().enumerate() {
        let path = path.as_deref().unwrap_or_default();
        (1..=path.len()).for_each(|end| _ = first.entry(&path[..end]).or_insert(place));
    }
    let read = |place: usize| modules.parameters(tree, items[place]);
    let mut found: Vec<(usize, Path)> = Vec::new();
    for (place, own) in owners.iter().enumerate() {
        let Some(around) = own.as_ref().and_then(|own| around(owners, own, place)) else { continue };
        // Where a module is called again, what comes before it is no part of it.
        if first.get(around.path.as_slice()).is_some_and(|&first| read(first) != read(around.next)) {
            found.push((place, around.path));
        }
    }
    let mut held_by_all: HashMap<Vec<usize>, BTreeSet<&Path>> = HashMap::new();
    for (place, around) in &found {
        held_by_all.entry(read(*place)).or_default().insert(around);
    }
    let mut kept = owners.to_vec();
    for (place, around) in &found {
        let from_above = owners[*place].as_ref().is_some_and(|own| around.starts_with(own));
        if from_above || held_by_all.get(&read(*place)).is_some_and(|around| around.len() > 1) {
            kept[*place] = None;
        }
    }
    kept
}

/// What is around an item: a module, and the item that comes next in it.
struct Around {
    path: Path,
    next: usize,
}

fn around(owners: &[Option<Path>], own: &Path, place: usize) -> Option<Around> {
    let other = |n: &usize| owners[*n].as_ref().is_some_and(|path| !own.starts_with(path));
    let next = (place + 1..owners.len().min(place + NEAR)).find(other)?;
    let before = (place.saturating_sub(NEAR)..place).rev().find(other)?;
    let path = common(owners[before].as_ref()?, owners[next].as_ref()?);
    (path.len() > common(own, &path).len()).then_some(Around { path, next })
}

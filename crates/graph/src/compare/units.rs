//! What is reported as one: a whole scope that was added, or a linear layer that was resized.

use std::collections::{BTreeMap, HashMap};

use super::facets::Facets;
use super::side::Side;
use super::{Change, Comparison};
use crate::fold::{ItemId, Pattern, What, movement_label};

/// A difference at one place.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) change: Change,
    pub(super) what: String,
    pub(super) details: Vec<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// All of them, in the order of the first program, and what was added last.
pub(super) fn all(comparison: &Comparison<'_>, facets: &HashMap<usize, Facets>) -> Vec<Unit> {
    let Comparison { before, after, pairs, .. } = comparison;
    let [removed, added] = pairs.alone(before, after);
    let removed = whole_items(before, |a| removed.contains(&a));
    let added = whole_items(after, |b| added.contains(&b));
    let moved = whole_items(before, |a| pairs.moved[a]);
    let mut units: Vec<(usize, Unit)> = Vec::new();
    for item in removed {
        let unit = Unit {
            before: Some(before.tree.path(item)),
            after: None,
            ..named(before, item, Change::Removed)
        };
        units.push((before.tree.items[item].first, unit));
    }
    for item in moved {
        let first = before.tree.operations(item).into_iter().find_map(|a| pairs.after_of[a]);
        // The counterpart of a scope is as far above its first operation.
        let depth = depth_of(before, item);
        let twin = first.map(|b| above(after, b, depth));
        let (ours, theirs) = (before.tree.path(item), twin.map(|twin| after.tree.path(twin)));
        let unit = Unit { before: Some(ours), after: theirs, ..named(before, item, Change::Moved) };
        units.push((before.tree.items[item].first, unit));
    }
    units.extend(changed(comparison, facets));
    units.extend(comparison.rewired.iter().map(|rewired| (rewired.before, reading(comparison, rewired))));
    units.sort_by_key(|(first, _)| *first);
    let mut units: Vec<Unit> = units.into_iter().map(|(_, unit)| unit).collect();
    for item in added {
        units.push(Unit { after: Some(after.tree.path(item)), ..named(after, item, Change::Added) });
    }
    units
}

fn named(side: &Side<'_>, item: ItemId, change: Change) -> Unit {
    let operations = side.tree.operations(item).len();
    let details = if operations > 1 { vec![format!("{operations} operations")] } else { Vec::new() };
    Unit { change, what: label(side, item), details, before: None, after: None }
}

/// What an item is called.
pub(super) fn label(side: &Side<'_>, item: ItemId) -> String {
    match side.tree.items[item].what {
        What::Operation(number) => side.operation(number).label(),
        What::Pattern(Pattern::Movement) => {
            let moves = side.tree.operations(item);
            movement_label(&moves.iter().map(|&number| side.operation(number)).collect::<Vec<_>>())
        }
        What::Pattern(pattern) => pattern.label().to_owned(),
        _ => side.tree.items[item].name.clone(),
    }
}

/// The largest items of whose operations all are so, dead ends apart.
fn whole_items(side: &Side<'_>, is_so: impl Fn(usize) -> bool) -> Vec<ItemId> {
    // For each item above an operation that isn't so: it can't be whole. For each that has one that is: it may be.
    let (mut broken, mut some): (HashMap<ItemId, ()>, HashMap<ItemId, ()>) = Default::default();
    for &number in side.operations.iter().filter(|&&number| side.wiring.live[number]) {
        let known = if is_so(number) { &mut some } else { &mut broken };
        for item in side.tree.ancestors(side.tree.leaves[number]) {
            if known.insert(item, ()).is_some() {
                break;
            }
        }
    }
    let (mut found, mut open) = (Vec::new(), vec![side.root]);
    while let Some(item) = open.pop() {
        if !some.contains_key(&item) {
            continue;
        }
        match broken.contains_key(&item) || item == side.root {
            true => open.extend(side.children(item).iter().rev()),
            false => found.push(item),
        }
    }
    found
}

fn depth_of(side: &Side<'_>, item: ItemId) -> usize {
    let Some(&first) = side.tree.operations(item).first() else { return 0 };
    side.tree.ancestors(side.tree.leaves[first]).take_while(|&above| above != item).count()
}

fn above(side: &Side<'_>, number: usize, steps: usize) -> ItemId {
    let leaf = side.tree.leaves[number];
    side.tree.ancestors(leaf).take_while(|&item| item != side.root).nth(steps).unwrap_or(leaf)
}

/// What changed, the parts of what was recognised as one taken together.
fn changed(comparison: &Comparison<'_>, facets: &HashMap<usize, Facets>) -> Vec<(usize, Unit)> {
    let Comparison { before, after, pairs, .. } = comparison;
    let mut groups: BTreeMap<(usize, ItemId), Vec<usize>> = BTreeMap::new();
    for &a in facets.keys() {
        let item = group(before, a);
        groups.entry((before.tree.items[item].first, item)).or_default().push(a);
    }
    let mut units = Vec::new();
    for ((first, item), mut operations) in groups {
        operations.sort_unstable();
        let own = operations.iter().flat_map(|a| &facets[a].own);
        // Shapes inside of a group are of no interest.
        let leaves = |a: usize| {
            let outside = |&user: &usize| group(before, user) != item && before.wiring.live[user];
            before.as_operation(item).is_some()
                || before.linear(a).is_some()
                || !before.wiring.outputs[a].is_empty()
                || before.wiring.users[a].iter().any(outside)
        };
        let shapes = operations.iter().filter(|&&a| leaves(a)).flat_map(|a| &facets[a].shapes);
        let mut details = once_each(own.chain(shapes));
        if details.is_empty() {
            details = once_each(operations.iter().flat_map(|a| &facets[a].shapes));
        }
        let twin =
            operations.iter().find_map(|&a| pairs.after_of[a]).map(|b| after.tree.path(group(after, b)));
        let what = label(before, item);
        units.push((
            first,
            Unit {
                change: Change::Changed,
                what,
                details,
                before: Some(before.tree.path(item)),
                after: twin,
            },
        ));
    }
    units
}

fn once_each<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}

/// The recognised group that an operation is in, or itself.
pub(super) fn group(side: &Side<'_>, number: usize) -> ItemId {
    let leaf = side.tree.leaves[number];
    let parent = side.tree.items[leaf].parent;
    parent.filter(|&parent| matches!(side.tree.items[parent].what, What::Pattern(_))).unwrap_or(leaf)
}

fn reading(comparison: &Comparison<'_>, rewired: &super::flow::Rewired) -> Unit {
    let Comparison { before, after, .. } = comparison;
    let from = |side: &Side<'_>, place: usize| match side.source(rewired.sources[place]) {
        Some(source) => label(side, group(side, source)),
        None => "tensor from outside".to_owned(),
    };
    let (ours, theirs) = (from(before, 0), from(after, 1));
    let details = match ours == theirs {
        false => vec![format!("reads {ours} -> {theirs}")],
        true => vec![format!("reads another {ours}")],
    };
    let (item, twin) = (group(before, rewired.before), group(after, rewired.after));
    let what = label(before, item);
    let (ours, theirs) = (before.tree.path(item), after.tree.path(twin));
    Unit { change: Change::Rewired, what, details, before: Some(ours), after: Some(theirs) }
}

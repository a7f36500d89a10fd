//! Which boxes of a view are marked, and which edges may be.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Comparison;
use super::facets::Facets;
use super::side::Side;
use crate::captured::Place;
use crate::drawing::Mark;
use crate::fold::Argument;
use crate::view::{BoxId, BoxKind, EdgeRole, View};

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Same,
    Changed,
    Moved,
    /// It has no counterpart.
    Alone,
}

/// At most so many differences are in a tooltip, and in a text.
const NOTES: usize = 5;

/// A view, and which box stands for which operation.
pub(super) type Owned = (View, Vec<Option<BoxId>>);

/// In what boxes differ.
pub(super) type Notes = BTreeMap<BoxId, Vec<String>>;

/// What is on one side alone.
pub(super) const ALONE: [Mark; 2] = [Mark::Removed, Mark::Added];

/// Adds to what is said of a box, if there is room and it is not said yet.
pub(super) fn add_note(notes: &mut Notes, id: BoxId, text: &str) {
    let said = notes.entry(id).or_default();
    if said.len() < NOTES && !said.iter().any(|known| known == text) {
        said.push(text.to_owned());
    }
}

/// What became of every operation of both graphs.
pub(super) fn fates(
    comparison: &Comparison<'_>,
    facets: &HashMap<usize, Facets>,
) -> [HashMap<usize, Fate>; 2] {
    let Comparison { before, after, pairs, .. } = comparison;
    let alone = pairs.alone(before, after);
    let fate_of = |a: usize| match () {
        () if alone[0].contains(&a) => Fate::Alone,
        () if pairs.moved[a] => Fate::Moved,
        () if facets.contains_key(&a) => Fate::Changed,
        () => Fate::Same,
    };
    let ours = before.operations.iter().map(|&a| (a, fate_of(a))).collect();
    let theirs = after.operations.iter().map(|&b| {
        let fate = match pairs.before_of[b] {
            Some(a) => fate_of(a),
            None if alone[1].contains(&b) => Fate::Alone,
            None => Fate::Same,
        };
        (b, fate)
    });
    [ours, theirs.collect()]
}

/// The live operations of each box, those of an open box being those inside of it.
pub(super) fn contents(
    side: &Side<'_>,
    view: &View,
    owners: &[Option<BoxId>],
    leaves_only: bool,
) -> BTreeMap<BoxId, Vec<usize>> {
    let mut contents: BTreeMap<BoxId, Vec<usize>> = BTreeMap::new();
    for &number in side.operations.iter().filter(|&&number| side.wiring.live[number]) {
        let Some(owner) = owners[number].filter(|&owner| view.is_leaf(owner)) else { continue };
        match leaves_only {
            true => contents.entry(owner).or_default().push(number),
            false => view.ancestors(owner).for_each(|id| contents.entry(id).or_default().push(number)),
        }
    }
    contents
}

pub(super) fn leaf_marks(
    side: &Side<'_>,
    view: &View,
    owners: &[Option<BoxId>],
    fates: &HashMap<usize, Fate>,
    alone: Mark,
) -> BTreeMap<BoxId, Mark> {
    let fate = |number: &usize| fates.get(number).copied().unwrap_or(Fate::Same);
    let (mut marks, mut counted) = (BTreeMap::new(), HashSet::new());
    // Of equal layers, there may be more on one side: that is said of their frame, and not of what is in it.
    for (id, operations) in contents(side, view, owners, false) {
        let repeat = view.boxes[id].repeat;
        if view.is_leaf(id) || repeat < 2 || operations.len() % repeat != 0 {
            continue;
        }
        let copies: Vec<&[usize]> = operations.chunks(operations.len() / repeat).collect();
        let is_alone = |copy: &&&[usize]| copy.iter().all(|number| fate(number) == Fate::Alone);
        let missing: Vec<_> = copies.iter().filter(is_alone).collect();
        if !missing.is_empty() && missing.len() < repeat {
            marks.insert(id, Mark::Changed);
            counted.extend(missing.into_iter().flat_map(|copy| copy.iter().copied()));
        }
    }
    for (id, operations) in contents(side, view, owners, true) {
        let fates: Vec<Fate> =
            operations.iter().filter(|number| !counted.contains(*number)).map(fate).collect();
        let all = |wanted: Fate| fates.iter().all(|&fate| fate == wanted);
        let mark = match () {
            () if fates.is_empty() || all(Fate::Same) => continue,
            () if all(Fate::Alone) => alone,
            () if all(Fate::Moved) => Mark::Moved,
            () => Mark::Changed,
        };
        marks.insert(id, mark);
    }
    marks
}

/// An open box is marked as all that is in it.
pub(super) fn frames(view: &View, marks: &mut BTreeMap<BoxId, Mark>) {
    for id in (1..view.boxes.len()).rev() {
        let mut inside = view.boxes[id].children.iter().map(|child| marks.get(child).copied());
        let Some(Some(first)) = inside.next() else { continue };
        if first != Mark::Changed && inside.all(|mark| mark == Some(first)) {
            marks.entry(id).or_insert(first);
        }
    }
}

/// What became of inputs and outputs: nothing is said of those that are the same, and those without a mark are on this
/// side alone.
pub(super) fn ends(comparison: &Comparison<'_>, views: &[Owned; 2]) -> [BTreeMap<BoxId, Option<Mark>>; 2] {
    let Comparison { before, after, outer, pairs, .. } = comparison;
    let changed: HashSet<String> = outer
        .inputs(before, after)
        .into_iter()
        .filter(|(_, _, same)| !same)
        .filter_map(|(a, _, _)| super::outer::inputs(before).nth(a))
        .map(|input| format!("input:{}", input.name))
        .collect();
    // Which boxes stand for counterparts.
    let mut twins: HashSet<(BoxId, BoxId)> = HashSet::new();
    for (a, b) in pairs.after_of.iter().enumerate().filter_map(|(a, b)| Some((a, (*b)?))) {
        if let (Some(x), Some(y)) = (views[0].1[a], views[1].1[b]) {
            twins.insert((x, y));
        }
    }
    let neighbours = |view: &View, id: BoxId| -> Vec<BoxId> {
        let ends = view.edges.iter().filter(|edge| edge.from == id || edge.to == id);
        ends.map(|edge| if edge.from == id { edge.to } else { edge.from }).collect()
    };
    let boundaries = |view: &View| -> Vec<BoxId> {
        let of = |&id: &BoxId| matches!(view.boxes[id].kind, BoxKind::Input | BoxKind::Output);
        view.boxes[View::ROOT].children.iter().copied().filter(of).collect()
    };
    let (mut ours, mut theirs) = (boundaries(&views[0].0), boundaries(&views[1].0));
    let mut found: [BTreeMap<BoxId, Option<Mark>>; 2] = Default::default();
    let (left, right) = (&views[0].0, &views[1].0);
    let same_key = |x: BoxId, y: BoxId| left.boxes[x].key == right.boxes[y].key;
    let same_place = |x: BoxId, y: BoxId| {
        let readers = neighbours(right, y);
        let meets = |x: &BoxId| readers.iter().any(|&y| twins.contains(&(*x, y)));
        left.boxes[x].kind == right.boxes[y].kind && neighbours(left, x).iter().any(meets)
    };
    let same_name = |x: BoxId, y: BoxId| {
        left.boxes[x].kind == right.boxes[y].kind && left.boxes[x].label == right.boxes[y].label
    };
    let rules: [&dyn Fn(BoxId, BoxId) -> bool; 3] = [&same_key, &same_place, &same_name];
    for rule in rules {
        ours.retain(|&x| {
            let Some(place) = theirs.iter().position(|&y| rule(x, y)) else { return true };
            let y = theirs.remove(place);
            if changed.contains(&left.boxes[x].key) {
                found[0].insert(x, Some(Mark::Changed));
                found[1].insert(y, Some(Mark::Changed));
            }
            false
        });
    }
    found[0].extend(ours.into_iter().map(|x| (x, None)));
    found[1].extend(theirs.into_iter().map(|y| (y, None)));
    found
}

/// The edge that leads from a source to its reader.
pub(super) fn edge(
    side: &Side<'_>,
    view: &View,
    owners: &[Option<BoxId>],
    reader: usize,
    source: Argument,
) -> Option<usize> {
    let leaf = |number: usize| owners[number].filter(|&id| view.is_leaf(id));
    let to = leaf(reader)?;
    // Back through what is not shown.
    let mut from = source;
    let found = loop {
        match from.place {
            Place::Operation(number) if side.inside[number] => match leaf(number) {
                Some(id) => break Some(id),
                None => from = *side.wiring.arguments[number].first()?,
            },
            _ => break None,
        }
    };
    let fits = |edge: &&crate::view::ViewEdge| {
        edge.to == to
            && match found {
                Some(id) => edge.from == id,
                None => view.boxes[edge.from].kind == BoxKind::Input && edge.role != EdgeRole::Flow,
            }
    };
    view.edges.iter().position(|edge| fits(&edge))
}

//! What differs is marked on both sides: a box that lost or gained something has a counterpart that has it, or lacks it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Comparison;
use super::boxes::{ALONE, Fate, Notes, Owned, add_note, contents};
use super::side::Side;
use super::units::{group, label};
use crate::digits::times;
use crate::drawing::Mark;
use crate::view::{BoxId, View};

type Boxes = BTreeMap<BoxId, Mark>;

/// The live operations of each box of both views.
type Contents = [BTreeMap<BoxId, Vec<usize>>; 2];

/// Marks the counterparts of what is marked as changed, and notes what changed of both.
pub(super) fn complete(
    comparison: &Comparison<'_>,
    views: &[Owned; 2],
    fates: &[HashMap<usize, Fate>; 2],
    boxes: &mut [Boxes; 2],
    notes: &mut [Notes; 2],
) {
    let sides = [&comparison.before, &comparison.after];
    let contents: Contents =
        [0, 1].map(|place| contents(sides[place], &views[place].0, &views[place].1, false));
    for place in [0, 1] {
        let other = 1 - place;
        let changed = boxes[place].iter().filter(|&(_, &mark)| mark == Mark::Changed);
        for id in changed.map(|(&id, _)| id).collect::<Vec<_>>() {
            let Some(operations) = contents[place].get(&id) else { continue };
            let twin = counterpart(comparison, views, &contents, place, id);
            let said = match counted(views, place, id, twin) {
                Some(counted) => vec![counted],
                None => alone(sides[place], operations, &fates[place], ALONE[place]),
            };
            said.iter().for_each(|text| add_note(&mut notes[place], id, text));
            let Some(twin) = twin.filter(|&twin| !has_marks_inside(&views[other].0, &boxes[other], twin))
            else {
                continue;
            };
            if *boxes[other].entry(twin).or_insert(Mark::Changed) == Mark::Changed {
                said.iter().for_each(|text| add_note(&mut notes[other], twin, text));
            }
        }
    }
}

/// What of a box has no counterpart: `Mask removed`.
fn alone(side: &Side<'_>, operations: &[usize], fates: &HashMap<usize, Fate>, mark: Mark) -> Vec<String> {
    let is_alone = |number: &&usize| fates.get(number) == Some(&Fate::Alone);
    let mut said: Vec<String> = Vec::new();
    for &number in operations.iter().filter(is_alone) {
        let text = format!("{} {}", label(side, group(side, number)), mark.word());
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said
}

/// How often equal layers are there on both sides, if that is what differs.
fn counted(views: &[Owned; 2], place: usize, id: BoxId, twin: Option<BoxId>) -> Option<String> {
    let mut repeats = [views[place].0.boxes[id].repeat, views[1 - place].0.boxes[twin?].repeat];
    if place == 1 {
        repeats.reverse();
    }
    let [before, after] = repeats;
    (before != after).then(|| format!("{}, now {}", times(before), times(after)))
}

/// The box of the other view that stands for the same: the innermost one around all counterparts of its operations, if
/// it holds no counterpart of anything else.
fn counterpart(
    comparison: &Comparison<'_>,
    views: &[Owned; 2],
    contents: &Contents,
    place: usize,
    id: BoxId,
) -> Option<BoxId> {
    let pairs = &comparison.pairs;
    let partners = [&pairs.after_of, &pairs.before_of];
    let owners_of = |place: usize, id: BoxId| -> BTreeSet<BoxId> {
        let (view, owners) = &views[1 - place];
        let twins =
            contents[place].get(&id).into_iter().flatten().filter_map(|&number| partners[place][number]);
        twins.filter_map(|twin| owners[twin]).filter(|&owner| view.is_leaf(owner)).collect()
    };
    let twin = around(&views[1 - place].0, &owners_of(place, id)).filter(|&twin| twin != View::ROOT)?;
    let is_within = |&owner: &BoxId| views[place].0.ancestors(owner).any(|around| around == id);
    owners_of(1 - place, twin).iter().all(is_within).then_some(twin)
}

/// The innermost box around all.
fn around(view: &View, boxes: &BTreeSet<BoxId>) -> Option<BoxId> {
    let mut boxes = boxes.iter().copied();
    let mut chain: Vec<BoxId> = view.ancestors(boxes.next()?).collect();
    for id in boxes {
        let others: Vec<BoxId> = view.ancestors(id).collect();
        let common = chain.iter().position(|id| others.contains(id))?;
        chain.drain(..common);
    }
    chain.first().copied()
}

fn has_marks_inside(view: &View, marks: &Boxes, frame: BoxId) -> bool {
    marks.keys().any(|&id| id != frame && view.ancestors(id).any(|around| around == frame))
}

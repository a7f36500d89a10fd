//! What is to be seen of a comparison in two views: marks, and what is said of what is marked.

use std::collections::{BTreeMap, HashSet};

use super::boxes::{ALONE, Notes, Owned, add_note, edge, ends, fates, frames, leaf_marks};
use super::{Comparison, counterparts, facets};
use crate::drawing::{Mark, Marks};

/// What is to be shown of a comparison.
#[derive(Debug)]
pub(super) struct Shown {
    /// The marks of both views.
    pub(super) marks: [Marks; 2],
    /// In what the boxes of both views differ from their counterparts.
    pub(super) notes: [Notes; 2],
    /// Edges that start elsewhere: the one on the left, and the one on the right.
    pub(super) lines: Vec<[Option<usize>; 2]>,
}

/// What is marked in both views. In what a box says of itself when the pointer rests on it, it says in what it differs.
pub(super) fn shown(comparison: &Comparison<'_>, views: &mut [Owned; 2]) -> Shown {
    let Comparison { before, after, pairs, outer, .. } = comparison;
    let facets = facets::all(before, after, pairs, outer);
    let fates = fates(comparison, &facets);
    let ends = ends(comparison, views);
    let mut boxes = [0, 1].map(|place| {
        let (view, owners) = &views[place];
        let mut boxes = leaf_marks([before, after][place], view, owners, &fates[place], ALONE[place]);
        boxes.extend(ends[place].iter().map(|(&id, &mark)| (id, mark.unwrap_or(ALONE[place]))));
        boxes
    });
    let mut notes = [Notes::new(), Notes::new()];
    counterparts::complete(comparison, views, &fates, &mut boxes, &mut notes);
    for (&a, facets) in facets.iter().collect::<BTreeMap<_, _>>() {
        let texts = || facets.own.iter().chain(&facets.shapes);
        texts().for_each(|text| note(&mut notes[0], &views[0], a, text));
        if let Some(b) = pairs.after_of[a] {
            texts().for_each(|text| note(&mut notes[1], &views[1], b, text));
        }
    }
    let lines = lines(comparison, views);
    for ((view, _), (boxes, notes)) in views.iter_mut().zip(boxes.iter_mut().zip(&notes)) {
        frames(view, boxes);
        for (&id, notes) in notes {
            let found = &mut view.boxes[id];
            if found.children.is_empty() {
                found.detail.extend(notes.iter().map(|text| format!("differs: {text}")));
            }
        }
    }
    let mut place = 0;
    let marks = boxes.map(|boxes| {
        let edges = lines.iter().filter_map(|line| line[place]).map(|edge| (edge, Mark::Moved)).collect();
        place += 1;
        Marks { boxes, edges }
    });
    Shown { marks, notes, lines }
}

/// The edges that start elsewhere, each pair once.
fn lines(comparison: &Comparison<'_>, views: &[Owned; 2]) -> Vec<[Option<usize>; 2]> {
    let (mut lines, mut known) = (Vec::new(), HashSet::new());
    for rewired in &comparison.rewired {
        let ends = [(&comparison.before, rewired.before), (&comparison.after, rewired.after)];
        let line = [0, 1].map(|place| {
            let ((side, reader), (view, owners)) = (ends[place], &views[place]);
            edge(side, view, owners, reader, rewired.sources[place])
        });
        if line.iter().any(Option::is_some) && known.insert(line) {
            lines.push(line);
        }
    }
    lines
}

/// Adds what differs to what is said of an operation's box, if there is room.
fn note(notes: &mut Notes, (view, owners): &Owned, number: usize, text: &str) {
    if let Some(id) = owners[number].filter(|&id| view.is_leaf(id)) {
        add_note(notes, id, text);
    }
}

//! What boxes are called in a text: each so that a reader knows which one is meant.
//!
//! A label alone will do where no other box beside it has it. Of several, each is told by its note, or by the one box
//! before it, or the one after it, as a person would say it: "Add & Norm after Feed Forward". What can't be told apart
//! like that is counted: "Reshape 2 of 7".

use std::collections::{BTreeMap, HashMap, HashSet};

use super::near::Near;
use crate::view::{BoxId, View};

/// The names of all boxes of a view.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    view: &'a View,
    /// What a box is called among its siblings.
    own: Vec<String>,
    /// Equal numbers for equal names.
    number: Vec<usize>,
    /// How many boxes have a name and stand in a frame that is called so.
    places: HashMap<(usize, &'a str), usize>,
    /// Which names there are in a frame, at whatever depth.
    within: HashSet<(BoxId, usize)>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        let own = own_names(view);
        let mut known: HashMap<&str, usize> = HashMap::new();
        let number = own.iter().map(|name| {
            let next = known.len();
            *known.entry(name).or_insert(next)
        });
        let number: Vec<usize> = number.collect();
        let (mut places, mut within) = (HashMap::new(), HashSet::new());
        for (id, &name) in number.iter().enumerate().skip(1) {
            *places.entry((name, frame(view, id))).or_default() += 1;
            within.extend(view.ancestors(id).skip(1).map(|frame| (frame, name)));
        }
        Self { view, own, number, places, within }
    }

    /// Its name among its siblings.
    pub(crate) fn of(&self, id: BoxId) -> &str {
        &self.own[id]
    }

    /// What a box is called where nothing around it is spoken of.
    pub(crate) fn in_full(&self, id: BoxId) -> String {
        self.seen_from(View::ROOT, id)
    }

    /// What a box is called where `from` is spoken of: with the frames that lead to it, and with a word of warning if
    /// something nearer has the same name.
    pub(crate) fn seen_from(&self, from: BoxId, to: BoxId) -> String {
        let (name, place) = self.parts_seen_from(from, to);
        format!("{name}{place}")
    }

    /// The same in two parts: the name, and where that is.
    pub(super) fn parts_seen_from(&self, from: BoxId, to: BoxId) -> (&str, String) {
        let around: Vec<BoxId> = self.view.ancestors(from).collect();
        let frames: Vec<BoxId> =
            self.view.ancestors(to).skip(1).take_while(|frame| !around.contains(frame)).collect();
        let mut place = String::new();
        let mut is_doubtful = self.is_doubtful(to);
        for (height, &frame) in frames.iter().enumerate() {
            // The next frame says which of several places it is.
            if height == 0 || is_doubtful {
                place += &of_the(&self.own[frame]);
                is_doubtful &= self.is_doubtful(frame);
            }
        }
        let left = self.left(from, to).filter(|_| frames.is_empty());
        if let Some(frame) = left.filter(|&frame| self.within.contains(&(frame, self.number[to]))) {
            place = format!(" outside{}", of_the(&self.own[frame]));
        }
        (&self.own[to], place)
    }

    /// Whether a name and that of the frame around leave open which box is meant.
    fn is_doubtful(&self, id: BoxId) -> bool {
        self.places.get(&(self.number[id], frame(self.view, id))).is_some_and(|&count| count > 1)
    }

    /// The outermost frame around `from` that `to` is not in.
    fn left(&self, from: BoxId, to: BoxId) -> Option<BoxId> {
        let around: Vec<BoxId> = self.view.ancestors(to).collect();
        self.view.ancestors(from).skip(1).take_while(|frame| !around.contains(frame)).last()
    }
}

/// The label of the frame around a box.
fn frame(view: &View, id: BoxId) -> &str {
    view.boxes[id].parent.map_or("", |frame| &view.boxes[frame].label)
}

/// ` of the Encoder layer`, but ` of block 3`.
fn of_the(name: &str) -> String {
    let article = if name.ends_with(|c: char| c.is_ascii_digit()) { "" } else { "the " };
    format!(" of {article}{name}")
}

/// What each box is called among its siblings.
fn own_names(view: &View) -> Vec<String> {
    let mut own: Vec<Option<String>> = vec![None; view.boxes.len()];
    let mut open: Vec<Vec<BoxId>> = Vec::new();
    for parent in &view.boxes {
        let mut alike: BTreeMap<&str, Vec<BoxId>> = BTreeMap::new();
        for &child in &parent.children {
            alike.entry(&view.boxes[child].label).or_default().push(child);
        }
        for ids in alike.into_values() {
            let rest = by_note(view, &ids, &mut own);
            open.extend(Some(rest).filter(|rest| !rest.is_empty()));
        }
    }
    let near = Near::new(view);
    // Only what has a name already can tell others apart.
    let told = own.clone();
    // What tells each box apart from others of its label.
    let mut more: Vec<Option<String>> = vec![None; view.boxes.len()];
    for ids in &open {
        let after = by_neighbour("after", ids, &near.before, &told);
        let before = by_neighbour("before", ids, &near.after, &told);
        // One way for all, if there is one.
        let is_better = after.contains(&None) && !before.contains(&None);
        let (first, second) = if is_better { (before, after) } else { (after, before) };
        for (&id, ways) in ids.iter().zip(first.into_iter().zip(second)) {
            more[id] = ways.0.or(ways.1);
        }
    }
    let direct = more.clone();
    for ids in &open {
        for (word, neighbours) in [("after", &near.before), ("before", &near.after)] {
            inherit(word, ids, neighbours, &direct, &mut more);
        }
        for (n, &id) in ids.iter().enumerate() {
            let more = more[id].take().unwrap_or_else(|| format!("{} of {}", n + 1, ids.len()));
            own[id] = Some(format!("{} {more}", view.boxes[id].label));
        }
    }
    let found = own.into_iter().zip(&view.boxes);
    found.map(|(name, found)| name.unwrap_or_else(|| found.label.clone())).collect()
}

/// What comes before a sum that comes before the encoder comes before the encoder, too: that tells boxes apart that
/// nothing else does.
fn inherit(
    word: &str,
    ids: &[BoxId],
    neighbours: &[Vec<BoxId>],
    direct: &[Option<String>],
    more: &mut [Option<String>],
) {
    let inherited = |id: BoxId| match neighbours[id].as_slice() {
        [only] => direct[*only].as_ref().filter(|told| told.starts_with(word)),
        _ => None,
    };
    let mut counts: HashMap<&str, usize> = HashMap::new();
    ids.iter().filter_map(|&id| inherited(id)).for_each(|told| *counts.entry(told).or_default() += 1);
    let known: HashSet<String> = ids.iter().filter_map(|&id| more[id].clone()).collect();
    for &id in ids.iter().filter(|&&id| more[id].is_none()).collect::<Vec<_>>() {
        more[id] = inherited(id).filter(|told| counts[told.as_str()] == 1 && !known.contains(*told)).cloned();
    }
}

/// Names siblings with the same label by it alone, if there is one, or else by their notes; gives back the others.
fn by_note(view: &View, ids: &[BoxId], own: &mut [Option<String>]) -> Vec<BoxId> {
    let label = |id: BoxId| view.boxes[id].label.clone();
    let mut notes: HashMap<&str, usize> = HashMap::new();
    let note = |id: BoxId| view.boxes[id].note.as_deref();
    ids.iter().filter_map(|&id| note(id)).for_each(|note| *notes.entry(note).or_default() += 1);
    let mut rest = Vec::new();
    for &id in ids {
        match note(id).filter(|note| notes[note] == 1) {
            _ if ids.len() == 1 => own[id] = Some(label(id)),
            Some(note) => own[id] = Some(format!("{} ({note})", label(id))),
            None => rest.push(id),
        }
    }
    // All others have notes.
    if let [only] = rest[..] {
        own[only] = Some(label(only));
        rest.clear();
    }
    rest
}

/// What tells each of the boxes apart by its only neighbour, if no other has the same.
fn by_neighbour(
    word: &str,
    ids: &[BoxId],
    neighbours: &[Vec<BoxId>],
    told: &[Option<String>],
) -> Vec<Option<String>> {
    let only = |id: &BoxId| match neighbours[*id].as_slice() {
        [only] => told[*only].as_deref(),
        _ => None,
    };
    let names: Vec<Option<&str>> = ids.iter().map(only).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    names.iter().flatten().for_each(|name| *counts.entry(name).or_default() += 1);
    names
        .iter()
        .map(|name| name.filter(|name| counts[name] == 1).map(|name| format!("{word} {name}")))
        .collect()
}

//! What is marked in the picture of a comparison, in words: what is counted is what is seen.

use std::collections::HashMap;

use super::Comparison;
use super::boxes::Owned;
use super::shown::Shown;
use crate::digits::times;
use crate::drawing::{Mark, Names, escape};
use crate::view::{BoxId, BoxKind, View};

/// What differs, of each sort.
pub(super) struct Told {
    sorts: Vec<Sort>,
    /// What is said where nothing is marked.
    nothing: String,
}

/// What differs in the same way.
struct Sort {
    word: &'static str,
    count: usize,
    /// What it is; what is the same is said once.
    items: Vec<String>,
}

/// Tells what is marked.
pub(super) fn tell(comparison: &Comparison<'_>, views: &[Owned; 2], shown: &Shown) -> Told {
    let names = [Names::new(&views[0].0), Names::new(&views[1].0)];
    let marked = |mark: Mark, side: usize| -> Vec<BoxId> {
        let boxes = &shown.marks[side].boxes;
        // What is in a frame that was added was added with it.
        let goes_without_saying = |id: BoxId| {
            let mut around = views[side].0.ancestors(id).skip(1);
            mark != Mark::Changed && around.any(|frame| boxes.get(&frame) == Some(&mark))
        };
        let marked = boxes.iter().filter(|&(_, &found)| found == mark).map(|(&id, _)| id);
        marked.filter(|&id| !goes_without_saying(id)).collect()
    };
    let mut sorts = Vec::new();
    for mark in [Mark::Removed, Mark::Added, Mark::Changed, Mark::Moved] {
        // What is on both sides is told as it was, unless there is more of it now.
        let side = match mark {
            Mark::Removed => 0,
            Mark::Added => 1,
            Mark::Changed | Mark::Moved => usize::from(marked(mark, 0).len() < marked(mark, 1).len()),
        };
        let ids = marked(mark, side);
        let items = items(&views[side].0, &names[side], &ids, |id| {
            shown.notes[side].get(&id).filter(|_| mark == Mark::Changed).map(|notes| notes.join("; "))
        });
        sorts.extend((!ids.is_empty()).then(|| Sort { word: mark.word(), count: ids.len(), items }));
    }
    let lines: Vec<String> = shown.lines.iter().map(|&line| elsewhere(views, &names, line)).collect();
    if !lines.is_empty() {
        let word = if lines.len() == 1 { "line starts elsewhere" } else { "lines start elsewhere" };
        sorts.push(Sort { word, count: lines.len(), items: lines });
    }
    let nothing = match comparison.differences().len() {
        0 => "No difference".to_owned(),
        1 => "The one difference is in what is not shown".to_owned(),
        n => format!("The {n} differences are in what is not shown"),
    };
    Told { sorts, nothing }
}

impl Told {
    /// `1 removed, 2 added`, or that there is nothing.
    fn counts(&self) -> String {
        match self.sorts.as_slice() {
            [] => self.nothing.clone(),
            sorts => {
                let counts: Vec<String> =
                    sorts.iter().map(|sort| format!("{} {}", sort.count, sort.word)).collect();
                format!("What differs is marked: {}", counts.join(", "))
            }
        }
    }

    /// For the picture's description.
    pub(super) fn sentence(&self) -> String {
        let sorts = self
            .sorts
            .iter()
            .map(|Sort { word, items, .. }| format!(" {}: {}.", capital(word), items.join("; ")));
        format!("{}.{}", self.counts(), sorts.collect::<String>())
    }

    /// An item of an HTML list.
    pub(super) fn html(&self) -> String {
        let mut html = format!("<li>{}", escape(&self.counts()));
        if !self.sorts.is_empty() {
            html.push_str("<ul>");
            for Sort { word, items, .. } in &self.sorts {
                html += &format!("<li>{}: {}</li>", capital(word), escape(&items.join("; ")));
            }
            html.push_str("</ul>");
        }
        html + "</li>"
    }
}

/// What the boxes are called. Those of one label and one frame, if all are meant, are said once: `Concat, twice`.
fn items(
    view: &View,
    names: &Names<'_>,
    ids: &[BoxId],
    note: impl Fn(BoxId) -> Option<String>,
) -> Vec<String> {
    let mut groups: Vec<(Option<String>, Vec<BoxId>)> = Vec::new();
    let mut known = HashMap::new();
    for &id in ids {
        let found = &view.boxes[id];
        let note = note(id);
        let group =
            *known.entry((found.parent, &found.label, found.kind, note.clone())).or_insert(groups.len());
        if group == groups.len() {
            groups.push((note, Vec::new()));
        }
        groups[group].1.push(id);
    }
    let mut items = Vec::new();
    for (note, ids) in groups {
        let note = note.map(|note| format!(": {}", note.replace(" -> ", ", now "))).unwrap_or_default();
        if ids.len() > 1 && ids.len() == of_one_label(view, ids[0]) {
            let name = names.in_full(ids[0]).replacen(names.of(ids[0]), &view.boxes[ids[0]].label, 1);
            items.push(format!("{name}{}, {}{note}", more(view, ids[0]), times(ids.len())));
        } else {
            items.extend(ids.iter().map(|&id| format!("{}{}{note}", names.in_full(id), more(view, id))));
        }
    }
    items
}

/// How many boxes of that label stand in the frame of a box.
fn of_one_label(view: &View, id: BoxId) -> usize {
    let siblings = view.boxes[id].parent.map_or(&[][..], |parent| &view.boxes[parent].children);
    siblings.iter().filter(|&&other| view.boxes[other].label == view.boxes[id].label).count()
}

/// That a box is an input, and that it is in each of several.
fn more(view: &View, id: BoxId) -> String {
    let word = match view.boxes[id].kind {
        BoxKind::Input => " (input)",
        BoxKind::Output => " (output)",
        _ => "",
    };
    let repeated = view.ancestors(id).skip(1).find(|&frame| view.boxes[frame].repeat > 1);
    let each = repeated.map(|frame| {
        let frame = &view.boxes[frame];
        format!(", in each {} ({})", frame.label, times(frame.repeat))
    });
    format!("{word}{}", each.unwrap_or_default())
}

/// From where to where a line leads that started elsewhere before.
fn elsewhere(views: &[Owned; 2], names: &[Names<'_>; 2], line: [Option<usize>; 2]) -> String {
    let edges = [0, 1].map(|side| line[side].map(|edge| &views[side].0.edges[edge]));
    let from = |side: usize| edges[side].map(|edge| names[side].seen_from(edge.to, edge.from));
    let to = |side: usize| edges[side].map(|edge| names[side].in_full(edge.to));
    let end = to(0).or_else(|| to(1)).unwrap_or_default();
    match (from(0), from(1)) {
        (Some(ours), Some(theirs)) => format!("the one to {end}: at {ours}, now at {theirs}"),
        (Some(ours), None) => format!("the one to {end}: no more at {ours}"),
        (None, theirs) => format!("the one to {end}: now at {}", theirs.unwrap_or_default()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

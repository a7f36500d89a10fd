//! How many: equal ones, residual connections, boxes of a name, parameters.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Asker, Asks, Question};
use crate::digits::{count, thousands};
use crate::view::{BoxId, BoxKind, EdgeRole, View};

/// How many equal ones a box stands for.
pub(super) fn repeats(asker: &Asker<'_>) -> Vec<Question> {
    let view = asker.view;
    let repeated = (1..view.boxes.len()).filter(|&id| view.boxes[id].repeat > 1);
    let ask = |id: BoxId| {
        let found = &view.boxes[id];
        let (each, all) = (thousands(found.each), thousands(found.parameters));
        let parameters = match found.parameters {
            0 => String::new(),
            _ if found.each == found.parameters => format!(" They share their {all} parameters."),
            _ => format!(" Each of them has {each} parameters, and all together have {all}."),
        };
        let asks = format!("{} stands for several equal ones in a row. How many?", asker.name(id));
        let because = format!("“{}×” stands beside it.{parameters}", found.repeat);
        asker.question(Asks::Repeats, id, asks, format!("{}.", count(found.repeat)), because)
    };
    repeated.map(ask).collect()
}

/// How many residual connections end directly in a frame.
pub(super) fn residuals(asker: &Asker<'_>) -> Vec<Question> {
    let view = asker.view;
    let mut ends: BTreeMap<BoxId, Vec<BoxId>> = BTreeMap::new();
    for edge in view.edges.iter().filter(|edge| edge.role == EdgeRole::Residual) {
        ends.entry(view.boxes[edge.to].parent.unwrap_or(View::ROOT)).or_default().push(edge.to);
    }
    let mut frames: Vec<(BoxId, Vec<BoxId>)> = ends.into_iter().collect();
    frames.sort_by_key(|(frame, ends)| (Reverse(ends.len()), *frame));
    let ask = |(frame, mut ends): (BoxId, Vec<BoxId>)| {
        let whose = match view.boxes[frame].repeat {
            _ if frame == View::ROOT => "are in this picture".to_owned(),
            0 | 1 => format!("has {}", asker.name(frame)),
            _ => format!("has one {}", asker.name(frame)),
        };
        let total = ends.len();
        ends.sort_unstable();
        ends.dedup();
        let ends = ends.iter().map(|&end| format!("“{}”", asker.names.seen_from(frame, end)));
        let (they, end) = if total == 1 { ("It ends", "There") } else { ("They end", "There") };
        let because = format!(
            "{they} in {}. {end}, what came around is added to what was computed.",
            super::listed(&ends.collect::<Vec<_>>())
        );
        let asks = format!("How many residual connections {whose}?");
        asker.question(Asks::Residuals, frame, asks, format!("{}.", count(total)), because)
    };
    frames.into_iter().map(ask).collect()
}

/// How many boxes have the same name.
pub(super) fn boxes(asker: &Asker<'_>) -> Vec<Question> {
    let view = asker.view;
    let mut alike: BTreeMap<&str, Vec<BoxId>> = BTreeMap::new();
    let is_named =
        |id: &BoxId| !matches!(view.boxes[*id].kind, BoxKind::Add | BoxKind::Input | BoxKind::Output);
    for id in asker.leaves().filter(is_named) {
        alike.entry(&view.boxes[id].label).or_default().push(id);
    }
    let mut several: Vec<Vec<BoxId>> = alike.into_values().filter(|ids| ids.len() > 1).collect();
    several.sort_by_key(|ids| (Reverse(ids.len()), ids[0]));
    let ask = |ids: Vec<BoxId>| {
        let label = &view.boxes[ids[0]].label;
        let asks = format!("How many boxes in this picture are called “{label}”?");
        let because = format!("They are {}.", asker.named(&ids));
        asker.question(Asks::Boxes, ids[0], asks, format!("{}.", count(ids.len())), because)
    };
    several.into_iter().map(ask).collect()
}

/// How many parameters a box has; those in repeated frames come first, and the largest first of all.
pub(super) fn parameters(asker: &Asker<'_>) -> Vec<Question> {
    let view = asker.view;
    let mut having: Vec<BoxId> = asker.leaves().filter(|&id| view.boxes[id].parameters > 0).collect();
    having.sort_by_key(|&id| (copies(view, id) == 1, Reverse(view.boxes[id].each), id));
    // Of boxes with the same name and as many parameters, one will do.
    let mut asked: Vec<(&str, usize)> = Vec::new();
    having.retain(|&id| {
        let known = (view.boxes[id].label.as_str(), view.boxes[id].each);
        let is_new = !asked.contains(&known);
        asked.extend(is_new.then_some(known));
        is_new
    });
    having.into_iter().map(|id| parameters_of(asker, id)).collect()
}

fn parameters_of(asker: &Asker<'_>, id: BoxId) -> Question {
    let view = asker.view;
    let found = &view.boxes[id];
    let one = if copies(view, id) > 1 { "one " } else { "" };
    let asks = format!("How many parameters has {one}{}?", asker.name(id));
    let around = found.parent.filter(|&parent| view.boxes[parent].each > found.each);
    let part = |parent: BoxId| {
        let share = match 100.0 * found.each as f64 / view.boxes[parent].each as f64 {
            share if share >= 99.5 => "nearly all".to_owned(),
            share if share < 0.5 => "next to nothing".to_owned(),
            share => format!("{share:.0} %"),
        };
        format!("That is {share} of what is in {}", asker.place(parent))
    };
    let mut because = around.map_or_else(|| "It has all that there are".to_owned(), part);
    let frames: Vec<BoxId> = view.ancestors(id).filter(|&frame| view.boxes[frame].repeat > 1).collect();
    let is_shared = frames.iter().any(|&frame| view.boxes[frame].each == view.boxes[frame].parameters);
    if !frames.is_empty() && !is_shared {
        let copies = copies(view, id);
        because += &format!("; all {} together have {}", count(copies), thousands(copies * found.each));
    }
    asker.question(Asks::Parameters, id, asks, format!("{}.", thousands(found.each)), because + ".")
}

/// How many there are of a box, with those in the copies of frames around it.
fn copies(view: &View, id: BoxId) -> usize {
    view.ancestors(id).map(|frame| view.boxes[frame].repeat.max(1)).product()
}

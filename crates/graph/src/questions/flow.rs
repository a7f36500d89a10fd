//! What goes where: what a box reads, who reads the same, what comes next, and in which shape.

use std::cmp::Reverse;

use super::{Asker, Asks, Question, capital, listed};
use crate::digits::{count, times};
use crate::view::{BoxId, BoxKind, EdgeRole, ViewEdge};

/// What boxes read that read several things; those that read from another tower come first.
pub(super) fn reads(asker: &Asker<'_>) -> Vec<Question> {
    let is_sum = |id: BoxId| asker.view.boxes[id].kind == BoxKind::Add;
    let mut reading: Vec<BoxId> = asker.leaves().filter(|&id| asker.is_inside(id) && !is_sum(id)).collect();
    reading.retain(|&id| sources(&asker.entering[id]).len() > 1);
    let is_lateral = |id: BoxId| asker.entering[id].iter().any(|edge| edge.role == EdgeRole::Lateral);
    reading.sort_by_key(|&id| (!is_lateral(id), Reverse(sources(&asker.entering[id]).len()), id));
    reading.into_iter().map(|id| reads_of(asker, id)).collect()
}

fn reads_of(asker: &Asker<'_>, id: BoxId) -> Question {
    let edges = &asker.entering[id];
    let from = |edge: &&ViewEdge| match edge.uses {
        0 | 1 => asker.name(edge.from),
        uses => format!("{} ({})", asker.name(edge.from), times(uses)),
    };
    // A line that ends in several heads is read as often.
    let with = |edge: &&ViewEdge| {
        let often = if edge.uses > 1 { format!("{} ", times(edge.uses)) } else { String::new() };
        Some(format!("{often}{} from {}", edge.shape.as_ref()?, asker.name(edge.from)))
    };
    let shapes: Vec<String> = edges.iter().filter_map(with).collect();
    let lines = capital(&count(edges.iter().map(|edge| edge.uses.max(1)).sum()));
    let because = match shapes.is_empty() {
        true => format!("{lines} arrows end in it."),
        false => format!("{lines} arrows end in it: {}.", listed(&shapes)),
    };
    let asks = format!("What does {} read?", asker.name(id));
    let answer = format!("{}.", listed(&edges.iter().map(from).collect::<Vec<_>>()));
    asker.question(Asks::Reads, id, asks, answer, because)
}

/// Which boxes read the same thing; that of inputs comes first.
pub(super) fn readers(asker: &Asker<'_>) -> Vec<Question> {
    let mut read: Vec<(BoxId, Vec<BoxId>)> = asker.leaves().map(|id| (id, readers_of(asker, id))).collect();
    read.retain(|(_, to)| to.len() > 1);
    read.sort_by_key(|(id, to)| (asker.is_inside(*id), Reverse(to.len()), *id));
    let ask = |(id, to): (BoxId, Vec<BoxId>)| {
        let asks = format!("Which boxes read {}?", asker.name(id));
        let shape = asker.leaving[id].iter().find_map(|edge| edge.shape.as_ref());
        let carried = shape.map_or_else(String::new, |shape| format!(", with {shape}"));
        let because = format!("{} lines lead there from it{carried}.", capital(&count(to.len())));
        asker.question(Asks::Readers, id, asks, format!("{}.", asker.named(&to)), because)
    };
    read.into_iter().map(ask).collect()
}

fn readers_of(asker: &Asker<'_>, id: BoxId) -> Vec<BoxId> {
    let edges = asker.leaving[id].iter().filter(|edge| edge.role != EdgeRole::Residual);
    different(edges.map(|edge| edge.to))
}

/// Which box comes right after another, where it is only one; what computes comes before what moves data.
pub(super) fn next(asker: &Asker<'_>) -> Vec<Question> {
    let boxes = &asker.view.boxes;
    let rank = |id: BoxId| match boxes[id].kind {
        BoxKind::Other => 0,
        BoxKind::Activation | BoxKind::Mask => 1,
        BoxKind::Attention | BoxKind::Recurrent => 2,
        BoxKind::Norm | BoxKind::FeedForward | BoxKind::Linear | BoxKind::Convolution => 3,
        _ => 4,
    };
    // Where a frame ends, it may begin again.
    let is_next = |id: BoxId, edge: &ViewEdge| {
        asker.is_inside(edge.to) && edge.to != id && boxes[edge.to].parent == boxes[id].parent
    };
    let mut followed: Vec<(BoxId, &ViewEdge)> = Vec::new();
    for id in asker.leaves().filter(|&id| asker.is_inside(id)) {
        // What is called after its neighbour would give the answer away.
        if let [edge] = asker.leaving[id][..]
            && is_next(id, edge)
            && !asker.names.of(id).contains(&boxes[edge.to].label)
        {
            followed.push((id, edge));
        }
    }
    followed.sort_by_key(|&(id, _)| (rank(id), id));
    let ask = |(id, edge): (BoxId, &ViewEdge)| {
        let asks = format!("Which box comes right after {}?", asker.name(id));
        let carried = edge.shape.as_ref().map_or_else(String::new, |shape| format!(", with {shape}"));
        let because = format!("A single line leaves {}, and it leads there{carried}.", asker.name(id));
        asker.question(Asks::Next, id, asks, format!("“{}”.", boxes[edge.to].label), because)
    };
    followed.into_iter().map(ask).collect()
}

/// The shape of what leaves a box, where it is another than that of what enters; products of two tensors come first.
pub(super) fn shapes(asker: &Asker<'_>) -> Vec<Question> {
    let boxes = &asker.view.boxes;
    let rank = |id: BoxId| {
        let found = &boxes[id];
        (found.kind != BoxKind::Linear || found.parameters > 0, found.kind != BoxKind::Movement)
    };
    let is_shaped = |id: &BoxId| asker.is_inside(*id) && boxes[*id].shape.is_some();
    let mut shaped: Vec<BoxId> = asker.leaves().filter(is_shaped).collect();
    shaped.sort_by_key(|&id| (rank(id), id));
    let ask = |id: BoxId| {
        let asks = format!("What is the shape of what leaves {}?", asker.name(id));
        let given =
            |edge: &&ViewEdge| Some(format!("{} from {}", edge.shape.as_ref()?, asker.name(edge.from)));
        let given: Vec<String> = asker.entering[id].iter().filter_map(given).collect();
        let because = match given.is_empty() {
            true => "It is written in the box.".to_owned(),
            false => format!("What enters is {}.", listed(&given)),
        };
        let answer = format!("{}.", boxes[id].shape.as_deref().unwrap_or_default());
        asker.question(Asks::Shape, id, asks, answer, because)
    };
    shaped.into_iter().map(ask).collect()
}

fn sources(edges: &[&ViewEdge]) -> Vec<BoxId> {
    different(edges.iter().map(|edge| edge.from))
}

fn different(ids: impl Iterator<Item = BoxId>) -> Vec<BoxId> {
    let mut ids: Vec<BoxId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

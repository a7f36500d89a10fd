//! What a page's script knows of its levels, as JSON.

use serde::Serialize;

use super::escaped::place;
use super::levels::Level;
use crate::graph::ComputationGraph;
use crate::replay::{Program, Repeat, TensorLabel};
use crate::view::{View, ViewBox};

/// All that is told.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    name: &'a str,
    levels: Vec<ToldLevel<'a>>,
    /// By number: what a tensor is called, and its axes.
    tensors: Vec<TensorLabel>,
    /// What has to be given before the program can be carried out, inputs apart.
    missing: Vec<String>,
}

#[derive(Serialize)]
struct ToldLevel<'a> {
    place: String,
    path: &'a str,
    title: &'a str,
    above: &'a [usize],
    boxes: Vec<ToldBox<'a>>,
}

#[derive(Serialize)]
struct ToldBox<'a> {
    key: &'a str,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<&'a str>,
    repeat: usize,
    detail: &'a [String],
    /// The level that it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    inside: Option<usize>,
    #[serde(skip_serializing_if = "<[Repeat]>::is_empty")]
    repeats: &'a [Repeat],
}

/// What is told of these levels.
pub(super) fn told<'a>(
    graph: &'a ComputationGraph,
    program: Option<&Program>,
    levels: &'a [Level],
) -> Told<'a> {
    let missing = program.map(Program::missing).unwrap_or_default();
    Told {
        name: graph.name(),
        levels: levels.iter().map(level).collect(),
        tensors: program.map(|program| program.labels(graph)).unwrap_or_default(),
        missing: missing.into_iter().filter(|what| !what.starts_with("the input ")).collect(),
    }
}

fn level(level: &Level) -> ToldLevel<'_> {
    let View { title, boxes, .. } = &level.view;
    ToldLevel {
        place: place(&level.path),
        path: &level.path,
        title,
        above: &level.above,
        boxes: boxes.iter().enumerate().map(|(id, found)| told_box(level, id, found)).collect(),
    }
}

fn told_box<'a>(level: &'a Level, id: usize, found: &'a ViewBox) -> ToldBox<'a> {
    let ViewBox { key, label, note, shape, repeat, detail, .. } = found;
    ToldBox {
        key,
        label,
        note: note.as_deref(),
        shape: shape.as_deref(),
        repeat: *repeat,
        detail,
        inside: level.inside.get(key).copied(),
        repeats: level.tensors.get(id).map_or(&[], |found| found.repeats.as_slice()),
    }
}

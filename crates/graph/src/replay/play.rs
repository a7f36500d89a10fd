//! A program with its values as one script, for whoever carries it out in a browser.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::base64::{base64, sum};
use super::error::{ProgramError, ValueError};
use super::program::Program;
use super::shown::BoxTensors;
use crate::graph::ComputationGraph;
use crate::operation::{Axis, TensorType};

/// Why a program can't be written as a script.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlayError {
    /// An operation can't be written down.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A value can't be written down.
    #[error(transparent)]
    Values(#[from] ValueError),
}

/// A tensor as a reader is told of it.
#[derive(Serialize)]
pub(crate) struct TensorLabel {
    axes: Vec<String>,
    label: String,
    /// The path of the span that it was made in.
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    label: &'a str,
    repeats: &'a [super::shown::Repeat],
}

impl Program {
    /// A script that gives this program to the player in `player/`, with its values in half the room where nothing is lost:
    /// `player.give(NAME, {program, values, sum, places, extra})`, where `sum` is what the letters of the values come to.
    ///
    /// `places.pictures` has, for each picture and each key of a box in it, what [`Program::view`] says of the box;
    /// `places.tensors` has names for the axes of each tensor, and what the tensor is called. `graph` is the one that was
    /// captured with the program, and `extra` is whatever else the page needs.
    ///
    /// # Errors
    ///
    /// If an operation or a value can't be written down.
    pub fn to_script(
        &self,
        name: &str,
        graph: &ComputationGraph,
        pictures: &BTreeMap<String, Vec<BoxTensors>>,
        extra: &Value,
    ) -> Result<String, PlayError> {
        let values = base64(&self.to_small_safetensors()?);
        let boxes = pictures.iter().map(|(picture, boxes)| {
            let boxes = boxes
                .iter()
                .map(|found| (found.key.as_str(), Shown { label: &found.label, repeats: &found.repeats }));
            (picture.as_str(), boxes.collect::<BTreeMap<_, _>>())
        });
        let boxes: BTreeMap<_, _> = boxes.collect();
        let (name, pictures, tensors) = (json(&name), json(&boxes), json(&self.labels(graph)));
        Ok(format!(
            "player.give({name}, {{\"program\":{program},\"places\":{{\"pictures\":{pictures},\n\"tensors\":{tensors}}},\n\
             \"extra\":{extra},\n\"sum\":\"{sum}\",\"values\":\"{values}\"}});\n",
            sum = sum(&values),
            program = self.to_json()?.trim_end(),
        ))
    }

    /// What all tensors are called, and their axes.
    pub(crate) fn labels(&self, graph: &ComputationGraph) -> Vec<TensorLabel> {
        let types = self.types(graph);
        let single = single(&types);
        let unnamed = |known: &TensorType| TensorLabel {
            axes: known.axes.iter().map(|axis| axis_name(axis, &single)).collect(),
            label: String::new(),
            scope: String::new(),
        };
        let mut labels: Vec<TensorLabel> = types.iter().map(unnamed).collect();
        for (number, operation) in graph.operations().enumerate() {
            for tensor in self.results(number) {
                if let Some(label) = labels.get_mut(tensor.number()) {
                    label.label = operation.kind.replace('_', " ");
                    label.scope = graph.path(graph.scope_of(number));
                }
            }
        }
        // What has a name of its own is called by it.
        let parameters = self.parameters();
        let parameters = parameters.filter_map(|(paths, tensor)| Some((paths.first()?.as_str(), tensor)));
        let constants = self.constants().filter_map(|(name, tensor)| Some((name?, tensor)));
        for (name, tensor) in self.inputs().chain(parameters).chain(constants) {
            if let Some(label) = labels.get_mut(tensor.number()) {
                label.label = name.to_owned();
            }
        }
        labels
    }
}

/// The names of axes that have one place only.
fn single(types: &[TensorType]) -> Vec<&str> {
    let axes = types.iter().flat_map(|known| &known.axes).filter(|axis| axis.size == 1);
    axes.filter_map(|axis| axis.symbol.as_deref()).collect()
}

/// The name of an axis, or else its size. Of a product, those that have one place only are left out: `batch·source` is
/// `source` where there is one sentence.
fn axis_name(axis: &Axis, single: &[&str]) -> String {
    let Some(symbol) = &axis.symbol else { return axis.size.to_string() };
    let parts: Vec<&str> = symbol.split('·').collect();
    let several: Vec<&str> = parts.iter().copied().filter(|part| !single.contains(part)).collect();
    if several.is_empty() { symbol.clone() } else { several.join("·") }
}

fn json(value: &impl Serialize) -> String {
    // Only maps with other keys than strings fail, and there are none.
    serde_json::to_string(value).unwrap_or_default()
}

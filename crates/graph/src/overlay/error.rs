//! Why weights can't be put on a picture.

use thiserror::Error;

use crate::error::{ViewError, suggestion};

/// Why weights can't be put on a picture.
#[derive(Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum OverlayError {
    /// The view could not be made.
    #[error(transparent)]
    View(#[from] ViewError),
    /// Nothing says what the weights are.
    #[error("the scale has no title: say what its numbers mean, such as `Scale::new(\"Share of the loss\")`")]
    NoTitle,
    /// The end of the scale is no positive number.
    #[error("the scale \"{title}\" ends at {limit}: it must be a positive number")]
    Limit {
        /// The scale's title.
        title: String,
        /// Its end.
        limit: String,
    },
    /// A weight is not a number.
    #[error("the weight of {place} is not a number")]
    NotANumber {
        /// What has it.
        place: String,
    },
    /// A weight is beyond the ends of its scale.
    #[error(
        "the weight of {place} is {value}, but \"{title}\" goes from {low} to {high}: `Scale::up_to` moves its ends, \
         `Scale::signed` gives it negative numbers"
    )]
    Range {
        /// What has it.
        place: String,
        /// The weight.
        value: f64,
        /// The scale's title.
        title: String,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// Nothing has a path or a name.
    #[error("`{path}` is nothing in `{graph}`{}", suggestion(.nearest))]
    UnknownPath {
        /// The path.
        path: String,
        /// The graph's name.
        graph: String,
        /// What is most like it.
        nearest: Vec<String>,
    },
    /// There are not so many operations.
    #[error("there is no operation {operation} in `{graph}`, which has {count}")]
    UnknownOperation {
        /// The operation.
        operation: usize,
        /// The graph's name.
        graph: String,
        /// How many operations it has.
        count: usize,
    },
    /// No parameter has a path.
    #[error("no parameter is at `{path}` in `{graph}`{}", suggestion(.nearest))]
    UnknownParameter {
        /// The path.
        path: String,
        /// The graph's name.
        graph: String,
        /// The paths that are most like it.
        nearest: Vec<String>,
    },
    /// A program has no such tensor.
    #[error("there is no tensor {tensor} in the program `{program}`")]
    UnknownTensor {
        /// The tensor.
        tensor: usize,
        /// The program's name.
        program: String,
    },
    /// The tensors are those of a program that another graph was captured with.
    #[error(
        "the tensors are those of a program with {program} operations, and `{graph}` has {count}: take the graph that was \
         captured with the program"
    )]
    OtherProgram {
        /// How many operations the program shows.
        program: usize,
        /// The graph's name.
        graph: String,
        /// How many it has.
        count: usize,
    },
    /// No data flows from one place to another in the picture.
    #[error("no line leads from `{from}` to `{to}` in this picture of `{graph}`")]
    NoEdge {
        /// Where it should begin.
        from: String,
        /// Where it should end.
        to: String,
        /// The graph's name.
        graph: String,
    },
    /// There are not so many boxes.
    #[error("there is no box {id} in a view of {count}, or it is the root, which is not drawn")]
    NoBox {
        /// The box.
        id: usize,
        /// How many there are.
        count: usize,
    },
    /// There are not so many edges.
    #[error("there is no edge {edge} in a view of {count}")]
    NoSuchEdge {
        /// The edge.
        edge: usize,
        /// How many there are.
        count: usize,
    },
}

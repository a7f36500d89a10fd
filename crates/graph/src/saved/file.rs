//! The form of a saved graph.
//!
//! Nodes have no names in it: inputs, parameters and operations are numbered in this order, and an operation reads only
//! from nodes before it. So there are no names to be taken twice, and hardly a way to write down a circle.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::operation::{Axis, TensorType};
use crate::view::Source;

/// What the file says it is.
pub(super) const FORMAT: &str = "graph";
/// Changes whenever the meaning of an entry does.
pub(super) const VERSION: u64 = 1;

/// The lists of a file, in its order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "format")]
    pub(super) _format: String,
    #[serde(rename = "version")]
    pub(super) _version: u64,
    pub(super) name: String,
    pub(super) types: Vec<Type>,
    pub(super) scopes: Vec<ScopeEntry<'static>>,
    pub(super) inputs: Vec<BoundaryEntry<'static>>,
    pub(super) parameters: Vec<ParameterEntry<'static>>,
    pub(super) operations: Vec<OperationEntry<'static>>,
    pub(super) outputs: Vec<OutputEntry<'static>>,
}

/// A tensor's type. All others refer to it by its number.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    dtype: String,
    axes: Vec<Size>,
}

/// An axis: `7`, or `["batch", 7]`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
enum Size {
    Plain(usize),
    Named(String, usize),
}

impl Type {
    pub(super) fn of(tensor: &TensorType) -> Self {
        let axis = |axis: &Axis| match &axis.symbol {
            Some(symbol) => Size::Named(symbol.clone(), axis.size),
            None => Size::Plain(axis.size),
        };
        Self { dtype: tensor.dtype.clone(), axes: tensor.axes.iter().map(axis).collect() }
    }

    pub(super) fn tensor(self) -> TensorType {
        let axis = |size| match size {
            Size::Plain(size) => Axis { size, symbol: None },
            Size::Named(symbol, size) => Axis { size, symbol: Some(symbol) },
        };
        TensorType { dtype: self.dtype, axes: self.axes.into_iter().map(axis).collect() }
    }
}

/// A scope; the first is the root. Children and operations follow from the rest.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeEntry<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Cow<'a, Source>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) called_at: Option<Cow<'a, Source>>,
    #[serde(default, skip_serializing_if = "<[Source]>::is_empty")]
    pub(super) calls: Cow<'a, [Source]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoundaryEntry<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub(super) tensor: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterEntry<'a> {
    pub(super) paths: Cow<'a, [String]>,
    #[serde(rename = "type")]
    pub(super) tensor: usize,
    /// Whether it is a running statistic, which no gradient changes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_statistic: bool,
}

/// A result: the number of a node, and of its result if that isn't the first.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    First(usize),
    Nth(usize, usize),
}

impl Reference {
    pub(super) fn new(node: usize, result: usize) -> Self {
        if result == 0 { Self::First(node) } else { Self::Nth(node, result) }
    }

    pub(super) fn node_and_result(self) -> (usize, usize) {
        match self {
            Self::First(node) => (node, 0),
            Self::Nth(node, result) => (node, result),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationEntry<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) scope: usize,
    #[serde(default, skip_serializing_if = "<[(String, String)]>::is_empty")]
    pub(super) attributes: Cow<'a, [(String, String)]>,
    /// An argument that no node gives is null.
    pub(super) reads: Vec<Option<Reference>>,
    /// Types of the arguments, where they are not those of the results that are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) takes: Option<Vec<usize>>,
    pub(super) gives: Vec<usize>,
    /// What tells the values of a constant from others, in hexadecimal digits: not every reader of JSON has such numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Cow<'a, Source>>,
    #[serde(default, skip_serializing_if = "<[Source]>::is_empty")]
    pub(super) calls: Cow<'a, [Source]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputEntry<'a> {
    pub(super) name: Cow<'a, str>,
    #[serde(rename = "type")]
    pub(super) tensor: usize,
    pub(super) reads: Reference,
}

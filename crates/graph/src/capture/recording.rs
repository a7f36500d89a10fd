//! What is known when a capture's closure has returned.

use std::collections::BTreeMap;

use burn::backend::ir::{OperationIr, TensorId};
use burn::tensor::TensorData;

use super::scopes::Scopes;
use crate::operation::TensorType;

/// A parameter as the module's visitor saw it.
#[derive(Clone, Debug)]
pub(crate) struct RecordedParameter {
    pub(crate) paths: Vec<String>,
    pub(crate) tensor: TensorType,
}

/// A named input or output.
#[derive(Clone, Debug)]
pub(crate) struct RecordedBoundary {
    pub(crate) name: String,
    pub(crate) id: TensorId,
    pub(crate) tensor: TensorType,
}

/// Everything known when the closure has returned.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) operations: Vec<OperationIr>,
    /// The data given at the start.
    pub(crate) values: BTreeMap<TensorId, TensorData>,
    pub(crate) scopes: Scopes,
    /// Whether the lines of operations are asked for.
    pub(crate) lines: bool,
    /// In the order of the visit.
    pub(crate) parameters: Vec<(TensorId, RecordedParameter)>,
    pub(crate) inputs: Vec<RecordedBoundary>,
    pub(crate) outputs: Vec<RecordedBoundary>,
    /// Tensors that were declared to be data.
    pub(crate) constants: Vec<RecordedBoundary>,
    /// A tensor that was made when all before it was to be forgotten.
    pub(crate) forgotten: Option<TensorId>,
}

//! What is known when a capture's closure has returned.

use burn::backend::ir::{OperationIr, TensorId};

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
    pub(crate) scopes: Scopes,
    /// Whether the lines of operations are asked for.
    pub(crate) lines: bool,
    /// In the order of the visit.
    pub(crate) parameters: Vec<(TensorId, RecordedParameter)>,
    pub(crate) inputs: Vec<RecordedBoundary>,
    pub(crate) outputs: Vec<RecordedBoundary>,
}

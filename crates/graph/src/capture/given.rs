//! Data that was there before: declared as a constant, or made before everything was to be forgotten.

use burn::backend::ir::{OperationIr, TensorId};

use super::ids::{IdMap, IdSet};
use super::recording::RecordedBoundary;
use crate::operation::{Operation, TensorType};

/// What was given.
pub(super) struct Given {
    names: IdMap<String>,
    forgotten: IdSet,
}

impl Given {
    /// `last` is the tensor that was made when everything before it was to be forgotten.
    pub(super) fn new(
        operations: &[(OperationIr, usize)],
        constants: Vec<RecordedBoundary>,
        last: Option<TensorId>,
    ) -> Self {
        let made_last =
            |(operation, _): &(OperationIr, usize)| operation.outputs().any(|t| Some(t.id) == last);
        let end = operations.iter().position(made_last).unwrap_or(0);
        let forgotten = operations[..end].iter().flat_map(|(operation, _)| operation.outputs().map(|t| t.id));
        Self {
            names: constants.into_iter().map(|constant| (constant.id, constant.name)).collect(),
            forgotten: forgotten.collect(),
        }
    }

    pub(super) fn is_given(&self, id: TensorId) -> bool {
        self.names.contains_key(&id) || self.forgotten.contains(&id)
    }

    /// What stands for the making of a given tensor.
    pub(super) fn constant(&self, id: TensorId, tensor: impl FnOnce() -> TensorType) -> Option<Operation> {
        let name = self.names.get(&id);
        self.is_given(id).then(|| Operation {
            kind: "constant".to_owned(),
            attributes: name.map(|name| ("name".to_owned(), name.clone())).into_iter().collect(),
            inputs: Vec::new(),
            outputs: vec![tensor()],
            data: None,
            source: None,
            calls: Vec::new(),
        })
    }
}

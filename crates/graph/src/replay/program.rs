//! What a program holds.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use burn::backend::ir::{self, OperationIr, TensorIr};
use burn::tensor::TensorData;

use crate::operation::{Operation, TensorType};

/// A tensor of a [`Program`]: an input, a parameter, a constant, or a result of a step.
///
/// The same closure gives the same numbers each time that it is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct TensorId(usize);

impl TensorId {
    /// The tensor with that number. Whether a program has so many is checked where it is used.
    #[must_use]
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// Its number, as it stands in the program's JSON.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0
    }

    /// The same for Burn.
    pub(super) fn ir(self) -> ir::TensorId {
        ir::TensorId::new(self.0 as u64)
    }

    pub(super) fn of(tensor: &TensorIr) -> Self {
        Self(usize::try_from(tensor.id.value()).unwrap_or(usize::MAX))
    }
}

impl fmt::Display for TensorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tensor {}", self.0)
    }
}

/// One operation of a [`Program`], with the tensors that it takes and gives.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// Its number in the order in which steps are carried out.
    pub number: usize,
    /// What is done: kind, attributes, types.
    pub operation: Operation,
    /// The tensors that it takes.
    pub inputs: Vec<TensorId>,
    /// The tensors that it gives.
    pub outputs: Vec<TensorId>,
}

/// What a closure did, so that it can be carried out: inputs, parameters, constants, and the operations between them and
/// the outputs, in order. [`crate::capture_program`] makes it.
///
/// A program has numbers for what was made of numbers while capturing, and no others: weights of a module that was
/// moved to the recording device with `to_device` are there; of one that was made there, [`Program::set_parameters`]
/// tells them, or [`Program::set_safetensors`].
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    pub(super) name: String,
    /// Their types. Statuses are those of a tensor that is read and kept.
    pub(super) tensors: Vec<TensorIr>,
    pub(super) inputs: Vec<(String, TensorId)>,
    pub(super) parameters: Vec<(Vec<String>, TensorId)>,
    /// Those that were given a name may be the result of a step.
    pub(super) constants: Vec<(Option<String>, TensorId)>,
    pub(super) operations: Vec<OperationIr>,
    pub(super) outputs: Vec<(String, TensorId)>,
    /// What each operation of the graph that was captured with it gives.
    pub(super) shown: Vec<Vec<TensorId>>,
    /// The step that gives a tensor.
    pub(super) made_by: Vec<Option<usize>>,
    pub(super) values: BTreeMap<TensorId, Arc<TensorData>>,
}

impl Program {
    /// The name given to the capture.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the inputs, and their tensors.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = (&str, TensorId)> + '_ {
        self.inputs.iter().map(|(name, tensor)| (name.as_str(), *tensor))
    }

    /// The paths of the parameters, running statistics included, and their tensors. What is tied has several paths.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = (&[String], TensorId)> + '_ {
        self.parameters.iter().map(|(paths, tensor)| (paths.as_slice(), *tensor))
    }

    /// The data that was given while capturing, and the names of what [`crate::Session::constant`] declared. What was
    /// declared may have been computed, and then it still is.
    pub fn constants(&self) -> impl ExactSizeIterator<Item = (Option<&str>, TensorId)> + '_ {
        self.constants.iter().map(|(name, tensor)| (name.as_deref(), *tensor))
    }

    /// The names of the outputs, and their tensors.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = (&str, TensorId)> + '_ {
        self.outputs.iter().map(|(name, tensor)| (name.as_str(), *tensor))
    }

    /// The tensor of an input.
    #[must_use]
    pub fn input(&self, name: &str) -> Option<TensorId> {
        self.inputs().find(|(known, _)| *known == name).map(|(_, tensor)| tensor)
    }

    /// The tensor of a parameter, by any of its paths: `layers.0.norm.gamma`.
    #[must_use]
    pub fn parameter(&self, path: &str) -> Option<TensorId> {
        let found = self.parameters().find(|(paths, _)| paths.iter().any(|known| known == path));
        found.map(|(_, tensor)| tensor)
    }

    /// The tensor of a constant that was declared under a name.
    #[must_use]
    pub fn constant(&self, name: &str) -> Option<TensorId> {
        self.constants().find(|(known, _)| *known == Some(name)).map(|(_, tensor)| tensor)
    }

    /// The tensor of an output.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<TensorId> {
        self.outputs().find(|(known, _)| *known == name).map(|(_, tensor)| tensor)
    }

    /// All tensors: inputs, parameters, then constants and results in program order.
    pub fn tensors(&self) -> impl ExactSizeIterator<Item = TensorId> + use<> {
        (0..self.tensors.len()).map(TensorId)
    }

    /// A tensor's type; none if there is no such tensor.
    #[must_use]
    pub fn tensor(&self, tensor: TensorId) -> Option<TensorType> {
        self.ir(tensor).map(TensorType::new)
    }

    /// Number of steps. There may be a few more than the graph has operations: those that compute what was declared as
    /// a constant.
    #[must_use]
    pub fn step_count(&self) -> usize {
        self.operations.len()
    }

    /// The operations in the order in which they are carried out.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = Step> + '_ {
        self.operations.iter().enumerate().map(|(number, operation)| Step {
            number,
            operation: Operation::new(operation),
            inputs: operation.inputs().map(TensorId::of).collect(),
            outputs: operation.outputs().map(TensorId::of).collect(),
        })
    }

    /// The step that gives a tensor; none for what is given from outside.
    #[must_use]
    pub fn step_of(&self, tensor: TensorId) -> Option<usize> {
        self.made_by.get(tensor.0).copied().flatten()
    }

    /// What is given for an input, a parameter or a constant, if anything is.
    #[must_use]
    pub fn value(&self, tensor: TensorId) -> Option<&TensorData> {
        self.values.get(&tensor).map(Arc::as_ref)
    }

    pub(super) fn ir(&self, tensor: TensorId) -> Option<&TensorIr> {
        self.tensors.get(tensor.0)
    }

    /// What a reader knows a tensor by.
    pub(super) fn called(&self, tensor: TensorId) -> String {
        let input = self.inputs().find(|(_, known)| *known == tensor);
        let parameter = || self.parameters().find(|(_, known)| *known == tensor);
        let constant = || self.constants().find(|(_, known)| *known == tensor);
        if let Some(step) = self.step_of(tensor) {
            format!("{tensor}, of step {step}")
        } else if let Some((name, _)) = input {
            format!("the input `{name}`")
        } else if let Some((paths, _)) = parameter() {
            format!("the parameter `{}`", paths.first().map_or("", String::as_str))
        } else if let Some((Some(name), _)) = constant() {
            format!("the constant `{name}`")
        } else {
            format!("the constant {}", tensor.0)
        }
    }

    /// Which step gives each tensor.
    pub(super) fn makers(tensors: usize, operations: &[OperationIr]) -> Vec<Option<usize>> {
        let mut made_by = vec![None; tensors];
        for (number, operation) in operations.iter().enumerate() {
            for tensor in operation.outputs() {
                if let Some(maker) = made_by.get_mut(TensorId::of(tensor).0) {
                    *maker = Some(number);
                }
            }
        }
        made_by
    }
}

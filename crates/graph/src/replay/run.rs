//! How a program is to be carried out, and how it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use burn::backend::ir::{BackendIr, FloatOperationIr, HandleKind, OperationIr, TensorIr};
use burn::tensor::{DType, TensorData};

use super::edit::{Checked, Edit, With};
use super::error::{EditError, ReplayError, ValueError};
use super::machine::{Machine, Outcome, shape};
use super::program::{Program, TensorId};
use super::replayed::Replayed;
use crate::operation::kind;

/// A program as it is to be carried out: with which inputs, with what changed, and what is kept of it. The program itself
/// stays as it is, so that without the changes it gives to the last bit what it gave before.
#[derive(Clone, Debug)]
#[must_use]
pub struct Run<'p> {
    program: &'p Program,
    inputs: BTreeMap<TensorId, Arc<TensorData>>,
    edits: BTreeMap<TensorId, Vec<Checked>>,
    /// All, if none.
    kept: Option<BTreeSet<TensorId>>,
}

impl Program {
    /// How the program is to be carried out: as it is, unless more is said.
    pub fn run(&self) -> Run<'_> {
        Run { program: self, inputs: BTreeMap::new(), edits: BTreeMap::new(), kept: None }
    }

    /// Carries the program out on a backend, by Burn's own interpreter, and keeps every tensor.
    ///
    /// # Errors
    ///
    /// As [`Run::replay`].
    pub fn replay<B: BackendIr>(&self, device: &B::Device) -> Result<Replayed<B>, ReplayError> {
        self.run().replay(device)
    }
}

impl Run<'_> {
    /// With another value for an input.
    ///
    /// # Errors
    ///
    /// If there is no such input, or the value has another shape or type.
    pub fn input(mut self, name: &str, value: TensorData) -> Result<Self, ValueError> {
        let tensor = self.program.input(name).ok_or_else(|| self.program.unknown("input", name))?;
        self.inputs.insert(tensor, self.program.fitting(tensor, value)?);
        Ok(self)
    }

    /// With something replaced. Edits of the same tensor are made one after the other.
    ///
    /// # Errors
    ///
    /// If the edit makes no sense for this program.
    pub fn edit(mut self, edit: Edit) -> Result<Self, EditError> {
        let edit = edit.check(self.program)?;
        self.edits.entry(edit.tensor).or_default().push(edit);
        Ok(self)
    }

    /// Keeps these tensors and the outputs, and none else: without it all are kept, which takes the memory of all.
    pub fn keep(mut self, tensors: impl IntoIterator<Item = TensorId>) -> Self {
        self.kept.get_or_insert_default().extend(tensors);
        self
    }

    /// Carries the program out on a backend, by Burn's own interpreter.
    ///
    /// The backend is a concrete one, such as `burn::backend::Flex`: `Dispatch` and LibTorch are none that can be told
    /// what to do operation by operation. Random numbers, where a program has some, are drawn anew.
    ///
    /// # Errors
    ///
    /// If something that is read has no value, the interpreter doesn't know an operation, or the backend fails.
    pub fn replay<B: BackendIr>(&self, device: &B::Device) -> Result<Replayed<B>, ReplayError> {
        let last = self.last_readers();
        self.check(&last)?;
        let mut machine = Machine::<B>::new(device);
        for tensor in self.program.tensors().filter(|tensor| self.program.step_of(*tensor).is_none()) {
            let Some(value) = self.value(tensor) else { continue };
            let registered = machine.register(tensor, value.as_ref().clone());
            registered.map_err(|reason| failed(self.program.called(tensor), reason))?;
            self.change(&mut machine, tensor)?;
        }
        for (number, operation) in self.program.operations.iter().enumerate() {
            let place = |reason| failed(format!("step {number}, {}", kind(operation)), reason);
            machine.compute(operation).map_err(place)?;
            for result in operation.outputs() {
                self.change(&mut machine, TensorId::of(result))?;
            }
            for tensor in self.done_with(operation, number, &last) {
                machine.forget(tensor).map_err(place)?;
            }
        }
        machine.finish().map_err(|reason| failed(format!("`{}`", self.program.name()), reason))?;
        self.collect(machine)
    }

    /// What nobody reads after a step, and nobody wants.
    fn done_with(
        &self,
        operation: &OperationIr,
        number: usize,
        last: &HashMap<TensorId, usize>,
    ) -> impl Iterator<Item = &TensorIr> {
        let there = operation.inputs().chain(operation.outputs()).map(TensorId::of);
        let mut there: BTreeSet<TensorId> = there.chain(self.sources(operation)).collect();
        there.retain(|tensor| last.get(tensor).is_none_or(|&last| last <= number) && !self.is_kept(*tensor));
        there.into_iter().filter_map(|tensor| self.program.ir(tensor))
    }

    /// What is kept, with its shape compared with the one that was recorded.
    fn collect<B: BackendIr>(&self, mut machine: Machine<B>) -> Result<Replayed<B>, ReplayError> {
        let mut values: BTreeMap<TensorId, HandleKind<B>> = BTreeMap::new();
        for tensor in self.program.tensors().filter(|tensor| self.is_kept(*tensor)) {
            let is_there = self.program.step_of(tensor).is_some() || self.value(tensor).is_some();
            let Some(ir) = self.program.ir(tensor).filter(|_| is_there) else { continue };
            let value = machine.tensor(ir).map_err(|reason| failed(self.program.called(tensor), reason))?;
            let (expected, found) = (ir.shape.to_vec(), shape(&value));
            if expected != found {
                return Err(ReplayError::Shape { tensor: self.program.called(tensor), expected, found });
            }
            values.insert(tensor, value);
        }
        Ok(Replayed::new(self.program, values))
    }

    /// Makes the edits of a tensor that is there now.
    fn change<B: BackendIr>(&self, machine: &mut Machine<B>, tensor: TensorId) -> Result<(), ReplayError> {
        let Some(ir) = self.program.ir(tensor) else { return Ok(()) };
        for edit in self.edits.get(&tensor).into_iter().flatten() {
            let from = match edit.with {
                With::Tensor(from) => self.program.ir(from),
                With::Zeros | With::Value(_) => None,
            };
            let changed: Outcome<()> = machine.edit(ir, edit, from);
            changed
                .map_err(|reason| failed(format!("the edit of {}", self.program.called(tensor)), reason))?;
        }
        Ok(())
    }

    fn value(&self, tensor: TensorId) -> Option<&Arc<TensorData>> {
        self.inputs.get(&tensor).or_else(|| self.program.values.get(&tensor))
    }

    fn is_kept(&self, tensor: TensorId) -> bool {
        let is_output = || self.program.outputs().any(|(_, output)| output == tensor);
        self.kept.as_ref().is_none_or(|kept| kept.contains(&tensor) || is_output())
    }

    /// What the edits of an operation's results read.
    fn sources(&self, operation: &OperationIr) -> impl Iterator<Item = TensorId> + '_ {
        let results: Vec<TensorId> = operation.outputs().map(TensorId::of).collect();
        let edits = results.into_iter().filter_map(|result| self.edits.get(&result)).flatten();
        edits.filter_map(|edit| match edit.with {
            With::Tensor(from) => Some(from),
            With::Zeros | With::Value(_) => None,
        })
    }

    /// The last step that reads each tensor, edits included.
    fn last_readers(&self) -> HashMap<TensorId, usize> {
        let mut last = HashMap::new();
        for (number, operation) in self.program.operations.iter().enumerate() {
            let read = operation.inputs().map(TensorId::of).chain(self.sources(operation));
            last.extend(read.map(|tensor| (tensor, number)));
        }
        last
    }

    /// Everything that is read has a value, and every operation can be carried out.
    fn check(&self, last: &HashMap<TensorId, usize>) -> Result<(), ReplayError> {
        let lacks =
            |tensor: &TensorId| self.program.step_of(*tensor).is_none() && self.value(*tensor).is_none();
        let edits = self.edits.iter().filter(|(tensor, _)| self.program.step_of(**tensor).is_none());
        let copied = edits.flat_map(|(_, edits)| edits).filter_map(|edit| match edit.with {
            With::Tensor(from) => Some(from),
            With::Zeros | With::Value(_) => None,
        });
        let outputs = self.program.outputs().map(|(_, tensor)| tensor);
        let read: BTreeSet<TensorId> = last.keys().copied().chain(outputs).chain(copied).collect();
        if let Some(tensor) = read.into_iter().find(lacks) {
            let (program, tensor) = (self.program.name().to_owned(), self.program.called(tensor));
            return Err(ReplayError::Missing { program, tensor });
        }
        for (step, operation) in self.program.operations.iter().enumerate() {
            if let Some(reason) = unsupported(operation) {
                return Err(ReplayError::Unsupported { step, kind: kind(operation), reason });
            }
        }
        Ok(())
    }
}

fn failed(place: String, reason: String) -> ReplayError {
    ReplayError::Failed { place, reason }
}

/// Why Burn's interpreter can't carry an operation out.
fn unsupported(operation: &OperationIr) -> Option<&'static str> {
    let is_quantised = |tensor: &TensorIr| matches!(tensor.dtype, DType::QFloat(_));
    match operation {
        OperationIr::Custom(_) => Some("it is of a crate of its own"),
        OperationIr::Distributed(_) => Some("it needs several devices"),
        OperationIr::Float(_, FloatOperationIr::Quantize(_) | FloatOperationIr::Dequantize(_)) => {
            Some("it quantises")
        }
        _ if operation.nodes().into_iter().any(is_quantised) => Some("its numbers are quantised"),
        _ => None,
    }
}

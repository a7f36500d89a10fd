//! What is there when a program has been carried out.

use std::collections::BTreeMap;
use std::fmt;

use burn::backend::ir::{BackendIr, HandleKind};
use burn::tensor::TensorData;

use super::error::ReplayError;
use super::machine::read;
use super::program::{Program, TensorId};

/// A program that was carried out, with the tensors that were kept. They lie on the device that computed them until
/// they are read.
#[derive(Clone)]
pub struct Replayed<B: BackendIr> {
    program: String,
    outputs: Vec<(String, TensorId)>,
    steps: usize,
    values: BTreeMap<TensorId, HandleKind<B>>,
}

impl<B: BackendIr> Replayed<B> {
    pub(super) fn new(program: &Program, values: BTreeMap<TensorId, HandleKind<B>>) -> Self {
        let (name, outputs) = (program.name().to_owned(), program.outputs.clone());
        Self { program: name, outputs, steps: program.step_count(), values }
    }

    /// How many operations were carried out.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The tensors that were kept, those given from outside included.
    pub fn kept(&self) -> impl ExactSizeIterator<Item = TensorId> + '_ {
        self.values.keys().copied()
    }

    /// The numbers of a tensor, in the shape that [`Program::tensor`] tells. [`Program::results`] finds the tensors of an
    /// operation, [`Program::leaving`] those of a scope, and [`Program::leaving_box`] those of a picture's box.
    ///
    /// # Errors
    ///
    /// If the tensor was not kept, or the device doesn't give it out.
    pub fn value(&self, tensor: TensorId) -> Result<TensorData, ReplayError> {
        let not_kept = || ReplayError::NotKept { tensor: tensor.to_string() };
        let value = self.values.get(&tensor).ok_or_else(not_kept)?;
        read::<B>(value.clone())
            .map_err(|reason| ReplayError::Failed { place: format!("reading {tensor}"), reason })
    }

    /// The numbers of an output.
    ///
    /// # Errors
    ///
    /// If there is no such output, or the device doesn't give it out.
    pub fn output(&self, name: &str) -> Result<TensorData, ReplayError> {
        match self.outputs.iter().find(|(known, _)| known == name) {
            Some((_, tensor)) => self.value(*tensor),
            None => Err(ReplayError::NoOutput { program: self.program.clone(), name: name.to_owned() }),
        }
    }
}

impl<B: BackendIr> fmt::Debug for Replayed<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, steps, values, .. } = self;
        write!(f, "`{program}`, carried out in {steps} steps, with {} tensors kept", values.len())
    }
}

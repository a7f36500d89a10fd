//! Who reads what in a program, found out once for many questions.

use std::collections::HashSet;

use burn::backend::ir::OperationIr;

use super::program::{Program, TensorId};

/// What a tensor is, beside the result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Flowing,
    Parameter,
    Constant,
}

/// The readers of all tensors.
pub(super) struct Wires<'a> {
    program: &'a Program,
    readers: Vec<Vec<usize>>,
    is_output: Vec<bool>,
    sorts: Vec<Sort>,
}

impl<'a> Wires<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        let count = program.tensors().len();
        let (mut readers, mut is_output, mut sorts) =
            (vec![Vec::new(); count], vec![false; count], vec![Sort::Flowing; count]);
        for (number, step) in program.operations.iter().enumerate() {
            for tensor in step.inputs().map(TensorId::of) {
                if let Some(known) = readers.get_mut(tensor.number()) {
                    known.push(number);
                }
            }
        }
        for (_, tensor) in program.outputs() {
            is_output[tensor.number()] = true;
        }
        for (_, tensor) in program.constants() {
            sorts[tensor.number()] = Sort::Constant;
        }
        for (_, tensor) in program.parameters() {
            sorts[tensor.number()] = Sort::Parameter;
        }
        Self { program, readers, is_output, sorts }
    }

    /// What these operations of the graph give, in order.
    pub(super) fn made(&self, operations: &[usize]) -> Vec<TensorId> {
        let mut made: Vec<TensorId> =
            operations.iter().flat_map(|&operation| self.program.results(operation)).copied().collect();
        made.sort_unstable();
        made.dedup();
        made
    }

    /// The steps that make tensors, in order.
    pub(super) fn steps(&self, made: &[TensorId]) -> Vec<usize> {
        let mut steps: Vec<usize> = made.iter().filter_map(|&tensor| self.program.step_of(tensor)).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// Those of `made` that another step than `steps` reads, or that are outputs; the last one if there is none.
    pub(super) fn leaving(&self, made: &[TensorId], steps: &[usize]) -> Vec<TensorId> {
        let is_outside = |reader: &usize| steps.binary_search(reader).is_err();
        let leaves = |tensor: &&TensorId| {
            self.is_output[tensor.number()] || self.readers[tensor.number()].iter().any(is_outside)
        };
        let found: Vec<TensorId> = made.iter().filter(leaves).copied().collect();
        if found.is_empty() { made.last().copied().into_iter().collect() } else { found }
    }

    /// What these steps read and don't make, in the order in which it is first read; parameters and constants are not
    /// among it.
    pub(super) fn entering(&self, made: &[TensorId], steps: &[usize]) -> Vec<TensorId> {
        self.read(made, steps, Sort::Flowing)
    }

    /// The parameters that these steps read, in the order in which they are first read.
    pub(super) fn parameters(&self, made: &[TensorId], steps: &[usize]) -> Vec<TensorId> {
        self.read(made, steps, Sort::Parameter)
    }

    fn read(&self, made: &[TensorId], steps: &[usize], sort: Sort) -> Vec<TensorId> {
        let mut seen: HashSet<TensorId> = made.iter().copied().collect();
        let read = |&step: &usize| self.program.operations.get(step).map(OperationIr::inputs);
        let read = steps.iter().filter_map(read).flatten().map(TensorId::of);
        read.filter(|tensor| self.sorts.get(tensor.number()) == Some(&sort) && seen.insert(*tensor)).collect()
    }
}

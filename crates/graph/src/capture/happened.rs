//! What happened in each span, in order: operations, and spans inside.

use std::collections::HashMap;
use std::sync::Arc;

use burn::backend::ir::{OperationIr, TensorId};

use super::ids::IdMap;
use super::recording::RecordedParameter;
use super::scopes::Scopes;
use crate::lines::{At, Found, Happened, find};
use crate::operation::Operation;

/// What happened in each span; nothing is noted if no lines are asked for.
pub(super) struct Happenings<'a> {
    scopes: &'a Scopes,
    lines: bool,
    /// For each scope, operations by their number and scopes.
    noted: Vec<Vec<Note>>,
    reached: Vec<bool>,
}

enum Note {
    Made(usize),
    Entered(usize),
}

impl<'a> Happenings<'a> {
    pub(super) fn new(scopes: &'a Scopes, lines: bool) -> Self {
        let count = scopes.scopes.len();
        let noted = (0..count).map(|_| Vec::new()).collect();
        let mut reached = vec![false; count];
        reached[0] = true;
        Self { scopes, lines, noted, reached }
    }

    /// What follows is in that scope.
    pub(super) fn reach(&mut self, scope: usize) {
        if !std::mem::replace(&mut self.reached[scope], true) {
            self.noted[self.scopes.scopes[scope].parent].push(Note::Entered(scope));
        }
    }

    /// The operation of that number is in that scope.
    pub(super) fn make(&mut self, number: usize, scope: usize) {
        self.noted[scope].push(Note::Made(number));
    }

    /// The lines of the operations and spans. Operations that are not `described` are left out: most of them are made when
    /// a parameter is first asked for, which no line of the model's says.
    pub(super) fn lines(
        self,
        operations: &[(OperationIr, usize)],
        described: &[Option<Operation>],
        parameters: &[(TensorId, RecordedParameter)],
    ) -> Found {
        if !self.lines {
            return Found::default();
        }
        let mut parameters: IdMap<Arc<str>> =
            parameters.iter().map(|(id, parameter)| (*id, without_numbers(&parameter.paths))).collect();
        // What is made of parameters alone, as a bias in another shape, stands for them.
        let mut read: Vec<Vec<Arc<str>>> = Vec::with_capacity(operations.len());
        for (operation, _) in operations {
            let inputs = operation.inputs().filter_map(|tensor| parameters.get(&tensor.id).cloned());
            let inputs: Vec<Arc<str>> = inputs.collect();
            if let Some(first) = inputs.first().filter(|_| inputs.len() == operation.inputs().count()) {
                operation.outputs().for_each(|tensor| _ = parameters.insert(tensor.id, first.clone()));
            }
            read.push(inputs);
        }
        let mut kinds: HashMap<&str, Arc<str>> = HashMap::new();
        let mut event = |note: &Note| match *note {
            Note::Entered(scope) => Some(Happened::Entered(scope)),
            Note::Made(number) => {
                let kind = described[number].as_ref()?.kind.as_str();
                let kind = kinds.entry(kind).or_insert_with(|| kind.into()).clone();
                Some(Happened::Made { number, kind, parameters: std::mem::take(&mut read[number]) })
            }
        };
        let happened: Vec<Vec<Happened>> =
            self.noted.iter().map(|notes| notes.iter().filter_map(&mut event).collect()).collect();
        let spans: Vec<At> = self.scopes.scopes.iter().map(|scope| scope.at.clone()).collect();
        find(&|count| self.scopes.asked.places(count), &spans, &happened, operations.len())
    }
}

/// The fields that a parameter is in; equal layers have equal ones.
fn without_numbers(paths: &[String]) -> Arc<str> {
    let parts = paths.iter().flat_map(|path| path.split('.'));
    let parts: Vec<&str> = parts.filter(|part| part.parse::<usize>().is_err()).collect();
    parts.join(".").into()
}

//! The captured graph: what a closure did, and what is recognised in it.

use std::sync::OnceLock;

use crate::captured::{Captured, Edge, Node, Parameter, Scope, ScopeId};
use crate::fold::{Fold, Pattern, is_residual};
use crate::note::{Note, notes};
use crate::operation::Operation;

/// What a closure did: operations in program order, connected by the tensors that flow between them.
///
/// Its operations are folded when that is first asked for, by a view or a count, and never again.
#[derive(Clone, Debug)]
pub struct ComputationGraph {
    captured: Captured,
    fold: OnceLock<Fold>,
    /// What was noted while capturing.
    noted: Vec<Note>,
}

impl ComputationGraph {
    /// The scope that holds everything.
    pub const ROOT: ScopeId = Captured::ROOT;

    pub(crate) fn new(captured: Captured) -> Self {
        Self { captured, fold: OnceLock::new(), noted: Vec::new() }
    }

    /// With what was noted while capturing.
    pub(crate) fn noting(mut self, noted: Vec<Note>) -> Self {
        self.noted = noted;
        self
    }

    /// What may not be as it was meant, such as layers without declared parameters, and what to do about it. The
    /// [`outline`](Self::outline) ends with it.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = notes(&self.captured, &self.fold().wiring);
        notes.extend(self.noted.iter().cloned());
        notes
    }

    /// What was recorded.
    pub(crate) fn captured(&self) -> &Captured {
        &self.captured
    }

    /// What is recognised in it.
    pub(crate) fn fold(&self) -> &Fold {
        self.fold.get_or_init(|| Fold::new(&self.captured))
    }

    /// The same graph without files and line numbers, so that what is saved of it changes with what the code does,
    /// and not with where it stands.
    #[must_use]
    pub fn without_sources(mut self) -> Self {
        for scope in &mut self.captured.scopes {
            (scope.source, scope.called_at, scope.calls) = (None, None, Vec::new());
        }
        for operation in self.captured.operations_mut() {
            (operation.source, operation.calls) = (None, Vec::new());
        }
        self
    }

    /// The name given to the capture.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.captured.name
    }

    /// All nodes: inputs, parameters, operations in program order, then outputs.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = &Node> + '_ {
        self.captured.nodes()
    }

    /// All edges, in the order of the nodes that they lead to and of the arguments that they become.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = Edge> + '_ {
        self.captured.edges()
    }

    /// All scopes; the first is the root, and a scope comes after its parent.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.captured.scopes
    }

    /// Number of operations.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        self.captured.operation_count()
    }

    /// The operations in program order.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &Operation> + '_ {
        self.captured.operations()
    }

    /// The operation with that number in program order.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn operation(&self, number: usize) -> &Operation {
        self.captured.operation(number)
    }

    /// The scope that directly holds an operation.
    ///
    /// # Panics
    ///
    /// If there are not so many operations.
    #[must_use]
    pub fn scope_of(&self, number: usize) -> ScopeId {
        self.captured.scope_of[number]
    }

    /// The parameters in the order of the module's fields. One that several fields share is there once.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> + '_ {
        self.captured.parameters().filter(|parameter| !parameter.is_statistic)
    }

    /// Tensors of the module that are no parameters: running statistics, such as the mean and the variance of a batch
    /// norm.
    pub fn statistics(&self) -> impl Iterator<Item = &Parameter> + '_ {
        self.captured.parameters().filter(|parameter| parameter.is_statistic)
    }

    /// Number of scalars in all parameters: what papers call the size of a model. What is tied counts once, running
    /// statistics don't.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters().map(|parameter| parameter.tensor.elements()).sum()
    }

    /// The parameter with that number, in the order of the module's fields.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn parameter(&self, number: usize) -> &Parameter {
        match self.parameters().nth(number) {
            Some(parameter) => parameter,
            None => panic!("there is no parameter {number}"),
        }
    }

    /// The path of a scope: `encoder/layer.0/self_attn`; empty for the root.
    ///
    /// # Panics
    ///
    /// If there is no such scope.
    #[must_use]
    pub fn path(&self, scope: ScopeId) -> String {
        self.captured.path(scope)
    }

    /// All operations in a scope, those of the scopes in it included.
    pub(crate) fn operations_in(&self, scope: ScopeId) -> Vec<usize> {
        let (mut operations, mut open) = (Vec::new(), vec![scope]);
        while let Some(scope) = open.pop() {
            operations.extend(&self.scopes()[scope].operations);
            open.extend(&self.scopes()[scope].children);
        }
        operations
    }

    /// How often an operation of that kind occurs: `count("matmul")`.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        self.operations().filter(|operation| operation.kind == kind).count()
    }

    /// How many groups of operations are recognised as `pattern`. [`Pattern::AddNorm`] depends on what a view shows
    /// side by side, and is not counted.
    #[must_use]
    pub fn recognised(&self, pattern: Pattern) -> usize {
        self.fold().tree.recognised(pattern)
    }

    /// How many additions are residual: one side was computed from the other.
    #[must_use]
    pub fn residual_additions(&self) -> usize {
        let wiring = &self.fold().wiring;
        (0..self.operation_count()).filter(|&number| is_residual(&self.captured, wiring, number)).count()
    }
}

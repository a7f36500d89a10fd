//! The captured graph: operations, parameters and boundaries, inside a tree of scopes.

use petgraph::graph::{DiGraph, NodeIndex};
use serde::Serialize;

use crate::operation::{Operation, Tensor};
use crate::view::Source;

/// Index of a scope in [`ComputationGraph::scopes`].
pub type ScopeId = usize;

/// A trained tensor of a module.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Where the module keeps it: `encoder.layers.0.norm.gamma`. More than one when it is shared.
    pub paths: Vec<String>,
    /// Its type.
    pub tensor: Tensor,
}

/// A named tensor that enters or leaves the graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Boundary {
    /// The name given in the closure.
    pub name: String,
    /// Its type.
    pub tensor: Tensor,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A tensor that enters.
    Input(Boundary),
    /// A trained tensor.
    Parameter(Parameter),
    /// Something done.
    Operation(Operation),
    /// A tensor that leaves.
    Output(Boundary),
}

/// An edge of the graph: one result becomes one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Which result of the source.
    pub output: usize,
    /// Which argument of the target.
    pub input: usize,
}

/// A span that was entered while capturing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scope {
    /// The span's name; the graph's name for the root.
    pub name: String,
    /// Its number among the siblings of the same name, if there are several.
    pub index: Option<usize>,
    /// The code that made the span.
    pub source: Option<Source>,
    /// The enclosing scope; none for the root.
    pub parent: Option<ScopeId>,
    /// Scopes entered directly inside, in program order.
    pub children: Vec<ScopeId>,
    /// Operations directly inside, in program order, as numbers for [`ComputationGraph::operation`].
    pub operations: Vec<usize>,
}

/// What a closure did: operations in program order, connected by the tensors that flow between them.
#[derive(Clone, Debug)]
pub struct ComputationGraph {
    pub(crate) name: String,
    /// Nodes in this order: inputs, parameters, operations, outputs.
    pub(crate) graph: DiGraph<Node, Flow>,
    pub(crate) inputs: usize,
    pub(crate) parameters: usize,
    pub(crate) operations: usize,
    pub(crate) scopes: Vec<Scope>,
    /// The innermost scope of each operation.
    pub(crate) scope_of: Vec<ScopeId>,
}

impl ComputationGraph {
    /// The scope that holds everything.
    pub const ROOT: ScopeId = 0;

    /// The name given to the capture.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The graph itself: inputs, parameters, operations in program order, then outputs.
    #[must_use]
    pub fn petgraph(&self) -> &DiGraph<Node, Flow> {
        &self.graph
    }

    /// All scopes; the first is the root, and a scope comes after its parent.
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// Number of operations.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        self.operations
    }

    /// The operations in program order.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &Operation> + '_ {
        (0..self.operations).map(|number| self.operation(number))
    }

    /// The operation with that number in program order.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn operation(&self, number: usize) -> &Operation {
        match &self.graph[self.node(number)] {
            Node::Operation(operation) => operation,
            other => unreachable!("operation {number} is {other:?}"),
        }
    }

    /// The scope that directly holds an operation.
    ///
    /// # Panics
    ///
    /// If there are not so many operations.
    #[must_use]
    pub fn scope_of(&self, number: usize) -> ScopeId {
        self.scope_of[number]
    }

    /// The parameters in the order of the module's fields.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> + '_ {
        self.graph.node_weights().filter_map(|node| match node {
            Node::Parameter(parameter) => Some(parameter),
            _ => None,
        })
    }

    /// The parameter with that number, in the order of the module's fields.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn parameter(&self, number: usize) -> &Parameter {
        match &self.graph[NodeIndex::new(self.inputs + number)] {
            Node::Parameter(parameter) => parameter,
            other => unreachable!("parameter {number} is {other:?}"),
        }
    }

    /// How often an operation of that kind occurs: `count("matmul")`.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        self.operations().filter(|operation| operation.kind == kind).count()
    }

    /// The path of a scope: `encoder/layer.0/self_attn`; empty for the root.
    #[must_use]
    pub fn path(&self, scope: ScopeId) -> String {
        let mut parts: Vec<_> = std::iter::successors(Some(scope), |&s| self.scopes[s].parent)
            .filter(|&s| s != Self::ROOT)
            .map(|s| self.scopes[s].key())
            .collect();
        parts.reverse();
        parts.join("/")
    }

    /// The node of an operation.
    pub(crate) fn node(&self, number: usize) -> NodeIndex {
        NodeIndex::new(self.inputs + self.parameters + number)
    }

    /// What a node is, by its place in the order.
    pub(crate) fn place(&self, node: NodeIndex) -> Place {
        let (first_operation, index) = (self.inputs + self.parameters, node.index());
        if index < self.inputs {
            Place::Input(index)
        } else if index < first_operation {
            Place::Parameter(index - self.inputs)
        } else if index < first_operation + self.operations {
            Place::Operation(index - first_operation)
        } else {
            Place::Output(index - first_operation - self.operations)
        }
    }

    /// The tensor that a node gives out as its result number `output`.
    pub(crate) fn tensor(&self, node: NodeIndex, output: usize) -> Option<&Tensor> {
        match &self.graph[node] {
            Node::Input(boundary) | Node::Output(boundary) => Some(&boundary.tensor),
            Node::Parameter(parameter) => Some(&parameter.tensor),
            Node::Operation(operation) => operation.outputs.get(output),
        }
    }
}

impl Scope {
    /// Name and, among several of that name, number: `layer.0`.
    #[must_use]
    pub fn key(&self) -> String {
        match self.index {
            Some(index) => format!("{}.{index}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A node by its place among those of its sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Input(usize),
    Parameter(usize),
    Operation(usize),
    Output(usize),
}

//! What was captured of a closure: operations, parameters and boundaries, inside a tree of scopes.

use petgraph::Direction;
use petgraph::graph::{DiGraph, EdgeReference, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::Serialize;

use crate::operation::{Operation, TensorType};
use crate::view::Source;

/// Index of a node in [`crate::ComputationGraph::nodes`].
pub type NodeId = usize;

/// Index of a scope in [`crate::ComputationGraph::scopes`].
pub type ScopeId = usize;

/// A tensor that a module keeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Parameter {
    /// Where the module keeps it: `encoder.layers.0.norm.gamma`. More than one when it is shared.
    pub paths: Vec<String>,
    /// Its type.
    pub tensor: TensorType,
    /// Whether it is no parameter but a running statistic: averaged over batches instead of trained, as the mean and the
    /// variance of a batch norm are.
    pub is_statistic: bool,
}

/// A named tensor that enters or leaves the graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Boundary {
    /// The name given in the closure.
    pub name: String,
    /// Its type.
    pub tensor: TensorType,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Node {
    /// A tensor that enters.
    Input(Boundary),
    /// A tensor that a module keeps: a parameter, or a running statistic.
    Parameter(Parameter),
    /// Something done.
    Operation(Operation),
    /// A tensor that leaves.
    Output(Boundary),
}

/// An edge of the graph: one result becomes one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Edge {
    /// The node that gives the result.
    pub from: NodeId,
    /// The node that takes the argument.
    pub to: NodeId,
    /// Which result of the source.
    pub output: usize,
    /// Which argument of the target.
    pub input: usize,
}

/// A span that was entered while capturing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Scope {
    /// The span's name; the graph's name for the root.
    pub name: String,
    /// Its number among the siblings of the same name, if there are several.
    pub index: Option<usize>,
    /// The code that made the span.
    pub source: Option<Source>,
    /// The line that called the function whose span it is, if the stack told.
    pub called_at: Option<Source>,
    /// The calls that led to that line from the function of the scope around, as far as they are known, the outermost
    /// first; of a span in the middle of a function, those that led to its own.
    pub calls: Vec<Source>,
    /// The enclosing scope; none for the root.
    pub parent: Option<ScopeId>,
    /// Scopes entered directly inside, in program order.
    pub children: Vec<ScopeId>,
    /// Operations directly inside, in program order, as numbers for [`crate::ComputationGraph::operation`].
    pub operations: Vec<usize>,
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

/// How many nodes there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) inputs: usize,
    pub(crate) parameters: usize,
    pub(crate) operations: usize,
    pub(crate) outputs: usize,
}

/// Which result of one node becomes which argument of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slots {
    pub(crate) output: usize,
    pub(crate) input: usize,
}

/// Operations in program order, connected by the tensors that flow between them.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    pub(crate) name: String,
    /// Nodes in this order: inputs, parameters, operations, outputs. Edges in the order of the nodes that they lead to,
    /// and there in the order of the arguments.
    pub(crate) graph: DiGraph<Node, Slots>,
    pub(crate) counts: Counts,
    /// The first is the root, and a scope comes after its parent.
    pub(crate) scopes: Vec<Scope>,
    /// The innermost scope of each operation.
    pub(crate) scope_of: Vec<ScopeId>,
}

impl Captured {
    /// The scope that holds everything.
    pub(crate) const ROOT: ScopeId = 0;

    /// All nodes in their order.
    pub(crate) fn nodes(&self) -> impl ExactSizeIterator<Item = &Node> + '_ {
        self.graph.raw_nodes().iter().map(|node| &node.weight)
    }

    /// The node with that number.
    pub(crate) fn at(&self, node: NodeId) -> &Node {
        &self.graph[NodeIndex::new(node)]
    }

    /// The node with that number, to be changed.
    pub(crate) fn at_mut(&mut self, node: NodeId) -> &mut Node {
        &mut self.graph[NodeIndex::new(node)]
    }

    /// All edges in their order.
    pub(crate) fn edges(&self) -> impl ExactSizeIterator<Item = Edge> + '_ {
        self.graph.edge_references().map(edge)
    }

    pub(crate) fn operation_count(&self) -> usize {
        self.counts.operations
    }

    /// The operations in program order.
    pub(crate) fn operations(&self) -> impl ExactSizeIterator<Item = &Operation> + '_ {
        (0..self.counts.operations).map(|number| self.operation(number))
    }

    /// The operation with that number in program order.
    pub(crate) fn operation(&self, number: usize) -> &Operation {
        match self.at(self.node_of(number)) {
            Node::Operation(operation) => operation,
            other => unreachable!("operation {number} is {other:?}"),
        }
    }

    /// The operations in program order, to be changed.
    pub(crate) fn operations_mut(&mut self) -> impl Iterator<Item = &mut Operation> + '_ {
        self.graph.node_weights_mut().filter_map(|node| match node {
            Node::Operation(operation) => Some(operation),
            _ => None,
        })
    }

    /// The parameters in the order of the module's fields.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Parameter> + '_ {
        (0..self.counts.parameters).map(|number| self.parameter(number))
    }

    /// The parameter with that number, in the order of the module's fields.
    pub(crate) fn parameter(&self, number: usize) -> &Parameter {
        match self.at(self.counts.inputs + number) {
            Node::Parameter(parameter) => parameter,
            other => unreachable!("parameter {number} is {other:?}"),
        }
    }

    /// The path of a scope: `encoder/layer.0/self_attn`; empty for the root.
    pub(crate) fn path(&self, scope: ScopeId) -> String {
        let mut parts: Vec<_> = std::iter::successors(Some(scope), |&s| self.scopes[s].parent)
            .filter(|&s| s != Self::ROOT)
            .map(|s| self.scopes[s].key())
            .collect();
        parts.reverse();
        parts.join("/")
    }

    /// The node of an operation.
    pub(crate) fn node_of(&self, number: usize) -> NodeId {
        self.counts.inputs + self.counts.parameters + number
    }

    /// What a node is, by its place in the order.
    pub(crate) fn place(&self, node: NodeId) -> Place {
        let Counts { inputs, parameters, operations, .. } = self.counts;
        let first_operation = inputs + parameters;
        if node < inputs {
            Place::Input(node)
        } else if node < first_operation {
            Place::Parameter(node - inputs)
        } else if node < first_operation + operations {
            Place::Operation(node - first_operation)
        } else {
            Place::Output(node - first_operation - operations)
        }
    }

    /// The node at a place: the reverse of [`Captured::place`].
    pub(crate) fn node(&self, place: Place) -> NodeId {
        match place {
            Place::Input(number) => number,
            Place::Parameter(number) => self.counts.inputs + number,
            Place::Operation(number) => self.node_of(number),
            Place::Output(number) => self.node_of(self.counts.operations + number),
        }
    }

    /// The edges that end at a node, in the order of its arguments.
    pub(crate) fn incoming(&self, node: NodeId) -> Vec<Edge> {
        let edges = self.graph.edges_directed(NodeIndex::new(node), Direction::Incoming);
        let mut edges: Vec<Edge> = edges.map(edge).collect();
        edges.sort_by_key(|edge| edge.input);
        edges
    }

    /// The tensor that a node gives out as its result number `output`.
    pub(crate) fn tensor(&self, node: NodeId, output: usize) -> Option<&TensorType> {
        match self.at(node) {
            Node::Input(boundary) | Node::Output(boundary) => Some(&boundary.tensor),
            Node::Parameter(parameter) => Some(&parameter.tensor),
            Node::Operation(operation) => operation.outputs.get(output),
        }
    }
}

fn edge(found: EdgeReference<'_, Slots>) -> Edge {
    let Slots { output, input } = *found.weight();
    Edge { from: found.source().index(), to: found.target().index(), output, input }
}

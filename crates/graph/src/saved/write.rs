//! Saving.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Serialize;

use super::file::{
    BoundaryEntry, FORMAT, OperationEntry, OutputEntry, ParameterEntry, Reference, ScopeEntry, Type, VERSION,
};
use crate::captured::{Captured, Edge, Node, NodeId, Scope};
use crate::graph::ComputationGraph;
use crate::operation::{Operation, TensorType};

impl ComputationGraph {
    /// The graph as JSON, an entry a line: `types`, `scopes`, and the nodes in the lists `inputs`, `parameters`,
    /// `operations` and `outputs`. What an operation `reads` are places in these lists, one after the other.
    ///
    /// [`ComputationGraph::from_json`] reads it back.
    #[must_use]
    pub fn to_json(&self) -> String {
        let captured = self.captured();
        let mut types = Types::default();
        let scopes = lines(captured.scopes.iter().map(scope));
        let (mut inputs, mut parameters) = (Vec::new(), Vec::new());
        let (mut operations, mut outputs) = (Vec::new(), Vec::new());
        for (id, node) in captured.nodes().enumerate() {
            match node {
                Node::Input(boundary) => {
                    let tensor = types.number(&boundary.tensor);
                    inputs.push(BoundaryEntry { name: Cow::Borrowed(&boundary.name), tensor });
                }
                Node::Parameter(parameter) => {
                    let tensor = types.number(&parameter.tensor);
                    let (paths, is_statistic) = (Cow::Borrowed(&*parameter.paths), parameter.is_statistic);
                    parameters.push(ParameterEntry { paths, tensor, is_statistic });
                }
                Node::Operation(found) => operations.push(operation(captured, id, found, &mut types)),
                Node::Output(boundary) => {
                    let tensor = types.number(&boundary.tensor);
                    let read = captured.incoming(id);
                    let reads = read.first().map_or(Reference::First(0), reference);
                    outputs.push(OutputEntry { name: Cow::Borrowed(&boundary.name), tensor, reads });
                }
            }
        }
        let lists = [
            ("types", lines(&types.known)),
            ("scopes", scopes),
            ("inputs", lines(inputs)),
            ("parameters", lines(parameters)),
            ("operations", lines(operations)),
            ("outputs", lines(outputs)),
        ];
        let lists = lists.map(|(name, lines)| format!(",\n\"{name}\":[\n{}\n]", lines.join(",\n")));
        format!(
            "{{\"format\":{},\"version\":{VERSION},\"name\":{}{}}}\n",
            json(&FORMAT),
            json(&self.name()),
            lists.concat()
        )
    }
}

fn json(value: &impl Serialize) -> String {
    // Only maps with other keys than strings fail, and there are none.
    serde_json::to_string(value).unwrap_or_default()
}

fn lines<T: Serialize>(entries: impl IntoIterator<Item = T>) -> Vec<String> {
    entries.into_iter().map(|entry| json(&entry)).collect()
}

fn scope(scope: &Scope) -> ScopeEntry<'_> {
    ScopeEntry {
        name: Cow::Borrowed(&scope.name),
        index: scope.index,
        parent: scope.parent,
        source: scope.source.as_ref().map(Cow::Borrowed),
        called_at: scope.called_at.as_ref().map(Cow::Borrowed),
        calls: Cow::Borrowed(&scope.calls),
    }
}

fn reference(edge: &Edge) -> Reference {
    Reference::new(edge.from, edge.output)
}

fn operation<'a>(
    captured: &Captured,
    id: NodeId,
    found: &'a Operation,
    types: &mut Types,
) -> OperationEntry<'a> {
    let mut reads = vec![None; found.inputs.len()];
    let mut usual = vec![None; found.inputs.len()];
    for edge in captured.incoming(id) {
        if edge.input < reads.len() {
            reads[edge.input] = Some(reference(&edge));
            usual[edge.input] = captured.tensor(edge.from, edge.output);
        }
    }
    let as_given = found.inputs.iter().zip(&usual).all(|(taken, given)| Some(taken) == *given);
    OperationEntry {
        kind: Cow::Borrowed(&found.kind),
        scope: captured.scope_of[id - captured.node_of(0)],
        attributes: Cow::Borrowed(&found.attributes),
        reads,
        takes: (!as_given).then(|| found.inputs.iter().map(|tensor| types.number(tensor)).collect()),
        gives: found.outputs.iter().map(|tensor| types.number(tensor)).collect(),
        data: found.data.map(|data| format!("{data:016x}")),
        source: found.source.as_ref().map(Cow::Borrowed),
        calls: Cow::Borrowed(&found.calls),
    }
}

/// Types are written once each.
#[derive(Default)]
struct Types {
    known: Vec<Type>,
    numbers: HashMap<Type, usize>,
}

impl Types {
    fn number(&mut self, tensor: &TensorType) -> usize {
        let found = Type::of(tensor);
        let next = self.known.len();
        let number = *self.numbers.entry(found.clone()).or_insert(next);
        if number == next {
            self.known.push(found);
        }
        number
    }
}

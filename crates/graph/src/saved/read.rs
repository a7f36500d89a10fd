//! Reading back. A file may have been cut off, edited, or written by another version: everything in it is checked
//! before anything is made of it.

use std::borrow::Cow;
use std::collections::HashSet;

use petgraph::graph::{DiGraph, NodeIndex};
use serde::Deserialize;
use serde_json::Value;

use super::error::LoadError;
use super::file::{FORMAT, File, OperationEntry, Reference, ScopeEntry, VERSION};
use crate::captured::{Boundary, Captured, Counts, Node, Parameter, Scope, Slots};
use crate::graph::ComputationGraph;
use crate::operation::{Operation, TensorType};

/// Scopes are not nested deeper than this; it bounds recursion.
const DEPTH: usize = 256;
/// No tensor has more elements than this, nor have all parameters together.
const ELEMENTS: usize = 1 << 50;

impl ComputationGraph {
    /// Reads what [`ComputationGraph::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// If the text is no JSON, was cut off or edited so that it makes no sense, or is of another version.
    pub fn from_json(text: &str) -> Result<Self, LoadError> {
        check_head(text)?;
        let file: File = serde_json::from_str(text).map_err(|error| LoadError::Form {
            line: error.line(),
            column: error.column(),
            reason: reason(&error),
        })?;
        Reader::new(file)?.graph().map(Self::new)
    }
}

/// Format and version come first: of another version, nothing else is known.
fn check_head(text: &str) -> Result<(), LoadError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        format: Value,
        #[serde(default)]
        version: Value,
    }
    let head: Head = serde_json::from_str(text).map_err(|error| {
        let (line, column, reason) = (error.line(), error.column(), reason(&error));
        match error.is_data() {
            true => LoadError::Format,
            false => LoadError::Json { line, column, reason },
        }
    })?;
    if head.format != FORMAT {
        return Err(LoadError::Format);
    }
    if head.version != VERSION {
        return Err(LoadError::Version { found: head.version.to_string(), expected: VERSION });
    }
    Ok(())
}

/// The reader's words, without the place that they end with.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

fn dangling(what: impl Into<String>, target: impl Into<String>) -> LoadError {
    LoadError::Dangling { what: what.into(), target: target.into() }
}

struct Reader {
    file: File,
    /// How many nodes there are but outputs.
    readable: usize,
    types: Vec<TensorType>,
    graph: DiGraph<Node, Slots>,
}

impl Reader {
    fn new(mut file: File) -> Result<Self, LoadError> {
        let types: Vec<TensorType> =
            std::mem::take(&mut file.types).into_iter().map(|t| t.tensor()).collect();
        for (number, tensor) in types.iter().enumerate() {
            // Axes of size 0 count as 1 here: what is multiplied may leave them out.
            let elements =
                tensor.axes.iter().try_fold(1_usize, |product, axis| product.checked_mul(axis.size.max(1)));
            if elements.is_none_or(|elements| elements > ELEMENTS) {
                return Err(LoadError::TooLarge { what: format!("type {number}") });
            }
        }
        let readable = file.inputs.len() + file.parameters.len() + file.operations.len();
        Ok(Self { file, readable, types, graph: DiGraph::new() })
    }

    fn graph(mut self) -> Result<Captured, LoadError> {
        let mut scopes = scopes(&self.file.scopes)?;
        self.boundaries()?;
        let mut scope_of = Vec::with_capacity(self.file.operations.len());
        for (number, entry) in std::mem::take(&mut self.file.operations).into_iter().enumerate() {
            let Some(scope) = scopes.get_mut(entry.scope) else {
                return Err(dangling(format!("operation {number}"), format!("scope {}", entry.scope)));
            };
            scope.operations.push(number);
            scope_of.push(entry.scope);
            self.operation(number, entry)?;
        }
        if scope_of.is_empty() {
            return Err(LoadError::Empty { what: "operation" });
        }
        let counts = Counts {
            inputs: self.file.inputs.len(),
            parameters: self.file.parameters.len(),
            operations: scope_of.len(),
            outputs: self.file.outputs.len(),
        };
        self.outputs()?;
        Ok(Captured { name: self.file.name, graph: self.graph, counts, scopes, scope_of })
    }

    fn tensor(&self, what: &str, number: usize) -> Result<TensorType, LoadError> {
        let tensor = self.types.get(number).cloned();
        tensor.ok_or_else(|| dangling(what, format!("type {number}")))
    }

    fn boundaries(&mut self) -> Result<(), LoadError> {
        let mut names = HashSet::new();
        for entry in &self.file.inputs {
            let (name, tensor) = (entry.name.to_string(), self.tensor("an input", entry.tensor)?);
            if !names.insert(&entry.name) {
                return Err(LoadError::Duplicate { boundary: "input", name });
            }
            self.graph.add_node(Node::Input(Boundary { name, tensor }));
        }
        let mut elements = 0_usize;
        for (number, entry) in self.file.parameters.iter().enumerate() {
            let tensor = self.tensor("a parameter", entry.tensor)?;
            if entry.paths.is_empty() {
                return Err(dangling(format!("parameter {number}"), "a path"));
            }
            elements = elements.saturating_add(tensor.elements());
            let (paths, is_statistic) = (entry.paths.to_vec(), entry.is_statistic);
            self.graph.add_node(Node::Parameter(Parameter { paths, tensor, is_statistic }));
        }
        match elements > ELEMENTS {
            true => Err(LoadError::TooLarge { what: "the number of parameters".to_owned() }),
            false => Ok(()),
        }
    }

    fn operation(&mut self, number: usize, entry: OperationEntry<'_>) -> Result<(), LoadError> {
        let what = format!("operation {number}");
        let to = self.graph.node_count();
        let mut sources = Vec::with_capacity(entry.reads.len());
        for read in &entry.reads {
            sources.push(match read {
                Some(read) => Some(self.source(&what, *read, Some(number))?),
                None => None,
            });
        }
        let given = |slot: &Option<(NodeIndex, usize, TensorType)>| {
            slot.as_ref()
                .map(|(_, _, tensor)| tensor.clone())
                .ok_or_else(|| dangling(&what, "the type of an argument"))
        };
        let inputs = match entry.takes {
            Some(takes) if takes.len() == sources.len() => {
                takes.into_iter().map(|number| self.tensor(&what, number)).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(dangling(&what, "types of arguments")),
            None => sources.iter().map(given).collect::<Result<_, _>>()?,
        };
        let outputs =
            entry.gives.into_iter().map(|number| self.tensor(&what, number)).collect::<Result<_, _>>()?;
        let data = entry.data.as_deref().map(|digits| u64::from_str_radix(digits, 16));
        let data = data.transpose().map_err(|_| dangling(&what, "hexadecimal digits of its data"))?;
        let operation = Operation {
            kind: entry.kind.into_owned(),
            attributes: entry.attributes.into_owned(),
            inputs,
            outputs,
            data,
            source: entry.source.map(Cow::into_owned),
            calls: entry.calls.into_owned(),
        };
        self.graph.add_node(Node::Operation(operation));
        for (input, source) in sources.into_iter().enumerate() {
            if let Some((from, output, _)) = source {
                self.graph.add_edge(from, NodeIndex::new(to), Slots { output, input });
            }
        }
        Ok(())
    }

    /// The node that is read, which of its results, and the type of that.
    fn source(
        &self,
        what: &str,
        read: Reference,
        reader: Option<usize>,
    ) -> Result<(NodeIndex, usize, TensorType), LoadError> {
        let (node, result) = read.node_and_result();
        if let Some(operation) = reader.filter(|_| (self.graph.node_count()..self.readable).contains(&node)) {
            let first = self.file.inputs.len() + self.file.parameters.len();
            return Err(LoadError::Cycle { operation, source_operation: node - first });
        }
        // An index is made of a number that is known to be small enough alone.
        let there = (node < self.graph.node_count()).then(|| &self.graph[NodeIndex::new(node)]);
        let tensor = match there {
            Some(Node::Input(boundary)) => Some(&boundary.tensor).filter(|_| result == 0),
            Some(Node::Parameter(parameter)) => Some(&parameter.tensor).filter(|_| result == 0),
            Some(Node::Operation(operation)) => operation.outputs.get(result),
            Some(Node::Output(_)) | None => None,
        };
        let tensor = tensor.ok_or_else(|| dangling(what, format!("result {result} of node {node}")))?;
        Ok((NodeIndex::new(node), result, tensor.clone()))
    }

    fn outputs(&mut self) -> Result<(), LoadError> {
        let mut names = HashSet::new();
        if self.file.outputs.is_empty() {
            return Err(LoadError::Empty { what: "output" });
        }
        for entry in &self.file.outputs {
            let (name, tensor) = (entry.name.to_string(), self.tensor("an output", entry.tensor)?);
            let (from, output, _) = self.source(&format!("output `{name}`"), entry.reads, None)?;
            if !names.insert(&entry.name) {
                return Err(LoadError::Duplicate { boundary: "output", name });
            }
            let to = self.graph.add_node(Node::Output(Boundary { name, tensor }));
            self.graph.add_edge(from, to, Slots { output, input: 0 });
        }
        Ok(())
    }
}

/// The tree of scopes, without operations.
fn scopes(entries: &[ScopeEntry<'_>]) -> Result<Vec<Scope>, LoadError> {
    let mut scopes: Vec<Scope> = Vec::with_capacity(entries.len());
    let mut depths: Vec<usize> = Vec::with_capacity(entries.len());
    for (id, entry) in entries.iter().enumerate() {
        let depth = match entry.parent {
            None if id == 0 => 0,
            Some(parent) if parent < id => {
                scopes[parent].children.push(id);
                depths[parent] + 1
            }
            Some(parent) => return Err(dangling(format!("scope {id}"), format!("scope {parent} before it"))),
            None => return Err(dangling(format!("scope {id}"), "a scope around it")),
        };
        if depth > DEPTH {
            return Err(LoadError::TooDeep { scope: id, limit: DEPTH });
        }
        depths.push(depth);
        scopes.push(Scope {
            name: entry.name.to_string(),
            index: entry.index,
            source: entry.source.as_ref().map(|source| source.clone().into_owned()),
            called_at: entry.called_at.as_ref().map(|source| source.clone().into_owned()),
            calls: entry.calls.to_vec(),
            parent: entry.parent,
            children: Vec::new(),
            operations: Vec::new(),
        });
    }
    if scopes.is_empty() {
        return Err(LoadError::Empty { what: "scope" });
    }
    Ok(scopes)
}

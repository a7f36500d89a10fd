//! From Burn's recording to a [`Captured`]: markers vanish, parameters and inputs are cut out.

use std::collections::{BTreeMap, HashMap};

use burn::backend::ir::{OperationIr, TensorId};
use burn::tensor::TensorData;
use petgraph::graph::{DiGraph, NodeIndex};

use super::given::Given;
use super::happened::Happenings;
use super::ids::IdMap;
use super::recording::{RecordedBoundary, RecordedParameter, Recording};
use super::scopes::RecordedScope;
use super::statistics;
use crate::captured::{Boundary, Captured, Counts, Node, Parameter, Scope, Slots};
use crate::error::CaptureError;
use crate::lines::Lines;
use crate::operation::{Operation, TensorType};

/// What a program was built from.
pub(crate) struct Remains {
    /// All that was recorded but the markers.
    pub(crate) recorded: Vec<OperationIr>,
    /// Which of it only serves to make parameters and inputs, or is data that nobody reads.
    pub(crate) initial: Vec<bool>,
    /// The tensors that each operation of the program gives.
    pub(crate) results: Vec<Vec<TensorId>>,
    /// The data given at the start.
    pub(crate) values: BTreeMap<TensorId, TensorData>,
    pub(crate) parameters: Vec<(TensorId, RecordedParameter)>,
    pub(crate) inputs: Vec<RecordedBoundary>,
    pub(crate) outputs: Vec<RecordedBoundary>,
    pub(crate) constants: Vec<RecordedBoundary>,
}

/// Builds the program.
pub(super) fn assemble(recording: Recording) -> Result<Captured, CaptureError> {
    assemble_whole(recording).map(|(captured, _)| captured)
}

/// Builds the program, and gives back what it was built from.
pub(crate) fn assemble_whole(recording: Recording) -> Result<(Captured, Remains), CaptureError> {
    let Recording {
        name,
        operations,
        values,
        scopes,
        lines,
        parameters,
        inputs,
        outputs,
        constants,
        forgotten,
    } = recording;
    // Markers tell the scope of what follows, and go.
    let mut scope = 0;
    let mut kept: Vec<(OperationIr, usize)> = Vec::with_capacity(operations.len());
    let mut happened = Happenings::new(&scopes, lines);
    for operation in operations {
        match marker(&operation).and_then(|id| scopes.markers.get(&id)) {
            Some(&current) => {
                scope = current;
                happened.reach(scope);
            }
            None => {
                happened.make(kept.len(), scope);
                kept.push((operation, scope));
            }
        }
    }

    let mut graph: DiGraph<Node, Slots> = DiGraph::new();
    // For each tensor, the node that gives it and which of its results it is.
    let mut made: IdMap<(NodeIndex, usize)> = IdMap::default();
    for input in &inputs {
        let node = Node::Input(Boundary { name: input.name.clone(), tensor: input.tensor.clone() });
        let node = graph.add_node(node);
        made.entry(input.id).or_insert((node, 0));
    }
    for (id, parameter) in &parameters {
        let RecordedParameter { paths, tensor } = parameter.clone();
        let node = graph.add_node(Node::Parameter(Parameter { paths, tensor, is_statistic: false }));
        made.entry(*id).or_insert((node, 0));
    }
    let given = Given::new(&kept, constants.clone(), forgotten);
    let initial = initial(
        &kept,
        |id| made.contains_key(&id) || given.is_given(id),
        |id| outputs.iter().any(|output| output.id == id),
    );

    let described = kept.iter().zip(&initial);
    let described: Vec<Option<Operation>> =
        described.map(|((operation, _), &initial)| (!initial).then(|| Operation::new(operation))).collect();
    let mut found = happened.lines(&kept, &described, &parameters);
    let (mut scope_of, mut results) = (Vec::new(), Vec::new());
    for (number, ((operation, scope), described)) in kept.iter().zip(described).enumerate() {
        // What only serves to make something is left out.
        let Some(described) = described else { continue };
        // What was declared or forgotten is there when it is first read.
        for tensor in operation.inputs() {
            let constant = given.constant(tensor.id, || TensorType::new(tensor));
            if let Some(constant) = constant.filter(|_| !made.contains_key(&tensor.id)) {
                made.insert(tensor.id, (graph.add_node(Node::Operation(constant)), 0));
                scope_of.push(*scope);
                results.push(vec![tensor.id]);
            }
        }
        let data = marker(operation).and_then(|id| values.get(&id)).map(digest);
        let lines = found.operations.get_mut(number).map(std::mem::take).unwrap_or_default();
        let node = Operation { data, source: lines.own, calls: lines.calls, ..described };
        let to = graph.add_node(Node::Operation(node));
        scope_of.push(*scope);
        results.push(operation.outputs().map(|tensor| tensor.id).collect());
        for (input, tensor) in operation.inputs().enumerate() {
            if let Some(&(from, output)) = made.get(&tensor.id) {
                graph.add_edge(from, to, Slots { output, input });
            }
        }
        for (output, tensor) in operation.outputs().enumerate() {
            made.entry(tensor.id).or_insert((to, output));
        }
    }
    for output in &outputs {
        let constant = given.constant(output.id, || output.tensor.clone());
        if let Some(constant) = constant.filter(|_| !made.contains_key(&output.id)) {
            made.insert(output.id, (graph.add_node(Node::Operation(constant)), 0));
            scope_of.push(0);
            results.push(vec![output.id]);
        }
    }
    for output in &outputs {
        let Some(&(from, result)) = made.get(&output.id) else {
            return Err(CaptureError::Unknown { tensor: output.name.clone() });
        };
        let node = Node::Output(Boundary { name: output.name.clone(), tensor: output.tensor.clone() });
        let to = graph.add_node(node);
        graph.add_edge(from, to, Slots { output: result, input: 0 });
    }
    if scope_of.is_empty() {
        let given = outputs.iter().find_map(|output| {
            let input = inputs.iter().find(|input| input.id == output.id).map(|input| input.name.clone());
            let path = || parameters.iter().find(|(id, _)| *id == output.id)?.1.paths.first().cloned();
            Some((output.name.clone(), input.or_else(path)?))
        });
        return Err(match given {
            Some((output, given)) => CaptureError::Identity { name, output, given },
            None => CaptureError::Empty { name },
        });
    }

    let (scopes, scope_of) = scope_tree(&name, &scopes.scopes, &mut found.spans, scope_of);
    let counts = Counts {
        inputs: inputs.len(),
        parameters: parameters.len(),
        operations: scope_of.len(),
        outputs: outputs.len(),
    };
    let mut captured = Captured { name, graph, counts, scopes, scope_of };
    statistics::mark(&mut captured);
    let recorded = kept.into_iter().map(|(operation, _)| operation).collect();
    let remains = Remains { recorded, initial, results, values, parameters, inputs, outputs, constants };
    Ok((captured, remains))
}

/// A number that tells values apart: FNV-1a, which is the same with every version of Rust, since graphs are saved.
fn digest(values: &TensorData) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    values.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn marker(operation: &OperationIr) -> Option<TensorId> {
    match operation {
        OperationIr::Init(init) => Some(init.out.id),
        _ => None,
    }
}

/// Which operations only serve to make parameters and inputs, or are data that nobody reads.
fn initial(
    operations: &[(OperationIr, usize)],
    is_cut: impl Fn(TensorId) -> bool,
    is_output: impl Fn(TensorId) -> bool,
) -> Vec<bool> {
    let mut initial = vec![false; operations.len()];
    // For each tensor: whether some operation of interest reads it, and whether any reads it at all.
    let mut readers: IdMap<bool> = IdMap::default();
    for (number, (operation, _)) in operations.iter().enumerate().rev() {
        let mut results = operation.outputs().map(|t| t.id).peekable();
        let has_results = results.peek().is_some();
        let (mut cut, mut read, mut of_interest) = (false, false, false);
        for id in results {
            cut |= is_cut(id);
            of_interest |= !is_cut(id) && (is_output(id) || readers.get(&id) == Some(&true));
            read |= readers.contains_key(&id);
        }
        let unread_data = matches!(operation, OperationIr::Init(_)) && !read;
        initial[number] = has_results && !of_interest && (cut || read || unread_data);
        for tensor in operation.inputs() {
            *readers.entry(tensor.id).or_default() |= !initial[number];
        }
    }
    initial
}

/// Drops the scopes without operations, and numbers siblings of the same name.
fn scope_tree(
    name: &str,
    recorded: &[RecordedScope],
    lines: &mut [Lines],
    mut scope_of: Vec<usize>,
) -> (Vec<Scope>, Vec<usize>) {
    let mut used = vec![false; recorded.len()];
    used[0] = true;
    for &scope in &scope_of {
        let mut scope = scope;
        while !used[scope] {
            used[scope] = true;
            scope = recorded[scope].parent;
        }
    }
    let mut scopes: Vec<Scope> = Vec::new();
    let mut renumbered = vec![0; recorded.len()];
    for (old, scope) in recorded.iter().enumerate().filter(|(old, _)| used[*old]) {
        let new = scopes.len();
        renumbered[old] = new;
        let parent = (old > 0).then(|| renumbered[scope.parent]);
        if let Some(parent) = parent {
            scopes[parent].children.push(new);
        }
        let name = if old == 0 { name.to_owned() } else { scope.name.clone() };
        let source = scope.source.clone();
        let Lines { own: called_at, calls } = lines.get_mut(old).map(std::mem::take).unwrap_or_default();
        scopes.push(Scope {
            name,
            index: None,
            source,
            called_at,
            calls,
            parent,
            children: Vec::new(),
            operations: Vec::new(),
        });
    }
    for (number, scope) in scope_of.iter_mut().enumerate() {
        *scope = renumbered[*scope];
        scopes[*scope].operations.push(number);
    }
    number_siblings(&mut scopes);
    (scopes, scope_of)
}

fn number_siblings(scopes: &mut [Scope]) {
    for parent in 0..scopes.len() {
        let children = scopes[parent].children.clone();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for &child in &children {
            *counts.entry(scopes[child].name.clone()).or_default() += 1;
        }
        let mut next: HashMap<String, usize> = HashMap::new();
        for child in children {
            let name = scopes[child].name.clone();
            if counts[&name] > 1 {
                let index = next.entry(name).or_default();
                scopes[child].index = Some(*index);
                *index += 1;
            }
        }
    }
}

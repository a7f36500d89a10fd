//! What a capture has to say: nothing is wrong, but something may not be as it was meant.

use std::collections::BTreeSet;
use std::fmt;

use crate::captured::{Captured, Node, Place};
use crate::fold::Wiring;

/// At most so many names are told in a note.
const TOLD: usize = 4;

/// What a capture has to say, with what to do about it; see [`crate::ComputationGraph::notes`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Layers whose weights no call of [`crate::Session::parameters`] has declared.
    Undeclared {
        /// How many operations read such weights.
        operations: usize,
        /// The kind of the first one.
        kind: String,
        /// The scope of the first one; empty outside of any.
        scope: String,
    },
    /// Declared parameters that no operation reads.
    Unread {
        /// Their paths.
        paths: Vec<String>,
    },
    /// Two parameters, of two modules, with one path.
    SharedPath {
        /// The path.
        path: String,
    },
    /// An output that is a parameter itself, and therefore not drawn.
    BareParameter {
        /// The output.
        output: String,
        /// The parameter's path.
        path: String,
    },
    /// A size that depends on symbols in more ways than one; it is shown as `?`.
    UncertainSize {
        /// The size in the two captures.
        sizes: [usize; 2],
        /// What it may be; empty if nothing simple fits.
        candidates: Vec<String>,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared { operations, kind, scope } => {
                let place = if scope.is_empty() { String::new() } else { format!(" in `{scope}`") };
                write!(
                    f,
                    "{operations} operations, the first a {kind}{place}, read weights that are not declared, so they have \
                     no names and are drawn as data: call `session.parameters(&module)` for every module, best before its \
                     forward pass"
                )
            }
            Self::Unread { paths } => write!(
                f,
                "{} declared parameters are read by no operation: {}. If they should be, see that the module that runs is \
                 the one that was declared",
                paths.len(),
                told(paths)
            ),
            Self::SharedPath { path } => write!(
                f,
                "several parameters have the path `{path}`: declare each module under a name of its own, \
                 `session.parameters_of(\"critic\", &critic)`"
            ),
            Self::BareParameter { output, path } => {
                write!(f, "output `{output}` is the parameter `{path}` itself and is not drawn")
            }
            Self::UncertainSize { sizes: [shown, probe], candidates } if candidates.is_empty() => write!(
                f,
                "a size is {shown} in one capture and {probe} in the other, which no simple expression of the symbols \
                 gives; it is shown as `?`. Give it a symbol of its own"
            ),
            Self::UncertainSize { sizes: [shown, probe], candidates } => write!(
                f,
                "a size is {shown} in one capture and {probe} in the other, which may be {}; it is shown as `?`. Other \
                 second sizes tell them apart",
                candidates.join(" or ")
            ),
        }
    }
}

fn told(names: &[String]) -> String {
    let few: Vec<String> = names.iter().take(TOLD).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(TOLD) {
        0 => few.join(", "),
        more => format!("{} and {more} more", few.join(", ")),
    }
}

/// What there is to say of a program.
pub(crate) fn notes(captured: &Captured, wiring: &Wiring) -> Vec<Note> {
    let mut notes: Vec<Note> = undeclared(captured, wiring).into_iter().collect();
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for path in captured.parameters().flat_map(|parameter| &parameter.paths) {
        if !seen.insert(path) && twice.insert(path) {
            notes.push(Note::SharedPath { path: path.clone() });
        }
    }
    let mut unread: BTreeSet<usize> = (0..captured.counts.parameters).collect();
    for edge in captured.edges() {
        let Place::Parameter(number) = captured.place(edge.from) else { continue };
        unread.remove(&number);
        if let Place::Output(_) = captured.place(edge.to) {
            notes.push(Note::BareParameter { output: name(captured, edge.to), path: path(captured, number) });
        }
    }
    if !unread.is_empty() {
        notes.push(Note::Unread { paths: unread.into_iter().map(|number| path(captured, number)).collect() });
    }
    notes
}

/// Whether layers read weights that are not declared: random data where some are, any data where none is.
fn undeclared(captured: &Captured, wiring: &Wiring) -> Option<Note> {
    let none_declared = captured.counts.parameters == 0;
    let mut random = vec![false; captured.operation_count()];
    let mut found: Option<(usize, usize)> = None;
    for (number, operation) in captured.operations().enumerate() {
        let sources = (0..wiring.arguments[number].len()).filter_map(|slot| wiring.producer(number, slot));
        let sources: Vec<usize> = sources.filter(|&source| wiring.is_constant(source)).collect();
        random[number] = is_random(&operation.kind) || sources.iter().any(|&source| random[source]);
        let weighs = is_layer(&operation.kind)
            && wiring.live[number]
            && sources.iter().any(|&source| random[source] || none_declared);
        if weighs {
            found = Some(found.map_or((1, number), |(count, first)| (count + 1, first)));
        }
    }
    let (operations, first) = found?;
    let kind = captured.operation(first).kind.clone();
    Some(Note::Undeclared { operations, kind, scope: captured.path(captured.scope_of[first]) })
}

fn is_random(kind: &str) -> bool {
    ["random", "uniform", "normal", "bernoulli"].contains(&kind)
}

fn is_layer(kind: &str) -> bool {
    matches!(kind, "matmul" | "linear" | "embedding") || kind.starts_with("conv") || kind.ends_with("norm")
}

fn path(captured: &Captured, parameter: usize) -> String {
    captured.parameter(parameter).paths.first().cloned().unwrap_or_default()
}

fn name(captured: &Captured, node: usize) -> String {
    match captured.at(node) {
        Node::Input(boundary) | Node::Output(boundary) => boundary.name.clone(),
        Node::Operation(_) | Node::Parameter(_) => String::new(),
    }
}

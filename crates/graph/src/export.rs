//! The graph as text, and for Graphviz.

use std::fmt::Write;

use crate::captured::{Captured, Edge, Node, ScopeId};
use crate::digits::thousands;
use crate::fold::{ItemId, Pattern, Repeats, Tree, What, Wiring, movement_label};
use crate::grade::quoted;
use crate::graph::ComputationGraph;

impl ComputationGraph {
    /// The scopes and what is recognised in them, one a line, indented, with counts and shapes. Equal layers in
    /// sequence are one line. The notes follow.
    #[must_use]
    pub fn outline(&self) -> String {
        let fold = self.fold();
        let outline = Outline {
            captured: self.captured(),
            wiring: &fold.wiring,
            tree: &fold.tree,
            repeats: fold.repeats(),
        };
        let mut text = String::new();
        outline.write(&[Tree::ROOT], 0, &mut text);
        for note in self.notes() {
            _ = writeln!(text, "note: {note}");
        }
        text
    }

    /// The graph in Graphviz's language, with a cluster for every scope.
    #[must_use]
    pub fn to_dot(&self) -> String {
        let mut text = format!("digraph {} {{\n  rankdir=BT;\n  node [shape=box];\n", quoted(self.name()));
        for (id, node) in self.nodes().enumerate() {
            let shape = match node {
                Node::Input(boundary) | Node::Output(boundary) => {
                    format!("label={}, shape=oval", quoted(&boundary.name))
                }
                Node::Parameter(parameter) => {
                    let path = parameter.paths.first().map(String::as_str).unwrap_or_default();
                    format!("label={}, style=dashed", quoted(path))
                }
                Node::Operation(_) => continue,
            };
            _ = writeln!(text, "  n{id} [{shape}];");
        }
        self.dot_scope(Self::ROOT, 1, &mut text);
        for Edge { from, to, output, .. } in self.edges() {
            let tensor = self.captured().tensor(from, output);
            let label = tensor.map(|tensor| quoted(&tensor.to_string())).unwrap_or_else(|| quoted(""));
            _ = writeln!(text, "  n{from} -> n{to} [label={label}];");
        }
        text + "}\n"
    }

    fn dot_scope(&self, scope: ScopeId, depth: usize, text: &mut String) {
        let indent = "  ".repeat(depth);
        for &number in &self.scopes()[scope].operations {
            let label = quoted(&self.operation(number).label());
            _ = writeln!(text, "{indent}n{} [label={label}];", self.captured().node_of(number));
        }
        for &child in &self.scopes()[scope].children {
            let label = quoted(&self.scopes()[child].key());
            _ = writeln!(text, "{indent}subgraph cluster_{child} {{\n{indent}  label={label};");
            self.dot_scope(child, depth + 1, text);
            _ = writeln!(text, "{indent}}}");
        }
    }
}

/// Whether a group's name tells more than what it is.
fn is_named(pattern: Pattern, name: &str) -> bool {
    match pattern {
        Pattern::Norm(_) => name != pattern.key(),
        Pattern::Activation(_) | Pattern::Gate(_) | Pattern::Rotary | Pattern::Constant => false,
        _ => true,
    }
}

struct Outline<'a> {
    captured: &'a Captured,
    wiring: &'a Wiring,
    tree: &'a Tree,
    repeats: Repeats<'a>,
}

impl Outline<'_> {
    /// Writes equal items as one.
    fn write(&self, copies: &[ItemId], depth: usize, text: &mut String) {
        let id = copies[0];
        let indent = "  ".repeat(depth);
        let item = &self.tree.items[id];
        let numbers: Vec<usize> = copies.iter().flat_map(|&copy| self.tree.operations(copy)).collect();
        let shape = self.shape(&numbers);
        let name = match item.what {
            What::Operation(number) => {
                _ = writeln!(text, "{indent}{} {shape}", self.captured.operation(number).kind);
                return;
            }
            What::Pattern(Pattern::Movement) => {
                let moves: Vec<_> = numbers.iter().map(|&number| self.captured.operation(number)).collect();
                movement_label(&moves)
            }
            What::Pattern(pattern)
                if pattern.label().eq_ignore_ascii_case(&item.name) || !is_named(pattern, &item.name) =>
            {
                pattern.label().to_owned()
            }
            What::Pattern(pattern) => format!("{} {}", pattern.label(), self.tree.key(id)),
            _ if copies.len() > 1 => format!("{} ×{}", item.name, copies.len()),
            _ => self.tree.key(id),
        };
        let mut parameters: Vec<usize> =
            numbers.iter().flat_map(|&number| self.wiring.parameters(number)).collect();
        parameters.sort_unstable();
        parameters.dedup();
        let scalars = |is_statistic: bool| -> usize {
            let parameters = parameters.iter().map(|&p| self.captured.parameter(p));
            parameters.filter(|p| p.is_statistic == is_statistic).map(|p| p.tensor.elements()).sum()
        };
        let counted = |what: &str, n: usize| match n {
            0 => String::new(),
            n => format!(", {} {what}", thousands(n)),
        };
        let mut trained =
            counted("parameters", scalars(false)) + &counted("running statistics", scalars(true));
        if copies.len() > 1 {
            trained += " in all";
        }
        let operations = match numbers.len() {
            1 => "1 operation".to_owned(),
            n => format!("{} operations", thousands(n)),
        };
        _ = writeln!(text, "{indent}{name} {shape}: {operations}{trained}");
        if matches!(item.what, What::Pattern(_)) {
            return;
        }
        for run in self.repeats.runs(&item.children) {
            self.write(&item.children[run], depth + 1, text);
        }
    }

    /// The type of the last live result.
    fn shape(&self, numbers: &[usize]) -> String {
        let last = numbers.iter().filter(|&&number| self.wiring.live[number]).max().or(numbers.iter().max());
        let tensor = last.and_then(|&number| self.captured.operation(number).outputs.first());
        tensor.map(ToString::to_string).unwrap_or_default()
    }
}

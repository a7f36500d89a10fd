//! What somebody drew: boxes with names, and lines between them.

use std::fmt::Write;

use crate::view::{BoxId, View};

/// A drawing of boxes and lines, from memory or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redrawing {
    pub(super) boxes: Vec<Drawn>,
    pub(super) lines: Vec<(usize, usize)>,
}

/// A box that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) label: String,
    /// The box of the picture in whose place it stands, where that is known.
    pub(super) of: Option<String>,
}

impl Redrawing {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws a box, and gives back its number.
    pub fn add(&mut self, label: impl Into<String>) -> usize {
        self.boxes.push(Drawn { label: label.into(), of: None });
        self.boxes.len() - 1
    }

    /// Draws a box in the place of one of the picture, which has that key.
    pub fn place(&mut self, key: impl Into<String>, label: impl Into<String>) -> usize {
        self.boxes.push(Drawn { label: label.into(), of: Some(key.into()) });
        self.boxes.len() - 1
    }

    /// Draws a line from a box to another. A number that no box has is passed over.
    pub fn join(&mut self, from: usize, to: usize) {
        if from.max(to) < self.boxes.len() {
            self.lines.push((from, to));
        }
    }

    /// Numbers of boxes, and of lines between them.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.boxes.len(), self.lines.len())
    }

    /// Names of the boxes, in the order in which they were drawn.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.boxes.iter().map(|drawn| drawn.label.as_str())
    }
}

impl View {
    /// What it shows in Graphviz's language: a cluster for each frame, a node for each box, an edge for each line. Read
    /// by [`Redrawing::from_dot`], it is an exact copy.
    #[must_use]
    pub fn to_dot(&self) -> String {
        self.dot(true)
    }

    /// The same without names and lines, to be filled in.
    #[must_use]
    pub fn to_blank_dot(&self) -> String {
        self.dot(false)
    }

    fn dot(&self, is_told: bool) -> String {
        let mut text = format!("digraph {} {{\n  rankdir=BT;\n  node [shape=box];\n", quoted(&self.title));
        // What is open, and which of its children comes next.
        let mut open: Vec<(BoxId, usize)> = vec![(Self::ROOT, 0)];
        while let Some((id, next)) = open.pop() {
            let indent = "  ".repeat(open.len() + 1);
            let Some(&child) = self.boxes[id].children.get(next) else {
                if id != Self::ROOT {
                    _ = writeln!(text, "{}}}", "  ".repeat(open.len()));
                }
                continue;
            };
            open.push((id, next + 1));
            let label = quoted(&self.boxes[child].label);
            if !self.is_leaf(child) {
                _ = writeln!(text, "{indent}subgraph cluster_{child} {{\n{indent}  label={label};");
                open.push((child, 0));
            } else if is_told {
                _ = writeln!(text, "{indent}b{child} [label={label}];");
            } else {
                let key = quoted(&self.boxes[child].key);
                _ = writeln!(text, "{indent}b{child} [label=\"\", box={key}];");
            }
        }
        for edge in self.edges.iter().filter(|_| is_told) {
            _ = writeln!(text, "  b{} -> b{};", edge.from, edge.to);
        }
        text + "}\n"
    }
}

/// A string of Graphviz's language.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

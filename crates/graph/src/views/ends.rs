//! Where edges begin and end: boxes, and what enters and leaves the view.

use super::builder::{Builder, Owner};
use super::labels::{Style, Subject, SubjectKind, Visibility};
use crate::captured::{Node, Place};
use crate::fold::{Argument, Tree, What};
use crate::view::{BoxId, BoxKind, View, ViewBox};

/// Where an edge begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Origin {
    /// A box.
    Leaf(BoxId),
    /// An input of the graph, by number.
    Input(usize),
    /// A result of an operation outside of the root.
    Outside(usize, usize),
}

/// Where an edge ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Goal {
    /// A box.
    Leaf(BoxId),
    /// A declared output of the graph, by number.
    Output(usize),
    /// A result that is read outside of the root.
    Outside(usize, usize),
}

impl Builder<'_> {
    pub(super) fn origin_box(&mut self, origin: Origin) -> Option<BoxId> {
        // As it enters, and not as reshapes that are not shown pass it on.
        let ((path, name), entering) = match origin {
            Origin::Leaf(id) => return Some(id),
            Origin::Input(input) => {
                let place = Place::Input(input);
                let name = self.boundary_name(place);
                ((name.clone(), name), Argument { place, output: 0 })
            }
            Origin::Outside(number, output) => {
                (self.name_outside(number), Argument { place: Place::Operation(number), output })
            }
        };
        self.boundary_box(SubjectKind::Input, &path, &name, &[entering])
    }

    pub(super) fn goal_box(&mut self, goal: Goal, arguments: &[Argument]) -> Option<BoxId> {
        let (path, name) = match goal {
            Goal::Leaf(id) => return Some(id),
            Goal::Output(output) => {
                let name = self.boundary_name(Place::Output(output));
                (name.clone(), name)
            }
            Goal::Outside(number, _) => (self.tree.path(self.tree.leaves[number]), "output".to_owned()),
        };
        self.boundary_box(SubjectKind::Output, &path, &name, arguments)
    }

    fn boundary_name(&self, place: Place) -> String {
        match self.captured.at(self.captured.node(place)) {
            Node::Input(boundary) | Node::Output(boundary) => boundary.name.clone(),
            Node::Parameter(_) | Node::Operation(_) => String::new(),
        }
    }

    /// Path and name of what is outside of the root and gives a tensor to it: the layer behind reshapes, or else the
    /// outermost scope that does not hold the root. What joins several tensors is none of them.
    fn name_outside(&self, number: usize) -> (String, String) {
        let above: Vec<_> = self.tree.ancestors(self.root).collect();
        let mut source = number;
        while self.captured.operation(source).is_movement()
            && self.captured.operation(source).kind != "cat"
            && let Some(before) = self.wiring.producer(source, 0)
            && self.owners[before] == Owner::Outside
        {
            source = before;
        }
        let chain: Vec<_> =
            self.tree.ancestors(self.tree.leaves[source]).take_while(|item| !above.contains(item)).collect();
        let outermost = chain.last().copied().unwrap_or(Tree::ROOT);
        let styled = chain.iter().rev().find_map(|&item| self.style(item).label);
        let name = match self.tree.items[outermost].what {
            What::Operation(_) | What::Pattern(_) => self.name_of(outermost),
            _ => self.tree.items[outermost].name.clone(),
        };
        (self.tree.path(outermost), styled.unwrap_or(name))
    }

    /// The types of several tensors, each once.
    pub(super) fn types(&self, arguments: &[Argument]) -> Vec<String> {
        let mut types = Vec::new();
        for concrete in arguments.iter().filter_map(|&argument| self.concrete(argument)) {
            if !types.contains(&concrete) {
                types.push(concrete);
            }
        }
        types
    }

    /// A box for a tensor that enters or leaves, unless the labels hide it.
    fn boundary_box(
        &mut self,
        what: SubjectKind,
        path: &str,
        name: &str,
        arguments: &[Argument],
    ) -> Option<BoxId> {
        let shapes: Vec<_> = arguments.iter().filter_map(|&argument| self.shape(argument)).collect();
        let (inputs, outputs) = match what {
            SubjectKind::Input => (&[][..], shapes.as_slice()),
            _ => (shapes.as_slice(), &[][..]),
        };
        let subject = Subject { path, name, what, module: "", inputs, outputs };
        let style: Style = self.options.labels.style(&subject).unwrap_or_default();
        if matches!(style.visibility, Visibility::Hidden | Visibility::Bridged) {
            return None;
        }
        let (word, kind) = match what {
            SubjectKind::Input => ("input", BoxKind::Input),
            _ => ("output", BoxKind::Output),
        };
        let id = self.boxes.len();
        let key = self.unique(format!("{word}:{path}"));
        let detail = self.types(arguments);
        self.boxes.push(ViewBox {
            key,
            label: style.label.unwrap_or_else(|| name.to_owned()),
            note: style.note,
            shape: shapes.into_iter().next(),
            kind,
            repeat: 1,
            parent: Some(View::ROOT),
            children: Vec::new(),
            source: None,
            operations: 0,
            parameters: 0,
            each: 0,
            statistics: 0,
            detail,
            highlight: self.options.highlights(path),
        });
        self.boxes[View::ROOT].children.push(id);
        Some(id)
    }
}

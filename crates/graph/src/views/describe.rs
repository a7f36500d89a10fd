//! What a box says: its kind, label, note, source and tooltip.

use std::collections::BTreeSet;

use super::builder::{Builder, Entry};
use super::facts::crossing;
use crate::fold::{Argument, ItemId, Pattern, Tree, What, is_trivial, movement_label};
use crate::program::Place;
use crate::view::{BoxId, BoxKind, Source, ViewBox};

/// At most so many parameters are named in a tooltip.
const NAMED_PARAMETERS: usize = 6;

impl Builder<'_> {
    /// Adds the box of an entry, as a leaf.
    pub(super) fn add_box(&mut self, entry: &Entry, parent: Option<BoxId>) -> BoxId {
        let item = entry.items[0];
        let operations = self.operations_of(entry);
        let parameters: BTreeSet<usize> =
            operations.iter().flat_map(|&number| self.parameters_read(number)).collect();
        let path = match entry.norm {
            Some(norm) => format!("{}/add_norm", self.tree.path(self.parent(norm))),
            None => self.tree.path(item),
        };
        let highlight = self.options.highlights(&path);
        let key = self.unique(if path.is_empty() { self.program.name.clone() } else { path });
        let (label, note) = self.texts(entry);
        let id = self.boxes.len();
        self.boxes.push(ViewBox {
            key,
            label,
            note,
            shape: self.new_shape(&operations[..operations.len() / entry.items.len().max(1)]),
            kind: entry.style.kind.unwrap_or_else(|| self.kind(entry, &operations)),
            repeat: entry.items.len(),
            parent,
            children: Vec::new(),
            source: self.source(entry.norm.unwrap_or(item)),
            operations: operations.len(),
            parameters: parameters.iter().map(|&p| self.program.parameter(p).tensor.elements()).sum(),
            detail: self.detail(&operations[..operations.len() / entry.items.len().max(1)], &parameters),
            highlight,
        });
        if let Some(parent) = parent {
            self.boxes[parent].children.push(id);
        }
        id
    }

    /// The parameters that an operation reads, be it by way of reshapes that are not shown.
    fn parameters_read(&self, number: usize) -> Vec<usize> {
        let mut parameters: Vec<usize> = self.wiring.parameters(number).collect();
        let slots = 0..self.wiring.arguments[number].len();
        for source in slots.filter_map(|slot| self.wiring.producer(number, slot)) {
            let is_bridge = !self.options.every_operation && is_trivial(self.program.operation(source));
            parameters.extend(self.wiring.parameters(source).filter(|_| is_bridge));
        }
        parameters
    }

    /// Label and note.
    fn texts(&self, entry: &Entry) -> (String, Option<String>) {
        let item = &self.tree.items[entry.items[0]];
        let (label, note) = match (item.what, entry.norm) {
            (_, Some(_)) => (Pattern::AddNorm.label().to_owned(), None),
            (What::Operation(number), _) => {
                (self.program.operation(number).label(), self.moved_parameter(number))
            }
            (What::Pattern(Pattern::Movement), _) => {
                let moves = self.tree.operations(entry.items[0]);
                let moves: Vec<_> = moves.iter().map(|&number| self.program.operation(number)).collect();
                (movement_label(&moves), None)
            }
            (What::Pattern(pattern), _) => {
                let note = (pattern == Pattern::Linear && item.name != "linear").then(|| item.name.clone());
                (pattern.label().to_owned(), note)
            }
            // Copies are not told apart by their number.
            (What::Scope(_) | What::Module, _)
                if entry.items.len() > 1 || (entry.items[0] == self.root && self.root != Tree::ROOT) =>
            {
                (item.name.clone(), None)
            }
            (What::Scope(_) | What::Module, _) => match entry.items[0] {
                Tree::ROOT => (self.program.name.clone(), None),
                id => (self.tree.key(id).replace('.', " "), None),
            },
        };
        let note = entry.style.note.clone().or(if entry.style.label.is_none() { note } else { None });
        (entry.style.label.clone().unwrap_or(label), note)
    }

    fn kind(&self, entry: &Entry, operations: &[usize]) -> BoxKind {
        if entry.norm.is_some() {
            return BoxKind::Norm;
        }
        if let [only] = operations {
            let kind = self.program.operation(*only).box_kind();
            return if self.tree.masks[*only] { BoxKind::Mask } else { kind };
        }
        let item = &self.tree.items[entry.items[0]];
        let recognised = match item.what {
            What::Pattern(pattern) => Some(pattern),
            _ => item.recognised,
        };
        match recognised {
            Some(Pattern::Linear) => BoxKind::Linear,
            Some(Pattern::Attention) => BoxKind::Attention,
            Some(Pattern::Mask) => BoxKind::Mask,
            Some(Pattern::AddNorm) => BoxKind::Norm,
            Some(Pattern::Movement) => BoxKind::Movement,
            None => self.kind_of_all(entry.items[0], operations),
        }
    }

    /// The kind of a closed scope, from the operations in it.
    fn kind_of_all(&self, item: ItemId, operations: &[usize]) -> BoxKind {
        if operations.iter().all(|&number| self.tree.masks[number]) {
            return BoxKind::Mask;
        }
        let count = |of: &dyn Fn(BoxKind) -> bool| {
            operations.iter().filter(|&&number| of(self.program.operation(number).box_kind())).count()
        };
        let products = count(&|kind| kind == BoxKind::Linear);
        let norms = count(&|kind| kind == BoxKind::Norm);
        let activations = count(&|kind| kind == BoxKind::Activation);
        let embeddings = count(&|kind| kind == BoxKind::Embedding);
        if self.holds_attention(item) {
            // With norms beside it, it is a whole layer.
            return if norms == 0 { BoxKind::Attention } else { BoxKind::Other };
        }
        match (products, norms, activations, embeddings) {
            (0, 0, 0, 0) if count(&|kind| kind == BoxKind::Movement) == operations.len() => BoxKind::Movement,
            (0, 0, 0, 1..) => BoxKind::Embedding,
            (0, 1.., 0, 0) => BoxKind::Norm,
            (0, 0, 1.., 0) => BoxKind::Activation,
            (1, 0, 0, 0) => BoxKind::Linear,
            (1.., _, 1.., _) | (2.., ..) => BoxKind::FeedForward,
            _ => BoxKind::Other,
        }
    }

    fn holds_attention(&self, item: ItemId) -> bool {
        let mut open = vec![item];
        while let Some(item) = open.pop() {
            let item = &self.tree.items[item];
            if item.recognised == Some(Pattern::Attention) || item.what == What::Pattern(Pattern::Attention) {
                return true;
            }
            open.extend(&item.children);
        }
        false
    }

    /// The code of the innermost span around an item.
    fn source(&self, item: ItemId) -> Option<Source> {
        self.tree.ancestors(item).find_map(|item| match self.tree.items[item].what {
            What::Scope(scope) => self.program.scopes[scope].source.clone(),
            _ => None,
        })
    }

    /// Whether a result leaves a set of operations on a way to an output of the graph.
    fn is_read(&self, result: &Argument, inside: &[usize]) -> bool {
        let Place::Operation(number) = result.place else { return true };
        let declared = self.wiring.outputs[number].iter().any(|&(_, output)| output == result.output);
        let reads = |user: &usize| {
            self.wiring.live[*user] && self.wiring.arguments[*user].contains(result) && !inside.contains(user)
        };
        declared || self.wiring.users[number].iter().any(reads)
    }

    /// The parameter that an operation brings into another form.
    fn moved_parameter(&self, number: usize) -> Option<String> {
        let is_movement = self.program.operation(number).is_movement();
        let first = self.wiring.arguments[number].first().filter(|_| is_movement)?;
        match first.place {
            Place::Parameter(parameter) => {
                let path = self.program.parameter(parameter).paths.first()?;
                let module = path.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
                Some(path[module..].to_owned())
            }
            _ => None,
        }
    }

    /// The shape of what leaves a box, unless something of that shape enters it.
    fn new_shape(&self, operations: &[usize]) -> Option<String> {
        let (inputs, outputs) = crossing(self.wiring, operations);
        let shape = outputs
            .iter()
            .find(|output| self.is_read(output, operations))
            .and_then(|&output| self.shape(output))?;
        let mut entering = inputs.iter().filter_map(|&argument| self.shape(argument));
        entering.all(|entering| entering != shape).then_some(shape)
    }

    /// The tooltip's lines, for one copy.
    fn detail(&self, operations: &[usize], parameters: &BTreeSet<usize>) -> Vec<String> {
        let mut lines = Vec::new();
        let (inputs, outputs) = crossing(self.wiring, operations);
        for (word, tensors) in [("in", inputs), ("out", outputs)] {
            let mut seen = BTreeSet::new();
            for concrete in tensors.into_iter().filter_map(|argument| self.concrete(argument)) {
                if seen.insert(concrete.clone()) {
                    lines.push(format!("{word} {concrete}"));
                }
            }
        }
        if let [only] = operations {
            let attributes = &self.program.operation(*only).attributes;
            lines.extend(attributes.iter().map(|(name, value)| format!("{name} = {value}")));
        }
        for &parameter in parameters.iter().take(NAMED_PARAMETERS) {
            let parameter = self.program.parameter(parameter);
            let path = parameter.paths.first().map(String::as_str).unwrap_or_default();
            lines.push(format!("{path} {}", parameter.tensor.sizes()));
        }
        if parameters.len() > NAMED_PARAMETERS {
            lines.push(format!("and {} more parameters", parameters.len() - NAMED_PARAMETERS));
        }
        lines
    }
}

//! What a box says: its kind, label, note, source and tooltip.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::again::numbered;
use super::builder::{Builder, Entry};
use crate::captured::Place;
use crate::fold::{
    Argument, ItemId, Norm, Pattern, Tree, What, crossing, field, is_trivial, movement_label,
    parameter_behind,
};
use crate::view::{BoxId, BoxKind, ViewBox};

/// At most so many parameters are named in a tooltip.
const NAMED_PARAMETERS: usize = 6;

/// The parts that are there, as one note.
fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

impl Builder<'_> {
    /// Adds the box of an entry, as a leaf.
    pub(super) fn add_box(&mut self, entry: &Entry, parent: Option<BoxId>) -> BoxId {
        let item = entry.items[0];
        let operations = self.operations_of(entry);
        let one = &operations[..operations.len() / entry.items.len().max(1)];
        let read = |operations: &[usize]| -> BTreeSet<usize> {
            operations.iter().flat_map(|&number| self.parameters_read(number)).collect()
        };
        let (parameters, of_one) = (read(&operations), read(one));
        let scalars = |parameters: &BTreeSet<usize>, is_statistic: bool| -> usize {
            let parameters = parameters.iter().map(|&p| self.captured.parameter(p));
            parameters.filter(|p| p.is_statistic == is_statistic).map(|p| p.tensor.elements()).sum()
        };
        let (all, each) = (scalars(&parameters, false), scalars(&of_one, false));
        let statistics = scalars(&parameters, true);
        let (shape, mut detail) = (self.new_shape(entry, one), self.detail(entry, one, &of_one));
        detail.extend(self.called_at(entry).map(|at| format!("called at {}:{}", at.file, at.line)));
        detail.extend(self.sharing(entry, &operations, &parameters));
        detail.extend(self.led_on(entry));
        let path = match entry.norm {
            Some(norm) => format!("{}/add_norm", self.tree.path(self.parent(norm))),
            None => self.tree.path(item),
        };
        let highlight = self.options.highlights(&path);
        let key = self.unique(if path.is_empty() { self.captured.name.clone() } else { path });
        let (label, note) = self.texts(entry);
        let id = self.boxes.len();
        self.boxes.push(ViewBox {
            key,
            label,
            note,
            shape,
            kind: entry.style.kind.unwrap_or_else(|| self.kind(entry)),
            repeat: entry.items.len(),
            parent,
            children: Vec::new(),
            source: self.source(entry.norm.unwrap_or(item)),
            operations: operations.len(),
            parameters: all,
            each,
            statistics,
            detail,
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
            let is_bridge = !self.options.every_operation && is_trivial(self.captured.operation(source));
            parameters.extend(self.wiring.parameters(source).filter(|_| is_bridge));
        }
        parameters
    }

    /// Label and note.
    fn texts(&self, entry: &Entry) -> (String, Option<String>) {
        let item = &self.tree.items[entry.items[0]];
        let (label, note) = match (item.what, entry.norm) {
            // Under "Add & Norm", "norm" says nothing more.
            (_, Some(norm)) => {
                (Pattern::AddNorm.label().to_owned(), self.field_of(norm).filter(|field| field != "norm"))
            }
            (What::Operation(number), _) => self.operation_texts(number),
            (What::Pattern(Pattern::Movement), _) => {
                let operations = self.tree.operations(entry.items[0]);
                let moves: Vec<_> = operations.iter().map(|&n| self.captured.operation(n)).collect();
                let moved = self.parameter_name(self.wiring.parameters(operations[0]).next());
                (movement_label(&moves), moved)
            }
            (What::Pattern(pattern), _) => {
                let own = self.field_of(entry.items[0]);
                (pattern.label().to_owned(), joined([own, self.detail_of(pattern, entry.items[0])]))
            }
            // Copies are not told apart by their number.
            (What::Scope(_) | What::Module, _)
                if entry.items.len() > 1 || (entry.items[0] == self.root && self.root != Tree::ROOT) =>
            {
                (item.name.clone(), self.recognised_as(entry.items[0]))
            }
            (What::Scope(_) | What::Module, _) => match entry.items[0] {
                Tree::ROOT => (self.captured.name.clone(), None),
                id => (numbered(item), self.recognised_as(id)),
            },
        };
        let note = entry.style.note.clone().or(if entry.style.label.is_none() { note } else { None });
        let (label, note) = match (&entry.style.label, self.again(entry)) {
            (Some(label), again) => (label.clone(), note.or(again)),
            (None, Some(again)) => (format!("{label} ({again})"), note),
            (None, None) => (label, note),
        };
        let note = note.filter(|note| !note.eq_ignore_ascii_case(&label));
        (label, note)
    }

    /// What an item is called where it is not drawn itself: the field of a layer, or what it does.
    pub(super) fn name_of(&self, item: ItemId) -> String {
        match self.tree.items[item].what {
            What::Operation(number) => self.operation_texts(number).0,
            What::Pattern(Pattern::Movement) => {
                let moves = self.tree.operations(item);
                let moves: Vec<_> = moves.iter().map(|&number| self.captured.operation(number)).collect();
                movement_label(&moves)
            }
            What::Pattern(pattern) => self.field_of(item).unwrap_or_else(|| pattern.label().to_owned()),
            What::Scope(_) | What::Module => self.tree.items[item].name.clone(),
        }
    }

    /// Label and note of a single operation.
    fn operation_texts(&self, number: usize) -> (String, Option<String>) {
        let operation = self.captured.operation(number);
        let arguments = &self.wiring.arguments[number];
        let label = match operation.kind.as_str() {
            _ if self.is_lookup(number) => "Embedding".to_owned(),
            // That is how Burn records it.
            "mul" if arguments.len() == 2 && arguments[0] == arguments[1] => "Square".to_owned(),
            _ => operation.label(),
        };
        (label, joined([self.owner(number), operation.note()]))
    }

    /// The field of the module whose parameters a layer reads. What is no layer says which parameter it reads.
    fn owner(&self, number: usize) -> Option<String> {
        let operation = self.captured.operation(number);
        let is_layer = self.is_lookup(number)
            || matches!(
                operation.box_kind(),
                BoxKind::Norm
                    | BoxKind::Convolution
                    | BoxKind::Embedding
                    | BoxKind::Linear
                    | BoxKind::Activation
            );
        let arguments = self.wiring.arguments[number].iter();
        let mut read =
            arguments.filter_map(|&argument| parameter_behind(self.captured, self.wiring, argument));
        if is_layer {
            return field(self.captured, read.next()?);
        }
        let parameter = match operation.is_movement() {
            true => self.wiring.parameters(number).next(),
            false => read.next(),
        };
        self.parameter_name(parameter)
    }

    /// A parameter with the field of the module that holds it.
    fn parameter_name(&self, parameter: Option<usize>) -> Option<String> {
        let path = self.captured.parameter(parameter?).paths.first()?;
        let module = path.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
        Some(path[module..].to_owned())
    }

    /// Whether it looks up rows of a parameter, as an embedding does.
    pub(super) fn is_lookup(&self, number: usize) -> bool {
        let operation = self.captured.operation(number);
        matches!(operation.kind.as_str(), "select" | "gather")
            && self.wiring.arguments[number]
                .first()
                .is_some_and(|&argument| parameter_behind(self.captured, self.wiring, argument).is_some())
    }

    /// The field of a recognised layer, if it is in one.
    fn field_of(&self, item: ItemId) -> Option<String> {
        let operations = self.tree.operations(item);
        let is_layer = match (self.tree.items[item].what, self.tree.items[item].recognised) {
            (What::Pattern(pattern), _) | (_, Some(pattern)) => {
                matches!(pattern, Pattern::Linear | Pattern::Norm(_))
            }
            (What::Operation(_), None) => true,
            _ => false,
        };
        let read = operations.iter().flat_map(|&number| self.wiring.parameters(number));
        field(self.captured, read.min().filter(|_| is_layer)?)
    }

    /// What a scope is that makes up one layer, unless it is called so.
    fn recognised_as(&self, item: ItemId) -> Option<String> {
        let shown =
            |pattern: &Pattern| pattern.is_one_box() && !matches!(pattern, Pattern::Linear | Pattern::Mask);
        let label = self.tree.items[item].recognised.filter(shown)?.label();
        let plain = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        (plain(label) != plain(&self.tree.items[item].name)).then(|| label.to_owned())
    }

    /// What a pattern's name leaves open: how many groups, which table.
    fn detail_of(&self, pattern: Pattern, item: ItemId) -> Option<String> {
        let operations =
            || self.tree.operations(item).into_iter().map(|number| self.captured.operation(number));
        match pattern {
            Pattern::Norm(Norm::Group) => {
                let mean = operations().find(|operation| operation.kind.ends_with("_dim"))?;
                Some(format!("{} groups", mean.inputs.first()?.axes.get(1)?.size))
            }
            Pattern::Constant => {
                let names: Vec<_> =
                    operations().filter(|o| o.kind == "constant").filter_map(|o| o.note()).collect();
                (!names.is_empty()).then(|| names.join(", "))
            }
            _ => None,
        }
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

    /// The shape of what leaves a box, unless something of that shape enters it.
    fn new_shape(&self, entry: &Entry, one: &[usize]) -> Option<String> {
        let crossed = self.crossing(entry, one);
        let (inputs, outputs) = &*crossed;
        let mut result = *outputs.iter().find(|output| self.is_read(output, one))?;
        // How a constant is laid out for its reader is not what it is.
        while self.tree.items[entry.items[0]].what == What::Pattern(Pattern::Constant)
            && let Place::Operation(number) = result.place
            && is_trivial(self.captured.operation(number))
            && let Some(&before) = self.wiring.arguments[number].first()
        {
            result = before;
        }
        let shape = self.shape(result)?;
        let mut entering = inputs.iter().filter_map(|&argument| self.shape(argument));
        entering.all(|entering| entering != shape).then_some(shape)
    }

    /// The tensors that enter and leave one copy of an entry, which has these operations.
    fn crossing(&self, entry: &Entry, one: &[usize]) -> Cow<'_, (Vec<Argument>, Vec<Argument>)> {
        match entry.norm {
            None => Cow::Borrowed(&self.facts(entry.items[0]).crossing),
            Some(_) => Cow::Owned(crossing(self.wiring, one)),
        }
    }

    /// The tooltip's lines, for one copy.
    fn detail(&self, entry: &Entry, operations: &[usize], parameters: &BTreeSet<usize>) -> Vec<String> {
        let mut lines = Vec::new();
        let crossing = self.crossing(entry, operations);
        for (word, tensors) in [("in", &crossing.0), ("out", &crossing.1)] {
            let types = self.types(tensors);
            lines.extend(types.into_iter().map(|concrete| format!("{word} {concrete}")));
        }
        if let [only] = operations {
            let attributes = &self.captured.operation(*only).attributes;
            let told = attributes.iter().filter(|(name, _)| name != "accumulator_len" && name != "name");
            lines.extend(told.map(|(name, value)| {
                let name = if name == "rhs" { "value".to_owned() } else { name.replace('_', " ") };
                format!("{name} = {value}")
            }));
        }
        for &parameter in parameters.iter().take(NAMED_PARAMETERS) {
            let parameter = self.captured.parameter(parameter);
            lines.push(format!("{} {}", parameter.paths.join(" = "), parameter.tensor.sizes()));
        }
        if parameters.len() > NAMED_PARAMETERS {
            lines.push(format!("and {} more parameters", parameters.len() - NAMED_PARAMETERS));
        }
        lines
    }
}

//! From a graph to a [`View`]: which boxes there are, and which operation is in which box.

mod describe;
mod diff;
mod edges;
mod roles;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use crate::error::ViewError;
use crate::fold::{ItemId, Pattern, Repeats, Tree, What, Wiring, is_residual, is_trivial};
use crate::graph::ComputationGraph;
use crate::labels::{Style, Subject, SubjectKind, Visibility, matches};
use crate::options::ViewOptions;
use crate::view::{BoxId, BoxKind, View, ViewBox};

impl ComputationGraph {
    /// What a diagram of this graph, or of one of its scopes, shows.
    ///
    /// # Errors
    ///
    /// If no scope matches the root's path.
    pub fn view(&self, options: &ViewOptions<'_>) -> Result<View, ViewError> {
        self.view_with_owners(options).map(|(view, _)| view)
    }

    /// The view, and for each operation the box that stands for it: the root's own operations alone have one. For an
    /// operation that is not shown it is the open box around it.
    ///
    /// # Errors
    ///
    /// If no scope matches the root's path.
    pub fn view_with_owners(
        &self,
        options: &ViewOptions<'_>,
    ) -> Result<(View, Vec<Option<BoxId>>), ViewError> {
        let wiring = Wiring::new(self);
        let tree = Tree::new(self, &wiring);
        let root = find_root(self, &tree, &options.root)?;
        let mut builder = Builder::new(self, &wiring, &tree, options, root);
        builder.boxes_of(root);
        let edges = builder.edges(root);
        let mut view = builder.finish(edges);
        roles::assign(&mut view.0);
        Ok(view)
    }
}

fn find_root(graph: &ComputationGraph, tree: &Tree, path: &str) -> Result<ItemId, ViewError> {
    let mut level: Vec<ItemId> = vec![Tree::ROOT];
    let mut open = vec![Tree::ROOT];
    // Depth first, in program order, so that a path without numbers means the first.
    while let Some(item) = open.pop() {
        if matches(path, &tree.path(item)) && !matches!(tree.items[item].what, What::Operation(_)) {
            return Ok(item);
        }
        open.extend(tree.items[item].children.iter().rev());
    }
    // Say what there is where the path goes astray.
    let parts: Vec<&str> = path.split('/').collect();
    for end in 1..parts.len() {
        let prefix = parts[..end].join("/");
        let deeper = (0..tree.items.len()).find(|&item| matches(&prefix, &tree.path(item)));
        match deeper {
            Some(item) => level = vec![item],
            None => break,
        }
    }
    let children = level.iter().flat_map(|&item| &tree.items[item].children);
    let scopes = children.filter(|&&child| !matches!(tree.items[child].what, What::Operation(_)));
    let mut candidates: Vec<_> = scopes.map(|&child| tree.path(child)).collect();
    candidates.truncate(12);
    Err(ViewError::UnknownScope { path: path.to_owned(), graph: graph.name().to_owned(), candidates })
}

/// What stands for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// Nothing: it is not below the view's root.
    Outside,
    /// A box.
    Leaf(BoxId),
    /// Not shown, data included; inside that box.
    Hidden(BoxId),
    /// Not shown, but the data passes; inside that box.
    Bridged(BoxId),
}

/// One box to be: an item, or several equal ones in sequence, or an addition with its norm.
struct Entry {
    items: Vec<ItemId>,
    /// The norm, if `items` is the addition before it.
    norm: Option<ItemId>,
    style: Style,
}

struct Builder<'a> {
    graph: &'a ComputationGraph,
    wiring: &'a Wiring,
    tree: &'a Tree,
    options: &'a ViewOptions<'a>,
    repeats: Repeats<'a>,
    /// Scopes that were asked to be open, and those around them.
    opened: HashSet<ItemId>,
    boxes: Vec<ViewBox>,
    owners: Vec<Owner>,
    /// For items that are folded with their siblings: the run and the place in it.
    copies: HashMap<ItemId, (ItemId, usize)>,
    keys: HashSet<String>,
    /// Styles of items that the labels were already asked for.
    styles: RefCell<HashMap<ItemId, Style>>,
    root: ItemId,
}

impl<'a> Builder<'a> {
    fn new(
        graph: &'a ComputationGraph,
        wiring: &'a Wiring,
        tree: &'a Tree,
        options: &'a ViewOptions<'a>,
        root: ItemId,
    ) -> Self {
        let mut opened = HashSet::new();
        if !options.open.is_empty() {
            for item in 0..tree.items.len() {
                if !matches!(tree.items[item].what, What::Operation(_)) && options.opens(&tree.path(item)) {
                    opened.extend(tree.ancestors(item));
                }
            }
        }
        Self {
            graph,
            wiring,
            tree,
            options,
            repeats: Repeats::new(graph, wiring, tree),
            opened,
            boxes: Vec::new(),
            owners: vec![Owner::Outside; graph.operation_count()],
            copies: HashMap::new(),
            keys: HashSet::new(),
            styles: RefCell::default(),
            root,
        }
    }

    /// Makes the root's box and all below.
    fn boxes_of(&mut self, root: ItemId) {
        let style = self.style(root);
        let entry = Entry { items: vec![root], norm: None, style };
        let id = self.add_box(&entry, None);
        self.boxes[id].kind = BoxKind::Scope;
        self.fill(id, root, 1);
    }

    /// Makes the boxes inside `frame`, which stands for `item`. `level` counts from the root's children.
    fn fill(&mut self, frame: BoxId, item: ItemId, level: usize) {
        let entries = self.entries(item, frame);
        for entry in self.join_norms(entries) {
            self.place(&entry, frame, level);
        }
    }

    fn place(&mut self, entry: &Entry, parent: BoxId, level: usize) {
        let id = self.add_box(entry, Some(parent));
        let item = entry.items[0];
        if entry.norm.is_none() && self.is_open(item, level) && self.is_worth_opening(item, id) {
            self.boxes[id].kind = BoxKind::Scope;
            self.fill(id, item, level + 1);
        } else {
            for operation in self.operations_of(entry) {
                self.owners[operation] = Owner::Leaf(id);
            }
            return;
        }
        // What stands for an operation of the first copy stands for the same one of all others.
        let first = self.tree.operations(item);
        for (copy, &other) in entry.items.iter().enumerate() {
            if entry.items.len() > 1 {
                self.copies.insert(other, (item, copy));
            }
            for (&original, operation) in first.iter().zip(self.tree.operations(other)) {
                self.owners[operation] = self.owners[original];
            }
        }
    }

    fn is_open(&self, item: ItemId, level: usize) -> bool {
        match self.tree.items[item].what {
            What::Operation(_) => false,
            _ if self.opened.contains(&item) => true,
            What::Pattern(_) => false,
            // What is one layer, or makes one mask, is one box.
            _ if matches!(self.tree.items[item].recognised, Some(Pattern::Linear | Pattern::Mask))
                && !self.options.every_operation =>
            {
                false
            }
            _ => level < self.options.depth && !self.options.closes(&self.tree.path(item)),
        }
    }

    /// Opening a scope that holds one operation would draw a frame around a box that says the same.
    fn is_worth_opening(&mut self, item: ItemId, frame: BoxId) -> bool {
        match self.entries(item, frame).as_slice() {
            [] => false,
            [only] => {
                let what = self.tree.items[only.items[0]].what;
                only.items.len() > 1 || matches!(what, What::Scope(_) | What::Module)
            }
            _ => true,
        }
    }

    /// What is to be shown inside `item`, dissolved scopes replaced by what is in them. Hides what is not shown.
    fn entries(&mut self, item: ItemId, frame: BoxId) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.collect(item, frame, &mut entries);
        entries
    }

    fn collect(&mut self, item: ItemId, frame: BoxId, entries: &mut Vec<Entry>) {
        let children = &self.tree.items[item].children;
        let runs = match self.options.fold_repeats {
            true => self.repeats.runs(children),
            false => (0..children.len()).map(|place| place..place + 1).collect(),
        };
        // Layers that are not opened alike don't look alike.
        let runs = runs.into_iter().flat_map(|run| {
            let run = &children[run];
            run.chunk_by(|&a, &b| self.opened_inside(a) == self.opened_inside(b)).collect::<Vec<_>>()
        });
        for items in runs.collect::<Vec<_>>() {
            let items = items.to_vec();
            let style = self.style(items[0]);
            let is_pattern = matches!(self.tree.items[items[0]].what, What::Pattern(_));
            match style.visibility {
                Visibility::Dissolved => items.iter().for_each(|&item| self.collect(item, frame, entries)),
                Visibility::Hidden => self.own(&items, Owner::Hidden(frame)),
                Visibility::Bridged => self.own(&items, Owner::Bridged(frame)),
                Visibility::Shown if is_pattern && self.options.every_operation => {
                    items.iter().for_each(|&item| self.collect(item, frame, entries));
                }
                Visibility::Shown if self.is_dead(items[0]) => self.own(&items, Owner::Hidden(frame)),
                Visibility::Shown if style == Style::default() && self.is_noise(items[0]) => {
                    self.own(&items, Owner::Bridged(frame));
                }
                Visibility::Shown => entries.push(Entry { items, norm: None, style }),
            }
        }
    }

    /// Which of the scopes in an item were asked to be open, by their place in it.
    fn opened_inside(&self, item: ItemId) -> Vec<usize> {
        if !self.opened.contains(&item) {
            return Vec::new();
        }
        let mut opened = Vec::new();
        let mut rest = vec![item];
        let mut place = 0;
        while let Some(item) = rest.pop() {
            if self.opened.contains(&item) {
                opened.push(place);
            }
            place += 1;
            rest.extend(self.tree.items[item].children.iter().rev());
        }
        opened
    }

    /// Whether an item moves data and is not to be shown for that.
    fn is_noise(&self, item: ItemId) -> bool {
        if self.options.every_operation {
            return false;
        }
        match self.tree.items[item].what {
            What::Operation(number) => {
                let operation = self.graph.operation(number);
                is_trivial(operation)
                    || (!self.options.movement && operation.is_movement() && operation.kind != "cat")
            }
            What::Pattern(Pattern::Movement) => !self.options.movement,
            _ => false,
        }
    }

    fn own(&mut self, items: &[ItemId], owner: Owner) {
        for operation in items.iter().flat_map(|&item| self.tree.operations(item)) {
            self.owners[operation] = owner;
        }
    }

    fn is_dead(&self, item: ItemId) -> bool {
        !self.tree.operations(item).iter().any(|&operation| self.wiring.live[operation])
    }

    /// Joins every residual addition with the norm directly after it, if nothing else reads the sum.
    fn join_norms(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut joined: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            let norm = entry.items[0];
            if let Some(last) = joined.last_mut().filter(|last| last.norm.is_none())
                && self.options.fold_add_norm
                && entry.items.len() == 1
                && self.is_normed(last.items[0], norm)
            {
                last.norm = Some(norm);
                let path = format!("{}/add_norm", self.tree.path(self.parent(norm)));
                last.style = self.ask(&path, "add_norm", SubjectKind::Pattern(Pattern::AddNorm), &[norm]);
            } else {
                joined.push(entry);
            }
        }
        joined
    }

    fn is_normed(&self, add: ItemId, norm: ItemId) -> bool {
        let What::Operation(add) = self.tree.items[add].what else { return false };
        let operations = self.tree.operations(norm);
        let mut live = operations.iter().filter(|&&operation| self.wiring.live[operation]);
        let (Some(&norm), None) = (live.next(), live.next()) else { return false };
        self.graph.operation(norm).is_norm()
            && self.wiring.producer(norm, 0) == Some(add)
            && self.wiring.only_user(add) == Some(norm)
            && is_residual(self.graph, self.wiring, add)
    }

    fn parent(&self, item: ItemId) -> ItemId {
        self.tree.items[item].parent.unwrap_or(Tree::ROOT)
    }

    fn operations_of(&self, entry: &Entry) -> Vec<usize> {
        entry.items.iter().chain(&entry.norm).flat_map(|&item| self.tree.operations(item)).collect()
    }

    /// The style of an item.
    fn style(&self, item: ItemId) -> Style {
        if let Some(known) = self.styles.borrow().get(&item) {
            return known.clone();
        }
        let what = match (self.tree.items[item].what, self.tree.items[item].recognised) {
            (What::Scope(_) | What::Module, _) => SubjectKind::Scope,
            (What::Pattern(pattern), _) => SubjectKind::Pattern(pattern),
            (What::Operation(_), _) => SubjectKind::Operation,
        };
        let name = if item == Tree::ROOT { "" } else { self.tree.items[item].name.as_str() };
        let style = self.ask(&self.tree.path(item), name, what, &[item]);
        self.styles.borrow_mut().insert(item, style.clone());
        style
    }

    fn ask(&self, path: &str, name: &str, what: SubjectKind, items: &[ItemId]) -> Style {
        let facts = self.facts(items);
        let subject = Subject {
            path,
            name,
            what,
            module: &facts.module,
            inputs: &facts.inputs,
            outputs: &facts.outputs,
        };
        self.options.labels.style(&subject).unwrap_or_default()
    }

    /// A key that no other box has.
    fn unique(&mut self, key: String) -> String {
        let mut candidate = key.clone();
        let mut number = 0;
        while !self.keys.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{key}.{number}");
        }
        candidate
    }
}

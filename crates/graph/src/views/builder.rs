//! What a view is built with, and how the labels are asked.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::labels::{Style, Subject, SubjectKind};
use super::options::ViewOptions;
use crate::captured::Captured;
use crate::fold::{self, Argument, Facts, Fold, ItemId, Repeats, Tree, What, Wiring};
use crate::graph::ComputationGraph;
use crate::view::{BoxId, ViewBox};

/// What stands for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
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
pub(super) struct Entry {
    pub(super) items: Vec<ItemId>,
    /// The norm, if `items` is the addition before it.
    pub(super) norm: Option<ItemId>,
    pub(super) style: Style,
}

/// How far scopes are opened that nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) depth: usize,
    /// Scopes that stay closed at that depth.
    pub(super) shut: HashSet<ItemId>,
}

impl Opening {
    /// So many levels, and everything on them.
    pub(super) fn levels(depth: usize) -> Self {
        Self { depth, shut: HashSet::new() }
    }
}

pub(super) struct Builder<'a> {
    pub(super) captured: &'a Captured,
    pub(super) fold: &'a Fold,
    pub(super) wiring: &'a Wiring,
    pub(super) tree: &'a Tree,
    pub(super) options: &'a ViewOptions<'a>,
    pub(super) repeats: Repeats<'a>,
    /// Scopes that were asked to be open, and those around them.
    pub(super) opened: HashSet<ItemId>,
    /// How far all others are opened.
    pub(super) opening: Opening,
    /// Open boxes, what they stand for, and on which level they are.
    pub(super) frames: Vec<(BoxId, ItemId, usize)>,
    pub(super) boxes: Vec<ViewBox>,
    pub(super) owners: Vec<Owner>,
    /// For items that are folded with their siblings: the run and the place in it.
    pub(super) copies: HashMap<ItemId, (ItemId, usize)>,
    /// The boxes of those runs.
    pub(super) run_boxes: HashMap<ItemId, BoxId>,
    /// For operations of other copies than the first: the same operation of the first.
    pub(super) originals: HashMap<usize, usize>,
    /// The runs whose copies are all the same module, by their first items.
    pub(super) recurrent: HashSet<ItemId>,
    pub(super) keys: HashSet<String>,
    /// Styles of items that the labels were already asked for.
    styles: RefCell<HashMap<ItemId, Style>>,
    /// For operations outside of the root: whether they are in something that the labels hide.
    pub(super) hidden_outside: RefCell<HashMap<usize, bool>>,
    pub(super) root: ItemId,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        graph: &'a ComputationGraph,
        options: &'a ViewOptions<'a>,
        root: ItemId,
        opening: Opening,
    ) -> Self {
        let fold = graph.fold();
        let Fold { wiring, tree, .. } = fold;
        let mut opened = HashSet::new();
        if !options.open.is_empty() {
            for item in 0..tree.items.len() {
                if !matches!(tree.items[item].what, What::Operation(_)) && options.opens(&tree.path(item)) {
                    opened.extend(tree.ancestors(item));
                }
            }
        }
        Self {
            captured: graph.captured(),
            fold,
            wiring,
            tree,
            options,
            repeats: fold.repeats(),
            opened,
            opening,
            frames: Vec::new(),
            boxes: Vec::new(),
            owners: vec![Owner::Outside; graph.operation_count()],
            copies: HashMap::new(),
            run_boxes: HashMap::new(),
            originals: HashMap::new(),
            recurrent: HashSet::new(),
            keys: HashSet::new(),
            styles: RefCell::default(),
            hidden_outside: RefCell::default(),
            root,
        }
    }

    pub(super) fn parent(&self, item: ItemId) -> ItemId {
        self.tree.items[item].parent.unwrap_or(Tree::ROOT)
    }

    pub(super) fn operations_of(&self, entry: &Entry) -> Vec<usize> {
        entry.items.iter().chain(&entry.norm).flat_map(|&item| self.tree.operations(item)).collect()
    }

    /// The style of an item.
    pub(super) fn style(&self, item: ItemId) -> Style {
        if let Some(known) = self.styles.borrow().get(&item) {
            return known.clone();
        }
        let what = match (self.tree.items[item].what, self.tree.items[item].recognised) {
            (What::Scope(_) | What::Module, _) => SubjectKind::Scope,
            (What::Pattern(pattern), _) => SubjectKind::Pattern(pattern),
            (What::Operation(_), _) => SubjectKind::Operation,
        };
        let name = if item == Tree::ROOT { "" } else { self.tree.items[item].name.as_str() };
        let style = self.ask(&self.tree.path(item), name, what, item);
        self.styles.borrow_mut().insert(item, style.clone());
        style
    }

    /// What is to be told of an item.
    pub(super) fn facts(&self, item: ItemId) -> &'a Facts {
        self.fold.facts(self.captured, item)
    }

    pub(super) fn ask(&self, path: &str, name: &str, what: SubjectKind, item: ItemId) -> Style {
        let facts = self.facts(item);
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
    pub(super) fn unique(&mut self, key: String) -> String {
        let mut candidate = key.clone();
        let mut number = 0;
        while !self.keys.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{key}.{number}");
        }
        candidate
    }

    pub(super) fn shape(&self, argument: Argument) -> Option<String> {
        fold::shape(self.captured, argument)
    }

    pub(super) fn concrete(&self, argument: Argument) -> Option<String> {
        fold::concrete(self.captured, argument)
    }
}

//! How far to open a graph of which nobody said how far: until there are as many boxes as can be read.

use std::collections::{BTreeMap, HashSet};

use super::builder::{Builder, Opening};
use super::options::ViewOptions;
use crate::fold::ItemId;
use crate::graph::ComputationGraph;
use crate::view::{BoxId, BoxKind, View, ViewBox};

/// A picture with more boxes than this takes a while to read: the paper's whole model has 18.
const READABLE: usize = 20;
/// So few boxes say nothing: what is in them is shown even if it is much.
const FEW: usize = 2;
/// Deeper than anything that is readable; it bounds the search.
const DEEPEST: usize = 64;

/// How far to open it.
pub(super) fn choose(graph: &ComputationGraph, options: &ViewOptions<'_>, root: ItemId) -> Opening {
    if let Some(told) = told(options) {
        return Opening::levels(told);
    }
    let whole = whole_levels(graph, options, root);
    let next = Tried::new(graph, options, root, Opening::levels(whole + 1));
    // Of the next level, what is small enough.
    let mut left = READABLE.saturating_sub(Tried::new(graph, options, root, Opening::levels(whole)).leaves());
    let mut shut = HashSet::new();
    for (cost, scopes) in next.scopes_by_cost(graph, whole) {
        match cost <= left {
            true => left -= cost,
            false => shut.extend(scopes),
        }
    }
    Opening { depth: whole + 1, shut }
}

/// How many levels can be opened as a whole.
pub(super) fn whole_levels(graph: &ComputationGraph, options: &ViewOptions<'_>, root: ItemId) -> usize {
    if let Some(told) = told(options) {
        return told;
    }
    let mut leaves = Tried::new(graph, options, root, Opening::levels(1)).leaves();
    for depth in 2..DEEPEST {
        let next = Tried::new(graph, options, root, Opening::levels(depth));
        let is_all = next.frames.iter().all(|&(_, _, level)| level + 1 < depth);
        if is_all || (next.leaves() > READABLE && leaves > FEW) {
            return depth - 1;
        }
        leaves = next.leaves();
    }
    DEEPEST
}

/// What the options say. Who says what to open wants nothing else opened.
fn told(options: &ViewOptions<'_>) -> Option<usize> {
    options.depth.or_else(|| (!options.open.is_empty()).then_some(1))
}

/// Scopes that are opened together.
#[derive(Debug, Default)]
struct Group {
    /// How many boxes that adds.
    cost: usize,
    /// How many the largest of them adds.
    largest: usize,
    /// Whether one of them is repeated: such a stack is what most of a model consists of.
    is_repeated: bool,
    scopes: Vec<ItemId>,
}

impl Group {
    fn add(&mut self, cost: usize, is_repeated: bool, scope: ItemId) {
        self.cost += cost;
        self.largest = self.largest.max(cost);
        self.is_repeated |= is_repeated;
        self.scopes.push(scope);
    }
}

/// The boxes of a view to be.
struct Tried {
    /// By box: the box around, and whether it counts as one. Constants don't: they say little, open or closed.
    boxes: Vec<(Option<BoxId>, bool)>,
    /// By box: whether it stands for several equal ones.
    repeated: Vec<bool>,
    frames: Vec<(BoxId, ItemId, usize)>,
}

impl Tried {
    fn new(graph: &ComputationGraph, options: &ViewOptions<'_>, root: ItemId, opening: Opening) -> Self {
        let mut builder = Builder::new(graph, options, root, opening);
        builder.boxes_of(root);
        let counts = |found: &ViewBox| found.children.is_empty() && found.kind != BoxKind::Constant;
        let boxes = builder.boxes.iter().map(|found| (found.parent, counts(found))).collect();
        let repeated = builder.boxes.iter().map(|found| found.repeat > 1).collect();
        Self { boxes, repeated, frames: builder.frames }
    }

    fn leaves(&self) -> usize {
        self.boxes.iter().skip(1).filter(|(_, is_leaf)| *is_leaf).count()
    }

    /// The open scopes on a level with the boxes that opening them adds: what is repeated first, and then the smallest. Those
    /// whose names differ by a number, and those that are as large, are opened together or not at all: who sees one open and
    /// one closed takes them for different things.
    fn scopes_by_cost(&self, graph: &ComputationGraph, level: usize) -> Vec<(usize, Vec<ItemId>)> {
        let mut inside = vec![0_usize; self.boxes.len()];
        for (id, &(parent, is_leaf)) in self.boxes.iter().enumerate().rev() {
            let leaves = if is_leaf { 1 } else { inside[id] };
            if let Some(parent) = parent.filter(|_| id != View::ROOT) {
                inside[parent] += leaves;
            }
        }
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for &(id, item, _) in self.frames.iter().filter(|&&(_, _, found)| found == level) {
            let name = graph.fold().tree.items[item].name.trim_end_matches(|c: char| c.is_ascii_digit());
            // A frame takes the place of a box.
            let cost = inside[id].saturating_sub(1);
            groups.entry(name).or_default().add(cost, self.repeated[id], item);
        }
        let mut alike: BTreeMap<usize, Group> = BTreeMap::new();
        for group in groups.into_values() {
            let all = alike.entry(group.largest).or_default();
            all.cost += group.cost;
            all.is_repeated |= group.is_repeated;
            all.scopes.extend(group.scopes);
        }
        let (repeated, others): (Vec<Group>, Vec<Group>) =
            alike.into_values().partition(|group| group.is_repeated);
        repeated.into_iter().chain(others).map(|group| (group.cost, group.scopes)).collect()
    }
}

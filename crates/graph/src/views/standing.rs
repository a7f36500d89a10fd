//! What the boxes of a view stand for, each copy of what is repeated on its own.

use std::collections::BTreeMap;

use super::builder::{Builder, Owner};
use super::depth;
use super::edges::Flow;
use super::ends::{Goal, Origin};
use super::nearest::check_paths;
use super::options::ViewOptions;
use crate::error::ViewError;
use crate::fold::{ItemId, Tree};
use crate::graph::ComputationGraph;
use crate::view::{BoxId, View, ViewBox};

/// The tensor that enters or leaves at a box at the border of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// An input of the graph, by number.
    Input(usize),
    /// An output of the graph, by number.
    Output(usize),
    /// What enters from outside: an operation, and which of its results.
    Entering(usize, usize),
    /// What is read outside.
    Leaving(usize, usize),
}

/// What stands for what in a view.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// For each box, the operations that it stands for, a list a copy, in order. Those of the boxes in it are included.
    pub(crate) operations: Vec<Vec<Vec<usize>>>,
    /// What enters or leaves at each box, if it is one at the border.
    pub(crate) ends: Vec<Vec<End>>,
}

impl ComputationGraph {
    /// The view, and what stands for what in it; and the same of the equal places, in order, if the root is one of several
    /// equal layers or inside of one, unless the options ask for each of these on its own.
    pub(crate) fn standings(&self, options: &ViewOptions<'_>) -> Result<(View, Vec<Standing>), ViewError> {
        let root = self.find(&options.root)?;
        check_paths(self, options)?;
        let standing = |item: ItemId| {
            let (view, builder, flows) = self.built(options, item, depth::choose(self, options, item));
            let standing = builder.standing(&view, &flows);
            (view, standing)
        };
        let (view, own) = standing(root);
        let mut standings = Vec::new();
        let equals = if options.fold_repeats { self.equals(root) } else { vec![root] };
        for item in equals {
            if item == root {
                standings.push(own.clone());
                continue;
            }
            let (other, standing) = standing(item);
            if is_alike(&view, &other) {
                standings.push(standing);
            }
        }
        Ok((view, standings))
    }

    /// The items that are the same as one in the layers that are equal to those around it, itself included, in order.
    fn equals(&self, item: ItemId) -> Vec<ItemId> {
        let (fold, tree) = (self.fold(), &self.fold().tree);
        let mut chain: Vec<ItemId> = tree.ancestors(item).filter(|&item| item != Tree::ROOT).collect();
        chain.reverse();
        let mut equals = vec![Tree::ROOT];
        for item in chain {
            let parent = tree.items[item].parent.unwrap_or(Tree::ROOT);
            let siblings = &tree.items[parent].children;
            let Some(place) = siblings.iter().position(|&sibling| sibling == item) else { return vec![item] };
            let run = fold.runs(parent).iter().find(|run| run.contains(&place)).cloned();
            let run = run.unwrap_or(place..place + 1);
            let is_same = |other: &ItemId| tree.items[*other].name == tree.items[item].name;
            equals = equals
                .into_iter()
                .flat_map(|around| tree.items[around].children.get(run.clone()).unwrap_or_default())
                .copied()
                .filter(is_same)
                .collect();
        }
        equals
    }
}

/// Whether two views have the same boxes in the same places. What enters comes from elsewhere in each, under another name.
fn is_alike(one: &View, other: &View) -> bool {
    let told = |found: &ViewBox| (found.kind, found.parent, found.repeat);
    let label = |found: &ViewBox| (found.operations > 0).then(|| found.label.clone());
    let mut pairs = one.boxes.iter().zip(&other.boxes);
    one.boxes.len() == other.boxes.len() && pairs.all(|(a, b)| told(a) == told(b) && label(a) == label(b))
}

impl Builder<'_> {
    fn standing(&self, view: &View, flows: &[Flow]) -> Standing {
        let mut operations: Vec<BTreeMap<Vec<usize>, Vec<usize>>> = vec![BTreeMap::new(); view.boxes.len()];
        for (number, owner) in self.owners.iter().enumerate() {
            let (Owner::Leaf(owner) | Owner::Hidden(owner) | Owner::Bridged(owner)) = *owner else {
                continue;
            };
            let copies = self.copies_around(number);
            for id in view.ancestors(owner) {
                // A frame comes before what is in it, so what is repeated around the box has a smaller number.
                let copy = copies.iter().filter(|(run, _)| **run <= id).map(|(_, &copy)| copy).collect();
                operations[id].entry(copy).or_default().push(number);
            }
        }
        let mut ends: Vec<Vec<End>> = vec![Vec::new(); view.boxes.len()];
        let mut add = |id: BoxId, end: End| {
            if !ends[id].contains(&end) {
                ends[id].push(end);
            }
        };
        for (edge, flow) in view.edges.iter().zip(flows) {
            match flow.origin {
                Origin::Leaf(_) => {}
                Origin::Input(number) => add(edge.from, End::Input(number)),
                Origin::Outside(number, output) => add(edge.from, End::Entering(number, output)),
            }
            match flow.goal {
                Goal::Leaf(_) => {}
                Goal::Output(number) => add(edge.to, End::Output(number)),
                Goal::Outside(number, output) => add(edge.to, End::Leaving(number, output)),
            }
        }
        Standing {
            operations: operations.into_iter().map(|copies| copies.into_values().collect()).collect(),
            ends,
        }
    }

    /// In which copy of what is repeated an operation is, by the boxes of the repeats, the outermost first.
    fn copies_around(&self, number: usize) -> BTreeMap<BoxId, usize> {
        let mut found = BTreeMap::new();
        let mut next = Some(number);
        // What is repeated within another copy is known from the first.
        while let Some(number) = next.filter(|_| !self.copies.is_empty()) {
            for item in self.tree.ancestors(self.tree.leaves[number]) {
                if let Some(&(run, copy)) = self.copies.get(&item)
                    && let Some(&id) = self.run_boxes.get(&run)
                {
                    found.entry(id).or_insert(copy);
                }
            }
            next = self.originals.get(&number).copied();
        }
        found
    }
}

//! All that is recognised in a program.

use std::sync::OnceLock;

use super::alike::Alike;
use super::facts::Facts;
use super::modules::Modules;
use super::repeat::{Repeats, Run};
use super::tree::{ItemId, Tree};
use super::wiring::Wiring;
use super::{
    activation, attention, calls, constant, linear, mask, movement, norm, order, paths, periods, rotary,
    softmax,
};
use crate::captured::Captured;

/// A program, folded: what feeds what, the tree of what is recognised, and which operations are alike.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    pub(crate) wiring: Wiring,
    pub(crate) tree: Tree,
    alike: Alike,
    /// For each item, once somebody has asked.
    facts: Vec<OnceLock<Facts>>,
    runs: Vec<OnceLock<Vec<Run>>>,
}

#[cfg(test)]
thread_local! {
    /// How often this thread has folded a program.
    pub(crate) static FOLDS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl Fold {
    pub(crate) fn new(captured: &Captured) -> Self {
        #[cfg(test)]
        FOLDS.set(FOLDS.get() + 1);
        let wiring = Wiring::new(captured);
        let alike = Alike::new(captured, &wiring);
        let tree = arranged(captured, &wiring, &alike);
        let (facts, runs) =
            (vec![OnceLock::new(); tree.items.len()], vec![OnceLock::new(); tree.items.len()]);
        Self { wiring, tree, alike, facts, runs }
    }

    /// The children of an item in runs of equal ones, found out once as well.
    pub(crate) fn runs(&self, item: ItemId) -> &[Run] {
        self.runs[item].get_or_init(|| self.repeats().runs(&self.tree.items[item].children))
    }

    /// What is to be told of an item. No view changes it, so it is found out once for all.
    pub(crate) fn facts(&self, captured: &Captured, item: ItemId) -> &Facts {
        let find = || Facts::new(captured, &self.wiring, &self.tree.operations(item));
        self.facts[item].get_or_init(find)
    }

    /// Finds repeats in the tree.
    pub(crate) fn repeats(&self) -> Repeats<'_> {
        Repeats::new(&self.wiring, &self.tree, &self.alike)
    }
}

/// The tree of the program's operations, with everything recognised.
fn arranged(captured: &Captured, wiring: &Wiring, alike: &Alike) -> Tree {
    let mut tree = Tree::of_scopes(captured, wiring);
    let modules = Modules::new(captured, wiring);
    let recognisers = [
        attention::recognise,
        softmax::recognise,
        linear::recognise,
        norm::recognise,
        activation::recognise,
        rotary::recognise,
        mask::recognise,
        constant::recognise,
        movement::recognise,
    ];
    for recognise in recognisers {
        recognise(captured, wiring, &mut tree);
        tree.settle();
    }
    paths::recognise(captured, &modules, &mut tree);
    tree.settle();
    order::by_data(wiring, &mut tree);
    order::by_reader(captured, wiring, &mut tree);
    periods::recognise(&modules, alike, &mut tree);
    calls::number_siblings(captured, &modules, &mut tree);
    tree
}

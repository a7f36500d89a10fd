//! All that is recognised in a program.

use super::repeat::{Alike, Repeats};
use super::tree::Tree;
use super::wiring::Wiring;
use super::{activation, attention, constant, linear, mask, movement, norm, order, paths, rotary, softmax};
use crate::program::Program;

/// A program, folded: what feeds what, the tree of what is recognised, and which operations are alike.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    pub(crate) wiring: Wiring,
    pub(crate) tree: Tree,
    alike: Alike,
}

#[cfg(test)]
thread_local! {
    /// How often this thread has folded a program.
    pub(crate) static FOLDS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl Fold {
    pub(crate) fn new(program: &Program) -> Self {
        #[cfg(test)]
        FOLDS.set(FOLDS.get() + 1);
        let wiring = Wiring::new(program);
        let tree = arranged(program, &wiring);
        Self { wiring, tree, alike: Alike::new(program) }
    }

    /// Finds repeats in the tree.
    pub(crate) fn repeats(&self) -> Repeats<'_> {
        Repeats::new(&self.wiring, &self.tree, &self.alike)
    }
}

/// The tree of the program's operations, with everything recognised.
fn arranged(program: &Program, wiring: &Wiring) -> Tree {
    let mut tree = Tree::of_scopes(program, wiring);
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
        paths::recognise,
    ];
    for recognise in recognisers {
        recognise(program, wiring, &mut tree);
        tree.settle();
    }
    order::by_data(wiring, &mut tree);
    tree.number_siblings();
    tree
}

//! All that is recognised in a program.

use super::alike::Alike;
use super::modules::Modules;
use super::repeat::Repeats;
use super::tree::Tree;
use super::wiring::Wiring;
use super::{
    activation, attention, calls, constant, linear, mask, movement, norm, order, paths, periods, rotary,
    softmax,
};
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
        let alike = Alike::new(program, &wiring);
        let tree = arranged(program, &wiring, &alike);
        Self { wiring, tree, alike }
    }

    /// Finds repeats in the tree.
    pub(crate) fn repeats(&self) -> Repeats<'_> {
        Repeats::new(&self.wiring, &self.tree, &self.alike)
    }
}

/// The tree of the program's operations, with everything recognised.
fn arranged(program: &Program, wiring: &Wiring, alike: &Alike) -> Tree {
    let mut tree = Tree::of_scopes(program, wiring);
    let modules = Modules::new(program, wiring);
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
        recognise(program, wiring, &mut tree);
        tree.settle();
    }
    paths::recognise(program, &modules, &mut tree);
    tree.settle();
    order::by_data(wiring, &mut tree);
    order::by_reader(program, wiring, &mut tree);
    periods::recognise(&modules, alike, &mut tree);
    calls::number_siblings(program, &modules, &mut tree);
    tree
}

//! Counts that a paper gives: attentions, residual additions, linear layers.

use super::{Pattern, Tree, What, Wiring, is_residual};
use crate::graph::ComputationGraph;

impl ComputationGraph {
    /// How many groups of operations are recognised as `pattern`. [`Pattern::AddNorm`] depends on what a view shows
    /// side by side, and is not counted.
    #[must_use]
    pub fn recognised(&self, pattern: Pattern) -> usize {
        let tree = Tree::new(self, &Wiring::new(self));
        let is = |what: What| what == What::Pattern(pattern);
        tree.items.iter().filter(|item| item.recognised == Some(pattern) || is(item.what)).count()
    }

    /// How many additions are residual: one side was computed from the other.
    #[must_use]
    pub fn residual_additions(&self) -> usize {
        let wiring = Wiring::new(self);
        (0..self.operation_count()).filter(|&number| is_residual(self, &wiring, number)).count()
    }
}

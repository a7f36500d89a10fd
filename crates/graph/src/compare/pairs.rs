//! What corresponds to what.

use std::collections::HashSet;

use super::side::Side;
use crate::fold::ItemId;

/// Operations that correspond to each other, by their numbers.
#[derive(Clone, Debug)]
pub(super) struct Pairs {
    /// For each operation of the first graph, its counterpart.
    pub(super) after_of: Vec<Option<usize>>,
    /// For each operation of the second graph, its counterpart.
    pub(super) before_of: Vec<Option<usize>>,
    /// Whether an operation of the first graph is at another place in the second.
    pub(super) moved: Vec<bool>,
}

impl Pairs {
    pub(super) fn new(before: &Side<'_>, after: &Side<'_>) -> Self {
        Self {
            after_of: vec![None; before.inside.len()],
            before_of: vec![None; after.inside.len()],
            moved: vec![false; before.inside.len()],
        }
    }

    pub(super) fn pair(&mut self, a: usize, b: usize) {
        if self.after_of[a].is_none() && self.before_of[b].is_none() {
            self.after_of[a] = Some(b);
            self.before_of[b] = Some(a);
        }
    }

    /// The operations of the first graph, and of the second, that have no counterpart. What only lays out the rows of
    /// a linear layer that is in both doesn't count, nor do dead ends.
    pub(super) fn alone(&self, before: &Side<'_>, after: &Side<'_>) -> [HashSet<usize>; 2] {
        let of = |side: &Side<'_>, partners: &[Option<usize>]| -> HashSet<usize> {
            let (matched, free): (Vec<usize>, Vec<usize>) =
                side.operations.iter().partition(|&&number| partners[number].is_some());
            let layers: HashSet<ItemId> =
                matched.into_iter().filter_map(|number| side.linear(number)).collect();
            let is_layout = |number: usize| {
                side.operation(number).is_movement()
                    && side.linear(number).is_some_and(|layer| layers.contains(&layer))
            };
            free.into_iter().filter(|&number| side.wiring.live[number] && !is_layout(number)).collect()
        };
        [of(before, &self.after_of), of(after, &self.before_of)]
    }

    pub(super) fn count(&self) -> usize {
        self.after_of.iter().flatten().count()
    }

    /// Whether an operation of the second graph is at another place in the first.
    pub(super) fn is_moved_after(&self, b: usize) -> bool {
        self.before_of[b].is_some_and(|a| self.moved[a])
    }
}

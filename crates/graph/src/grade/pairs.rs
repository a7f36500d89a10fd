//! Which box of the drawing is which of the picture.
//!
//! What is unlike all others is paired first, looked at from as far as it takes. From these, the pairs go on along the
//! lines: a neighbour of the one with a neighbour of the other. Last, boxes of one name change places wherever more
//! lines are right then. No step is of more than a bounded number of operations for each box and line.

use std::collections::{HashMap, VecDeque};

use super::evidence::Evidence;
use super::pairing::Pairing;
use super::side::{DEPTH, Side};
use super::swaps;

/// For each box of ours, the box of theirs.
pub(super) fn pairs(ours: &Side, theirs: &Side, fixed: Vec<Option<usize>>) -> Vec<Option<usize>> {
    let mut taken = vec![false; theirs.len()];
    fixed.iter().flatten().for_each(|&id| taken[id] = true);
    let is_fixed = fixed.iter().map(Option::is_some).collect::<Vec<_>>();
    let mut pairing = Pairing { ours, theirs, of: fixed, taken };
    for depth in (0..=DEPTH).rev() {
        pairing.unlike_others(depth);
    }
    pairing.go_on();
    let Pairing { mut of, taken, .. } = pairing;
    swaps::improve(ours, theirs, &mut of, &is_fixed, taken);
    of
}

impl Pairing<'_> {
    /// Boxes of either side without a partner, which the other side may have one for.
    fn open(&self) -> [Vec<usize>; 2] {
        let ours = (0..self.ours.len()).filter(|&a| self.of[a].is_none());
        let theirs = (0..self.theirs.len()).filter(|&b| !self.taken[b] && self.theirs.class[b].is_some());
        [ours.collect(), theirs.collect()]
    }

    /// Pairs what looks like exactly one of the other side, and like no other on its own.
    fn unlike_others(&mut self, depth: usize) {
        let open = self.open();
        let mut seen: HashMap<u64, [(usize, usize); 2]> = HashMap::new();
        for (which, (side, ids)) in [self.ours, self.theirs].into_iter().zip(&open).enumerate() {
            for &id in ids {
                let of = &mut seen.entry(side.looks(depth, id)).or_default()[which];
                *of = (of.0 + 1, id);
            }
        }
        for a in &open[0] {
            if let Some([(1, _), (1, b)]) = seen.get(&self.ours.looks(depth, *a)).copied() {
                self.pair(*a, b);
            }
        }
    }

    /// Pairs all others: those with the most neighbours that are paired come first; where nothing speaks for one, that
    /// which looks most like it.
    fn go_on(&mut self) {
        let mut evidence = Evidence::default();
        for a in 0..self.ours.len() {
            if let Some(b) = self.of[a] {
                evidence.beside(self, a, b);
            }
        }
        let [ours, theirs] = self.open();
        let mut alike: HashMap<(usize, u64), VecDeque<usize>> = HashMap::new();
        for depth in 0..=DEPTH {
            for &b in &theirs {
                alike.entry((depth, self.theirs.looks(depth, b))).or_default().push_back(b);
            }
        }
        let mut ours = ours.into_iter();
        loop {
            while let Some((a, b)) = evidence.best(self) {
                self.pair(a, b);
                evidence.beside(self, a, b);
            }
            let Some(a) = ours.find(|&a| self.of[a].is_none()) else { break };
            let partner = (0..=DEPTH).rev().find_map(|depth| {
                let queue = alike.get_mut(&(depth, self.ours.looks(depth, a)))?;
                while queue.front().is_some_and(|&b| self.taken[b]) {
                    queue.pop_front();
                }
                queue.front().copied()
            });
            if let Some(b) = partner {
                self.pair(a, b);
                evidence.beside(self, a, b);
            }
        }
    }
}

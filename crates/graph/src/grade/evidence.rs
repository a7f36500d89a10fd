//! What speaks for two boxes being the same: neighbours of theirs that are.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::pairing::Pairing;
use super::side::DEPTH;

/// How many pairs of neighbours are looked at in all.
const LOOKS: usize = 1_000_000;
/// Where so many pairs of neighbours are possible, it tells nothing to be one of them.
const CROWD: usize = 4_096;

/// How much speaks for a pair, how deep both look the same, and the pair, the first before others.
type Candidate = (u32, usize, Reverse<usize>, Reverse<usize>);

#[derive(Default)]
pub(super) struct Evidence {
    count: HashMap<(usize, usize), u32>,
    best: BinaryHeap<Candidate>,
    looks: usize,
}

impl Evidence {
    /// A pair is made: that speaks for its neighbours.
    pub(super) fn beside(&mut self, pairing: &Pairing<'_>, a: usize, b: usize) {
        let (ours, theirs) = (pairing.ours, pairing.theirs);
        for (ours, theirs) in [(&ours.out[a], &theirs.out[b]), (&ours.into[a], &theirs.into[b])] {
            if ours.len().saturating_mul(theirs.len()) > CROWD {
                continue;
            }
            for &x in ours.iter().filter(|&&x| pairing.of[x].is_none()) {
                if self.looks > LOOKS {
                    return;
                }
                self.looks += theirs.len();
                for &y in theirs.iter().filter(|&&y| !pairing.taken[y]) {
                    if pairing.ours.class[x] == pairing.theirs.class[y] {
                        self.add(pairing, x, y);
                    }
                }
            }
        }
    }

    fn add(&mut self, pairing: &Pairing<'_>, x: usize, y: usize) {
        let count = self.count.entry((x, y)).or_default();
        *count += 1;
        let is_alike = |&depth: &usize| pairing.ours.looks(depth, x) == pairing.theirs.looks(depth, y);
        let depth = (1..=DEPTH).take_while(is_alike).count();
        self.best.push((*count, depth, Reverse(x), Reverse(y)));
    }

    /// The pair that most speaks for.
    pub(super) fn best(&mut self, pairing: &Pairing<'_>) -> Option<(usize, usize)> {
        while let Some((_, _, Reverse(a), Reverse(b))) = self.best.pop() {
            if pairing.of[a].is_none() && !pairing.taken[b] {
                return Some((a, b));
            }
        }
        None
    }
}

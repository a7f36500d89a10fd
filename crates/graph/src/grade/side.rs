//! One of two drawings, made ready for being paired.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How far around a box it is looked at.
pub(super) const DEPTH: usize = 6;

/// The boxes and lines of one of two drawings.
pub(super) struct Side {
    /// Equal numbers for names that are alike; none where the other side has no such name.
    pub(super) class: Vec<Option<usize>>,
    pub(super) out: Vec<Vec<usize>>,
    pub(super) into: Vec<Vec<usize>>,
    pub(super) lines: HashSet<(usize, usize)>,
    /// What a box looks like from nearer and nearer, by depth: its name; its name with those beside it; and so on.
    looks: Vec<Vec<u64>>,
}

impl Side {
    pub(super) fn new(
        class: impl Iterator<Item = Option<usize>>,
        lines: impl Iterator<Item = (usize, usize)>,
    ) -> Self {
        let class: Vec<Option<usize>> = class.collect();
        let (mut out, mut into) = (vec![Vec::new(); class.len()], vec![Vec::new(); class.len()]);
        let mut known = HashSet::new();
        for (from, to) in lines {
            if known.insert((from, to)) {
                out[from].push(to);
                into[to].push(from);
            }
        }
        let mut side = Self { class, out, into, lines: known, looks: Vec::new() };
        side.looks.push(side.class.iter().map(hashed).collect());
        for depth in 0..DEPTH {
            let next = (0..side.class.len()).map(|id| side.look(depth, id)).collect();
            side.looks.push(next);
        }
        side
    }

    /// How a box looks from one step further, given how all look from here.
    fn look(&self, depth: usize, id: usize) -> u64 {
        let around = |ids: &[usize]| {
            let mut looks: Vec<u64> = ids.iter().map(|&id| self.looks[depth][id]).collect();
            looks.sort_unstable();
            looks
        };
        hashed(&(self.looks[depth][id], around(&self.into[id]), around(&self.out[id])))
    }

    /// How a box looks.
    pub(super) fn looks(&self, depth: usize, id: usize) -> u64 {
        self.looks[depth][id]
    }

    pub(super) fn len(&self) -> usize {
        self.class.len()
    }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

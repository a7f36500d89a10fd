//! Which operation of one graph is which of the other.

use std::collections::{HashMap, HashSet};

use super::outer::Outer;
use super::pairs::Pairs;
use super::side::Side;
use super::{flow, follow, sequence};
use crate::fold::ItemId;

/// Lists of leftovers longer than this are not searched for what moved among them.
const LEFTOVERS: usize = 500;

/// Aligns two graphs, and what enters them.
pub(super) fn align(before: &Side<'_>, after: &Side<'_>) -> (Pairs, Outer) {
    let mut aligner =
        Aligner { before, after, pairs: Pairs::new(before, after), met: Vec::new(), suspects: Vec::new() };
    aligner.scopes();
    aligner.out_of_sequence();
    aligner.by_parameters();
    follow::data(before, after, &mut aligner.pairs);
    follow::replaced(before, after, &mut aligner.pairs);
    let Aligner { mut pairs, suspects, .. } = aligner;
    let outer = Outer::new(before, after, &pairs);
    // Who reads the same in both is where it was, whatever the order of the program.
    for suspect in suspects {
        let inside: HashSet<usize> = suspect.iter().copied().collect();
        let moved = suspect.iter().any(|&a| {
            pairs.after_of[a]
                .is_some_and(|b| !flow::reads_the_same(before, after, &pairs, &outer, (a, b), &inside))
        });
        if moved {
            suspect.into_iter().filter(|&a| pairs.after_of[a].is_some()).for_each(|a| pairs.moved[a] = true);
        }
    }
    (pairs, outer)
}

struct Aligner<'s, 'a> {
    before: &'s Side<'a>,
    after: &'s Side<'a>,
    pairs: Pairs,
    /// Scopes that correspond to each other.
    met: Vec<(ItemId, ItemId)>,
    /// Operations of the first graph that were matched out of sequence, and so may have moved.
    suspects: Vec<Vec<usize>>,
}

impl Aligner<'_, '_> {
    /// Scopes from the top down, and the operations directly in them.
    fn scopes(&mut self) {
        let mut open = vec![(self.before.root, self.after.root)];
        while let Some((p, q)) = open.pop() {
            self.met.push((p, q));
            let (ours, theirs) = (self.before.children(p), self.after.children(q));
            let names = Modules::new(self, ours, theirs);
            let hashes = |side: &Side<'_>, items: &[ItemId]| -> Vec<u64> {
                items.iter().map(|&item| side.hash(item)).collect()
            };
            let (a, b) = (hashes(self.before, ours), hashes(self.after, theirs));
            let pairs = sequence::common(&a, &b, |i, j| self.score(&names, ours[i], theirs[j]));
            let mut left: [HashSet<ItemId>; 2] =
                [ours.iter().copied().collect(), theirs.iter().copied().collect()];
            for (i, j) in pairs {
                let (x, y) = (ours[i], theirs[j]);
                left[0].remove(&x);
                left[1].remove(&y);
                self.meet(x, y, &mut open);
            }
            self.moved_scopes(&names, (ours, theirs), left, &mut open);
        }
    }

    fn meet(&mut self, x: ItemId, y: ItemId, open: &mut Vec<(ItemId, ItemId)>) {
        match (self.before.as_operation(x), self.after.as_operation(y)) {
            (Some(a), Some(b)) => self.pairs.pair(a, b),
            _ => open.push((x, y)),
        }
    }

    /// Scopes that are in the same scope of both, but out of sequence.
    fn moved_scopes(
        &mut self,
        names: &Modules,
        (ours, theirs): (&[ItemId], &[ItemId]),
        [left, right]: [HashSet<ItemId>; 2],
        open: &mut Vec<(ItemId, ItemId)>,
    ) {
        let is_left = |side: &Side<'_>, left: &HashSet<ItemId>, item: ItemId| {
            left.contains(&item) && side.as_operation(item).is_none()
        };
        let ours = ours.iter().copied().filter(|&x| is_left(self.before, &left, x));
        let mut theirs: Vec<_> = theirs.iter().copied().filter(|&y| is_left(self.after, &right, y)).collect();
        if theirs.len() > LEFTOVERS {
            return;
        }
        for x in ours.take(LEFTOVERS).collect::<Vec<_>>() {
            let scored = theirs.iter().enumerate().map(|(place, &y)| (self.score(names, x, y), place));
            // The first of the best.
            let best = scored
                .filter(|(score, _)| *score > 1)
                .max_by_key(|&(score, place)| (score, usize::MAX - place));
            if let Some((_, place)) = best {
                self.suspects.push(self.before.tree.operations(x));
                open.push((x, theirs.remove(place)));
            }
        }
    }

    /// What a pair of siblings is worth: mainly the operations that it has in common.
    fn score(&self, names: &Modules, x: ItemId, y: ItemId) -> u32 {
        if names.forbid(self.before.module(x), self.after.module(y)) {
            return 0;
        }
        match (self.before.as_operation(x), self.after.as_operation(y)) {
            (Some(a), Some(b)) => self.score_of_operations(a, b),
            (None, None) => self.score_of_scopes(x, y),
            _ => 0,
        }
    }

    fn score_of_operations(&self, a: usize, b: usize) -> u32 {
        let (ours, theirs) = (self.before.operation(a), self.after.operation(b));
        if ours.kind != theirs.kind {
            return 0;
        }
        let same_shape =
            ours.outputs.iter().map(super::side::sizes).eq(theirs.outputs.iter().map(super::side::sizes));
        let parameters = (self.before.parameter_path(a), self.after.parameter_path(b));
        let same_parameter = matches!(parameters, (Some(a), Some(b)) if a == b);
        let reads = [self.before.wiring.parameters(a).count(), self.after.wiring.parameters(b).count()];
        if reads[0] != reads[1] && ours.is_movement() {
            return 0;
        }
        // What only moves data is the first to give way.
        let weight = if ours.is_movement() { 8 } else { 16 };
        weight
            + 3 * u32::from(ours.attributes == theirs.attributes)
            + 3 * u32::from(same_shape)
            + 4 * u32::from(same_parameter)
    }

    fn score_of_scopes(&self, x: ItemId, y: ItemId) -> u32 {
        let (common, all) = self.before.in_common(x, self.after, y);
        let same_name = self.before.name(x) == self.after.name(y);
        if !same_name && common * 2 < all {
            return 0;
        }
        let same_key = self.before.tree.key(x) == self.after.tree.key(y);
        let equal = self.before.hash(x) == self.after.hash(y);
        1 + common * if equal { 20 } else { 16 } + 4 * u32::from(same_name) + u32::from(same_key)
    }

    /// Operations that are left over in the same scope of both.
    fn out_of_sequence(&mut self) {
        for (p, q) in self.met.clone() {
            let free = |side: &Side<'_>, item: ItemId, partners: &[Option<usize>]| -> Vec<usize> {
                let operations = side.children(item).iter().filter_map(|&child| side.as_operation(child));
                operations.filter(|&n| partners[n].is_none() && !side.operation(n).is_movement()).collect()
            };
            let ours = free(self.before, p, &self.pairs.after_of);
            let mut theirs = free(self.after, q, &self.pairs.before_of);
            if ours.len().max(theirs.len()) > LEFTOVERS {
                continue;
            }
            let names = Modules::new(self, self.before.children(p), self.after.children(q));
            for a in ours {
                let item = |side: &Side<'_>, number: usize| side.tree.leaves[number];
                let x = item(self.before, a);
                let scored = theirs
                    .iter()
                    .enumerate()
                    .map(|(place, &b)| (self.score(&names, x, item(self.after, b)), place));
                let best = scored
                    .filter(|(score, _)| *score > 0)
                    .max_by_key(|&(score, place)| (score, usize::MAX - place));
                if let Some((_, place)) = best {
                    self.pairs.pair(a, theirs.remove(place));
                    self.suspects.push(vec![a]);
                }
            }
        }
    }

    /// Operations that are left over anywhere and read the same parameter.
    fn by_parameters(&mut self) {
        let mut free: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for &b in self.after.operations.iter().rev().filter(|&&b| self.pairs.before_of[b].is_none()) {
            if let Some(path) = self.after.parameter_path(b) {
                free.entry((path, &self.after.operation(b).kind)).or_default().push(b);
            }
        }
        for &a in &self.before.operations {
            let Some(path) = self.before.parameter_path(a).filter(|_| self.pairs.after_of[a].is_none())
            else {
                continue;
            };
            let kind = self.before.operation(a).kind.as_str();
            if let Some(b) = free.get_mut(&(path, kind)).and_then(Vec::pop) {
                self.pairs.pair(a, b);
                self.suspects.push(vec![a]);
            }
        }
    }
}

/// The modules that siblings belong to, on both sides.
struct Modules([HashSet<String>; 2]);

impl Modules {
    fn new(aligner: &Aligner<'_, '_>, ours: &[ItemId], theirs: &[ItemId]) -> Self {
        let of = |side: &Side<'_>, items: &[ItemId]| {
            items.iter().filter_map(|&item| side.module(item)).map(str::to_owned).collect()
        };
        Self([of(aligner.before, ours), of(aligner.after, theirs)])
    }

    /// Whether two have different names, and each of them is to be found on the other side too.
    fn forbid(&self, ours: Option<&str>, theirs: Option<&str>) -> bool {
        match (ours, theirs) {
            (Some(a), Some(b)) => a != b && self.0[1].contains(a) && self.0[0].contains(b),
            _ => false,
        }
    }
}

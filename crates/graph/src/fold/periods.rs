//! Repeats of more than one box: `[block, +, relu]`, layers of alternating width, the steps of a recurrent net. Each
//! copy becomes an item of its own, so that they are equal siblings in sequence like any other layers.

use std::collections::HashMap;
use std::ops::Range;

use super::alike::Alike;
use super::form::{Form, Token};
use super::modules::Modules;
use super::repeat::Repeats;
use super::tree::{ItemId, Tree, What};

/// At most so many distances to the next box of the same kind are looked at as periods.
const MOST_DISTANCES: usize = 64;
/// At most so many of them, the most promising ones, are looked into.
const MOST_TRIED: usize = 8;
/// At most so many boxes are tried as the first of a copy.
const MOST_PHASES: usize = 16;
/// So many copies of what has no parameters are worth folding.
const MANY: usize = 3;

/// Copies among the children of an item.
struct Found {
    /// The children of the first copy.
    first: Range<usize>,
    copies: usize,
}

/// Makes an item of each copy in every sequence of siblings that repeats.
pub(super) fn recognise(modules: &Modules<'_>, alike: &Alike, tree: &mut Tree) {
    // A parent comes before its children, so that going backwards folds the children first.
    for parent in (0..tree.items.len()).rev() {
        let item = &tree.items[parent];
        let is_open = matches!(item.what, What::Scope(_) | What::Module) && item.recognised.is_none();
        if !is_open || item.children.len() < 4 {
            continue;
        }
        let children = item.children.clone();
        let found = Sequence::new(Repeats::new(modules.wiring, tree, alike), &children).repeats();
        if !found.is_empty() {
            enclose(modules, tree, parent, &children, &found);
        }
    }
}

/// Replaces the children of `parent` by items that hold a copy each, where they repeat.
fn enclose(modules: &Modules<'_>, tree: &mut Tree, parent: ItemId, children: &[ItemId], found: &[Found]) {
    let mut order = Vec::with_capacity(children.len());
    let mut next = 0;
    for Found { first, copies } in found {
        order.extend(&children[next..first.start]);
        let copy = |number: usize| {
            let from = first.start + number * first.len();
            &children[from..from + first.len()]
        };
        let name = modules.name_of(tree, copy(0), copy(1));
        for number in 0..*copies {
            order.push(match sole_module(modules, tree, copy(number)) {
                Some(module) => tree.absorb(module, copy(number)),
                None => tree.enclose(parent, &name, copy(number)),
            });
        }
        next = first.start + copies * first.len();
    }
    order.extend(&children[next..]);
    tree.items[parent].children = order;
    if let [Found { first, copies }] = found
        && first.len() * copies == children.len()
    {
        stand_for_module(modules, tree, parent);
    }
}

/// A module that is nothing but its own calls, one after the other, is these calls: closed, too, it says how many.
fn stand_for_module(modules: &Modules<'_>, tree: &mut Tree, module: ItemId) {
    let calls = tree.items[module].children.clone();
    let weights = |call: usize| modules.parameters(tree, calls[call]);
    let Some(outer) = tree.items[module].parent.filter(|_| tree.items[module].what == What::Module) else {
        return;
    };
    if weights(0).is_empty() || weights(0) != weights(1) {
        return;
    }
    let name = tree.items[module].name.clone();
    for &call in &calls {
        (tree.items[call].parent, tree.items[call].name) = (Some(outer), name.clone());
    }
    tree.items[module].children.clear();
    let siblings = &mut tree.items[outer].children;
    if let Some(place) = siblings.iter().position(|&child| child == module) {
        siblings.splice(place..=place, calls);
    }
}

/// The module that all parameters of a copy belong to, if it is one of the items.
fn sole_module(modules: &Modules<'_>, tree: &Tree, copy: &[ItemId]) -> Option<ItemId> {
    let mut with_weights = copy.iter().copied().filter(|&item| modules.has_parameters(tree, item));
    let module = with_weights.next().filter(|_| with_weights.next().is_none())?;
    let others = copy.iter().all(|&item| {
        item == module || matches!(tree.items[item].what, What::Operation(_) | What::Pattern(_))
    });
    (others && tree.items[module].what == What::Module && tree.items[module].recognised.is_none())
        .then_some(module)
}

/// The children of an item, equal layers in a row taken as one.
struct Sequence<'a> {
    repeats: Repeats<'a>,
    children: &'a [ItemId],
    units: Vec<Range<usize>>,
    /// A number for each unit, the same for those that may be equal.
    labels: Vec<usize>,
    /// Hashes of the labels before each unit, and the powers of their base.
    hashes: Vec<(u64, u64)>,
    /// For each unit: the next one with its label.
    following: Vec<Option<usize>>,
}

impl<'a> Sequence<'a> {
    fn new(repeats: Repeats<'a>, children: &'a [ItemId]) -> Self {
        let units = repeats.runs(children);
        let mut known: HashMap<(Vec<Token<'a>>, usize), usize> = HashMap::new();
        let mut labels = Vec::with_capacity(units.len());
        for unit in &units {
            let form = Form::new(&repeats.ground, &children[unit.start..=unit.start]);
            let next = known.len();
            labels.push(*known.entry((form.tokens, unit.len())).or_insert(next));
        }
        let mut hashes = vec![(0_u64, 1_u64)];
        for &label in &labels {
            const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
            let (hash, power) = hashes[hashes.len() - 1];
            hashes.push((hash.wrapping_mul(BASE).wrapping_add(label as u64 + 1), power.wrapping_mul(BASE)));
        }
        let mut following = vec![None; labels.len()];
        let mut last: HashMap<usize, usize> = HashMap::new();
        for (place, &label) in labels.iter().enumerate().rev() {
            following[place] = last.insert(label, place);
        }
        Self { repeats, children, units, labels, hashes, following }
    }

    fn repeats(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut start = 0;
        while start < self.units.len() {
            match self.from(start) {
                Some((phase, period, copies)) => {
                    let first = self.span(phase, period);
                    found.push(Found { first, copies });
                    start = phase + period * copies;
                }
                None => start += 1,
            }
        }
        found
    }

    /// The children of `count` units.
    fn span(&self, start: usize, count: usize) -> Range<usize> {
        self.units[start].start..self.units[start + count - 1].end
    }

    /// The repeat that begins at a unit and covers most: its first unit, its period, and how many copies there are.
    fn from(&self, start: usize) -> Option<(usize, usize, usize)> {
        let distances = std::iter::successors(self.following[start], |&place| self.following[place])
            .take(MOST_DISTANCES)
            .map(|place| place - start);
        // One box after the other is folded without an item of its own.
        let mut promising: Vec<(usize, usize)> = distances
            .filter(|&period| period > 1 && start + 2 * period <= self.units.len())
            .map(|period| (self.alike(start, start + period) + period, period))
            .filter(|&(length, period)| length >= 2 * period)
            .collect();
        promising.sort_by_key(|&(length, period)| (std::cmp::Reverse(length / period * period), period));
        let mut best: Option<(usize, usize, usize)> = None;
        for (length, period) in promising.into_iter().take(MOST_TRIED) {
            let covered = best.map_or(0, |(_, period, copies)| period * copies);
            if covered >= length / period * period {
                break;
            }
            if let Some((phase, copies)) = self.in_phase(start, period, length)
                && period * copies > covered
            {
                best = Some((phase, period, copies));
            }
        }
        best
    }

    /// Where the copies begin: there where the least is led from one to the next, and if there is a choice with
    /// something that has parameters.
    fn in_phase(&self, start: usize, period: usize, length: usize) -> Option<(usize, usize)> {
        let count = |phase: usize| {
            let first = self.span(phase, period);
            match self.is_even(phase, period) {
                true => self.repeats.copies(self.children, first.start, first.len()),
                false => 1,
            }
        };
        let least =
            if self.has_parameters(start, period) && !self.is_called_again(start, period) { 2 } else { MANY };
        let worth = |copies: usize| copies >= least;
        let width = |phase: usize| {
            let first = self.span(phase, period);
            self.repeats.links(self.children, first.start, first.len()).map(|links| links.width())
        };
        let last = (length % period).min(MOST_PHASES);
        let mut phases: Vec<(usize, bool, usize)> = (start..=start + last)
            .filter_map(|phase| Some((width(phase)?, !self.has_parameters(phase, 1), phase)))
            .collect();
        phases.sort_unstable();
        let counted = phases.into_iter().take(2).map(|(_, _, phase)| (phase, count(phase)));
        counted
            .filter(|&(_, copies)| worth(copies))
            .reduce(|best, other| if other.1 > best.1 { other } else { best })
    }

    /// Whether the first two copies have as many children; equal labels say so.
    fn is_even(&self, start: usize, period: usize) -> bool {
        start + 2 * period <= self.units.len()
            && self.span(start, period).len() == self.span(start + period, period).len()
    }

    fn has_parameters(&self, start: usize, count: usize) -> bool {
        self.children[self.span(start, count)].iter().any(|&item| {
            matches!(self.repeats.ground.tree.items[item].what, What::Scope(_) | What::Module)
                || self
                    .repeats
                    .ground
                    .tree
                    .operations(item)
                    .iter()
                    .any(|&number| self.repeats.ground.wiring.parameters(number).next().is_some())
        })
    }

    /// Whether the second copy is a second call of the modules that the first one is, and nothing else: that is said of
    /// each of them.
    fn is_called_again(&self, start: usize, period: usize) -> bool {
        let items = &self.children[self.span(start, period)];
        let is_module = |&item: &ItemId| {
            matches!(self.repeats.ground.tree.items[item].what, What::Scope(_) | What::Module)
        };
        let first = self.span(start, period);
        let links = self.repeats.links(self.children, first.start, first.len());
        items.iter().all(is_module) && links.is_some_and(|links| links.shared.iter().all(|&shared| shared))
    }

    /// How many labels are the same from two places on.
    fn alike(&self, a: usize, b: usize) -> usize {
        let hash = |from: usize, count: usize| {
            let ((before, _), (after, _)) = (self.hashes[from], self.hashes[from + count]);
            after.wrapping_sub(before.wrapping_mul(self.hashes[count].1))
        };
        let (mut low, mut high) = (0, self.labels.len() - b);
        while low < high {
            let middle = (low + high).div_ceil(2);
            match hash(a, middle) == hash(b, middle) {
                true => low = middle,
                false => high = middle - 1,
            }
        }
        low
    }
}

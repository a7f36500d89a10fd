//! Copies that are truly the same: equal operations, shapes and wiring, parameters apart, one after the other.

use std::collections::HashSet;
use std::ops::Range;

use super::alike::Alike;
use super::form::{Form, Ground, Links};
use super::tree::{ItemId, Tree, What};
use super::wiring::{Argument, Wiring};

/// Children of one item, in sequence, that are the same; a single one if nothing repeats.
pub(crate) type Run = Range<usize>;

/// So many single boxes in sequence are worth folding.
const MANY: usize = 3;

/// Finds repeats.
#[derive(Clone, Copy)]
pub(crate) struct Repeats<'a> {
    pub(super) ground: Ground<'a>,
}

impl<'a> Repeats<'a> {
    pub(crate) fn new(wiring: &'a Wiring, tree: &'a Tree, alike: &'a Alike) -> Self {
        Self { ground: Ground { wiring, tree, alike } }
    }

    /// Splits the children of an item into runs of equal ones.
    pub(crate) fn runs(&self, children: &[ItemId]) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut start = 0;
        while start < children.len() {
            let count = self.run(children, start);
            runs.push(start..start + count);
            start += count;
        }
        runs
    }

    /// What the first copy of a run gives to the next, and what all take the next piece of.
    pub(crate) fn led_on(&self, copies: &[ItemId]) -> Option<(Vec<Argument>, Vec<Argument>)> {
        let [first, second, ..] = copies else { return None };
        let (first, second) = (Form::new(&self.ground, &[*first]), Form::new(&self.ground, &[*second]));
        let (links, _) = first.links(&self.ground, &second)?;
        Some((first.given(&links), first.gone_through(&links)))
    }

    /// Whether all copies of a run read the same parameters.
    pub(crate) fn is_shared(&self, copies: &[ItemId]) -> bool {
        let weights = |item: ItemId| -> Vec<usize> {
            self.ground
                .tree
                .operations(item)
                .into_iter()
                .flat_map(|number| self.ground.wiring.parameters(number))
                .collect()
        };
        match copies {
            [first, second, ..] => {
                let first = weights(*first);
                !first.is_empty() && first == weights(*second)
            }
            _ => false,
        }
    }

    fn run(&self, children: &[ItemId], start: usize) -> usize {
        let item = |place: usize| &self.ground.tree.items[children[place]];
        if start + 1 >= children.len() {
            return 1;
        }
        let least = match (item(start).what, item(start + 1).what) {
            (What::Scope(_) | What::Module, What::Scope(_) | What::Module) => {
                if item(start).name != item(start + 1).name {
                    return 1;
                }
                2
            }
            (What::Pattern(one), What::Pattern(other)) if one == other => MANY,
            (What::Operation(one), What::Operation(other))
                if self.ground.alike.descriptions[one] == self.ground.alike.descriptions[other]
                    && self.ground.wiring.parameters(one).next().is_some() =>
            {
                MANY
            }
            _ => return 1,
        };
        match self.copies(children, start, 1) {
            count if count >= least => count,
            _ => 1,
        }
    }

    /// How many equal copies there are, each `period` children long, from `start` on.
    pub(super) fn copies(&self, children: &[ItemId], start: usize, period: usize) -> usize {
        let copy = |number: usize| children.get(start + number * period..start + (number + 1) * period);
        let Some(first) = copy(0) else { return 1 };
        let mut form = Form::new(&self.ground, first);
        let mut links: Option<Links> = None;
        let (mut count, mut merged) = (1, false);
        // Parameters that one copy has for its own.
        let mut own: HashSet<usize> = HashSet::new();
        while let Some(items) = copy(count) {
            let next = Form::new(&self.ground, items);
            let Some((found, is_merged)) = form.links(&self.ground, &next) else { break };
            let is_first = links.is_none();
            if links.as_ref().is_some_and(|links| *links != found) || (is_merged && !is_first) {
                break;
            }
            own.extend(form.parameters.iter().zip(&found.shared).filter(|(_, s)| !**s).map(|(p, _)| *p));
            let apart = |(place, parameter): (usize, &usize)| !found.shared[place] && own.contains(parameter);
            if next.parameters.iter().enumerate().any(apart) {
                break;
            }
            merged |= is_merged;
            (links, form) = (Some(found), next);
            count += 1;
        }
        // Two copies of which the first reads one tensor twice and the second two are not known to be the same.
        if merged && count < 3 { 1 } else { count }
    }

    /// How the second of two copies hangs on the first.
    pub(super) fn links(&self, children: &[ItemId], start: usize, period: usize) -> Option<Links> {
        let first = Form::new(&self.ground, children.get(start..start + period)?);
        let second = Form::new(&self.ground, children.get(start + period..start + 2 * period)?);
        first.links(&self.ground, &second).map(|(links, _)| links)
    }
}

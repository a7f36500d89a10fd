//! Everything between one tensor and what is computed of it alone.

use std::collections::BTreeSet;

use super::tree::{Tree, What};
use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};
use crate::operation::TensorType;

/// Operations that lead up to one of them, the root, followed backwards one by one: the latest first, so that what all
/// of them come from is found as soon as it is the only tensor left.
pub(super) struct Cone<'a> {
    captured: &'a Captured,
    wiring: &'a Wiring,
    pub(super) root: usize,
    pub(super) members: BTreeSet<usize>,
    /// What the members read of others.
    frontier: Vec<Argument>,
}

impl<'a> Cone<'a> {
    /// `enters` says of each argument of the root whether it is followed.
    pub(super) fn new(
        captured: &'a Captured,
        wiring: &'a Wiring,
        root: usize,
        follows: impl Fn(usize, Argument) -> bool,
    ) -> Self {
        let mut cone = Self { captured, wiring, root, members: BTreeSet::new(), frontier: Vec::new() };
        cone.enter(root, follows);
        cone
    }

    fn enter(&mut self, number: usize, follows: impl Fn(usize, Argument) -> bool) {
        self.members.insert(number);
        for &argument in &self.wiring.arguments[number] {
            let inside = matches!(argument.place, Place::Operation(source) if self.members.contains(&source));
            if !inside && follows(number, argument) && !self.frontier.contains(&argument) {
                self.frontier.push(argument);
            }
        }
    }

    /// Goes one operation further back, if that is one of those that `enters` lets in.
    pub(super) fn step(
        &mut self,
        enters: impl Fn(usize) -> bool,
        follows: impl Fn(usize, Argument) -> bool,
    ) -> bool {
        let latest = self.frontier.iter().filter_map(|argument| match argument.place {
            Place::Operation(number) => Some(number),
            _ => None,
        });
        // What reads nothing leads to nothing else, whenever it was made.
        let by_need = |&number: &usize| (self.wiring.arguments[number].is_empty(), number);
        let Some(latest) = latest.max_by_key(by_need).filter(|&latest| enters(latest)) else { return false };
        self.frontier.retain(|argument| argument.place != Place::Operation(latest));
        self.enter(latest, follows);
        true
    }

    /// The one tensor that all of it is computed from.
    pub(super) fn source(&self) -> Option<Argument> {
        match self.frontier.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The type of that tensor.
    pub(super) fn source_type(&self) -> Option<&'a TensorType> {
        let source = self.source()?;
        self.captured.tensor(self.captured.node(source.place), source.output)
    }

    /// Whether nobody else reads what is computed on the way.
    pub(super) fn is_private(&self) -> bool {
        self.members.iter().filter(|&&number| number != self.root).all(|&number| {
            let known = |user: &usize| self.members.contains(user) || !self.wiring.live[*user];
            self.wiring.outputs[number].is_empty() && self.wiring.users[number].iter().all(known)
        })
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.members.iter().map(|&number| self.captured.operation(number).kind.as_str())
    }

    pub(super) fn has(&self, kind: &str) -> bool {
        self.kinds().any(|found| found == kind)
    }

    pub(super) fn list(&self) -> Vec<usize> {
        self.members.iter().copied().collect()
    }
}

/// The sizes of an operation's first result.
pub(super) fn sizes(captured: &Captured, number: usize) -> Vec<usize> {
    captured.operation(number).outputs.first().map(of_type).unwrap_or_default()
}

/// The sizes of a tensor.
pub(super) fn of_type(tensor: &TensorType) -> Vec<usize> {
    tensor.axes.iter().map(|axis| axis.size).collect()
}

/// Whether no group has any of these operations yet.
pub(super) fn are_free(tree: &Tree, members: &[usize]) -> bool {
    members.iter().all(|&number| {
        tree.items[tree.leaves[number]].parent.is_some_and(|parent| {
            !matches!(tree.items[parent].what, What::Pattern(_)) && tree.items[parent].recognised.is_none()
        })
    })
}

/// The parameter behind an argument, if nothing but moves and scalars is between.
pub(crate) fn parameter_behind(captured: &Captured, wiring: &Wiring, argument: Argument) -> Option<usize> {
    let mut place = argument.place;
    loop {
        match place {
            Place::Parameter(parameter) => return Some(parameter),
            Place::Operation(number) => {
                let operation = captured.operation(number);
                let passes = operation.is_movement() && !operation.joins() || operation.kind == "add_scalar";
                place = wiring.arguments[number].first().filter(|_| passes)?.place;
            }
            Place::Input(_) | Place::Output(_) => return None,
        }
    }
}

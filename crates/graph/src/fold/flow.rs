//! Who reads what, among the children of a scope.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::modules::Path;
use super::pattern::Pattern;
use super::tree::{ItemId, Tree, What};
use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};
use crate::operation::TensorType;

/// What a scope's children read and who reads them.
pub(super) struct Flow<'a> {
    captured: &'a Captured,
    wiring: &'a Wiring,
    /// What each child is.
    what: Vec<What>,
    /// For each child: what it reads that it doesn't make itself.
    pub(super) reads: Vec<Vec<Argument>>,
    /// For each child: those that read it; nothing for what is elsewhere.
    pub(super) users: Vec<Vec<Option<usize>>>,
    /// For each child: the parameters that it reads.
    pub(super) weights: Vec<Vec<usize>>,
    unit_of: HashMap<usize, usize>,
}

/// A stretch of children whose parameters are of one element of a list.
pub(super) struct Block {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) path: Path,
}

/// Blocks by list.
pub(super) type Lists = BTreeMap<(Path, String), Vec<Block>>;

impl<'a> Flow<'a> {
    pub(super) fn new(captured: &'a Captured, wiring: &'a Wiring, tree: &Tree, units: &[ItemId]) -> Self {
        let operations: Vec<Vec<usize>> = units.iter().map(|&unit| tree.operations(unit)).collect();
        let mut unit_of = HashMap::new();
        for (unit, operations) in operations.iter().enumerate() {
            operations.iter().for_each(|&number| _ = unit_of.insert(number, unit));
        }
        let mut flow = Self {
            captured,
            wiring,
            what: units.iter().map(|&unit| tree.items[unit].what).collect(),
            reads: vec![Vec::new(); units.len()],
            users: vec![Vec::new(); units.len()],
            weights: operations
                .iter()
                .map(|operations| operations.iter().flat_map(|&number| wiring.parameters(number)).collect())
                .collect(),
            unit_of,
        };
        for (unit, operations) in operations.iter().enumerate() {
            for &number in operations {
                flow.connect(unit, number);
            }
            flow.users[unit].sort_unstable();
            flow.users[unit].dedup();
        }
        flow
    }

    fn connect(&mut self, unit: usize, number: usize) {
        let wiring = self.wiring;
        for &argument in &wiring.arguments[number] {
            let own = self.maker(&argument) == Some(unit) || matches!(argument.place, Place::Parameter(_));
            if !own && !self.reads[unit].contains(&argument) {
                self.reads[unit].push(argument);
            }
        }
        let live = wiring.users[number].iter().filter(|&&user| wiring.live[user]);
        let users = live.map(|user| self.unit_of.get(user).copied()).filter(|user| *user != Some(unit));
        let left = wiring.outputs[number].iter().map(|_| None);
        self.users[unit].extend(users.chain(left));
    }

    /// The child that makes a tensor.
    pub(super) fn maker(&self, argument: &Argument) -> Option<usize> {
        match argument.place {
            Place::Operation(source) => self.unit_of.get(&source).copied(),
            _ => None,
        }
    }

    pub(super) fn is_constant(&self, argument: &Argument) -> bool {
        matches!(argument.place, Place::Operation(number) if self.wiring.is_constant(number))
    }

    /// The types of what a child gives out, if it is a single operation that reads nothing.
    pub(super) fn made_of_nothing(&self, unit: usize) -> Option<&'a [TensorType]> {
        match self.what[unit] {
            What::Operation(number) if self.wiring.arguments[number].is_empty() => {
                Some(&self.captured.operation(number).outputs)
            }
            _ => None,
        }
    }

    /// What tells a child from one of another sort.
    pub(super) fn kind(&self, unit: usize) -> &str {
        match self.what[unit] {
            What::Operation(number) => &self.captured.operation(number).kind,
            What::Pattern(pattern) => pattern.label(),
            What::Scope(_) | What::Module => "",
        }
    }

    fn is_activation(&self, unit: usize) -> bool {
        match self.what[unit] {
            What::Operation(number) => self.captured.operation(number).is_activation(),
            What::Pattern(pattern) => matches!(pattern, Pattern::Activation(_)),
            What::Scope(_) | What::Module => false,
        }
    }

    /// Whether it commonly ends a block: an activation, a pooling.
    pub(super) fn is_end(&self, unit: usize) -> bool {
        self.is_activation(unit) || self.kind(unit).contains("pool")
    }

    /// The children after a block that go on with nothing but what it gives out and what it reads itself, and how many
    /// of them there are up to the last that joins the two.
    pub(super) fn after(&self, block: &Block, placed: &[Option<Path>]) -> (Vec<usize>, usize) {
        let mut inside: HashSet<usize> = (block.first..=block.last).collect();
        let read: HashSet<&Argument> = inside.iter().flat_map(|&unit| &self.reads[unit]).collect();
        let (mut tail, mut joined) = (Vec::new(), 0);
        for (unit, place) in placed.iter().enumerate().skip(block.last + 1) {
            let arguments = &self.reads[unit];
            let from_inside =
                |argument: &&Argument| self.maker(argument).is_some_and(|maker| inside.contains(&maker));
            let skips = |argument: &&Argument| !from_inside(argument) && read.contains(argument);
            let known = arguments.iter().all(|a| from_inside(&a) || read.contains(a) || self.is_constant(a));
            if place.is_some() || !known || !arguments.iter().any(|a| from_inside(&a)) {
                break;
            }
            let arms = arguments.iter().filter(from_inside).count();
            let joins = arms > 1 || arguments.iter().any(|argument| skips(&argument));
            tail.push(unit);
            inside.insert(unit);
            if joins {
                joined = tail.len();
            }
        }
        (tail, joined)
    }

    /// The activations and poolings after a child, each of which nothing else reads what comes before.
    pub(super) fn ends(&self, last: usize, placed: &[Option<Path>]) -> Vec<usize> {
        let follows = |&unit: &usize| {
            placed[unit].is_none() && self.is_end(unit) && self.users[unit - 1] == [Some(unit)]
        };
        (last + 1..placed.len()).take_while(follows).collect()
    }

    /// How many of `tail` are activations of the child before, one after the other, which nothing else reads.
    pub(super) fn activations(&self, before: usize, tail: &[usize]) -> usize {
        let befores = std::iter::once(&before).chain(tail);
        let follows = |&(&before, &next): &(&usize, &usize)| {
            self.is_activation(next) && self.users[before] == [Some(next)]
        };
        befores.zip(tail).take_while(follows).count()
    }

    /// Parts a stretch of one module's children where it is called again: where the same parameters are read once more,
    /// all of them in the same order.
    pub(super) fn calls<'u>(&self, stretch: &'u [usize]) -> Vec<&'u [usize]> {
        let trained: Vec<usize> =
            (0..stretch.len()).filter(|&place| !self.weights[stretch[place]].is_empty()).collect();
        let weights = |n: usize| &self.weights[stretch[trained[n]]];
        let again = (1..=trained.len() / 2).find(|&period| {
            trained.len().is_multiple_of(period)
                && (period..trained.len()).all(|n| weights(n) == weights(n - period))
        });
        let Some(period) = again else { return vec![stretch] };
        // What was placed already at the edges of a call stays with it: each call ends where the next one begins.
        let mut starts: Vec<usize> = trained.iter().copied().step_by(period).collect();
        starts[0] = 0;
        let ends = starts.iter().copied().skip(1).chain([stretch.len()]);
        starts.iter().zip(ends).map(|(&start, end)| &stretch[start..end]).collect()
    }

    /// Whether some of `next` go on with what `one` gave, by whatever ways.
    pub(super) fn follows(&self, one: &[usize], next: &[usize]) -> bool {
        let (Some(&first), Some(&last)) = (one.first(), next.last()) else { return false };
        let mut reached: HashSet<usize> = one.iter().copied().collect();
        for unit in first..=last {
            let makers = self.reads[unit].iter().filter_map(|argument| self.maker(argument));
            if makers.into_iter().any(|maker| reached.contains(&maker)) {
                reached.insert(unit);
            }
        }
        next.iter().any(|unit| reached.contains(unit))
    }

    /// The children before a block that nothing but it reads, the nearest first.
    pub(super) fn before(&self, block: &Block, placed: &[Option<Path>]) -> Vec<usize> {
        let mut heads = Vec::new();
        for unit in (0..block.first).rev() {
            let within =
                |user: &Option<usize>| user.is_some_and(|user| (unit + 1..=block.last).contains(&user));
            if placed[unit].is_some() || self.users[unit].is_empty() || !self.users[unit].iter().all(within) {
                break;
            }
            heads.push(unit);
        }
        heads
    }
}

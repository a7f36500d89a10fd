//! Which hue a box has, from what is in it.
//!
//! What is recognised is one unit, and so is every other operation that is no part of it. A closed scope is called after
//! its units: it is a feed-forward network only if data goes from a linear layer through an activation to a linear layer.

use std::collections::HashMap;

use super::builder::{Builder, Entry};
use crate::fold::{ItemId, Pattern, What, is_residual, is_trivial};
use crate::view::BoxKind;

/// What stands in a closed scope, counted.
#[derive(Default)]
struct Units {
    counts: HashMap<BoxKind, usize>,
    /// The kind of each operation's unit, in program order.
    of: Vec<(usize, BoxKind)>,
    residual: bool,
}

impl Units {
    fn count(&self, kind: BoxKind) -> usize {
        self.counts.get(&kind).copied().unwrap_or(0)
    }

    fn has(&self, kind: BoxKind) -> bool {
        self.count(kind) > 0
    }

    /// Whether there is nothing but these.
    fn only(&self, kinds: &[BoxKind]) -> bool {
        self.counts.keys().all(|kind| kinds.contains(kind))
    }
}

impl Builder<'_> {
    pub(super) fn kind(&self, entry: &Entry) -> BoxKind {
        if entry.norm.is_some() {
            return BoxKind::Norm;
        }
        let id = entry.items[0];
        if let [only] = self.tree.operations(id).as_slice() {
            return self.kind_of_operation(*only);
        }
        let item = &self.tree.items[id];
        let recognised = match item.what {
            What::Pattern(pattern) => Some(pattern),
            _ => item.recognised,
        };
        recognised.map_or_else(|| self.kind_of_all(id), kind_of_pattern)
    }

    fn kind_of_operation(&self, number: usize) -> BoxKind {
        match self.captured.operation(number).box_kind() {
            _ if self.tree.masks[number] => BoxKind::Mask,
            _ if self.is_lookup(number) => BoxKind::Embedding,
            kind => kind,
        }
    }

    /// The kind of a closed scope.
    fn kind_of_all(&self, item: ItemId) -> BoxKind {
        use BoxKind as K;
        let operations = self.tree.operations(item);
        if operations.iter().all(|&number| self.tree.masks[number]) {
            return K::Mask;
        }
        if operations.iter().all(|&number| self.wiring.is_constant(number)) {
            return K::Constant;
        }
        let units = self.units(item);
        let plain = [K::Add, K::Movement, K::Other];
        let with = |more: &[K]| units.only(&[&plain, more].concat());
        if units.has(K::Attention) {
            let network = units.has(K::Activation) || units.has(K::FeedForward) || units.has(K::Embedding);
            let layer = units.has(K::Norm) && units.residual;
            return if network || layer || units.has(K::Convolution) { K::Module } else { K::Attention };
        }
        if units.has(K::Convolution) {
            let of_images = with(&[K::Convolution, K::Norm, K::Activation, K::Pooling]);
            return if of_images { K::Convolution } else { K::Module };
        }
        if units.has(K::Linear) {
            return self.kind_of_linear(&units, with(&[K::Linear, K::Activation]));
        }
        if units.has(K::Embedding) {
            return if with(&[K::Embedding, K::Norm]) { K::Embedding } else { K::Module };
        }
        match () {
            () if units.only(&[K::Movement]) => K::Movement,
            () if with(&[K::Norm]) && units.has(K::Norm) => K::Norm,
            () if with(&[K::Activation]) && units.has(K::Activation) => K::Activation,
            () if units.only(&[K::Pooling, K::Movement]) => K::Pooling,
            () if with(&[]) => K::Other,
            () => K::Module,
        }
    }

    /// The kind of a closed scope with linear layers, but neither attention nor convolutions.
    fn kind_of_linear(&self, units: &Units, plain: bool) -> BoxKind {
        let normed = units.only(&[
            BoxKind::Linear,
            BoxKind::Activation,
            BoxKind::Norm,
            BoxKind::Add,
            BoxKind::Movement,
            BoxKind::Other,
        ]);
        if normed && self.is_recurrent(units) {
            return BoxKind::Recurrent;
        }
        let composed = units.residual && units.has(BoxKind::Norm);
        match (self.is_feed_forward(units), units.has(BoxKind::Norm)) {
            (true, _) if normed && !composed => BoxKind::FeedForward,
            (false, false) if plain => BoxKind::Linear,
            _ => BoxKind::Module,
        }
    }

    /// The units of a scope. What only makes masks or constants, and what nobody reads, is none.
    fn units(&self, item: ItemId) -> Units {
        let mut units = Units::default();
        let mut open = vec![item];
        while let Some(id) = open.pop() {
            let found = &self.tree.items[id];
            let pattern = match (found.what, found.recognised) {
                (What::Pattern(pattern), _) | (_, Some(pattern)) => Some(pattern),
                _ => None,
            };
            let kind = match (found.what, pattern) {
                (What::Operation(number), _) => {
                    units.residual |= is_residual(self.captured, self.wiring, number);
                    self.kind_of_operation(number)
                }
                (_, Some(pattern)) if pattern != Pattern::AddNorm => kind_of_pattern(pattern),
                _ => {
                    open.extend(&found.children);
                    continue;
                }
            };
            let live: Vec<usize> = self
                .tree
                .operations(id)
                .into_iter()
                .filter(|&n| self.wiring.live[n] && !self.wiring.is_constant(n) && !self.tree.masks[n])
                .filter(|&n| !is_trivial(self.captured.operation(n)))
                .collect();
            if !live.is_empty() {
                *units.counts.entry(kind).or_default() += 1;
                units.of.extend(live.into_iter().map(|number| (number, kind)));
            }
        }
        units.of.sort_unstable();
        units
    }

    /// Whether data goes from a linear layer through an activation to another linear layer.
    fn is_feed_forward(&self, units: &Units) -> bool {
        // Behind a linear layer; behind an activation behind one.
        let mut behind: HashMap<usize, (bool, bool)> = HashMap::new();
        for &(number, kind) in &units.of {
            let sources = (0..self.wiring.arguments[number].len())
                .filter_map(|slot| behind.get(&self.through(number, slot)?).copied());
            let (mut linear, mut active) = sources.fold((false, false), |a, b| (a.0 || b.0, a.1 || b.1));
            match kind {
                BoxKind::Linear if active => return true,
                BoxKind::Linear => linear = true,
                BoxKind::Activation => active |= linear,
                _ => {}
            }
            behind.insert(number, (linear, active));
        }
        false
    }

    /// Whether two linear maps are added up and squashed, or a tanh is multiplied with a sigmoid: gates of a cell.
    fn is_recurrent(&self, units: &Units) -> bool {
        let kinds: HashMap<usize, BoxKind> = units.of.iter().copied().collect();
        let kind = |number: usize| self.captured.operation(number).kind.as_str();
        let squashes = |number: usize| matches!(kind(number), "sigmoid" | "tanh" | "hard_sigmoid");
        // The sum of two maps may already be outside.
        let users = units.of.iter().filter(|(_, what)| *what == BoxKind::Linear);
        let users = users.flat_map(|&(number, _)| self.wiring.users[number].iter().copied());
        users.chain(units.of.iter().map(|&(number, _)| number)).any(|number| {
            let [Some(a), Some(b)] = [0, 1].map(|slot| self.through(number, slot)) else { return false };
            match kind(number) {
                "add" if kinds.get(&number) != Some(&BoxKind::Linear) => {
                    let both = [a, b].iter().all(|source| kinds.get(source) == Some(&BoxKind::Linear));
                    both && self.wiring.users[number].iter().any(|&user| {
                        let moved = self.captured.operation(user).is_movement();
                        squashes(user)
                            || (moved && self.wiring.users[user].iter().any(|&user| squashes(user)))
                    })
                }
                "mul" => {
                    (kind(a) == "tanh" && kind(b) == "sigmoid") || (kind(a) == "sigmoid" && kind(b) == "tanh")
                }
                _ => false,
            }
        })
    }

    /// The operation behind an argument, and behind the moves before it.
    fn through(&self, number: usize, slot: usize) -> Option<usize> {
        let mut source = self.wiring.producer(number, slot)?;
        while self.captured.operation(source).is_movement() && !self.captured.operation(source).joins() {
            match self.wiring.producer(source, 0) {
                Some(before) => source = before,
                None => break,
            }
        }
        Some(source)
    }
}

fn kind_of_pattern(pattern: Pattern) -> BoxKind {
    match pattern {
        Pattern::Linear => BoxKind::Linear,
        Pattern::Attention => BoxKind::Attention,
        Pattern::Norm(_) | Pattern::AddNorm => BoxKind::Norm,
        Pattern::Activation(_) | Pattern::Gate(_) => BoxKind::Activation,
        Pattern::Rotary => BoxKind::Embedding,
        Pattern::Mask => BoxKind::Mask,
        Pattern::Constant => BoxKind::Constant,
        Pattern::Movement => BoxKind::Movement,
    }
}

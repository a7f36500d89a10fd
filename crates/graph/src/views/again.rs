//! What a box says of weights that are used more than once.

use std::collections::BTreeSet;

use super::builder::{Builder, Entry};
use crate::fold::{Item, Pattern, What};
use crate::view::SHARED;

impl Builder<'_> {
    /// Which call of a module this is, or that a repeat has the same weights each time.
    pub(super) fn again(&self, entry: &Entry) -> Option<String> {
        let first = entry.items[0];
        if entry.items.len() > 1 && self.repeats.is_shared(&entry.items) {
            return Some("same weights".to_owned());
        }
        match self.tree.items[entry.norm.unwrap_or(first)].call {
            _ if first == self.root => None,
            1 => None,
            call => Some(ordinal(call)),
        }
    }

    /// The tooltip's line on what else uses the weights of a box.
    pub(super) fn sharing(
        &self,
        entry: &Entry,
        operations: &[usize],
        parameters: &BTreeSet<usize>,
    ) -> Option<String> {
        if entry.items.len() > 1 && self.repeats.is_shared(&entry.items) {
            return Some("the same weights each time".to_owned());
        }
        // An output layer may have the weights of a table, and a bias of its own.
        let is_layer = self.tree.items[entry.items[0]].what == What::Pattern(Pattern::Linear);
        let inside: BTreeSet<usize> = operations.iter().copied().collect();
        let mut elsewhere: BTreeSet<usize> = BTreeSet::new();
        for &parameter in parameters {
            let others: BTreeSet<usize> = self.wiring.readers[parameter]
                .iter()
                .copied()
                .filter(|reader| !inside.contains(reader))
                .collect();
            if others.is_empty() && !is_layer {
                return None;
            }
            elsewhere.extend(others);
        }
        let other = *elsewhere.first()?;
        Some(format!("{SHARED}{}", self.place_of(other)))
    }

    /// The tooltip's lines on what is led from one copy to the next, and what is gone through piece by piece.
    pub(super) fn led_on(&self, entry: &Entry) -> Vec<String> {
        let Some((led, pieces)) = self.repeats.led_on(&entry.items) else { return Vec::new() };
        // That the result of one layer goes into the next goes without saying.
        if led.len() < 2 && pieces.is_empty() {
            return Vec::new();
        }
        let led = self.types(&led).into_iter().map(|tensor| format!("from each to the next {tensor}"));
        let pieces =
            self.types(&pieces).into_iter().map(|tensor| format!("each takes the next piece of {tensor}"));
        led.chain(pieces).collect()
    }

    /// The path of the scope or layer that an operation is in.
    fn place_of(&self, number: usize) -> String {
        let leaf = self.tree.leaves[number];
        let mut around = self.tree.ancestors(leaf);
        let item = around.find(|&item| !matches!(self.tree.items[item].what, What::Operation(_)));
        self.tree.path(item.filter(|&item| !self.tree.path(item).is_empty()).unwrap_or(leaf))
    }
}

/// A name with the number that a reader is told.
pub(super) fn numbered(item: &Item) -> String {
    match item.shown {
        Some(number) => format!("{} {number}", item.name),
        None => item.name.clone(),
    }
}

/// `2nd call`.
fn ordinal(call: usize) -> String {
    let ending = match (call % 10, call % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{call}{ending} call")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_in_words() {
        let expected =
            ["2nd call", "3rd call", "4th call", "11th call", "12th call", "21st call", "113th call"];
        assert_eq!([2, 3, 4, 11, 12, 21, 113].map(ordinal), expected);
    }
}

//! Names for sizes: symbols, and which of them a pair of sizes is.

use std::collections::BTreeMap;

use super::expressions::expressions;
use super::symbol::Symbol;
use crate::note::Note;

/// What stands for a size that depends on the symbols, but on which of them is not certain.
const UNCERTAIN: &str = "?";

/// Finds names for pairs of sizes.
pub(crate) struct Names<'a> {
    symbols: &'a [Symbol],
    known: BTreeMap<[usize; 2], Vec<String>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(symbols: &'a [Symbol]) -> Self {
        Self { symbols, known: BTreeMap::new() }
    }

    /// The size of a symbol in the shown capture.
    pub(crate) fn shown(&self, name: &str) -> Option<usize> {
        self.symbols.iter().find(|symbol| symbol.name == name).map(|symbol| symbol.shown)
    }

    /// The name of an axis that has these two sizes: none if it is a constant.
    pub(crate) fn of(&mut self, shown: usize, probe: usize) -> Option<String> {
        if shown == probe {
            return None;
        }
        let symbols = self.symbols;
        let found = self.known.entry([shown, probe]).or_insert_with(|| expressions(symbols, [shown, probe]));
        Some(match found.as_slice() {
            [only] => only.clone(),
            _ => UNCERTAIN.to_owned(),
        })
    }

    /// The sizes that got no name because there is none, or more than one.
    pub(crate) fn notes(&self) -> Vec<Note> {
        let uncertain = self.known.iter().filter(|(_, found)| found.len() != 1);
        let note = |(&sizes, found): (&[usize; 2], &Vec<String>)| Note::UncertainSize {
            sizes,
            candidates: found.clone(),
        };
        uncertain.map(note).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_expression_names_a_pair_of_sizes() {
        let symbols = [
            Symbol::new("batch", 8, 3),
            Symbol::new("target", 9, 7),
            Symbol::new("d_model", 512, 26),
            Symbol::new("heads", 8, 2),
            Symbol::new("d_k", 64, 13),
        ];
        let mut names = Names::new(&symbols);
        let mut name = |shown, probe| names.of(shown, probe);
        assert_eq!(name(8, 3).as_deref(), Some("batch"));
        assert_eq!(name(8, 2).as_deref(), Some("heads"), "told from the batch by the probe");
        assert_eq!(name(512, 26).as_deref(), Some("d_model"), "not heads·d_k");
        assert_eq!(name(64, 6).as_deref(), Some("batch·heads"));
        assert_eq!(name(72, 21).as_deref(), Some("batch·target"));
        assert_eq!(name(256, 13).as_deref(), Some("d_model/2"));
        assert_eq!(name(10, 8).as_deref(), Some("target+1"));
        assert_eq!(name(17, 10).as_deref(), Some("batch+target"));
        assert_eq!(name(1, 1), None);
        assert_eq!(name(77, 78).as_deref(), Some("?"), "it varies, but with what?");
        assert_eq!(name(77, 77), None);
        let notes = names.notes();
        assert_eq!(notes, [Note::UncertainSize { sizes: [77, 78], candidates: Vec::new() }]);
    }
}

//! Names for sizes: symbols, and which of them a pair of sizes is.

use std::collections::HashMap;

/// A name for a size, with the sizes of the two captures.
///
/// Sizes that follow from others have symbols too: with `d_model` and `heads`, also
/// `Symbol::new("d_k", 512 / 8, 52 / 4)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub(super) name: String,
    pub(super) shown: usize,
    pub(super) probe: usize,
}

impl Symbol {
    /// `shown` is the size whose numbers the graph carries; `probe` is that of the second capture. Primes that occur
    /// nowhere else make good probes.
    #[must_use]
    pub fn new(name: impl Into<String>, shown: usize, probe: usize) -> Self {
        Self { name: name.into(), shown, probe }
    }
}

/// Finds names for pairs of sizes.
pub(crate) struct Names<'a> {
    symbols: &'a [Symbol],
    known: HashMap<(usize, usize), Option<String>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(symbols: &'a [Symbol]) -> Self {
        Self { symbols, known: HashMap::new() }
    }

    /// The size of a symbol in the shown capture.
    pub(crate) fn shown(&self, name: &str) -> Option<usize> {
        self.symbols.iter().find(|symbol| symbol.name == name).map(|symbol| symbol.shown)
    }

    /// The name of an axis that has these two sizes.
    pub(crate) fn of(&mut self, shown: usize, probe: usize) -> Option<String> {
        if shown == probe {
            return None;
        }
        if let Some(known) = self.known.get(&(shown, probe)) {
            return known.clone();
        }
        let name = self.find(shown, probe);
        self.known.insert((shown, probe), name.clone());
        name
    }

    /// The shortest expression: a symbol, a product, then what a slice or a concatenation makes of them.
    fn find(&self, shown: usize, probe: usize) -> Option<String> {
        (1..=4)
            .find_map(|factors| self.product(shown, probe, factors, 0))
            .or_else(|| self.scaled(shown, probe))
            .or_else(|| self.shifted(shown, probe))
            .or_else(|| self.sum(shown, probe))
    }

    /// A product of exactly so many symbols, from the one at `from` on, each as often as needed.
    fn product(&self, shown: usize, probe: usize, factors: usize, from: usize) -> Option<String> {
        self.symbols.iter().enumerate().skip(from).find_map(|(place, symbol)| {
            if factors == 1 {
                return (symbol.shown == shown && symbol.probe == probe).then(|| symbol.name.clone());
            }
            let divides = shown.is_multiple_of(symbol.shown) && probe.is_multiple_of(symbol.probe);
            let rest = || self.product(shown / symbol.shown, probe / symbol.probe, factors - 1, place);
            divides.then(rest).flatten().map(|rest| format!("{}·{rest}", symbol.name))
        })
    }

    /// A small multiple or fraction of a symbol.
    fn scaled(&self, shown: usize, probe: usize) -> Option<String> {
        let candidates = || self.symbols.iter().flat_map(|symbol| (2..=8).map(move |times| (symbol, times)));
        let multiple = candidates().find(|(s, times)| (s.shown * times, s.probe * times) == (shown, probe));
        let fraction = candidates().find(|(s, parts)| (shown * parts, probe * parts) == (s.shown, s.probe));
        multiple
            .map(|(symbol, times)| format!("{times}·{}", symbol.name))
            .or_else(|| fraction.map(|(symbol, parts)| format!("{}/{parts}", symbol.name)))
    }

    /// A symbol and a little more or less.
    fn shifted(&self, shown: usize, probe: usize) -> Option<String> {
        (1..=4).find_map(|by| {
            self.symbols.iter().find_map(|symbol| {
                if (symbol.shown + by, symbol.probe + by) == (shown, probe) {
                    Some(format!("{}+{by}", symbol.name))
                } else if (shown + by, probe + by) == (symbol.shown, symbol.probe) {
                    Some(format!("{}-{by}", symbol.name))
                } else {
                    None
                }
            })
        })
    }

    fn sum(&self, shown: usize, probe: usize) -> Option<String> {
        self.symbols.iter().enumerate().find_map(|(place, a)| {
            let fits = |b: &&Symbol| (a.shown + b.shown, a.probe + b.probe) == (shown, probe);
            self.symbols[place + 1..].iter().find(fits).map(|b| format!("{}+{}", a.name, b.name))
        })
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
        assert_eq!(name(77, 78), None);
    }
}

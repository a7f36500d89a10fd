//! Names for sizes, found by capturing twice.
//!
//! One capture can't tell a batch of 8 from 8 heads. Two captures, at sizes chosen so that no two change alike, can:
//! every axis has a pair of sizes, and the pair says which symbol, or which product of symbols, it is.

use std::collections::HashMap;
use std::ops::Index;

use super::align::{name_axes, twins};
use super::assemble::assemble;
use super::names::{Names, Symbol};
use super::record::{ClosureError, record};
use super::session::Session;
use crate::error::CaptureError;
use crate::graph::ComputationGraph;

/// The sizes of one capture, by name.
#[derive(Clone, Debug)]
pub struct Sizes(HashMap<String, usize>);

impl Sizes {
    /// The size with that name, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

impl Index<&str> for Sizes {
    type Output = usize;

    /// # Panics
    ///
    /// If no symbol has that name. Within a capture's closure, that is reported as an error of the capture.
    fn index(&self, name: &str) -> &usize {
        match self.0.get(name) {
            Some(size) => size,
            None => panic!("no symbol is named `{name}`"),
        }
    }
}

/// Runs `closure` at two sizes and returns the first graph, its axes named by `symbols` where the two tell their name.
///
/// # Errors
///
/// As [`crate::capture`]; and if symbols can't be told apart, or the graphs differ in more than sizes.
pub fn capture_symbolic<F>(
    name: &str,
    symbols: &[Symbol],
    closure: F,
) -> Result<ComputationGraph, CaptureError>
where
    F: Fn(&Session, &Sizes) -> Result<(), ClosureError>,
{
    check(symbols)?;
    let at = |size: fn(&Symbol) -> usize, lines: bool| {
        let sizes = Sizes(symbols.iter().map(|symbol| (symbol.name.clone(), size(symbol))).collect());
        record(name, lines, |session| closure(session, &sizes)).and_then(assemble)
    };
    let mut shown = at(|symbol| symbol.shown, true)?;
    let probe = at(|symbol| symbol.probe, false)?;
    let twins =
        twins(&shown, &probe).map_err(|first_difference| CaptureError::Structure { first_difference })?;
    name_axes(&mut shown, &probe, &twins, &mut Names::new(symbols));
    Ok(ComputationGraph::new(shown))
}

fn check(symbols: &[Symbol]) -> Result<(), CaptureError> {
    let fail = |message: String| Err(CaptureError::Symbols(message));
    for (place, symbol) in symbols.iter().enumerate() {
        let Symbol { name, shown, probe } = symbol;
        if shown == probe {
            return fail(format!("`{name}` is {shown} in both captures; choose another probe"));
        }
        if *shown == 0 || *probe == 0 {
            return fail(format!("`{name}` is 0 in one capture; sizes start at 1"));
        }
        for other in &symbols[..place] {
            if other.name == *name {
                return fail(format!("`{name}` is there twice"));
            }
            if (other.shown, other.probe) == (*shown, *probe) {
                return fail(format!("`{}` and `{name}` are {shown} and {probe} both", other.name));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_that_change_alike_are_refused() {
        for symbols in [
            vec![Symbol::new("a", 4, 4)],
            vec![Symbol::new("a", 4, 5), Symbol::new("b", 4, 5)],
            vec![Symbol::new("a", 4, 5), Symbol::new("a", 6, 7)],
            vec![Symbol::new("a", 0, 5)],
        ] {
            assert!(matches!(check(&symbols), Err(CaptureError::Symbols(_))), "{symbols:?}");
        }
    }
}

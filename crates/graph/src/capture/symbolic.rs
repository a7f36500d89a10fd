//! Names for sizes, found by capturing twice.
//!
//! One capture can't tell a batch of 8 from 8 heads. Two captures, at sizes chosen so that no two change alike, can:
//! every axis has a pair of sizes, and the pair says which symbol, or which product of symbols, it is.

use std::collections::HashMap;
use std::ops::Index;

use super::align::{name_axes, twins};
use super::assemble::{Remains, assemble_whole};
use super::expressions::gcd;
use super::names::Names;
use super::reasons::ClosureError;
use super::record::record;
use super::session::Session;
use super::symbol::Symbol;
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
    symbolic_whole(name, symbols, closure).map(|(graph, _)| graph)
}

/// As [`capture_symbolic`], with what the first graph was built from.
pub(crate) fn symbolic_whole<F>(
    name: &str,
    symbols: &[Symbol],
    closure: F,
) -> Result<(ComputationGraph, Remains), CaptureError>
where
    F: Fn(&Session, &Sizes) -> Result<(), ClosureError>,
{
    check(symbols)?;
    let at = |size: fn(&Symbol) -> usize, lines: bool| {
        let sizes = Sizes(symbols.iter().map(|symbol| (symbol.name.clone(), size(symbol))).collect());
        record(name, lines, |session| closure(session, &sizes)).and_then(assemble_whole)
    };
    let (mut shown, remains) = at(|symbol| symbol.shown, true)?;
    let (probe, _) = at(|symbol| symbol.probe, false)?;
    let twins =
        twins(&shown, &probe).map_err(|first_difference| CaptureError::Structure { first_difference })?;
    let mut names = Names::new(symbols);
    name_axes(&mut shown, &probe, &twins, &mut names);
    Ok((ComputationGraph::new(shown).noting(names.notes()), remains))
}

fn check(symbols: &[Symbol]) -> Result<(), CaptureError> {
    let fail = |message: String| Err(CaptureError::Symbols(message));
    for (place, symbol) in symbols.iter().enumerate() {
        let Symbol { name, shown, probe } = symbol;
        if name.trim().is_empty() {
            return fail("one of them has no name".to_owned());
        }
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
            if proportional([other.shown, other.probe], [*shown, *probe]) {
                return Err(CaptureError::Proportional {
                    first: other.name.clone(),
                    second: name.clone(),
                    sizes: [[other.shown, other.probe], [*shown, *probe]],
                    suggestion: suggestion(symbols, symbol),
                });
            }
        }
    }
    Ok(())
}

/// Whether both sizes of one are the same multiple of the other's.
fn proportional(a: [usize; 2], b: [usize; 2]) -> bool {
    a[0] as u128 * b[1] as u128 == a[1] as u128 * b[0] as u128
}

/// A second size for `symbol` that no other symbol is proportional to: what it has in common with the first, such as
/// being a multiple of 32, is kept.
fn suggestion(symbols: &[Symbol], symbol: &Symbol) -> usize {
    let step = gcd(symbol.shown as u128, symbol.probe as u128) as usize;
    let fits = |probe: &usize| {
        let others = symbols.iter().filter(|other| other.name != symbol.name);
        let pairs = others.map(|other| [other.shown, other.probe]);
        *probe != symbol.shown && !{ pairs }.any(|other| proportional(other, [symbol.shown, *probe]))
    };
    // At most one size for each other symbol does not fit.
    (1..).map(|n| symbol.probe.saturating_add(n * step)).find(fits).unwrap_or(symbol.probe)
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
            vec![Symbol::new(" ", 4, 5)],
        ] {
            assert!(matches!(check(&symbols), Err(CaptureError::Symbols(_))), "{symbols:?}");
        }
    }

    #[test]
    fn symbols_that_grow_by_one_factor_are_refused_and_another_size_is_told() {
        let symbols = [Symbol::new("width", 64, 128), Symbol::new("batch", 2, 3), Symbol::new("H", 64, 96)];
        let error = check(&symbols).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`batch` (2, 3) and `H` (64, 96) grow alike, so a part of one can't be told from a multiple of the other: \
             choose another second size, such as `Symbol::new(\"H\", 64, 160)`",
            "a multiple of 32 as both sizes are, and not that of the width"
        );
        let CaptureError::Proportional { suggestion, .. } = error else { panic!("{error}") };
        assert!(check(&[symbols[0].clone(), symbols[1].clone(), Symbol::new("H", 64, suggestion)]).is_ok());
    }
}

//! A name for a size.

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

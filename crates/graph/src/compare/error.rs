//! Why two graphs can't be compared.

use thiserror::Error;

use crate::drawing::DrawError;
use crate::error::ViewError;

/// Why two graphs can't be compared, or their comparison not be drawn.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// No operation of one has a counterpart in the other.
    #[error("`{before}` and `{after}` have no operation in common: there is nothing to compare")]
    NothingInCommon {
        /// Name of the first graph.
        before: String,
        /// Name of the second graph.
        after: String,
    },
    /// A scope is not there.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The views can't be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

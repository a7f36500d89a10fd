//! Why a drawing can't be graded.

use thiserror::Error;

/// Why a drawing can't be graded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum GradeError {
    /// Nothing was drawn.
    #[error("there is no box with a name in the drawing")]
    Empty,
    /// No box has a name of the picture.
    #[error(
        "no box of the drawing has a name that is in the picture; in the picture there is {example:?}, for instance"
    )]
    NothingInCommon {
        /// A name that is in the picture.
        example: String,
    },
}

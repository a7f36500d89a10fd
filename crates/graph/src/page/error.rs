//! What can go wrong while a page is made.

use thiserror::Error;

use crate::drawing::DrawError;
use crate::error::ViewError;
use crate::replay::{ProgramError, ValueError};

/// Why there is no page.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PageError {
    /// A path in the choices for the views leads to nothing.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A level can't be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// The program was captured with another graph, or at other sizes.
    #[error(
        "the program `{program}` is not that of the graph `{graph}`: take both from one call of `capture_program`"
    )]
    OtherGraph {
        /// The program's name.
        program: String,
        /// The graph's name.
        graph: String,
    },
    /// An operation of the program can't be written down.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A value of the program can't be written down.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// What the page's script is told can't be written as JSON.
    #[error("what the page is told of its levels can't be written: {0}")]
    Told(#[from] serde_json::Error),
}

//! Why a saved graph can't be read.

use thiserror::Error;

/// Why a text is no graph that [`crate::ComputationGraph::to_json`] wrote.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It is no JSON, or was cut off.
    #[error("no JSON, or cut off, at line {line}, column {column}: {reason}")]
    Json {
        /// Line, counted from one.
        line: usize,
        /// Column, counted from one.
        column: usize,
        /// What was expected there.
        reason: String,
    },
    /// It is JSON, but of something else.
    #[error("this is JSON, but no saved graph: it lacks `\"format\": \"graph\"`")]
    Format,
    /// Another version of this crate wrote it.
    #[error(
        "the graph was saved in version {found} of the format, and this program reads {expected}: save it anew"
    )]
    Version {
        /// The version in the file.
        found: String,
        /// The only version that is read.
        expected: u64,
    },
    /// An entry has not the form that it should have.
    #[error("an entry has another form, at line {line}, column {column}: {reason}")]
    Form {
        /// Line, counted from one.
        line: usize,
        /// Column, counted from one.
        column: usize,
        /// What was expected there.
        reason: String,
    },
    /// Something refers to what isn't there.
    #[error("{what} refers to {target}, which there is not")]
    Dangling {
        /// What refers.
        what: String,
        /// To what.
        target: String,
    },
    /// An operation reads its own result, or that of a later one.
    #[error("operation {operation} reads the result of operation {source_operation}, which is not before it")]
    Cycle {
        /// The operation that reads.
        operation: usize,
        /// The operation whose result it reads.
        source_operation: usize,
    },
    /// Two inputs, or two outputs, have the same name.
    #[error("two {boundary}s are named `{name}`")]
    Duplicate {
        /// `input` or `output`.
        boundary: &'static str,
        /// The name.
        name: String,
    },
    /// A tensor, or all parameters together, have more elements than any machine holds.
    #[error("{what} is absurdly large")]
    TooLarge {
        /// What is.
        what: String,
    },
    /// Scopes are nested too deep.
    #[error("scope {scope} is nested more than {limit} deep")]
    TooDeep {
        /// The scope.
        scope: usize,
        /// The depth that is allowed.
        limit: usize,
    },
    /// There is no scope, no operation or no output.
    #[error("the graph has no {what}")]
    Empty {
        /// What there is none of.
        what: &'static str,
    },
}

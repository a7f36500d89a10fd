//! What can go wrong while capturing and while choosing a view.

use thiserror::Error;

/// Why a capture gave no graph.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// Burn refused the capture.
    #[error("Burn could not record `{name}`: {reason}")]
    Burn {
        /// The capture's name.
        name: String,
        /// Burn's own words.
        reason: String,
    },
    /// The closure returned an error.
    #[error("the closure of `{name}` failed: {source}")]
    Closure {
        /// The capture's name.
        name: String,
        /// What the closure returned.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The closure panicked.
    #[error("the closure of `{name}` panicked: {message}")]
    Panicked {
        /// The capture's name.
        name: String,
        /// The panic's message.
        message: String,
    },
    /// No tensor operation was recorded.
    #[error("`{name}` recorded no operation: run a module on `session.device()` in the closure")]
    Empty {
        /// The capture's name.
        name: String,
    },
    /// No output was declared.
    #[error("`{name}` declares no output: call `session.output(name, tensor)` on what the module returns")]
    NoOutput {
        /// The capture's name.
        name: String,
    },
    /// A tensor or parameter lives on another device than the one that records.
    #[error("`{tensor}` is on another device: build the module and its inputs on `session.device()`")]
    OtherDevice {
        /// The name it was declared under, or the parameter's path.
        tensor: String,
    },
    /// A declared tensor was not made in this capture.
    #[error("`{tensor}` was not made in this capture")]
    Unknown {
        /// The name it was declared under.
        tensor: String,
    },
    /// Two inputs, or two outputs, have the same name.
    #[error("two {boundary}s are named `{tensor}`: names must be unique")]
    DuplicateName {
        /// `input` or `output`.
        boundary: &'static str,
        /// The name.
        tensor: String,
    },
    /// Symbols that can't tell sizes apart.
    #[error("symbols can't be told apart: {0}")]
    Symbols(String),
    /// The two captures of [`crate::capture_symbolic`] are not the same graph.
    #[error("the captures at two sizes differ in structure: {first_difference}")]
    Structure {
        /// The first operation that differs, with both versions.
        first_difference: String,
    },
}

/// Why a view could not be made.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViewError {
    /// No scope has the path asked for.
    #[error("no scope `{path}` in `{graph}`{}", suggestion(.candidates))]
    UnknownScope {
        /// The path asked for.
        path: String,
        /// The graph's name.
        graph: String,
        /// Scopes that exist where the path stops matching.
        candidates: Vec<String>,
    },
}

fn suggestion(candidates: &[String]) -> String {
    match candidates {
        [] => String::new(),
        some => format!("; there is {}", some.join(", ")),
    }
}

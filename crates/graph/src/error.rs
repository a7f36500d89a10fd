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
    /// Tensors of several devices meet in the closure, or one is used outside of the capture that it was made in.
    #[error(
        "`{name}` uses a tensor of another device or capture: make every module and tensor on `session.device()`, \
         inside the closure, and not on a device of your own (Burn says: {reason})"
    )]
    ForeignTensor {
        /// The capture's name.
        name: String,
        /// Burn's own words.
        reason: String,
    },
    /// The closure reads numbers out of a tensor that depends on what is recorded.
    #[error(
        "`{name}` reads a tensor's values (`into_data`, `into_scalar` or the like), so what the model does depends on \
         them; nothing is computed here, so there are none. Give what is read from outside, as a number or as an input of \
         its own, or capture the parts before and after it apart"
    )]
    ValueRead {
        /// The capture's name.
        name: String,
    },
    /// The closure asks for gradients.
    #[error(
        "`{name}` asks for gradients (`autodiff`, `require_grad`, `backward`); nothing is computed here, so there are \
         none. Capture the forward pass alone"
    )]
    Gradients {
        /// The capture's name.
        name: String,
    },
    /// The closure seeds the device's random numbers.
    #[error(
        "`{name}` seeds its device; nothing is computed here, so there are no random numbers to be repeated. Seed the \
         device that computes, outside of the closure"
    )]
    Seeded {
        /// The capture's name.
        name: String,
    },
    /// What goes in comes out, and nothing is done to it.
    #[error(
        "`{name}` does nothing: its output `{output}` is `{given}` itself, without any operation between them, so there is \
         nothing to draw (dropout, for one, does nothing outside of training)"
    )]
    Identity {
        /// The capture's name.
        name: String,
        /// The output.
        output: String,
        /// The input, or the parameter's path.
        given: String,
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
    /// An input, output, parameter prefix or capture has no name.
    #[error("a name of `{capture}` is empty: give {what} a name that readers will see")]
    NoName {
        /// The capture's name.
        capture: String,
        /// What has none.
        what: &'static str,
    },
    /// One tensor was declared under two names.
    #[error(
        "`{second}` is the very tensor that is named `{first}` already: declare it once, or make a tensor of its own for \
         each name"
    )]
    SameTensor {
        /// The name that it has; a path if it is a parameter.
        first: String,
        /// The name that was given to it as well.
        second: String,
    },
    /// Two symbols that grow by the same factor from one capture to the other.
    #[error(
        "`{first}` ({}, {}) and `{second}` ({}, {}) grow alike, so a part of one can't be told from a multiple of the other: \
         choose another second size, such as `Symbol::new(\"{second}\", {}, {suggestion})`",
        .sizes[0][0], .sizes[0][1], .sizes[1][0], .sizes[1][1], .sizes[1][0]
    )]
    Proportional {
        /// The first symbol.
        first: String,
        /// The second one.
        second: String,
        /// The sizes of both, in the captures that are shown and compared with.
        sizes: [[usize; 2]; 2],
        /// A size for the second that would do.
        suggestion: usize,
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
    /// Nothing has the path that is to be opened, closed or highlighted.
    #[error("{option}(\"{path}\") finds nothing in `{graph}`{}", suggestion(.nearest))]
    NoMatch {
        /// `open`, `close` or `highlight`.
        option: &'static str,
        /// The path asked for.
        path: String,
        /// The graph's name.
        graph: String,
        /// The paths that are most like it.
        nearest: Vec<String>,
    },
}

pub(crate) fn suggestion(candidates: &[String]) -> String {
    match candidates {
        [] => String::new(),
        some => format!("; there is {}", some.join(", ")),
    }
}

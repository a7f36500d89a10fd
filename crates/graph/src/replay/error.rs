//! What can go wrong with a program.

use burn::tensor::DType;
use thiserror::Error;

/// Why a text is no program that [`crate::Program::to_json`] wrote, or can't be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProgramError {
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
    #[error("this is JSON, but no saved program: it lacks `\"format\": \"graph program\"`")]
    Format,
    /// Another version of this crate wrote it.
    #[error(
        "the program was saved in version {found} of the format, and this one reads {expected}: save it anew"
    )]
    Version {
        /// The version in the file.
        found: String,
        /// The only version that is read.
        expected: u64,
    },
    /// It is not as it was written.
    #[error(
        "the program was edited since it was saved: its digest is {found}, and not {expected}: save it anew"
    )]
    Edited {
        /// The digest of what is there.
        found: String,
        /// The digest that the file has.
        expected: String,
    },
    /// An entry makes no sense.
    #[error("{what} makes no sense: {reason}")]
    Form {
        /// The entry.
        what: String,
        /// Why.
        reason: String,
    },
    /// An operation can't be written down, such as one of a crate of its own.
    #[error("step {step} can't be saved: {reason}")]
    Unwritable {
        /// Its number.
        step: usize,
        /// Why.
        reason: String,
    },
}

/// Why a value can't be given to a program, or taken from a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// The program has no input or parameter of that name.
    #[error("`{program}` has no {what} `{name}`")]
    Unknown {
        /// The program's name.
        program: String,
        /// `input`, `parameter` or `tensor`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The value has another shape.
    #[error("{tensor} has the shape {expected:?}, and {found:?} was given")]
    Shape {
        /// The tensor.
        tensor: String,
        /// Its shape.
        expected: Vec<usize>,
        /// The shape of the value.
        found: Vec<usize>,
    },
    /// The value has elements of another type.
    #[error("{tensor} is of {expected}, and {found} was given")]
    DType {
        /// The tensor.
        tensor: String,
        /// Its type.
        expected: String,
        /// The type of the value.
        found: String,
    },
    /// A device doesn't give a value out.
    #[error("the value of `{path}` can't be read from its device: {reason}")]
    Unreadable {
        /// The parameter.
        path: String,
        /// What the device said.
        reason: String,
    },
    /// A file is no SafeTensors file, or was cut off.
    #[error("no SafeTensors file, or cut off: {reason}")]
    Damaged {
        /// What was expected.
        reason: String,
    },
    /// A parameter or a constant has no value.
    #[error("{tensor} is missing")]
    Missing {
        /// The tensor.
        tensor: String,
    },
    /// SafeTensors has no such elements.
    #[error("{tensor} is of {found}, which SafeTensors doesn't have")]
    Unwritable {
        /// The tensor.
        tensor: String,
        /// Its type.
        found: String,
    },
}

impl ValueError {
    pub(super) fn dtype(tensor: String, expected: DType, found: impl ToString) -> Self {
        Self::DType { tensor, expected: name(expected), found: found.to_string() }
    }
}

/// An element type as the rest of the crate calls it.
pub(super) fn name(dtype: DType) -> String {
    crate::operation::dtype_name(dtype)
}

/// Why a program can't be changed like that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EditError {
    /// The program has no such tensor.
    #[error("`{program}` has no tensor {tensor}")]
    Unknown {
        /// The program's name.
        program: String,
        /// The number.
        tensor: usize,
    },
    /// The part is none of the tensor's.
    #[error("{tensor} has the shape {shape:?}, of which there is no {places:?} along axis {axis}")]
    Part {
        /// The tensor.
        tensor: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The axis.
        axis: usize,
        /// The places along it.
        places: std::ops::Range<usize>,
    },
    /// What is put in its place doesn't fit.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The operation has no input of the shape and type of its result.
    #[error(
        "nothing can be led through past {tensor}: no tensor that its operation reads has its shape and type"
    )]
    NoThrough {
        /// The tensor.
        tensor: String,
    },
    /// What is to be put in its place isn't there yet.
    #[error("{from} is not there yet when {tensor} is made, so it can't take its place")]
    NotBefore {
        /// The tensor.
        tensor: String,
        /// What is to be put in its place.
        from: String,
    },
}

/// Why a program could not be carried out, or a value not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// Something has no value.
    #[error("`{program}` can't be carried out: {tensor} has no value; give it one first")]
    Missing {
        /// The program's name.
        program: String,
        /// What has none.
        tensor: String,
    },
    /// Burn's interpreter doesn't know an operation.
    #[error("step {step}, {kind}, can't be carried out: {reason}")]
    Unsupported {
        /// Its number.
        step: usize,
        /// Its kind.
        kind: String,
        /// Why not.
        reason: &'static str,
    },
    /// The backend panicked.
    #[error("{place} failed: {reason}")]
    Failed {
        /// Where.
        place: String,
        /// What the backend said.
        reason: String,
    },
    /// A result has another shape than was recorded.
    #[error("{tensor} has the shape {found:?}, and {expected:?} was recorded")]
    Shape {
        /// The tensor.
        tensor: String,
        /// The shape that was recorded.
        expected: Vec<usize>,
        /// The shape that came out.
        found: Vec<usize>,
    },
    /// The tensor was not kept, or there is none of that number.
    #[error("{tensor} was not kept: `Run::keep` names what is to be kept beside the outputs")]
    NotKept {
        /// The tensor.
        tensor: String,
    },
    /// The program has no such output.
    #[error("`{program}` has no output `{name}`")]
    NoOutput {
        /// The program's name.
        program: String,
        /// The name.
        name: String,
    },
}

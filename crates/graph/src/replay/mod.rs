//! Programs: what a closure did, kept so that it can be carried out, changed, and carried out again.
//!
//! `program` says what there is, `captured` makes it of a recording, and `places` finds the tensors of a box. `values`
//! and `weights` fill it with numbers. `file`, `notation`, `write` and `read` keep it as JSON. `run` and `edit` say how
//! it is to be carried out, and `machine` and `replayed` do so, on whatever backend computes. `measured` brings what was found
//! back to the picture.

mod captured;
mod edit;
mod error;
mod file;
mod machine;
mod measured;
mod notation;
mod places;
mod program;
mod read;
mod replayed;
mod run;
mod values;
mod weights;
mod write;

pub use captured::capture_program;
pub use edit::Edit;
pub use error::{EditError, ProgramError, ReplayError, ValueError};
pub use program::{Program, Step, TensorId};
pub use replayed::Replayed;
pub use run::Run;

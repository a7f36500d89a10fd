//! Programs: what a closure did, kept so that it can be carried out, changed, and carried out again.
//!
//! `program` says what there is, `captured` makes it of a recording, and `places` finds the tensors of a box, and `shown`
//! those of all boxes of a picture, by `wires`. `values` and `weights` fill it with numbers, in half the room with `halves`. `file`, `notation`, `write` and `read` keep it as JSON. `run` and `edit` say how
//! it is to be carried out, and `machine` and `replayed` do so, on whatever backend computes; `play` makes a script of it for a
//! browser, with its values in `base64`. `measured` brings what was found
//! back to the picture.

mod base64;
mod captured;
mod edit;
mod error;
mod file;
mod halves;
mod machine;
mod measured;
mod notation;
mod places;
mod play;
mod program;
mod read;
mod replayed;
mod run;
mod shown;
mod values;
mod weights;
mod wires;
mod write;

pub(crate) use base64::{base64, sum};
pub use captured::{capture_program, capture_program_symbolic};
pub use edit::Edit;
pub use error::{EditError, ProgramError, ReplayError, ValueError};
pub use play::PlayError;
pub(crate) use play::TensorLabel;
pub use program::{Program, Step, TensorId};
pub use replayed::Replayed;
pub use run::Run;
pub use shown::{BoxTensors, Repeat};

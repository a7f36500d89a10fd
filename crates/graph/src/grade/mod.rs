//! A redrawing, held against the picture: which boxes and lines are right, what is missing, and above all which way
//! around.
//!
//! [`crate::compare()`] aligns two graphs that were captured, by what their operations are. A redrawing has only names
//! and lines, and the names as a person writes them. So boxes are paired by name, and where several have the same name, by what
//! is next to them.

mod dot;
mod error;
mod evidence;
mod graded;
mod labels;
mod marks;
mod pairing;
mod pairs;
mod picture;
mod redrawing;
mod side;
mod swaps;
mod told;

pub use dot::DotError;
pub use error::GradeError;
pub use marks::{Grade, Share};
pub use picture::Picture;
pub use redrawing::Redrawing;
pub(crate) use redrawing::quoted;

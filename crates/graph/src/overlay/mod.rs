//! Weights on the boxes and edges of a picture: what was measured, and where it is shown.
//!
//! A *weight* is here any number that was measured of a place, and not a parameter of the model.
//!
//! [`Measured`] is about a graph and knows no picture: it says which tensor, which operation or which path has which
//! weight. [`Overlay`] is about one view of it: which box and which edge.

mod error;
mod measured;
mod scale;
mod weights;

pub use error::OverlayError;
pub use measured::Measured;
pub(crate) use measured::Spot;
pub use scale::Scale;
pub use weights::Overlay;

//! Captures: a closure is run on a device that records, at one size or at two, and what it did is assembled.

mod align;
mod assemble;
mod expressions;
mod frames;
mod given;
mod happened;
mod ids;
mod names;
mod reasons;
mod record;
mod recording;
mod scopes;
mod session;
mod statistics;
mod symbol;
mod symbolic;

pub(crate) use assemble::{Remains, assemble_whole};
pub use reasons::ClosureError;
pub(crate) use reasons::message;
pub use record::capture;
pub(crate) use record::record;
pub use session::{Kind, Session};
pub use symbol::Symbol;
pub(crate) use symbolic::symbolic_whole;
pub use symbolic::{Sizes, capture_symbolic};

//! Training: batches in, a run folder out.
//!
//! Burn's own `Learner` (crate `burn-train`) is not used for the loop; ARCHITECTURE.md says why.

pub mod examiner;
mod gradients;
mod in_place;
pub mod optimiser;
mod parallel;
pub mod progress;
pub mod session;
pub mod stop;
pub mod trainable;
pub mod trainer;

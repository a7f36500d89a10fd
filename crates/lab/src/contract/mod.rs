//! What all experiments have in common: what they are given, what they give, and how it is written.

pub mod experiment;
mod files;
pub mod progress;
pub mod random;
pub mod report;
pub mod seeds;
pub mod spread;
mod tidy;
pub(crate) mod training;

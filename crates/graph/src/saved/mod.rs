//! Graphs as JSON: written with an entry a line, so that two versions can be compared by eye, and read back with care.

mod error;
mod file;
mod read;
mod write;

pub use error::LoadError;

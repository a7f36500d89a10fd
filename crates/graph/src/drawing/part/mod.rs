//! One tower of a scope: rows of boxes joined by the flow, with lanes at its sides.

mod build;
mod detours;
mod ranks;
mod runs;
mod spots;
mod stack;
mod thread;
mod trunks;
mod ways;

pub(crate) use spots::{Part, Plan};

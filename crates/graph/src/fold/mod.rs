//! Recognises what operations mean, and arranges them in a tree: scopes, recognised groups, single operations.

mod alike;
mod attention;
mod calls;
mod edges;
mod folded;
mod form;
mod linear;
mod mask;
mod modules;
mod movement;
mod order;
mod paths;
mod pattern;
mod periods;
mod repeat;
mod residual;
mod tree;
mod wiring;

#[cfg(test)]
pub(crate) use folded::FOLDS;
pub(crate) use folded::Fold;
pub(crate) use movement::{is_trivial, label as movement_label};
pub use pattern::Pattern;
pub(crate) use repeat::Repeats;
pub(crate) use residual::is_residual;
pub(crate) use tree::{Item, ItemId, Tree, What};
pub(crate) use wiring::{Argument, Wiring};

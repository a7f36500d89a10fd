//! Recognises what operations mean, and arranges them in a tree: scopes, recognised groups, single operations.

mod activation;
mod alike;
mod attention;
mod calls;
mod cone;
mod constant;
mod early;
mod edges;
mod facts;
mod field;
mod flow;
mod folded;
mod form;
mod function;
mod handed;
mod joins;
mod kin;
mod linear;
mod mask;
mod modules;
mod movement;
mod norm;
mod order;
mod paths;
mod pattern;
mod periods;
mod repeat;
mod residual;
mod rotary;
mod softmax;
mod tree;
mod wiring;

pub(crate) use cone::parameter_behind;
pub(crate) use facts::{Facts, concrete, crossing, shape};
pub(crate) use field::field;
#[cfg(test)]
pub(crate) use folded::FOLDS;
pub(crate) use folded::Fold;
pub(crate) use movement::{is_trivial, label as movement_label};
pub use pattern::{Activation, Gate, Norm, Pattern};
pub(crate) use repeat::Repeats;
pub(crate) use residual::is_residual;
pub(crate) use tree::{Item, ItemId, Tree, What};
pub(crate) use wiring::{Argument, Wiring};

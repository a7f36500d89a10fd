//! Views: which boxes there are, what they say, and which edges join them.

mod again;
mod boxes;
mod build;
mod builder;
mod depth;
mod describe;
mod edges;
mod ends;
mod kind;
mod labels;
mod nearest;
mod options;
mod roles;
mod sources;
mod standing;
mod weighed;

pub use labels::{Labels, Rules, Style, Subject, SubjectKind, Visibility, matches};
pub use options::ViewOptions;
pub(crate) use standing::{End, Standing};

//! Views: which boxes there are, what they say, and which edges join them.

mod boxes;
mod build;
mod builder;
mod describe;
mod edges;
mod ends;
mod facts;
mod labels;
mod options;
mod roles;

pub use labels::{Labels, Rules, Style, Subject, SubjectKind, Visibility, matches};
pub use options::ViewOptions;

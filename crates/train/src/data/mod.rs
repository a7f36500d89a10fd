//! What models learn from: corpora, vocabularies, images, and batches of all of them.

pub mod batch;
pub mod copy;
pub(crate) mod corpus;
pub(crate) mod dataset;
pub mod images;
pub(crate) mod lines;
pub(crate) mod text;
pub mod texts;
pub(crate) mod vocabulary;

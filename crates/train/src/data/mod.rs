//! What models learn from: corpora, vocabularies, images, and batches of all of them.

pub(crate) mod arriving;
pub mod batch;
pub mod copy;
pub(crate) mod corpus;
pub(crate) mod dataset;
pub mod images;
pub mod lines;
pub(crate) mod text;
pub mod texts;
pub mod vocabulary;

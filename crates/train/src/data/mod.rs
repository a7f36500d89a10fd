//! What models learn from: corpora, vocabularies, images, and batches of all of them.

pub mod batch;
pub mod copy;
pub mod corpus;
pub mod dataset;
pub mod images;
pub mod lines;
pub mod text;
pub mod vocabulary;

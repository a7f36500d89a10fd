//! What can be trained: what a batch of it is, how it is examined, and what a trained model does with it.

pub(crate) mod again;
pub(crate) mod bleu;
pub(crate) mod copy;
pub(crate) mod decoding;
pub(crate) mod generation;
pub(crate) mod harness;
pub(crate) mod lm;
pub(crate) mod train;
pub(crate) mod translate;
mod vocabularies;

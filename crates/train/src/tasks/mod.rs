//! What can be trained: what a batch of it is, how it is examined, and what a trained model does with it.

pub mod bleu;
pub mod copy;
pub mod decoding;
pub mod generation;
pub mod harness;
pub mod lm;
pub mod train;
pub mod translate;

//! The Transformer of [*Attention Is All You Need*](https://arxiv.org/abs/1706.03762) (Vaswani et al. 2017), one file
//! a section of the paper, written to be read beside it.
//!
//! | paper | module | what it holds |
//! |---|---|---|
//! | 3.1 | [`transformer`], [`encoder`], [`decoder`], [`sublayer`] | the two stacks; residual connection and layer norm |
//! | 3.2 | [`attention`], [`mask`] | scaled dot-product and multi-head attention; what may not be seen |
//! | 3.3 | [`feed_forward`] | the position-wise network |
//! | 3.4 | [`embedding`], [`generator`] | tokens to vectors, and vectors to tokens |
//! | 3.5 | [`positional`] | sinusoids |
//! | 5.3, 5.4 | [`noam`], [`dropout`], [`loss`] | learning rate; dropout; label smoothing |
//! | 6.1 | [`decoding`] | greedy, beam search, sampling, scoring |
//! | - | [`language_model`] | a decoder-only model of the same blocks |
//!
//! # Shapes
//!
//! Every shape in this crate is written with these names: `batch`; `source` and `target` (sequence lengths); `query`
//! and `key` (the two sequence axes of attention); `heads`; `d_model`; `d_k` = `d_model / heads`; `d_ff`; `vocab`.
//!
//! # Masks
//!
//! A mask follows Burn: `true` means *masked*, which is the opposite of The Annotated Transformer's convention.
//!
//! Nothing here reads a file or prints. Every module's `forward` is a `tracing` span, so that a listener can tell
//! which tensor operation belongs to which part of the paper.

pub mod annotated;
pub mod attention;
pub mod config;
pub mod decoder;
pub mod decoding;
pub mod dropout;
pub mod embedding;
pub mod encoder;
pub mod feed_forward;
pub mod generator;
pub mod language_model;
mod linear;
pub mod loss;
pub mod mask;
pub mod noam;
pub mod positional;
pub mod sublayer;
pub mod transformer;

pub use config::{ConfigError, NormOrder, TransformerConfig, Tying};
pub use language_model::{LanguageModel, LanguageModelConfig};
pub use transformer::{Output, Transformer};

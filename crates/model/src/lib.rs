//! The Transformer of [*Attention Is All You
//! Need*](https://arxiv.org/abs/1706.03762) (Vaswani et al. 2017), one
//! file a section of the paper, written to be read beside it.
//!
//! | paper | module | what it holds |
//! |---|---|---|
//! | 3.1 | [`transformer`], [`stack`], [`decoder`] | the two towers |
//! | 3.1 | [`sublayer`], [`layer_norm`] | residual connection, norm |
//! | 3.2 | [`attention`], [`multi_head`] | scaled dot-product, heads |
//! | 3.2 | [`mask`] | what may not be seen |
//! | 3.3 | [`feed_forward`], [`linear`] | the position-wise network |
//! | 3.4 | [`embedding`], [`generator`] | tokens, vectors, tokens |
//! | 3.5 | [`positional`] | sinusoids |
//! | 5.3 | [`noam`] | learning rate |
//! | 5.4 | [`dropout`], [`label_smoothing`] | dropout, smoothing |
//! | 6.1 | [`decoding`] | greedy, beam search, sampling, scoring |
//! | 6.1 | [`cache`] | one position at a time |
//! | 6.2 | [`config`], [`sizes`] | Table 3 |
//! | - | [`language_model`] | a decoder-only model of the same parts |
//! | - | [`annotated`] | names in The Annotated Transformer |
//!
//! # Shapes
//!
//! Every shape in this crate is written with these names: `batch`;
//! `source` and `target` (sequence lengths); `query` and `key` (the two
//! sequence axes of attention); `heads`; `d_model`;
//! `d_k` = `d_model / heads`; `d_ff`; `vocab`.
//!
//! # Masks
//!
//! A mask follows Burn: `true` means *masked*, which is the opposite of
//! The Annotated Transformer's convention.
//!
//! # Attention weights
//!
//! Whatever attends returns [`Attended`](attention::Attended): an
//! output and the weights that led to it.
//!
//! Nothing here reads a file or prints. Every module's `forward` is a
//! `tracing` span, so that a listener can tell which tensor operation
//! belongs to which part of the paper.

pub mod annotated;
pub mod attention;
pub mod cache;
pub mod config;
pub mod decoder;
pub mod decoding;
pub mod dropout;
pub mod embedding;
pub mod feed_forward;
mod fused;
pub mod generator;
pub mod label_smoothing;
pub mod language_model;
pub mod layer_norm;
pub mod linear;
pub mod mask;
pub mod multi_head;
pub mod noam;
pub mod positional;
pub mod sizes;
pub mod stack;
pub mod sublayer;
pub mod transformer;

pub use config::{TransformerConfig, Tying};
pub use language_model::{LanguageModel, LanguageModelConfig};
pub use sizes::{ConfigError, NormOrder, Sizes};
pub use transformer::{Output, Transformer};

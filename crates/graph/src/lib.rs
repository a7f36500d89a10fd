//! Diagrams of Burn modules, captured from the code as it runs.
//!
//! Run a module once on a device that records instead of computing, and get its graph: every operation with its shapes
//! and parameters, in a tree of scopes. Choose what to show of it, and draw that as SVG.
//!
//! ```
//! use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
//! use burn::tensor::Tensor;
//! use graph::{Rules, Style, ViewOptions, view::BoxKind};
//!
//! // Capture: nothing is computed and no weight is stored, so the true sizes cost milliseconds.
//! let graph = graph::capture("encoder", |session| {
//!     let encoder = TransformerEncoderConfig::new(512, 2048, 8, 6).init(session.device());
//!     session.parameters(&encoder);
//!     let x = session.input("x", Tensor::<3>::zeros([2, 10, 512], session.device()));
//!     session.output("encoded", encoder.forward(TransformerEncoderInput::new(x)));
//!     Ok(())
//! })?;
//! assert_eq!(graph.count("matmul"), 48);
//!
//! // Choose: two levels deep. Six equal layers are one box.
//! let labels = Rules::new().rule("layers/mha", Style::new("Multi-Head Attention", BoxKind::Attention));
//! let view = graph.view(&ViewOptions::new().depth(2).labels(labels))?;
//! let layers = view.boxes.iter().find(|b| b.repeat == 6).expect("the layers are folded");
//! let inside: Vec<_> = layers.children.iter().map(|&id| view.boxes[id].label.as_str()).collect();
//! assert_eq!(inside, ["Multi-Head Attention", "Add & Norm", "pwff", "Add & Norm"]);
//!
//! // Draw.
//! let drawing = graph::draw(&view, &graph::DrawOptions::new("encoder"))?;
//! assert!(drawing.svg.starts_with("<svg"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Scopes
//!
//! A scope is a span of the `tracing` crate that is entered while capturing: put `#[tracing::instrument(skip_all)]` on
//! a function, and its operations are in a box of that name, with the file and line it came from. What has no span is
//! grouped by the paths of the parameters it uses, as above; [`Session::parameters`] tells the paths.
//!
//! # What is recognised
//!
//! - [`Pattern::Linear`]: the reshapes, product and sum that a linear layer is recorded as;
//! - [`Pattern::Attention`]: product, scale, mask, softmax, product;
//! - [`Pattern::Mask`]: operations that only make masks;
//! - [`Pattern::Movement`]: chains of reshapes, transpositions and the like;
//! - [`Pattern::AddNorm`]: a residual addition with the norm directly after it;
//! - equal layers: same operations, shapes and wiring, parameters apart, each fed by the one before. They are one box,
//!   and shown apart as soon as anything differs;
//! - dead ends: what contributes to no output is not shown, but counted.
//!
//! Nothing is lost by folding: every operation belongs to exactly one box, see
//! [`ComputationGraph::view_with_owners`].
//!
//! # Sizes with names
//!
//! [`capture_symbolic`] captures at two sizes and names every axis after what it varies with: `[batch, heads, length,
//! d_k]` instead of `[2, 8, 10, 64]`. Nothing is guessed from one number.
//!
//! # Names for boxes
//!
//! This crate knows no model. [`Labels`] decide what scopes are called, which are dissolved into the one around them
//! and which are hidden: [`Rules`] by path, or a closure that sees every [`Subject`].
//!
//! # What differs between two models
//!
//! [`compare()`] aligns two graphs and says what was added, removed, resized, replaced or moved, in words and as JSON;
//! [`Comparison::draw`] draws both side by side with exactly that marked. A graph is saved by
//! [`ComputationGraph::to_json`] and read back by [`ComputationGraph::from_json`], so that a test can hold a model
//! against what it was.
//!
//! # Cost
//!
//! Nearly linear in the number of operations, and small: nothing is computed, and the layout works on one scope at a
//! time. `cargo xtask bench diagrams` measures it.

mod capture;
mod compare;
mod digits;
mod drawing;
mod error;
mod export;
mod fold;
mod graph;
mod operation;
mod program;
mod saved;
pub mod view;
mod views;

pub use capture::{ClosureError, Kind, Session, Sizes, Symbol, capture, capture_symbolic};
pub use compare::{Change, CompareError, Comparison, Difference, OtherData, compare, compare_scopes};
pub use drawing::{BoxLinks, DrawError, DrawOptions, Drawing, Report, draw};
pub use error::{CaptureError, ViewError};
pub use fold::Pattern;
pub use graph::ComputationGraph;
pub use operation::{Axis, Operation, TensorType};
pub use saved::LoadError;
pub use program::{Boundary, Edge, Node, NodeId, Parameter, Scope, ScopeId};
pub use views::{Labels, Rules, Style, Subject, SubjectKind, ViewOptions, Visibility, matches};

/// The README's example is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;

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
//! [`svg`] is all of that in one call, for a first look.
//!
//! # Scopes
//!
//! A scope is a span of the `tracing` crate that is entered while capturing: put `#[tracing::instrument(skip_all)]` on
//! a function, and its operations are in a box of that name, with the file and line it came from. What has no span is
//! grouped by the paths of the parameters it uses, as above; [`Session::parameters`] tells the paths.
//!
//! # Lines
//!
//! Where the source of a module is on this machine, every operation knows the line that made it
//! ([`Operation::source`]), and the calls that led there ([`Operation::calls`]). Burn doesn't tell; the order of the
//! operations does, laid beside the order in which the source evaluates its calls. Functions without a span are
//! followed, closures too; a module of a foreign crate ends at the line that calls it. Two lines that explain what was
//! recorded equally well are both left out, and a box then leads to the function around. Line tables are needed, as
//! Cargo's profiles for development have them.
//!
//! # When the model is someone else's
//!
//! You can't put spans into a module of another crate, and needn't:
//!
//! - Its parameters' paths are boxes already: `layers.0.mha.query.weight` is in `layers`, `mha` and `query`. Look at
//!   [`ComputationGraph::outline`] first, then choose with [`ViewOptions::depth`], [`ViewOptions::open`] and
//!   [`ViewOptions::close`].
//! - Call the parts yourself, as its `forward` does, with a span around each:
//!   `tracing::info_span!("backbone").in_scope(|| model.backbone.forward(x))`.
//! - Give boxes names with [`Rules`], or with a closure that sees the path of each and the shapes that enter and leave it.
//! - Two modules get prefixes: [`Session::parameters_of`]`("critic", &critic)`.
//! - [`ComputationGraph::notes`] says what may have been forgotten, and [`Report::hints`] what to do about a picture that is
//!   too large.
//!
//! # What is recognised
//!
//! - [`Pattern::Linear`]: the reshapes, product and sum that a linear layer is recorded as;
//! - [`Pattern::Attention`]: product, scale, mask, softmax, product;
//! - [`Pattern::Norm`]: RMS, layer, group, instance and batch norms, of burn-nn or by hand: whatever divides a tensor by a
//!   root of its mean square;
//! - [`Pattern::Activation`]: SiLU, both forms of GELU and others, by what they compute at a few points; softmax, and the
//!   quiet one;
//! - [`Pattern::Gate`]: SwiGLU and its kin, an activation of one linear map times another;
//! - [`Pattern::Rotary`]: rotary position encoding, by halves or by pairs;
//! - [`Pattern::Constant`]: what depends on no input and no parameter, such as a table of positions. What was prepared
//!   before the forward pass can be given a name with [`Session::constant`], or left out with [`Session::forget`];
//! - [`Pattern::Mask`]: operations that only make masks;
//! - [`Pattern::Movement`]: chains of reshapes, transpositions and the like;
//! - [`Pattern::AddNorm`]: a residual addition with the norm directly after it;
//! - equal layers: same operations, shapes and wiring, parameters apart, each fed by the one before. They are one box,
//!   and shown apart as soon as anything differs. A copy may be several boxes, such as a block with the sum and the
//!   activation after it, or the step of a recurrent net, which takes the next slice of one tensor. Copies that are one
//!   module called again and again are said to have the same weights. A cache that each layer has for its own belongs to
//!   it, however early it was made, and so does what it reads of a mask or a table that the model hands down;
//! - ends: what joins the ways through a module is in it, and so is an activation or a pooling that all modules with the
//!   same parameters have after them. The variant of an enum is no module of its own;
//! - calls: a list's modules have their own numbers, and a second call of one says so. Its path ends in `@2`;
//! - dead ends: what contributes to no output is not shown, but counted.
//!
//! Nothing is lost by folding: every operation belongs to exactly one box, see
//! [`ComputationGraph::view_with_owners`].
//!
//! # What boxes say
//!
//! A layer carries the name of its field, a convolution its kernel and stride, a scaling its factor. Parameters are what
//! is trained: the running statistics of a batch norm are said apart ([`ComputationGraph::statistics`]), and what is tied
//! counts once ([`ComputationGraph::parameter_count`]). Of layers that are repeated it is said how many each has and how
//! many all have.
//!
//! # Sizes with names
//!
//! [`capture_symbolic`] captures at two sizes and names every axis after what it varies with: `[batch, heads, length,
//! d_k]` instead of `[2, 8, 10, 64]`. Nothing is guessed from one number, and what two sizes can't tell is a `?` with a
//! [`Note`]. [`DrawOptions::shapes_on_lines`] writes the shapes beside the lines.
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
//! # Drawn from memory
//!
//! [`Picture::grade`] holds a [`Redrawing`] against a view: somebody's boxes and lines, in Graphviz's language or from
//! wherever they come. It says which are right, and names the residual connections that are missing.
//!
//! # Carrying it out
//!
//! [`capture_program`] gives the graph and the [`Program`] that it is a picture of: operations with their attributes,
//! parameters by path, constants. [`Program::replay`] carries it out on a backend that computes and keeps every tensor, so that a
//! picture's box leads to the numbers behind it ([`Program::leaving_box`], [`Program::leaving`], [`Program::results`]).
//! [`Program::run`] changes it first: an [`Edit`] puts zeros in the place of a tensor or of a part of it, leads past what made it, or
//! takes its value from another run. [`Program::to_json`] and [`Program::to_safetensors`] keep it.
//!
//! For a page, [`Program::view`] tells of each box of a picture which tensors it has, in each of the equal layers that it stands
//! for; [`capture_program_symbolic`] gives axes names; and [`Program::to_script`] writes all of it for the player in `player/`.
//!
//! # As a page
//!
//! [`page()`] writes one HTML file that anybody can open, without a server: every level as a drawing of its own, a search, and with
//! a program the numbers in every box, computed in the page.
//!
//! # Weights on the picture
//!
//! What was measured of tensors, operations, parameters or boxes goes onto the picture as widths and tints, with its numbers, a
//! legend and a list in words: [`Measured`] says where what was measured, [`ComputationGraph::view_with_overlay`] finds the boxes
//! and edges for it, and [`DrawOptions::overlay`] draws them. Nothing in the picture moves for it.
//!
//! # Questions
//!
//! [`questions()`] asks what a picture shows: how many equal layers there are, what reads what, which shape leaves a box, how many
//! parameters it has. The answers are read off the view, so they change with the code. [`DrawOptions::cover`] hides what one
//! box says.
//!
//! # Cost
//!
//! Nearly linear in the number of operations, and small: nothing is computed, and the layout works on one scope at a
//! time. `cargo xtask bench diagrams` measures it.

mod capture;
mod captured;
mod compare;
mod digits;
mod drawing;
mod error;
mod export;
mod fold;
mod grade;
mod graph;
mod lines;
mod note;
mod operation;
mod overlay;
mod page;
pub mod player;
mod questions;
mod replay;
mod saved;
mod shortcut;
pub mod view;
mod views;

pub use capture::{ClosureError, Kind, Session, Sizes, Symbol, capture, capture_symbolic};
pub use captured::{Boundary, Edge, Node, NodeId, Parameter, Scope, ScopeId};
pub use compare::{Change, CompareError, Comparison, Difference, OtherData, compare, compare_scopes};
pub use drawing::{BoxLinks, DrawError, DrawOptions, Drawing, Report, Weighed, draw};
pub use error::{CaptureError, ViewError};
pub use fold::{Activation, Gate, Norm, Pattern};
pub use grade::{DotError, Grade, GradeError, Picture, Redrawing, Share};
pub use graph::ComputationGraph;
pub use note::Note;
pub use operation::{Axis, Operation, TensorType};
pub use overlay::{Measured, Overlay, OverlayError, Scale};
pub use page::{PageError, page};
pub use questions::{Asks, Question, questions};
pub use replay::{
    BoxTensors, Edit, EditError, PlayError, Program, ProgramError, Repeat, ReplayError, Replayed, Run, Step,
    TensorId, ValueError, capture_program, capture_program_symbolic,
};
pub use saved::LoadError;
pub use shortcut::{Error, svg};
pub use views::{Labels, Rules, Style, Subject, SubjectKind, ViewOptions, Visibility, matches};

/// What most programs need: `use graph::prelude::*`, beside `burn::prelude::*` or not.
pub mod prelude {
    pub use crate::view::BoxKind;
    pub use crate::{
        ComputationGraph, DrawOptions, Rules, Session, Sizes, Style, Symbol, ViewOptions, capture,
        capture_symbolic, draw, svg,
    };
}

/// The README's example is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;

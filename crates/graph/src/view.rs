//! What a diagram shows: boxes nested in boxes, and the edges between them.
//!
//! A [`View`] is the meeting point of the two halves of this crate. One half captures a model, folds its operations
//! and decides which scopes are open; the other lays the result out and writes it as SVG. A view can also be built by
//! hand, which is how the layout is tested.

use serde::{Deserialize, Serialize};

/// Index of a box in [`View::boxes`].
pub type BoxId = usize;

/// A position in the source code, as `tracing` reports it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Path as the compiler saw it, with forward slashes.
    pub file: String,
    /// Line, counted from one.
    pub line: u32,
}

/// What a box stands for. It decides the box's hue and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BoxKind {
    /// An open scope: a frame around its children.
    Scope,
    /// A tensor that enters the model, or a scope shown on its own.
    Input,
    /// A tensor that leaves the model, or a scope shown on its own.
    Output,
    /// Data that depends on no input and no parameter: a table, positions.
    Constant,
    /// A table look-up, positional encoding and the like.
    Embedding,
    /// Attention of any form.
    Attention,
    /// A gate or a cell of a recurrent network.
    Recurrent,
    /// Linear layers with an activation between them.
    FeedForward,
    /// Normalisation, "Add & Norm".
    Norm,
    /// A matrix product, with or without parameters.
    Linear,
    /// A convolution, or a closed scope of convolutions with what goes with them.
    Convolution,
    /// The mean or the maximum of a window.
    Pooling,
    /// Softmax, ReLU and other functions applied to every element.
    Activation,
    /// An element-wise sum, drawn as a circled plus.
    Add,
    /// Masks and how they are made.
    Mask,
    /// Reshape, transpose, slice, concatenation: the data moves, no arithmetic is done.
    Movement,
    /// A closed scope of several sorts: a layer, a stack.
    Module,
    /// Everything else.
    Other,
}

/// How an edge is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EdgeRole {
    /// The ordinary flow of data.
    Flow,
    /// A residual connection: it skips over boxes that the flow goes through.
    Residual,
    /// It enters a sibling scope elsewhere than at its first box (the memory into cross-attention).
    Lateral,
}

/// Begins the line of a box's `detail` on whose weights it has, too; the key of the other follows.
pub(crate) const SHARED: &str = "weights shared with ";

/// A box: an operation, a recognised group of them, a closed scope, or an open scope with children.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ViewBox {
    /// Stable, unique name within the view, such as `encoder/layer.0/self_attn`.
    pub key: String,
    /// The text in the box, such as `Multi-Head Attention`.
    pub label: String,
    /// A second, smaller line: a symbolic shape or the sizes of the parameters.
    pub note: Option<String>,
    /// Symbolic shape of what leaves the box, such as `[batch, heads, source, d_k]`, if that is not what enters it.
    pub shape: Option<String>,
    /// Hue and shape.
    pub kind: BoxKind,
    /// More than one: this box stands for so many equal ones in sequence, "N x".
    pub repeat: usize,
    /// The enclosing box; `None` for the root alone.
    pub parent: Option<BoxId>,
    /// Boxes inside, in program order; empty for a leaf.
    pub children: Vec<BoxId>,
    /// The code that made it.
    pub source: Option<Source>,
    /// Number of captured operations that this box stands for, those of its children included.
    pub operations: usize,
    /// Number of scalar parameters, those of its children (and of the repeats) included. What is tied counts once.
    pub parameters: usize,
    /// The same of one of the repeats alone. As many as in all, if the repeats share them.
    pub each: usize,
    /// Number of scalars in running statistics, which are no parameters, those of children and repeats included.
    pub statistics: usize,
    /// Lines for the tooltip: concrete shapes, dtypes, parameter paths.
    pub detail: Vec<String>,
    /// Whether this box is highlighted, as what differs between two models.
    pub highlight: bool,
}

/// Data that flows from one leaf to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ViewEdge {
    /// A box without children.
    pub from: BoxId,
    /// A box without children.
    pub to: BoxId,
    /// How it is drawn.
    pub role: EdgeRole,
    /// Symbolic shape, such as `[batch, source, d_model]`.
    pub shape: Option<String>,
    /// Concrete shape and dtype, for the tooltip.
    pub detail: Option<String>,
    /// How often the target reads the data: self-attention reads its input as query, as key and as value.
    pub uses: usize,
}

/// A diagram's content, before any coordinate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// The diagram's title.
    pub title: String,
    /// One or two sentences for readers who can't see it.
    pub description: String,
    /// All boxes; the first is the root. A parent comes before its children.
    pub boxes: Vec<ViewBox>,
    /// All edges, between boxes without children.
    pub edges: Vec<ViewEdge>,
}

impl View {
    /// Index of the root box.
    pub const ROOT: BoxId = 0;

    /// Whether `id` is drawn as a box of its own rather than as a frame around others.
    #[must_use]
    pub fn is_leaf(&self, id: BoxId) -> bool {
        self.boxes[id].children.is_empty()
    }

    /// The chain of boxes from `id` up to the root, both included.
    pub fn ancestors(&self, id: BoxId) -> impl Iterator<Item = BoxId> + '_ {
        std::iter::successors(Some(id), |&b| self.boxes[b].parent)
    }
}

//! Which part of a graph to show, and how much of it.

use std::fmt;

use super::labels::{Labels, Rules, matches};

/// Choices for [`crate::ComputationGraph::view`]. Paths are patterns as in [`Rules`].
pub struct ViewOptions<'a> {
    pub(crate) root: String,
    /// None: as deep as can be read well.
    pub(crate) depth: Option<usize>,
    pub(crate) open: Vec<String>,
    pub(crate) close: Vec<String>,
    pub(crate) highlight: Vec<String>,
    pub(crate) fold_repeats: bool,
    pub(crate) fold_add_norm: bool,
    pub(crate) every_operation: bool,
    pub(crate) movement: bool,
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) labels: Box<dyn Labels + 'a>,
}

impl Default for ViewOptions<'_> {
    fn default() -> Self {
        Self {
            root: String::new(),
            depth: None,
            open: Vec::new(),
            close: Vec::new(),
            highlight: Vec::new(),
            fold_repeats: true,
            fold_add_norm: true,
            every_operation: false,
            movement: true,
            title: None,
            description: None,
            labels: Box::new(Rules::new()),
        }
    }
}

impl<'a> ViewOptions<'a> {
    /// The whole graph with repeats folded, opened as far as it makes a picture that can be read.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows the first scope that matches `path`, instead of the whole graph. The second call of the module
    /// `blocks.0` is `blocks.0@2`.
    #[must_use]
    pub fn root(mut self, path: impl Into<String>) -> Self {
        self.root = path.into();
        self
    }

    /// Opens scopes this many levels deep: with 1, the root's own children are boxes. Dissolved scopes don't count.
    ///
    /// Without this and without [`ViewOptions::open`], scopes are opened level by level as long as there are not many
    /// more than twenty boxes; where a level is too much as a whole, what is repeated in it is, and then its smaller scopes.
    #[must_use]
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = Some(depth.max(1));
        self
    }

    /// Opens the matching scopes, and those around them, whatever the depth, and without a depth nothing else. Equal layers that are opened alike stay
    /// folded into one; `encoder/layer.3` stands out of them.
    #[must_use]
    pub fn open(mut self, path: impl Into<String>) -> Self {
        self.open.push(path.into());
        self
    }

    /// Closes the matching scopes, whatever the depth.
    #[must_use]
    pub fn close(mut self, path: impl Into<String>) -> Self {
        self.close.push(path.into());
        self
    }

    /// Highlights the matching boxes.
    #[must_use]
    pub fn highlight(mut self, path: impl Into<String>) -> Self {
        self.highlight.push(path.into());
        self
    }

    /// Whether equal layers in sequence are one box, "N x". They are by default.
    #[must_use]
    pub fn fold_repeats(mut self, fold: bool) -> Self {
        self.fold_repeats = fold;
        self
    }

    /// Whether a residual addition and the norm directly after it are one box. They are by default.
    #[must_use]
    pub fn fold_add_norm(mut self, fold: bool) -> Self {
        self.fold_add_norm = fold;
        self
    }

    /// Shows every operation of open scopes, none folded into Linear and the like.
    #[must_use]
    pub fn every_operation(mut self) -> Self {
        self.every_operation = true;
        self.fold_add_norm = false;
        self
    }

    /// Whether boxes are shown for what only moves data (reshape, transpose, slice); a concatenation always is. They
    /// are by default, unless they only add or drop axes of size one.
    #[must_use]
    pub fn movement(mut self, movement: bool) -> Self {
        self.movement = movement;
        self
    }

    /// The diagram's title, instead of the root's label.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// A sentence for readers who can't see the diagram, instead of one made from its contents.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Names for what is shown.
    #[must_use]
    pub fn labels(mut self, labels: impl Labels + 'a) -> Self {
        self.labels = Box::new(labels);
        self
    }

    pub(crate) fn opens(&self, path: &str) -> bool {
        self.open.iter().any(|pattern| matches(pattern, path))
    }

    pub(crate) fn closes(&self, path: &str) -> bool {
        self.close.iter().any(|pattern| matches(pattern, path))
    }

    pub(crate) fn highlights(&self, path: &str) -> bool {
        self.highlight.iter().any(|pattern| matches(pattern, path))
    }
}

impl fmt::Debug for ViewOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewOptions")
            .field("root", &self.root)
            .field("depth", &self.depth)
            .field("open", &self.open)
            .field("close", &self.close)
            .finish_non_exhaustive()
    }
}

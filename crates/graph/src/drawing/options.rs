//! How a view is drawn.

use std::fmt;

use crate::overlay::Overlay;
use crate::view::ViewBox;

/// Where a box leads, or a frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoxLinks {
    /// To another picture, from a click anywhere in the box, or on a frame's background.
    pub down: Option<String>,
    /// To the code: from a click on the line number, or anywhere in a box that leads to no other picture.
    pub source: Option<String>,
    /// What a click on the box does, for who hears the page: `Feed Forward: what is inside`, if nothing is said here. It
    /// comes after what is written in the box, unless it begins with that.
    pub says: Option<String>,
}

/// Choices for [`crate::draw`].
pub struct DrawOptions<'a> {
    pub(super) id: String,
    pub(super) sources: bool,
    pub(super) shapes: bool,
    pub(super) line_shapes: bool,
    pub(super) columns: Option<f64>,
    pub(super) narrow: bool,
    pub(super) stacked: bool,
    pub(super) legend: bool,
    pub(super) trail: Vec<(String, String)>,
    pub(super) overlay: Option<Overlay>,
    pub(super) covered: Option<String>,
    pub(super) links: Box<dyn Fn(&ViewBox) -> BoxLinks + 'a>,
}

impl<'a> DrawOptions<'a> {
    /// A picture without links, whose ids begin with `id`. It must be unique on the page.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            sources: true,
            shapes: true,
            line_shapes: false,
            columns: None,
            narrow: false,
            stacked: false,
            legend: true,
            trail: Vec::new(),
            overlay: None,
            covered: None,
            links: Box::new(|_| BoxLinks::default()),
        }
    }

    /// Whether boxes show the file and line that made them. They do by default.
    #[must_use]
    pub fn sources(mut self, shown: bool) -> Self {
        self.sources = shown;
        self
    }

    /// Whether boxes show the shape of what leaves them, where it is another than that of what enters. They do by
    /// default.
    #[must_use]
    pub fn shapes(mut self, shown: bool) -> Self {
        self.shapes = shown;
        self
    }

    /// Whether the shape of what flows stands beside each line. It doesn't by default: it is in the tooltip.
    #[must_use]
    pub fn shapes_on_lines(mut self, shown: bool) -> Self {
        self.line_shapes = shown;
        self
    }

    /// Wraps a picture that is higher than so many pixels into columns. They are read from left to right, each from the
    /// bottom up; a line leads from the top of one to the bottom of the next. It is only cut between boxes and frames of
    /// the outermost level, so that a column may be higher than that.
    #[must_use]
    pub fn columns(mut self, height: f64) -> Self {
        self.columns = Some(height);
        self
    }

    /// A picture for a narrow page, such as a phone's: boxes are as wide as their longest word, stand closer, and
    /// have no line numbers; of two pictures the second stands below the first.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        (self.narrow, self.stacked, self.sources) = (true, true, false);
        self
    }

    /// Whether the second of two pictures stands below the first, and not at its right.
    #[must_use]
    pub fn stacked(mut self, stacked: bool) -> Self {
        self.stacked = stacked;
        self
    }

    /// Whether there is a legend. There is by default.
    #[must_use]
    pub fn legend(mut self, shown: bool) -> Self {
        self.legend = shown;
        self
    }

    /// The way back up: name and link of each level above, the outermost first.
    #[must_use]
    pub fn trail(mut self, levels: impl IntoIterator<Item = (String, String)>) -> Self {
        self.trail = levels.into_iter().collect();
        self
    }

    /// Shows weights as the widths of lines and borders, and as tints, with a legend and with numbers where there is room.
    /// They take the place of the colours that say what a box is. Nothing moves for them. The overlay must be one of the view
    /// that is drawn; [`crate::ComputationGraph::view_with_overlay`] makes both.
    #[must_use]
    pub fn overlay(mut self, overlay: Overlay) -> Self {
        self.overlay = Some(overlay);
        self
    }

    /// Covers what is written in the box of that key with a question mark, for who is to name it. Nothing moves for it.
    #[must_use]
    pub fn cover(mut self, key: impl Into<String>) -> Self {
        self.covered = Some(key.into());
        self
    }

    /// Where each box leads, and each frame.
    #[must_use]
    pub fn links(mut self, links: impl Fn(&ViewBox) -> BoxLinks + 'a) -> Self {
        self.links = Box::new(links);
        self
    }
}

impl fmt::Debug for DrawOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrawOptions")
            .field("id", &self.id)
            .field("sources", &self.sources)
            .field("shapes", &self.shapes)
            .field("narrow", &self.narrow)
            .field("legend", &self.legend)
            .field("trail", &self.trail)
            .finish_non_exhaustive()
    }
}

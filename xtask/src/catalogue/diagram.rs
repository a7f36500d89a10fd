//! What a diagram is: a place in something that was captured, and how it is shown.

use graph::{Comparison, ViewOptions, compare_scopes, view::View};

use super::captures::{Captured, Graphs};
use super::labels::{labels, labels_with_masks};
use super::made::{self, Made};
use anyhow::Result;

/// A diagram to be.
#[derive(Clone, Debug)]
pub(super) struct Diagram {
    /// Name of its files.
    pub(super) id: String,
    /// What it is called where it is one of several.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) captured: Captured,
    /// The path of the scope that it shows; empty for the whole.
    pub(super) path: String,
    pub(super) shown: Shown,
}

/// How much of a place is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    pub(super) depth: usize,
    /// What stays closed at that depth.
    pub(super) closed: Option<&'static str>,
    /// Whether a residual addition and its norm are two boxes.
    pub(super) norms_apart: bool,
    pub(super) every_operation: bool,
    /// Whether the masks that come in are shown.
    pub(super) masks: bool,
    /// Whether the file and line that made a box stand in it, and the shape of what leaves it.
    pub(super) detailed: bool,
    /// Whether the other side stands above it: both would be too wide beside each other.
    pub(super) stacked: bool,
    /// What it is drawn beside, with marks on what differs.
    pub(super) against: Option<Against>,
}

/// The other side of a diagram of two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Against {
    /// What is on the left.
    pub(super) captured: Captured,
    /// The scope that is compared on the left, and on the right.
    pub(super) scopes: [&'static str; 2],
    pub(super) titles: [&'static str; 2],
}

impl Shown {
    /// One level of a place, with everything that is said of a box.
    pub(super) const INSIDE: Self = Self {
        depth: 1,
        closed: None,
        norms_apart: false,
        every_operation: false,
        masks: false,
        detailed: true,
        stacked: false,
        against: None,
    };

    pub(super) fn options(&self, root: &str) -> ViewOptions<'static> {
        let mut options = ViewOptions::new().root(root).depth(self.depth).fold_add_norm(!self.norms_apart);
        options = if self.masks { options.labels(labels_with_masks) } else { options.labels(labels) };
        if let Some(closed) = self.closed {
            options = options.close(closed);
        }
        if self.every_operation { options.every_operation() } else { options }
    }
}

impl Diagram {
    /// What it shows; of two sides, the right one.
    pub(super) fn view(&self, graphs: &Graphs) -> Result<View> {
        let options = self.shown.options(&self.path).title(&self.title);
        let told = !self.description.is_empty();
        let options = if told { options.description(&self.description) } else { options };
        Ok(graphs.of(self.captured)?.view(&options)?)
    }

    /// Its boxes, and the lines of code that made them. In the second of two pictures, the same key stands for another box.
    pub(super) fn boxes(&self, graphs: &Graphs) -> Result<Vec<Made>> {
        let side = |captured, scope: &str, before| {
            made::boxes(graphs.of(captured)?, &self.shown.options(scope), before)
        };
        let Some(Against { captured, scopes, .. }) = self.shown.against else {
            return side(self.captured, &self.path, "");
        };
        let mut boxes = side(captured, scopes[0], "")?;
        boxes.extend(side(self.captured, scopes[1], "after:")?);
        Ok(boxes)
    }

    /// What differs between its two sides, and how each is shown, if it has two.
    pub(super) fn compared<'a>(
        &self,
        graphs: &'a Graphs,
    ) -> Result<Option<(Comparison<'a>, [ViewOptions<'static>; 2])>> {
        let Some(Against { captured, scopes, titles }) = self.shown.against else { return Ok(None) };
        let [left, right] = [graphs.of(captured)?, graphs.of(self.captured)?];
        let comparison = compare_scopes((left, scopes[0]), (right, scopes[1]))?;
        Ok(Some((comparison, [0, 1].map(|side| self.shown.options(scopes[side]).title(titles[side])))))
    }
}

//! What is inside a box, laid out.

use std::collections::BTreeMap;

use super::caption::{SMALL, times_room};
use super::geometry::{Point, Rect};
use super::text;
use crate::view::{BoxId, ViewBox};

/// Where the N x of a frame stands, and where lateral edges come in: on opposite sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A box with all that is inside it, relative to its lower left corner.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inside {
    /// Width and height of the whole, with what stands beside the frame.
    pub(crate) cell: (f64, f64),
    /// The box or frame itself.
    pub(crate) rect: Rect,
    /// The children's cells.
    pub(crate) at: BTreeMap<BoxId, Point>,
    /// By source: where data comes in at the bottom and goes out at the top, from the left of the cell.
    pub(crate) ports_in: BTreeMap<BoxId, f64>,
    pub(crate) ports_out: BTreeMap<BoxId, f64>,
    /// The way of each link of the scope.
    pub(crate) paths: Vec<Vec<Point>>,
    /// Where the residual connections run.
    pub(crate) lanes: Option<Side>,
}

impl Inside {
    /// Sets the frame around what is `width` and `height` wide and high, with room for its title and "N x".
    pub(crate) fn frame(
        &mut self,
        found: &ViewBox,
        title: &[String],
        (mut width, height): (f64, f64),
        is_root: bool,
    ) {
        let mut shift = 0.0;
        if !title.is_empty() {
            // The title stands in the upper left corner; no line may run through it.
            let title = title.iter().map(|line| text::width(line, SMALL)).fold(0.0, f64::max) + 16.0;
            let first = self.ports_out.values().copied().fold(f64::INFINITY, f64::min);
            shift = (title - first).clamp(0.0, title);
            width = (width + 2.0 * shift).max(title + 8.0);
        }
        self.rect = Rect { x: 0.0, y: 0.0, w: width, h: height };
        self.cell = (width, height);
        if found.repeat > 1 && !is_root {
            let room = times_room(found.repeat);
            self.rect.x = if self.lanes == Some(Side::Left) { room } else { 0.0 };
            self.cell.0 += room;
        }
        self.shift(shift + self.rect.x);
    }

    fn shift(&mut self, by: f64) {
        self.at.values_mut().for_each(|point| point.x += by);
        self.ports_in.values_mut().chain(self.ports_out.values_mut()).for_each(|x| *x += by);
        self.paths.iter_mut().flatten().for_each(|point| point.x += by);
    }
}

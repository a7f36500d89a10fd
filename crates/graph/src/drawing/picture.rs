//! Everything that is drawn, in absolute coordinates, y growing downwards as SVG has it.

use super::gauge::{Gauge, Number};
use super::geometry::{Point, Rect};
pub(crate) use super::lettering::{Setting, Words};
use super::marks::{Entry, Marks};
use crate::view::{BoxId, BoxKind};

/// Height of the trail: with the margin below it, a finger's.
const TRAIL_HEIGHT: f64 = 36.0;

/// Everything that is drawn.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) width: f64,
    /// Height of all, and of the part above the legend.
    pub(crate) height: f64,
    pub(crate) rects: Vec<Rect>,
    /// The texts of every box.
    pub(crate) words: Vec<Vec<Words>>,
    /// Corners of every edge.
    pub(crate) lines: Vec<Vec<Point>>,
    /// The several ends of forked edges.
    pub(crate) arrows: Vec<Vec<Vec<Point>>>,
    /// Shapes beside lines.
    pub(crate) tags: Vec<Words>,
    /// The way back up, above everything else: texts, and which part of the trail they lead to.
    pub(crate) trail: Vec<(Words, Option<usize>)>,
    pub(crate) legend: Vec<(BoxKind, Rect)>,
    /// What differs from the picture beside this one.
    pub(crate) marks: Marks,
    /// What the marks mean.
    pub(crate) key: Vec<Entry>,
    /// The weights of an overlay that have room, and what they mean.
    pub(crate) numbers: Vec<Number>,
    pub(crate) gauge: Option<Gauge>,
    /// The names of two pictures in one, the ends of the line between them, and the first box of the second.
    pub(crate) headings: Vec<Words>,
    pub(crate) divider: Option<[Point; 2]>,
    pub(crate) second: Option<BoxId>,
}

impl Picture {
    /// What lies above the origin.
    pub(crate) fn top(&self) -> f64 {
        if self.trail.is_empty() { 0.0 } else { TRAIL_HEIGHT }
    }
}

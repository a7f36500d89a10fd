//! What a tower consists of: spots in rows, and what joins them.

use std::collections::BTreeMap;

use crate::drawing::inside::{Inside, Side};
use crate::drawing::rows::Joint;
use crate::drawing::scope::{Link, Stop};
use crate::view::{BoxId, View};

/// Room that a long edge takes in a row that it passes.
pub(super) const PASS: f64 = 12.0;

/// A node in its row; None is the place where a long edge passes the row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) node: Option<Stop>,
    pub(super) row: usize,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

/// The way of a link that closes a circle: up from its source, down beside the rows, and up into its target.
#[derive(Clone, Debug)]
pub(super) struct Back {
    pub(super) from: (usize, f64),
    pub(super) to: (usize, f64),
    /// The places where it passes the rows, from the bottom up.
    pub(super) passes: Vec<usize>,
    pub(super) joints: Vec<Joint>,
}

/// A tower.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(super) spots: Vec<Spot>,
    pub(super) index: BTreeMap<Stop, usize>,
    /// For each link of the scope that flows in this tower: the spots on its way with its ports.
    pub(super) chains: BTreeMap<usize, Vec<Joint>>,
    /// For each link that closes a circle.
    pub(super) backs: BTreeMap<usize, Back>,
    /// For each link that is led around inside this tower: its lane.
    pub(super) lanes: BTreeMap<usize, f64>,
    /// Links between neighbours in a row: a constant beside the sum that it goes into.
    pub(super) beside: BTreeMap<usize, (usize, usize)>,
    pub(super) on_the_left: bool,
    /// For each link that is led around: the spot it leaves, and where on it.
    pub(super) stems: BTreeMap<usize, (usize, f64)>,
    /// By spot and source: the height of the horizontal line that leaves above it.
    pub(super) tracks: BTreeMap<(usize, BoxId), f64>,
    pub(super) left: f64,
    pub(super) width: f64,
    pub(crate) height: f64,
}

/// What a tower is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    /// All that is laid out already.
    pub(crate) insides: &'a [Inside],
    /// For each box: whether a line ends in it in several arrows.
    pub(crate) forked: &'a [bool],
    pub(crate) view: &'a View,
    /// Its nodes, sorted.
    pub(crate) group: &'a [Stop],
    /// All links of the scope, and which of them leave a node of this tower.
    pub(crate) links: &'a [Link],
    pub(crate) own: &'a [usize],
    pub(crate) side: Side,
    pub(crate) is_root: bool,
    /// Between two boxes of a row.
    pub(crate) across: f64,
}

impl Part {
    /// Adds a place to pass a row.
    pub(super) fn pass(&mut self, row: usize) -> usize {
        self.spots.push(Spot { node: None, row, x: 0.0, y: 0.0, w: PASS, h: 0.0 });
        self.spots.len() - 1
    }

    /// Where a link is attached to a spot, from its left; for leaves the middle, until ports are spread.
    pub(super) fn port(&self, insides: &[Inside], spot: usize, source: BoxId, leaves: bool) -> f64 {
        let Spot { node, w, .. } = self.spots[spot];
        let Some(Stop::Child(id)) = node else { return w / 2.0 };
        let inside = &insides[id];
        let ports = if leaves { &inside.ports_out } else { &inside.ports_in };
        ports.get(&source).copied().unwrap_or(inside.rect.x + inside.rect.w / 2.0)
    }

    pub(super) fn joints(&self) -> Vec<Joint> {
        self.chains.values().chain(self.backs.values().map(|back| &back.joints)).flatten().copied().collect()
    }

    /// Notes how wide the tower is, lanes included.
    pub(super) fn measure(&mut self) {
        let lefts = self.spots.iter().map(|spot| spot.x).chain(self.lanes.values().copied());
        self.left = lefts.fold(f64::INFINITY, f64::min);
        let rights = self.spots.iter().map(|spot| spot.x + spot.w).chain(self.lanes.values().copied());
        self.width = rights.fold(f64::NEG_INFINITY, f64::max) - self.left;
    }

    /// In the place of a spot, for the line below it rather than the one above.
    pub(super) fn below(&self, spot: usize) -> usize {
        self.spots.len() + spot
    }

    /// Moves the tower so that its left border is at `x`.
    pub(crate) fn shift(&mut self, x: f64) {
        let by = x - self.left;
        self.left = x;
        self.spots.iter_mut().for_each(|spot| spot.x += by);
        self.lanes.values_mut().for_each(|lane| *lane += by);
    }

    pub(crate) fn left(&self) -> f64 {
        self.left
    }

    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }
}

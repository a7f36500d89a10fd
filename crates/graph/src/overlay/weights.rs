//! Weights on the boxes and edges of one view.

use std::collections::BTreeMap;

use super::error::OverlayError;
use super::scale::Scale;
use crate::view::{BoxId, View};

/// Weights on the boxes and edges of one view, for [`crate::DrawOptions::overlay`]. What was measured on a graph becomes one
/// by [`crate::ComputationGraph::view_with_overlay`]; for a view made by hand, it is made by hand:
///
/// ```
/// # let graph = graph::capture("double", |session| {
/// #     let x = session.input("x", burn::tensor::Tensor::<1>::zeros([3], session.device()));
/// #     session.output("y", x * 2.0);
/// #     Ok(())
/// # })?;
/// # let view = graph.view(&graph::ViewOptions::new())?;
/// use graph::{Overlay, Scale};
///
/// let scale = Scale::signed("Change of the score").ends("lower", "higher");
/// let overlay = Overlay::new(&view, scale)?.weigh_box(1, -0.25)?.weigh_edge(0, 0.75)?;
/// assert_eq!((overlay.box_weight(1), overlay.edge_weight(0)), (Some(-0.25), Some(0.75)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A picture with it shows weights as the widths of lines and borders, and as tints; colours don't say what a box is. A closed
/// box without a weight is grey, which the legend calls *not measured*: it isn't the same as a weight of zero. Nothing moves:
/// boxes and lines are where they are without it.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    scale: Scale,
    /// How many boxes and edges its view has.
    counts: (usize, usize),
    boxes: BTreeMap<BoxId, f64>,
    edges: BTreeMap<usize, f64>,
    elsewhere: usize,
}

impl Overlay {
    /// Without any weight yet.
    ///
    /// # Errors
    ///
    /// If the scale has no title, or its end is no positive number.
    pub fn new(view: &View, scale: Scale) -> Result<Self, OverlayError> {
        scale.check()?;
        let counts = (view.boxes.len(), view.edges.len());
        Ok(Self { scale, counts, boxes: BTreeMap::new(), edges: BTreeMap::new(), elsewhere: 0 })
    }

    /// Gives a box a weight, by its number in [`View::boxes`], be it closed or a frame. Of several, that which is furthest from
    /// zero stays.
    ///
    /// # Errors
    ///
    /// If there is no such box, or the weight is not a number on the scale.
    pub fn weigh_box(mut self, id: BoxId, weight: f64) -> Result<Self, OverlayError> {
        if id == View::ROOT && self.counts.0 > 1 || id >= self.counts.0 {
            return Err(OverlayError::NoBox { id, count: self.counts.0 });
        }
        let weight = self.scale.weight(weight, || format!("box {id}"))?;
        self.add_to_box(id, weight);
        Ok(self)
    }

    /// Gives an edge a weight, by its number in [`View::edges`]. Of several, that which is furthest from zero stays.
    ///
    /// # Errors
    ///
    /// If there is no such edge, or the weight is not a number on the scale.
    pub fn weigh_edge(mut self, edge: usize, weight: f64) -> Result<Self, OverlayError> {
        if edge >= self.counts.1 {
            return Err(OverlayError::NoSuchEdge { edge, count: self.counts.1 });
        }
        let weight = self.scale.weight(weight, || format!("edge {edge}"))?;
        self.add_to_edge(edge, weight);
        Ok(self)
    }

    /// What its numbers mean.
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// The weight of a box, if it has one.
    #[must_use]
    pub fn box_weight(&self, id: BoxId) -> Option<f64> {
        self.boxes.get(&id).copied()
    }

    /// The weight of an edge, if it has one.
    #[must_use]
    pub fn edge_weight(&self, edge: usize) -> Option<f64> {
        self.edges.get(&edge).copied()
    }

    /// How many of the places that were measured are not in this picture: outside of its root, or not shown.
    #[must_use]
    pub fn elsewhere(&self) -> usize {
        self.elsewhere
    }

    /// Boxes with their weights.
    pub(crate) fn boxes(&self) -> impl Iterator<Item = (BoxId, f64)> + '_ {
        self.boxes.iter().map(|(&id, &weight)| (id, weight))
    }

    /// Edges with their weights.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.edges.iter().map(|(&edge, &weight)| (edge, weight))
    }

    pub(crate) fn fits(&self, view: &View) -> bool {
        self.counts == (view.boxes.len(), view.edges.len())
    }

    pub(crate) fn add_to_box(&mut self, id: BoxId, weight: f64) {
        stronger(self.boxes.entry(id).or_insert(weight), weight);
    }

    pub(crate) fn add_to_edge(&mut self, edge: usize, weight: f64) {
        stronger(self.edges.entry(edge).or_insert(weight), weight);
    }

    pub(crate) fn add_elsewhere(&mut self) {
        self.elsewhere += 1;
    }
}

/// Whatever the order in which weights come: of two that are as far from zero, the positive one stays.
fn stronger(known: &mut f64, weight: f64) {
    if (weight.abs(), weight) > (known.abs(), *known) {
        *known = weight;
    }
}

//! How much room the lines need that begin and end in a box: arrows that can be told apart, and the shapes beside them.

use std::collections::BTreeSet;

use super::caption::SMALL;
use super::options::DrawOptions;
use super::scope::{Pieces, Stop};
use super::text;
use crate::view::{BoxId, View};

/// Between two arrows that end in the lower border of a box. A line that misses the straight by a hair may move there.
const ARROWS: f64 = 12.0;
/// Between two arrows that end in the side of a box.
const SIDE: f64 = 7.0;
/// From a line to the shape that stands beside it, and beyond.
pub(crate) const BESIDE: f64 = 5.0;

/// What a box needs at least.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Room {
    /// Width, for the arrows that come in from below.
    pub(crate) arrows: f64,
    /// Height, for those that come in from the side.
    pub(crate) high: f64,
    /// Width, for the shapes beside the lines that leave it.
    pub(crate) shapes: f64,
}

/// What each box needs.
pub(crate) fn rooms(view: &View, pieces: &Pieces, options: &DrawOptions<'_>) -> Vec<Room> {
    let mut below: Vec<BTreeSet<BoxId>> = vec![BTreeSet::new(); view.boxes.len()];
    let mut aside: Vec<BTreeSet<BoxId>> = vec![BTreeSet::new(); view.boxes.len()];
    for link in pieces.links.values().flatten() {
        match (link.aside, link.to) {
            (Some(target), _) => _ = aside[target].insert(link.source),
            (None, Stop::Child(target)) => _ = below[target].insert(link.source),
            (None, Stop::In(_) | Stop::Out(_)) => {}
        }
    }
    // A circled plus is large enough for two.
    let needed = |sources: &BTreeSet<BoxId>, between: f64| match sources.len() {
        0..=2 => 0.0,
        count => (count + 1) as f64 * between,
    };
    let mut rooms: Vec<Room> = (0..view.boxes.len())
        .map(|id| Room {
            // What finds no way around comes in from below as well.
            arrows: needed(&below[id].union(&aside[id]).copied().collect(), ARROWS),
            high: needed(&aside[id], SIDE),
            shapes: 0.0,
        })
        .collect();
    if options.line_shapes {
        for edge in &view.edges {
            let wide = edge.shape.as_ref().map_or(0.0, |shape| text::width(shape, SMALL));
            rooms[edge.from].shapes = rooms[edge.from].shapes.max(2.0 * (wide + 2.0 * BESIDE));
        }
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::scope::Link;

    #[test]
    fn every_arrow_has_its_place() {
        let link = |source, aside: bool| Link {
            from: Stop::Child(source),
            to: Stop::Child(1),
            source,
            aside: aside.then_some(1),
            plain: false,
        };
        let mut pieces = Pieces::default();
        pieces
            .links
            .insert(0, (2..66).map(|n| link(n, false)).chain((70..73).map(|n| link(n, true))).collect());
        let blank = crate::view::ViewBox {
            key: String::new(),
            label: String::new(),
            note: None,
            shape: None,
            kind: crate::view::BoxKind::Other,
            repeat: 1,
            parent: None,
            children: Vec::new(),
            source: None,
            operations: 0,
            parameters: 0,
            each: 0,
            statistics: 0,
            detail: Vec::new(),
            highlight: false,
        };
        let view = View {
            title: String::new(),
            description: String::new(),
            boxes: vec![blank; 2],
            edges: Vec::new(),
        };
        let rooms = rooms(&view, &pieces, &DrawOptions::new("x"));
        assert_eq!((rooms[1].arrows, rooms[1].high), (68.0 * ARROWS, 4.0 * SIDE));
        assert_eq!((rooms[0].arrows, rooms[0].high), (0.0, 0.0));
    }
}

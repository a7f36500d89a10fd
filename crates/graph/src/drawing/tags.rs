//! Shapes beside lines, where there is room for them.

use std::collections::BTreeSet;

use super::caption::SMALL;
use super::geometry::{Point, Rect};
use super::grid::{Grid, around};
use super::lettering::extent;
use super::picture::{Picture, Setting, Words};
use super::room::BESIDE;
use super::text;
use crate::view::{BoxId, View};

/// Height of a tag.
const HIGH: f64 = SMALL * 0.96;
/// From a tag to anything else.
const MARGIN: f64 = 1.0;

/// Writes the shape of what leaves each box beside one of the lines that carry it. Where the line's whole way is too
/// narrow for it, it stays in the tooltip alone.
pub(crate) fn place(view: &View, picture: &mut Picture) {
    let mut taken = obstacles(view, picture);
    let mut grid = Grid::new(taken.iter().copied().enumerate());
    let mut told: BTreeSet<(BoxId, &str)> = BTreeSet::new();
    for (edge, line) in view.edges.iter().zip(&picture.lines) {
        let Some(shape) = edge.shape.as_deref().filter(|shape| !told.contains(&(edge.from, *shape))) else {
            continue;
        };
        let wide = text::width(shape, SMALL);
        let is_free = |rect: &Rect| {
            rect.x > MARGIN
                && rect.right() < picture.width - MARGIN
                && !grid.near(&grown(rect)).into_iter().any(|n| rect.overlaps(&taken[n], MARGIN))
        };
        let Some(rect) = line.windows(2).flat_map(|pair| beside(pair[0], pair[1], wide)).find(is_free) else {
            continue;
        };
        told.insert((edge.from, shape));
        grid.insert(taken.len(), rect);
        taken.push(rect);
        let at = Point { x: rect.x + wide / 2.0, y: rect.y + SMALL * 0.76 };
        picture.tags.push(Words { text: shape.to_owned(), at, size: SMALL, style: Setting::Note });
    }
}

/// The places beside a vertical piece of a line, the best first.
pub(super) fn beside(a: Point, b: Point, wide: f64) -> Vec<Rect> {
    let (top, long) = (a.y.min(b.y), (a.y - b.y).abs());
    if (a.x - b.x).abs() > 0.05 || long < HIGH {
        return Vec::new();
    }
    let heights = [0.5, 0.75, 0.25].map(|part| top + (long - HIGH) * part);
    let sides = [a.x + BESIDE, a.x - BESIDE - wide];
    heights.into_iter().flat_map(|y| sides.map(|x| Rect { x, y, w: wide, h: HIGH })).collect()
}

/// Boxes, lines, texts and the borders of frames.
pub(super) fn obstacles(view: &View, picture: &Picture) -> Vec<Rect> {
    let mut all: Vec<Rect> = picture.words.iter().flatten().map(extent).collect();
    for (id, rect) in picture.rects.iter().enumerate().filter(|(id, _)| *id != View::ROOT) {
        if view.is_leaf(id) {
            all.push(*rect);
        } else {
            all.extend(border(*rect));
        }
    }
    let lines = picture.lines.iter().chain(picture.arrows.iter().flatten());
    all.extend(lines.flat_map(|line| line.windows(2)).map(|pair| around(pair[0], pair[1])));
    all
}

/// The four sides of a frame.
pub(super) fn border(Rect { x, y, w, h }: Rect) -> impl Iterator<Item = Rect> {
    let across = [y, y + h].map(|y| Rect { x, y, w, h: 0.0 });
    let down = [x, x + w].map(|x| Rect { x, y, w: 0.0, h });
    across.into_iter().chain(down)
}

fn grown(rect: &Rect) -> Rect {
    Rect { x: rect.x - MARGIN, y: rect.y - MARGIN, w: rect.w + 2.0 * MARGIN, h: rect.h + 2.0 * MARGIN }
}

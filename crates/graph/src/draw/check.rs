//! Measures a picture: what makes a diagram ugly can be counted.

use std::fmt;

use serde::Serialize;

use super::geometry::{Point, Rect};
use super::picture::{Picture, Setting, Words};
use super::text;
use crate::view::{BoxKind, View};

/// What was found on a picture. All but the last three are faults.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Boxes with the same parent that overlap, and boxes that leave their frame.
    pub overlapping_boxes: usize,
    /// Edges that run through a box that is none of their ends.
    pub edges_through_boxes: usize,
    /// Texts with a line running through them.
    pub labels_on_lines: usize,
    /// Texts wider or higher than their box.
    pub overflowing_texts: usize,
    /// Edges that are not drawn.
    pub lost_edges: usize,
    /// Places where two edges from different sources cross.
    pub crossings: usize,
    /// Width divided by height.
    pub aspect: f64,
    /// Size of the SVG.
    pub bytes: usize,
}

impl Report {
    /// The number of faults; crossings are none where the graph isn't planar.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.overlapping_boxes
            + self.edges_through_boxes
            + self.labels_on_lines
            + self.overflowing_texts
            + self.lost_edges
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} overlapping boxes, {} edges through boxes, {} labels on lines, {} overflowing texts, {} lost edges, \
             {} crossings, aspect {:.2}, {} bytes",
            self.overlapping_boxes,
            self.edges_through_boxes,
            self.labels_on_lines,
            self.overflowing_texts,
            self.lost_edges,
            self.crossings,
            self.aspect,
            self.bytes
        )
    }
}

pub(crate) fn measure(view: &View, picture: &Picture, bytes: usize) -> Report {
    Report {
        overlapping_boxes: overlapping_boxes(view, picture),
        edges_through_boxes: edges_through_boxes(view, picture),
        labels_on_lines: labels_on_lines(picture),
        overflowing_texts: overflowing_texts(view, picture),
        lost_edges: picture.lines.iter().filter(|line| line.len() < 2).count(),
        crossings: crossings(view, picture),
        aspect: picture.width / picture.height,
        bytes,
    }
}

fn overlapping_boxes(view: &View, picture: &Picture) -> usize {
    let mut count = 0;
    for (id, parent) in view.boxes.iter().enumerate() {
        for (place, &a) in parent.children.iter().enumerate() {
            let others = &parent.children[place + 1..];
            count += others.iter().filter(|&&b| picture.rects[a].overlaps(&picture.rects[b], 0.0)).count();
            count += usize::from(!picture.rects[id].contains(&picture.rects[a]) && id != View::ROOT);
        }
    }
    count
}

fn edges_through_boxes(view: &View, picture: &Picture) -> usize {
    let leaves = (0..view.boxes.len()).filter(|&id| view.is_leaf(id));
    let pairs = leaves.flat_map(|id| (0..view.edges.len()).map(move |edge| (id, edge)));
    let runs_through = |&(id, edge): &(usize, usize)| {
        let crossed = |pair: &[Point]| picture.rects[id].is_crossed_by(pair[0], pair[1]);
        picture.lines[edge].windows(2).any(crossed)
    };
    pairs.filter(runs_through).count()
}

/// The rectangle that a text takes.
fn extent(words: &Words) -> Rect {
    let bold = words.style == Setting::Times;
    let w =
        if bold { text::bold_width(&words.text, words.size) } else { text::width(&words.text, words.size) };
    let x = if words.style == Setting::Title { words.at.x } else { words.at.x - w / 2.0 };
    Rect { x, y: words.at.y - words.size * 0.76, w, h: words.size * 0.96 }
}

fn labels_on_lines(picture: &Picture) -> usize {
    let crossed = |words: &&Words| {
        let extent = extent(words);
        picture.lines.iter().any(|line| line.windows(2).any(|pair| extent.is_crossed_by(pair[0], pair[1])))
    };
    picture.words.iter().flatten().filter(crossed).count()
}

fn overflowing_texts(view: &View, picture: &Picture) -> usize {
    let mut count = 0;
    for (id, words) in picture.words.iter().enumerate() {
        if view.boxes[id].kind == BoxKind::Add {
            continue;
        }
        let whole = Rect { x: 0.0, y: 0.0, w: picture.width, h: picture.height };
        let outside = |words: &&Words| {
            let around = if words.style == Setting::Times { &whole } else { &picture.rects[id] };
            !around.contains(&extent(words))
        };
        count += words.iter().filter(outside).count();
    }
    count
}

fn crossings(view: &View, picture: &Picture) -> usize {
    let mut count = 0;
    for (i, a) in picture.lines.iter().enumerate() {
        for (j, b) in picture.lines.iter().enumerate().skip(i + 1) {
            let related = view.edges[i].from == view.edges[j].from || view.edges[i].to == view.edges[j].to;
            if !related {
                let pairs = a.windows(2).flat_map(|p| b.windows(2).map(move |q| (p, q)));
                count += pairs.filter(|(p, q)| cross(p, q)).count();
            }
        }
    }
    count
}

/// Whether a vertical and a horizontal segment cross between their ends.
fn cross(p: &[Point], q: &[Point]) -> bool {
    let between = |a: f64, low: f64, high: f64| low.min(high) + 0.3 < a && a < low.max(high) - 0.3;
    let meets = |v: &[Point], h: &[Point]| between(v[0].x, h[0].x, h[1].x) && between(h[0].y, v[0].y, v[1].y);
    let vertical = |s: &[Point]| (s[0].x - s[1].x).abs() < 0.05;
    match (vertical(p), vertical(q)) {
        (true, false) => meets(p, q),
        (false, true) => meets(q, p),
        _ => false,
    }
}

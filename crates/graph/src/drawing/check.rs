//! Measures a picture: what makes a diagram ugly can be counted.

use std::collections::BTreeSet;
use std::fmt;

use hashbrown::HashSet;
use serde::Serialize;

use super::geometry::{Point, Rect};
use super::grid::{self, Grid, around, cells};
use super::lettering::extent;
use super::picture::{Picture, Setting, Words};
use super::{hints, space};
use crate::view::{BoxKind, View};

/// What was found on a picture. Faults are what [`Report::faults`] counts; the rest says how good it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
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
    /// The smallest distance in pixels between two arrows of different origin that end in the same side of a box; none
    /// where no two do.
    pub arrow_spacing: Option<f64>,
    /// The share of the picture that its largest empty rectangle takes.
    pub empty: f64,
    /// What to do about a picture that is too large to be looked at.
    pub hints: Vec<String>,
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
             {} crossings, {:.0} % empty, aspect {:.2}, {} bytes",
            self.overlapping_boxes,
            self.edges_through_boxes,
            self.labels_on_lines,
            self.overflowing_texts,
            self.lost_edges,
            self.crossings,
            self.empty * 100.0,
            self.aspect,
            self.bytes
        )
    }
}

pub(crate) fn measure(view: &View, picture: &Picture, bytes: usize) -> Report {
    Report {
        overlapping_boxes: overlapping_boxes(view, picture),
        edges_through_boxes: edges_through_boxes(view, picture).len(),
        labels_on_lines: labels_on_lines(picture).iter().map(|(text, _)| text).collect::<BTreeSet<_>>().len(),
        overflowing_texts: overflowing_texts(view, picture),
        lost_edges: picture.lines.iter().filter(|line| line.len() < 2).count(),
        crossings: crossings(view, picture),
        arrow_spacing: space::arrow_spacing(view, picture),
        empty: space::empty(view, picture),
        hints: hints::hints(picture),
        aspect: picture.width / picture.height,
        bytes,
    }
}

/// The edges whose way isn't free: through boxes or texts.
pub(crate) fn blocked(view: &View, picture: &Picture) -> BTreeSet<usize> {
    let through_boxes = edges_through_boxes(view, picture).into_iter().map(|(_, edge)| edge);
    through_boxes.chain(labels_on_lines(picture).into_iter().map(|(_, edge)| edge)).collect()
}

fn overlapping_boxes(view: &View, picture: &Picture) -> usize {
    let mut count = 0;
    for (id, parent) in view.boxes.iter().enumerate() {
        let mut rects: Vec<Rect> = parent.children.iter().map(|&child| picture.rects[child]).collect();
        let is_outside = |rect: &&Rect| id != View::ROOT && !picture.rects[id].contains(rect);
        count += rects.iter().filter(is_outside).count();
        rects.sort_by(|a, b| a.y.total_cmp(&b.y));
        for (place, a) in rects.iter().enumerate() {
            let reached = rects[place + 1..].iter().take_while(|b| b.y < a.top());
            count += reached.filter(|b| a.overlaps(b, 0.0)).count();
        }
    }
    count
}

/// Box and edge.
fn edges_through_boxes(view: &View, picture: &Picture) -> BTreeSet<(usize, usize)> {
    let leaves = (0..view.boxes.len()).filter(|&id| view.is_leaf(id));
    crossed(leaves.map(|id| (id, picture.rects[id])).collect(), picture)
}

/// The rectangles, by their numbers, with the edges that run through them.
fn crossed(rects: Vec<(usize, Rect)>, picture: &Picture) -> BTreeSet<(usize, usize)> {
    let grid = Grid::new(rects.iter().map(|(_, rect)| *rect).enumerate());
    let mut found = BTreeSet::new();
    for (edge, line) in picture.lines.iter().enumerate() {
        for pair in line.windows(2) {
            // A rectangle may come up once for each cell that it shares with the segment; the set holds it once.
            let near = cells(&around(pair[0], pair[1])).flat_map(|cell| grid.at(cell)).map(|&n| rects[n]);
            let crossing = near.filter(|(_, rect)| rect.is_crossed_by(pair[0], pair[1]));
            found.extend(crossing.map(|(id, _)| (id, edge)));
        }
    }
    found
}

/// Text and edge.
fn labels_on_lines(picture: &Picture) -> BTreeSet<(usize, usize)> {
    let numbers = picture.numbers.iter().map(|number| &number.words);
    let extents = picture.words.iter().flatten().chain(&picture.tags).chain(numbers).map(extent).enumerate();
    crossed(extents.collect(), picture)
}

fn overflowing_texts(view: &View, picture: &Picture) -> usize {
    let mut count = 0;
    for (id, words) in picture.words.iter().enumerate() {
        if view.boxes[id].kind == BoxKind::Add {
            continue;
        }
        let outside = |words: &&Words| {
            let around = if words.style == Setting::Times { &whole(picture) } else { &picture.rects[id] };
            !around.contains(&extent(words))
        };
        count += words.iter().filter(outside).count();
    }
    let beside = picture.tags.iter().chain(picture.numbers.iter().map(|number| &number.words));
    let beside = beside.chain(picture.gauge.iter().flat_map(|gauge| &gauge.words));
    count += beside.filter(|words| !whole(picture).contains(&extent(words))).count();
    let above = Rect { x: 0.0, y: -picture.top(), w: picture.width, h: picture.top() };
    count + picture.trail.iter().filter(|(words, _)| !above.contains(&extent(words))).count()
}

fn whole(picture: &Picture) -> Rect {
    Rect { x: 0.0, y: 0.0, w: picture.width, h: picture.height }
}

fn crossings(view: &View, picture: &Picture) -> usize {
    let segments = picture
        .lines
        .iter()
        .enumerate()
        .flat_map(|(edge, line)| line.windows(2).map(move |pair| (edge, [pair[0], pair[1]])));
    let is_vertical = |(_, [a, b]): &(usize, [Point; 2])| (a.x - b.x).abs() < 0.05;
    let (vertical, horizontal): (Vec<_>, Vec<_>) = segments.partition(is_vertical);
    let grid = Grid::new(vertical.iter().map(|(_, [a, b])| around(*a, *b)).enumerate());
    // Several edges that run along one line cross another at one place.
    let mut places: HashSet<(i64, i64)> = HashSet::new();
    for (i, h) in &horizontal {
        let edge = &view.edges[*i];
        let is_stranger = |j: usize| view.edges[j].from != edge.from && view.edges[j].to != edge.to;
        for cell in cells(&around(h[0], h[1])) {
            // Two segments can share several cells, but cross in one of them.
            let here = |v: &[Point; 2]| grid::cell(Point { x: v[0].x, y: h[0].y }) == cell;
            let near = grid.at(cell).iter().map(|&n| &vertical[n]);
            let crossing = near.filter(|(j, v)| here(v) && is_stranger(*j) && cross(v, h));
            places.extend(crossing.map(|(_, v)| (tenths(v[0].x), tenths(h[0].y))));
        }
    }
    places.len()
}

fn tenths(length: f64) -> i64 {
    (length * 10.0).round() as i64
}

/// Whether a vertical and a horizontal segment cross between their ends.
fn cross(v: &[Point; 2], h: &[Point; 2]) -> bool {
    let between = |a: f64, low: f64, high: f64| low.min(high) + 0.3 < a && a < low.max(high) - 0.3;
    between(v[0].x, h[0].x, h[1].x) && between(h[0].y, v[0].y, v[1].y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{EdgeRole, ViewBox, ViewEdge};

    /// Three boxes one above the other, and an edge from the lowest to the middle one.
    fn clean() -> (View, Picture) {
        let found = |id: usize| ViewBox {
            key: format!("{id}"),
            label: "ab".into(),
            note: None,
            shape: None,
            kind: if id == 0 { BoxKind::Scope } else { BoxKind::Linear },
            repeat: 1,
            parent: (id > 0).then_some(0),
            children: if id == 0 { vec![1, 2, 3] } else { vec![] },
            source: None,
            operations: 1,
            parameters: 0,
            each: 0,
            statistics: 0,
            detail: vec![],
            highlight: false,
        };
        let edges =
            vec![ViewEdge { from: 1, to: 2, role: EdgeRole::Flow, shape: None, detail: None, uses: 1 }];
        let boxes = (0..4).map(found).collect();
        let view = View { title: String::new(), description: String::new(), boxes, edges };
        let rect = |y: f64| Rect { x: 10.0, y, w: 80.0, h: 30.0 };
        let words = |y: f64| {
            vec![Words { text: "ab".into(), at: Point { x: 50.0, y }, size: 13.0, style: Setting::Label }]
        };
        let picture = Picture {
            width: 100.0,
            height: 200.0,
            rects: vec![Rect { x: 0.0, y: 0.0, w: 100.0, h: 200.0 }, rect(150.0), rect(80.0), rect(10.0)],
            words: vec![vec![], words(170.0), words(100.0), words(30.0)],
            lines: vec![vec![Point { x: 50.0, y: 150.0 }, Point { x: 50.0, y: 110.0 }]],
            ..Picture::default()
        };
        (view, picture)
    }

    #[test]
    fn a_clean_picture_has_no_faults() {
        let (view, picture) = clean();
        let report = measure(&view, &picture, 7);
        assert_eq!((report.faults(), report.crossings, report.aspect, report.bytes), (0, 0, 0.5, 7));
        assert!(blocked(&view, &picture).is_empty());
    }

    #[test]
    fn boxes_that_overlap_are_found() {
        let (view, mut picture) = clean();
        picture.rects[3].y = 60.0;
        assert_eq!(measure(&view, &picture, 0).overlapping_boxes, 1);
    }

    #[test]
    fn edges_through_boxes_and_labels_are_found() {
        let (view, mut picture) = clean();
        // Past the middle box up to the highest, but through both.
        picture.lines[0][1].y = 20.0;
        let report = measure(&view, &picture, 0);
        assert_eq!((report.edges_through_boxes, report.labels_on_lines, report.lost_edges), (2, 2, 0));
        assert_eq!(blocked(&view, &picture), BTreeSet::from([0]));
    }

    #[test]
    fn a_line_through_a_title_is_found() {
        let (view, mut picture) = clean();
        picture.words[0] = vec![Words {
            text: "Title".into(),
            at: Point { x: 40.0, y: 135.0 },
            size: 10.5,
            style: Setting::Title,
        }];
        let report = measure(&view, &picture, 0);
        assert_eq!((report.labels_on_lines, report.faults()), (1, 1));
    }

    #[test]
    fn texts_that_overflow_are_found() {
        let (view, mut picture) = clean();
        picture.words[2][0].text = "far too long for its box".into();
        assert_eq!(measure(&view, &picture, 0).overflowing_texts, 1);
    }

    #[test]
    fn arrows_that_come_too_close_are_found() {
        let (mut view, mut picture) = clean();
        assert_eq!(measure(&view, &picture, 0).arrow_spacing, None);
        view.edges.push(ViewEdge { from: 3, ..view.edges[0].clone() });
        picture.lines.push(vec![Point { x: 53.0, y: 150.0 }, Point { x: 53.0, y: 110.0 }]);
        assert_eq!(measure(&view, &picture, 0).arrow_spacing, Some(3.0));
        picture.lines[1].reverse();
        assert_eq!(measure(&view, &picture, 0).arrow_spacing, None, "they come in from two sides");
    }

    #[test]
    fn empty_space_is_found() {
        let (view, mut picture) = clean();
        assert!(measure(&view, &picture, 0).empty < 0.2);
        picture.width = 400.0;
        let empty = measure(&view, &picture, 0).empty;
        assert!((0.7..0.8).contains(&empty), "{empty}");
    }

    #[test]
    fn pictures_that_nobody_can_look_at_are_told() {
        let (view, mut picture) = clean();
        assert!(measure(&view, &picture, 0).hints.is_empty());
        picture.height = 12_100.0;
        let hints = measure(&view, &picture, 0).hints;
        assert!(hints[0].starts_with("the picture is 100 x 12100 pixels"), "{hints:?}");
    }

    #[test]
    fn lost_edges_are_found() {
        let (view, mut picture) = clean();
        picture.lines[0].clear();
        assert_eq!(measure(&view, &picture, 0).lost_edges, 1);
    }

    #[test]
    fn crossings_are_counted_between_strangers_alone() {
        let (mut view, mut picture) = clean();
        let line = |x1, y1, x2, y2| vec![Point { x: x1, y: y1 }, Point { x: x2, y: y2 }];
        picture.lines.push(line(20.0, 130.0, 400.0, 130.0));
        view.edges.push(ViewEdge { from: 3, to: 0, ..view.edges[0].clone() });
        assert_eq!(measure(&view, &picture, 0).crossings, 1);
        view.edges[1].from = 1;
        assert_eq!(measure(&view, &picture, 0).crossings, 0);
    }
}

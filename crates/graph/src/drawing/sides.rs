//! Lines that come into the side of a box from different frames know nothing of each other: where they would end in one
//! place, they are spread over the side.

use std::collections::BTreeMap;

use super::geometry::Point;
use super::picture::Picture;
use crate::view::{BoxId, View};

/// Ends nearer to each other than this are spread.
const NEAR: f64 = 6.0;
/// Horizontal.
const FLAT: f64 = 0.05;

/// An end in a side: how far away its line turns, whether it comes from above, and its edge.
#[derive(Clone, Copy, Debug)]
struct End {
    edge: usize,
    y: f64,
    far: f64,
    from_above: bool,
}

/// Spreads the ends in every side that come too near to each other.
pub(crate) fn spread(view: &View, picture: &mut Picture) {
    let mut sides: BTreeMap<(BoxId, bool), Vec<End>> = BTreeMap::new();
    for (edge, line) in picture.lines.iter().enumerate() {
        let [.., before, turn, end] = line.as_slice() else { continue };
        if (turn.y - end.y).abs() < FLAT && (before.x - turn.x).abs() < FLAT {
            let from_left = turn.x < end.x;
            let far = (turn.x - end.x).abs();
            let found = End { edge, y: end.y, far, from_above: before.y < turn.y };
            sides.entry((view.edges[edge].to, from_left)).or_default().push(found);
        }
    }
    for ((target, _), mut ends) in sides {
        ends.sort_by(|a, b| a.y.total_cmp(&b.y));
        let is_near = |pair: &[End]| {
            view.edges[pair[0].edge].from != view.edges[pair[1].edge].from && pair[1].y - pair[0].y < NEAR
        };
        if !ends.windows(2).any(is_near) {
            continue;
        }
        // From the top, so that no line crosses another on its way in: of those from above the nearest comes first, of
        // those from below the furthest.
        let order = |end: &End| (!end.from_above, if end.from_above { end.far } else { -end.far });
        ends.sort_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(std::cmp::Ordering::Equal));
        let mut origins: Vec<BoxId> = ends.iter().map(|end| view.edges[end.edge].from).collect();
        origins.dedup();
        let rect = picture.rects[target];
        let mut place = 0;
        let mut last = None;
        for end in ends {
            let from = view.edges[end.edge].from;
            place += usize::from(last.replace(from) != Some(from));
            let y = rect.y + rect.h * place as f64 / (origins.len() + 1) as f64;
            if let [.., turn, end] = picture.lines[end.edge].as_mut_slice() {
                (*turn, *end) = (Point { y, ..*turn }, Point { y, ..*end });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::geometry::Rect;
    use crate::view::{EdgeRole, ViewEdge};

    #[test]
    fn ends_in_one_place_are_spread_without_a_crossing() {
        let edge =
            |from| ViewEdge { from, to: 0, role: EdgeRole::Lateral, shape: None, detail: None, uses: 1 };
        let view = View {
            title: String::new(),
            description: String::new(),
            boxes: Vec::new(),
            edges: (1..4).map(edge).collect(),
        };
        let line =
            |x: f64, from: f64| [(x, from), (x, 20.0), (100.0, 20.0)].map(|(x, y)| Point { x, y }).to_vec();
        let mut picture = Picture {
            rects: vec![Rect { x: 100.0, y: 0.0, w: 50.0, h: 40.0 }],
            // From below nearby, from below far away, from above.
            lines: vec![line(80.0, 200.0), line(50.0, 200.0), line(60.0, -100.0)],
            ..Picture::default()
        };
        spread(&view, &mut picture);
        let ends: Vec<f64> = picture.lines.iter().map(|line| line[2].y).collect();
        assert_eq!(ends, [30.0, 20.0, 10.0]);
        assert!(picture.lines.iter().all(|line| line[1].y == line[2].y && line[0].x == line[1].x));
        let before = picture.lines.clone();
        spread(&view, &mut picture);
        assert_eq!(picture.lines, before, "what is apart stays");
    }
}

//! Attention reads its input as query, key and value: like the paper's Figure 1, the line that leads there ends in as
//! many arrows. So does the line into a sum or a product whose two sides come out of one closed box.

use super::geometry::{Point, Rect};
use super::picture::Picture;
use crate::view::{BoxKind, View, ViewEdge};

/// From the target's border to where the line splits.
const STEM: f64 = 13.0;
/// Between the arrows.
const SPREAD: f64 = 13.0;
/// The same below a circled plus, and how far its border is from the corner of its square there.
const SPREAD_OF_CIRCLE: f64 = 11.0;
const DIP: f64 = 1.5;
/// Room that the gap below a target needs for it.
pub(crate) const ROOM: f64 = 9.0;

/// Whether an edge ends in several arrows.
pub(crate) fn is_forked(view: &View, edge: &ViewEdge) -> bool {
    let target = &view.boxes[edge.to];
    let joins = matches!(target.kind, BoxKind::Add | BoxKind::Other) && target.operations == 1;
    (2..=4).contains(&edge.uses)
        && (target.kind == BoxKind::Attention || joins)
        && view.is_leaf(edge.to)
        && edge.from != edge.to
}

/// By box: whether a line that ends in it from below is forked.
pub(crate) fn targets(view: &View) -> Vec<bool> {
    let mut targets = vec![false; view.boxes.len()];
    view.edges.iter().filter(|edge| is_forked(view, edge)).for_each(|edge| targets[edge.to] = true);
    targets
}

/// Splits the ends of forked lines: the line itself is cut to where it splits, and each arrow is a line of its own.
pub(crate) fn split(view: &View, picture: &mut Picture) {
    let mut arrows = vec![Vec::new(); view.edges.len()];
    for (number, edge) in view.edges.iter().enumerate().filter(|(_, edge)| is_forked(view, edge)) {
        let others = |other: &usize| *other != number && view.edges[*other].to == edge.to;
        let ends: Vec<Point> = (0..view.edges.len())
            .filter(others)
            .filter_map(|other| picture.lines[other].last().copied())
            .collect();
        let kind = view.boxes[edge.to].kind;
        let border = picture.rects[edge.to];
        arrows[number] = fork(&picture.lines[number], edge.uses, &ends, kind, border).unwrap_or_default();
        if let Some(first) = arrows[number].first().map(|arrow| arrow[0])
            && let Some(end) = picture.lines[number].last_mut()
        {
            *end = first;
        }
    }
    picture.arrows = arrows;
}

/// The arrows of a line, unless there is no room for them on the border of the target, where other lines end as well.
fn fork(
    line: &[Point],
    uses: usize,
    ends: &[Point],
    target: BoxKind,
    border: Rect,
) -> Option<Vec<Vec<Point>>> {
    let [.., from, end] = *line else { return None };
    let (dx, dy) = (end.x - from.x, end.y - from.y);
    let length = dx.abs() + dy.abs();
    let (spread, dip, margins) = match target {
        BoxKind::Add => (SPREAD_OF_CIRCLE, DIP, (5.0, 5.0)),
        _ => (SPREAD, 0.0, (8.0, 6.0)),
    };
    let split = Point { x: end.x - dx / length * STEM, y: end.y - dy / length * STEM };
    let is_upright = dx.abs() < dy.abs();
    let moved = |point: Point, by: f64| match is_upright {
        true => Point { x: point.x + by, ..point },
        false => Point { y: point.y + by, ..point },
    };
    let offsets: Vec<f64> = (0..uses).map(|n| (n as f64 - (uses - 1) as f64 / 2.0) * spread).collect();
    let reach = spread * (uses - 1) as f64 / 2.0;
    let is_within = match is_upright {
        true => border.x + margins.0 < end.x - reach && end.x + reach < border.right() - margins.0,
        false => border.y + margins.1 < end.y - reach && end.y + reach < border.top() - margins.1,
    };
    let is_free = ends.iter().all(|other| (other.x - end.x).abs() + (other.y - end.y).abs() > reach + spread);
    if length < STEM + 2.0 || !is_within || !is_free {
        return None;
    }
    let arrow = |&by: &f64| {
        let end = Point { x: end.x + dx / length * dip, y: end.y + dy / length * dip };
        if by.abs() < 0.05 { vec![split, end] } else { vec![split, moved(split, by), moved(end, by)] }
    };
    Some(offsets.iter().map(arrow).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BORDER: Rect = Rect { x: 0.0, y: 0.0, w: 100.0, h: 40.0 };

    fn points(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    #[test]
    fn a_line_ends_in_as_many_arrows_as_it_has_uses() {
        let line = points(&[(50.0, 80.0), (50.0, 40.0)]);
        let arrows = fork(&line, 3, &[], BoxKind::Attention, BORDER).unwrap();
        assert_eq!(arrows.len(), 3);
        assert_eq!(arrows[0], points(&[(50.0, 53.0), (37.0, 53.0), (37.0, 40.0)]));
        assert_eq!(arrows[1], points(&[(50.0, 53.0), (50.0, 40.0)]));
        let from_the_side =
            fork(&points(&[(-30.0, 20.0), (0.0, 20.0)]), 2, &[], BoxKind::Attention, BORDER).unwrap();
        assert_eq!(from_the_side[0], points(&[(-13.0, 20.0), (-13.0, 13.5), (0.0, 13.5)]));
    }

    #[test]
    fn both_sides_of_a_sum_may_come_along_one_line() {
        let circle = Rect { x: 0.0, y: 0.0, w: 22.0, h: 22.0 };
        let arrows = fork(&points(&[(11.0, 60.0), (11.0, 22.0)]), 2, &[], BoxKind::Add, circle).unwrap();
        assert_eq!(arrows[1], points(&[(11.0, 35.0), (16.5, 35.0), (16.5, 20.5)]));
    }

    #[test]
    fn without_room_there_is_one_arrow() {
        let line = points(&[(50.0, 80.0), (50.0, 40.0)]);
        assert_eq!(
            fork(&line, 3, &points(&[(60.0, 40.0)]), BoxKind::Attention, BORDER),
            None,
            "another line ends there"
        );
        assert_eq!(
            fork(&points(&[(50.0, 50.0), (50.0, 40.0)]), 3, &[], BoxKind::Attention, BORDER),
            None,
            "too short"
        );
        assert_eq!(
            fork(&points(&[(9.0, 80.0), (9.0, 40.0)]), 3, &[], BoxKind::Attention, BORDER),
            None,
            "too near the corner"
        );
    }
}

//! How well a picture uses its space: the largest part of it in which nothing is, and how close arrows come together.

use std::collections::BTreeMap;

use super::geometry::{Point, Rect};
use super::grid::around;
use super::lettering::extent;
use super::picture::Picture;
use crate::view::{BoxId, View};

/// Space is measured in squares of about so many pixels; of very large pictures, in so many squares at most.
const SQUARE: f64 = 16.0;
const ACROSS: usize = 160;
const DOWN: usize = 640;

/// The share of the picture, without its legend, that its largest empty rectangle takes.
pub(crate) fn empty(view: &View, picture: &Picture) -> f64 {
    let gauge = picture.gauge.iter().map(|gauge| gauge.top);
    let legend = picture.legend.iter().map(|(_, rect)| rect.y).chain(gauge).fold(picture.height, f64::min);
    let squares = |length: f64, most: usize| ((length / SQUARE).ceil() as usize).clamp(1, most);
    let (across, down) = (squares(picture.width, ACROSS), squares(legend, DOWN));
    let (w, h) = (picture.width / across as f64, legend / down as f64);
    let mut used = vec![false; across * down];
    let mut mark = |rect: &Rect| {
        let place = |x: f64, size: f64, count: usize| ((x / size).max(0.0) as usize).min(count - 1);
        for y in place(rect.y, h, down)..=place(rect.top(), h, down) {
            let row = y * across;
            used[row + place(rect.x, w, across)..=row + place(rect.right(), w, across)].fill(true);
        }
    };
    (0..view.boxes.len()).filter(|&id| view.is_leaf(id)).for_each(|id| mark(&picture.rects[id]));
    picture.words.iter().flatten().for_each(|words| mark(&extent(words)));
    for line in picture.lines.iter().chain(picture.arrows.iter().flatten()) {
        line.windows(2).for_each(|pair| mark(&around(pair[0], pair[1])));
    }
    largest(&used, across) as f64 / used.len() as f64
}

/// The number of squares in the largest rectangle without a used one: of the heights that are free above each row, those
/// that rise are kept on a stack.
fn largest(used: &[bool], across: usize) -> usize {
    let mut free = vec![0_usize; across];
    let mut best = 0;
    for row in used.chunks(across) {
        free.iter_mut().zip(row).for_each(|(free, &used)| *free = if used { 0 } else { *free + 1 });
        // Height, and where it begins.
        let mut rising: Vec<(usize, usize)> = Vec::new();
        for (x, &height) in free.iter().chain([&0]).enumerate() {
            let mut from = x;
            while let Some(&(before, start)) = rising.last().filter(|(before, _)| *before >= height) {
                best = best.max(before * (x - start));
                from = start;
                rising.pop();
            }
            rising.push((height, from));
        }
    }
    best
}

/// The smallest distance between two arrows of different origin that end in the same side of the same box.
pub(crate) fn arrow_spacing(view: &View, picture: &Picture) -> Option<f64> {
    // By box and side: the place along the side, in tenths of a pixel, and the origin.
    let mut ends: BTreeMap<(BoxId, u8), Vec<(i64, BoxId)>> = BTreeMap::new();
    for (number, edge) in view.edges.iter().enumerate() {
        let forked = picture.arrows.get(number).filter(|arrows| !arrows.is_empty());
        let lines: Vec<&Vec<Point>> = match forked {
            Some(arrows) => arrows.iter().collect(),
            None => vec![&picture.lines[number]],
        };
        for line in lines {
            let [.., before, end] = line.as_slice() else { continue };
            let is_upright = (before.x - end.x).abs() < (before.y - end.y).abs();
            let (side, place) = match is_upright {
                true => (u8::from(before.y < end.y), end.x),
                false => (2 + u8::from(before.x < end.x), end.y),
            };
            ends.entry((edge.to, side)).or_default().push(((place * 10.0).round() as i64, edge.from));
        }
    }
    let gaps = ends.values_mut().flat_map(|ends| {
        ends.sort_unstable();
        let strangers = ends.windows(2).filter(|pair| pair[0].1 != pair[1].1);
        strangers.map(|pair| pair[1].0 - pair[0].0).collect::<Vec<_>>()
    });
    gaps.min().map(|gap| gap as f64 / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_empty_rectangle_is_found() {
        let squares = |rows: &[&str]| -> Vec<bool> {
            rows.iter().flat_map(|row| row.chars().map(|c| c == '#')).collect()
        };
        assert_eq!(largest(&squares(&["#..#", "...#", "#..#"]), 4), 6);
        assert_eq!(largest(&squares(&["....", "#.##", "...."]), 4), 4);
        assert_eq!(largest(&squares(&["###", "###"]), 3), 0);
        assert_eq!(largest(&squares(&["..", ".."]), 2), 4);
    }
}

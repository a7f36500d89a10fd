//! A very high picture, wrapped into columns that are read from left to right, each from the bottom up.
//!
//! It is cut where only upright lines are. What crosses a cut goes on over the top of its column, down between the two,
//! and up again into the next one; several lines run beside each other without crossing.

use std::collections::BTreeMap;

use super::compose::legend;
use super::geometry::{Point, Rect, simplified};
use super::grid::around;
use super::lettering::extent;
use super::picture::Picture;
use crate::view::{BoxId, View};

/// Around the columns.
const MARGIN: f64 = 18.0;
/// Between two columns, without the lines that lead from one to the next.
const BETWEEN: f64 = 30.0;
/// From one such line to the next, and from the boxes to the first.
const WIRE: f64 = 9.0;
/// A cut is so far below a box: where nothing but arrows can be, or before they fork.
const BELOW: [f64; 2] = [6.0, 20.0];
/// To be nearer to where the cut should be, this many pixels are worth one line less that crosses it.
const WORTH: f64 = 40.0;

/// A height at which the picture can be cut.
#[derive(Clone, Debug)]
struct Cut {
    y: f64,
    /// Where lines cross it: tenths of a pixel and origin, from the right to the left.
    wires: Vec<(i64, BoxId)>,
}

/// One column: what lies between two cuts, and by how much it moves.
#[derive(Clone, Copy, Debug)]
struct Column {
    by: Point,
    /// Its sides and its ends, where it comes to stand.
    place: Rect,
}

/// Wraps the picture if it is higher than `limit` and can be cut.
pub(crate) fn wrap(view: &View, picture: &mut Picture, limit: f64, with_legend: bool) {
    let body = picture.rects[View::ROOT].h;
    let count = (body / limit.max(1.0)).ceil();
    if count < 2.0 {
        return;
    }
    let possible = cuts(view, picture);
    let mut chosen: Vec<Cut> = Vec::new();
    for n in 1..count as usize {
        let ideal = body - body * n as f64 / count;
        let badness = |cut: &&Cut| (cut.y - ideal).abs() + WORTH * cut.wires.len() as f64;
        let above = possible.iter().filter(|cut| chosen.last().is_none_or(|last| cut.y < last.y));
        let near = above.filter(|cut| (cut.y - ideal).abs() < body / count);
        chosen.extend(near.min_by(|a, b| badness(a).total_cmp(&badness(b))).cloned());
    }
    if !chosen.is_empty() {
        rearrange(view, picture, &chosen, with_legend);
    }
}

/// Where the picture can be cut: below a box of the outermost level, where nothing but upright lines is.
fn cuts(view: &View, picture: &Picture) -> Vec<Cut> {
    let children: Vec<Rect> = view.boxes[View::ROOT].children.iter().map(|&id| picture.rects[id]).collect();
    // There must be something below it.
    let lowest = children.iter().map(|rect| rect.y).fold(0.0, f64::max);
    let mut heights: Vec<f64> = children
        .iter()
        .flat_map(|rect| BELOW.map(|below| rect.top() + below))
        .filter(|y| *y < lowest)
        .collect();
    heights.sort_by(f64::total_cmp);
    heights.dedup();
    let mut wires: Vec<Option<BTreeMap<i64, BoxId>>> = vec![Some(BTreeMap::new()); heights.len()];
    let within = |top: f64, bottom: f64| {
        heights.partition_point(|y| *y < top - 2.0)..heights.partition_point(|y| *y <= bottom + 2.0)
    };
    let closed = children.iter().map(|rect| within(rect.y, rect.top()));
    let forks = picture.arrows.iter().flatten().flat_map(|arrow| arrow.windows(2));
    let forks = forks.map(|pair| around(pair[0], pair[1])).map(|rect| within(rect.y, rect.top()));
    for place in closed.chain(forks).flatten() {
        wires[place] = None;
    }
    for (edge, line) in view.edges.iter().zip(&picture.lines) {
        for pair in line.windows(2) {
            let rect = around(pair[0], pair[1]);
            let is_upright = rect.w < 0.05;
            for place in within(rect.y, rect.top()) {
                let is_whole = rect.y < heights[place] - 1.0 && heights[place] + 1.0 < rect.top();
                if !is_upright || !is_whole {
                    wires[place] = None;
                } else if let Some(wires) = &mut wires[place] {
                    wires.insert(tenths(rect.x), edge.from);
                }
            }
        }
    }
    let cut = |(y, wires): (f64, Option<BTreeMap<i64, BoxId>>)| {
        Some(Cut { y, wires: wires?.into_iter().rev().collect() })
    };
    heights.into_iter().zip(wires).filter_map(cut).collect()
}

fn tenths(x: f64) -> i64 {
    (x * 10.0).round() as i64
}

/// Moves everything to its column.
fn rearrange(view: &View, picture: &mut Picture, cuts: &[Cut], with_legend: bool) {
    let column_of = |y: f64| cuts.iter().filter(|cut| y < cut.y).count();
    let columns = columns(view, picture, cuts, column_of);
    let lines = picture.lines.iter().map(|line| wrapped(line, cuts, &columns, column_of)).collect();
    let mut owner = vec![0; view.boxes.len()];
    for id in 1..view.boxes.len() {
        owner[id] = match view.boxes[id].parent {
            Some(View::ROOT) => column_of(picture.rects[id].middle().y),
            parent => parent.map_or(0, |parent| owner[parent]),
        };
    }
    for (id, rect) in picture.rects.iter_mut().enumerate().skip(1) {
        *rect = Rect { x: rect.x + columns[owner[id]].by.x, y: rect.y + columns[owner[id]].by.y, ..*rect };
        for words in &mut picture.words[id] {
            words.at = moved(words.at, columns[owner[id]].by);
        }
    }
    for (edge, arrows) in view.edges.iter().zip(&mut picture.arrows) {
        arrows.iter_mut().flatten().for_each(|point| *point = moved(*point, columns[owner[edge.to]].by));
    }
    picture.lines = lines;
    let right = columns.last().map_or(0.0, |column| column.place.right());
    let bottom = columns.iter().map(|column| column.place.top()).fold(0.0, f64::max);
    let most = cuts.iter().map(|cut| cut.wires.len()).max().unwrap_or(0) as f64;
    picture.width = picture.width.max(right + MARGIN);
    let body = bottom + WIRE * most + MARGIN;
    picture.rects[View::ROOT] = Rect { x: 0.0, y: 0.0, w: picture.width, h: body };
    (picture.legend, picture.height) =
        if with_legend { legend(view, picture.width, body) } else { (Vec::new(), body) };
}

/// Where every column comes to stand. All end at the same height below.
fn columns(view: &View, picture: &Picture, cuts: &[Cut], column_of: impl Fn(f64) -> usize) -> Vec<Column> {
    let count = cuts.len() + 1;
    let mut extents: Vec<Option<Rect>> = vec![None; count];
    let mut add = |n: usize, rect: &Rect| {
        let joined = |known: &Rect| {
            let (x, y) = (known.x.min(rect.x), known.y.min(rect.y));
            Rect { x, y, w: known.right().max(rect.right()) - x, h: known.top().max(rect.top()) - y }
        };
        extents[n] = Some(extents[n].as_ref().map_or(*rect, joined));
    };
    for &id in &view.boxes[View::ROOT].children {
        let n = column_of(picture.rects[id].middle().y);
        add(n, &picture.rects[id]);
        picture.words[id].iter().for_each(|words| add(n, &extent(words)));
    }
    for pair in picture.lines.iter().flat_map(|line| line.windows(2)) {
        let rect = around(pair[0], pair[1]);
        let (top, bottom) = (column_of(rect.y), column_of(rect.top()));
        for n in bottom..=top {
            // Only as much of it as is in the column.
            let (from, to) =
                (cuts.get(n).map_or(f64::MIN, |cut| cut.y), if n > 0 { cuts[n - 1].y } else { f64::MAX });
            let (y, end) = (rect.y.max(from), rect.top().min(to));
            add(n, &Rect { y, h: end - y, ..rect });
        }
    }
    let extents: Vec<Rect> = extents.into_iter().map(Option::unwrap_or_default).collect();
    let most = cuts.iter().map(|cut| cut.wires.len()).max().unwrap_or(0) as f64;
    let bottom = extents.iter().map(|extent| extent.h).fold(0.0, f64::max) + MARGIN + WIRE * most;
    let mut x = MARGIN;
    let place = |(n, extent): (usize, Rect)| {
        let place = Rect { x, y: bottom - extent.h, ..extent };
        x = place.right() + BETWEEN + cuts.get(n).map_or(0.0, |cut| WIRE * cut.wires.len() as f64);
        Column { by: Point { x: place.x - extent.x, y: place.y - extent.y }, place }
    };
    extents.into_iter().enumerate().map(place).collect()
}

/// A line with every piece of it in its column.
fn wrapped(line: &[Point], cuts: &[Cut], columns: &[Column], column_of: impl Fn(f64) -> usize) -> Vec<Point> {
    let Some(&first) = line.first() else { return Vec::new() };
    let mut here = column_of(first.y);
    let mut points = vec![moved(first, columns[here].by)];
    for &point in &line[1..] {
        let there = column_of(point.y);
        while here != there {
            let up = here < there;
            let lower = if up { here } else { here - 1 };
            let mut way = way(point.x, &cuts[lower], columns[lower], columns[lower + 1]);
            if !up {
                way.reverse();
            }
            points.extend(way);
            here = if up { here + 1 } else { here - 1 };
        }
        points.push(moved(point, columns[here].by));
    }
    simplified(points)
}

/// From the top of a column to the bottom of the next, for the line that crosses the cut between them at `x`: the further
/// to the right, the nearer to the column on its way over and down, and the further below the next one.
fn way(x: f64, cut: &Cut, lower: Column, upper: Column) -> Vec<Point> {
    let n = cut.wires.iter().position(|&(wire, _)| (wire - tenths(x)).abs() <= 1).unwrap_or(0) as f64;
    let over = lower.place.y - WIRE * (n + 1.0);
    let down = lower.place.right() + BETWEEN / 2.0 + WIRE * n;
    let under = upper.place.top() + WIRE * (cut.wires.len() as f64 - n);
    let (from, to) = (x + lower.by.x, x + upper.by.x);
    [(from, over), (down, over), (down, under), (to, under)].map(|(x, y)| Point { x, y }).to_vec()
}

fn moved(point: Point, by: Point) -> Point {
    Point { x: point.x + by.x, y: point.y + by.y }
}

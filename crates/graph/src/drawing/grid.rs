//! An index of rectangles by place, so that what meets what is found without comparing everything.

use hashbrown::HashMap;

use super::geometry::{Point, Rect};

/// Width and height of a cell.
const CELL: f64 = 128.0;

/// Rectangles by the cells that they touch.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    cells: HashMap<(i64, i64), Vec<usize>>,
}

/// The rectangle around an axis-parallel segment.
pub(crate) fn around(a: Point, b: Point) -> Rect {
    Rect { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() }
}

/// The cell of a point.
pub(crate) fn cell(point: Point) -> (i64, i64) {
    ((point.x / CELL).floor() as i64, (point.y / CELL).floor() as i64)
}

/// All cells that a rectangle touches.
pub(crate) fn cells(rect: &Rect) -> impl Iterator<Item = (i64, i64)> + use<> {
    let (left, top) = cell(Point { x: rect.x, y: rect.y });
    let (right, bottom) = cell(Point { x: rect.right(), y: rect.top() });
    (left..=right).flat_map(move |x| (top..=bottom).map(move |y| (x, y)))
}

impl Grid {
    /// An index of rectangles, each by its number.
    pub(crate) fn new(rects: impl Iterator<Item = (usize, Rect)>) -> Self {
        let mut grid = Self::default();
        rects.for_each(|(number, rect)| grid.insert(number, rect));
        grid
    }

    /// Adds one more.
    pub(crate) fn insert(&mut self, number: usize, rect: Rect) {
        cells(&rect).for_each(|cell| self.cells.entry(cell).or_default().push(number));
    }

    /// What touches a cell.
    pub(crate) fn at(&self, cell: (i64, i64)) -> &[usize] {
        self.cells.get(&cell).map_or(&[], Vec::as_slice)
    }

    /// What may meet the rectangle, each once.
    pub(crate) fn near(&self, rect: &Rect) -> Vec<usize> {
        let mut near: Vec<usize> = cells(rect).flat_map(|cell| self.at(cell)).copied().collect();
        near.sort_unstable();
        near.dedup();
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_found_once() {
        let rect = |x: f64, w: f64| Rect { x, y: 10.0, w, h: 300.0 };
        let grid = Grid::new([rect(0.0, 500.0), rect(1000.0, 5.0)].into_iter().enumerate());
        assert_eq!(grid.near(&rect(100.0, 400.0)), [0]);
        assert_eq!(grid.near(&rect(100.0, 1400.0)), [0, 1]);
        assert!(grid.near(&rect(2000.0, 1.0)).is_empty());
    }
}

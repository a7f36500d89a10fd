//! Outlines of the places where a function is below a level (marching squares).

use std::collections::BTreeMap;

/// Where an outline crosses the grid: on the edge from a point of the grid to its right neighbour, or to the one below.
type Crossing = (usize, usize, bool);

/// A function's values on a grid of places.
pub(crate) struct Grid {
    /// Places of the columns and of the rows.
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    /// By row and column; what is no number counts as above every level.
    pub(crate) values: Vec<Vec<f64>>,
}

impl Grid {
    /// Closed outlines of the area where the values are below `level`: outlines within outlines are holes.
    pub(crate) fn below(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let mut next = self.segments(level);
        let mut outlines = Vec::new();
        while let Some((&first, _)) = next.first_key_value() {
            let mut outline = Vec::new();
            let mut at = first;
            // Every crossing has one follower, so each walk comes back to its beginning.
            while let Some(following) = next.remove(&at) {
                outline.push(self.place(at, level));
                at = following;
            }
            outlines.push(outline);
        }
        outlines
    }

    /// The value at a point of the grid with a rim around it, which is above every level.
    fn value(&self, column: usize, row: usize) -> f64 {
        let inner = |place: usize| place.checked_sub(1);
        let found = inner(row).and_then(|row| self.values.get(row)?.get(inner(column)?).copied());
        found.filter(|value| !value.is_nan()).unwrap_or(f64::INFINITY)
    }

    /// For each crossing the next one, with what is below the level at the right hand.
    fn segments(&self, level: f64) -> BTreeMap<Crossing, Crossing> {
        let mut next = BTreeMap::new();
        for row in 0..=self.y.len() {
            for column in 0..=self.x.len() {
                // Clockwise from the upper left; each edge lies between its corner and the next.
                let corners =
                    [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(dx, dy)| self.value(column + dx, row + dy));
                let edges: [Crossing; 4] = [
                    (column, row, true),
                    (column + 1, row, false),
                    (column, row + 1, true),
                    (column, row, false),
                ];
                let below = corners.map(|value| value < level);
                let leaves: Vec<usize> = (0..4).filter(|&n| below[n] && !below[(n + 1) % 4]).collect();
                let enters: Vec<usize> = (0..4).filter(|&n| !below[n] && below[(n + 1) % 4]).collect();
                // In a saddle the mean decides whether the low corners are joined.
                let joined = corners.iter().sum::<f64>() / 4.0 < level;
                for &leave in &leaves {
                    let after = |steps: usize| (leave + steps) % 4;
                    let order = if joined { [1, 2, 3] } else { [3, 2, 1] };
                    if let Some(enter) = order.map(after).into_iter().find(|edge| enters.contains(edge)) {
                        next.insert(edges[leave], edges[enter]);
                    }
                }
            }
        }
        next
    }

    /// Where on its edge the level is reached.
    fn place(&self, (column, row, right): Crossing, level: f64) -> (f64, f64) {
        let (to_column, to_row) = if right { (column + 1, row) } else { (column, row + 1) };
        let (a, b) = (self.value(column, row), self.value(to_column, to_row));
        let share = (level - a) / (b - a);
        let share =
            if share.is_finite() && (a.is_finite() && b.is_finite()) { share.clamp(0.0, 1.0) } else { 0.5 };
        let between = |places: &[f64], from: usize, to: usize| {
            // The rim lies where the outermost points do.
            let at = |place: usize| places.get(place.saturating_sub(1).min(places.len() - 1)).copied();
            let (from, to) = (at(from).unwrap_or(0.0), at(to).unwrap_or(0.0));
            from + share * (to - from)
        };
        (between(&self.x, column, to_column), between(&self.y, row, to_row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(count: usize, value: impl Fn(f64, f64) -> f64) -> Grid {
        let places: Vec<f64> = (0..count).map(|n| 2.0 * n as f64 / (count - 1) as f64 - 1.0).collect();
        let values = places.iter().map(|&y| places.iter().map(|&x| value(x, y)).collect()).collect();
        Grid { x: places.clone(), y: places, values }
    }

    /// Twice the signed area.
    fn area(outline: &[(f64, f64)]) -> f64 {
        let next = outline.iter().cycle().skip(1);
        outline.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
    }

    #[test]
    fn the_outline_of_a_bowl_is_a_circle() {
        let outlines = grid(61, |x, y| x * x + y * y).below(0.49);
        assert_eq!(outlines.len(), 1);
        assert!(outlines[0].iter().all(|(x, y)| (x.hypot(*y) - 0.7).abs() < 1e-3));
        assert!((area(&outlines[0]).abs() - std::f64::consts::PI * 0.49).abs() < 1e-2);
    }

    #[test]
    fn what_reaches_the_border_ends_there_and_a_hill_is_a_hole() {
        let half = grid(21, |x, _| x).below(0.0);
        assert!(half.len() == 1 && (area(&half[0]).abs() - 2.0).abs() < 1e-9);
        let ring = grid(41, |x, y| -(x * x + y * y)).below(-0.25);
        let areas: Vec<f64> = ring.iter().map(|outline| area(outline)).collect();
        assert_eq!(ring.len(), 2);
        assert!(areas[0] * areas[1] < 0.0, "they turn in opposite directions: {areas:?}");
        assert!(grid(5, |_, _| 1.0).below(0.0).is_empty());
    }

    #[test]
    fn every_crossing_of_a_rough_surface_is_on_one_outline() {
        // A chessboard of saddles, with holes where the function has no value.
        let rough = grid(17, |x, y| if x > 0.9 { f64::NAN } else { (9.0 * x).sin() * (8.0 * y).cos() });
        let count = rough.segments(0.1).len();
        assert_eq!(rough.below(0.1).iter().map(Vec::len).sum::<usize>(), count);
        assert!(count > 50);
    }
}

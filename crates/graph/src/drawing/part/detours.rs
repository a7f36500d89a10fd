//! Detours: lanes beside the boxes of a tower, for the links that are led around.

use std::collections::{BTreeMap, BTreeSet};

use super::spots::{Part, Spot};
use crate::drawing::inside::Side;
use crate::drawing::scope::Link;

/// From the boxes to the first lane, and from one lane to the next.
const LANE: f64 = 14.0;

/// The rows that a link spans, and its number.
type Span = (usize, usize, usize);

impl Part {
    /// Finds a lane beside the boxes for each link that is led around within the tower. Errs with those for which there
    /// is no free way.
    pub(super) fn assign_lanes(
        &mut self,
        links: &[Link],
        aside: &[usize],
        side: Side,
    ) -> Result<(), Vec<usize>> {
        let other = if side == Side::Left { Side::Right } else { Side::Left };
        let borders = self.borders();
        let mut wanted: BTreeMap<bool, Vec<Span>> = BTreeMap::new();
        let mut blocked = Vec::new();
        for &l in aside {
            let ends = (self.index.get(&links[l].from), self.index.get(&links[l].to));
            let (Some(&from), Some(&to)) = ends else { continue };
            let (low, high) = (self.spots[from].row, self.spots[to].row);
            let free = |side: &Side| is_free(&self.spots[to], borders[high], *side);
            match [side, other].into_iter().find(free).filter(|_| low < high) {
                Some(side) => wanted.entry(side == Side::Left).or_default().push((low, high, l)),
                None => blocked.push(l),
            }
        }
        if !blocked.is_empty() {
            return Err(blocked);
        }
        for (left, spans) in wanted {
            self.fill_lanes(left, spans);
        }
        Ok(())
    }

    /// The leftmost and rightmost left borders in each row.
    fn borders(&self) -> Vec<(f64, f64)> {
        let rows = self.spots.iter().map(|spot| spot.row + 1).max().unwrap_or(0);
        let mut borders = vec![(f64::INFINITY, f64::NEG_INFINITY); rows];
        for spot in &self.spots {
            let (left, right) = &mut borders[spot.row];
            (*left, *right) = (left.min(spot.x), right.max(spot.x));
        }
        borders
    }

    fn fill_lanes(&mut self, left: bool, mut spans: Vec<Span>) {
        spans.sort_by_key(|&(low, high, l)| (high - low, low, l));
        let rows: BTreeSet<usize> = spans.iter().flat_map(|&(low, high, _)| low + 1..=high).collect();
        let spanned = self.spots.iter().filter(|spot| rows.contains(&spot.row));
        let edge = if left {
            spanned.map(|spot| spot.x).fold(f64::INFINITY, f64::min) - LANE
        } else {
            spanned.map(|spot| spot.x + spot.w).fold(f64::NEG_INFINITY, f64::max) + LANE
        };
        let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
        for (low, high, l) in spans {
            let free = |lane: &Vec<(usize, usize)>| lane.iter().all(|&(a, b)| high <= a || b <= low);
            let lane = taken.iter().position(free).unwrap_or(taken.len());
            if lane == taken.len() {
                taken.push(Vec::new());
            }
            taken[lane].push((low, high));
            let offset = lane as f64 * LANE * 0.75;
            self.lanes.insert(l, if left { edge - offset } else { edge + offset });
        }
    }
}

/// Whether a line can come into the spot from that side.
fn is_free(spot: &Spot, (left, right): (f64, f64), side: Side) -> bool {
    match side {
        Side::Left => spot.x <= left,
        Side::Right => spot.x >= right,
    }
}

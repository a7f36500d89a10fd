//! A line that passes many rows is one straight piece, as far as what stands in the rows allows: every bend asks the eye
//! whether something is meant by it.

use super::spots::{PASS, Part};
use crate::drawing::rows::Joint;

/// The places where a spot may stand.
type Room = (f64, f64);
/// The places where a line passes rows, and where they would stand if it were straight from its start, or to its end.
type Line = (Vec<usize>, [Option<f64>; 2]);

impl Part {
    /// Moves the places where lines pass rows, each between its neighbours, so that those of one line are one above the
    /// other. Nothing else moves, and the order in the rows stays.
    pub(super) fn line_up(&mut self, gap: f64) {
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for (n, spot) in self.spots.iter().enumerate() {
            rows.resize(rows.len().max(spot.row + 1), Vec::new());
            rows[spot.row].push(n);
        }
        let mut place = vec![0; self.spots.len()];
        for row in &mut rows {
            row.sort_by(|&a, &b| self.spots[a].x.total_cmp(&self.spots[b].x));
            row.iter().enumerate().for_each(|(at, &n)| place[n] = at);
        }
        let (left, right) =
            self.spots.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(left, right), spot| {
                (left.min(spot.x), right.max(spot.x + spot.w))
            });
        let lines: Vec<Line> = self.chains.values().filter_map(|chain| self.line(chain)).collect();
        let backs = self.backs.values().map(|back| (back.passes.clone(), [None, None]));
        for (line, ends) in lines.into_iter().chain(backs.collect::<Vec<_>>()) {
            let mut rest = line.as_slice();
            while let [first, ..] = *rest {
                let room = |n: usize| -> Room {
                    let row = &rows[self.spots[n].row];
                    let before = place[n].checked_sub(1).map(|at| &self.spots[row[at]]);
                    let after = row.get(place[n] + 1).map(|&n| &self.spots[n]);
                    let low = before.map_or(left, |spot| spot.x + spot.w + gap);
                    (low, after.map_or(right, |spot| spot.x - gap) - PASS)
                };
                let both = |a: Room, b: Room| (a.0.max(b.0), a.1.min(b.1));
                let (mut free, mut count) = (room(first), 1);
                while let Some(&next) = rest.get(count)
                    && let wider = both(free, room(next))
                    && wider.0 <= wider.1
                {
                    (free, count) = (wider, count + 1);
                }
                let (run, further) = rest.split_at(count);
                let mean = run.iter().map(|&n| self.spots[n].x).sum::<f64>() / count as f64;
                // Straight on from where it comes, or to where it goes.
                let begins = ends[0].filter(|_| rest.len() == line.len());
                let wishes = [begins, ends[1].filter(|_| further.is_empty())].into_iter().flatten();
                let wish = wishes
                    .filter(|wish| (free.0..=free.1).contains(wish))
                    .min_by(|a, b| (a - mean).abs().total_cmp(&(b - mean).abs()));
                if free.0 <= free.1 {
                    let x = wish.unwrap_or(mean.clamp(free.0, free.1));
                    run.iter().for_each(|&n| self.spots[n].x = x);
                }
                rest = further;
            }
        }
    }

    /// The places where a line passes rows, and where they would stand if it went straight on from its start or to its
    /// end; none if it passes no row.
    fn line(&self, chain: &[Joint]) -> Option<Line> {
        let (first, last) = (chain.first()?, chain.last().filter(|_| chain.len() > 1)?);
        let from = self.spots[first.from].x + first.from_port - PASS / 2.0;
        let to = self.spots[last.to].x + last.to_port - PASS / 2.0;
        Some((chain[1..].iter().map(|joint| joint.from).collect(), [Some(from), Some(to)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::part::spots::Spot;
    use crate::drawing::scope::Stop;

    /// A line from a box through four rows to another box, bent a little in each; in the third, a box of that width
    /// stands to the left of it.
    fn bent(width: f64) -> Part {
        let spot = |row: usize, x: f64, node: Option<usize>| {
            let w = if node.is_some() { 40.0 } else { PASS };
            Spot { node: node.map(Stop::Child), row, x, y: 0.0, w, h: 20.0 }
        };
        let mut spots = vec![spot(0, 100.0, Some(1))];
        spots.extend([(1, 117.0), (2, 111.0), (3, 119.0), (4, 108.0)].map(|(row, x)| spot(row, x, None)));
        spots.extend([spot(5, 90.0, Some(2)), Spot { w: width, ..spot(3, 0.0, Some(3)) }]);
        let joint = |from: usize| {
            let port = |n: usize| spots[n].w / 2.0;
            Joint { from, to: from + 1, from_port: port(from), to_port: port(from + 1) }
        };
        let chains = [(0, (0..5).map(joint).collect())].into();
        Part { spots, chains, ..Part::default() }
    }

    fn places(part: &Part) -> Vec<f64> {
        part.spots[1..5].iter().map(|spot| spot.x).collect()
    }

    #[test]
    fn a_line_goes_straight_on_from_where_it_comes() {
        let mut part = bent(20.0);
        part.line_up(22.0);
        assert_eq!(places(&part), [114.0; 4]);
    }

    #[test]
    fn a_line_bends_where_something_is_in_its_way_and_keeps_its_distance() {
        let mut part = bent(96.0);
        part.line_up(22.0);
        assert_eq!(places(&part), [118.0; 4], "as far to the left as the box lets it");
        let before = places(&part);
        part.line_up(22.0);
        assert_eq!(places(&part), before, "what is straight stays");
    }
}

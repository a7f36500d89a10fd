//! Between two rows, lines run up, across, and up again. Each gets a height for its way across, so that lines of
//! different origin neither run over each other nor cross without need.

use crate::view::BoxId;

/// More lines than this are not tried in every order.
const PERMUTED: usize = 6;

/// All lines with one origin in the gap above a row.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    pub(crate) spot: usize,
    pub(crate) source: BoxId,
    /// Where it leaves the row below.
    pub(crate) start: f64,
    /// Where it goes on upwards into the row above.
    pub(crate) ends: Vec<f64>,
    /// Where it leaves the gap sideways, for a lane.
    pub(crate) reach: Vec<f64>,
    /// The height of its way across, counted from below.
    pub(crate) track: usize,
}

impl Net {
    pub(crate) fn new(spot: usize, source: BoxId, start: f64) -> Self {
        Self { spot, source, start, ends: Vec::new(), reach: Vec::new(), track: 0 }
    }

    fn span(&self) -> (f64, f64) {
        let all = || self.ends.iter().chain(&self.reach).copied().chain([self.start]);
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
    }

    fn goes_across(&self) -> bool {
        let (low, high) = self.span();
        high - low > 0.05
    }

    /// How badly two nets with these tracks get into each other's way.
    fn conflict(&self, other: &Self) -> usize {
        let (low, high) = other.span();
        if !other.goes_across() {
            return 0;
        }
        let within = |x: f64| low - 1.0 < x && x < high + 1.0;
        let stem = usize::from(self.track > other.track && within(self.start));
        let ends = self.ends.iter().filter(|&&x| self.track < other.track && within(x)).count();
        // A net that does not go across is a straight line from row to row.
        let straight = usize::from(!self.goes_across() && within(self.start));
        if self.goes_across() { stem + ends } else { straight }
    }
}

/// Gives every net its track; returns how many there are.
pub(crate) fn assign(nets: &mut [Net]) -> usize {
    let across: Vec<usize> = (0..nets.len()).filter(|&n| nets[n].goes_across()).collect();
    if across.is_empty() {
        return 0;
    }
    let mut best: Option<(usize, usize, Vec<usize>)> = None;
    for order in orders(&across) {
        let count = fill(nets, &order);
        let cost: usize = nets
            .iter()
            .enumerate()
            .flat_map(|(i, a)| {
                nets.iter().enumerate().filter(move |(j, _)| i != *j).map(move |(_, b)| a.conflict(b))
            })
            .sum();
        let tracks = nets.iter().map(|net| net.track).collect();
        if best.as_ref().is_none_or(|(c, n, _)| (cost, count) < (*c, *n)) {
            best = Some((cost, count, tracks));
        }
    }
    let (_, count, tracks) = best.unwrap_or_default();
    for (net, track) in nets.iter_mut().zip(tracks) {
        net.track = track;
    }
    count
}

/// Takes the nets in this order, each above all before it whose span meets its own.
fn fill(nets: &mut [Net], order: &[usize]) -> usize {
    for (place, &n) in order.iter().enumerate() {
        let (low, high) = nets[n].span();
        let meets = |&&other: &&usize| {
            let (l, h) = nets[other].span();
            l < high + 6.0 && low < h + 6.0
        };
        nets[n].track =
            order[..place].iter().filter(meets).map(|&other| nets[other].track + 1).max().unwrap_or(0);
    }
    order.iter().map(|&n| nets[n].track + 1).max().unwrap_or(0)
}

/// All orders of a few, two sensible ones of many.
fn orders(items: &[usize]) -> Vec<Vec<usize>> {
    if items.len() > PERMUTED {
        return vec![items.to_vec(), items.iter().rev().copied().collect()];
    }
    let mut result = vec![Vec::new()];
    for _ in items {
        let longer = |order: &Vec<usize>| {
            let rest = items.iter().filter(|item| !order.contains(item)).copied();
            rest.map(|item| order.iter().copied().chain([item]).collect()).collect::<Vec<_>>()
        };
        result = result.iter().flat_map(longer).collect();
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(spot: usize, start: f64, ends: &[f64]) -> Net {
        Net { ends: ends.to_vec(), ..Net::new(spot, spot, start) }
    }

    #[test]
    fn straight_lines_need_no_track() {
        assert_eq!(assign(&mut [net(0, 5.0, &[5.0]), net(1, 30.0, &[30.0])]), 0);
    }

    #[test]
    fn lines_beside_each_other_share_a_track() {
        assert_eq!(assign(&mut [net(0, 0.0, &[10.0]), net(1, 30.0, &[50.0])]), 1);
    }

    #[test]
    fn parallel_lines_are_nested_without_a_crossing() {
        // Both go to the right; the right one must turn lower than the left one goes up past it.
        let mut nets = [net(0, 0.0, &[40.0]), net(1, 20.0, &[60.0])];
        assert_eq!(assign(&mut nets), 2);
        assert!(nets[0].track > nets[1].track, "{nets:?}");
    }
}

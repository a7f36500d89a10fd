//! Between two rows, lines run up, across, and up again. Each gets a height for its way across, so that lines of
//! different origin neither run over each other nor cross without need.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::view::BoxId;

/// More lines than this are not tried in every order; they are moved one by one until none is better elsewhere.
const PERMUTED: usize = 6;
/// So often, all of them are moved.
const ROUNDS: usize = 12;
/// More lines than this are not compared with each other.
const COMPARED: usize = 100;
/// Between two lines on one track.
const ROOM: f64 = 6.0;

/// All lines with one origin in the gap above a row.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    pub(crate) spot: usize,
    pub(crate) source: BoxId,
    /// Where it leaves the row below.
    pub(crate) starts: Vec<f64>,
    /// Where it goes on upwards into the row above.
    pub(crate) ends: Vec<f64>,
    /// Where it leaves the gap sideways, for a lane.
    pub(crate) reach: Vec<f64>,
    /// The height of its way across, counted from below.
    pub(crate) track: usize,
}

impl Net {
    pub(crate) fn new(spot: usize, source: BoxId) -> Self {
        Self { spot, source, starts: Vec::new(), ends: Vec::new(), reach: Vec::new(), track: 0 }
    }

    fn span(&self) -> (f64, f64) {
        let all = || self.starts.iter().chain(&self.ends).chain(&self.reach).copied();
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
    }

    fn goes_across(&self) -> bool {
        let (low, high) = self.span();
        high - low > 0.05
    }

    /// How badly two nets that go across get into each other's way, the other having that span.
    fn conflict(&self, other: &Self, span: (f64, f64)) -> usize {
        match self.track.cmp(&other.track) {
            Ordering::Greater => self.starts_below(span),
            Ordering::Less => self.ends_above(span),
            Ordering::Equal => 0,
        }
    }

    /// How often it crosses a line of that span which runs below.
    fn starts_below(&self, span: (f64, f64)) -> usize {
        self.starts.iter().filter(|&&x| is_within(x, span)).count()
    }

    /// How often it crosses a line of that span which runs above.
    fn ends_above(&self, span: (f64, f64)) -> usize {
        self.ends.iter().filter(|&&x| is_within(x, span)).count()
    }
}

fn is_within(x: f64, (low, high): (f64, f64)) -> bool {
    low - 1.0 < x && x < high + 1.0
}

/// Gives every net its track; returns how many there are.
pub(crate) fn assign(nets: &mut [Net]) -> usize {
    nets.iter_mut().for_each(|net| {
        for places in [&mut net.starts, &mut net.ends] {
            places.sort_by(f64::total_cmp);
            places.dedup();
        }
    });
    let across: Vec<usize> = (0..nets.len()).filter(|&n| nets[n].goes_across()).collect();
    let spans: Vec<(f64, f64)> = nets.iter().map(Net::span).collect();
    if across.len() > COMPARED {
        return pack(nets, across, &spans);
    }
    let mut best: Option<(usize, usize, Vec<usize>)> = None;
    let mut orders = orders(&across);
    if across.len() > PERMUTED {
        let better: Vec<Vec<usize>> = orders.iter().map(|order| improved(order, nets, &spans)).collect();
        orders.extend(better);
    }
    for order in orders {
        let count = fill(nets, &order, &spans);
        let pairs = across.iter().flat_map(|&i| across.iter().map(move |&j| (i, j)));
        let cost: usize =
            pairs.filter(|(i, j)| i != j).map(|(i, j)| nets[i].conflict(&nets[j], spans[j])).sum();
        if best.as_ref().is_none_or(|(c, n, _)| (cost, count) < (*c, *n)) {
            best = Some((cost, count, nets.iter().map(|net| net.track).collect()));
        }
    }
    let (_, count, tracks) = best.unwrap_or_default();
    for (net, track) in nets.iter_mut().zip(tracks) {
        net.track = track;
    }
    count
}

/// The order, each net moved to where it gets into the way of the fewest others.
fn improved(order: &[usize], nets: &[Net], spans: &[(f64, f64)]) -> Vec<usize> {
    let mut order = order.to_vec();
    // What it costs if the first runs below the second.
    let cost =
        |low: usize, high: usize| nets[high].starts_below(spans[low]) + nets[low].ends_above(spans[high]);
    for _ in 0..ROUNDS {
        let mut moved = false;
        for net in order.clone() {
            let Some(own) = order.iter().position(|&other| other == net) else { continue };
            order.remove(own);
            let mut costs = vec![order.iter().map(|&other| cost(net, other)).sum::<usize>()];
            for (place, &other) in order.iter().enumerate() {
                costs.push(costs[place] + cost(other, net) - cost(net, other));
            }
            let best =
                (0..costs.len()).min_by_key(|&place| (costs[place], place.abs_diff(own))).unwrap_or(own);
            order.insert(best, net);
            moved |= best != own;
        }
        if !moved {
            break;
        }
    }
    order
}

/// Takes the nets in this order, each above all before it whose span meets its own.
fn fill(nets: &mut [Net], order: &[usize], spans: &[(f64, f64)]) -> usize {
    for (place, &n) in order.iter().enumerate() {
        let meets = |&&other: &&usize| apart(spans[other], spans[n]) < ROOM;
        nets[n].track =
            order[..place].iter().filter(meets).map(|&other| nets[other].track + 1).max().unwrap_or(0);
    }
    order.iter().map(|&n| nets[n].track + 1).max().unwrap_or(0)
}

/// Very many nets from left to right, each on the track that has been free for longest.
fn pack(nets: &mut [Net], mut across: Vec<usize>, spans: &[(f64, f64)]) -> usize {
    across.sort_by(|&a, &b| spans[a].0.total_cmp(&spans[b].0));
    // By the end of the last net on it, in tenths, for an order; the least first.
    let mut free: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let mut count = 0;
    for n in across {
        let (low, high) = spans[n];
        let fits = free.peek().is_some_and(|Reverse((end, _))| *end as f64 / 10.0 + ROOM <= low);
        let track = if fits { free.pop().map(|Reverse((_, track))| track) } else { None };
        nets[n].track = track.unwrap_or(count);
        count = count.max(nets[n].track + 1);
        free.push(Reverse(((high * 10.0).ceil() as i64, nets[n].track)));
    }
    count
}

/// How far two spans are apart; negative if they overlap.
fn apart(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.1).max(b.0 - a.1)
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
        Net { starts: vec![start], ends: ends.to_vec(), ..Net::new(spot, spot) }
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

    #[test]
    fn very_many_lines_are_packed() {
        let mut nets: Vec<Net> =
            (0..400).map(|n| net(n, n as f64 * 10.0, &[n as f64 * 10.0 + 25.0])).collect();
        assert!((3..=5).contains(&assign(&mut nets)));
        let mut last = std::collections::BTreeMap::new();
        for net in &nets {
            let before = last.insert(net.track, net.span().1);
            assert!(before.is_none_or(|end| end + ROOM <= net.span().0));
        }
    }

    #[test]
    fn many_parallel_lines_are_nested_without_a_crossing() {
        // In no order of the places.
        let starts = [30.0, 0.0, 50.0, 20.0, 70.0, 10.0, 60.0, 40.0];
        let mut nets: Vec<Net> =
            starts.iter().enumerate().map(|(spot, &start)| net(spot, start, &[start + 100.0])).collect();
        assert_eq!(assign(&mut nets), starts.len());
        nets.sort_by(|a, b| a.starts[0].total_cmp(&b.starts[0]));
        assert!(
            nets.windows(2).all(|pair| pair[0].track > pair[1].track),
            "the right one turns lower: {nets:?}"
        );
    }
}

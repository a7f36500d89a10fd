//! The heights of a tower's rows, and of the lines between them.

use std::collections::BTreeMap;

use super::spots::{PASS, Part, Plan, Spot};
use crate::drawing::fork;
use crate::drawing::scope::{Link, Stop};
use crate::drawing::tracks::{Net, assign};
use crate::view::BoxId;

/// Between two rows, with room for one horizontal line.
const GAP: f64 = 28.0;
/// For each further horizontal line between two rows.
const TRACK: f64 = 9.0;
/// Below the lowest and above the highest box of a frame where no line comes in or goes out.
const MARGIN: f64 = 18.0;
/// Beyond every box.
const FAR: f64 = 1e6;

/// What leaves the spots of a row upwards, by spot and source.
type Nets = BTreeMap<(usize, BoxId), Net>;

impl Part {
    /// Gives every row its height and every horizontal line its track between two rows.
    pub(super) fn stack(&mut self, plan: &Plan<'_>) {
        let Plan { links, is_root, .. } = *plan;
        let count = self.spots.iter().map(|spot| spot.row + 1).max().unwrap_or(0);
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
        self.spots.iter().enumerate().for_each(|(n, spot)| rows[spot.row].push(n));
        let is_forked = |&n: &usize| matches!(self.spots[n].node, Some(Stop::Child(id)) if plan.forked[id]);
        let room: Vec<f64> =
            rows.iter().map(|spots| if spots.iter().any(is_forked) { fork::ROOM } else { 0.0 }).collect();
        let mut y = if self.has(|node| matches!(node, Stop::In(_))) || is_root { 0.0 } else { MARGIN };
        for ((row, spots), nets) in rows.iter().enumerate().zip(self.nets(links, count)) {
            let height = spots.iter().map(|&n| self.spots[n].h).fold(0.0, f64::max);
            for &n in spots {
                self.spots[n].y = y + (height - self.spots[n].h) / 2.0;
            }
            y += height;
            y += self.lay_tracks(nets, y, row + 1 == count) + room.get(row + 1).copied().unwrap_or(0.0);
        }
        let open_top = self.has(|node| matches!(node, Stop::Out(_))) || is_root;
        self.height = y + if open_top { 0.0 } else { MARGIN };
    }

    fn has(&self, what: impl Fn(Stop) -> bool) -> bool {
        self.spots.iter().filter_map(|spot| spot.node).any(what)
    }

    /// Lays the lines of the gap that begins at `y`; returns its height.
    fn lay_tracks(&mut self, nets: Nets, y: f64, last: bool) -> f64 {
        let mut nets: Vec<Net> = nets.into_values().collect();
        let count = assign(&mut nets);
        let used = count.saturating_sub(1) as f64 * TRACK;
        let gap = match (last, count) {
            (true, 0) => 0.0,
            (true, _) => 6.0 + count as f64 * TRACK,
            (false, _) => GAP + used,
        };
        let middle = if last { y + TRACK } else { y + (gap - used) / 2.0 - 2.0 };
        for net in nets {
            self.tracks.insert((net.spot, net.source), middle + net.track as f64 * TRACK);
        }
        gap
    }

    /// The lines in the gap above each row.
    fn nets(&self, links: &[Link], rows: usize) -> Vec<Nets> {
        let mut nets: Vec<Nets> = vec![Nets::new(); rows];
        let middle = |pass: usize| self.spots[pass].x + PASS / 2.0;
        let mut add = |row: usize, spot: usize, source: BoxId, [low, high, reach]: [Option<f64>; 3]| {
            let net = nets[row].entry((spot, source)).or_insert_with(|| Net::new(spot, source));
            net.starts.extend(low);
            net.ends.extend(high);
            net.reach.extend(reach);
        };
        let flowing = self.chains.iter().flat_map(|(&l, chain)| chain.iter().map(move |joint| (l, joint)));
        let falling =
            self.backs.iter().flat_map(|(&l, back)| back.joints.iter().map(move |joint| (l, joint)));
        for (l, joint) in flowing.chain(falling) {
            let (from, to) = (&self.spots[joint.from], &self.spots[joint.to]);
            let ends = [from.x + joint.from_port, to.x + joint.to_port].map(Some);
            add(from.row, joint.from, links[l].source, [ends[0], ends[1], None]);
        }
        for (&l, &(spot, port)) in &self.stems {
            let far = if links[l].to > links[l].from { FAR } else { -FAR };
            let reach = self.lanes.get(&l).copied().unwrap_or(far);
            let Spot { x, row, .. } = self.spots[spot];
            add(row, spot, links[l].source, [Some(x + port), None, Some(reach)]);
        }
        for (&l, back) in &self.backs {
            let ((from, out), (to, port)) = (back.from, back.to);
            let [lowest, highest] = [0, back.passes.len() - 1].map(|at| back.passes[at]);
            let source = links[l].source;
            let row = self.spots[from].row;
            add(row, from, source, [Some(self.spots[from].x + out), None, None]);
            add(row, from, source, [Some(middle(highest)), None, None]);
            let row = self.spots[to].row - 1;
            let below = self.below(lowest);
            add(row, below, source, [None, Some(middle(lowest)), None]);
            add(row, below, source, [None, Some(self.spots[to].x + port), None]);
        }
        nets
    }
}

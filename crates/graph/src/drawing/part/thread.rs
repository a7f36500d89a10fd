//! Leads the flow through the rows of a tower, and gives every spot its place in its row.

use std::collections::{BTreeMap, BTreeSet};

use super::ranks::Flow;
use super::spots::{Back, PASS, Part, Plan};
use crate::drawing::inside::Inside;
use crate::drawing::rows::{Joint, Layered};
use crate::drawing::scope::{Link, Stop};
use crate::view::{BoxId, View};

/// A jog smaller than this is straightened.
const HAIR: f64 = 5.0;

impl Part {
    /// Leads every flow link through the rows on its way, sharing the places of links with the same origin.
    pub(super) fn thread(&mut self, plan: &Plan<'_>, flow: &Flow) {
        let mut passes: BTreeMap<(usize, BoxId, usize), usize> = BTreeMap::new();
        for (&l, &(from, to)) in flow.links.iter().zip(&flow.ends) {
            let source = plan.links[l].source;
            let mut chain = vec![from];
            for row in self.spots[from].row + 1..self.spots[to].row {
                chain.push(*passes.entry((from, source, row)).or_insert_with(|| self.pass(row)));
            }
            chain.push(to);
            let joints = self.joined(plan.insides, &chain, source);
            self.chains.insert(l, joints);
        }
    }

    fn joined(&self, insides: &[Inside], chain: &[usize], source: BoxId) -> Vec<Joint> {
        let joint = |pair: &[usize]| Joint {
            from: pair[0],
            to: pair[1],
            from_port: self.port(insides, pair[0], source, true),
            to_port: self.port(insides, pair[1], source, false),
        };
        chain.windows(2).map(joint).collect()
    }

    /// Leads every link that closes a circle down beside the rows. Those of one origin come down together.
    pub(super) fn thread_back(&mut self, plan: &Plan<'_>, backs: &Flow) {
        let mut shared: BTreeMap<(usize, BoxId, usize), usize> = BTreeMap::new();
        for (&l, &(from, to)) in backs.links.iter().zip(&backs.ends) {
            let source = plan.links[l].source;
            let (low, high) = (self.spots[to].row, self.spots[from].row);
            let mut pass = |row| *shared.entry((from, source, row)).or_insert_with(|| self.pass(row));
            let passes: Vec<usize> = (low..=high.max(low)).map(&mut pass).collect();
            let joints = self.joined(plan.insides, &passes, source);
            let from = (from, self.port(plan.insides, from, source, true));
            let to = (to, self.port(plan.insides, to, source, false));
            self.backs.insert(l, Back { from, to, passes, joints });
        }
    }

    /// Gives every spot its x, and spreads the links that come into a leaf over its lower border.
    pub(super) fn place(&mut self, links: &[Link], across: f64) {
        let partners = |&(from, to): &(usize, usize)| if self.on_the_left { (from, to) } else { (to, from) };
        let mut graph = Layered {
            pairs: self.beside.values().map(partners).collect(),
            widths: self.spots.iter().map(|spot| spot.w).collect(),
            row: self.spots.iter().map(|spot| spot.row).collect(),
            edges: self.joints(),
        };
        let order = graph.order();
        let x = graph.place(&order, across);
        self.spread(links, &x);
        graph.edges = self.joints();
        for (spot, x) in self.spots.iter_mut().zip(graph.place(&order, across)) {
            spot.x = x;
        }
        self.line_up(across);
        self.draw_near(links, &order, across);
    }

    /// A line that misses the straight by a hair moves its end on the border of a leaf instead of making a jog.
    pub(super) fn straighten(&mut self, view: &View) {
        let mut leaving: BTreeMap<usize, usize> = BTreeMap::new();
        let from = self.chains.values().flatten().map(|joint| joint.from);
        let around =
            self.stems.values().chain(self.backs.values().map(|back| &back.from)).map(|&(spot, _)| spot);
        from.chain(around).for_each(|spot| *leaving.entry(spot).or_default() += 1);
        let spots = &self.spots;
        // The port of a frame is where the line goes on inside; only that of a leaf may move.
        let is_leaf = |spot: usize| matches!(spots[spot].node, Some(Stop::Child(id)) if view.is_leaf(id));
        for joint in self.chains.values_mut().flatten() {
            let off = spots[joint.from].x + joint.from_port - spots[joint.to].x - joint.to_port;
            if off.abs() < HAIR && is_leaf(joint.to) {
                joint.to_port += off;
            } else if off.abs() < HAIR && is_leaf(joint.from) && leaving[&joint.from] == 1 {
                joint.from_port -= off;
            }
        }
    }

    /// Gives links that come into a leaf from different places each its own place on the lower border.
    fn spread(&mut self, links: &[Link], x: &[f64]) {
        let mut incoming: BTreeMap<usize, BTreeSet<(i64, usize, BoxId)>> = BTreeMap::new();
        let key =
            |from: usize, port: f64, l: usize| (((x[from] + port) * 10.0) as i64, from, links[l].source);
        for (&l, chain) in &self.chains {
            for joint in chain {
                incoming.entry(joint.to).or_default().insert(key(joint.from, joint.from_port, l));
            }
        }
        for (&l, back) in &self.backs {
            incoming.entry(back.to.0).or_default().insert(key(back.passes[0], PASS / 2.0, l));
        }
        let places: BTreeMap<(usize, usize, BoxId), (usize, usize)> = incoming
            .iter()
            .flat_map(|(&to, all)| {
                let count = all.len();
                all.iter()
                    .enumerate()
                    .map(move |(n, &(_, from, source))| ((to, from, source), (n + 1, count + 1)))
            })
            .collect();
        let spots = &self.spots;
        let port = |to: usize, from: usize, l: usize, port: f64| {
            let at_leaf = spots[to].node.is_some() && (port * 2.0 - spots[to].w).abs() < 0.1;
            match places.get(&(to, from, links[l].source)) {
                Some(&(place, count)) if at_leaf && count > 2 => spots[to].w * place as f64 / count as f64,
                _ => port,
            }
        };
        for (&l, chain) in &mut self.chains {
            chain.iter_mut().for_each(|joint| joint.to_port = port(joint.to, joint.from, l, joint.to_port));
        }
        for (&l, back) in &mut self.backs {
            back.to.1 = port(back.to.0, back.passes[0], l, back.to.1);
        }
    }
}

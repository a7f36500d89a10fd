//! One tower of a scope: rows of boxes joined by the flow, with lanes at its sides.

mod lanes;
mod ranks;
mod stack;

use std::collections::{BTreeMap, BTreeSet};

use super::flow::closing;
use super::geometry::Point;
use super::layout::{Inside, Layout, Side};
use super::rows::{Joint, Layered};
use super::scope::{Link, Node};
use crate::view::{BoxId, View};
use ranks::{Flow, companions, ranks};

/// Between the nodes of a row.
const ACROSS: f64 = 22.0;
/// A jog smaller than this is straightened.
const HAIR: f64 = 5.0;
/// Room that a long edge takes in a row that it passes.
const PASS: f64 = 12.0;
/// As long as no more links have no free way around, they are sent through the rows one by one: each makes room.
const FEW: usize = 4;
/// So often. As often again, all of them are sent at once; then all that are left.
const ROUNDS: usize = 12;

/// A node in its row; None is the place where a long edge passes the row.
#[derive(Clone, Copy, Debug)]
struct Spot {
    node: Option<Node>,
    row: usize,
    x: f64,
    y: f64,
    w: f64,
    h: f64,
}

/// The way of a link that closes a circle: up from its source, down beside the rows, and up into its target.
#[derive(Clone, Debug)]
struct Back {
    from: (usize, f64),
    to: (usize, f64),
    /// The places where it passes the rows, from the bottom up.
    passes: Vec<usize>,
    joints: Vec<Joint>,
}

/// A tower.
#[derive(Debug, Default)]
pub(crate) struct Part {
    spots: Vec<Spot>,
    index: BTreeMap<Node, usize>,
    /// For each link of the scope that flows in this tower: the spots on its way with its ports.
    chains: BTreeMap<usize, Vec<Joint>>,
    /// For each link that closes a circle.
    backs: BTreeMap<usize, Back>,
    /// For each link that is led around inside this tower: its lane.
    lanes: BTreeMap<usize, f64>,
    /// Links between neighbours in a row: a constant beside the sum that it goes into.
    beside: BTreeMap<usize, (usize, usize)>,
    on_the_left: bool,
    /// For each link that is led around: the spot it leaves, and where on it.
    stems: BTreeMap<usize, (usize, f64)>,
    /// By spot and source: the height of the horizontal line that leaves above it.
    tracks: BTreeMap<(usize, BoxId), f64>,
    left: f64,
    width: f64,
    pub(crate) height: f64,
}

/// What a tower is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) view: &'a View,
    /// Its nodes, sorted.
    pub(crate) group: &'a [Node],
    /// All links of the scope, and which of them leave a node of this tower.
    pub(crate) links: &'a [Link],
    pub(crate) own: &'a [usize],
    pub(crate) side: Side,
    pub(crate) is_root: bool,
}

impl Part {
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let mut through = BTreeSet::new();
        let mut round = 0;
        loop {
            match Self::try_new(plan, &through) {
                Ok(part) => return part,
                Err(blocked) if blocked.len() <= FEW && round < ROUNDS => through.extend(blocked.first()),
                Err(blocked) if round < 2 * ROUNDS => through.extend(blocked),
                Err(_) => through.extend(plan.own),
            }
            round += 1;
        }
    }

    /// `through` are links that find no free way around and go through the rows instead. Errs with more of them.
    fn try_new(plan: &Plan<'_>, through: &BTreeSet<usize>) -> Result<Self, Vec<usize>> {
        let index: BTreeMap<Node, usize> =
            plan.group.iter().enumerate().map(|(i, &node)| (node, i)).collect();
        let is_flow = |l: &usize| plan.links[*l].aside.is_none() || through.contains(l);
        let (flow, aside): (Vec<usize>, Vec<usize>) = plan.own.iter().copied().partition(is_flow);
        let flow = Flow::new(flow, plan.links, &index);
        let (backs, flow) = flow.split(&closing(plan.group.len(), &flow.ends));
        let beside = companions(plan.view, plan.group, &flow.ends, &backs.ends);
        let (beside_flow, flow) = flow.split(&beside);
        let mut row = ranks(plan.view, plan.group, &flow.ends);
        beside_flow.ends.iter().for_each(|&(from, to)| row[from] = row[to]);
        if backs.ends.iter().any(|&(_, to)| row[to] == 0) {
            // Room below them for the lines that come back.
            row.iter_mut().for_each(|row| *row += 1);
        }
        let spot = |(node, &row): (&Node, &usize)| {
            let (w, h) = match node {
                Node::Child(id) => plan.layout.insides[*id].cell,
                Node::In(_) | Node::Out(_) => (2.0, 0.0),
            };
            Spot { node: Some(*node), row, x: 0.0, y: 0.0, w, h }
        };
        let mut part = Self {
            spots: plan.group.iter().zip(&row).map(spot).collect(),
            index,
            beside: beside_flow.links.into_iter().zip(beside_flow.ends).collect(),
            on_the_left: plan.side == Side::Left,
            ..Self::default()
        };
        part.thread(plan, &flow);
        part.thread_back(plan, &backs);
        for &l in &aside {
            let spot = part.index[&plan.links[l].from];
            part.stems.insert(l, (spot, part.port(plan.layout, spot, plan.links[l].source, true)));
        }
        part.place(plan.links);
        part.straighten(plan.view);
        part.assign_lanes(plan.links, &aside, plan.side)?;
        part.stack(plan);
        part.measure();
        Ok(part)
    }

    /// Adds a place to pass a row.
    fn pass(&mut self, row: usize) -> usize {
        self.spots.push(Spot { node: None, row, x: 0.0, y: 0.0, w: PASS, h: 0.0 });
        self.spots.len() - 1
    }

    /// Leads every flow link through the rows on its way, sharing the places of links with the same origin.
    fn thread(&mut self, plan: &Plan<'_>, flow: &Flow) {
        let mut passes: BTreeMap<(usize, BoxId, usize), usize> = BTreeMap::new();
        for (&l, &(from, to)) in flow.links.iter().zip(&flow.ends) {
            let source = plan.links[l].source;
            let mut chain = vec![from];
            for row in self.spots[from].row + 1..self.spots[to].row {
                chain.push(*passes.entry((from, source, row)).or_insert_with(|| self.pass(row)));
            }
            chain.push(to);
            let joints = self.joined(plan.layout, &chain, source);
            self.chains.insert(l, joints);
        }
    }

    fn joined(&self, layout: &Layout, chain: &[usize], source: BoxId) -> Vec<Joint> {
        let joint = |pair: &[usize]| Joint {
            from: pair[0],
            to: pair[1],
            from_port: self.port(layout, pair[0], source, true),
            to_port: self.port(layout, pair[1], source, false),
        };
        chain.windows(2).map(joint).collect()
    }

    fn thread_back(&mut self, plan: &Plan<'_>, backs: &Flow) {
        for (&l, &(from, to)) in backs.links.iter().zip(&backs.ends) {
            let source = plan.links[l].source;
            let (low, high) = (self.spots[to].row, self.spots[from].row);
            let passes: Vec<usize> = (low..=high.max(low)).map(|row| self.pass(row)).collect();
            let joints = self.joined(plan.layout, &passes, source);
            let from = (from, self.port(plan.layout, from, source, true));
            let to = (to, self.port(plan.layout, to, source, false));
            self.backs.insert(l, Back { from, to, passes, joints });
        }
    }

    /// Where a link is attached to a spot, from its left; for leaves the middle, until ports are spread.
    fn port(&self, layout: &Layout, spot: usize, source: BoxId, leaves: bool) -> f64 {
        let Spot { node, w, .. } = self.spots[spot];
        let Some(Node::Child(id)) = node else { return w / 2.0 };
        let inside = &layout.insides[id];
        let ports = if leaves { &inside.ports_out } else { &inside.ports_in };
        ports.get(&source).copied().unwrap_or(inside.rect.x + inside.rect.w / 2.0)
    }

    /// Gives every spot its x, and spreads the links that come into a leaf over its lower border.
    fn place(&mut self, links: &[Link]) {
        let partners = |&(from, to): &(usize, usize)| if self.on_the_left { (from, to) } else { (to, from) };
        let mut graph = Layered {
            pairs: self.beside.values().map(partners).collect(),
            widths: self.spots.iter().map(|spot| spot.w).collect(),
            row: self.spots.iter().map(|spot| spot.row).collect(),
            edges: self.joints(),
        };
        let order = graph.order();
        let x = graph.place(&order, ACROSS);
        self.spread(links, &x);
        graph.edges = self.joints();
        for (spot, x) in self.spots.iter_mut().zip(graph.place(&order, ACROSS)) {
            spot.x = x;
        }
    }

    /// A line that misses the straight by a hair moves its end on the border of a leaf instead of making a jog.
    fn straighten(&mut self, view: &View) {
        let mut leaving: BTreeMap<usize, usize> = BTreeMap::new();
        let from = self.chains.values().flatten().map(|joint| joint.from);
        let around =
            self.stems.values().chain(self.backs.values().map(|back| &back.from)).map(|&(spot, _)| spot);
        from.chain(around).for_each(|spot| *leaving.entry(spot).or_default() += 1);
        let spots = &self.spots;
        // The port of a frame is where the line goes on inside; only that of a leaf may move.
        let is_leaf = |spot: usize| matches!(spots[spot].node, Some(Node::Child(id)) if view.is_leaf(id));
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

    fn joints(&self) -> Vec<Joint> {
        self.chains.values().chain(self.backs.values().map(|back| &back.joints)).flatten().copied().collect()
    }

    /// Notes how wide the tower is, lanes included.
    fn measure(&mut self) {
        let lefts = self.spots.iter().map(|spot| spot.x).chain(self.lanes.values().copied());
        self.left = lefts.fold(f64::INFINITY, f64::min);
        let rights = self.spots.iter().map(|spot| spot.x + spot.w).chain(self.lanes.values().copied());
        self.width = rights.fold(f64::NEG_INFINITY, f64::max) - self.left;
    }

    /// Moves the tower so that its left border is at `x`.
    pub(crate) fn shift(&mut self, x: f64) {
        let by = x - self.left;
        self.left = x;
        self.spots.iter_mut().for_each(|spot| spot.x += by);
        self.lanes.values_mut().for_each(|lane| *lane += by);
    }

    pub(crate) fn left(&self) -> f64 {
        self.left
    }

    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Enters places, ports and the ways of flow links; `height` is the scope's, `bottom` what is free below.
    pub(crate) fn write(&self, inside: &mut Inside, links: &[Link], bottom: f64, height: f64) {
        for spot in &self.spots {
            let middle = spot.x + spot.w / 2.0;
            match spot.node {
                Some(Node::Child(id)) => {
                    inside.at.insert(id, Point { x: spot.x, y: spot.y + bottom });
                }
                Some(Node::In(source)) => {
                    inside.ports_in.insert(source, middle);
                }
                Some(Node::Out(source)) => {
                    inside.ports_out.insert(source, middle);
                }
                None => {}
            }
        }
        for (&l, chain) in &self.chains {
            let mut points = Vec::new();
            for joint in chain {
                let to = &self.spots[joint.to];
                let end = if matches!(to.node, Some(Node::Out(_))) { height } else { to.y + bottom };
                self.climb(&mut points, joint, links[l].source, bottom, end);
            }
            inside.paths[l] = points;
        }
        for (&l, back) in &self.backs {
            inside.paths[l] = self.way_back(back, links[l].source, bottom);
        }
        for (&l, &(from, to)) in &self.beside {
            let (from, to) = (&self.spots[from], &self.spots[to]);
            let y = to.y + to.h / 2.0 + bottom;
            let (x1, x2) = if from.x < to.x { (from.x + from.w, to.x) } else { (from.x, to.x + to.w) };
            inside.paths[l] = vec![Point { x: x1, y }, Point { x: x2, y }];
        }
    }

    /// From one row to the next, up to `end`.
    fn climb(&self, points: &mut Vec<Point>, joint: &Joint, source: BoxId, bottom: f64, end: f64) {
        let (from, to) = (&self.spots[joint.from], &self.spots[joint.to]);
        let (x1, x2) = (from.x + joint.from_port, to.x + joint.to_port);
        points.push(Point { x: x1, y: from.y + from.h + bottom });
        if (x1 - x2).abs() > 0.05 {
            let y = self.tracks[&(joint.from, source)] + bottom;
            points.extend([Point { x: x1, y }, Point { x: x2, y }]);
        }
        points.push(Point { x: x2, y: end });
    }

    fn way_back(&self, back: &Back, source: BoxId, bottom: f64) -> Vec<Point> {
        let mut down = Vec::new();
        for joint in &back.joints {
            self.climb(&mut down, joint, source, bottom, self.spots[joint.to].y + bottom);
        }
        let [lowest, highest] = [0, back.passes.len() - 1].map(|at| back.passes[at]);
        let middle = |pass: usize| self.spots[pass].x + PASS / 2.0;
        let mut points = self.stem_of(back.from, source, bottom).to_vec();
        let turn = points[1].y;
        points.push(Point { x: middle(highest), y: turn });
        points.extend(down.into_iter().rev());
        let (to, x) = (&self.spots[back.to.0], self.spots[back.to.0].x + back.to.1);
        let turn = self.tracks[&(self.below(lowest), source)] + bottom;
        points.extend([
            Point { x: middle(lowest), y: turn },
            Point { x, y: turn },
            Point { x, y: to.y + bottom },
        ]);
        points
    }

    /// In the place of a spot, for the line below it rather than the one above.
    fn below(&self, spot: usize) -> usize {
        self.spots.len() + spot
    }

    /// From a spot up to its track.
    fn stem_of(&self, (spot, port): (usize, f64), source: BoxId, bottom: f64) -> [Point; 2] {
        let Spot { x, y, h, .. } = self.spots[spot];
        let x = x + port;
        let track = self.tracks[&(spot, source)];
        [Point { x, y: y + h + bottom }, Point { x, y: track + bottom }]
    }

    /// The beginning of a link that is led around: from its node up to its track, and its lane if it has one.
    pub(crate) fn stem(&self, link: usize, links: &[Link], bottom: f64) -> Option<([Point; 2], Option<f64>)> {
        let &from = self.stems.get(&link)?;
        Some((self.stem_of(from, links[link].source, bottom), self.lanes.get(&link).copied()))
    }
}

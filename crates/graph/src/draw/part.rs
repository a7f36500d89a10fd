//! One tower of a scope: rows of boxes joined by the flow, with lanes at its sides.

use std::collections::{BTreeMap, BTreeSet};

use super::geometry::Point;
use super::layout::{Inside, Layout, Side};
use super::rows::{Joint, Layered};
use super::scope::{Link, Node};
use super::tracks::{Net, assign};
use crate::view::{BoxId, BoxKind, View};

/// Between the nodes of a row.
const ACROSS: f64 = 22.0;
/// Between two rows, with room for one horizontal line.
const GAP: f64 = 28.0;
/// For each further horizontal line between two rows.
pub(super) const TRACK: f64 = 9.0;
/// From the boxes to the first lane, and from one lane to the next.
const LANE: f64 = 14.0;
/// Below the lowest and above the highest box of a frame where no line comes in or goes out.
const MARGIN: f64 = 18.0;
/// Room that a long edge takes in a row that it passes.
const PASS: f64 = 12.0;

/// Beyond every box.
const FAR: f64 = 1e6;

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

/// A tower.
#[derive(Debug)]
pub(crate) struct Part {
    spots: Vec<Spot>,
    index: BTreeMap<Node, usize>,
    /// For each link of the scope that flows in this tower: the spots on its way with its ports.
    chains: BTreeMap<usize, Vec<Joint>>,
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

impl Part {
    /// Whether the tower is one box above the other.
    pub(crate) fn is_a_spine(group: &[Node], links: &[Link]) -> bool {
        let flow = |link: &&Link| link.aside.is_none() && group.contains(&link.from);
        let mut from = BTreeSet::new();
        let mut to = BTreeSet::new();
        links.iter().filter(flow).all(|link| from.insert(link.from) && to.insert(link.to))
    }

    pub(crate) fn new(
        layout: &Layout,
        view: &View,
        group: &[Node],
        links: &[Link],
        side: Side,
        is_root: bool,
    ) -> Self {
        let mut through = BTreeSet::new();
        loop {
            match Self::try_new(layout, view, group, links, (side, is_root), &through) {
                Ok(part) => return part,
                Err(blocked) => {
                    through.insert(blocked);
                }
            }
        }
    }

    /// `through` are links that find no free way around and go through the rows instead. Errs with one more of them.
    fn try_new(
        layout: &Layout,
        view: &View,
        group: &[Node],
        links: &[Link],
        (side, is_root): (Side, bool),
        through: &BTreeSet<usize>,
    ) -> Result<Self, usize> {
        let index: BTreeMap<Node, usize> = group.iter().enumerate().map(|(i, &node)| (node, i)).collect();
        let is_flow = |l: &usize| links[*l].aside.is_none() || through.contains(l);
        let own: Vec<usize> = (0..links.len()).filter(|&l| index.contains_key(&links[l].from)).collect();
        let (flow, aside): (Vec<usize>, Vec<usize>) = own.into_iter().partition(is_flow);
        let flow: Vec<usize> = flow.into_iter().filter(|&l| index.contains_key(&links[l].to)).collect();
        let ends: Vec<(usize, usize)> =
            flow.iter().map(|&l| (index[&links[l].from], index[&links[l].to])).collect();
        let flow_all = flow.clone();
        let beside = companions(view, group, &ends);
        let (flow, ends) = without(&flow, &ends, &beside);
        let mut row = ranks(view, group, &ends);
        beside.values().for_each(|&(from, to)| row[from] = row[to]);
        let spot = |(node, &row): (&Node, &usize)| {
            let (w, h) = match node {
                Node::Child(id) => layout.insides[*id].cell,
                Node::In(_) | Node::Out(_) => (2.0, 0.0),
            };
            Spot { node: Some(*node), row, x: 0.0, y: 0.0, w, h }
        };
        let spots: Vec<Spot> = group.iter().zip(&row).map(spot).collect();
        let mut part = Self {
            spots,
            index,
            chains: BTreeMap::new(),
            lanes: BTreeMap::new(),
            beside: beside.into_iter().map(|(at, ends)| (flow_all[at], ends)).collect(),
            on_the_left: side == Side::Left,
            stems: BTreeMap::new(),
            tracks: BTreeMap::new(),
            left: 0.0,
            width: 0.0,
            height: 0.0,
        };
        part.thread(layout, links, &flow, &ends);
        for &l in &aside {
            let spot = part.index[&links[l].from];
            part.stems.insert(l, (spot, part.port(layout, spot, links[l].source, true)));
        }
        part.place(links);
        part.assign_lanes(links, &aside, side)?;
        part.stack(links, is_root);
        part.measure();
        Ok(part)
    }

    /// Leads every flow link through the rows on its way, sharing the places of links with the same origin.
    fn thread(&mut self, layout: &Layout, links: &[Link], flow: &[usize], ends: &[(usize, usize)]) {
        let mut passes: BTreeMap<(usize, BoxId, usize), usize> = BTreeMap::new();
        for (&l, &(from, to)) in flow.iter().zip(ends) {
            let source = links[l].source;
            let mut chain = vec![from];
            for row in self.spots[from].row + 1..self.spots[to].row {
                chain.push(*passes.entry((from, source, row)).or_insert_with(|| {
                    self.spots.push(Spot { node: None, row, x: 0.0, y: 0.0, w: PASS, h: 0.0 });
                    self.spots.len() - 1
                }));
            }
            chain.push(to);
            let joints = chain.windows(2).map(|pair| Joint {
                from: pair[0],
                to: pair[1],
                from_port: self.port(layout, pair[0], source, true),
                to_port: self.port(layout, pair[1], source, false),
            });
            let joints = joints.collect();
            self.chains.insert(l, joints);
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
        let mut graph = Layered {
            pairs: self
                .beside
                .values()
                .map(|&(from, to)| if self.on_the_left { (from, to) } else { (to, from) })
                .collect(),
            widths: self.spots.iter().map(|spot| spot.w).collect(),
            row: self.spots.iter().map(|spot| spot.row).collect(),
            edges: self.joints(),
        };
        let x = graph.place(ACROSS);
        let mut incoming: BTreeMap<usize, BTreeSet<(i64, usize, BoxId)>> = BTreeMap::new();
        for (l, chain) in &self.chains {
            for joint in chain {
                let from = ((x[joint.from] + joint.from_port) * 10.0) as i64;
                incoming.entry(joint.to).or_default().insert((from, joint.from, links[*l].source));
            }
        }
        let spots = &self.spots;
        for (l, chain) in &mut self.chains {
            let source = links[*l].source;
            for joint in chain {
                let at_leaf =
                    spots[joint.to].node.is_some() && (joint.to_port * 2.0 - spots[joint.to].w).abs() < 0.1;
                let all = &incoming[&joint.to];
                if at_leaf && all.len() > 1 {
                    let place =
                        all.iter().position(|&(_, from, s)| (from, s) == (joint.from, source)).unwrap_or(0);
                    joint.to_port = spots[joint.to].w * (place + 1) as f64 / (all.len() + 1) as f64;
                }
            }
        }
        graph.edges = self.joints();
        for (spot, x) in self.spots.iter_mut().zip(graph.place(ACROSS)) {
            spot.x = x;
        }
    }

    fn joints(&self) -> Vec<Joint> {
        self.chains.values().flatten().copied().collect()
    }

    /// Finds a lane beside the boxes for each link that is led around within the tower.
    fn assign_lanes(&mut self, links: &[Link], aside: &[usize], side: Side) -> Result<(), usize> {
        let other = if side == Side::Left { Side::Right } else { Side::Left };
        let mut wanted: BTreeMap<bool, Vec<(usize, usize, usize)>> = BTreeMap::new();
        for &l in aside {
            let (Some(&from), Some(&to)) = (self.index.get(&links[l].from), self.index.get(&links[l].to))
            else {
                continue;
            };
            let rows = (self.spots[from].row, self.spots[to].row);
            let Some(side) = [side, other].into_iter().find(|&side| self.is_free(to, side)) else {
                return Err(l);
            };
            let (low, high) = (rows.0.min(rows.1), rows.0.max(rows.1));
            wanted.entry(side == Side::Left).or_default().push((low, high, l));
        }
        for (left, mut lanes) in wanted {
            lanes.sort_by_key(|&(low, high, l)| (high - low, low, l));
            let rows: BTreeSet<usize> = lanes.iter().flat_map(|&(low, high, _)| low + 1..=high).collect();
            let spanned = self.spots.iter().filter(|spot| rows.contains(&spot.row));
            let edge = if left {
                spanned.map(|spot| spot.x).fold(f64::INFINITY, f64::min) - LANE
            } else {
                spanned.map(|spot| spot.x + spot.w).fold(f64::NEG_INFINITY, f64::max) + LANE
            };
            let mut taken: Vec<Vec<(usize, usize)>> = Vec::new();
            for (low, high, l) in lanes {
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
        Ok(())
    }

    /// Whether a line can come into the spot from that side.
    fn is_free(&self, at: usize, side: Side) -> bool {
        let spot = &self.spots[at];
        let beside = |other: &Spot| match side {
            Side::Left => other.x < spot.x,
            Side::Right => other.x > spot.x,
        };
        !self.spots.iter().any(|other| other.row == spot.row && beside(other))
    }

    /// Gives every row its height and every horizontal line its track between two rows.
    fn stack(&mut self, links: &[Link], is_root: bool) {
        let rows = self.spots.iter().map(|spot| spot.row).max().map_or(0, |row| row + 1);
        let mut y = if self.has(|node| matches!(node, Node::In(_))) || is_root { 0.0 } else { MARGIN };
        for row in 0..rows {
            let height =
                self.spots.iter().filter(|spot| spot.row == row).map(|spot| spot.h).fold(0.0, f64::max);
            for spot in self.spots.iter_mut().filter(|spot| spot.row == row) {
                spot.y = y + (height - spot.h) / 2.0;
            }
            y += height;
            let mut nets = self.nets(links, row);
            let count = assign(&mut nets);
            let last = row + 1 == rows;
            let gap = match (last, count) {
                (true, 0) => 0.0,
                (true, _) => 6.0 + count as f64 * TRACK,
                (false, _) => GAP + (count.saturating_sub(1)) as f64 * TRACK,
            };
            let used = count.saturating_sub(1) as f64 * TRACK;
            for net in nets {
                let middle = if last { y + TRACK } else { y + (gap - used) / 2.0 - 2.0 };
                self.tracks.insert((net.spot, net.source), middle + net.track as f64 * TRACK);
            }
            y += gap;
        }
        let open_top = self.has(|node| matches!(node, Node::Out(_))) || is_root;
        self.height = y + if open_top { 0.0 } else { MARGIN };
    }

    fn has(&self, what: impl Fn(Node) -> bool) -> bool {
        self.spots.iter().filter_map(|spot| spot.node).any(what)
    }

    /// What leaves the spots of a row upwards, by spot and source.
    fn nets(&self, links: &[Link], row: usize) -> Vec<Net> {
        let mut nets: BTreeMap<(usize, BoxId), Net> = BTreeMap::new();
        let mut add = |spot: usize, source: BoxId, port: f64, end: Option<f64>, reach: Option<f64>| {
            let start = self.spots[spot].x + port;
            let net = nets.entry((spot, source)).or_insert_with(|| Net::new(spot, source, start));
            net.ends.extend(end);
            net.reach.extend(reach);
        };
        for (l, chain) in &self.chains {
            for joint in chain.iter().filter(|joint| self.spots[joint.from].row == row) {
                let end = self.spots[joint.to].x + joint.to_port;
                add(joint.from, links[*l].source, joint.from_port, Some(end), None);
            }
        }
        for (&l, &(spot, port)) in self.stems.iter().filter(|(_, (spot, _))| self.spots[*spot].row == row) {
            let far = if links[l].to > links[l].from { FAR } else { -FAR };
            let reach = self.lanes.get(&l).copied().unwrap_or(far);
            add(spot, links[l].source, port, None, Some(reach));
        }
        nets.into_values().collect()
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

    pub(crate) fn contains(&self, node: Node) -> bool {
        self.index.contains_key(&node)
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
                let (from, to) = (&self.spots[joint.from], &self.spots[joint.to]);
                let (x1, x2) = (from.x + joint.from_port, to.x + joint.to_port);
                let end = if matches!(to.node, Some(Node::Out(_))) { height } else { to.y + bottom };
                points.push(Point { x: x1, y: from.y + from.h + bottom });
                if (x1 - x2).abs() > 0.05 {
                    let y = self.tracks[&(joint.from, links[l].source)] + bottom;
                    points.extend([Point { x: x1, y }, Point { x: x2, y }]);
                }
                points.push(Point { x: x2, y: end });
            }
            inside.paths[l] = points;
        }
        for (&l, &(from, to)) in &self.beside {
            let (from, to) = (&self.spots[from], &self.spots[to]);
            let y = to.y + to.h / 2.0 + bottom;
            let (x1, x2) = if from.x < to.x { (from.x + from.w, to.x) } else { (from.x, to.x + to.w) };
            inside.paths[l] = vec![Point { x: x1, y }, Point { x: x2, y }];
        }
    }

    /// The beginning of a link that is led around: from its node up to its track, and its lane if it has one.
    pub(crate) fn stem(&self, link: usize, links: &[Link], bottom: f64) -> Option<([Point; 2], Option<f64>)> {
        let &(spot, port) = self.stems.get(&link)?;
        let Spot { x, y, h, .. } = self.spots[spot];
        let track = self.tracks.get(&(spot, links[link].source))? + bottom;
        let x = x + port;
        Some(([Point { x, y: y + h + bottom }, Point { x, y: track }], self.lanes.get(&link).copied()))
    }
}

/// Links from a constant to a sum that nothing else keeps apart, by their place in `ends`: drawn side by side, as the
/// paper draws the positional encoding. At most one for each sum.
fn companions(view: &View, group: &[Node], ends: &[(usize, usize)]) -> BTreeMap<usize, (usize, usize)> {
    let leaf = |node: Node, sum: bool| {
        matches!(node, Node::Child(id) if view.is_leaf(id) && (view.boxes[id].kind == BoxKind::Add) == sum
            && view.boxes[id].kind != BoxKind::Input)
    };
    let mut taken = BTreeSet::new();
    let mut found = BTreeMap::new();
    for (place, &(from, to)) in ends.iter().enumerate() {
        let alone = ends.iter().all(|&(_, other)| other != from)
            && ends.iter().filter(|&&(other, _)| other == from).count() == 1;
        let feeds_more = ends.iter().any(|&(other, end)| end == to && other != from);
        if alone && feeds_more && leaf(group[from], false) && leaf(group[to], true) && taken.insert(to) {
            found.insert(place, (from, to));
        }
    }
    found
}

/// The flow without the links between neighbours.
fn without(
    flow: &[usize],
    ends: &[(usize, usize)],
    beside: &BTreeMap<usize, (usize, usize)>,
) -> (Vec<usize>, Vec<(usize, usize)>) {
    (0..flow.len())
        .filter(|place| !beside.contains_key(place))
        .map(|place| (flow[place], ends[place]))
        .unzip()
}

/// The row of every node: as low as the flow allows, but constants just below what needs them, ports at the borders.
fn ranks(view: &View, group: &[Node], ends: &[(usize, usize)]) -> Vec<usize> {
    let count = group.len();
    let mut next = vec![Vec::new(); count];
    let mut waiting = vec![0; count];
    for &(from, to) in ends {
        next[from].push(to);
        waiting[to] += 1;
    }
    let has_port = group.iter().any(|node| matches!(node, Node::In(_)));
    let lowest = |node: &Node| usize::from(has_port && !matches!(node, Node::In(_)));
    let mut row: Vec<usize> = group.iter().map(lowest).collect();
    let mut fed = vec![false; count];
    let mut ready: Vec<usize> = (0..count).filter(|&i| waiting[i] == 0).collect();
    while let Some(i) = ready.pop() {
        for &to in &next[i] {
            row[to] = row[to].max(row[i] + 1);
            fed[to] = true;
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    let stays = |node: &Node| match node {
        Node::Child(id) => view.boxes[*id].kind == BoxKind::Input,
        Node::In(_) | Node::Out(_) => true,
    };
    for i in (0..count).filter(|&i| !fed[i] && !stays(&group[i])) {
        if let Some(above) = next[i].iter().map(|&to| row[to]).min() {
            row[i] = row[i].max(above.saturating_sub(1));
        }
    }
    let top = group
        .iter()
        .zip(&row)
        .filter(|(node, _)| !matches!(node, Node::Out(_)))
        .map(|(_, &row)| row + 1)
        .max();
    for (node, row) in group.iter().zip(&mut row) {
        if matches!(node, Node::Out(_)) {
            *row = top.unwrap_or(0);
        }
    }
    row
}

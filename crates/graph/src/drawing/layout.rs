//! Sizes and places of all boxes, bottom-up: a scope's inside is laid out first, then stands in its parent as one node
//! of exactly that size.

use std::collections::{BTreeMap, BTreeSet};

use super::caption::{Caption, LABEL, LINE, SMALL, SMALL_LINE, caption, times_room};
use super::fork;
use super::geometry::{Point, Rect};
use super::inside::{Inside, Side};
use super::options::DrawOptions;
use super::part::{Part, Plan};
use super::room::{Room, rooms};
use super::scope::{Link, Pieces, Stop};
use super::text;
use super::towers::{Towers, child};
use crate::view::{BoxId, BoxKind, EdgeRole, View};

/// Below and above all boxes.
const PADDING: f64 = 18.0;
/// Height that a frame's title takes.
const TITLE: f64 = 20.0;
/// Diameter of a circled plus.
const CIRCLE: f64 = 22.0;
/// From a tower to the first lateral edge beside it, and from one to the next.
pub(crate) const CHANNEL: f64 = 12.0;
/// More of it where an edge ends in several arrows right there.
const FORKED: f64 = 14.0;

/// All boxes, laid out.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) insides: Vec<Inside>,
    pub(crate) captions: Vec<Caption>,
    pub(crate) pieces: Pieces,
    /// For each box: whether a lateral edge ends in it, coming from outside.
    entered: Vec<bool>,
    /// For each box: whether a line ends in it in several arrows.
    pub(crate) forked: Vec<bool>,
    /// For each box: what room the lines need that begin and end in it.
    rooms: Vec<Room>,
    gaps: Gaps,
}

/// The room that is left between things.
#[derive(Clone, Copy, Debug)]
struct Gaps {
    /// Between the text of a box and its border.
    inset: f64,
    /// The same for small text, which fills a box less.
    small_inset: f64,
    /// Between a frame and what is in it.
    padding: f64,
    /// Between towers.
    towers: f64,
    /// Between boxes of a row.
    across: f64,
}

impl Gaps {
    const WIDE: Self = Self { inset: 12.0, small_inset: 8.0, padding: 18.0, towers: 34.0, across: 22.0 };
    const NARROW: Self = Self { inset: 5.0, small_inset: 5.0, padding: 5.0, towers: 10.0, across: 9.0 };
}

impl Layout {
    /// Lays out every box of `view`; `plain` are the edges that find no free way around anything.
    pub(crate) fn new(view: &View, options: &DrawOptions<'_>, plain: &[bool]) -> Self {
        let pieces = Pieces::new(view, plain);
        let count = view.boxes.len();
        let captions = (0..count).map(|id| caption(view, options, id)).collect();
        let entered = entered_aside(view, plain);
        let forked = fork::targets(view);
        let rooms = rooms(view, &pieces, options);
        let gaps = if options.narrow { Gaps::NARROW } else { Gaps::WIDE };
        let insides = vec![Inside::default(); count];
        let mut layout = Self { insides, captions, pieces, entered, forked, rooms, gaps };
        // A parent comes before its children.
        for id in (0..count).rev() {
            layout.insides[id] =
                if view.is_leaf(id) { layout.leaf(view, id) } else { layout.scope(view, id) };
        }
        layout
    }

    fn leaf(&self, view: &View, id: BoxId) -> Inside {
        let caption = &self.captions[id];
        let room = &self.rooms[id];
        let (w, h) = if view.boxes[id].kind == BoxKind::Add {
            (CIRCLE.max(room.arrows), CIRCLE.max(room.high))
        } else {
            let label = caption.lines.iter().map(|line| text::width(line, LABEL)).fold(0.0, f64::max);
            let small = caption.small().map(|line| text::width(line, SMALL) + 2.0 * self.gaps.small_inset);
            let height =
                caption.lines.len() as f64 * LINE + caption.small().count() as f64 * SMALL_LINE + 14.0;
            let width = small.fold(label + 2.0 * self.gaps.inset, f64::max);
            (width.max(48.0).max(room.arrows).max(room.shapes).ceil(), height.max(room.high))
        };
        // "N x" stands beside a closed box as it does beside a frame.
        let room = Some(view.boxes[id].repeat).filter(|&repeat| repeat > 1).map_or(0.0, times_room);
        Inside { cell: (w + room, h), rect: Rect { x: room, y: 0.0, w, h }, ..Inside::default() }
    }

    /// The leaves of a tower get equal widths where that doesn't stretch any of them much.
    fn even_out(&mut self, view: &View, children: &[BoxId]) {
        let stretches = |id: &BoxId| {
            let kind = view.boxes[*id].kind;
            // What is wide because of its arrows alone is no measure for the others.
            let is_plain = self.insides[*id].cell.0 > self.rooms[*id].arrows;
            view.is_leaf(*id) && is_plain && !matches!(kind, BoxKind::Add | BoxKind::Input | BoxKind::Output)
        };
        let leaves: Vec<BoxId> = children.iter().copied().filter(stretches).collect();
        let widest = leaves.iter().map(|&id| self.insides[id].rect.w).fold(0.0, f64::max);
        for id in leaves {
            let inside = &mut self.insides[id];
            if inside.rect.w > CIRCLE && inside.rect.w * 2.6 > widest {
                (inside.cell.0, inside.rect.w) = (inside.rect.x + widest, widest);
            }
        }
    }

    fn scope(&mut self, view: &View, id: BoxId) -> Inside {
        let links = self.pieces.links.remove(&id).unwrap_or_default();
        let towers = Towers::new(&view.boxes[id].children, &links);
        for (group, own) in towers.groups.iter().zip(&towers.own) {
            let children: Vec<BoxId> = group.iter().filter_map(|node| child(*node)).collect();
            if is_a_spine(own, &links) {
                self.even_out(view, &children);
            }
        }
        let is_root = view.boxes[id].parent.is_none();
        let default = if self.entered[id] { Side::Right } else { Side::Left };
        let mut parts = self.parts(view, &links, &towers, default, is_root);
        let mut x = self.gaps.padding;
        for (n, part) in parts.iter_mut().enumerate() {
            // Lateral edges run in a channel to the left of the tower that they enter.
            x += if n > 0 { self.gaps.towers } else { 0.0 } + towers.entered[n] as f64 * CHANNEL;
            x += self.room_for_forks(view, id, &links, |link| towers.of[&link.to] == n);
            part.shift(x);
            x = part.right();
        }
        let height = parts.iter().map(|part| part.height).fold(0.0, f64::max);
        let titled = !is_root && !view.boxes[id].label.is_empty();
        let title: &[String] = if titled { &self.captions[id].lines } else { &[] };
        let more = title.len().saturating_sub(1) as f64 * SMALL_LINE;
        let mut inside = Inside { lanes: Some(default), ..Inside::default() };
        let (bottom, top) =
            if is_root { (PADDING, PADDING) } else { (0.0, if titled { TITLE - 8.0 + more } else { 0.0 }) };
        let height = height + bottom + top;
        inside.paths = vec![Vec::new(); links.len()];
        parts.iter().for_each(|part| part.write(&mut inside, &links, bottom, height));
        self.route_aside(view, id, &links, (&towers, &parts), &mut inside, bottom);
        inside.frame(&view.boxes[id], title, (x + self.gaps.padding, height), is_root);
        self.pieces.links.insert(id, links);
        inside
    }

    /// The towers of a scope. Residual connections run at the right where something comes in from the left.
    fn parts(&self, view: &View, links: &[Link], towers: &Towers, default: Side, is_root: bool) -> Vec<Part> {
        let side = |n: usize, group: &[Stop]| {
            let below = || group.iter().filter_map(|&node| child(node)).any(|id| self.entered[id]);
            if towers.entered[n] > 0 || below() { Side::Right } else { default }
        };
        let part = |(n, group): (usize, &Vec<Stop>)| {
            let own = &towers.own[n];
            let (insides, forked, side) = (&self.insides, &self.forked, side(n, group));
            let across = self.gaps.across;
            Part::new(&Plan { insides, forked, view, group, links, own, side, is_root, across })
        };
        towers.groups.iter().enumerate().map(part).collect()
    }

    /// Ends the links that are led around: along their lane, or the channel beside the tower that they enter, and into
    /// the side of their target.
    fn route_aside(
        &self,
        view: &View,
        scope: BoxId,
        links: &[Link],
        (towers, parts): (&Towers, &[Part]),
        inside: &mut Inside,
        bottom: f64,
    ) {
        // A target's side is shared by all lines that come in there.
        let mut entries: BTreeMap<(BoxId, bool), Vec<usize>> = BTreeMap::new();
        let mut channels: BTreeMap<usize, BTreeMap<BoxId, usize>> = BTreeMap::new();
        let mut begun: BTreeMap<usize, ([Point; 2], f64)> = BTreeMap::new();
        for (l, link) in links.iter().enumerate() {
            let Some(target) = link.aside else { continue };
            let Some(stem) = parts[towers.of[&link.from]].stem(l, links, bottom) else { continue };
            let tower = towers.of[&link.to];
            let (points, lane) = stem;
            let lane = lane.unwrap_or_else(|| {
                let sources = channels.entry(tower).or_default();
                let next = sources.len();
                let place = *sources.entry(link.source).or_insert(next);
                let room = self.room_for_forks(view, scope, links, |link| towers.of[&link.to] == tower);
                parts[tower].left() - room - CHANNEL * (place + 1) as f64
            });
            let middle = self.relative(view, scope, inside, target).middle().x;
            entries.entry((target, lane < middle)).or_default().push(l);
            begun.insert(l, (points, lane));
        }
        for ((target, from_left), entering) in entries {
            let rect = self.relative(view, scope, inside, target);
            for (place, l) in entering.iter().enumerate() {
                let ([start, bend], lane) = begun[l];
                let y = rect.y + rect.h * (place + 1) as f64 / (entering.len() + 1) as f64;
                let x = if from_left { rect.x } else { rect.right() };
                let turns = [Point { x: lane, y: bend.y }, Point { x: lane, y }, Point { x, y }];
                inside.paths[*l] = [start, bend].into_iter().chain(turns).collect();
            }
        }
    }

    /// What lateral edges need beside a tower, if one of them ends there in several arrows.
    fn room_for_forks(
        &self,
        view: &View,
        scope: BoxId,
        links: &[Link],
        is_entering: impl Fn(&Link) -> bool,
    ) -> f64 {
        let forks = |target: BoxId| self.forked[target] && view.boxes[target].parent == Some(scope);
        let needed = links.iter().filter(|link| is_entering(link)).filter_map(|link| link.aside).any(forks);
        if needed { FORKED } else { 0.0 }
    }

    /// A box's rectangle, relative to the scope that is being laid out.
    fn relative(&self, view: &View, scope: BoxId, inside: &Inside, target: BoxId) -> Rect {
        let mut rect = self.insides[target].rect;
        let mut id = target;
        while let Some(parent) = view.boxes[id].parent.filter(|_| id != scope) {
            let at = if parent == scope { inside.at.get(&id) } else { self.insides[parent].at.get(&id) };
            let at = at.copied().unwrap_or(Point { x: 0.0, y: 0.0 });
            (rect.x, rect.y) = (rect.x + at.x, rect.y + at.y);
            id = parent;
        }
        rect
    }
}

/// For each box: whether a lateral edge ends in it, coming from outside.
fn entered_aside(view: &View, plain: &[bool]) -> Vec<bool> {
    let mut entered = vec![false; view.boxes.len()];
    for (edge, _) in
        view.edges.iter().zip(plain).filter(|(edge, plain)| edge.role == EdgeRole::Lateral && !**plain)
    {
        let around: Vec<BoxId> = view.ancestors(edge.from).collect();
        view.ancestors(edge.to).take_while(|id| !around.contains(id)).for_each(|id| entered[id] = true);
    }
    entered
}

/// Whether a tower is one box above the other; `own` are the links in it.
fn is_a_spine(own: &[usize], links: &[Link]) -> bool {
    let (mut from, mut to) = (BTreeSet::new(), BTreeSet::new());
    let mut flow = own.iter().map(|&l| &links[l]).filter(|link| link.aside.is_none());
    flow.all(|link| from.insert(link.from) && to.insert(link.to))
}

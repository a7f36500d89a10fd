//! Sizes and places of all boxes, bottom-up: a scope's inside is laid out first, then stands in its parent as one node
//! of exactly that size.

use std::collections::BTreeMap;

use super::geometry::{Point, Rect};
use super::part::Part;
use super::scope::{Link, Node, Pieces};
use super::text;
use crate::view::{BoxId, BoxKind, EdgeRole, View, ViewBox};

/// Font size of a label.
pub(crate) const LABEL: f64 = 13.0;
/// Font size of notes, of the line number and of a frame's title.
pub(crate) const SMALL: f64 = 10.5;
/// Height of a line of a label.
pub(crate) const LINE: f64 = 16.0;
/// Height of a line of small text.
pub(crate) const SMALL_LINE: f64 = 13.0;
/// Longest line of a label.
const LABEL_LIMIT: f64 = 190.0;
/// Between the text of a box and its border.
const INSET: f64 = 12.0;
/// Between a frame and what is in it.
const PADDING: f64 = 18.0;
/// Height that a frame's title takes.
const TITLE: f64 = 20.0;
/// Diameter of a circled plus.
const CIRCLE: f64 = 22.0;
/// Room beside a frame for "N x".
pub(crate) const TIMES: f64 = 36.0;
/// Between towers.
const TOWERS: f64 = 34.0;
/// From a tower to the first lateral edge beside it, and from one to the next.
pub(crate) const CHANNEL: f64 = 12.0;

/// The text of a leaf.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caption {
    pub(crate) lines: Vec<String>,
    pub(crate) note: Option<String>,
    pub(crate) place: Option<String>,
}

/// Where the N x of a frame stands, and where lateral edges come in: on opposite sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A box with all that is inside it, relative to its lower left corner.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inside {
    /// Width and height of the whole, with what stands beside the frame.
    pub(crate) cell: (f64, f64),
    /// The box or frame itself.
    pub(crate) rect: Rect,
    /// The children's cells.
    pub(crate) at: BTreeMap<BoxId, Point>,
    /// By source: where data comes in at the bottom and goes out at the top, from the left of the cell.
    pub(crate) ports_in: BTreeMap<BoxId, f64>,
    pub(crate) ports_out: BTreeMap<BoxId, f64>,
    /// The way of each link of the scope.
    pub(crate) paths: Vec<Vec<Point>>,
    /// Where the residual connections run.
    pub(crate) lanes: Option<Side>,
}

/// All boxes, laid out.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) insides: Vec<Inside>,
    pub(crate) captions: Vec<Caption>,
    pub(crate) pieces: Pieces,
}

impl Layout {
    /// Lays out every box of `view`; `place` gives the text that names a box's place in the source code.
    pub(crate) fn new(view: &View, place: impl Fn(BoxId) -> Option<String>) -> Self {
        let pieces = Pieces::new(view);
        let count = view.boxes.len();
        let captions = (0..count).map(|id| caption(view, id, place(id))).collect();
        let mut layout = Self { insides: vec![Inside::default(); count], captions, pieces };
        // A parent comes before its children.
        for id in (0..count).rev() {
            layout.insides[id] =
                if view.is_leaf(id) { layout.leaf(view, id) } else { layout.scope(view, id) };
        }
        layout
    }

    fn leaf(&self, view: &View, id: BoxId) -> Inside {
        let caption = &self.captions[id];
        let (w, h) = if view.boxes[id].kind == BoxKind::Add {
            (CIRCLE, CIRCLE)
        } else {
            let label = caption.lines.iter().map(|line| text::width(line, LABEL)).fold(0.0, f64::max);
            let small = caption.note.iter().chain(&caption.place).map(|line| text::width(line, SMALL));
            let smalls = usize::from(caption.note.is_some()) + usize::from(caption.place.is_some());
            let height = caption.lines.len() as f64 * LINE + smalls as f64 * SMALL_LINE + 14.0;
            ((small.fold(label, f64::max) + 2.0 * INSET).max(48.0).ceil(), height)
        };
        Inside { cell: (w, h), rect: Rect { x: 0.0, y: 0.0, w, h }, ..Inside::default() }
    }

    /// The leaves of a tower get equal widths where that doesn't stretch any of them much.
    fn even_out(&mut self, view: &View, children: &[BoxId]) {
        let stretches = |id: &BoxId| {
            let kind = view.boxes[*id].kind;
            view.is_leaf(*id) && !matches!(kind, BoxKind::Add | BoxKind::Input | BoxKind::Output)
        };
        let leaves: Vec<BoxId> = children.iter().copied().filter(stretches).collect();
        let widest = leaves.iter().map(|&id| self.insides[id].cell.0).fold(0.0, f64::max);
        for id in leaves {
            let inside = &mut self.insides[id];
            if inside.cell.0 > CIRCLE && inside.cell.0 * 2.6 > widest {
                (inside.cell.0, inside.rect.w) = (widest, widest);
            }
        }
    }

    fn scope(&mut self, view: &View, id: BoxId) -> Inside {
        let links = self.pieces.links.remove(&id).unwrap_or_default();
        let children = &view.boxes[id].children;
        let groups = towers(children, &links);
        for group in &groups {
            let own: Vec<BoxId> = group.iter().filter_map(|node| child(*node)).collect();
            if Part::is_a_spine(group, &links) {
                self.even_out(view, &own);
            }
        }
        let entered_left = |group: &[Node]| {
            let comes_in = |link: &&Link| {
                link.aside.is_some() && group.contains(&link.to) && !group.contains(&link.from)
            };
            links.iter().filter(comes_in).count()
        };
        let is_root = view.boxes[id].parent.is_none();
        let lateral_below = self.is_entered_aside(view, id);
        let default = if lateral_below { Side::Right } else { Side::Left };
        let side = |group: &Vec<Node>| {
            let entered = entered_left(group) > 0
                || group.iter().filter_map(|&n| child(n)).any(|id| self.is_entered_aside(view, id));
            if entered { Side::Right } else { default }
        };
        let mut parts: Vec<Part> =
            groups.iter().map(|group| Part::new(self, view, group, &links, side(group), is_root)).collect();

        // Towers side by side; lateral edges run in a channel to the left of the tower that they enter.
        let mut x = PADDING;
        for (n, part) in parts.iter_mut().enumerate() {
            let lateral = entered_left(&groups[n]);
            if n > 0 {
                x += TOWERS;
            }
            x += lateral as f64 * CHANNEL;
            part.shift(x);
            x = part.right();
        }
        let height = parts.iter().map(|part| part.height).fold(0.0, f64::max);
        let titled = !is_root && !view.boxes[id].label.is_empty();
        let mut inside = Inside { lanes: Some(default), ..Inside::default() };
        let (bottom, top) =
            if is_root { (PADDING, PADDING) } else { (0.0, if titled { TITLE - 8.0 } else { 0.0 }) };
        let (mut width, height) = (x + PADDING, height + bottom + top);
        inside.paths = vec![Vec::new(); links.len()];
        for part in &parts {
            part.write(&mut inside, &links, bottom, height);
        }
        self.route_aside(view, id, &links, &parts, &mut inside, bottom);
        let mut shift = 0.0;
        if titled {
            // The title stands in the upper left corner; no line may run through it.
            let title = text::width(&view.boxes[id].label, SMALL) + 16.0;
            let first = inside.ports_out.values().copied().fold(f64::INFINITY, f64::min);
            shift = (title - first).max(0.0).min(title);
            if first.is_infinite() {
                shift = 0.0;
            }
            width = (width + 2.0 * shift).max(title + 8.0);
        }
        if view.boxes[id].repeat > 1 && !is_root {
            let left = default == Side::Left;
            inside.rect = Rect { x: if left { TIMES } else { 0.0 }, y: 0.0, w: width, h: height };
            shift += inside.rect.x;
            inside.cell = (width + TIMES, height);
        } else {
            inside.rect = Rect { x: 0.0, y: 0.0, w: width, h: height };
            inside.cell = (width, height);
        }
        inside.shift(shift);
        self.pieces.links.insert(id, links);
        inside
    }

    /// Ends the links that are led around: along their lane, or the channel beside the tower that they enter, and into
    /// the side of their target.
    fn route_aside(
        &self,
        view: &View,
        scope: BoxId,
        links: &[Link],
        parts: &[Part],
        inside: &mut Inside,
        bottom: f64,
    ) {
        // A target's side is shared by all lines that come in there.
        let mut entries: BTreeMap<(BoxId, bool), Vec<usize>> = BTreeMap::new();
        let mut channels: BTreeMap<usize, Vec<BoxId>> = BTreeMap::new();
        let mut begun: BTreeMap<usize, ([Point; 2], f64)> = BTreeMap::new();
        for (l, link) in links.iter().enumerate() {
            let Some(target) = link.aside else { continue };
            let Some(stem) = parts.iter().find_map(|part| part.stem(l, links, bottom)) else { continue };
            let Some(tower) = parts.iter().position(|part| part.contains(link.to)) else { continue };
            let (points, lane) = stem;
            let lane = lane.unwrap_or_else(|| {
                let sources = channels.entry(tower).or_default();
                if !sources.contains(&link.source) {
                    sources.push(link.source);
                }
                let place = sources.iter().position(|&source| source == link.source).unwrap_or(0);
                parts[tower].left() - CHANNEL * (place + 1) as f64
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

    /// Whether a lateral edge ends somewhere below `id`, coming from outside.
    fn is_entered_aside(&self, view: &View, id: BoxId) -> bool {
        let ends_below = |leaf: BoxId| view.ancestors(leaf).any(|other| other == id);
        view.edges
            .iter()
            .any(|edge| edge.role == EdgeRole::Lateral && ends_below(edge.to) && !ends_below(edge.from))
    }
}

impl Inside {
    fn shift(&mut self, by: f64) {
        self.at.values_mut().for_each(|point| point.x += by);
        self.ports_in.values_mut().chain(self.ports_out.values_mut()).for_each(|x| *x += by);
        self.paths.iter_mut().flatten().for_each(|point| point.x += by);
    }
}

fn child(node: Node) -> Option<BoxId> {
    match node {
        Node::Child(id) => Some(id),
        Node::In(_) | Node::Out(_) => None,
    }
}

fn caption(view: &View, id: BoxId, place: Option<String>) -> Caption {
    let ViewBox { label, note, .. } = &view.boxes[id];
    let small = |text: &String| text::wrap(text, SMALL, LABEL_LIMIT + 30.0, 1).swap_remove(0);
    Caption {
        lines: text::wrap(label, LABEL, LABEL_LIMIT, 2),
        note: note.as_ref().map(small),
        place: place.as_ref().map(small),
    }
}

/// The nodes of a scope in groups that only lateral edges join, in the order of their first boxes as far as the lateral
/// edges allow.
fn towers(children: &[BoxId], links: &[Link]) -> Vec<Vec<Node>> {
    let mut nodes: Vec<Node> = children.iter().map(|&id| Node::Child(id)).collect();
    nodes.extend(links.iter().flat_map(|link| [link.from, link.to]));
    nodes.sort();
    nodes.dedup();
    let index: BTreeMap<Node, usize> = nodes.iter().enumerate().map(|(i, &node)| (node, i)).collect();
    let mut group: Vec<usize> = (0..nodes.len()).collect();
    let find = |group: &[usize], mut i: usize| {
        while group[i] != i {
            i = group[i];
        }
        i
    };
    for link in links.iter().filter(|link| link.aside.is_none()) {
        let (a, b) = (find(&group, index[&link.from]), find(&group, index[&link.to]));
        group[a.max(b)] = a.min(b);
    }
    let mut groups: BTreeMap<(usize, usize), Vec<Node>> = BTreeMap::new();
    let first_child = |root: usize| {
        let own = (0..nodes.len()).filter(|&i| find(&group, i) == root).filter_map(|i| child(nodes[i]));
        own.min().unwrap_or(usize::MAX)
    };
    let firsts: BTreeMap<usize, usize> =
        (0..nodes.len()).filter(|&i| group[i] == i).map(|root| (root, first_child(root))).collect();
    for (i, &node) in nodes.iter().enumerate() {
        let root = find(&group, i);
        groups.entry((firsts[&root], root)).or_default().push(node);
    }
    let mut groups: Vec<Vec<Node>> = groups.into_values().collect();
    // What leads into another tower from the side stands to the left of it.
    for _ in 0..groups.len() {
        let at = |node: Node| groups.iter().position(|group| group.contains(&node));
        let wrong = |link: &Link| at(link.from).zip(at(link.to)).filter(|(from, to)| from > to);
        let Some((from, to)) = links.iter().filter(|link| link.aside.is_some()).find_map(wrong) else {
            break;
        };
        let group = groups.remove(from);
        groups.insert(to, group);
    }
    groups
}

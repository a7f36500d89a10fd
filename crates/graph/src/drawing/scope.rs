//! The edges of a view, cut into one piece for every scope that they pass through.

use std::collections::BTreeMap;

use super::flow::{bypassed, closing};
use crate::view::{BoxId, BoxKind, EdgeRole, View};

/// An end of a piece within a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// The port at the bottom border by which the data of a source outside comes in.
    In(BoxId),
    /// A child of the scope.
    Child(BoxId),
    /// The port at the top border by which the data of a source inside goes out.
    Out(BoxId),
}

/// A piece of one or more edges with the same source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    pub(crate) from: Stop,
    pub(crate) to: Stop,
    /// The leaf whose data flows here.
    pub(crate) source: BoxId,
    /// For a side link, the leaf it leads to, at whatever depth.
    pub(crate) aside: Option<BoxId>,
    /// Whether it must not lead around anything, because there is no free way.
    pub(crate) plain: bool,
}

/// Every open box with the links inside it, and every edge's way through them.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pub(crate) links: BTreeMap<BoxId, Vec<Link>>,
    /// For each edge: scope and place of the link in it, in the order of the flow.
    pub(crate) ways: Vec<Vec<(BoxId, usize)>>,
}

impl Pieces {
    /// Cuts the edges of `view`. Residual connections and lateral edges are set aside, unless they are `plain`.
    pub(crate) fn new(view: &View, plain: &[bool]) -> Self {
        let mut pieces = Self::default();
        let mut index = BTreeMap::new();
        for (edge, &plain) in view.edges.iter().zip(plain) {
            let mut way = Vec::new();
            for (scope, link) in cut(view, edge.from, edge.to, edge.role == EdgeRole::Lateral && !plain) {
                let links = pieces.links.entry(scope).or_default();
                let place = *index.entry((scope, link)).or_insert_with(|| {
                    links.push(link);
                    links.len() - 1
                });
                links[place].plain |= plain;
                way.push((scope, place));
            }
            pieces.ways.push(way);
        }
        for links in pieces.links.values_mut() {
            set_aside_residuals(view, links);
            set_aside_late_inputs(view, links);
        }
        pieces
    }
}

/// The pieces of an edge, from its source to its target.
fn cut(view: &View, from: BoxId, to: BoxId, lateral: bool) -> Vec<(BoxId, Link)> {
    let up: Vec<BoxId> = view.ancestors(from).collect();
    let link = |from, to, aside| Link { from, to, source: up[0], aside, plain: false };
    if from == to {
        let own = link(Stop::Child(from), Stop::Child(from), None);
        return view.boxes[from].parent.map(|parent| (parent, own)).into_iter().collect();
    }
    let mut down: Vec<BoxId> = view.ancestors(to).take_while(|id| !up.contains(id)).collect();
    down.reverse();
    let Some(common) = down.first().and_then(|&id| view.boxes[id].parent) else { return Vec::new() };
    let Some(height) = up.iter().position(|&id| id == common).filter(|&height| height > 0) else {
        return Vec::new();
    };
    let mut pieces = Vec::new();
    for pair in up[..height].windows(2) {
        pieces.push((pair[1], link(Stop::Child(pair[0]), Stop::Out(up[0]), None)));
    }
    let aside = lateral.then_some(to);
    pieces.push((common, link(Stop::Child(up[height - 1]), Stop::Child(down[0]), aside)));
    if !lateral {
        for pair in down.windows(2) {
            pieces.push((pair[0], link(Stop::In(up[0]), Stop::Child(pair[1]), None)));
        }
    }
    pieces
}

/// A link to a leaf beside which the flow takes a longer way goes aside.
fn set_aside_residuals(view: &View, links: &mut [Link]) {
    let mut nodes: Vec<Stop> = links.iter().flat_map(|link| [link.from, link.to]).collect();
    nodes.sort();
    nodes.dedup();
    let index: BTreeMap<Stop, usize> = nodes.iter().enumerate().map(|(i, &node)| (node, i)).collect();
    let mut flow: Vec<usize> = (0..links.len()).filter(|&l| links[l].aside.is_none()).collect();
    let ends = |l: usize| (index[&links[l].from], index[&links[l].to]);
    let closes = closing(nodes.len(), &flow.iter().map(|&l| ends(l)).collect::<Vec<_>>());
    let mut closes = closes.into_iter();
    flow.retain(|_| !closes.next().unwrap_or(false));
    let skips = bypassed(nodes.len(), &flow.iter().map(|&l| ends(l)).collect::<Vec<_>>());
    for (l, _) in flow.into_iter().zip(skips).filter(|&(_, skips)| skips) {
        links[l].aside = leaf_of(view, links[l].to).filter(|_| !links[l].plain);
    }
}

/// Beside residual connections, an input that joins the flow on its way comes in from the side, like a memory: from
/// below it would have to cross them.
fn set_aside_late_inputs(view: &View, links: &mut [Link]) {
    if links.iter().all(|link| link.aside.is_none()) {
        return;
    }
    let is_input = |node: Stop| matches!(node, Stop::Child(id) if view.boxes[id].kind == BoxKind::Input);
    let mut leaving: BTreeMap<Stop, usize> = BTreeMap::new();
    let mut fed: BTreeMap<Stop, usize> = BTreeMap::new();
    for link in links.iter() {
        *leaving.entry(link.from).or_default() += 1;
        if link.aside.is_none() && !is_input(link.from) {
            *fed.entry(link.to).or_default() += 1;
        }
    }
    for link in links.iter_mut().filter(|link| link.aside.is_none() && !link.plain && link.from != link.to) {
        if is_input(link.from) && leaving[&link.from] == 1 && fed.contains_key(&link.to) {
            link.aside = leaf_of(view, link.to);
        }
    }
}

fn leaf_of(view: &View, node: Stop) -> Option<BoxId> {
    match node {
        Stop::Child(id) => Some(id).filter(|&id| view.is_leaf(id)),
        Stop::In(_) | Stop::Out(_) => None,
    }
}

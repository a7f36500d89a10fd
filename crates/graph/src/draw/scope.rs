//! The edges of a view, cut into one piece for every scope that they pass through.

use std::collections::{BTreeMap, BTreeSet};

use crate::view::{BoxId, BoxKind, EdgeRole, View};

/// An end of a piece within a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
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
    pub(crate) from: Node,
    pub(crate) to: Node,
    /// The leaf whose data flows here.
    pub(crate) source: BoxId,
    /// For a side link, the leaf it leads to, at whatever depth.
    pub(crate) aside: Option<BoxId>,
}

/// Every open box with the links inside it, and every edge's way through them.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pub(crate) links: BTreeMap<BoxId, Vec<Link>>,
    /// For each edge: scope and place of the link in it, in the order of the flow.
    pub(crate) ways: Vec<Vec<(BoxId, usize)>>,
}

impl Pieces {
    /// Cuts the edges of `view`. Edges that lead around something are set aside: residual connections, lateral edges,
    /// and what would close a cycle.
    pub(crate) fn new(view: &View) -> Self {
        let mut pieces = Self::default();
        let mut index = BTreeMap::new();
        for edge in &view.edges {
            let mut way = Vec::new();
            for (scope, link) in cut(view, edge.from, edge.to, edge.role == EdgeRole::Lateral) {
                let links = pieces.links.entry(scope).or_default();
                let place = *index.entry((scope, link)).or_insert_with(|| {
                    links.push(link);
                    links.len() - 1
                });
                way.push((scope, place));
            }
            pieces.ways.push(way);
        }
        for links in pieces.links.values_mut() {
            set_aside_cycles(links);
            set_aside_residuals(view, links);
            set_aside_late_inputs(view, links);
        }
        pieces
    }
}

/// The pieces of an edge, from its source to its target.
fn cut(view: &View, from: BoxId, to: BoxId, lateral: bool) -> Vec<(BoxId, Link)> {
    let up: Vec<BoxId> = view.ancestors(from).collect();
    let mut down: Vec<BoxId> = view.ancestors(to).take_while(|id| !up.contains(id)).collect();
    down.reverse();
    let Some(common) = down.first().and_then(|&id| view.boxes[id].parent) else { return Vec::new() };
    let Some(height) = up.iter().position(|&id| id == common).filter(|&height| height > 0) else {
        return Vec::new();
    };
    let link = |from, to, aside| Link { from, to, source: up[0], aside };
    let mut pieces = Vec::new();
    for pair in up[..height].windows(2) {
        pieces.push((pair[1], link(Node::Child(pair[0]), Node::Out(up[0]), None)));
    }
    let aside = lateral.then_some(to);
    pieces.push((common, link(Node::Child(up[height - 1]), Node::Child(down[0]), aside)));
    if !lateral {
        for pair in down.windows(2) {
            pieces.push((pair[0], link(Node::In(up[0]), Node::Child(pair[1]), None)));
        }
    }
    pieces
}

/// Where the flow would run in a circle, the link that closes it goes aside.
fn set_aside_cycles(links: &mut [Link]) {
    let mut kept: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    // A circle needs an edge against the order of the boxes; those in order are taken first.
    let (forward, backward): (Vec<usize>, Vec<usize>) =
        (0..links.len()).filter(|&i| links[i].aside.is_none()).partition(|&i| links[i].from < links[i].to);
    for i in forward.into_iter().chain(backward) {
        let Link { from, to, .. } = links[i];
        if from < to || !reaches(&kept, to, from, None) {
            kept.entry(from).or_default().insert(to);
        } else {
            links[i].aside = leaf_of(to);
        }
    }
}

/// What transitive reduction removes: a link to a leaf beside which the flow takes a longer way.
fn set_aside_residuals(view: &View, links: &mut [Link]) {
    let mut next: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    for link in links.iter().filter(|link| link.aside.is_none()) {
        next.entry(link.from).or_default().insert(link.to);
    }
    for link in links.iter_mut().filter(|link| link.aside.is_none()) {
        let is_leaf = matches!(link.to, Node::Child(id) if view.is_leaf(id));
        if is_leaf && reaches(&next, link.from, link.to, Some((link.from, link.to))) {
            link.aside = leaf_of(link.to);
        }
    }
}

/// Beside residual connections, an input that joins the flow on its way comes in from the side, like a memory: from
/// below it would have to cross them.
fn set_aside_late_inputs(view: &View, links: &mut [Link]) {
    if links.iter().all(|link| link.aside.is_none()) {
        return;
    }
    let is_input = |node: Node| matches!(node, Node::Child(id) if view.boxes[id].kind == BoxKind::Input);
    let leaves_once = |node: Node| links.iter().filter(|link| link.from == node).count() == 1;
    let is_fed =
        |node: Node| links.iter().any(|link| link.to == node && link.aside.is_none() && !is_input(link.from));
    let late: Vec<usize> = (0..links.len())
        .filter(|&l| is_input(links[l].from) && leaves_once(links[l].from) && is_fed(links[l].to))
        .collect();
    for l in late {
        links[l].aside = leaf_of(links[l].to).filter(|&id| view.is_leaf(id));
    }
}

fn leaf_of(node: Node) -> Option<BoxId> {
    match node {
        Node::Child(id) => Some(id),
        Node::In(_) | Node::Out(_) => None,
    }
}

fn reaches(
    next: &BTreeMap<Node, BTreeSet<Node>>,
    from: Node,
    to: Node,
    without: Option<(Node, Node)>,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for &other in next.get(&node).into_iter().flatten() {
            if without == Some((node, other)) {
                continue;
            }
            if other == to {
                return true;
            }
            if seen.insert(other) {
                open.push(other);
            }
        }
    }
    false
}

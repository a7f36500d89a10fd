//! The towers of a scope: what the flow joins stands one above the other, what only lateral edges join side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{Link, Stop};
use crate::view::BoxId;

/// So often, towers change places to stand to the left of those that they lead into.
const SWAPS: usize = 64;

/// The nodes of a scope in groups.
#[derive(Debug)]
pub(crate) struct Towers {
    /// From left to right; the nodes of each are sorted.
    pub(crate) groups: Vec<Vec<Stop>>,
    /// The group of every node.
    pub(crate) of: BTreeMap<Stop, usize>,
    /// For each group: the links that leave its nodes.
    pub(crate) own: Vec<Vec<usize>>,
    /// For each group: from how many origins links come in from the side. Those of one origin share a line.
    pub(crate) entered: Vec<usize>,
}

impl Towers {
    /// Towers in the order of their first boxes, as far as the links between them allow.
    pub(crate) fn new(children: &[BoxId], links: &[Link]) -> Self {
        let mut nodes: Vec<Stop> = children.iter().map(|&id| Stop::Child(id)).collect();
        nodes.extend(links.iter().flat_map(|link| [link.from, link.to]));
        nodes.sort();
        nodes.dedup();
        let groups = in_order(joined(&nodes, links), links);
        let of = of(&groups);
        let mut own = vec![Vec::new(); groups.len()];
        let mut entered = vec![BTreeSet::new(); groups.len()];
        for (l, link) in links.iter().enumerate() {
            own[of[&link.from]].push(l);
            if link.aside.is_some() && of[&link.to] != of[&link.from] {
                entered[of[&link.to]].insert(link.source);
            }
        }
        let entered = entered.iter().map(BTreeSet::len).collect();
        Self { groups, of, own, entered }
    }
}

/// The nodes in groups that the flow joins, in the order of their first boxes.
fn joined(nodes: &[Stop], links: &[Link]) -> Vec<Vec<Stop>> {
    let index: BTreeMap<Stop, usize> = nodes.iter().enumerate().map(|(i, &node)| (node, i)).collect();
    let mut group: Vec<usize> = (0..nodes.len()).collect();
    for link in links.iter().filter(|link| link.aside.is_none()) {
        let (a, b) = (find(&mut group, index[&link.from]), find(&mut group, index[&link.to]));
        group[a.max(b)] = a.min(b);
    }
    let mut groups: BTreeMap<usize, Vec<Stop>> = BTreeMap::new();
    for (i, &node) in nodes.iter().enumerate() {
        groups.entry(find(&mut group, i)).or_default().push(node);
    }
    let mut groups: Vec<Vec<Stop>> = groups.into_values().collect();
    let first = |group: &Vec<Stop>| group.iter().filter_map(|&node| child(node)).min().unwrap_or(usize::MAX);
    groups.sort_by_key(first);
    groups
}

fn find(group: &mut [usize], mut i: usize) -> usize {
    while group[i] != i {
        group[i] = group[group[i]];
        i = group[i];
    }
    i
}

/// What leads into another tower from the side stands to the left of it.
fn in_order(mut groups: Vec<Vec<Stop>>, links: &[Link]) -> Vec<Vec<Stop>> {
    for _ in 0..groups.len().min(SWAPS) {
        let of = of(&groups);
        let ends = |link: &Link| (of[&link.from], of[&link.to]);
        let wrong = links.iter().filter(|link| link.aside.is_some()).map(ends).find(|(from, to)| from > to);
        let Some((from, to)) = wrong else { break };
        let group = groups.remove(from);
        groups.insert(to, group);
    }
    groups
}

fn of(groups: &[Vec<Stop>]) -> BTreeMap<Stop, usize> {
    groups.iter().enumerate().flat_map(|(n, group)| group.iter().map(move |&node| (node, n))).collect()
}

/// The box that a node is.
pub(crate) fn child(node: Stop) -> Option<BoxId> {
    match node {
        Stop::Child(id) => Some(id),
        Stop::In(_) | Stop::Out(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: BoxId, to: BoxId, aside: bool) -> Link {
        let aside = aside.then_some(to);
        Link { from: Stop::Child(from), to: Stop::Child(to), source: from, aside, plain: false }
    }

    #[test]
    fn what_flows_is_a_tower_and_leads_to_its_right() {
        let links = [link(1, 2, false), link(3, 4, false), link(4, 1, true), link(4, 2, true)];
        let towers = Towers::new(&[1, 2, 3, 4, 5], &links);
        let boxes: Vec<Vec<BoxId>> = towers
            .groups
            .iter()
            .map(|group| group.iter().filter_map(|&node| child(node)).collect())
            .collect();
        assert_eq!(boxes, [vec![3, 4], vec![1, 2], vec![5]]);
        assert_eq!((towers.own, towers.entered), (vec![vec![1, 2, 3], vec![0], vec![]], vec![0, 1, 0]));
    }
}

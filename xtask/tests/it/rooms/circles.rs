//! Circles in a graph of names.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who uses whom, and the evidence of it.
pub(crate) type Edges = BTreeMap<(String, String), String>;

/// The shortest way round in every knot of circles: `a`, `b` if a uses b and b uses a.
pub(crate) fn circles(edges: &Edges) -> Vec<Vec<String>> {
    let names: BTreeSet<&String> = edges.keys().flat_map(|(from, to)| [from, to]).collect();
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut found = Vec::new();
    for name in names {
        let reached = reached(edges, name);
        if reached.contains(name) && !told.contains(name) {
            let knot: Vec<&String> =
                reached.iter().filter(|other| self::reached(edges, other).contains(name)).collect();
            told.extend(knot.iter().map(|name| (*name).clone()));
            found.extend(knot.iter().filter_map(|name| way_back(edges, name)).min_by_key(Vec::len));
        }
    }
    found
}

/// All that is used from here, at first or second hand or further.
fn reached(edges: &Edges, start: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut new = vec![start.to_owned()];
    while let Some(name) = new.pop() {
        let next = edges.keys().filter(|(from, _)| *from == name).map(|(_, to)| to.clone());
        new.extend(next.filter(|to| reached.insert(to.clone())));
    }
    reached
}

fn way_back(edges: &Edges, start: &str) -> Option<Vec<String>> {
    let mut queue = VecDeque::from([vec![start.to_owned()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = queue.pop_front() {
        let last = way.last()?;
        for (_, next) in edges.keys().filter(|(from, _)| from == last) {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                queue.push_back([&way[..], std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

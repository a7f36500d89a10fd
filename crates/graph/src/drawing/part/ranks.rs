//! Which row each node of a tower stands in.

use std::collections::{BTreeMap, BTreeSet};

use crate::drawing::scope::{Link, Stop};
use crate::view::{BoxKind, View};

/// Links within a tower.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// Their numbers in the scope.
    pub(super) links: Vec<usize>,
    /// Their ends in the tower.
    pub(super) ends: Vec<(usize, usize)>,
}

impl Flow {
    /// Those of the links whose both ends are in the tower.
    pub(super) fn new(links: Vec<usize>, all: &[Link], index: &BTreeMap<Stop, usize>) -> Self {
        let ends = |l: usize| Some((*index.get(&all[l].from)?, *index.get(&all[l].to)?));
        let (links, ends) = links.into_iter().filter_map(|l| Some((l, ends(l)?))).unzip();
        Self { links, ends }
    }

    /// Those that are marked, and the others.
    pub(super) fn split(&self, marked: &[bool]) -> (Self, Self) {
        let (mut yes, mut no) = (Self::default(), Self::default());
        for ((&link, &ends), &marked) in self.links.iter().zip(&self.ends).zip(marked) {
            let part = if marked { &mut yes } else { &mut no };
            part.links.push(link);
            part.ends.push(ends);
        }
        (yes, no)
    }
}

/// Links from a constant to a sum that nothing else keeps apart: drawn side by side, as the paper draws the positional
/// encoding. At most one for each sum. Nodes with links that close circles (`backs`) stay where they are.
pub(super) fn companions(
    view: &View,
    group: &[Stop],
    ends: &[(usize, usize)],
    backs: &[(usize, usize)],
) -> Vec<bool> {
    let leaf = |node: Stop, sum: bool| {
        matches!(node, Stop::Child(id) if view.is_leaf(id) && (view.boxes[id].kind == BoxKind::Add) == sum
            && view.boxes[id].kind != BoxKind::Input)
    };
    let mut leaving = vec![0; group.len()];
    let mut coming: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); group.len()];
    for &(from, to) in ends.iter().chain(backs) {
        leaving[from] += 1;
        coming[to].insert(from);
    }
    let back: BTreeSet<usize> = backs.iter().flat_map(|&(from, to)| [from, to]).collect();
    let mut taken = BTreeSet::new();
    let is_companion = |&(from, to): &(usize, usize)| {
        let alone = coming[from].is_empty() && leaving[from] == 1 && !back.contains(&from);
        let feeds_more = coming[to].len() > 1;
        alone && feeds_more && leaf(group[from], false) && leaf(group[to], true) && taken.insert(to)
    };
    ends.iter().map(is_companion).collect()
}

/// The row of every node: as low as the flow allows, but constants just below what needs them, ports at the borders.
pub(super) fn ranks(view: &View, group: &[Stop], ends: &[(usize, usize)]) -> Vec<usize> {
    let count = group.len();
    let mut next = vec![Vec::new(); count];
    let mut waiting = vec![0; count];
    for &(from, to) in ends {
        next[from].push(to);
        waiting[to] += 1;
    }
    let has_port = group.iter().any(|node| matches!(node, Stop::In(_)));
    let lowest = |node: &Stop| usize::from(has_port && !matches!(node, Stop::In(_)));
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
    let stays = |node: &Stop| match node {
        Stop::Child(id) => view.boxes[*id].kind == BoxKind::Input,
        Stop::In(_) | Stop::Out(_) => true,
    };
    for i in (0..count).filter(|&i| !fed[i] && !stays(&group[i])) {
        if let Some(above) = next[i].iter().map(|&to| row[to]).min() {
            row[i] = row[i].max(above.saturating_sub(1));
        }
    }
    let is_out = |node: &Stop| matches!(node, Stop::Out(_));
    let top = group.iter().zip(&row).filter(|(node, _)| !is_out(node)).map(|(_, &row)| row + 1).max();
    for (_, row) in group.iter().zip(&mut row).filter(|(node, _)| is_out(node)) {
        *row = top.unwrap_or(0);
    }
    row
}

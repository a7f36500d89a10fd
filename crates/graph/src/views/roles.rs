//! Which edges are residual, which are lateral: those that a layout leads around instead of through.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::view::{BoxId, EdgeRole, View};

/// Children of one frame with the edges between them.
#[derive(Default)]
struct Level {
    next: HashMap<BoxId, BTreeSet<BoxId>>,
    /// Children that another child feeds.
    fed: HashSet<BoxId>,
    /// A topological order; empty if there is none.
    order: HashMap<BoxId, usize>,
}

impl Level {
    fn sort(&mut self) {
        let mut waiting: HashMap<BoxId, usize> = HashMap::new();
        for (&from, targets) in &self.next {
            waiting.entry(from).or_default();
            for &to in targets {
                *waiting.entry(to).or_default() += 1;
            }
        }
        let mut ready: Vec<BoxId> = waiting.iter().filter(|(_, n)| **n == 0).map(|(&id, _)| id).collect();
        while let Some(id) = ready.pop() {
            let place = self.order.len();
            self.order.insert(id, place);
            for &to in self.next.get(&id).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(&to) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push(to);
                    }
                }
            }
        }
        if self.order.len() != waiting.len() {
            self.order.clear();
        }
    }

    /// Whether `to` can be reached from `from`, not counting the edge between them if `other_way` is asked for.
    fn reaches(&self, from: BoxId, to: BoxId, other_way: bool) -> bool {
        let Some(&limit) = self.order.get(&to) else { return false };
        let targets = |id: BoxId| self.next.get(&id).into_iter().flatten().copied();
        let mut seen = HashSet::new();
        let mut open: Vec<BoxId> = targets(from).filter(|&id| !(other_way && id == to)).collect();
        while let Some(id) = open.pop() {
            if id == to {
                return true;
            }
            if self.order[&id] < limit && seen.insert(id) {
                open.extend(targets(id));
            }
        }
        false
    }
}

/// Where an edge runs: the innermost frame around both ends, and the boxes on the way down to its target.
struct Way {
    frame: BoxId,
    /// The child of `frame` that holds the source.
    from: BoxId,
    /// From the child of `frame` that holds the target down to the target.
    down: Vec<BoxId>,
}

/// Sets the role of every edge.
pub(super) fn assign(view: &mut View) {
    let ways: Vec<Option<Way>> = view.edges.iter().map(|edge| way(view, edge.from, edge.to)).collect();
    let mut levels: HashMap<BoxId, Level> = HashMap::new();
    // Which children of an open box a source outside of it feeds.
    let mut entries: HashMap<(BoxId, BoxId), BTreeSet<BoxId>> = HashMap::new();
    for (edge, way) in view.edges.iter().zip(&ways) {
        let Some(way) = way else { continue };
        let level = levels.entry(way.frame).or_default();
        level.next.entry(way.from).or_default().insert(way.down[0]);
        level.fed.insert(way.down[0]);
        for pair in way.down.windows(2) {
            entries.entry((edge.from, pair[0])).or_default().insert(pair[1]);
        }
    }
    levels.values_mut().for_each(Level::sort);
    for (edge, way) in view.edges.iter_mut().zip(&ways) {
        if let Some(way) = way {
            edge.role = role(edge.from, way, &levels, &entries);
        }
    }
}

fn role(
    source: BoxId,
    way: &Way,
    levels: &HashMap<BoxId, Level>,
    entries: &HashMap<(BoxId, BoxId), BTreeSet<BoxId>>,
) -> EdgeRole {
    for pair in way.down.windows(2) {
        let (frame, child) = (pair[0], pair[1]);
        let Some(level) = levels.get(&frame) else { continue };
        let mut others = entries.get(&(source, frame)).into_iter().flatten().filter(|&&other| other != child);
        if others.any(|&other| level.reaches(other, child, false)) {
            return EdgeRole::Residual;
        }
        if level.fed.contains(&child) {
            return EdgeRole::Lateral;
        }
    }
    let skips = levels.get(&way.frame).is_some_and(|level| level.reaches(way.from, way.down[0], true));
    if skips { EdgeRole::Residual } else { EdgeRole::Flow }
}

fn way(view: &View, from: BoxId, to: BoxId) -> Option<Way> {
    let up: Vec<BoxId> = view.ancestors(from).collect();
    let place: HashMap<BoxId, usize> = up.iter().enumerate().map(|(place, &id)| (id, place)).collect();
    let mut down: Vec<BoxId> = view.ancestors(to).take_while(|id| !place.contains_key(id)).collect();
    down.reverse();
    let frame = view.boxes[*down.first()?].parent?;
    let below = place.get(&frame)?.checked_sub(1)?;
    Some(Way { frame, from: up[below], down })
}

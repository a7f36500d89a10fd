//! Builds a tower.

use std::collections::{BTreeMap, BTreeSet};

use super::ranks::{Flow, companions, ranks};
use super::spots::{Part, Plan, Spot};
use crate::drawing::flow::closing;
use crate::drawing::inside::Side;
use crate::drawing::scope::Stop;

/// As long as no more links have no free way around, they are sent through the rows one by one: each makes room.
const FEW: usize = 4;
/// So often. As often again, all of them are sent at once; then all that are left.
const ROUNDS: usize = 12;

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
        let index: BTreeMap<Stop, usize> =
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
        let spot = |(node, &row): (&Stop, &usize)| {
            let (w, h) = match node {
                Stop::Child(id) => plan.insides[*id].cell,
                Stop::In(_) | Stop::Out(_) => (2.0, 0.0),
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
            part.stems.insert(l, (spot, part.port(plan.insides, spot, plan.links[l].source, true)));
        }
        part.place(plan.links, plan.across);
        part.straighten(plan.view);
        part.assign_lanes(plan.links, &aside, plan.side)?;
        part.stack(plan);
        part.measure();
        Ok(part)
    }
}

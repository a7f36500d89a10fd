//! What comes down beside the rows comes down as close to them as it can.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::spots::{PASS, Part};
use crate::drawing::rows::Rows;
use crate::drawing::scope::Link;
use crate::view::BoxId;

/// The side on which there is nothing but other lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outer {
    Left,
    Right,
}

impl Part {
    /// Draws the lines that close circles near. Nothing else pulls them there, since they are joined to each other
    /// alone; `rows` are the spots from left to right, which keep their order and `gap`.
    pub(super) fn draw_near(&mut self, links: &[Link], rows: &Rows, gap: f64) {
        let mut trunks: BTreeMap<(usize, BoxId), BTreeSet<usize>> = BTreeMap::new();
        for (&l, back) in &self.backs {
            trunks.entry((back.from.0, links[l].source)).or_default().extend(&back.passes);
        }
        let trunks: Vec<Vec<usize>> =
            trunks.into_values().map(|passes| passes.into_iter().collect()).collect();
        let lines: BTreeSet<usize> = trunks.iter().flatten().copied().collect();
        let places: HashMap<usize, (usize, usize)> = rows
            .iter()
            .enumerate()
            .flat_map(|(row, spots)| spots.iter().enumerate().map(move |(at, &spot)| (spot, (row, at))))
            .collect();
        let outer = |passes: &Vec<usize>| {
            let beyond = |side: Outer| {
                passes.iter().all(|pass| {
                    let (row, at) = places[pass];
                    let (before, after) = rows[row].split_at(at);
                    let beyond = if side == Outer::Left { before } else { after };
                    beyond.iter().all(|spot| lines.contains(spot))
                })
            };
            [Outer::Right, Outer::Left].into_iter().find(|&side| beyond(side))
        };
        for side in [Outer::Right, Outer::Left] {
            let mut near: Vec<&Vec<usize>> =
                trunks.iter().filter(|passes| outer(passes) == Some(side)).collect();
            // The innermost first.
            let x = |passes: &Vec<usize>| passes.iter().map(|&pass| self.spots[pass].x).fold(0.0, f64::max);
            near.sort_by(|a, b| x(a).total_cmp(&x(b)));
            if side == Outer::Left {
                near.reverse();
            }
            for passes in near {
                let neighbour = |pass: &usize| {
                    let (row, at) = places[pass];
                    match side {
                        Outer::Right => rows[row]
                            .get(at.checked_sub(1)?)
                            .map(|&n| self.spots[n].x + self.spots[n].w + gap),
                        Outer::Left => rows[row].get(at + 1).map(|&n| self.spots[n].x - gap - PASS),
                    }
                };
                self.move_in(passes, passes.iter().filter_map(neighbour).collect(), side);
            }
        }
    }

    /// Moves a line inwards, to the outermost of the places, if it comes nearer everywhere.
    fn move_in(&mut self, passes: &[usize], places: Vec<f64>, side: Outer) {
        let outermost = match side {
            Outer::Right => places.into_iter().reduce(f64::max),
            Outer::Left => places.into_iter().reduce(f64::min),
        };
        let Some(x) = outermost else { return };
        let is_nearer = |&pass: &usize| match side {
            Outer::Right => x < self.spots[pass].x,
            Outer::Left => x > self.spots[pass].x,
        };
        if passes.iter().all(is_nearer) {
            passes.iter().for_each(|&pass| self.spots[pass].x = x);
        }
    }
}

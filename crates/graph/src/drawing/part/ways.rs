//! The ways of links through a tower that has its places.

use super::spots::{Back, PASS, Part, Spot};
use crate::drawing::geometry::Point;
use crate::drawing::inside::Inside;
use crate::drawing::rows::Joint;
use crate::drawing::scope::{Link, Stop};
use crate::view::BoxId;

impl Part {
    /// Enters places, ports and the ways of flow links; `height` is the scope's, `bottom` what is free below.
    pub(crate) fn write(&self, inside: &mut Inside, links: &[Link], bottom: f64, height: f64) {
        for spot in &self.spots {
            let middle = spot.x + spot.w / 2.0;
            match spot.node {
                Some(Stop::Child(id)) => {
                    inside.at.insert(id, Point { x: spot.x, y: spot.y + bottom });
                }
                Some(Stop::In(source)) => {
                    inside.ports_in.insert(source, middle);
                }
                Some(Stop::Out(source)) => {
                    inside.ports_out.insert(source, middle);
                }
                None => {}
            }
        }
        for (&l, chain) in &self.chains {
            let mut points = Vec::new();
            for joint in chain {
                let to = &self.spots[joint.to];
                let end = if matches!(to.node, Some(Stop::Out(_))) { height } else { to.y + bottom };
                self.climb(&mut points, joint, links[l].source, bottom, end);
            }
            inside.paths[l] = points;
        }
        for (&l, back) in &self.backs {
            inside.paths[l] = self.way_back(back, links[l].source, bottom);
        }
        for (&l, &(from, to)) in &self.beside {
            let (from, to) = (&self.spots[from], &self.spots[to]);
            let y = to.y + to.h / 2.0 + bottom;
            let (x1, x2) = if from.x < to.x { (from.x + from.w, to.x) } else { (from.x, to.x + to.w) };
            inside.paths[l] = vec![Point { x: x1, y }, Point { x: x2, y }];
        }
    }

    /// From one row to the next, up to `end`.
    fn climb(&self, points: &mut Vec<Point>, joint: &Joint, source: BoxId, bottom: f64, end: f64) {
        let (from, to) = (&self.spots[joint.from], &self.spots[joint.to]);
        let (x1, x2) = (from.x + joint.from_port, to.x + joint.to_port);
        points.push(Point { x: x1, y: from.y + from.h + bottom });
        if (x1 - x2).abs() > 0.05 {
            let y = self.tracks[&(joint.from, source)] + bottom;
            points.extend([Point { x: x1, y }, Point { x: x2, y }]);
        }
        points.push(Point { x: x2, y: end });
    }

    fn way_back(&self, back: &Back, source: BoxId, bottom: f64) -> Vec<Point> {
        let mut down = Vec::new();
        for joint in &back.joints {
            self.climb(&mut down, joint, source, bottom, self.spots[joint.to].y + bottom);
        }
        let [lowest, highest] = [0, back.passes.len() - 1].map(|at| back.passes[at]);
        let middle = |pass: usize| self.spots[pass].x + PASS / 2.0;
        let mut points = self.stem_of(back.from, source, bottom).to_vec();
        let turn = points[1].y;
        points.push(Point { x: middle(highest), y: turn });
        points.extend(down.into_iter().rev());
        let (to, x) = (&self.spots[back.to.0], self.spots[back.to.0].x + back.to.1);
        let turn = self.tracks[&(self.below(lowest), source)] + bottom;
        points.extend([
            Point { x: middle(lowest), y: turn },
            Point { x, y: turn },
            Point { x, y: to.y + bottom },
        ]);
        points
    }

    /// From a spot up to its track.
    fn stem_of(&self, (spot, port): (usize, f64), source: BoxId, bottom: f64) -> [Point; 2] {
        let Spot { x, y, h, .. } = self.spots[spot];
        let x = x + port;
        let track = self.tracks[&(spot, source)];
        [Point { x, y: y + h + bottom }, Point { x, y: track + bottom }]
    }

    /// The beginning of a link that is led around: from its node up to its track, and its lane if it has one.
    pub(crate) fn stem(&self, link: usize, links: &[Link], bottom: f64) -> Option<([Point; 2], Option<f64>)> {
        let &from = self.stems.get(&link)?;
        Some((self.stem_of(from, links[link].source, bottom), self.lanes.get(&link).copied()))
    }
}

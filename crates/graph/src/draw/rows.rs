//! Ranks, order and positions within one scope: small layered graphs.
//!
//! `layout-rs` gives the order within the rows of a small graph. Ranks, and the places where long edges pass a row, are
//! made before it is asked, and exact positions after, because it knows neither ports nor straight spines.

use std::collections::BTreeMap;

use layout::backends::svg::SVGWriter;
use layout::core::base::Orientation;
use layout::core::geometry::Point as LayoutPoint;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

/// More nodes than this are ordered by barycentres alone: `layout-rs` takes seconds for a few hundred.
const LAYOUT_RS_LIMIT: usize = 60;

/// A graph to be layered. Edges go from a lower row to a higher one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layered {
    /// Width of every node.
    pub(crate) widths: Vec<f64>,
    /// The row of every node.
    pub(crate) row: Vec<usize>,
    /// Nodes of one row that stand side by side: left, right.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// From, to, and where on them the edge is attached, from the node's left border. Rows are adjacent.
    pub(crate) edges: Vec<Joint>,
}

/// An edge between nodes of adjacent rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joint {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) from_port: f64,
    pub(crate) to_port: f64,
}

impl Layered {
    /// The left border of every node, such that nodes of a row keep `gap` and edges are as straight as can be.
    pub(crate) fn place(&self, gap: f64) -> Vec<f64> {
        let rows = self.ordered();
        let mut x = vec![0.0; self.widths.len()];
        for row in &rows {
            let total: f64 = row.iter().map(|&n| self.widths[n] + gap).sum::<f64>() - gap;
            let mut left = -total / 2.0;
            for &n in row {
                x[n] = left;
                left += self.widths[n] + gap;
            }
        }
        for round in 0..24 {
            let (below, above) = match round {
                23 => (true, false),
                _ if round % 3 == 0 => (true, false),
                _ if round % 3 == 1 => (false, true),
                _ => (true, true),
            };
            let order: Vec<usize> =
                if below { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
            for r in order {
                self.align(&rows[r], &mut x, gap, below, above);
            }
        }
        x
    }

    /// Moves the nodes of a row towards the nodes that they are joined to.
    fn align(&self, row: &[usize], x: &mut [f64], gap: f64, below: bool, above: bool) {
        let wish = |n: usize| {
            let from_below = self.edges.iter().filter(|e| below && e.to == n);
            let from_above = self.edges.iter().filter(|e| above && e.from == n);
            let wishes = from_below
                .map(|e| x[e.from] + e.from_port - e.to_port)
                .chain(from_above.map(|e| x[e.to] + e.to_port - e.from_port));
            let (sum, count) = wishes.fold((0.0, 0.0), |(sum, count), wish| (sum + wish, count + 1.0));
            // What is joined to nothing gives way to everything.
            if count > 0.0 { (sum / count, 1.0) } else { (x[n], 1e-9) }
        };
        let wishes: Vec<(f64, f64)> = row.iter().map(|&n| wish(n)).collect();
        let widths: Vec<f64> = row.iter().map(|&n| self.widths[n] + gap).collect();
        for (&n, left) in row.iter().zip(separated(&wishes, &widths)) {
            x[n] = left;
        }
    }

    /// The rows from the bottom up, each from left to right.
    fn ordered(&self) -> Vec<Vec<usize>> {
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); self.row.iter().max().map_or(0, |&r| r + 1)];
        for (n, &r) in self.row.iter().enumerate() {
            rows[r].push(n);
        }
        if rows.iter().all(|row| row.len() < 2) {
            return rows;
        }
        let mut candidates = vec![self.by_barycentre(rows.clone())];
        if self.widths.len() <= LAYOUT_RS_LIMIT {
            let places = self.by_layout_rs();
            let mut sorted = rows.clone();
            sorted.iter_mut().for_each(|row| row.sort_by(|&a, &b| places[a].total_cmp(&places[b])));
            candidates.push(sorted.clone());
            candidates.push(self.by_barycentre(sorted));
        }
        candidates.push(rows);
        candidates.iter_mut().for_each(|rows| self.pair_up(rows));
        // The first of the best: `min_by_key` keeps the earlier of equals.
        candidates.into_iter().min_by_key(|rows| self.crossings(rows)).unwrap_or_default()
    }

    /// Puts the partners of pairs side by side.
    fn pair_up(&self, rows: &mut [Vec<usize>]) {
        for &(left, right) in &self.pairs {
            let row = &mut rows[self.row[left]];
            let is_moved = |n: usize| !self.edges.iter().any(|edge| edge.to == n || edge.from == n);
            let moved = if is_moved(left) { left } else { right };
            row.retain(|&n| n != moved);
            let stays = if moved == left { right } else { left };
            if let Some(at) = row.iter().position(|&n| n == stays) {
                row.insert(if moved == left { at } else { at + 1 }, moved);
            }
        }
    }

    /// The x that `layout-rs` gives to every node.
    fn by_layout_rs(&self) -> Vec<f64> {
        let mut graph = VisualGraph::new(Orientation::TopToBottom);
        let node = |width: &f64| {
            let size = LayoutPoint::new(width.max(4.0), 20.0);
            let shape = ShapeKind::new_box("");
            Element::create(shape, StyleAttr::simple(), Orientation::TopToBottom, size)
        };
        let handles: Vec<_> = self.widths.iter().map(|width| graph.add_node(node(width))).collect();
        for edge in &self.edges {
            graph.add_edge(Arrow::simple(""), handles[edge.from], handles[edge.to]);
        }
        graph.do_it(false, false, false, &mut SVGWriter::new());
        handles.iter().map(|&handle| graph.pos(handle).center().x).collect()
    }

    /// Sorts the rows by the mean place of each node's neighbours, up and down a few times, keeping the best.
    fn by_barycentre(&self, mut rows: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let mut neighbours: Vec<[Vec<usize>; 2]> = vec![Default::default(); self.widths.len()];
        for edge in &self.edges {
            neighbours[edge.to][0].push(edge.from);
            neighbours[edge.from][1].push(edge.to);
        }
        let mut best = (self.crossings(&rows), rows.clone());
        for round in 0..6 {
            let up = round % 2 == 0;
            let mut place = vec![0.0; self.widths.len()];
            let order: Vec<usize> =
                if up { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
            for r in order {
                let mean = |n: usize, at: usize| {
                    let near = &neighbours[n][usize::from(!up)];
                    let sum: f64 = near.iter().map(|&m| place[m]).sum();
                    if near.is_empty() { at as f64 } else { sum / near.len() as f64 }
                };
                let mut keyed: Vec<(f64, usize)> =
                    rows[r].iter().enumerate().map(|(at, &n)| (mean(n, at), n)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                rows[r] = keyed.into_iter().map(|(_, n)| n).collect();
                for (at, &n) in rows[r].iter().enumerate() {
                    place[n] = at as f64;
                }
            }
            let crossings = self.crossings(&rows);
            if crossings < best.0 {
                best = (crossings, rows.clone());
            }
        }
        best.1
    }

    /// Pairs of edges that cross, given the order of the nodes.
    fn crossings(&self, rows: &[Vec<usize>]) -> usize {
        let mut place = vec![0; self.widths.len()];
        rows.iter().for_each(|row| row.iter().enumerate().for_each(|(at, &n)| place[n] = at));
        let mut by_row: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for edge in &self.edges {
            by_row.entry(self.row[edge.from]).or_default().push((place[edge.from], place[edge.to]));
        }
        let pairs = |edges: &Vec<(usize, usize)>| {
            let crossed = |(i, a): (usize, &(usize, usize))| {
                edges[i + 1..].iter().filter(|b| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1)).count()
            };
            edges.iter().enumerate().map(crossed).sum::<usize>()
        };
        by_row.values().map(pairs).sum()
    }
}

/// The positions closest to the wishes (place and weight, in the sum of squares) at which each is at least its
/// predecessor's `width` after it: pool adjacent violators.
fn separated(wishes: &[(f64, f64)], widths: &[f64]) -> Vec<f64> {
    let offsets: Vec<f64> =
        widths.iter().scan(0.0, |sum, w| Some(std::mem::replace(sum, *sum + w))).collect();
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new(); // mean without offsets, weight, and how many nodes
    for (&(wish, weight), offset) in wishes.iter().zip(&offsets) {
        blocks.push((wish - offset, weight, 1));
        while let [.., a, b] = blocks[..] {
            if a.0 <= b.0 {
                break;
            }
            blocks.truncate(blocks.len() - 2);
            let weight = a.1 + b.1;
            blocks.push(((a.0 * a.1 + b.0 * b.1) / weight, weight, a.2 + b.2));
        }
    }
    let base = blocks.iter().flat_map(|&(mean, _, count)| std::iter::repeat_n(mean, count));
    base.zip(offsets).map(|(base, offset)| base + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joint(from: usize, to: usize) -> Joint {
        Joint { from, to, from_port: 5.0, to_port: 5.0 }
    }

    #[test]
    fn a_chain_is_straight() {
        let graph = Layered {
            widths: vec![10.0; 4],
            row: vec![0, 1, 2, 3],
            pairs: Vec::new(),
            edges: vec![joint(0, 1), joint(1, 2), joint(2, 3)],
        };
        let x = graph.place(8.0);
        assert!(x.iter().all(|&other| other == x[0]), "{x:?}");
    }

    #[test]
    fn rows_keep_their_gaps_and_crossings_are_undone() {
        // 0 and 1 below, 2 and 3 above, joined crosswise.
        let graph = Layered {
            widths: vec![10.0; 4],
            row: vec![0, 0, 1, 1],
            pairs: Vec::new(),
            edges: vec![joint(0, 3), joint(1, 2)],
        };
        let x = graph.place(8.0);
        assert!((x[0] - x[1]).abs() >= 18.0 && (x[2] - x[3]).abs() >= 18.0);
        assert_eq!((x[0], x[1]), (x[3], x[2]));
    }

    #[test]
    fn wishes_are_met_as_far_as_the_widths_allow() {
        let equal = |wishes: &[f64]| wishes.iter().map(|&wish| (wish, 1.0)).collect::<Vec<_>>();
        assert_eq!(separated(&equal(&[0.0, 50.0]), &[20.0, 20.0]), [0.0, 50.0]);
        assert_eq!(separated(&equal(&[10.0, 10.0]), &[20.0, 20.0]), [0.0, 20.0]);
        assert_eq!(separated(&equal(&[0.0, 0.0, 0.0]), &[10.0, 10.0, 10.0]), [-10.0, 0.0, 10.0]);
        let light = separated(&[(10.0, 1.0), (10.0, 1e-9)], &[20.0, 20.0]);
        assert!((light[0] - 10.0).abs() < 1e-6 && (light[1] - 30.0).abs() < 1e-6, "{light:?}");
    }

    #[test]
    fn hundreds_of_nodes_are_placed_without_layout_rs() {
        let n = 400;
        let row = (0..n).map(|i| i / 20).collect();
        let edges = (0..n - 20).map(|i| joint(i, (i / 20 + 1) * 20 + (i * 7) % 20)).collect();
        let graph = Layered { widths: vec![10.0; n], row, pairs: Vec::new(), edges };
        assert_eq!(graph.place(8.0).len(), n);
    }
}

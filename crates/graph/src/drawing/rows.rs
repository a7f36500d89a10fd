//! Positions within one scope: small layered graphs whose edges are as straight as can be.

pub(crate) use super::order::Rows;
use super::order::ordered;

/// So often the nodes are moved towards each other, up and down.
const ROUNDS: usize = 24;
const LAST: usize = ROUNDS - 1;

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

/// By node: what it is joined to, and where it would stand from there if the edge were straight.
type Near = Vec<Vec<(usize, f64)>>;

impl Layered {
    /// The rows from the bottom up, each from left to right.
    pub(crate) fn order(&self) -> Rows {
        let mut rows: Rows = vec![Vec::new(); self.row.iter().max().map_or(0, |&r| r + 1)];
        for (n, &r) in self.row.iter().enumerate() {
            rows[r].push(n);
        }
        let edges: Vec<(usize, usize)> = self.edges.iter().map(|edge| (edge.from, edge.to)).collect();
        ordered(rows, &edges, &self.pairs)
    }

    /// The left border of every node, such that nodes of a row keep `gap` and edges are as straight as can be.
    pub(crate) fn place(&self, rows: &Rows, gap: f64) -> Vec<f64> {
        let mut x = vec![0.0; self.widths.len()];
        for row in rows {
            let total: f64 = row.iter().map(|&n| self.widths[n] + gap).sum::<f64>() - gap;
            let mut left = -total / 2.0;
            for &n in row {
                x[n] = left;
                left += self.widths[n] + gap;
            }
        }
        let (mut below, mut above): (Near, Near) = (vec![Vec::new(); x.len()], vec![Vec::new(); x.len()]);
        for edge in &self.edges {
            below[edge.to].push((edge.from, edge.from_port - edge.to_port));
            above[edge.from].push((edge.to, edge.to_port - edge.from_port));
        }
        let (mut round, mut before) = (0, x.clone());
        while round < ROUNDS {
            let sides: &[&Near] = match round {
                LAST => &[&below],
                _ if round % 3 == 0 => &[&below],
                _ if round % 3 == 1 => &[&above],
                _ => &[&below, &above],
            };
            let up = round % 3 != 1;
            for r in 0..rows.len() {
                let row = &rows[if up { r } else { rows.len() - 1 - r }];
                self.align(row, &mut x, gap, sides);
            }
            round += 1;
            if round % 3 == 0 {
                // Where nothing moved in three rounds, nothing will but for the last.
                if before == x && round < ROUNDS {
                    round = ROUNDS - 3;
                }
                before.clone_from(&x);
            }
        }
        self.draw_together(&mut x, gap);
        x
    }

    /// What stands beside its partner and is joined to nothing else has no wish of its own: it comes up close. There is
    /// nothing between the two.
    fn draw_together(&self, x: &mut [f64], gap: f64) {
        let mut is_joined = vec![false; x.len()];
        self.edges.iter().for_each(|edge| (is_joined[edge.from], is_joined[edge.to]) = (true, true));
        for &(left, right) in &self.pairs {
            if !is_joined[left] {
                x[left] = x[right] - self.widths[left] - gap;
            } else if !is_joined[right] {
                x[right] = x[left] + self.widths[left] + gap;
            }
        }
    }

    /// Moves the nodes of a row towards the nodes that they are joined to.
    fn align(&self, row: &[usize], x: &mut [f64], gap: f64, sides: &[&Near]) {
        let wish = |n: usize| {
            let wishes = sides.iter().flat_map(|side| &side[n]).map(|&(other, offset)| x[other] + offset);
            let (sum, count) = wishes.fold((0.0, 0.0), |(sum, count), wish| (sum + wish, count + 1.0));
            // What is joined to nothing gives way to everything.
            if count > 0.0 { (sum / count, 1.0) } else { (x[n], 1e-9) }
        };
        if let [only] = row {
            x[*only] = wish(*only).0;
            return;
        }
        let wishes: Vec<(f64, f64)> = row.iter().map(|&n| wish(n)).collect();
        let widths: Vec<f64> = row.iter().map(|&n| self.widths[n] + gap).collect();
        for (&n, left) in row.iter().zip(separated(&wishes, &widths)) {
            x[n] = left;
        }
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
        let x = graph.place(&graph.order(), 8.0);
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
        let x = graph.place(&graph.order(), 8.0);
        assert!((x[0] - x[1]).abs() >= 18.0 && (x[2] - x[3]).abs() >= 18.0);
        assert_eq!((x[0], x[1]), (x[3], x[2]));
    }

    #[test]
    fn partners_stay_close_wherever_the_flow_takes_one_of_them() {
        // 0 is joined to nothing, 1 is drawn to the right by 3, and what else is in its row lets it go.
        let graph = Layered {
            widths: vec![10.0, 10.0, 300.0, 10.0],
            row: vec![0, 0, 1, 1],
            pairs: vec![(0, 1)],
            edges: vec![joint(1, 3)],
        };
        let x = graph.place(&graph.order(), 8.0);
        assert_eq!(x[1] - x[0], 18.0, "{x:?}");
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
        assert_eq!(graph.place(&graph.order(), 8.0).len(), n);
    }
}

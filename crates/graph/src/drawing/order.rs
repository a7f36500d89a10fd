//! The order of the nodes within each row: few crossings.
//!
//! Sweeps that put every node at the mean place of its neighbours give a start. Where crossings remain in a small graph,
//! `layout-rs` searches over swaps, which often does better but takes too long for large ones, and nodes are moved one by
//! one.

use layout::adt::dag::{DAG, NodeHandle};
use layout::topo::optimizer::EdgeCrossOptimizer;

use super::sift::sifted;

/// Graphs with more edges than this are ordered by sweeps alone.
const LAYOUT_RS_LIMIT: usize = 80;

/// In graphs with more edges than this, nodes are not moved one by one.
const SIFTED: usize = 400;

/// Rows with more nodes than this are not compared with their mirror image.
const COMPARED: usize = 64;

/// Sweeps up and down.
const SWEEPS: usize = 6;

/// Nodes in rows, from the bottom up and from left to right.
pub(crate) type Rows = Vec<Vec<usize>>;

/// Orders the rows. `edges` join nodes of adjacent rows, lower node first; `pairs` stand side by side: left, right.
pub(crate) fn ordered(rows: Rows, edges: &[(usize, usize)], pairs: &[(usize, usize)]) -> Rows {
    if rows.iter().all(|row| row.len() < 2) {
        return rows;
    }
    let graph = Graph::new(rows.iter().map(Vec::len).sum(), edges);
    let mut best = Best { graph: &graph, pairs, found: None };
    let swept = graph.swept(rows.clone());
    if best.offer(swept.clone()) > 0 {
        if edges.len() <= LAYOUT_RS_LIMIT {
            let searched = graph.searched(swept, edges);
            best.offer(searched.clone());
            best.offer(graph.swept(searched));
        }
        best.offer(rows.clone());
        if edges.len() <= SIFTED {
            let sifted = |rows: Rows| sifted(rows, &graph.below, &graph.above);
            let reversed: Rows = rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
            for start in
                best.found.iter().map(|(_, rows)| rows.clone()).chain([rows, reversed]).collect::<Vec<_>>()
            {
                let found = sifted(start);
                best.offer(found.clone());
                best.offer(sifted(graph.swept(found)));
            }
        }
    }
    let (crossings, rows) = best.found.unwrap_or_default();
    let mut mirrored: Rows = rows.iter().map(|row| row.iter().rev().copied().collect()).collect();
    graph.pair_up(&mut mirrored, pairs);
    let is_better = graph.crossings(&mirrored) <= crossings && inversions(&mirrored) < inversions(&rows);
    if is_better { mirrored } else { rows }
}

/// The rows with the fewest crossings so far.
struct Best<'a> {
    graph: &'a Graph,
    pairs: &'a [(usize, usize)],
    found: Option<(usize, Rows)>,
}

impl Best<'_> {
    /// Takes these rows if they are better; returns how many crossings the best have.
    fn offer(&mut self, mut rows: Rows) -> usize {
        self.graph.pair_up(&mut rows, self.pairs);
        let crossings = self.graph.crossings(&rows);
        if self.found.as_ref().is_none_or(|(fewest, _)| crossings < *fewest) {
            self.found = Some((crossings, rows));
        }
        self.found.as_ref().map_or(0, |(fewest, _)| *fewest)
    }
}

/// How many pairs in the same row are not in program order: what comes first is to stand on the left. In very wide
/// rows nobody would notice.
fn inversions(rows: &Rows) -> usize {
    let few = rows.iter().filter(|row| row.len() <= COMPARED);
    let behind = |row: &Vec<usize>| -> usize {
        row.iter().enumerate().map(|(at, a)| row[at + 1..].iter().filter(|b| a > b).count()).sum()
    };
    few.map(behind).sum()
}

/// The neighbours of every node.
struct Graph {
    below: Vec<Vec<usize>>,
    above: Vec<Vec<usize>>,
}

impl Graph {
    fn new(count: usize, edges: &[(usize, usize)]) -> Self {
        let (mut below, mut above) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for &(from, to) in edges {
            below[to].push(from);
            above[from].push(to);
        }
        Self { below, above }
    }

    /// Puts the partners of pairs side by side.
    fn pair_up(&self, rows: &mut [Vec<usize>], pairs: &[(usize, usize)]) {
        for &(left, right) in pairs {
            let Some(row) = rows.iter_mut().find(|row| row.contains(&left)) else { continue };
            let is_free = |n: usize| self.below[n].is_empty() && self.above[n].is_empty();
            let (moved, stays) = if is_free(left) { (left, right) } else { (right, left) };
            row.retain(|&n| n != moved);
            if let Some(at) = row.iter().position(|&n| n == stays) {
                row.insert(if moved == left { at } else { at + 1 }, moved);
            }
        }
    }

    /// Sorts the rows by the mean place of each node's neighbours, up and down a few times, keeping the best.
    fn swept(&self, mut rows: Rows) -> Rows {
        let mut best = (self.crossings(&rows), rows.clone());
        for round in 0..SWEEPS {
            self.sweep(&mut rows, round % 2 == 0);
            let crossings = self.crossings(&rows);
            if crossings < best.0 {
                best = (crossings, rows.clone());
            }
        }
        best.1
    }

    fn sweep(&self, rows: &mut Rows, up: bool) {
        let mut place = vec![0.0; self.below.len()];
        let neighbours = if up { &self.below } else { &self.above };
        let count = rows.len();
        for r in (0..count).map(|r| if up { r } else { count - 1 - r }) {
            let mean = |n: usize, at: usize| {
                let near = &neighbours[n];
                let sum: f64 = near.iter().map(|&m| place[m]).sum();
                if near.is_empty() { at as f64 } else { sum / near.len() as f64 }
            };
            let mut keyed: Vec<(f64, usize)> =
                rows[r].iter().enumerate().map(|(at, &n)| (mean(n, at), n)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[r] = keyed.into_iter().map(|(_, n)| n).collect();
            rows[r].iter().enumerate().for_each(|(at, &n)| place[n] = at as f64);
        }
    }

    /// What `layout-rs` makes of these rows.
    fn searched(&self, mut rows: Rows, edges: &[(usize, usize)]) -> Rows {
        let mut dag = DAG::new();
        // Its checks search all paths, which takes exponential time; the edges here rise by one row each.
        dag.set_validate(false);
        self.below.iter().for_each(|_| {
            dag.new_node();
        });
        for &(from, to) in edges {
            dag.add_edge(NodeHandle::new(from), NodeHandle::new(to));
        }
        // It can't rotate a row without nodes.
        let used: Vec<usize> = (0..rows.len()).filter(|&row| !rows[row].is_empty()).collect();
        let handles = |&row: &usize| rows[row].iter().map(|&n| NodeHandle::new(n)).collect();
        *dag.ranks_mut() = used.iter().map(handles).collect();
        EdgeCrossOptimizer::new(&mut dag).optimize();
        for (&row, rank) in used.iter().zip(dag.ranks()) {
            rows[row] = rank.iter().map(|handle| handle.get_index()).collect();
        }
        rows
    }

    /// Pairs of edges that cross, given the order of the nodes.
    fn crossings(&self, rows: &[Vec<usize>]) -> usize {
        let mut place = vec![0; self.below.len()];
        rows.iter().for_each(|row| row.iter().enumerate().for_each(|(at, &n)| place[n] = at));
        rows.windows(2).map(|pair| self.crossings_above(&pair[0], pair[1].len(), &place)).sum()
    }

    /// From left to right, an edge crosses the earlier ones that end further right: a Fenwick tree counts them.
    fn crossings_above(&self, row: &[usize], width: usize, place: &[usize]) -> usize {
        let mut tree = vec![0usize; width + 1];
        let (mut seen, mut total) = (0, 0);
        let mut ends = Vec::new();
        for &n in row {
            ends.clear();
            ends.extend(self.above[n].iter().map(|&other| place[other]));
            for &end in &ends {
                let (mut not_right, mut node) = (0, end + 1);
                while node > 0 {
                    not_right += tree[node];
                    node &= node - 1;
                }
                total += seen - not_right;
            }
            for &end in &ends {
                let mut node = end + 1;
                while node <= width {
                    tree[node] += 1;
                    node += node & node.wrapping_neg();
                }
            }
            seen += ends.len();
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossings(rows: &Rows, edges: &[(usize, usize)]) -> usize {
        Graph::new(rows.iter().map(Vec::len).sum(), edges).crossings(rows)
    }

    #[test]
    fn crossings_are_counted() {
        let rows = vec![vec![0, 1, 2], vec![3, 4, 5]];
        assert_eq!(crossings(&rows, &[(0, 3), (1, 4), (2, 5)]), 0);
        assert_eq!(crossings(&rows, &[(0, 5), (1, 4), (2, 3)]), 3);
        assert_eq!(crossings(&rows, &[(0, 3), (0, 5), (1, 3), (2, 3), (2, 3)]), 3);
    }

    #[test]
    fn crossings_that_can_be_avoided_are() {
        let rows = vec![vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8]];
        let edges = [(0, 7), (1, 6), (2, 5), (3, 4), (4, 8), (7, 8)];
        assert_eq!(crossings(&ordered(rows, &edges, &[]), &edges), 0);
    }

    #[test]
    fn layout_rs_keeps_the_rows_and_makes_nothing_worse() {
        // Every node of a row is joined to every one of the next: crossings remain, so the search is made.
        let rows: Rows = vec![vec![], vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]];
        let mut edges: Vec<_> = (0..3).flat_map(|a| (3..6).map(move |b| (a, b))).collect();
        edges.extend([(3, 7), (4, 6), (5, 7)]);
        let graph = Graph::new(8, &edges);
        let found = graph.searched(rows.clone(), &edges);
        assert!(crossings(&found, &edges) <= crossings(&rows, &edges));
        for (found, row) in found.iter().zip(&rows) {
            let mut found = found.clone();
            found.sort();
            assert_eq!(&found, row);
        }
    }

    #[test]
    fn partners_stand_side_by_side() {
        let rows = vec![vec![0, 1], vec![2, 3, 4]];
        let found = ordered(rows, &[(0, 2), (1, 3)], &[(4, 2)]);
        assert_eq!(found[1], [4, 2, 3]);
    }
}

//! Fewer crossings between rows: each node in turn is tried at every place of its row, until none is better elsewhere.

/// So often, all nodes are tried.
const ROUNDS: usize = 12;

/// Moves the nodes within their rows, each to where its edges cross the fewest. `below` and `above` are its neighbours.
pub(super) fn sifted(
    mut rows: Vec<Vec<usize>>,
    below: &[Vec<usize>],
    above: &[Vec<usize>],
) -> Vec<Vec<usize>> {
    let mut place = vec![0; below.len()];
    for row in &rows {
        row.iter().enumerate().for_each(|(at, &node)| place[node] = at);
    }
    for _ in 0..ROUNDS {
        let mut moved = false;
        for row in &mut rows {
            for node in row.clone() {
                moved |= sift(row, node, |a, b| {
                    crossings(&below[a], &below[b], &place) + crossings(&above[a], &above[b], &place)
                });
            }
            row.iter().enumerate().for_each(|(at, &node)| place[node] = at);
        }
        if !moved {
            break;
        }
    }
    rows
}

/// Moves a node to the best place of its row, if that is better than its own. `cost` counts the crossings of two nodes
/// of which the first stands on the left.
fn sift(row: &mut Vec<usize>, node: usize, cost: impl Fn(usize, usize) -> usize) -> bool {
    let Some(own) = row.iter().position(|&other| other == node) else { return false };
    row.remove(own);
    // From the very left to the very right, passing one after the other.
    let mut costs = vec![row.iter().map(|&other| cost(node, other)).sum::<usize>()];
    for (at, &other) in row.iter().enumerate() {
        costs.push(costs[at] + cost(other, node) - cost(node, other));
    }
    let best = (0..costs.len()).min_by_key(|&at| (costs[at], at.abs_diff(own))).unwrap_or(own);
    row.insert(best, node);
    best != own
}

/// How many pairs of edges cross, one of each list, if the node of the first list stands on the left.
fn crossings(left: &[usize], right: &[usize], place: &[usize]) -> usize {
    left.iter().map(|&a| right.iter().filter(|&&b| place[b] < place[a]).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_goes_where_its_edges_cross_nothing() {
        // 0 is joined to 5, 1 to 3, 2 to 4.
        let above = [vec![5], vec![3], vec![4], vec![], vec![], vec![]];
        let below = [vec![], vec![], vec![], vec![1], vec![2], vec![0]];
        let found = sifted(vec![vec![0, 1, 2], vec![3, 4, 5]], &below, &above);
        let place = |row: usize, node: usize| found[row].iter().position(|&other| other == node);
        for (from, to) in [(0, 5), (1, 3), (2, 4)] {
            assert_eq!(place(0, from), place(1, to), "{found:?}");
        }
    }

    #[test]
    fn what_is_best_stays() {
        let rows = vec![vec![0, 1], vec![2, 3]];
        let (above, below) = ([vec![2], vec![3], vec![], vec![]], [vec![], vec![], vec![0], vec![1]]);
        assert_eq!(sifted(rows.clone(), &below, &above), rows);
    }
}

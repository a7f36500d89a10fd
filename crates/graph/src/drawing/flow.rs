//! What a scope's flow is: which links close circles, and which lead around something.

/// Which of the edges close a circle. Those in the order of the nodes can't, so they are taken first.
pub(crate) fn closing(count: usize, ends: &[(usize, usize)]) -> Vec<bool> {
    let mut next = vec![Vec::new(); count];
    ends.iter().filter(|(from, to)| from < to).for_each(|&(from, to)| next[from].push(to));
    let mut search = Search::new(count);
    let mut closing = vec![false; ends.len()];
    for (closes, &(from, to)) in closing.iter_mut().zip(ends).filter(|(_, (from, to))| from >= to) {
        *closes = from == to || search.reaches(&next, to, from, |_| true);
        if !*closes {
            next[from].push(to);
        }
    }
    closing
}

/// Which of the edges have a longer way beside them: what transitive reduction removes. There must be no circle.
pub(crate) fn bypassed(count: usize, ends: &[(usize, usize)]) -> Vec<bool> {
    let mut next = vec![Vec::new(); count];
    ends.iter().for_each(|&(from, to)| next[from].push(to));
    let height = heights(&next);
    let mut search = Search::new(count);
    let mut is_bypassed = |&(from, to): &(usize, usize)| {
        // A longer way takes at least two steps.
        height[to] > height[from] + 1
            && next[from].iter().filter(|&&node| node != to).any(|&node| {
                height[node] < height[to] && search.reaches(&next, node, to, |node| height[node] < height[to])
            })
    };
    ends.iter().map(&mut is_bypassed).collect()
}

/// The number of steps on the longest way to each node.
fn heights(next: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting = vec![0; next.len()];
    next.iter().flatten().for_each(|&to| waiting[to] += 1);
    let mut ready: Vec<usize> = (0..next.len()).filter(|&node| waiting[node] == 0).collect();
    let mut height = vec![0; next.len()];
    while let Some(node) = ready.pop() {
        for &to in &next[node] {
            height[to] = height[to].max(height[node] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    height
}

/// Depth-first searches that share their memory.
struct Search {
    /// By node: the number of the last search that came here.
    seen: Vec<usize>,
    number: usize,
    open: Vec<usize>,
}

impl Search {
    fn new(count: usize) -> Self {
        Self { seen: vec![0; count], number: 0, open: Vec::new() }
    }

    /// Whether a way leads from one node to the other through nodes that are `worth` following.
    fn reaches(
        &mut self,
        next: &[Vec<usize>],
        from: usize,
        to: usize,
        worth: impl Fn(usize) -> bool,
    ) -> bool {
        self.number += 1;
        self.open.clear();
        self.open.push(from);
        while let Some(node) = self.open.pop() {
            for &other in &next[node] {
                if other == to {
                    return true;
                }
                if worth(other) && self.seen[other] != self.number {
                    self.seen[other] = self.number;
                    self.open.push(other);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_closes_a_circle_is_found() {
        assert_eq!(closing(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]), [false, false, true, true]);
        // Against the order of the nodes, but in no circle.
        assert_eq!(closing(3, &[(2, 1), (1, 0)]), [false, false]);
    }

    #[test]
    fn what_skips_is_found_and_branches_of_different_length_are_not() {
        assert_eq!(bypassed(3, &[(0, 1), (1, 2), (0, 2)]), [false, false, true]);
        assert_eq!(bypassed(5, &[(0, 1), (1, 2), (2, 4), (0, 3), (3, 4)]), [false; 5]);
    }
}

//! The common subsequence of two lists that has the greatest weight.

use std::collections::{HashMap, VecDeque};

/// Lists whose lengths have a product above this are aligned by what is exactly equal, and nothing else.
const CELLS: usize = 4_000_000;
/// How far ahead an equal entry is looked for then.
const AHEAD: usize = 256;

/// Pairs of places in `a` and `b`, both increasing. `score` says what a pair is worth, 0 being no pair at all; what has
/// the same number in `a` and `b` is exactly equal.
pub(super) fn common(a: &[u64], b: &[u64], score: impl Fn(usize, usize) -> u32) -> Vec<(usize, usize)> {
    let is_equal = |i: usize, j: usize| a[i] == b[j] && score(i, j) > 0;
    let shorter = a.len().min(b.len());
    let start = (0..shorter).take_while(|&i| is_equal(i, i)).count();
    let at_end = |&i: &usize| is_equal(a.len() - 1 - i, b.len() - 1 - i);
    let end = (0..shorter - start).take_while(at_end).count();
    let (rows, columns) = (a.len() - start - end, b.len() - start - end);
    let mut pairs: Vec<_> = (0..start).map(|i| (i, i)).collect();
    let middle = match rows.saturating_mul(columns) <= CELLS {
        true => heaviest(rows, columns, |i, j| score(start + i, start + j)),
        false => equal_ones(&a[start..start + rows], &b[start..start + columns], |i, j| {
            score(start + i, start + j) > 0
        }),
    };
    pairs.extend(middle.into_iter().map(|(i, j)| (start + i, start + j)));
    pairs.extend((0..end).rev().map(|i| (a.len() - 1 - i, b.len() - 1 - i)));
    pairs
}

/// The best of all subsequences.
fn heaviest(rows: usize, columns: usize, score: impl Fn(usize, usize) -> u32) -> Vec<(usize, usize)> {
    let width = columns + 1;
    let scores: Vec<u32> = (0..rows * columns).map(|cell| score(cell / columns, cell % columns)).collect();
    // best[i][j]: of what begins at i and j.
    let mut best = vec![0_u32; (rows + 1) * width];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            let apart = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let worth = scores[i * columns + j];
            let paired = if worth > 0 { worth.saturating_add(best[(i + 1) * width + j + 1]) } else { 0 };
            best[i * width + j] = apart.max(paired);
        }
    }
    let (mut pairs, mut i, mut j) = (Vec::new(), 0, 0);
    while i < rows && j < columns {
        let worth = scores[i * columns + j];
        if worth > 0 && best[i * width + j] == worth.saturating_add(best[(i + 1) * width + j + 1]) {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// The next equal one each, if it isn't far.
fn equal_ones(a: &[u64], b: &[u64], fits: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let mut places: HashMap<u64, VecDeque<usize>> = HashMap::new();
    for (j, &number) in b.iter().enumerate() {
        places.entry(number).or_default().push_back(j);
    }
    let (mut pairs, mut next) = (Vec::new(), 0);
    for (i, number) in a.iter().enumerate() {
        let Some(places) = places.get_mut(number) else { continue };
        while places.front().is_some_and(|&j| j < next) {
            places.pop_front();
        }
        if let Some(&j) = places.front().filter(|&&j| j < next + AHEAD && fits(i, j)) {
            pairs.push((i, j));
            next = j + 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
        common(a, b, |i, j| if a[i] == b[j] { a[i] as u32 } else { 0 })
    }

    #[test]
    fn the_heaviest_stay_in_place() {
        // 9 weighs more than 1 and 2 together.
        assert_eq!(aligned(&[1, 2, 9], &[9, 1, 2]), [(2, 0)]);
        assert_eq!(aligned(&[1, 2, 2], &[2, 2, 1]), [(1, 0), (2, 1)]);
        assert_eq!(aligned(&[5, 1, 7], &[5, 3, 3, 7]), [(0, 0), (2, 3)]);
        assert_eq!(aligned(&[], &[1]), []);
    }

    #[test]
    fn of_equal_ones_the_last_is_left_over() {
        assert_eq!(aligned(&[4, 4, 4], &[4, 4]), [(0, 0), (1, 1)]);
    }

    #[test]
    fn very_long_lists_are_aligned_by_what_is_equal() {
        let a: Vec<u64> = (1..5_000).collect();
        let mut b = a.clone();
        b.remove(2_500);
        b.swap(10, 11);
        b[4_000] = 77_777;
        assert!(a.len() * b.len() > CELLS);
        let pairs = aligned(&a, &b);
        assert!(
            pairs.len() > 4_900
                && pairs.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1)
        );
    }
}

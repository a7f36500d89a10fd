//! Sentences share nothing while they are decoded, so the cores of a processor divide a batch among themselves. (Flex
//! computes a matrix product on one core as long as it is small, which at one token a step most are.)

use std::ops::Range;

use rayon::prelude::*;

/// Calls `work` on about equal parts of `0..count`, at once as far as rayon has threads, and joins what they give in order.
pub(crate) fn in_parallel<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(Range<usize>) -> Vec<T> + Sync,
) -> Vec<T> {
    let parts = threads.clamp(1, count.max(1));
    let part = |n: usize| n * count / parts..(n + 1) * count / parts;
    // On rayon's threads. What operations divide among threads is taken by those that are there anyway; any other thread would
    // have to wake them, and would sleep meanwhile, at each operation.
    rayon::scope(|_| (0..parts).into_par_iter().flat_map_iter(|n| work(part(n))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_in_order() {
        for count in [0, 1, 2, 3, 7, 32] {
            for threads in [0, 1, 2, 5] {
                let found = in_parallel(count, threads, |part| part.collect());
                assert_eq!(found, (0..count).collect::<Vec<usize>>(), "{count} in {threads} threads");
            }
        }
    }
}

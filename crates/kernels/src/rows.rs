//! Work on rows, with whatever instructions the processor has.
//!
//! The loops are plain ones over slices, which the compiler turns into vector instructions. Sums are taken in a fixed number of
//! parts, so that they come out the same on every processor and for any number of threads.

use pulp::Arch;
use rayon::prelude::*;

/// Numbers that are worked on together.
pub(crate) const LANES: usize = 16;
/// Elements of a task for a thread: enough to be worth it, and few enough for a core's cache.
const TASK: usize = 1 << 14;

/// Runs a loop, compiled for each kind of processor. What it calls has to be inlined.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(work)
}

/// How many rows of this width a task takes.
pub(crate) fn rows_of_a_task(width: usize) -> usize {
    (TASK / width.max(1)).max(1)
}

/// Calls `work` for each task's share of some elements, and tells it which of them is the first.
pub(crate) fn in_tasks(elements: &mut [f32], work: impl Fn(usize, &mut [f32]) + Sync) {
    elements.par_chunks_mut(TASK).enumerate().for_each(|(task, share)| work(task * TASK, share));
}

/// The sum of what `of` makes of each element.
#[inline(always)]
pub(crate) fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let mut chunks = row.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += of(*x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += of(*x);
    }
    total(lanes)
}

/// The sum of what `of` makes of each pair of elements.
#[inline(always)]
pub(crate) fn sum_of_pairs(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (mut a, mut b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (a, b) in (&mut a).zip(&mut b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += of(*a, *b);
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a.remainder().iter().zip(b.remainder())) {
        *lane += of(*a, *b);
    }
    total(lanes)
}

/// The largest element; what is not a number is passed over.
#[inline(always)]
pub(crate) fn largest(row: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let mut chunks = row.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, *x);
        }
    }
    let rest = chunks.remainder().iter().copied().fold(f32::NEG_INFINITY, larger);
    lanes.into_iter().fold(rest, larger)
}

/// Adds lanes pairwise.
#[inline(always)]
fn total(lanes: [f32; LANES]) -> f32 {
    let mut sums = lanes;
    let mut count = LANES / 2;
    while count > 0 {
        for lane in 0..count {
            sums[lane] += sums[lane + count];
        }
        count /= 2;
    }
    sums[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_counts_once() {
        for length in [1, 15, 16, 17, 31, 61, 257] {
            let row: Vec<f32> = (0..length).map(|n| (n % 7) as f32).collect();
            let twice: Vec<f32> = row.iter().map(|x| 2.0 * x).collect();
            let expected: f32 = row.iter().sum();
            assert_eq!(vectorised(|| sum(&row, |x| x)), expected);
            assert_eq!(vectorised(|| sum_of_pairs(&row, &twice, |a, b| b - a)), expected);
            assert_eq!(vectorised(|| largest(&row)), row.iter().copied().fold(0.0, f32::max));
        }
    }
}

//! Work on rows, with whatever instructions the processor has.
//!
//! The loops are plain ones, which the compiler turns into vector instructions. They count, since it leaves iterators over several
//! slices by themselves here, and calls them for each row. Sums are taken in a fixed number of
//! parts, so that they come out the same on every processor and for any number of threads.

use pulp::{Arch, NullaryFnOnce};
use rayon::prelude::*;

/// Numbers that are worked on together.
pub(crate) const LANES: usize = 16;
/// Numbers that are made before they are summed: a multiple of [`LANES`].
pub(crate) const PART: usize = 256;
/// Elements of a task for a thread: enough to be worth it, and few enough for a core's cache.
const TASK: usize = 1 << 14;

/// A loop, with what it works on.
pub(crate) trait Loop {
    type Output;

    /// Has to be inlined always, as has what it calls: whatever the compiler leaves by itself is compiled for the oldest
    /// processor. So a loop is no closure.
    fn run(self) -> Self::Output;
}

/// Runs a loop that is compiled for each kind of processor.
pub(crate) fn vectorised<L: Loop>(work: L) -> L::Output {
    Arch::new().dispatch(Vectorised(work))
}

struct Vectorised<L>(L);

impl<L: Loop> NullaryFnOnce for Vectorised<L> {
    type Output = L::Output;

    #[inline(always)]
    fn call(self) -> L::Output {
        self.0.run()
    }
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
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += of(chunk[lane]);
        }
    }
    for lane in 0..rest.len() {
        lanes[lane] += of(rest[lane]);
    }
    total(lanes)
}

/// Adds each number to the lane of its place.
#[inline(always)]
pub(crate) fn add_to_lanes(lanes: &mut [f32; LANES], row: &[f32]) {
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += chunk[lane];
        }
    }
    for lane in 0..rest.len() {
        lanes[lane] += rest[lane];
    }
}

/// The sum of what `of` makes of each pair of elements. There are as many of both.
#[inline(always)]
pub(crate) fn sum_of_pairs(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let b = &b[..a.len()];
    for index in 0..a.len() {
        for lane in 0..LANES {
            lanes[lane] += of(a[index][lane], b[index][lane]);
        }
    }
    let b_rest = &b_rest[..a_rest.len()];
    for lane in 0..a_rest.len() {
        lanes[lane] += of(a_rest[lane], b_rest[lane]);
    }
    total(lanes)
}

/// The sums of the products of a row's elements and those of each other row, which have as many. The sums come out as if each was
/// computed alone; side by side, none waits for another.
#[inline(always)]
pub(crate) fn sums_of_products<const N: usize>(a: &[f32], b: &[&[f32]; N]) -> [f32; N] {
    let mut lanes = [[0.0_f32; LANES]; N];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let mut rows = [a; N];
    for row in 0..N {
        rows[row] = &b[row].as_chunks::<LANES>().0[..a.len()];
    }
    for index in 0..a.len() {
        for row in 0..N {
            for lane in 0..LANES {
                lanes[row][lane] += a[index][lane] * rows[row][index][lane];
            }
        }
    }
    let mut sums = [0.0; N];
    for row in 0..N {
        let rest = &b[row][a.len() * LANES..][..a_rest.len()];
        for lane in 0..a_rest.len() {
            lanes[row][lane] += a_rest[lane] * rest[lane];
        }
        sums[row] = total(lanes[row]);
    }
    sums
}

/// The largest element; what is not a number is passed over.
#[inline(always)]
pub(crate) fn largest(row: &[f32]) -> f32 {
    largest_of(row, |x| x)
}

/// The largest of what `of` makes of each element; what is not a number is passed over.
#[inline(always)]
pub(crate) fn largest_of(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = larger(lanes[lane], of(chunk[lane]));
        }
    }
    for lane in 0..rest.len() {
        lanes[lane] = larger(lanes[lane], of(rest[lane]));
    }
    let mut largest = f32::NEG_INFINITY;
    for lane in lanes {
        largest = larger(largest, lane);
    }
    largest
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// Adds lanes pairwise.
#[inline(always)]
pub(crate) fn total(lanes: [f32; LANES]) -> f32 {
    let (mut eight, mut four) = ([0.0; 8], [0.0; 4]);
    for lane in 0..8 {
        eight[lane] = lanes[lane] + lanes[lane + 8];
    }
    for lane in 0..4 {
        four[lane] = eight[lane] + eight[lane + 4];
    }
    (four[0] + four[2]) + (four[1] + four[3])
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
            assert_eq!(sum(&row, |x| x), expected);
            assert_eq!(sum_of_pairs(&row, &twice, |a, b| b - a), expected);
            let products = sum_of_pairs(&row, &twice, |a, b| a * b);
            let same = sum_of_pairs(&row, &row, |a, b| a * b);
            assert_eq!(sums_of_products(&row, &[&twice, &row, &twice]), [products, same, products]);
            assert_eq!(largest(&row), row.iter().copied().fold(0.0, f32::max));
        }
    }
}

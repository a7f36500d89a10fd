//! The exponential function, and softmax.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::elements;
use crate::rows::{LANES, Loop, PART, add_to_lanes, largest, rows_of_a_task, sum, total, vectorised};

/// Below this, the exponential function is no normal number any more, and zero here.
const LEAST: f32 = -87.0;

/// `e` to the power of `x`, for `x` up to 88: within two units in the last place, after Cephes' `expf`. There is no branch in
/// it, so that a loop over it becomes vector instructions. What is not a number stays so.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // To add this rounds to an integer, which stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts, of which the first has few digits: its product with a small integer is exact.
    const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    let within = if x < LEAST { LEAST } else { x };
    let shifted = within * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = within - power * LN_2.0 - power * LN_2.1;
    let series = 1.987_569_1e-4;
    let series = series * r + 1.398_2e-3;
    let series = series * r + 8.333_452e-3;
    let series = series * r + 4.166_579_6e-2;
    let series = series * r + 1.666_666_5e-1;
    let series = series * r + 0.5;
    let fraction = series * r * r + r + 1.0;
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3F80_0000));
    if x < LEAST { 0.0 } else { fraction * scale }
}

/// Makes of scores a distribution.
#[inline(always)]
pub(crate) fn softmax(row: &mut [f32]) {
    let max = largest(row);
    for x in &mut *row {
        *x = exp(*x - max);
    }
    let share = 1.0 / sum(row, |x| x);
    for x in row {
        *x *= share;
    }
}

/// The logarithm of the sum of the exponentials of a row. What is summed is computed before, some numbers at a time: one loop
/// for both wouldn't become vector instructions.
#[inline(always)]
pub(crate) fn log_sum_exp(row: &[f32]) -> f32 {
    let max = largest(row);
    let mut exponentials = [0.0; PART];
    let mut lanes = [0.0; LANES];
    for part in row.chunks(PART) {
        let exponentials = &mut exponentials[..part.len()];
        for index in 0..part.len() {
            exponentials[index] = exp(part[index] - max);
        }
        add_to_lanes(&mut lanes, exponentials);
    }
    max + total(lanes).ln()
}

/// The logarithms of the softmax of each row, in place if nobody else has the tensor.
pub(crate) fn log_softmax(x: FlexTensor) -> FlexTensor {
    let mut x = elements::in_order(x);
    let Some(&width) = x.shape().as_slice().last().filter(|width| **width > 0) else { return x };
    elements::changed(&mut x).par_chunks_mut(rows_of_a_task(width) * width).for_each(|rows| {
        vectorised(LogSoftmax { rows, width });
    });
    x
}

struct LogSoftmax<'a> {
    rows: &'a mut [f32],
    width: usize,
}

impl Loop for LogSoftmax<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for row in self.rows.chunks_exact_mut(self.width) {
            let all = log_sum_exp(row);
            for x in row {
                *x -= all;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_two_units_in_the_last_place() {
        for step in 0..=1_750_000 {
            let x = LEAST + step as f32 * 1e-4;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) / expected - 1.0).abs();
            assert!(error < 2.5 * f64::from(f32::EPSILON) / 2.0, "e^{x}: {} is off by {error}", exp(x));
        }
    }

    #[test]
    fn what_has_no_exponential_is_zero_or_no_number() {
        assert_eq!([exp(f32::NEG_INFINITY), exp(-1e9), exp(0.0)], [0.0, 0.0, 1.0]);
        assert!(exp(f32::NAN).is_nan());
        let mut row = [0.0, f32::NAN, 1.0];
        softmax(&mut row);
        assert!(row.iter().all(|x| x.is_nan()), "{row:?}");
    }

    #[test]
    fn a_distribution_sums_to_one_whatever_the_scores() {
        for shift in [-1e9, -40.0, 0.0, 3e4] {
            let mut row: Vec<f32> = (0..37).map(|n| shift + (n % 5) as f32).collect();
            softmax(&mut row);
            let total: f32 = row.iter().sum();
            assert!((total - 1.0).abs() < 1e-6, "{total}");
            assert_eq!(row[0], row[5]);
        }
    }
}

//! Products in which a number takes eight bits, for a trained model in use.
//!
//! Each column of the weights is rounded to multiples of its own step, from -127 to 127; so is each row of the input, from 0 to
//! 255, with a number for zero. The product of the two is one of integers, and exact. It reads a quarter of what it would;
//! the rounded weights are kept beside the others (after Dettmers et al. 2022, section 2.1, and Jacob et
//! al. 2018, section 2). What is not finite spoils its row of the input, or its column of the weights: all that comes of it is NaN.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;
use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_tensor::{AsView, NdTensor, NdTensorView};

use crate::kept::MadeOnce;
use crate::product::Matrix;
use crate::rows::{Loop, largest_of, sum, vectorised};

/// Rows of the input that are multiplied at a time.
const ROWS: usize = 128;
/// The largest multiple for weights; and where the processor's instructions sum products of bytes in 16 bits, one that leaves
/// those room.
const LARGEST: [f32; 2] = [127.0, 63.0];
/// Inputs up to which a sum of products fits into 32 bits.
const MOST_INPUTS: usize = 1 << 16;

static WANTED: AtomicBool = AtomicBool::new(false);
static ROUNDED: MadeOnce<EightBits> = MadeOnce::new();

/// Says whether rounded weights are wanted.
pub(crate) fn want(wanted: bool) {
    WANTED.store(wanted, Ordering::Relaxed);
}

/// The rounded weights, if they are wanted, and there are not too many of them in a column.
pub(crate) fn rounded(weight: &FlexTensor) -> Option<Arc<EightBits>> {
    let wanted = WANTED.load(Ordering::Relaxed) && weight.shape().dims::<2>()[0] <= MOST_INPUTS;
    wanted.then(|| ROUNDED.of(weight, EightBits::new))
}

/// Gives back what was made of weights that are no more.
pub(crate) fn forget() {
    ROUNDED.forget();
}

/// A matrix of weights, rounded: `[d_in, d_out]`.
pub(crate) struct EightBits {
    weights: PackedBMatrix<i8>,
    /// The step of each column.
    steps: Vec<f32>,
    /// The sum of each column, in steps.
    sums: Vec<i32>,
    size: [usize; 2],
}

thread_local! {
    /// What multiplies bytes, as this processor does it fastest.
    static MULTIPLIER: GemmExecutor<u8, i8, i32> = GemmExecutor::new();
}

impl EightBits {
    fn new(weight: Matrix<'_>, size: [usize; 2]) -> Self {
        let [inputs, width] = size;
        let largest = LARGEST[usize::from(MULTIPLIER.with(GemmExecutor::may_saturate))];
        let mut row = vec![0.0; width];
        let mut steps = vec![0.0_f32; width];
        for index in 0..inputs {
            weight.copy_row(index, 0, &mut row);
            for (step, x) in steps.iter_mut().zip(&row) {
                // One that is not finite makes the whole column NaN.
                let is_known = x.is_finite() && !step.is_nan();
                *step = if is_known { step.max(x.abs() / largest) } else { f32::NAN };
            }
        }
        let mut rounded = Vec::with_capacity(inputs * width);
        let mut sums = vec![0; width];
        for index in 0..inputs {
            weight.copy_row(index, 0, &mut row);
            let nearest = |(x, step): (&f32, &f32)| {
                if *step >= f32::MIN_POSITIVE { (x / step).round() as i8 } else { 0 }
            };
            rounded.extend(row.iter().zip(&steps).map(nearest));
            let newest = &rounded[index * width..];
            sums.iter_mut().zip(newest).for_each(|(sum, x)| *sum += i32::from(*x));
        }
        let rounded = NdTensor::from_data(size, rounded);
        let weights = MULTIPLIER.with(|multiplier| multiplier.prepack_b(rounded.view()));
        Self { weights, steps, sums, size }
    }

    /// Adds the product of some rows, `[rows, d_in]`, with the matrix to `output`, `[rows, d_out]`.
    pub(crate) fn add_product(&self, x: &[f32], output: &mut [f32]) {
        let [inputs, width] = self.size;
        if inputs * width == 0 {
            return;
        }
        let tasks = output.par_chunks_mut(ROWS * width).zip(x.par_chunks(ROWS * inputs));
        tasks.for_each(|(output, x)| {
            let rows = x.len() / inputs;
            let mut rounded = vec![0; x.len()];
            let (mut steps, mut zeros) = (vec![0.0; rows], vec![0; rows]);
            vectorised(Round { x, inputs, rounded: &mut rounded, steps: &mut steps, zeros: &mut zeros });
            let mut products = vec![0; output.len()];
            let of_x = GemmInputA::Unpacked(NdTensorView::from_data([rows, inputs], &rounded[..]));
            let weights = GemmInputB::Packed(&self.weights);
            MULTIPLIER
                .with(|multiplier| multiplier.gemm(&mut products, of_x, weights, GemmOptions::default()))
                .expect("the sizes are those of a product");
            vectorised(Scale { output, products: &products, steps: &steps, zeros: &zeros, weights: self });
        });
    }
}

/// Rounds each row to multiples of a step of its own, above a number that stands for zero.
struct Round<'a> {
    x: &'a [f32],
    inputs: usize,
    rounded: &'a mut [u8],
    steps: &'a mut [f32],
    zeros: &'a mut [i32],
}

impl Loop for Round<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { x, inputs, rounded, steps, zeros } = self;
        for row in 0..steps.len() {
            let here = row * inputs..(row + 1) * inputs;
            let (x, rounded) = (&x[here.clone()], &mut rounded[here][..inputs]);
            let (least, most) = range(x);
            let step = (most - least) / 255.0;
            // An infinite range makes the step NaN, as does one that is NaN. A row of zeros has the step 0.
            let step = if step.is_finite() { step } else { f32::NAN };
            let per_step = if step >= f32::MIN_POSITIVE { 1.0 / step } else { 0.0 };
            let zero = (-least * per_step + 0.5).floor();
            for index in 0..inputs {
                rounded[index] = (x[index] * per_step + zero + 0.5) as u8;
            }
            (steps[row], zeros[row]) = (step, zero as i32);
        }
    }
}

/// The least and the largest of some numbers and zero; not a number, if any is none.
#[inline(always)]
fn range(x: &[f32]) -> (f32, f32) {
    let (least, most) = (-largest_of(x, |x| -x), largest_of(x, |x| x));
    let none = sum(x, |x| x * 0.0);
    (least.min(0.0) + none, most.max(0.0) + none)
}

/// Adds products of integers, times the steps of their row and column. What stands for zero is subtracted here: the product
/// could do that, but confuses the rows' zeros where there are many rows (rten-gemm 0.27).
struct Scale<'a> {
    output: &'a mut [f32],
    products: &'a [i32],
    steps: &'a [f32],
    zeros: &'a [i32],
    weights: &'a EightBits,
}

impl Loop for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { output, products, steps, zeros, weights } = self;
        let width = weights.steps.len();
        let (of_columns, sums) = (&weights.steps[..width], &weights.sums[..width]);
        for row in 0..steps.len() {
            let output = &mut output[row * width..][..width];
            let products = &products[row * width..][..width];
            for column in 0..width {
                let product = products[column] - zeros[row] * sums[column];
                output[column] += product as f32 * (steps[row] * of_columns[column]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..count).map(|_| rng.random_range(-1.7..2.3_f32)).collect()
    }

    /// How far apart the smallest and the largest of some numbers and zero are.
    fn width(row: impl Iterator<Item = f32>) -> f32 {
        let [least, most] = row.fold([0.0_f32; 2], |[least, most], x| [least.min(x), most.max(x)]);
        most - least
    }

    /// A number is off by half a step at most, so a product of two rows is as far off as that makes it.
    #[test]
    fn a_product_is_off_by_half_a_step_of_each_number() {
        for [rows, inputs, outputs] in [[1, 1, 1], [1, 7, 61], [2, 31, 67], [17, 67, 64], [131, 257, 131]] {
            let (x, weights) = (numbers(rows * inputs, 1), numbers(inputs * outputs, 2));
            for (name, strides) in [("as it is", [outputs, 1]), ("transposed", [1, inputs])] {
                let weight = |input: usize, output: usize| weights[input * strides[0] + output * strides[1]];
                let matrix = Matrix::new(&weights, [inputs, outputs], strides);
                let mut found = vec![0.25; rows * outputs];
                EightBits::new(matrix, [inputs, outputs]).add_product(&x, &mut found);
                for (index, found) in found.iter().enumerate() {
                    let (row, output) = (index / outputs, index % outputs);
                    let x = &x[row * inputs..][..inputs];
                    let step = width(x.iter().copied()) / 255.0;
                    let largest = (0..inputs).map(|input| weight(input, output).abs()).fold(0.0, f32::max);
                    let weight_step = largest / LARGEST[1];
                    let (mut expected, mut bound) = (0.25, 1e-4);
                    for input in 0..inputs {
                        expected += x[input] * weight(input, output);
                        bound += x[input].abs() * weight_step / 2.0;
                        bound += (weight(input, output).abs() + weight_step / 2.0) * step / 2.0;
                    }
                    assert!(
                        (found - expected).abs() <= bound,
                        "{rows} x {inputs} x {outputs}, {name}: {found} is not {expected}, by more than {bound}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_stays_so_and_spoils_no_other_row() {
        let weights = numbers(7 * 5, 3);
        let rounded = EightBits::new(Matrix::new(&weights, [7, 5], [5, 1]), [7, 5]);
        for strange in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut x = numbers(3 * 7, 4);
            x[9] = strange;
            let mut found = vec![0.0; 15];
            rounded.add_product(&x, &mut found);
            for (row, found) in found.chunks(5).enumerate() {
                assert!(
                    found.iter().all(|x| x.is_nan() == (row == 1)),
                    "{strange} in row 1: {row} is {found:?}"
                );
            }
        }
        for strange in [f32::NAN, f32::INFINITY] {
            let mut weights = weights.clone();
            weights[5 + 2] = strange;
            let mut found = vec![0.0; 5];
            let matrix = Matrix::new(&weights, [7, 5], [5, 1]);
            EightBits::new(matrix, [7, 5]).add_product(&numbers(7, 5), &mut found);
            let strange_alone = found.iter().enumerate().all(|(column, x)| x.is_finite() == (column != 2));
            assert!(strange_alone, "{found:?}");
        }
    }

    #[test]
    fn nothing_times_anything_is_nothing() {
        let mut found = vec![0.5; 10];
        EightBits::new(Matrix::new(&[0.0; 35], [7, 5], [5, 1]), [7, 5])
            .add_product(&numbers(14, 6), &mut found);
        EightBits::new(Matrix::new(&numbers(35, 7), [7, 5], [5, 1]), [7, 5])
            .add_product(&[0.0; 14], &mut found);
        assert_eq!(found, [0.5; 10]);
    }
}

//! A linear layer: the product with the weights, and the bias that is there already when the product is added.

use std::cell::RefCell;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use rayon::prelude::*;

use crate::eight_bits;
use crate::elements::{self, matrix};
use crate::packed::{self, FEW};
use crate::product::{Matrix, MatrixMut, new_product};
use crate::rows::{Loop, rows_of_a_task, vectorised};

/// Columns of the weights that are transposed at a time, for a product with all of them: as many as fit into a core's cache
/// with 512 rows.
const TRANSPOSED: usize = 256;

thread_local! {
    /// Where a thread transposes. It is kept: to get and give back a little memory again and again takes large pieces apart.
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
pub(crate) struct State {
    x: FlexTensor,
    weight: FlexTensor,
}

/// `[rows, d_in]` times `[d_in, d_out]`, plus `[d_out]`.
pub(crate) fn forward(x: FlexTensor, weight: FlexTensor, bias: &FlexTensor) -> (FlexTensor, State) {
    let [rows, width] = size_of_output(&x, &weight, bias);
    let (x, weight) = (elements::in_order(x), elements::strided(weight));
    let mut output = elements::of(&elements::in_order(bias.clone())).repeat(rows);
    MatrixMut::new(&mut output, [rows, width], width).add_product(matrix(&x), matrix(&weight));
    (elements::tensor(output, [rows, width]), State { x, weight })
}

/// The same where no gradient is wanted. A few rows, as of whoever writes, are multiplied by panels; all are, if that is wanted,
/// by weights of eight bits.
pub(crate) fn without_gradient(x: FlexTensor, weight: FlexTensor, bias: &FlexTensor) -> FlexTensor {
    let [rows, width] = size_of_output(&x, &weight, bias);
    let weight = elements::strided(weight);
    let rounded = eight_bits::rounded(&weight);
    if rows == 0 || (rows > FEW && rounded.is_none()) {
        return forward(x, weight, bias).0;
    }
    let x = elements::in_order(x);
    let mut output = elements::of(&elements::in_order(bias.clone())).repeat(rows);
    match rounded {
        Some(rounded) => rounded.add_product(elements::of(&x), &mut output),
        None => packed::panels(&weight).add_product(elements::of(&x), rows, &mut output),
    }
    elements::tensor(output, [rows, width])
}

/// Rows and columns of what comes out.
///
/// # Panics
///
/// If the sizes don't fit each other.
fn size_of_output(x: &FlexTensor, weight: &FlexTensor, bias: &FlexTensor) -> [usize; 2] {
    let ([rows, inputs], [d_in, d_out]) = (x.shape().dims::<2>(), weight.shape().dims::<2>());
    let biases = bias.shape().dims::<1>();
    assert!(
        inputs == d_in && biases == [d_out],
        "an input of {:?}, weights of {:?} and a bias of {biases:?} don't fit each other",
        [rows, inputs],
        [d_in, d_out]
    );
    [rows, d_out]
}

/// The gradients of input, weights and bias: `dy W'`, `x' dy`, and the sum of the rows of `dy`.
#[derive(Debug)]
pub(crate) struct Gradient;

impl Backward<Flex, 3> for Gradient {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = elements::in_order(grads.consume::<Flex>(&ops.node));
        let State { x, weight } = ops.state;
        let [of_x, of_weight, of_bias] = ops.parents;
        if let Some(parent) = of_x {
            grads.register::<Flex>(parent.id, through(&gradient, &weight));
        }
        if let Some(parent) = of_weight {
            grads.register::<Flex>(parent.id, of_weights(&gradient, &x));
        }
        if let Some(parent) = of_bias {
            grads.register::<Flex>(parent.id, sum_of_rows(&gradient));
        }
    }
}

/// The gradient of the input. Where the weights' rows lie one after the other, some columns at a time are transposed first:
/// the product would do the same, only much more slowly.
fn through(gradient: &FlexTensor, weight: &FlexTensor) -> FlexTensor {
    let [rows, width] = gradient.shape().dims::<2>();
    let [inputs, _] = weight.shape().dims::<2>();
    let (gradient, weight) = (matrix(gradient), matrix(weight));
    let size = [rows, inputs];
    let Some(lines) = weight.lines().filter(|_| width > 0) else {
        return elements::tensor(new_product(gradient, weight.transposed()), size);
    };
    let mut output = Vec::new();
    // Taken, not borrowed: a thread that waits for others may begin with another gradient meanwhile.
    let mut scratch = SCRATCH.take();
    scratch.resize(scratch.len().max(TRANSPOSED.min(width) * inputs), 0.0);
    for first in (0..width).step_by(TRANSPOSED) {
        let columns = first..width.min(first + TRANSPOSED);
        let turned = &mut scratch[..columns.len() * inputs];
        vectorised(Transpose { turned, count: inputs, line: |line| &lines(line)[columns.clone()] });
        let part = Matrix::new(turned, [columns.len(), inputs], [inputs, 1]);
        let gradient = gradient.columns(columns);
        if first == 0 {
            output = new_product(gradient, part);
        } else {
            MatrixMut::new(&mut output, size, inputs).add_product(gradient, part);
        }
    }
    SCRATCH.set(scratch);
    elements::tensor(output, size)
}

/// Writes so many lines as columns. Squares are read before they are written: lines of the same lengths would push each other
/// out of the nearest cache.
struct Transpose<'a, L> {
    turned: &'a mut [f32],
    count: usize,
    line: L,
}

impl<'a, L: Fn(usize) -> &'a [f32]> Loop for Transpose<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        const SIDE: usize = 16;
        let Self { turned, count, line } = self;
        let width = turned.len() / count;
        for first_line in (0..count).step_by(SIDE) {
            let lines = SIDE.min(count - first_line);
            for first in (0..width).step_by(SIDE) {
                let columns = SIDE.min(width - first);
                let mut square = [[0.0; SIDE]; SIDE];
                for (square, index) in square.iter_mut().zip(first_line..first_line + lines) {
                    square[..columns].copy_from_slice(&line(index)[first..first + columns]);
                }
                for column in 0..columns {
                    let to = &mut turned[(first + column) * count + first_line..][..lines];
                    for (to, square) in to.iter_mut().zip(&square) {
                        *to = square[column];
                    }
                }
            }
        }
    }
}

/// The gradient of the weights.
fn of_weights(gradient: &FlexTensor, x: &FlexTensor) -> FlexTensor {
    let ([_, width], [_, inputs]) = (gradient.shape().dims::<2>(), x.shape().dims::<2>());
    let output = new_product(matrix(x).transposed(), matrix(gradient));
    elements::tensor(output, [inputs, width])
}

/// The gradient of the bias. Each task sums its rows, and those are the same for any number of threads.
fn sum_of_rows(gradient: &FlexTensor) -> FlexTensor {
    let [_, width] = gradient.shape().dims::<2>();
    let share = rows_of_a_task(width) * width;
    let sums: Vec<Vec<f32>> = elements::of(gradient)
        .par_chunks(share)
        .map(|rows| {
            let mut sums = vec![0.0; width];
            vectorised(AddRows { sums: &mut sums, rows });
            sums
        })
        .collect();
    let mut total = vec![0.0; width];
    sums.iter().for_each(|sums| vectorised(AddRows { sums: &mut total, rows: sums }));
    elements::tensor(total, [width])
}

/// Adds rows to `sums`.
struct AddRows<'a> {
    sums: &'a mut [f32],
    rows: &'a [f32],
}

impl Loop for AddRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { sums, rows } = self;
        for row in rows.chunks_exact(sums.len().max(1)) {
            let sums = &mut sums[..row.len()];
            for index in 0..row.len() {
                sums[index] += row[index];
            }
        }
    }
}

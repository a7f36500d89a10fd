//! Weights in the order in which a product with few rows reads them.
//!
//! The product reads narrow columns of a matrix whose rows are long, which takes twice as long as the arithmetic. So a matrix
//! that whoever writes multiplies by at each token is cut into [`Panels`] once.

use std::sync::Arc;

use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::kept::MadeOnce;
use crate::product::{Matrix, MatrixMut};
use crate::rows::{Loop, vectorised};

/// Columns of a panel: as many as a product computes side by side.
const WIDTH: usize = 64;
/// Rows up to which panels are worth it. With more, a product arranges the weights itself in little time.
pub(crate) const FEW: usize = 48;
/// Rows up to which a product is divided among threads, as a single sentence's beam has them. With more, the sentences are.
const HANDFUL: usize = 8;
/// Weights of which a task for a thread has at most so many, but for a single panel.
const TASK: usize = 1 << 17;

/// A matrix, some columns at a time: `[d_in, 64]`, one panel behind the other. The last may be narrower.
pub(crate) struct Panels {
    elements: Vec<f32>,
    size: [usize; 2],
}

static PANELS: MadeOnce<Panels> = MadeOnce::new();

/// The panels of a matrix `[d_in, d_out]`.
pub(crate) fn panels(weight: &FlexTensor) -> Arc<Panels> {
    PANELS.of(weight, Panels::new)
}

/// Gives back the panels of weights that are no more.
pub(crate) fn forget() {
    PANELS.forget();
}

impl Panels {
    fn new(weight: Matrix<'_>, size: [usize; 2]) -> Self {
        let [inputs, width] = size;
        let mut elements = vec![0.0; inputs * width];
        let panels = elements.chunks_mut((WIDTH * inputs).max(1)).enumerate();
        for (index, panel) in panels {
            let columns = WIDTH.min(width - index * WIDTH);
            for (row, panel) in panel.chunks_exact_mut(columns).enumerate() {
                weight.copy_row(row, index * WIDTH, panel);
            }
        }
        Self { elements, size }
    }

    /// Adds the product of some rows, `[rows, d_in]`, with the matrix to `output`, `[rows, d_out]`.
    pub(crate) fn add_product(&self, x: &[f32], rows: usize, output: &mut [f32]) {
        let [inputs, width] = self.size;
        if inputs * width == 0 {
            return;
        }
        if rows == 1 {
            return self.add_row(x, output);
        }
        let x = Matrix::new(x, [rows, inputs], [inputs, 1]);
        if rows > HANDFUL {
            return add_panels(&self.elements, x, [rows, inputs, width], output);
        }
        let of_a_task = self.columns_of_a_task();
        let shares: Vec<Vec<f32>> = self
            .elements
            .par_chunks(of_a_task * inputs)
            .map(|panels| {
                let columns = panels.len() / inputs;
                let mut share = vec![0.0; rows * columns];
                add_panels(panels, x, [rows, inputs, columns], &mut share);
                share
            })
            .collect();
        for (task, share) in shares.iter().enumerate() {
            let rows = share.chunks_exact(share.len() / rows).zip(output.chunks_exact_mut(width));
            for (share, output) in rows {
                let output = &mut output[task * of_a_task..];
                output.iter_mut().zip(share).for_each(|(output, share)| *output += share);
            }
        }
    }

    /// Columns of which a task for a thread has enough to do.
    fn columns_of_a_task(&self) -> usize {
        (TASK / (WIDTH * self.size[0])).max(1) * WIDTH
    }

    /// Adds the product of a row with the matrix to `output`, `[d_out]`. Its panels fall apart into tasks for several threads.
    fn add_row(&self, x: &[f32], output: &mut [f32]) {
        let [inputs, _] = self.size;
        let of_a_task = self.columns_of_a_task();
        let tasks = output.par_chunks_mut(of_a_task).zip(self.elements.par_chunks(of_a_task * inputs));
        tasks.for_each(|(output, panels)| vectorised(OneRow { x, panels, output }));
    }
}

/// Adds the product of some rows with panels, `[d_in, d_out]` in all, to `output`.
fn add_panels(panels: &[f32], x: Matrix<'_>, [rows, inputs, width]: [usize; 3], output: &mut [f32]) {
    for first in (0..width).step_by(WIDTH) {
        let here = WIDTH.min(width - first);
        let panel = Matrix::new(&panels[first * inputs..][..here * inputs], [inputs, here], [here, 1]);
        MatrixMut::new(&mut output[first..], [rows, here], width).add_small(x, panel);
    }
}

/// A row by some panels.
struct OneRow<'a> {
    x: &'a [f32],
    panels: &'a [f32],
    output: &'a mut [f32],
}

impl Loop for OneRow<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { x, panels, output } = self;
        let (outputs, rest) = output.as_chunks_mut::<WIDTH>();
        let (full, last) = panels.split_at(outputs.len() * WIDTH * x.len());
        for (output, panel) in outputs.iter_mut().zip(full.chunks_exact(WIDTH * x.len())) {
            let rows = &panel.as_chunks::<WIDTH>().0[..x.len()];
            let mut sums = [0.0; WIDTH];
            for row in 0..x.len() {
                for column in 0..WIDTH {
                    sums[column] += x[row] * rows[row][column];
                }
            }
            for column in 0..WIDTH {
                output[column] += sums[column];
            }
        }
        for row in 0..x.len() {
            let panel = &last[row * rest.len()..][..rest.len()];
            for column in 0..rest.len() {
                rest[column] += x[row] * panel[column];
            }
        }
    }
}

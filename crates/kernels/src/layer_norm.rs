//! Layer normalisation.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::elements;
use crate::rows::{Loop, rows_of_a_task, sum, sum_of_pairs, vectorised};
use crate::ternary::ternary;

/// What the backward pass needs.
#[derive(Clone, Debug)]
pub(crate) struct State {
    x: FlexTensor,
    gamma: FlexTensor,
    /// Mean, and one over the standard deviation, of each row.
    moments: Vec<[f32; 2]>,
}

/// Normalises rows.
pub(crate) fn forward(
    x: FlexTensor,
    gamma: FlexTensor,
    beta: &FlexTensor,
    epsilon: f64,
) -> (FlexTensor, State) {
    let [x, gamma, beta] = [x, gamma, beta.clone()].map(elements::in_order);
    let (all, scale, shift) = (elements::of(&x), elements::of(&gamma), elements::of(&beta));
    let width = scale.len();
    assert!(
        width > 0 && shift.len() == width && x.shape().as_slice().last() == Some(&width),
        "an input of {:?}, a scale of {width} and a shift of {} don't fit each other",
        x.shape(),
        shift.len()
    );
    let mut output = vec![0.0; all.len()];
    let mut moments = vec![[0.0; 2]; all.len() / width];
    let rows = rows_of_a_task(width);
    let tasks = output.par_chunks_mut(rows * width).zip(all.par_chunks(rows * width));
    tasks.zip(moments.par_chunks_mut(rows)).for_each(|((output, x), moments)| {
        vectorised(Normalise { output, x, moments, scale, shift, epsilon: epsilon as f32 });
    });
    let output = elements::tensor(output, x.shape());
    (output, State { x, gamma, moments })
}

struct Normalise<'a> {
    output: &'a mut [f32],
    x: &'a [f32],
    moments: &'a mut [[f32; 2]],
    scale: &'a [f32],
    shift: &'a [f32],
    epsilon: f32,
}

impl Loop for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { output, x, moments, scale, shift, epsilon } = self;
        let width = scale.len();
        let rows = output.chunks_exact_mut(width).zip(x.chunks_exact(width));
        for ((output, x), moments) in rows.zip(moments) {
            let mean = sum(x, |x| x) / width as f32;
            let variance = sum(x, |x| (x - mean) * (x - mean)) / width as f32;
            let inverse = 1.0 / (variance + epsilon).sqrt();
            *moments = [mean, inverse];
            let (output, x, shift) = (&mut output[..width], &x[..width], &shift[..width]);
            for index in 0..width {
                output[index] = (x[index] - mean) * inverse * scale[index] + shift[index];
            }
        }
    }
}

/// With `y = gamma n + beta` and the normalised row `n = (x - mean) / deviation`, the gradient of `n` is `g = gamma dy`, and
/// that of `x` is `(g - mean(g) - n mean(g n)) / deviation`.
#[derive(Debug)]
pub(crate) struct Gradient;

impl Backward<Flex, 3> for Gradient {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        ternary(ops, grads, backward);
    }
}

/// The gradients of `x`, `gamma` and `beta`, of that of the output.
fn backward(gradient: FlexTensor, State { x, gamma, moments }: &State) -> [FlexTensor; 3] {
    let mut gradient = elements::in_order(gradient);
    let (x, scale) = (elements::of(x), elements::of(gamma));
    let width = scale.len();
    let rows = rows_of_a_task(width);
    let all = elements::changed(&mut gradient);
    let tasks = all.par_chunks_mut(rows * width).zip(x.par_chunks(rows * width));
    // The sums of a task, which has the same rows whatever the number of threads.
    let sums: Vec<[Vec<f32>; 2]> = tasks
        .zip(moments.par_chunks(rows))
        .map(|((gradient, x), moments)| vectorised(OfRows { gradient, x, moments, scale }))
        .collect();
    let total = |of: usize| {
        let mut total = vec![0.0; width];
        for sums in &sums {
            total.iter_mut().zip(&sums[of]).for_each(|(total, sum)| *total += sum);
        }
        elements::tensor(total, [width])
    };
    let [of_gamma, of_beta] = [total(0), total(1)];
    [gradient, of_gamma, of_beta]
}

/// Makes of the gradient of some rows of the output that of `x`; gives what they add to those of `gamma` and `beta`.
struct OfRows<'a> {
    gradient: &'a mut [f32],
    x: &'a [f32],
    moments: &'a [[f32; 2]],
    scale: &'a [f32],
}

impl Loop for OfRows<'_> {
    type Output = [Vec<f32>; 2];

    #[inline(always)]
    fn run(self) -> [Vec<f32>; 2] {
        let Self { gradient, x, moments, scale } = self;
        let width = scale.len();
        let mut sums = [(); 3].map(|()| vec![0.0; width]);
        let [of_gamma, of_beta, normalised] = sums.each_mut().map(|sum| &mut sum[..width]);
        let rows = gradient.chunks_exact_mut(width).zip(x.chunks_exact(width));
        for ((gradient, x), [mean, inverse]) in rows.zip(moments) {
            let (gradient, x) = (&mut gradient[..width], &x[..width]);
            for index in 0..width {
                normalised[index] = (x[index] - mean) * inverse;
                of_gamma[index] += gradient[index] * normalised[index];
                of_beta[index] += gradient[index];
                gradient[index] *= scale[index];
            }
            let mean = sum(gradient, |g| g) / width as f32;
            let along = sum_of_pairs(gradient, normalised, |g, n| g * n) / width as f32;
            for index in 0..width {
                gradient[index] = (gradient[index] - mean - normalised[index] * along) * inverse;
            }
        }
        let [of_gamma, of_beta, _] = sums;
        [of_gamma, of_beta]
    }
}

//! A linear regression whose gradient noise is known: what is measured on it can be compared with formulas.
//!
//! Examples are `x ~ N(0, I_d)`, targets `x w* + n` with noise `n` of deviation sigma, and `delta = w - w*` is what
//! the weights are off by. An example's gradient of `(y - x w)^2` is `2 (x delta - n) x`, so that `|G|^2 = 4
//! |delta|^2` and `S = 4 ((d + 1) |delta|^2 + d sigma^2)`.

use serde::{Deserialize, Serialize};

use crate::contract::experiment::Lab;
use crate::contract::random::Random;

/// Deviation of the targets' noise.
const SIGMA: f64 = 1.0;

/// The noise scale `S / |G|^2` for so many weights that are off by `squared`, the squared distance.
pub(super) fn noise_scale(d: usize, squared: f64) -> f64 {
    (d + 1) as f64 + d as f64 * SIGMA * SIGMA / squared
}

/// The mean gradient of a batch.
fn gradient(random: &mut Random, delta: &[f64], batch: usize) -> Vec<f64> {
    let (mut sum, mut x) = (vec![0.0; delta.len()], vec![0.0; delta.len()]);
    for _ in 0..batch {
        x.fill_with(|| random.normal());
        let residual = dot(&x, delta) - SIGMA * random.normal();
        sum.iter_mut().zip(&x).for_each(|(sum, x)| *sum += 2.0 * residual * x);
    }
    sum.iter_mut().for_each(|sum| *sum /= batch as f64);
    sum
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// So many weights that are off by a distance, all in one direction: which one makes no difference.
fn off_by(d: usize, distance: f64) -> Vec<f64> {
    (0..d).map(|index| if index == 0 { distance } else { 0.0 }).collect()
}

/// A squared norm of the gradient, a noise, and their quotient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Noise {
    /// `|G|^2`.
    pub(super) squared_norm: f64,
    /// `S`: the variance of an example's gradient, over all weights.
    pub(super) trace: f64,
    /// `S / |G|^2`, in examples.
    pub(super) scale: f64,
}

/// What two batch sizes say of the noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fixture {
    pub(super) trials: usize,
    pub(super) small: usize,
    pub(super) big: usize,
    /// By the formulas.
    pub(super) expected: Noise,
    /// From the norms of gradients, averaged before they are divided.
    pub(super) measured: Noise,
    /// The quotients of single trials: half of them are below this, and their mean.
    pub(super) median_quotient: f64,
    pub(super) mean_quotient: f64,
}

// ANCHOR: estimates
/// How many examples a batch has, and the squared norm of its gradient.
type Norm = (f64, f64);

/// What is behind the norms of a small and of a big batch: the squared
/// norm of the true gradient, and the variance of an example's.
fn estimates((s, g_s): Norm, (b, g_b): Norm) -> (f64, f64) {
    let squared_norm = (b * g_b - s * g_s) / (b - s);
    let trace = (g_s - g_b) / (1.0 / s - 1.0 / b);
    (squared_norm, trace)
}
// ANCHOR_END: estimates

/// Two weights, off by 1: `|G|^2 = 4`, `S = 20`, and so a noise scale of 5.
pub(super) fn fixture(lab: &Lab) -> Fixture {
    const TRIALS: usize = 4_000;
    const SMALL: usize = 8;
    const BIG: usize = 64;
    let (mut random, delta) = (lab.random(0), off_by(2, 1.0));
    let trial = |_| {
        // The big batch is made of small ones, as with accumulation.
        let parts: Vec<_> = (0..BIG / SMALL).map(|_| gradient(&mut random, &delta, SMALL)).collect();
        let count = parts.len() as f64;
        let small_norm = parts.iter().map(|part| dot(part, part)).sum::<f64>() / count;
        let whole: Vec<f64> = (0..2).map(|n| parts.iter().map(|part| part[n]).sum::<f64>() / count).collect();
        estimates((SMALL as f64, small_norm), (BIG as f64, dot(&whole, &whole)))
    };
    let trials: Vec<(f64, f64)> = (0..TRIALS).map(trial).collect();
    let mean = |values: &dyn Fn(&(f64, f64)) -> f64| trials.iter().map(values).sum::<f64>() / TRIALS as f64;
    let (squared_norm, trace) = (mean(&|trial| trial.0), mean(&|trial| trial.1));
    let mut quotients: Vec<f64> = trials.iter().map(|(squared_norm, trace)| trace / squared_norm).collect();
    quotients.sort_by(f64::total_cmp);
    Fixture {
        trials: TRIALS,
        small: SMALL,
        big: BIG,
        expected: Noise { squared_norm: 4.0, trace: 20.0, scale: noise_scale(2, 1.0) },
        measured: Noise { squared_norm, trace, scale: trace / squared_norm },
        median_quotient: quotients[TRIALS / 2],
        mean_quotient: quotients.iter().sum::<f64>() / TRIALS as f64,
    }
}

/// The best step from one place for a batch size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StepSize {
    pub(super) batch: usize,
    /// `eps_max / (1 + B_noise / B)`.
    pub(super) expected: f64,
    pub(super) measured: f64,
}

/// The best steps from where the fixture is, with many batches of each size. After a step `e g` the loss is higher
/// than the lowest by `|delta - e g|^2`, which is a parabola in `e` with its lowest point at `delta g / |g|^2`.
pub(super) fn step_sizes(lab: &Lab) -> Vec<StepSize> {
    const TRIALS: usize = 10_000;
    /// One long step ends at the lowest point.
    const LARGEST: f64 = 0.5;
    let (mut random, delta) = (lab.random(1), off_by(2, 1.0));
    let mut of = |batch: usize| {
        let (mut along, mut squared) = (0.0, 0.0);
        for _ in 0..TRIALS {
            let g = gradient(&mut random, &delta, batch);
            along += dot(&g, &delta);
            squared += dot(&g, &g);
        }
        let expected = LARGEST / (1.0 + noise_scale(2, 1.0) / batch as f64);
        StepSize { batch, expected, measured: along / squared }
    };
    [1, 2, 5, 10, 20, 50, 100].map(&mut of).to_vec()
}

/// How many steps, and how many examples, it takes to come to one loss with batches of different sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Frontier {
    /// The noise scale where it begins and where it ends.
    pub(super) noise_scale: [f64; 2],
    /// Steps that are needed at least, and examples that are needed at least, fitted to the points.
    pub(super) least_steps: f64,
    pub(super) least_examples: f64,
    /// The batch size at which both are twice what is needed at least.
    pub(super) critical: f64,
    pub(super) points: Vec<FrontierPoint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FrontierPoint {
    pub(super) batch: usize,
    pub(super) steps: f64,
    /// `(S / S_min - 1) (E / E_min - 1)`.
    pub(super) product: f64,
}

/// Descends with every batch size in the same way: a fixed part of the step that is best where it is.
pub(super) fn frontier(lab: &Lab) -> Frontier {
    const BATCHES: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
    let mut points = Vec::new();
    for (index, batch) in BATCHES.into_iter().enumerate() {
        lab.progress
            .at(0.05 + 0.1 * index as f64 / BATCHES.len() as f64, "descending with batches of many sizes");
        let steps = steps_to_the_end(&mut lab.random(2 + index as u64), batch);
        points.push(FrontierPoint { batch, steps, product: f64::NAN });
    }
    let (least_steps, least_examples) = fitted(&points);
    for point in &mut points {
        let examples = point.batch as f64 * point.steps;
        point.product = (point.steps / least_steps - 1.0) * (examples / least_examples - 1.0);
    }
    Frontier {
        noise_scale: [BEGIN, END].map(|squared| noise_scale(WEIGHTS, squared)),
        least_steps,
        least_examples,
        critical: least_examples / least_steps,
        points,
    }
}

/// Weights of the descent.
const WEIGHTS: usize = 10;
/// The squared distance to the lowest point where it begins and where it ends.
const BEGIN: f64 = 4.0;
const END: f64 = 0.1;

/// Steps until what many descents are off by has fallen to its end on average.
fn steps_to_the_end(random: &mut Random, batch: usize) -> f64 {
    const DESCENTS: usize = 64;
    /// The part of the best step: so small that a descent has many steps.
    const PART: f64 = 0.02;
    let mut all = vec![off_by(WEIGHTS, BEGIN.sqrt()); DESCENTS];
    let (mut steps, mut before) = (0.0, BEGIN);
    loop {
        let rate = PART * 0.5 / (1.0 + noise_scale(WEIGHTS, before) / batch as f64);
        for delta in &mut all {
            let g = gradient(random, delta, batch);
            delta.iter_mut().zip(g).for_each(|(delta, g)| *delta -= rate * g);
        }
        let now = all.iter().map(|delta| dot(delta, delta)).sum::<f64>() / DESCENTS as f64;
        if now <= END {
            // The end lies within this step: it falls geometrically.
            return steps + (before / END).ln() / (before / now).ln();
        }
        (steps, before) = (steps + 1.0, now);
    }
}

/// `S_min` and `E_min` such that `S = S_min + E_min / B` misses the points least, relative to each.
fn fitted(points: &[FrontierPoint]) -> (f64, f64) {
    let (mut aa, mut ab, mut bb, mut a, mut b) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for point in points {
        let (x, y) = (1.0 / point.steps, 1.0 / (point.steps * point.batch as f64));
        (aa, ab, bb, a, b) = (aa + x * x, ab + x * y, bb + y * y, a + x, b + y);
    }
    let determinant = aa * bb - ab * ab;
    ((bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixture_is_the_one_of_the_formulas() {
        assert_eq!(noise_scale(2, 1.0), 5.0);
        // If all examples had one gradient, there would be no noise, whatever the sizes.
        assert_eq!(estimates((8.0, 3.0), (64.0, 3.0)), (3.0, 0.0));
        // Norms that are exactly as expected, |G|^2 + S / B, give exactly what is behind them.
        let (squared_norm, trace) = estimates((8.0, 4.0 + 20.0 / 8.0), (64.0, 4.0 + 20.0 / 64.0));
        assert!((squared_norm - 4.0).abs() < 1e-12 && (trace - 20.0).abs() < 1e-12);
    }

    #[test]
    fn what_lies_on_the_curve_is_fitted_exactly() {
        let on = |batch: usize| FrontierPoint { batch, steps: 30.0 + 900.0 / batch as f64, product: 0.0 };
        let (steps, examples) = fitted(&[1, 10, 100].map(on));
        assert!((steps - 30.0).abs() < 1e-9 && (examples - 900.0).abs() < 1e-9, "{steps} {examples}");
    }
}

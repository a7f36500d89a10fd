//! The loss: log-softmax and the KL divergence from the smoothed target.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, unary};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::elements;
use crate::rows::{rows_of_a_task, sum, vectorised};
use crate::softmax::{exp, log_sum_exp};

/// What a target asks for.
#[derive(Clone, Copy, Debug)]
pub struct Smoothing {
    /// The token that is padding: as a target, it asks for nothing, and no target asks for it.
    pub pad: usize,
    /// The probability of the target.
    pub target: f32,
    /// The probability of each of the other tokens.
    pub others: f32,
    /// The sum of `q log q` over all probabilities `q` of a target, in nats.
    pub entropy: f32,
    /// Log-probabilities are cut off here, and have no gradient below.
    pub log_zero: f32,
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
pub(crate) struct State {
    logits: FlexTensor,
    targets: Vec<i64>,
    smoothing: Smoothing,
    rows: Vec<Row>,
}

/// What is known of a position.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    log_sum_exp: f32,
    /// The probability of all tokens together, but for those whose log-probability was cut off.
    asked: f32,
    smoothed: f32,
    nll: f32,
}

/// The smoothed loss and the negative log-likelihood: `[2]`.
pub(crate) fn forward(logits: FlexTensor, targets: FlexTensor, smoothing: Smoothing) -> (FlexTensor, State) {
    let logits = elements::in_order(logits);
    let targets = targets.into_data().convert::<i64>().try_to_vec().expect("they were converted");
    let vocab = logits.shape().dims::<3>()[2];
    let mut rows = vec![Row::default(); targets.len()];
    let of_a_task = rows_of_a_task(vocab);
    let tasks = elements::of(&logits).par_chunks(of_a_task * vocab).zip(targets.par_chunks(of_a_task));
    tasks.zip(rows.par_chunks_mut(of_a_task)).for_each(|((logits, targets), rows)| {
        vectorised(|| {
            for ((logits, target), row) in logits.chunks_exact(vocab).zip(targets).zip(rows) {
                *row = smoothing.row(logits, *target as usize);
            }
        });
    });
    let total = |of: fn(&Row) -> f32| rows.iter().map(|row| f64::from(of(row))).sum::<f64>() as f32;
    let both = vec![total(|row| row.smoothed), total(|row| row.nll)];
    (elements::tensor(both, [2]), State { logits, targets, smoothing, rows })
}

impl Smoothing {
    #[inline(always)]
    fn row(&self, logits: &[f32], target: usize) -> Row {
        let &Self { pad, target: kept, others, entropy, log_zero } = self;
        if target == pad {
            return Row::default();
        }
        let log_sum_exp = log_sum_exp(logits);
        // Written so that what is not a number stays so.
        let log_p = |x: f32| if x - log_sum_exp < log_zero { log_zero } else { x - log_sum_exp };
        let counts = |x: f32| if x - log_sum_exp < log_zero { 0.0 } else { 1.0 };
        let of_target = log_p(logits[target]);
        let (mut expected, mut asked) = (kept * of_target, kept * counts(logits[target]));
        if others > 0.0 {
            let (before, after) = (&logits[..pad], &logits[pad + 1..]);
            expected += others * (sum(before, log_p) + sum(after, log_p) - of_target);
            asked += others * (sum(before, counts) + sum(after, counts) - counts(logits[target]));
        }
        Row { log_sum_exp, asked, smoothed: entropy - expected, nll: -of_target }
    }

    /// Makes of a row of logits its gradient, times `gradient`: `asked p - q`, where nothing was cut off.
    #[inline(always)]
    fn gradient(&self, logits: &mut [f32], target: usize, row: &Row, gradient: f32) {
        let &Self { pad, target: kept, others, log_zero, .. } = self;
        if target == pad {
            return logits.fill(0.0);
        }
        let &Row { log_sum_exp, asked, .. } = row;
        let of = |x: f32, q: f32| {
            let log_p = x - log_sum_exp;
            let q = if log_p < log_zero { 0.0 } else { q };
            gradient * (asked * exp(log_p) - q)
        };
        let (of_target, of_pad) = (of(logits[target], kept), of(logits[pad], 0.0));
        logits.iter_mut().for_each(|x| *x = of(*x, others));
        logits[target] = of_target;
        logits[pad] = of_pad;
    }
}

/// The gradient of the logits takes their place.
#[derive(Debug)]
pub(crate) struct Gradient;

impl Backward<Flex, 1> for Gradient {
    type State = State;

    fn backward(self, ops: Ops<State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        unary::<Flex, _>(ops.parents, ops.node, grads, |gradient| backward(gradient, ops.state));
    }
}

fn backward(gradient: FlexTensor, state: State) -> FlexTensor {
    let State { mut logits, targets, smoothing, rows } = state;
    let gradient = elements::of(&elements::in_order(gradient))[0];
    let vocab = logits.shape().dims::<3>()[2];
    let of_a_task = rows_of_a_task(vocab);
    let tasks = elements::changed(&mut logits).par_chunks_mut(of_a_task * vocab);
    tasks.zip(targets.par_chunks(of_a_task)).zip(rows.par_chunks(of_a_task)).for_each(
        |((logits, targets), rows)| {
            vectorised(|| {
                for ((logits, target), row) in logits.chunks_exact_mut(vocab).zip(targets).zip(rows) {
                    smoothing.gradient(logits, *target as usize, row, gradient);
                }
            });
        },
    );
    logits
}

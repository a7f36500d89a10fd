//! The loss: log-softmax and the KL divergence from the smoothed target.

use burn::backend::Flex;
use burn::backend::TensorMetadata;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, unary};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::elements;
use crate::rows::{LANES, Loop, PART, add_to_lanes, rows_of_a_task, total, vectorised};
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
    /// The sum of `q log q` over all probabilities `q` of a target, in nats: less than zero.
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
    let [batch, length, vocab] = logits.shape().dims::<3>();
    assert!(
        targets.len() == batch * length && vocab > smoothing.pad,
        "logits of {:?} don't fit {} targets and a padding of {}",
        [batch, length, vocab],
        targets.len(),
        smoothing.pad
    );
    let mut rows = vec![Row::default(); targets.len()];
    let of_a_task = rows_of_a_task(vocab);
    let tasks = elements::of(&logits).par_chunks(of_a_task * vocab).zip(targets.par_chunks(of_a_task));
    tasks.zip(rows.par_chunks_mut(of_a_task)).for_each(|((logits, targets), rows)| {
        vectorised(Rows { smoothing: &smoothing, logits, targets, rows });
    });
    let total = |of: fn(&Row) -> f32| rows.iter().map(|row| f64::from(of(row))).sum::<f64>() as f32;
    let both = vec![total(|row| row.smoothed), total(|row| row.nll)];
    (elements::tensor(both, [2]), State { logits, targets, smoothing, rows })
}

/// What is known of some positions.
struct Rows<'a> {
    smoothing: &'a Smoothing,
    logits: &'a [f32],
    targets: &'a [i64],
    rows: &'a mut [Row],
}

impl Loop for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { smoothing, logits, targets, rows } = self;
        let vocab = logits.len() / rows.len();
        for ((logits, target), row) in logits.chunks_exact(vocab).zip(targets).zip(rows) {
            *row = smoothing.row(logits, *target as usize);
        }
    }
}

/// The gradients of their logits, in place.
struct OfLogits<'a> {
    smoothing: &'a Smoothing,
    logits: &'a mut [f32],
    targets: &'a [i64],
    rows: &'a [Row],
    gradient: f32,
}

impl Loop for OfLogits<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { smoothing, logits, targets, rows, gradient } = self;
        let vocab = logits.len() / rows.len();
        for ((logits, target), row) in logits.chunks_exact_mut(vocab).zip(targets).zip(rows) {
            smoothing.gradient(logits, *target as usize, row, gradient);
        }
    }
}

impl Smoothing {
    #[inline(always)]
    fn row(&self, logits: &[f32], target: usize) -> Row {
        let &Self { pad, target: kept, others, entropy, log_zero } = self;
        if target == pad {
            return Row::default();
        }
        let log_sum_exp = log_sum_exp(logits);
        let (of_target, counts) = cut_off(logits[target] - log_sum_exp, log_zero);
        let (mut expected, mut asked) = (kept * of_target, kept * counts);
        if others > 0.0 {
            let parts = [&logits[..pad], &logits[pad + 1..]];
            let [before, after] = parts.map(|part| sums(part, log_sum_exp, log_zero));
            expected += others * (before.0 + after.0 - of_target);
            asked += others * (before.1 + after.1 - counts);
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
        let of = |x: f32, q: f32| slope(x - log_sum_exp, q, log_zero, asked, gradient);
        let (of_target, of_pad) = (of(logits[target], kept), of(logits[pad], 0.0));
        for x in logits.iter_mut() {
            *x = slope(*x - log_sum_exp, others, log_zero, asked, gradient);
        }
        logits[target] = of_target;
        logits[pad] = of_pad;
    }
}

/// A log-probability that is not below `log_zero`, and one if it wasn't, or else zero. What is not a number stays so.
#[inline(always)]
fn cut_off(log_p: f32, log_zero: f32) -> (f32, f32) {
    if log_p < log_zero { (log_zero, 0.0) } else { (log_p, 1.0) }
}

/// The sums of both over some logits.
#[inline(always)]
fn sums(logits: &[f32], log_sum_exp: f32, log_zero: f32) -> (f32, f32) {
    let (mut log_p, mut counts) = ([0.0; PART], [0.0; PART]);
    let (mut of_log_p, mut of_counts) = ([0.0; LANES], [0.0; LANES]);
    for part in logits.chunks(PART) {
        let (log_p, counts) = (&mut log_p[..part.len()], &mut counts[..part.len()]);
        for index in 0..part.len() {
            (log_p[index], counts[index]) = cut_off(part[index] - log_sum_exp, log_zero);
        }
        add_to_lanes(&mut of_log_p, log_p);
        add_to_lanes(&mut of_counts, counts);
    }
    (total(of_log_p), total(of_counts))
}

/// The gradient of a logit whose token is to have the probability `q`.
#[inline(always)]
fn slope(log_p: f32, q: f32, log_zero: f32, asked: f32, gradient: f32) -> f32 {
    let q = if log_p < log_zero { 0.0 } else { q };
    gradient * (asked * exp(log_p) - q)
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
            vectorised(OfLogits { smoothing: &smoothing, logits, targets, rows, gradient });
        },
    );
    logits
}

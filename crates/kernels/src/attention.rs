//! Scaled dot-product attention, a head at a time: the scores of a head fit into a core's cache.

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::dropout::{Drop, Dropped, Kept};
use crate::elements;
use crate::heads::{Heads, Mask, Sizes};
use crate::product::MatrixMut;
use crate::rows::{LANES, Loop, sum_of_pairs, sums_of_products, vectorised};
use crate::softmax::softmax;
use crate::ternary::ternary;

/// The score of what is masked: its weight is zero where anything is not masked.
const MASKED: f32 = -1e9;
/// Keys that a single query is compared with at a time.
const TOGETHER: usize = 8;

/// What the backward pass needs.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Query, key, value.
    inputs: [FlexTensor; 3],
    mask: Option<Mask>,
    /// `[batch, heads, query, key]`, before dropout.
    pub(crate) weights: FlexTensor,
    kept: Option<Kept>,
}

/// The output, `[batch, heads, query, d_k]`.
pub(crate) fn forward(
    inputs: [FlexTensor; 3],
    mask: Option<FlexTensor>,
    kept: Option<Kept>,
) -> (FlexTensor, State) {
    let inputs = inputs.map(elements::strided);
    let sizes = Sizes::of(&inputs);
    let mask = mask.map(|mask| Mask::new(mask, sizes));
    let [query, key, value] = inputs.each_ref().map(Heads::new);
    let mut weights = vec![0.0; sizes.batch * sizes.scores()];
    let mut output = vec![0.0; sizes.batch * sizes.of_queries()];
    // Where there is nothing to look at, or nobody who looks, there are no shares.
    let shares =
        output.par_chunks_mut(sizes.of_queries().max(1)).zip(weights.par_chunks_mut(sizes.scores().max(1)));
    shares.enumerate().for_each(|(sentence, (output, weights))| {
        let mut used = vec![0.0; sizes.query * sizes.key];
        for (head, weights) in weights.chunks_exact_mut(sizes.query * sizes.key).enumerate() {
            let [query, key, value] = [query, key, value].map(|heads| heads.matrix(sentence, head));
            let masked = |row| mask.as_ref().map(|mask| mask.row(sentence, head, row));
            if let (1, None, Some(query), Some(keys), Some(values)) =
                (sizes.query, &kept, query.lines(), key.lines(), value.lines())
            {
                let to = sizes.written(output, head, 1).into_elements();
                vectorised(OneQuery {
                    query: query(0),
                    keys,
                    values,
                    masked: masked(0),
                    scale: sizes.scale(),
                    weights,
                    output: to,
                });
                continue;
            }
            let scores = MatrixMut::new(weights, [sizes.query, sizes.key], sizes.key);
            scores.product(query, key.transposed(), sizes.scale());
            vectorised(Distributions { scores: &mut *weights, keys: sizes.key, masked });
            let used = match &kept {
                None => &*weights,
                Some(kept) => {
                    let of_head = kept_of(kept, sizes, sentence, head);
                    vectorised(Dropped { output: &mut used, x: weights, kept: of_head, scale: kept.scale });
                    &used
                }
            };
            sizes.written(output, head, sizes.query).product(sizes.square(used), value, 1.0);
        }
    });
    let output = sizes.heads_first(output, sizes.query);
    let weights = elements::tensor(weights, [sizes.batch, sizes.heads, sizes.query, sizes.key]);
    (output, State { inputs, mask, weights, kept })
}

/// A single query, as that of the newest token: too little for a matrix product to be worth its preparations.
struct OneQuery<'a, K, V> {
    query: &'a [f32],
    keys: K,
    values: V,
    masked: Option<&'a [u8]>,
    scale: f32,
    weights: &'a mut [f32],
    output: &'a mut [f32],
}

impl<'b, K: Fn(usize) -> &'b [f32], V: Fn(usize) -> &'b [f32]> Loop for OneQuery<'_, K, V> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { query, keys, values, masked, scale, weights, output } = self;
        let count = weights.len();
        for first in (0..count).step_by(TOGETHER) {
            let here = &mut weights[first..count.min(first + TOGETHER)];
            // Behind the last key comes the last key again: always as many at a time.
            let mut rows = [query; TOGETHER];
            for index in 0..TOGETHER {
                rows[index] = keys((first + index).min(count - 1));
            }
            let sums = sums_of_products(query, &rows);
            for index in 0..here.len() {
                here[index] = sums[index] * scale;
            }
        }
        Distributions { scores: &mut *weights, keys: count, masked: |_| masked }.run();
        let (chunks, rest) = output.as_chunks_mut::<LANES>();
        let start = chunks.len() * LANES;
        for (index, chunk) in chunks.iter_mut().enumerate() {
            let mut sums = [0.0; LANES];
            for key in 0..count {
                let (weight, value) = (weights[key], &values(key)[index * LANES..][..LANES]);
                for lane in 0..LANES {
                    sums[lane] += weight * value[lane];
                }
            }
            *chunk = sums;
        }
        rest.fill(0.0);
        for key in 0..count {
            let (weight, value) = (weights[key], &values(key)[start..][..rest.len()]);
            for index in 0..rest.len() {
                rest[index] += weight * value[index];
            }
        }
    }
}

/// Makes of the scores of each query a distribution over the keys.
struct Distributions<'a, M> {
    scores: &'a mut [f32],
    keys: usize,
    masked: M,
}

impl<'b, M: Fn(usize) -> Option<&'b [u8]>> Loop for Distributions<'_, M> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (row, scores) in self.scores.chunks_exact_mut(self.keys).enumerate() {
            if let Some(masked) = (self.masked)(row) {
                let masked = &masked[..scores.len()];
                for key in 0..scores.len() {
                    scores[key] = if masked[key] == 0 { scores[key] } else { MASKED };
                }
            }
            softmax(scores);
        }
    }
}

/// What dropout keeps of a head's weights.
fn kept_of(kept: &Kept, sizes: Sizes, sentence: usize, head: usize) -> &[u8] {
    let count = sizes.query * sizes.key;
    let first = (sentence * sizes.heads + head) * count;
    &kept.kept[first..first + count]
}

/// With the weights `w` and what dropout leaves of them, `d`: the gradient of `d` is `dO V'`, that of the values `d' dO`; the
/// gradient of `w` passes where `d` was kept, and that of the scores is `w (dw - sum(w dw))`, row by row.
#[derive(Debug)]
pub(crate) struct Gradient;

impl Backward<Flex, 3> for Gradient {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        ternary(ops, grads, backward);
    }
}

/// The gradients of query, key and value, of that of the output.
fn backward(gradient: FlexTensor, State { inputs, mask, weights, kept }: &State) -> [FlexTensor; 3] {
    let sizes = Sizes::of(inputs);
    let [query, key, value] = inputs.each_ref().map(Heads::new);
    let gradient = elements::strided(gradient);
    let gradient = Heads::new(&gradient);
    let weights = elements::of(weights);
    let mut of_query = vec![0.0; sizes.batch * sizes.of_queries()];
    let [mut of_key, mut of_value] = [(); 2].map(|()| vec![0.0; sizes.batch * sizes.of_keys()]);
    let shares = of_query.par_chunks_mut(sizes.of_queries().max(1)).zip(
        of_key.par_chunks_mut(sizes.of_keys().max(1)).zip(of_value.par_chunks_mut(sizes.of_keys().max(1))),
    );
    shares.enumerate().for_each(|(sentence, (of_query, (of_key, of_value)))| {
        let weights = &weights[sentence * sizes.scores()..][..sizes.scores()];
        let mut used = vec![0.0; sizes.query * sizes.key];
        let mut of_scores = vec![0.0; sizes.query * sizes.key];
        for (head, weights) in weights.chunks_exact(sizes.query * sizes.key).enumerate() {
            let [query, key, value, gradient] =
                [query, key, value, gradient].map(|heads| heads.matrix(sentence, head));
            let scores = MatrixMut::new(&mut of_scores, [sizes.query, sizes.key], sizes.key);
            scores.product(gradient, value.transposed(), 1.0);
            let used = match kept {
                None => weights,
                Some(kept) => {
                    let of_head = kept_of(kept, sizes, sentence, head);
                    vectorised(Dropped { output: &mut used, x: weights, kept: of_head, scale: kept.scale });
                    vectorised(Drop { elements: &mut of_scores, kept: of_head, scale: kept.scale });
                    &used
                }
            };
            let used = sizes.square(used).transposed();
            sizes.written(of_value, head, sizes.key).product(used, gradient, 1.0);
            let masked = |row| mask.as_ref().map(|mask| mask.row(sentence, head, row));
            vectorised(ThroughSoftmax { gradient: &mut of_scores, weights, keys: sizes.key, masked });
            let of_scores = sizes.square(&of_scores);
            sizes.written(of_query, head, sizes.query).product(of_scores, key, sizes.scale());
            sizes.written(of_key, head, sizes.key).product(of_scores.transposed(), query, sizes.scale());
        }
    });
    [(of_query, sizes.query), (of_key, sizes.key), (of_value, sizes.key)]
        .map(|(elements, length)| sizes.heads_first(elements, length))
}

/// Makes of the gradient of weights that of scores. Nothing comes to a score that a mask replaced.
struct ThroughSoftmax<'a, M> {
    gradient: &'a mut [f32],
    weights: &'a [f32],
    keys: usize,
    masked: M,
}

impl<'b, M: Fn(usize) -> Option<&'b [u8]>> Loop for ThroughSoftmax<'_, M> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.gradient.chunks_exact_mut(self.keys).zip(self.weights.chunks_exact(self.keys));
        for (row, (gradient, weights)) in rows.enumerate() {
            let along = sum_of_pairs(gradient, weights, |g, w| g * w);
            let weights = &weights[..gradient.len()];
            for key in 0..gradient.len() {
                gradient[key] = weights[key] * (gradient[key] - along);
            }
            if let Some(masked) = (self.masked)(row) {
                let masked = &masked[..gradient.len()];
                for key in 0..gradient.len() {
                    gradient[key] = if masked[key] == 0 { gradient[key] } else { 0.0 };
                }
            }
        }
    }
}

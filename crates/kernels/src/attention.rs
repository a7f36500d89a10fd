//! Scaled dot-product attention, a head at a time: the scores of a head fit into a core's cache.

use burn::backend::Flex;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use rayon::prelude::*;

use crate::dropout::{Kept, drop};
use crate::elements;
use crate::heads::{Heads, Mask, Sizes};
use crate::product::MatrixMut;
use crate::rows::{sum_of_pairs, vectorised};
use crate::softmax::softmax;

/// The score of what is masked: its weight is zero where anything is not masked.
const MASKED: f32 = -1e9;

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
    let shares = output.par_chunks_mut(sizes.of_queries()).zip(weights.par_chunks_mut(sizes.scores()));
    shares.enumerate().for_each(|(sentence, (output, weights))| {
        let mut dropped = vec![0.0; sizes.query * sizes.key];
        for (head, weights) in weights.chunks_exact_mut(sizes.query * sizes.key).enumerate() {
            let [query, key, value] = [query, key, value].map(|heads| heads.matrix(sentence, head));
            let scores = MatrixMut::new(weights, [sizes.query, sizes.key], sizes.key);
            scores.product(query, key.transposed(), sizes.scale());
            let masked = |row| mask.as_ref().map(|mask| mask.row(sentence, head, row));
            vectorised(|| distributions(weights, sizes.key, masked));
            let used = match &kept {
                None => &*weights,
                Some(kept) => {
                    dropped.copy_from_slice(weights);
                    vectorised(|| drop(&mut dropped, kept_of(kept, sizes, sentence, head), kept.scale));
                    &dropped
                }
            };
            sizes.written(output, head, sizes.query).product(sizes.square(used), value, 1.0);
        }
    });
    let output = sizes.heads_first(output, sizes.query);
    let weights = elements::tensor(weights, [sizes.batch, sizes.heads, sizes.query, sizes.key]);
    (output, State { inputs, mask, weights, kept })
}

#[inline(always)]
fn distributions<'a>(scores: &mut [f32], keys: usize, masked: impl Fn(usize) -> Option<&'a [u8]>) {
    for (row, scores) in scores.chunks_exact_mut(keys).enumerate() {
        if let Some(masked) = masked(row) {
            for (score, masked) in scores.iter_mut().zip(masked) {
                *score = if *masked == 0 { *score } else { MASKED };
            }
        }
        softmax(scores);
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
        let gradient = grads.consume::<Flex>(&ops.node);
        let of_all = backward(&gradient, &ops.state);
        for (parent, gradient) in ops.parents.into_iter().zip(of_all) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

/// The gradients of query, key and value, of that of the output.
fn backward(gradient: &FlexTensor, State { inputs, mask, weights, kept }: &State) -> [FlexTensor; 3] {
    let sizes = Sizes::of(inputs);
    let [query, key, value] = inputs.each_ref().map(Heads::new);
    let gradient = elements::strided(gradient.clone());
    let gradient = Heads::new(&gradient);
    let weights = elements::of(weights);
    let mut of_query = vec![0.0; sizes.batch * sizes.of_queries()];
    let [mut of_key, mut of_value] = [(); 2].map(|()| vec![0.0; sizes.batch * sizes.of_keys()]);
    let shares = of_query
        .par_chunks_mut(sizes.of_queries())
        .zip(of_key.par_chunks_mut(sizes.of_keys()).zip(of_value.par_chunks_mut(sizes.of_keys())));
    shares.enumerate().for_each(|(sentence, (of_query, (of_key, of_value)))| {
        let weights = &weights[sentence * sizes.scores()..][..sizes.scores()];
        let mut dropped = vec![0.0; sizes.query * sizes.key];
        let mut of_scores = vec![0.0; sizes.query * sizes.key];
        for (head, weights) in weights.chunks_exact(sizes.query * sizes.key).enumerate() {
            let [query, key, value, gradient] =
                [query, key, value, gradient].map(|heads| heads.matrix(sentence, head));
            let scores = MatrixMut::new(&mut of_scores, [sizes.query, sizes.key], sizes.key);
            scores.product(gradient, value.transposed(), 1.0);
            dropped.copy_from_slice(weights);
            if let Some(kept) = kept {
                let of_head = kept_of(kept, sizes, sentence, head);
                vectorised(|| {
                    drop(&mut dropped, of_head, kept.scale);
                    drop(&mut of_scores, of_head, kept.scale);
                });
            }
            let dropped = sizes.square(&dropped).transposed();
            sizes.written(of_value, head, sizes.key).product(dropped, gradient, 1.0);
            let masked = |row| mask.as_ref().map(|mask| mask.row(sentence, head, row));
            vectorised(|| through_softmax(&mut of_scores, weights, sizes.key, masked));
            let of_scores = sizes.square(&of_scores);
            sizes.written(of_query, head, sizes.query).product(of_scores, key, sizes.scale());
            sizes.written(of_key, head, sizes.key).product(of_scores.transposed(), query, sizes.scale());
        }
    });
    [(of_query, sizes.query), (of_key, sizes.key), (of_value, sizes.key)]
        .map(|(elements, length)| sizes.heads_first(elements, length))
}

/// Makes of the gradient of weights that of scores. Nothing comes to a score that a mask replaced.
#[inline(always)]
fn through_softmax<'a>(
    gradient: &mut [f32],
    weights: &[f32],
    keys: usize,
    masked: impl Fn(usize) -> Option<&'a [u8]>,
) {
    let rows = gradient.chunks_exact_mut(keys).zip(weights.chunks_exact(keys));
    for (row, (gradient, weights)) in rows.enumerate() {
        let along = sum_of_pairs(gradient, weights, |g, w| g * w);
        for (gradient, weight) in gradient.iter_mut().zip(weights) {
            *gradient = weight * (*gradient - along);
        }
        if let Some(masked) = masked(row) {
            for (gradient, masked) in gradient.iter_mut().zip(masked) {
                *gradient = if *masked == 0 { *gradient } else { 0.0 };
            }
        }
    }
}

//! What the layers add to a token's vector, and whom a changed token reaches.

use anyhow::{Context, Result, ensure};
use burn::tensor::activation::relu;
use burn::tensor::{Int, Tensor};
use model::LanguageModel;
use model::mask::{causal_mask, padding_mask};
use serde::{Deserialize, Serialize};
use train::run::reader::Reader;

use super::pencil::furthest;
use super::{numbers, rows};

/// A layer on a token's way up: lengths of vectors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Passage {
    pub(super) entering: f64,
    /// What attention adds.
    pub(super) attention: f64,
    pub(super) between: f64,
    /// What the feed-forward network adds.
    pub(super) feed_forward: f64,
    pub(super) leaving: f64,
    /// Numbers inside the feed-forward network, and how many of them the ReLU makes zero.
    pub(super) inner: usize,
    pub(super) zeros: usize,
}

/// Each layer's passage for the token at a position, and how far their end is from what the model's stack gives.
pub(super) fn stream(model: &LanguageModel, input: &Tensor<2, Int>, at: usize) -> (Vec<Passage>, f64) {
    let mask = causal_mask(input.dims()[1], &input.device());
    let begin = model.embed.forward(input.clone(), 0);
    let d_model = begin.dims()[2];
    let length = |x: &Tensor<3>| {
        let row = rows(x.clone(), d_model).swap_remove(at);
        row.iter().map(|value| value * value).sum::<f64>().sqrt()
    };
    let mut x = begin.clone();
    let mut passages = Vec::new();
    for layer in &model.layers.layers {
        let normed = layer.self_attn_sublayer.norm.forward(x.clone());
        let attention = layer.self_attn.forward(normed.clone(), normed, &mask).output;
        let between = x.clone() + attention.clone();
        let normed = layer.feed_forward_sublayer.norm.forward(between.clone());
        let hidden = relu(layer.feed_forward.inner.forward(normed.clone()));
        let inner = hidden.dims()[2];
        let hidden = rows(hidden, inner).swap_remove(at);
        let feed_forward = layer.feed_forward.forward(normed);
        let leaving = between.clone() + feed_forward.clone();
        passages.push(Passage {
            entering: length(&x),
            attention: length(&attention),
            between: length(&between),
            feed_forward: length(&feed_forward),
            leaving: length(&leaving),
            inner,
            zeros: hidden.iter().filter(|&&value| value == 0.0).count(),
        });
        x = leaving;
    }
    let x = model.layers.norm.as_ref().map_or_else(|| x.clone(), |norm| norm.forward(x.clone()));
    let whole = model.layers.forward(begin, &mask).output;
    (passages, furthest(&numbers(x), &numbers(whole)))
}

/// What changes when one token does: for each token, the largest change of a logit.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Leak {
    /// The other token, and its place, counted from 1.
    pub(super) instead: String,
    pub(super) changed: usize,
    /// Under the causal mask.
    pub(super) masked: Vec<f64>,
    /// If all tokens could see all.
    pub(super) open: Vec<f64>,
}

/// Compares a sentence with another that differs from it in one token.
///
/// # Errors
///
/// If they differ in none, in several, or in length.
pub(super) fn leak(reader: &Reader, ids: &[usize], other: &str) -> Result<Leak> {
    let others = reader.ids(other)?;
    let differs: Vec<usize> = (0..ids.len()).filter(|&at| others.get(at) != Some(&ids[at])).collect();
    ensure!(
        differs.len() == 1 && others.len() == ids.len(),
        "--other must differ from the sentence in one token, but it has {} of {}, and {} differ",
        others.len(),
        ids.len(),
        differs.len()
    );
    let changed = differs.first().context("no token differs")? + 1;
    let change = |hidden: bool| -> Vec<f64> {
        let (a, b) = (logits(reader, ids, hidden), logits(reader, &others, hidden));
        a.iter().zip(&b).map(|(a, b)| furthest(a, b)).collect()
    };
    let instead = reader.piece(others[changed - 1]);
    Ok(Leak { instead, changed, masked: change(true), open: change(false) })
}

/// The logits of every token, with the future hidden or not.
fn logits(reader: &Reader, ids: &[usize], hidden: bool) -> Vec<Vec<f64>> {
    let (model, input) = (&reader.model, reader.tensor(ids));
    let mask = if hidden {
        causal_mask(ids.len(), &input.device())
    } else {
        // There is no padding, so this hides nothing.
        padding_mask(input.clone(), 0)
    };
    let x = model.layers.forward(model.embed.forward(input, 0), &mask).output;
    let logits = model.generator.forward(x, &model.embed);
    let vocab = logits.dims()[2];
    rows(logits, vocab)
}

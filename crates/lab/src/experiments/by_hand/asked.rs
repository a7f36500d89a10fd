//! One query, and what it finds.

use burn::tensor::Tensor;
use model::attention::{Attended, attention};
use model::dropout::Dropout;
use model::mask::causal_mask;
use model::multi_head::MultiHeadAttention;
use serde::{Deserialize, Serialize};

use super::rows;

/// A query of one head, and everything that becomes of it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::experiments) struct Asked {
    pub(in crate::experiments) query: Vec<f64>,
    /// A key and a value for each token.
    pub(in crate::experiments) keys: Vec<Vec<f64>>,
    pub(in crate::experiments) values: Vec<Vec<f64>>,
    /// The products of the query with each key, and the same over the root of `d_k`.
    pub(in crate::experiments) scores: Vec<f64>,
    pub(in crate::experiments) scaled: Vec<f64>,
    /// Which keys the mask lets the query see.
    pub(in crate::experiments) visible: Vec<bool>,
    pub(in crate::experiments) weights: Vec<f64>,
    /// What the weights would be if every key could be seen.
    pub(in crate::experiments) open: Vec<f64>,
    /// The weighted sum of the values.
    pub(in crate::experiments) output: Vec<f64>,
}

/// Lets the token at a position ask, in one of `heads` heads.
pub(in crate::experiments) fn ask(
    of: &MultiHeadAttention,
    given: &Tensor<3>,
    (heads, head): (usize, usize),
    at: usize,
) -> Asked {
    let [_, length, d_model] = given.dims();
    let d_k = d_model / heads;
    // [1, 1, length, d_k]
    let split = |x: Tensor<3>| {
        let all = x.reshape([1, length, heads, d_k]).swap_dims(1, 2);
        all.slice([0..1, head..head + 1, 0..length, 0..d_k])
    };
    let [query, key, value] =
        [&of.query, &of.key, &of.value].map(|linear| split(linear.forward(given.clone())));
    let mask = causal_mask(length, &given.device());
    let look = |mask| attention(query.clone(), key.clone(), value.clone(), mask, &Dropout::new(0.0));
    let (Attended { output, weights }, open) = (look(Some(&mask)), look(None).weights);
    let scores = query.clone().matmul(key.clone().transpose());
    let of_query = |tensor: Tensor<4>, width: usize| rows(tensor, width).swap_remove(at);
    let masked: Vec<bool> = mask.into_data().iter::<bool>().skip(at * length).take(length).collect();
    Asked {
        query: of_query(query, d_k),
        keys: rows(key, d_k),
        values: rows(value, d_k),
        scores: of_query(scores.clone(), length),
        scaled: of_query(scores / (d_k as f32).sqrt(), length),
        visible: masked.into_iter().map(|masked| !masked).collect(),
        weights: of_query(weights, length),
        open: of_query(open, length),
        output: of_query(output, d_k),
    }
}

impl Asked {
    /// The key with the largest of some numbers.
    pub(in crate::experiments) fn best(of: &[f64]) -> usize {
        (0..of.len()).max_by(|&a, &b| of[a].total_cmp(&of[b])).unwrap_or(0)
    }

    /// What the query and a key have in common: their products, dimension by dimension.
    pub(in crate::experiments) fn products(&self, key: usize) -> Vec<f64> {
        self.query.iter().zip(&self.keys[key]).map(|(q, k)| q * k).collect()
    }
}

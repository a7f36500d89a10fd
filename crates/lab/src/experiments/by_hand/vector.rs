//! What the vector of a token is made of, and what the norm before attention makes of it.

use burn::tensor::{Int, Tensor};
use model::LanguageModel;
use model::mask::causal_mask;
use model::positional::positional_encoding;
use serde::{Deserialize, Serialize};

use super::{numbers, rows};

/// A token's vector on its way into attention: all of its numbers at each step.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::experiments) struct Vector {
    /// Its row of the table.
    pub(in crate::experiments) row: Vec<f64>,
    /// The row times the root of `d_model`.
    pub(in crate::experiments) scaled: Vec<f64>,
    /// What is added for its position.
    pub(in crate::experiments) wave: Vec<f64>,
    /// What enters the layer; before the first one, the sum of the two.
    pub(in crate::experiments) entering: Vec<f64>,
    pub(in crate::experiments) gain: Vec<f64>,
    pub(in crate::experiments) bias: Vec<f64>,
    /// After the norm: what attention is given.
    pub(in crate::experiments) given: Vec<f64>,
}

/// The vector of the token at a position, and what the attention of a layer is given for all tokens.
pub(in crate::experiments) fn made(
    model: &LanguageModel,
    input: &Tensor<2, Int>,
    layer: usize,
    at: usize,
) -> (Vector, Tensor<3>) {
    let device = input.device();
    let mask = causal_mask(input.dims()[1], &device);
    let mut x = model.embed.forward(input.clone(), 0);
    let d_model = x.dims()[2];
    for lower in &model.layers.layers[..layer] {
        x = lower.forward(x, &mask).output;
    }
    let norm = &model.layers.layers[layer].self_attn_sublayer.norm;
    let given = norm.forward(x.clone());
    let table = model.embed.table.forward(input.clone());
    let of = |tensor: Tensor<3>| rows(tensor, d_model).swap_remove(at);
    let vector = Vector {
        row: of(table.clone()),
        scaled: of(table * (d_model as f32).sqrt()),
        wave: numbers(positional_encoding(at..at + 1, d_model, &device)),
        entering: of(x),
        gain: numbers(norm.gamma.val()),
        bias: numbers(norm.beta.val()),
        given: of(given.clone()),
    };
    (vector, given)
}

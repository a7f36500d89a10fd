//! A stack of the size of TinyLlama: Touvron et al., "LLaMA" (2023), section 2.2, with the grouped queries of "Llama 2"
//! (2023), at the sizes of Zhang et al., "TinyLlama" (2024), table 1.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig, RmsNorm, RmsNormConfig};
use burn::tensor::activation::{silu, softmax};
use burn::tensor::{Bool, Device, Int, Tensor};

const VOCABULARY: usize = 32_000;
const WIDTH: usize = 2048;
const HEADS: usize = 32;
/// Heads of keys and values: each serves eight of the queries.
const GROUPS: usize = 4;
const HEAD: usize = WIDTH / HEADS;
const INNER: usize = 5632;
const LAYERS: usize = 22;

/// Attention with rotated queries and keys.
#[derive(Module, Debug)]
struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    joined: Linear,
}

impl Attention {
    fn forward(&self, x: Tensor<3>, (cos, sin): &(Tensor<4>, Tensor<4>), mask: Tensor<4, Bool>) -> Tensor<3> {
        let [batch, length, _] = x.dims();
        let split = |linear: &Linear, heads: usize| {
            linear.forward(x.clone()).reshape([batch, length, heads, HEAD]).swap_dims(1, 2)
        };
        let rotated = |x: Tensor<4>| x.clone() * cos.clone() + turned(x) * sin.clone();
        let (query, key) = (rotated(split(&self.query, HEADS)), rotated(split(&self.key, GROUPS)));
        let (key, value) = (shared(key), shared(split(&self.value, GROUPS)));
        let scores = query.matmul(key.swap_dims(2, 3)) / (HEAD as f64).sqrt();
        let mixed = softmax(scores.mask_fill(mask, f64::NEG_INFINITY), 3).matmul(value);
        self.joined.forward(mixed.swap_dims(1, 2).reshape([batch, length, WIDTH]))
    }
}

/// Every head of keys or values, once for each of the queries' heads that it serves.
fn shared(x: Tensor<4>) -> Tensor<4> {
    let [batch, groups, length, head] = x.dims();
    let copies = x.reshape([batch, groups, 1, length, head]).repeat_dim(2, HEADS / GROUPS);
    copies.reshape([batch, HEADS, length, head])
}

/// The second half of each vector, negated, before the first.
fn turned(x: Tensor<4>) -> Tensor<4> {
    let halves = x.chunk(2, 3);
    Tensor::cat(vec![-halves[1].clone(), halves[0].clone()], 3)
}

/// Cosines and sines of the angles of every position.
fn rotation(length: usize, device: &Device) -> (Tensor<4>, Tensor<4>) {
    let powers = Tensor::<1, Int>::arange(0..HEAD as i64 / 2, device).float() * (-2.0 / HEAD as f64);
    let speeds = (powers * 10_000_f64.ln()).exp().unsqueeze::<2>();
    let places = Tensor::<1, Int>::arange(0..length as i64, device).float().reshape([length, 1]);
    let angles = places * speeds;
    let angles = Tensor::cat(vec![angles.clone(), angles], 1).unsqueeze::<4>();
    (angles.clone().cos(), angles.sin())
}

/// The gated network.
#[derive(Module, Debug)]
struct Gated {
    gate: Linear,
    up: Linear,
    down: Linear,
}

#[derive(Module, Debug)]
struct Layer {
    attention_norm: RmsNorm,
    attention: Attention,
    network_norm: RmsNorm,
    network: Gated,
}

impl Layer {
    fn new(device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).with_bias(false).init(device);
        let norm = || RmsNormConfig::new(WIDTH).init(device);
        Self {
            attention_norm: norm(),
            attention: Attention {
                query: linear(WIDTH, WIDTH),
                key: linear(WIDTH, GROUPS * HEAD),
                value: linear(WIDTH, GROUPS * HEAD),
                joined: linear(WIDTH, WIDTH),
            },
            network_norm: norm(),
            network: Gated {
                gate: linear(WIDTH, INNER),
                up: linear(WIDTH, INNER),
                down: linear(INNER, WIDTH),
            },
        }
    }

    fn forward(&self, x: Tensor<3>, angles: &(Tensor<4>, Tensor<4>), mask: Tensor<4, Bool>) -> Tensor<3> {
        let x = x.clone() + self.attention.forward(self.attention_norm.forward(x), angles, mask);
        let normed = self.network_norm.forward(x.clone());
        let Gated { gate, up, down } = &self.network;
        x + down.forward(silu(gate.forward(normed.clone())) * up.forward(normed))
    }
}

/// The whole stack; its output layer has a table of its own.
#[derive(Module, Debug)]
pub(crate) struct Llama {
    words: Embedding,
    layers: Vec<Layer>,
    norm: RmsNorm,
    output: Linear,
}

impl Llama {
    pub(crate) const PARAMETERS: usize = 1_100_048_384;

    pub(crate) fn new(device: &Device) -> Self {
        Self {
            words: EmbeddingConfig::new(VOCABULARY, WIDTH).init(device),
            layers: (0..LAYERS).map(|_| Layer::new(device)).collect(),
            norm: RmsNormConfig::new(WIDTH).init(device),
            output: LinearConfig::new(WIDTH, VOCABULARY).with_bias(false).init(device),
        }
    }

    /// Ids `[batch, length]` to scores `[batch, length, 32000]`.
    pub(crate) fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let [_, length] = ids.dims();
        let device = ids.device();
        let angles = rotation(length, &device);
        let mask = Tensor::<2, Bool>::tril_mask([length, length], 0, &device).unsqueeze::<4>();
        let x = self.words.forward(ids);
        let x = self.layers.iter().fold(x, |x, layer| layer.forward(x, &angles, mask.clone()));
        self.output.forward(self.norm.forward(x))
    }
}

//! BERT, base size, uncased: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
//! Understanding" (2018), section 3.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{gelu, softmax};
use burn::tensor::{Device, Int, Tensor};

const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;
const WIDTH: usize = 768;
const HEADS: usize = 12;
const LAYERS: usize = 12;

/// Words, positions and segments.
#[derive(Module, Debug)]
struct Embeddings {
    words: Embedding,
    positions: Embedding,
    segments: Embedding,
    norm: LayerNorm,
}

impl Embeddings {
    fn new(device: &Device) -> Self {
        let table = |rows| EmbeddingConfig::new(rows, WIDTH).init(device);
        Self {
            words: table(VOCABULARY),
            positions: table(POSITIONS),
            segments: table(2),
            norm: LayerNormConfig::new(WIDTH).init(device),
        }
    }

    fn forward(&self, ids: Tensor<2, Int>, segments: Tensor<2, Int>) -> Tensor<3> {
        let [_, length] = ids.dims();
        let places = Tensor::<1, Int>::arange(0..length as i64, &ids.device()).unsqueeze::<2>();
        let sum = self.words.forward(ids) + self.positions.forward(places) + self.segments.forward(segments);
        self.norm.forward(sum)
    }
}

/// Attention and a feed-forward network, each with its residual connection and the norm after it.
#[derive(Module, Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    joined: Linear,
    attention_norm: LayerNorm,
    inner: Linear,
    outer: Linear,
    norm: LayerNorm,
}

impl Layer {
    fn new(device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let norm = || LayerNormConfig::new(WIDTH).init(device);
        Self {
            query: linear(WIDTH, WIDTH),
            key: linear(WIDTH, WIDTH),
            value: linear(WIDTH, WIDTH),
            joined: linear(WIDTH, WIDTH),
            attention_norm: norm(),
            inner: linear(WIDTH, 4 * WIDTH),
            outer: linear(4 * WIDTH, WIDTH),
            norm: norm(),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = self.attention_norm.forward(x.clone() + self.attend(x));
        self.norm.forward(x.clone() + self.outer.forward(gelu(self.inner.forward(x))))
    }

    fn attend(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, length, _] = x.dims();
        let split = |x: Tensor<3>| x.reshape([batch, length, HEADS, WIDTH / HEADS]).swap_dims(1, 2);
        let [query, key, value] =
            [&self.query, &self.key, &self.value].map(|linear| split(linear.forward(x.clone())));
        let scores = query.matmul(key.swap_dims(2, 3)) / ((WIDTH / HEADS) as f64).sqrt();
        let mixed = softmax(scores, 3).matmul(value).swap_dims(1, 2);
        self.joined.forward(mixed.reshape([batch, length, WIDTH]))
    }
}

/// The encoder with the pooler on its first token.
#[derive(Module, Debug)]
pub(crate) struct Bert {
    embeddings: Embeddings,
    layers: Vec<Layer>,
    pooler: Linear,
}

impl Bert {
    pub(crate) const PARAMETERS: usize = 109_482_240;

    pub(crate) fn new(device: &Device) -> Self {
        Self {
            embeddings: Embeddings::new(device),
            layers: (0..LAYERS).map(|_| Layer::new(device)).collect(),
            pooler: LinearConfig::new(WIDTH, WIDTH).init(device),
        }
    }

    /// Ids and segments `[batch, length]` to what stands for the whole `[batch, 768]`.
    pub(crate) fn forward(&self, ids: Tensor<2, Int>, segments: Tensor<2, Int>) -> Tensor<2> {
        let [batch, _] = ids.dims();
        let x = self.layers.iter().fold(self.embeddings.forward(ids, segments), |x, layer| layer.forward(x));
        self.pooler.forward(x.slice([0..batch, 0..1]).reshape([batch, WIDTH])).tanh()
    }
}

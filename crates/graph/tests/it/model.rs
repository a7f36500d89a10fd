//! A small encoder-decoder with spans, in post-norm, to capture in tests.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Bool, Device, Int, Tensor};
use graph::{CaptureError, ComputationGraph, Symbol};

#[derive(Module, Debug)]
pub(crate) struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
}

impl Attention {
    fn new(d_model: usize, heads: usize, device: &Device) -> Self {
        let linear = || LinearConfig::new(d_model, d_model).init(device);
        Self { query: linear(), key: linear(), value: linear(), output: linear(), heads }
    }

    fn split(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, length, d_model] = x.dims();
        x.reshape([batch, length, self.heads, d_model / self.heads]).swap_dims(1, 2)
    }

    #[tracing::instrument(name = "attn", skip_all)]
    fn forward(&self, x: Tensor<3>, source: Tensor<3>, mask: Option<Tensor<4, Bool>>) -> Tensor<3> {
        let [batch, length, d_model] = x.dims();
        let query = self.split(self.query.forward(x));
        let key = self.split(self.key.forward(source.clone()));
        let value = self.split(self.value.forward(source));
        let scores = query.matmul(key.transpose()) / 3.0;
        let scores = match mask {
            Some(mask) => scores.mask_fill(mask, -1e9),
            None => scores,
        };
        let weights = softmax(scores, 3);
        let _looked_at_by_nobody = weights.clone().sum_dim(3).exp();
        let joined = weights.matmul(value).swap_dims(1, 2).reshape([batch, length, d_model]);
        self.output.forward(joined)
    }
}

#[derive(Module, Debug)]
pub(crate) struct FeedForward {
    inner: Linear,
    outer: Linear,
}

impl FeedForward {
    #[tracing::instrument(name = "ff", skip_all)]
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.outer.forward(relu(self.inner.forward(x)))
    }
}

#[derive(Module, Debug)]
pub(crate) struct Layer {
    own: Attention,
    cross: Option<Attention>,
    ff: FeedForward,
    norms: Vec<LayerNorm>,
}

impl Layer {
    fn new(sizes: &Shape, cross: bool, device: &Device) -> Self {
        let attention = || Attention::new(sizes.d_model, sizes.heads, device);
        let ff = FeedForward {
            inner: LinearConfig::new(sizes.d_model, sizes.d_ff).init(device),
            outer: LinearConfig::new(sizes.d_ff, sizes.d_model).init(device),
        };
        let norm = || LayerNormConfig::new(sizes.d_model).init(device);
        Self { own: attention(), cross: cross.then(attention), ff, norms: (0..3).map(|_| norm()).collect() }
    }

    #[tracing::instrument(name = "layer", skip_all)]
    fn forward(&self, x: Tensor<3>, memory: Option<&Tensor<3>>, mask: Option<Tensor<4, Bool>>) -> Tensor<3> {
        let x = self.norms[0].forward(x.clone() + self.own.forward(x.clone(), x, mask));
        let x = match (&self.cross, memory) {
            (Some(cross), Some(memory)) => {
                self.norms[1].forward(x.clone() + cross.forward(x, memory.clone(), None))
            }
            _ => x,
        };
        self.norms[2].forward(x.clone() + self.ff.forward(x))
    }
}

#[derive(Module, Debug)]
pub(crate) struct Model {
    table: Embedding,
    encoder: Vec<Layer>,
    decoder: Vec<Layer>,
    generator: Linear,
}

/// The sizes of a [`Model`].
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) layers: usize,
    pub(crate) d_model: usize,
    pub(crate) d_ff: usize,
    pub(crate) heads: usize,
    pub(crate) vocab: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { layers: 3, d_model: 16, d_ff: 24, heads: 2, vocab: 50 }
    }
}

impl Model {
    pub(crate) fn new(sizes: &Shape, device: &Device) -> Self {
        let stack = |cross| (0..sizes.layers).map(|_| Layer::new(sizes, cross, device)).collect();
        Self {
            table: EmbeddingConfig::new(sizes.vocab, sizes.d_model).init(device),
            encoder: stack(false),
            decoder: stack(true),
            generator: LinearConfig::new(sizes.d_model, sizes.vocab).init(device),
        }
    }

    #[tracing::instrument(name = "encoder", skip_all)]
    fn encode(&self, src: Tensor<2, Int>) -> Tensor<3> {
        self.encoder.iter().fold(self.table.forward(src), |x, layer| layer.forward(x, None, None))
    }

    #[tracing::instrument(name = "decoder", skip_all)]
    fn decode(&self, tgt: Tensor<2, Int>, memory: &Tensor<3>) -> Tensor<3> {
        let [_, length] = tgt.dims();
        let mask = Tensor::<2, Bool>::tril_mask([length, length], 0, &tgt.device()).unsqueeze::<4>();
        let x = self.table.forward(tgt);
        self.decoder.iter().fold(x, |x, layer| layer.forward(x, Some(memory), Some(mask.clone())))
    }

    pub(crate) fn forward(&self, src: Tensor<2, Int>, tgt: Tensor<2, Int>) -> Tensor<3> {
        let memory = self.encode(src);
        self.generator.forward(self.decode(tgt, &memory))
    }
}

/// The model, captured at one size.
pub(crate) fn captured(sizes: &Shape) -> ComputationGraph {
    graph::capture("model", |session| {
        let device = session.device();
        let model = Model::new(sizes, device);
        session.parameters(&model);
        let src = session.input("src", Tensor::<2, Int>::zeros([2, 5], device));
        let tgt = session.input("tgt", Tensor::<2, Int>::zeros([2, 7], device));
        session.output("logits", model.forward(src, tgt));
        Ok(())
    })
    .expect("the model can be captured")
}

/// The model, captured with symbols.
pub(crate) fn symbolic() -> Result<ComputationGraph, CaptureError> {
    let symbols = [
        Symbol::new("batch", 2, 3),
        Symbol::new("source", 5, 11),
        Symbol::new("target", 7, 13),
        Symbol::new("d_model", 16, 34),
        Symbol::new("heads", 2, 17),
        Symbol::new("d_k", 8, 2),
        Symbol::new("d_ff", 24, 19),
        Symbol::new("vocab", 50, 23),
    ];
    graph::capture_symbolic("model", &symbols, |session, sizes| {
        let device = session.device();
        let shape = Shape {
            layers: 2,
            d_model: sizes["d_model"],
            d_ff: sizes["d_ff"],
            heads: sizes["heads"],
            vocab: sizes["vocab"],
        };
        let model = Model::new(&shape, device);
        session.parameters(&model);
        let ids = |length| Tensor::<2, Int>::zeros([sizes["batch"], length], device);
        let src = session.input("src", ids(sizes["source"]));
        let tgt = session.input("tgt", ids(sizes["target"]));
        session.output("logits", model.forward(src, tgt));
        Ok(())
    })
}

//! Embeddings (paper, section 3.4) with their positions (section 3.5).

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Initializer};
use burn::tensor::{Device, Int, Tensor};

use crate::dropout::Dropout;
use crate::positional::positional_encoding;
use crate::sizes::Sizes;

// ANCHOR: embedding
/// Turns token ids into vectors that know their position.
#[derive(Module, Debug)]
pub struct Embeddings {
    /// One row a token id: `[vocab, d_model]`.
    pub table: Embedding,
    dropout: Dropout,
}

impl Embeddings {
    /// Looks up `ids`, whose first column stands at position `start` of
    /// its sequence.
    ///
    /// # Shapes
    ///
    /// - `ids`: `[batch, length]`
    /// - output: `[batch, length, d_model]`
    #[tracing::instrument(name = "embeddings", skip_all)]
    pub fn forward(
        &self,
        ids: Tensor<2, Int>,
        start: usize,
    ) -> Tensor<3> {
        let (length, device) = (ids.dims()[1], ids.device());
        let scaled = self.look_up(ids); // [batch, length, d_model]
        let d_model = scaled.dims()[2];
        let positions = start..start + length;
        // [length, d_model]
        let waves = positional_encoding(positions, d_model, &device);
        self.dropout.forward(scaled + waves.unsqueeze::<3>())
    }

    /// The table's rows times sqrt(d_model): `[batch, length]` to
    /// `[batch, length, d_model]`.
    #[tracing::instrument(name = "embedding", skip_all)]
    fn look_up(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let x = self.table.forward(ids);
        let d_model = x.dims()[2];
        x * (d_model as f32).sqrt()
    }
}
// ANCHOR_END: embedding

impl Embeddings {
    pub(crate) fn new(
        vocab: usize,
        sizes: &Sizes,
        device: &Device,
    ) -> Self {
        let table = EmbeddingConfig::new(vocab, sizes.d_model);
        let table = table.with_initializer(normal(sizes.d_model));
        Self {
            table: table.init(device),
            dropout: Dropout::new(sizes.dropout),
        }
    }
}

/// As the paper's authors do in tensor2tensor: times sqrt(`d_model`),
/// an element has a variance of one, and is about as large as what a
/// position adds. Where the table also scores the vocabulary, a score
/// begins with a variance of one too.
fn normal(d_model: usize) -> Initializer {
    Initializer::Normal { mean: 0.0, std: (d_model as f64).powf(-0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// About as large as what is added to it: the mean square of
    /// positions is a half.
    #[test]
    fn what_is_looked_up_has_a_variance_of_one() {
        let device = Device::flex();
        device.seed(3);
        let embeddings = Embeddings::new(211, &Sizes::tiny(), &device);
        // [1, 211]
        let ids =
            Tensor::<1, Int>::arange(0..211, &device).unsqueeze::<2>();
        let mean_square = embeddings
            .look_up(ids)
            .square()
            .mean()
            .into_scalar::<f32>();
        assert!((mean_square - 1.0).abs() < 0.05, "{mean_square}");
    }
}

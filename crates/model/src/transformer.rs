//! The whole model (paper, section 3.1 and Figure 1).

use burn::module::Module;
use burn::tensor::{Bool, Device, Int, Tensor};

use crate::attention::Attended;
use crate::cache::{DecoderCache, Rows};
use crate::config::{TransformerConfig, Tying};
use crate::decoder::{Decoder, DecoderMasks, DecoderWeights};
use crate::embedding::Embeddings;
use crate::generator::Generator;
use crate::mask::{padding_mask, target_mask};
use crate::sizes::ConfigError;
use crate::stack::Stack;

// ANCHOR: transformer
/// The encoder-decoder Transformer. Build it with
/// [`TransformerConfig::init`].
#[derive(Module, Debug)]
pub struct Transformer {
    /// Source embeddings; None if they are the target's.
    pub src_embed: Option<Embeddings>,
    /// Target embeddings.
    pub tgt_embed: Embeddings,
    /// Left tower of Figure 1.
    pub encoder: Stack,
    /// Right tower of Figure 1.
    pub decoder: Decoder,
    /// The linear layer on top.
    pub generator: Generator,
    pad: usize,
}
// ANCHOR_END: transformer

impl Transformer {
    // ANCHOR: transformer_forward
    /// Teacher forcing: the logits of the next token at every target
    /// position, given the true tokens up to there.
    ///
    /// # Shapes
    ///
    /// - `src`: `[batch, source]`
    /// - `tgt`: `[batch, target]`, which begins with BOS
    #[tracing::instrument(name = "transformer", skip_all)]
    pub fn forward(
        &self,
        src: Tensor<2, Int>,
        tgt: Tensor<2, Int>,
    ) -> Output {
        let (encoder, memory_mask) = self.encode(src);
        let masks = DecoderMasks {
            target: target_mask(tgt.clone(), self.pad),
            memory: memory_mask,
        };
        let memory = encoder.output.clone();
        let x = self.tgt_embed.forward(tgt, 0);
        let decoder = self.decoder.forward(x, memory, &masks);
        let x = decoder.output.clone(); // [batch, target, d_model]
        let logits = self.generator.forward(x, &self.tgt_embed);
        Output { logits, encoder, decoder }
    }
    // ANCHOR_END: transformer_forward

    // ANCHOR: encode
    /// Reads the source, `[batch, source]`. Returns the memory, and the
    /// mask that hides its padding: `[batch, 1, 1, source]`.
    fn encode(
        &self,
        src: Tensor<2, Int>,
    ) -> (Attended<Vec<Tensor<4>>>, Tensor<4, Bool>) {
        let mask = padding_mask(src.clone(), self.pad);
        let embed = self.src_embed.as_ref().unwrap_or(&self.tgt_embed);
        let x = embed.forward(src, 0); // [batch, source, d_model]
        (self.encoder.forward(x, &mask), mask)
    }
    // ANCHOR_END: encode
}

/// What [`Transformer::forward`] gives back.
#[derive(Clone, Debug)]
pub struct Output {
    /// Scores before the softmax: `[batch, target, vocab]`.
    pub logits: Tensor<3>,
    /// The memory, `[batch, source, d_model]`, and a layer each:
    /// `[batch, heads, source, source]`.
    pub encoder: Attended<Vec<Tensor<4>>>,
    /// What the logits were made of, `[batch, target, d_model]`, and
    /// the weights of each layer.
    pub decoder: Attended<Vec<DecoderWeights>>,
}

impl TransformerConfig {
    /// Builds the model on `device` with freshly drawn parameters (seed
    /// the device first).
    ///
    /// # Errors
    ///
    /// As [`validate`](Self::validate).
    pub fn init(
        &self,
        device: &Device,
    ) -> Result<Transformer, ConfigError> {
        self.validate()?;
        let sizes = self.sizes();
        let embed = |vocab| Embeddings::new(vocab, &sizes, device);
        let own_source = self.tying != Tying::All;
        Ok(Transformer {
            src_embed: own_source.then(|| embed(self.src_vocab)),
            tgt_embed: embed(self.tgt_vocab),
            encoder: Stack::new(&sizes, device),
            decoder: Decoder::new(&sizes, device),
            generator: self.generator(device),
            pad: self.pad,
        })
    }

    fn generator(&self, device: &Device) -> Generator {
        let &Self { d_model, tgt_vocab: vocab, .. } = self;
        match (self.tying, self.generator_bias) {
            (Tying::None, true) => {
                Generator::new(d_model, vocab, device)
            }
            (Tying::None, false) => {
                Generator::without_bias(d_model, vocab, device)
            }
            (_, true) => Generator::tied_with_bias(vocab, device),
            (_, false) => Generator::tied(),
        }
    }
}

// ANCHOR: step
/// A batch of sentences being decoded: the memory, and what the decoder
/// remembers of its own past.
#[derive(Clone, Debug)]
pub struct DecoderState {
    memory: Tensor<3>,
    mask: Tensor<4, Bool>,
    caches: Vec<DecoderCache>,
    /// Which sentence each row of the batch belongs to.
    sentences: Vec<usize>,
    position: usize,
}

impl Transformer {
    /// Reads the source, `[batch, source]`, and gets ready to write.
    pub fn start(&self, src: Tensor<2, Int>) -> DecoderState {
        let sentences = (0..src.dims()[0]).collect();
        let (encoder, mask) = self.encode(src);
        let (memory, caches) = (encoder.output, self.decoder.start());
        DecoderState { memory, mask, caches, sentences, position: 0 }
    }

    /// Takes the newest token of every sentence, `[batch, 1]`, and
    /// scores the one after it: `[batch, vocab]`.
    ///
    /// Nothing is masked on the target's side: the future isn't there
    /// yet, and what was written counts, even where it looks like
    /// padding.
    #[tracing::instrument(name = "step", skip_all)]
    pub fn step(
        &self,
        newest: Tensor<2, Int>,
        state: &mut DecoderState,
    ) -> Tensor<2> {
        let DecoderState { memory, mask, caches, position, .. } = state;
        let x = self.tgt_embed.forward(newest, *position);
        *position += 1;
        let x = self.decoder.step(x, memory, mask, caches);
        // [batch, 1, vocab]
        let logits = self.generator.forward(x, &self.tgt_embed);
        logits.squeeze_dim(1)
    }
}
// ANCHOR_END: step

impl DecoderState {
    pub(crate) fn device(&self) -> Device {
        self.memory.device()
    }

    /// Keeps the given rows of the batch.
    pub(crate) fn select(&mut self, rows: &Rows) {
        let sentences = rows.among(&self.sentences);
        let same = sentences == self.sentences;
        if !same {
            self.memory = self.memory.clone().select(0, rows.tensor());
            self.mask = self.mask.clone().select(0, rows.tensor());
            self.sentences = sentences;
        }
        let caches = self.caches.iter_mut();
        caches.for_each(|cache| cache.select(rows, same));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes::NormOrder;

    /// The counts of the reference: the copy model of The Annotated
    /// Transformer, and the base model with a shared vocabulary of
    /// 37,000, no output bias and the two final norms of pre-norm.
    #[test]
    fn parameter_counts_match_the_reference() {
        let device = Device::flex();
        let copy = TransformerConfig {
            n_layers: 2,
            norm: NormOrder::Pre,
            tying: Tying::None,
            generator_bias: true,
            ..TransformerConfig::base(11)
        };
        assert_eq!(
            copy.init(&device).unwrap().num_params(),
            14_731_787
        );
        let base = TransformerConfig {
            norm: NormOrder::Pre,
            ..TransformerConfig::base(37_000)
        };
        assert_eq!(
            base.init(&device).unwrap().num_params(),
            63_084_544
        );
        let post = TransformerConfig::base(37_000);
        assert_eq!(
            post.init(&device).unwrap().num_params(),
            63_084_544 - 2 * 2 * 512
        );
    }
}

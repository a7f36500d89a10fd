//! The whole model (paper, section 3.1 and Figure 1).

use burn::module::Module;
use burn::tensor::{Bool, Device, Int, Tensor};

use crate::config::{TransformerConfig, Tying};
use crate::decoder::{Decoder, DecoderAttention, DecoderCache, DecoderMasks};
use crate::embedding::Embeddings;
use crate::encoder::Encoder;
use crate::generator::Generator;
use crate::mask::{padding_mask, target_mask};

// ANCHOR: transformer
/// The encoder-decoder Transformer. Build it with [`TransformerConfig::init`].
#[derive(Module, Debug)]
pub struct Transformer {
    /// Source embeddings; None if they are the target's.
    pub src_embed: Option<Embeddings>,
    /// Target embeddings.
    pub tgt_embed: Embeddings,
    /// Left tower of Figure 1.
    pub encoder: Encoder,
    /// Right tower of Figure 1.
    pub decoder: Decoder,
    /// The linear layer on top.
    pub generator: Generator,
    pad: usize,
}

impl Transformer {
    /// Teacher forcing: the logits of the next token at every target position, given the true tokens up to there.
    ///
    /// # Shapes
    ///
    /// - `src`: `[batch, source]`; `tgt`: `[batch, target]`, which begins with BOS
    #[tracing::instrument(name = "transformer", skip_all)]
    pub fn forward(&self, src: Tensor<2, Int>, tgt: Tensor<2, Int>) -> Output {
        let memory = self.encode(src);
        let mask = target_mask(tgt.clone(), self.pad);
        let (decoder_output, decoder_attention) = self.decode(tgt, &memory, mask);
        let logits = self.generator.forward(decoder_output.clone(), &self.tgt_embed); // [batch, target, vocab]
        let attention = AttentionMaps { encoder: memory.attention, decoder: decoder_attention };
        Output { logits, memory: memory.states, decoder_output, attention }
    }

    /// Reads the source, `[batch, source]`, once.
    pub fn encode(&self, src: Tensor<2, Int>) -> Memory {
        let mask = padding_mask(src.clone(), self.pad); // [batch, 1, 1, source]
        let x = self.src_embed.as_ref().unwrap_or(&self.tgt_embed).forward(src, 0); // [batch, source, d_model]
        let (states, attention) = self.encoder.forward(x, Some(&mask), None);
        Memory { states, mask, attention }
    }

    /// The decoder's output for a whole target at once: `[batch, target]` to `[batch, target, d_model]`.
    fn decode(
        &self,
        tgt: Tensor<2, Int>,
        memory: &Memory,
        mask: Tensor<4, Bool>,
    ) -> (Tensor<3>, Vec<DecoderAttention>) {
        let x = self.tgt_embed.forward(tgt, 0); // [batch, target, d_model]
        let masks = DecoderMasks { target: Some(mask), memory: memory.mask.clone() };
        self.decoder.forward(x, memory.states.clone(), &masks, None)
    }
}

/// What [`Transformer::forward`] gives back.
#[derive(Clone, Debug)]
pub struct Output {
    /// Scores before the softmax: `[batch, target, vocab]`.
    pub logits: Tensor<3>,
    /// The encoder's output: `[batch, source, d_model]`.
    pub memory: Tensor<3>,
    /// The decoder's output: `[batch, target, d_model]`.
    pub decoder_output: Tensor<3>,
    /// Every attention weight, before dropout.
    pub attention: AttentionMaps,
}
// ANCHOR_END: transformer

/// The encoder's output, and what reading it needs.
#[derive(Clone, Debug)]
pub struct Memory {
    /// `[batch, source, d_model]`
    pub states: Tensor<3>,
    /// Hides the source's padding: `[batch, 1, 1, source]`.
    pub mask: Tensor<4, Bool>,
    /// A layer each: `[batch, heads, source, source]`.
    pub attention: Vec<Tensor<4>>,
}

/// The attention weights of every layer and head, before dropout.
#[derive(Clone, Debug)]
pub struct AttentionMaps {
    /// A layer each: `[batch, heads, source, source]`.
    pub encoder: Vec<Tensor<4>>,
    /// A layer each.
    pub decoder: Vec<DecoderAttention>,
}

impl Transformer {
    pub(crate) fn new(config: &TransformerConfig, device: &Device) -> Self {
        let own_source = config.tying != Tying::All;
        Self {
            src_embed: own_source.then(|| Embeddings::new(config.src_vocab, config, device)),
            tgt_embed: Embeddings::new(config.tgt_vocab, config, device),
            encoder: Encoder::new(config, device),
            decoder: Decoder::new(config, device),
            generator: Generator::new(config.tgt_vocab, config, device),
            pad: config.pad,
        }
    }
}

// ANCHOR: step
/// A batch of sentences being decoded: the memory, and what the decoder remembers of its own past.
#[derive(Clone, Debug)]
pub struct DecoderState {
    memory: Tensor<3>,
    masks: DecoderMasks,
    cache: DecoderCache,
    position: usize,
}

impl Transformer {
    /// Reads the source, `[batch, source]`, and gets ready to write.
    pub fn start(&self, src: Tensor<2, Int>) -> DecoderState {
        let Memory { states, mask, .. } = self.encode(src);
        DecoderState {
            memory: states,
            masks: DecoderMasks { target: None, memory: mask },
            cache: DecoderCache::new(self.decoder.layers.len()),
            position: 0,
        }
    }

    /// Takes the newest token of every sentence, `[batch, 1]`, and scores the one after it: `[batch, vocab]`.
    ///
    /// Nothing is masked on the target's side: the future isn't there yet, and what was written counts, even where it
    /// looks like padding.
    #[tracing::instrument(name = "step", skip_all)]
    pub fn step(&self, newest: Tensor<2, Int>, state: &mut DecoderState) -> Tensor<2> {
        let x = self.tgt_embed.forward(newest, state.position); // [batch, 1, d_model]
        state.position += 1;
        let (x, _) = self.decoder.forward(x, state.memory.clone(), &state.masks, Some(&mut state.cache));
        self.generator.forward(x, &self.tgt_embed).squeeze_dim(1) // [batch, vocab]
    }
}
// ANCHOR_END: step

impl DecoderState {
    pub(crate) fn device(&self) -> Device {
        self.memory.device()
    }

    /// Keeps the given rows of the batch, in that order.
    pub(crate) fn select(&mut self, rows: &Tensor<1, Int>) {
        self.memory = self.memory.clone().select(0, rows.clone());
        self.masks.memory = self.masks.memory.clone().select(0, rows.clone());
        self.cache.select(rows);
    }
}

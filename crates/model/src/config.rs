//! What defines a Transformer (paper, Table 3), checked once, where it
//! enters.

use serde::{Deserialize, Serialize};

use crate::sizes::{ConfigError, NormOrder, Sizes, check, vocabulary};

/// Which of the three `[vocab, d_model]` matrices are one and the same
/// parameter (paper, section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tying {
    /// Three parameters.
    None,
    /// The generator uses the target embedding.
    Decoder,
    /// Source embedding, target embedding and generator share one
    /// matrix, as in the paper. Needs one vocabulary.
    All,
}

// ANCHOR: config
/// The sizes and choices that define a
/// [`Transformer`](crate::Transformer).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransformerConfig {
    /// Number of source token ids.
    pub src_vocab: usize,
    /// Number of target token ids.
    pub tgt_vocab: usize,
    /// `N`: layers in the encoder, and in the decoder.
    pub n_layers: usize,
    /// Width of every vector that flows between sub-layers.
    pub d_model: usize,
    /// Width inside the feed-forward network.
    pub d_ff: usize,
    /// `h`: attention heads; each works on `d_k = d_model / n_heads`
    /// dimensions.
    pub n_heads: usize,
    /// Probability of dropping an element, in `[0, 1)`.
    pub dropout: f64,
    /// Norm before or after each sub-layer.
    pub norm: NormOrder,
    /// Added to the variance inside the root of layer normalisation.
    pub eps: f64,
    /// Which embedding matrices are shared.
    pub tying: Tying,
    /// Whether the generator adds a bias to its logits.
    pub generator_bias: bool,
    /// Token id of padding, in both vocabularies.
    pub pad: usize,
}
// ANCHOR_END: config

impl TransformerConfig {
    /// The base model (Table 3): N = 6, d_model = 512, d_ff = 2048,
    /// h = 8, post-norm, one shared vocabulary.
    #[must_use]
    pub fn base(vocab: usize) -> Self {
        Self {
            src_vocab: vocab,
            tgt_vocab: vocab,
            n_layers: 6,
            d_model: 512,
            d_ff: 2048,
            n_heads: 8,
            dropout: 0.1,
            norm: NormOrder::Post,
            eps: 1e-5,
            tying: Tying::All,
            generator_bias: false,
            pad: 0,
        }
    }

    /// The big model (Table 3): d_model = 1024, d_ff = 4096, h = 16,
    /// dropout 0.3.
    #[must_use]
    pub fn big(vocab: usize) -> Self {
        Self {
            d_model: 1024,
            d_ff: 4096,
            n_heads: 16,
            dropout: 0.3,
            ..Self::base(vocab)
        }
    }

    /// A model for a laptop: N = 3, d_model = 256, d_ff = 1024, h = 4.
    #[must_use]
    pub fn small(vocab: usize) -> Self {
        Self {
            n_layers: 3,
            d_model: 256,
            d_ff: 1024,
            n_heads: 4,
            ..Self::base(vocab)
        }
    }

    /// A model for tests and toy tasks: N = 2, d_model = 64,
    /// d_ff = 256, h = 4, nothing tied.
    #[must_use]
    pub fn tiny(vocab: usize) -> Self {
        Self {
            n_layers: 2,
            d_model: 64,
            d_ff: 256,
            n_heads: 4,
            tying: Tying::None,
            generator_bias: true,
            ..Self::base(vocab)
        }
    }

    /// What its encoder and its decoder are built from.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        Sizes {
            n_layers: self.n_layers,
            d_model: self.d_model,
            d_ff: self.d_ff,
            n_heads: self.n_heads,
            dropout: self.dropout,
            norm: self.norm,
            eps: self.eps,
        }
    }

    /// Checks every rule that the other modules rely on.
    ///
    /// # Errors
    ///
    /// Names the first field that breaks a rule, its value and the
    /// rule.
    pub fn validate(&self) -> Result<(), ConfigError> {
        vocabulary("src_vocab", self.src_vocab)?;
        vocabulary("tgt_vocab", self.tgt_vocab)?;
        self.sizes().validate()?;
        let &Self { src_vocab, tgt_vocab, pad, .. } = self;
        for (name, vocab) in
            [("src_vocab", src_vocab), ("tgt_vocab", tgt_vocab)]
        {
            let rule =
                format!("it must be a token id below {name} = {vocab}");
            check(pad < vocab, "pad", pad, rule)?;
        }
        let one = self.tying != Tying::All || src_vocab == tgt_vocab;
        let rule = format!(
            "sharing all embeddings needs src_vocab = {src_vocab} \
             for both"
        );
        check(one, "tgt_vocab", tgt_vocab, rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid() {
        for config in [
            TransformerConfig::base(37_000),
            TransformerConfig::big(37_000),
            TransformerConfig::small(8_000),
            TransformerConfig::tiny(11),
        ] {
            config.validate().unwrap();
        }
    }

    #[test]
    fn an_error_names_field_value_and_rule() {
        let wrong = |change: fn(&mut TransformerConfig)| {
            let mut config = TransformerConfig::tiny(11);
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        let has = |message: String, parts: [&str; 2]| {
            for part in parts {
                assert!(
                    message.contains(part),
                    "{part:?} is missing from {message:?}"
                );
            }
        };
        has(
            wrong(|c| c.d_model = 65),
            ["d_model = 65", "multiple of n_heads = 4"],
        );
        has(wrong(|c| c.n_layers = 0), ["n_layers = 0", "at least 1"]);
        has(wrong(|c| c.n_heads = 0), ["n_heads = 0", "at least 1"]);
        has(wrong(|c| c.n_heads = 65), ["n_heads = 65", "most 64"]);
        has(wrong(|c| c.dropout = 1.0), ["dropout = 1", "[0, 1)"]);
        has(
            wrong(|c| c.dropout = f64::NAN),
            ["dropout = NaN", "[0, 1)"],
        );
        has(wrong(|c| c.eps = 0.0), ["eps = 0", "positive"]);
        has(
            wrong(|c| c.pad = 11),
            ["pad = 11", "below src_vocab = 11"],
        );
        has(
            wrong(|c| {
                c.tying = Tying::All;
                c.tgt_vocab = 13;
            }),
            ["tgt_vocab = 13", "src_vocab = 11"],
        );
    }

    /// Whatever the sizes are, the largest that is allowed is, and the
    /// next one is refused with it.
    #[test]
    fn sizes_have_an_upper_bound() {
        type Field = fn(&mut TransformerConfig) -> &mut usize;
        let fields: [(&str, Field, usize); 5] = [
            ("n_layers", |c| &mut c.n_layers, 1 << 10),
            ("d_model", |c| &mut c.d_model, 1 << 20),
            ("d_ff", |c| &mut c.d_ff, 1 << 20),
            ("src_vocab", |c| &mut c.src_vocab, 1 << 20),
            ("tgt_vocab", |c| &mut c.tgt_vocab, 1 << 20),
        ];
        for (name, field, most) in fields {
            let mut config = TransformerConfig::tiny(11);
            *field(&mut config) = most;
            config.validate().unwrap();
            for size in [most + 1, 1 << 32, usize::MAX / 2, usize::MAX]
            {
                *field(&mut config) = size;
                let message =
                    config.validate().unwrap_err().to_string();
                let expected = format!(
                    "{name} = {size}, but it must be at most {most}"
                );
                assert!(message.ends_with(&expected), "{message}");
            }
        }
    }
}

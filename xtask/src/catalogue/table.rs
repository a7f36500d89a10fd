//! The diagrams from which all others follow: the wholes, and what is looked at in a way of its own.

use super::captures::Captured;
use super::diagram::{Against, Shown};

/// An entry of the table.
pub(super) struct Entry {
    pub(super) id: &'static str,
    /// The diagram above, where it isn't that of the scope around.
    pub(super) up: Option<&'static str>,
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) captured: Captured,
    /// A pattern for the path of what it shows.
    pub(super) root: &'static str,
    pub(super) shown: Shown,
    /// Whether a box of that path leads to it: there may be another picture of the same place.
    pub(super) is_inside: bool,
}

/// A whole model, two levels deep.
const WHOLE: Shown = Shown { depth: 2, closed: Some("**/embedding"), detailed: false, ..Shown::INSIDE };

/// What no box leads to by itself.
pub(super) const TABLE: &[Entry] = &[
    Entry {
        id: "transformer",
        up: None,
        name: "Transformer",
        title: "The Transformer",
        description: "The whole model, read from the bottom to the top. Left, the encoder: six equal layers of \
                      self-attention and a feed-forward network. Right, the decoder: six equal layers, which also attend \
                      to the encoder's output.",
        captured: Captured::PostNorm,
        root: "",
        shown: WHOLE,
        is_inside: true,
    },
    Entry {
        id: "transformer-pre-norm",
        up: None,
        name: "Transformer, pre-norm",
        title: "The Transformer with pre-norm",
        description: "The whole model with layer normalisation before each sub-layer, and once more on top of each stack.",
        captured: Captured::PreNorm,
        root: "",
        shown: WHOLE,
        is_inside: true,
    },
    Entry {
        id: "language-model",
        up: None,
        name: "Language model",
        title: "A decoder-only language model",
        description: "Six equal layers of self-attention under a causal mask and a feed-forward network.",
        captured: Captured::LanguageModel,
        root: "",
        shown: WHOLE,
        is_inside: true,
    },
    Entry {
        id: "pre-norm-against-post-norm",
        up: Some("encoder-layer"),
        name: "Post-norm against pre-norm",
        title: "Post-norm against pre-norm",
        description: "An encoder layer with either. The norms are at another place, and so the residual connections begin \
                      at another place: at the norm with post-norm, at the sum with pre-norm.",
        captured: Captured::PreNorm,
        root: "**/stack/layer",
        shown: Shown {
            norms_apart: true,
            against: Some(Against {
                captured: Captured::PostNorm,
                scopes: ["**/stack/layer", "**/stack/layer"],
                titles: ["Post-norm", "Pre-norm"],
            }),
            ..Shown::INSIDE
        },
        is_inside: false,
    },
    Entry {
        id: "relu-against-gelu",
        up: None,
        name: "ReLU against GELU",
        title: "ReLU against GELU",
        description: "Burn's own encoder, with the paper's activation and with the one that most models have had since. \
                      Nothing else differs: one box in each of the six layers.",
        captured: Captured::Gelu,
        root: "",
        shown: Shown {
            depth: 3,
            closed: Some("**/mha"),
            detailed: false,
            against: Some(Against { captured: Captured::Relu, scopes: ["", ""], titles: ["ReLU", "GELU"] }),
            ..Shown::INSIDE
        },
        is_inside: false,
    },
    Entry {
        id: "cached-step",
        up: Some("decoder-layer"),
        name: "The cache",
        title: "One step of decoding, without the cache and with it",
        description: "Self-attention while the second token is written. Without the cache, everything written so far is \
                      projected again, and masked again. With it, only the newest token is projected; the keys and values \
                      of those before come from the cache and are joined to its own, and nothing needs to be masked.",
        captured: Captured::Steps,
        root: "**/step.1/decoder/layer.1/sublayer.0/multi_head_attention",
        shown: Shown {
            masks: true,
            stacked: true,
            against: Some(Against {
                captured: Captured::PostNorm,
                scopes: [
                    "**/decoder/layer.1/sublayer.0/multi_head_attention",
                    "**/step.1/decoder/layer.1/sublayer.0/multi_head_attention",
                ],
                titles: ["Without the cache", "With the cache"],
            }),
            ..Shown::INSIDE
        },
        is_inside: true,
    },
    Entry {
        id: "encoder-layer-operations",
        up: Some("encoder-layer"),
        name: "Every operation",
        title: "An encoder layer, every operation",
        description: "One encoder layer down to the single tensor operation.",
        captured: Captured::PostNorm,
        root: "**/stack/layer",
        shown: Shown { depth: 9, every_operation: true, detailed: false, ..Shown::INSIDE },
        is_inside: false,
    },
];

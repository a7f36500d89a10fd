//! What is captured: the model at the size of the paper's base model, and at another to tell dimensions apart.

use anyhow::{Context, Result};
use burn::nn::activation::ActivationConfig;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, Session, Sizes, Symbol, capture_symbolic};
use model::{LanguageModelConfig, NormOrder, TransformerConfig};

/// What is captured, always at the size of the base model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Captured {
    PostNorm,
    PreNorm,
    LanguageModel,
    /// Decoding with the cache: the memory, and two steps.
    Steps,
    /// Burn's encoder, with the activation of the paper and with that of its successors.
    Relu,
    Gelu,
}

impl Captured {
    pub(super) const ALL: [Self; 6] =
        [Self::PostNorm, Self::PreNorm, Self::LanguageModel, Self::Steps, Self::Relu, Self::Gelu];

    /// What it is called within a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PostNorm => "the Transformer",
            Self::PreNorm => "the Transformer with pre-norm",
            Self::LanguageModel => "the language model",
            Self::Steps => "a step with the cache",
            Self::Relu => "Burn's encoder with ReLU",
            Self::Gelu => "Burn's encoder with GELU",
        }
    }

    /// Whether it is a Transformer's whole pass: those have places in common, where the order of the norm is outside.
    pub(super) fn is_transformer(self) -> bool {
        matches!(self, Self::PostNorm | Self::PreNorm)
    }

    /// Whether the code is another's: what is in its boxes is not this model's to show.
    pub(super) fn is_foreign(self) -> bool {
        matches!(self, Self::Relu | Self::Gelu)
    }
}

/// All that is captured, once.
pub(crate) struct Graphs(Vec<(Captured, ComputationGraph)>);

impl Graphs {
    /// Captures everything.
    pub(crate) fn new() -> Result<Self> {
        let each = |captured: &Captured| Ok((*captured, capture(*captured)?));
        super::parallel::each(&Captured::ALL, each).map(Self)
    }

    /// What is captured of this project's own code.
    pub(super) fn own(&self) -> impl Iterator<Item = &ComputationGraph> {
        self.0.iter().filter(|(captured, _)| !captured.is_foreign()).map(|(_, graph)| graph)
    }

    /// What was captured under that name.
    pub(super) fn of(&self, wanted: Captured) -> Result<&ComputationGraph> {
        let found = self.0.iter().find(|(captured, _)| *captured == wanted);
        found.map(|(_, graph)| graph).context("a diagram of something that is not captured")
    }
}

/// The sizes that get a symbol: that of the base model, which the diagrams show, and another one. Everything is captured
/// at both, and what changes from the one to the other tells which dimension is which. No two of the others are equal.
/// But 52 must be 4 · 13, as 512 is 8 · 64.
const SIZES: [(&str, usize, usize); 8] = [
    ("batch", 2, 3),
    ("source", 10, 7),
    ("target", 9, 11),
    ("d_model", 512, 52),
    ("heads", 8, 4),
    ("d_k", 64, 13),
    ("d_ff", 2048, 17),
    ("vocab", 37_000, 23),
];

/// Captures it.
pub(super) fn capture(captured: Captured) -> Result<ComputationGraph> {
    let run = |session: &Session, sizes: &Sizes| match captured {
        Captured::PostNorm => transformer(session, sizes, NormOrder::Post),
        Captured::PreNorm => transformer(session, sizes, NormOrder::Pre),
        Captured::LanguageModel => language_model(session, sizes),
        Captured::Steps => steps(session, sizes),
        Captured::Relu => encoder(session, sizes, ActivationConfig::Relu),
        Captured::Gelu => encoder(session, sizes, ActivationConfig::Gelu),
    };
    let name = match captured {
        Captured::LanguageModel => "Language model",
        Captured::Relu | Captured::Gelu => "Encoder",
        _ => "Transformer",
    };
    Ok(capture_symbolic(name, &symbols(), run)?)
}

fn transformer(session: &Session, s: &Sizes, norm: NormOrder) -> Result<(), graph::ClosureError> {
    let sizes = TransformerConfig {
        d_model: s["d_model"],
        n_heads: s["heads"],
        d_ff: s["d_ff"],
        ..TransformerConfig::base(s["vocab"])
    };
    let model = TransformerConfig { norm, ..sizes }.init(session.device())?;
    session.parameters(&model);
    let ids = |length: usize| Tensor::<2, Int>::zeros([s["batch"], length], session.device());
    let src = session.input("src", ids(s["source"]));
    let tgt = session.input("tgt", ids(s["target"]));
    let logits = model.forward(src, tgt).logits;
    session.output("probabilities", probabilities(logits));
    Ok(())
}

/// The softmax on top, which the model leaves to the loss and to decoding.
fn probabilities(logits: Tensor<3>) -> Tensor<3> {
    tracing::info_span!("probabilities").in_scope(|| softmax(logits, 2))
}

fn steps(session: &Session, s: &Sizes) -> Result<(), graph::ClosureError> {
    let sizes = TransformerConfig {
        d_model: s["d_model"],
        n_heads: s["heads"],
        d_ff: s["d_ff"],
        ..TransformerConfig::base(s["vocab"])
    };
    let model = sizes.init(session.device())?;
    session.parameters(&model);
    let ids = |length: usize| Tensor::<2, Int>::zeros([s["batch"], length], session.device());
    let mut state = model.start(session.input("src", ids(s["source"])));
    model.step(session.input("first token", ids(1)), &mut state);
    let logits = model.step(session.input("newest token", ids(1)), &mut state);
    session.output("logits", logits);
    Ok(())
}

/// Burn's own encoder: this model's has no other activation than the paper's.
fn encoder(session: &Session, s: &Sizes, activation: ActivationConfig) -> Result<(), graph::ClosureError> {
    let config = TransformerEncoderConfig::new(s["d_model"], s["d_ff"], s["heads"], 6);
    let encoder = config.with_activation(activation).init(session.device());
    session.parameters(&encoder);
    let x = Tensor::<3>::zeros([s["batch"], s["source"], s["d_model"]], session.device());
    let x = session.input("x", x);
    session.output("encoded", encoder.forward(TransformerEncoderInput::new(x)));
    Ok(())
}

fn language_model(session: &Session, s: &Sizes) -> Result<(), graph::ClosureError> {
    let sizes = LanguageModelConfig {
        n_layers: 6,
        d_model: s["d_model"],
        n_heads: s["heads"],
        d_ff: s["d_ff"],
        ..LanguageModelConfig::tiny(s["vocab"])
    };
    let model = sizes.init(session.device())?;
    session.parameters(&model);
    let ids = session.input("ids", Tensor::<2, Int>::zeros([s["batch"], s["target"]], session.device()));
    let logits = model.forward(ids).output;
    session.output("probabilities", probabilities(logits));
    Ok(())
}

/// A base model with that many layers on each side, at one size.
pub(super) fn deep(layers: usize) -> Result<ComputationGraph> {
    let run = |session: &Session| {
        let model = TransformerConfig { n_layers: layers, ..TransformerConfig::base(37_000) }
            .init(session.device())?;
        session.parameters(&model);
        let ids =
            |name: &str, length| session.input(name, Tensor::<2, Int>::zeros([2, length], session.device()));
        session.output("logits", model.forward(ids("src", 10), ids("tgt", 9)).logits);
        Ok(())
    };
    Ok(graph::capture("Transformer", run)?)
}

fn symbols() -> Vec<Symbol> {
    SIZES.iter().map(|&(name, shown, probe)| Symbol::new(name, shown, probe)).collect()
}

/// The size of that name that the diagrams show.
pub(crate) fn size(name: &str) -> Option<usize> {
    SIZES.iter().find(|(symbol, ..)| *symbol == name).map(|(_, shown, _)| *shown)
}

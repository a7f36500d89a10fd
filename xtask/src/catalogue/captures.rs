//! What is captured: the model at the size of the paper's base model, and at another to tell dimensions apart.

use anyhow::Result;
use burn::nn::activation::ActivationConfig;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, Session, Sizes, Symbol, capture_symbolic};
use model::{LanguageModelConfig, NormOrder, TransformerConfig};

/// What is captured, always at the size of the base model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// The sizes that get a symbol: the base model's, and others to tell which dimension is which.
fn symbols() -> Vec<Symbol> {
    vec![
        Symbol::new("batch", 2, 3),
        Symbol::new("source", 10, 7),
        Symbol::new("target", 9, 11),
        Symbol::new("d_model", 512, 52),
        Symbol::new("heads", 8, 4),
        Symbol::new("d_k", 64, 13),
        Symbol::new("d_ff", 2048, 17),
        Symbol::new("vocab", 37_000, 23),
    ]
}

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
    session.output("probabilities", softmax(logits, 2));
    Ok(())
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
    session.output("probabilities", softmax(logits, 2));
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

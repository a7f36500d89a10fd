//! The trained models, captured at one sentence of a fixed length, and at another size so that their axes have names.

use anyhow::{Context, Result};
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, Program, Session, Sizes, Symbol, capture_program_symbolic};
use model::{LanguageModelConfig, TransformerConfig};
use serde_json::{Map, Value};

/// Tokens of a source, and of a target: whatever is shorter is padded, so that all sizes are the same each time.
pub(super) const SOURCE: usize = 32;
pub(super) const TARGET: usize = 32;
/// Tokens that the language model sees.
pub(super) const TEXT: usize = 24;
/// The sizes of the second capture. A width must be a multiple of the heads, and no two sizes grow alike.
const PROBE: [(&str, usize); 5] = [("d_model", 65), ("heads", 5), ("d_k", 13), ("d_ff", 17), ("vocab", 23)];

/// The translator: the logits and probabilities of every target position.
pub(super) fn translator(config: &Value) -> Result<(ComputationGraph, Program)> {
    let trained: TransformerConfig =
        serde_json::from_value(config["model"].clone()).context("its settings are not a Transformer's")?;
    let mut symbols = sizes(trained.d_model, trained.n_heads, trained.d_ff, trained.tgt_vocab);
    symbols.extend([Symbol::new("source", SOURCE, 7), Symbol::new("target", TARGET, 11)]);
    let capture = |session: &Session, s: &Sizes| {
        let sizes = TransformerConfig {
            d_model: s["d_model"],
            n_heads: s["heads"],
            d_ff: s["d_ff"],
            src_vocab: s["vocab"],
            tgt_vocab: s["vocab"],
            ..trained.clone()
        };
        let model = sizes.init(session.device())?;
        session.parameters(&model);
        let ids = |length: usize| Tensor::<2, Int>::zeros([s["batch"], length], session.device());
        let (src, tgt) = (session.input("src", ids(s["source"])), session.input("tgt", ids(s["target"])));
        outputs(session, model.forward(src, tgt).logits);
        Ok(())
    };
    Ok(capture_program_symbolic("Transformer", &symbols, capture)?)
}

/// The language model: the logits and probabilities of every position.
pub(super) fn language_model(config: &Value) -> Result<(ComputationGraph, Program)> {
    let trained: LanguageModelConfig =
        serde_json::from_value(config["model"].clone()).context("its settings are not a language model's")?;
    let mut symbols = sizes(trained.d_model, trained.n_heads, trained.d_ff, trained.vocab);
    symbols.push(Symbol::new("target", TEXT, 11));
    let capture = |session: &Session, s: &Sizes| {
        let sizes = LanguageModelConfig {
            d_model: s["d_model"],
            n_heads: s["heads"],
            d_ff: s["d_ff"],
            vocab: s["vocab"],
            ..trained.clone()
        };
        let model = sizes.init(session.device())?;
        session.parameters(&model);
        let ids = Tensor::<2, Int>::zeros([s["batch"], s["target"]], session.device());
        outputs(session, model.forward(session.input("ids", ids)).output);
        Ok(())
    };
    Ok(capture_program_symbolic("Language model", &symbols, capture)?)
}

/// The logits, and the softmax on top that the pictures have.
fn outputs(session: &Session, logits: Tensor<3>) {
    session.output("logits", logits.clone());
    let probabilities = tracing::info_span!("probabilities").in_scope(|| softmax(logits, 2));
    session.output("probabilities", probabilities);
}

fn sizes(d_model: usize, heads: usize, d_ff: usize, vocab: usize) -> Vec<Symbol> {
    let shown = [d_model, heads, d_model / heads.max(1), d_ff, vocab];
    let sizes = PROBE.iter().zip(shown).map(|(&(name, probe), shown)| Symbol::new(name, shown, probe));
    std::iter::once(Symbol::new("batch", 1, 2)).chain(sizes).collect()
}

/// Along which axis the tokens of an input lie.
pub(super) fn axes<'a>(inputs: impl Iterator<Item = &'a str>) -> Map<String, Value> {
    let axis = |input: &str| if input == "src" { "source" } else { "target" };
    inputs.map(|input| (input.to_owned(), axis(input).into())).collect()
}

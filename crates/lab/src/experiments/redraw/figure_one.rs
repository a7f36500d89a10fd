//! Figure 1, captured from the base model, as the book shows it.

use anyhow::Result;
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use graph::view::{BoxKind, View};
use graph::{Session, Sizes, Style, Subject, SubjectKind, Symbol, ViewOptions, capture_symbolic};
use model::TransformerConfig;

/// What is to be redrawn.
pub(super) fn view() -> Result<View> {
    let symbols = [("batch", 2, 3), ("source", 10, 7), ("target", 9, 11), ("vocab", 37_000, 23)];
    let symbols: Vec<Symbol> = symbols.map(|(name, size, other)| Symbol::new(name, size, other)).into();
    let graph = capture_symbolic("Transformer", &symbols, run)?;
    let options = ViewOptions::new().depth(2).close("**/embedding").labels(labels).title("The Transformer");
    Ok(graph.view(&options)?)
}

fn run(session: &Session, sizes: &Sizes) -> Result<(), graph::ClosureError> {
    let model = TransformerConfig::base(sizes["vocab"]).init(session.device())?;
    session.parameters(&model);
    let ids = |length: usize| Tensor::<2, Int>::zeros([sizes["batch"], length], session.device());
    let src = session.input("src", ids(sizes["source"]));
    let tgt = session.input("tgt", ids(sizes["target"]));
    let logits = model.forward(src, tgt).logits;
    let probabilities = tracing::info_span!("probabilities").in_scope(|| softmax(logits, 2));
    session.output("probabilities", probabilities);
    Ok(())
}

/// The paper's names. A test holds them to those of the book's diagram.
fn labels(subject: &Subject<'_>) -> Option<Style> {
    let path = subject.path;
    Some(match (subject.what, subject.name) {
        (SubjectKind::Input, "src") => Style::new("Inputs", BoxKind::Input),
        (SubjectKind::Input, "tgt") => Style::new("Outputs (shifted right)", BoxKind::Input),
        (SubjectKind::Output, _) => Style::new("Output Probabilities", BoxKind::Output),
        (SubjectKind::Scope, "transformer" | "embeddings" | "sublayer" | "stack" | "decoder") => {
            Style::dissolved()
        }
        (SubjectKind::Scope, "layer") if path.contains("decoder") => Style::label("Decoder layer"),
        (SubjectKind::Scope, "layer") => Style::label("Encoder layer"),
        (SubjectKind::Scope, "embedding") if path.contains("embeddings.1") => {
            Style::new("Output Embedding", BoxKind::Embedding)
        }
        (SubjectKind::Scope, "embedding") => Style::new("Input Embedding", BoxKind::Embedding),
        (SubjectKind::Scope, "positional_encoding") => Style::new("Positional Encoding", BoxKind::Embedding),
        (SubjectKind::Scope, "multi_head_attention")
            if path.contains("decoder/") && path.contains("sublayer.0") =>
        {
            Style::new("Masked Multi-Head Attention", BoxKind::Attention)
        }
        (SubjectKind::Scope, "multi_head_attention") => {
            Style::new("Multi-Head Attention", BoxKind::Attention)
        }
        (SubjectKind::Scope, "feed_forward") => Style::new("Feed Forward", BoxKind::FeedForward),
        (SubjectKind::Scope, "probabilities") => Style::new("Softmax", BoxKind::Activation),
        (SubjectKind::Scope, "generator") => Style::new("Linear", BoxKind::Linear),
        (SubjectKind::Scope, name) if name.ends_with("mask") => Style::hidden(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Keys of boxes and lines, and the first line of each box's tooltip, in the SVG that the book shows.
    #[test]
    fn it_is_the_diagram_of_the_book() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../diagrams/transformer.svg");
        let svg = std::fs::read_to_string(path).unwrap();
        let after = |text: &'static str, end: &'static str| -> BTreeSet<String> {
            svg.split(text).skip(1).map(|rest| rest.split(end).next().unwrap().to_owned()).collect()
        };
        let view = view().unwrap();
        let leaves = (1..view.boxes.len()).filter(|&id| view.is_leaf(id)).map(|id| &view.boxes[id]);
        let shown: BTreeSet<String> = svg
            .split("<g class=\"b ")
            .skip(1)
            // Those of the legend have no key.
            .filter(|rest| rest.split('>').next().is_some_and(|tag| tag.contains("data-key=")))
            .map(|rest| {
                let key = rest.split("data-key=\"").nth(1).unwrap().split('"').next().unwrap();
                let title = rest.split("<title>").nth(1).unwrap();
                let label = title.split(['<', '&']).next().unwrap().trim();
                format!("{key} {label}")
            })
            .collect();
        // A tooltip's text is cut at its first ampersand here.
        let short = |label: &str| label.split('&').next().unwrap_or_default().trim().to_owned();
        let ours: BTreeSet<String> =
            leaves.map(|leaf| format!("{} {}", leaf.key, short(&leaf.label))).collect();
        assert_eq!(ours, shown);
        let lines: BTreeSet<String> = view
            .edges
            .iter()
            .map(|edge| format!("{}\" data-to=\"{}", view.boxes[edge.from].key, view.boxes[edge.to].key))
            .collect();
        assert_eq!(
            lines,
            after("data-from=\"", "\" marker-end").into_iter().filter(|line| !line.contains(" d=")).collect()
        );
    }
}

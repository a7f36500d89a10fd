//! The diagrams: what is captured, and which view of it is drawn.

use anyhow::{Context, Result};
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use graph::draw::{DrawOptions, Link, Report, draw};
use graph::view::{BoxKind, ViewBox};
use graph::{
    ComputationGraph, Session, Sizes, Style, Subject, SubjectKind, Symbol, ViewOptions, capture_symbolic,
};
use model::{LanguageModelConfig, NormOrder, TransformerConfig};

/// A diagram, drawn.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// Name of its files, and prefix of the ids in it.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) svg: String,
    /// The same content as an HTML list.
    pub(crate) text: String,
    /// What was measured on it.
    pub(crate) report: Report,
    /// In pixels.
    pub(crate) width: f64,
}

/// What is captured, always at the size of the base model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Captured {
    PostNorm,
    PreNorm,
    LanguageModel,
    /// Decoding with the cache: the memory, and two steps.
    Steps,
}

impl Captured {
    const ALL: [Self; 4] = [Self::PostNorm, Self::PreNorm, Self::LanguageModel, Self::Steps];
}

struct Diagram {
    id: &'static str,
    title: &'static str,
    description: &'static str,
    captured: Captured,
    view: fn(ViewOptions<'static>) -> ViewOptions<'static>,
    /// Whether the file and line that made a box stand in it.
    sources: bool,
}

/// All diagrams of `diagrams/`, drawn.
pub(crate) fn render_all() -> Result<Vec<Rendered>> {
    let mut graphs: Vec<(Captured, ComputationGraph)> = Vec::new();
    for captured in Captured::ALL {
        graphs.push((captured, capture(captured)?));
    }
    let render = |diagram: &Diagram| {
        let graph = graphs.iter().find(|(captured, _)| *captured == diagram.captured);
        let (_, graph) = graph.context("a diagram of something that is not captured")?;
        diagram.render(graph).with_context(|| format!("cannot draw the diagram {}", diagram.id))
    };
    CATALOGUE.iter().map(render).collect()
}

/// Any scope of the model, drawn on demand.
pub(crate) fn render_scope(path: &str, depth: usize) -> Result<Rendered> {
    let graph = capture(Captured::PostNorm)?;
    let options = ViewOptions::new().root(if path.is_empty() { String::new() } else { format!("**/{path}") });
    let view = graph.view(&options.depth(depth).labels(labels))?;
    let link = |found: &ViewBox| link("open", found);
    let drawing = draw(&view, &DrawOptions { link: &link, ..DrawOptions::new("open") })?;
    Ok(Rendered {
        id: "open".to_owned(),
        title: view.title,
        description: view.description,
        svg: drawing.svg,
        text: drawing.text,
        report: drawing.report,
        width: drawing.width,
    })
}

impl Diagram {
    fn render(&self, graph: &ComputationGraph) -> Result<Rendered> {
        let options = ViewOptions::new().title(self.title).description(self.description).labels(labels);
        let view = graph.view(&(self.view)(options))?;
        let link = |found: &ViewBox| link(self.id, found);
        let drawing =
            draw(&view, &DrawOptions { sources: self.sources, link: &link, ..DrawOptions::new(self.id) })?;
        let text = |text: &str| text.to_owned();
        Ok(Rendered {
            id: text(self.id),
            title: text(self.title),
            description: text(self.description),
            svg: drawing.svg,
            text: drawing.text,
            report: drawing.report,
            width: drawing.width,
        })
    }
}

/// Where a box leads when the picture is looked at in the repository: down to the diagram that opens it, and to the
/// line of code. The book's preprocessor turns both into links within the book.
fn link(drawn: &str, found: &ViewBox) -> Link {
    let down = opened_by(&found.key).filter(|id| *id != drawn).map(|id| format!("{id}.svg"));
    let source = found.source.as_ref().map(|source| format!("../{}#L{}", source.file, source.line));
    Link { down, source }
}

/// The diagram that shows what is inside the box with this key.
fn opened_by(key: &str) -> Option<&'static str> {
    let name = key.rsplit('/').next()?.split('.').next()?;
    Some(match name {
        _ if key.starts_with("input:") || key.starts_with("output:") => return None,
        "layer" if key.contains("decoder/") => "decoder-layer",
        "layer" => "encoder-layer",
        "multi_head_attention" => "multi-head-attention",
        "attention" => "scaled-dot-product-attention",
        "feed_forward" => "feed-forward",
        "embedding" => "embeddings",
        "generator" => "generator",
        _ => return None,
    })
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

fn capture(captured: Captured) -> Result<ComputationGraph> {
    let run = |session: &Session, sizes: &Sizes| match captured {
        Captured::PostNorm => transformer(session, sizes, NormOrder::Post),
        Captured::PreNorm => transformer(session, sizes, NormOrder::Pre),
        Captured::LanguageModel => language_model(session, sizes),
        Captured::Steps => steps(session, sizes),
    };
    let name = if captured == Captured::LanguageModel { "Language model" } else { "Transformer" };
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
    let (logits, _) = model.forward(ids);
    session.output("probabilities", softmax(logits, 2));
    Ok(())
}

/// The paper's names for the model's spans.
fn labels(subject: &Subject<'_>) -> Option<Style> {
    let path = subject.path;
    let of_decoder = path.contains("decoder/") || path.starts_with("language_model");
    Some(match (subject.what, subject.name) {
        (SubjectKind::Input, "src") => Style::new("Inputs", BoxKind::Input),
        (SubjectKind::Input, "tgt") => Style::new("Outputs (shifted right)", BoxKind::Input),
        (SubjectKind::Input, _) if path.contains("step.0/") => Style::new("From the cache", BoxKind::Input),
        (SubjectKind::Input, _) if path.contains("encoder/layer") => Style::new("Memory", BoxKind::Input),
        (SubjectKind::Input, "embeddings" | "sublayer") => Style::new("x", BoxKind::Input),
        (SubjectKind::Output, "probabilities") => Style::new("Output Probabilities", BoxKind::Output),
        (
            SubjectKind::Scope,
            "transformer" | "language_model" | "embeddings" | "sublayer" | "encoder" | "decoder",
        ) => Style::dissolved(),
        (SubjectKind::Scope, "layer") if path.contains("decoder") => Style::label("Decoder layer"),
        (SubjectKind::Scope, "layer") => Style::label("Encoder layer"),
        (SubjectKind::Scope, "embedding") if path.contains("embeddings.1") => {
            Style::new("Output Embedding", BoxKind::Embedding)
        }
        (SubjectKind::Scope, "embedding") => Style::new("Input Embedding", BoxKind::Embedding),
        (SubjectKind::Scope, "positional_encoding") => Style::new("Positional Encoding", BoxKind::Embedding),
        (SubjectKind::Scope, "multi_head_attention") if of_decoder && path.contains("sublayer.0") => {
            Style::new("Masked Multi-Head Attention", BoxKind::Attention)
        }
        (SubjectKind::Scope, "multi_head_attention") => {
            Style::new("Multi-Head Attention", BoxKind::Attention)
        }
        (SubjectKind::Scope, "attention") => Style::new("Scaled Dot-Product Attention", BoxKind::Attention),
        (SubjectKind::Scope, "feed_forward") => Style::new("Feed Forward", BoxKind::FeedForward),
        (SubjectKind::Scope, "generator") => Style::new("Linear", BoxKind::Linear),
        (SubjectKind::Scope, "causal_mask") if path.contains("target_mask/") => {
            Style::new("Causal mask", BoxKind::Mask)
        }
        (SubjectKind::Scope, "padding_mask") if path.contains("target_mask/") => {
            Style::new("Padding mask", BoxKind::Mask)
        }
        (SubjectKind::Scope, name) if name.ends_with("mask") => Style::hidden(),
        _ => return None,
    })
}

const CATALOGUE: &[Diagram] = &[
    Diagram {
        id: "transformer",
        title: "The Transformer",
        description: "The whole model, read from the bottom to the top. Left, the encoder: six equal layers of \
                      self-attention and a feed-forward network. Right, the decoder: six equal layers, which also attend \
                      to the encoder's output.",
        captured: Captured::PostNorm,
        view: |view| view.depth(2).close("**/embedding"),
        sources: false,
    },
    Diagram {
        id: "transformer-pre-norm",
        title: "The Transformer with pre-norm",
        description: "The whole model with layer normalisation before each sub-layer, and once more on top of each stack.",
        captured: Captured::PreNorm,
        view: |view| view.depth(2).close("**/embedding"),
        sources: false,
    },
    Diagram {
        id: "encoder-layer",
        title: "An encoder layer",
        description: "Self-attention, then the position-wise feed-forward network; around each a residual connection and \
                      layer normalisation.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/encoder/layer").depth(1),
        sources: true,
    },
    Diagram {
        id: "decoder-layer",
        title: "A decoder layer",
        description: "Masked self-attention, attention to the encoder's memory, and the feed-forward network.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/decoder/layer").depth(1),
        sources: true,
    },
    Diagram {
        id: "multi-head-attention",
        title: "Multi-head attention",
        description: "Queries, keys and values are projected, split into heads, attended to, concatenated and projected \
                      once more.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/encoder/layer/sublayer/multi_head_attention").depth(1),
        sources: true,
    },
    Diagram {
        id: "scaled-dot-product-attention",
        title: "Scaled dot-product attention",
        description: "Queries times keys, scaled, masked, through a softmax, times values.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/decoder/layer/sublayer.0/multi_head_attention/attention").depth(2),
        sources: true,
    },
    Diagram {
        id: "feed-forward",
        title: "Position-wise feed-forward network",
        description: "Two linear layers with a ReLU between them.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/encoder/layer/sublayer/feed_forward").depth(1),
        sources: true,
    },
    Diagram {
        id: "embeddings",
        title: "Embeddings and positional encoding",
        description: "Token ids become rows of a table, scaled by the root of d_model; the positional encoding is added.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/embeddings").depth(1),
        sources: true,
    },
    Diagram {
        id: "sublayer-post-norm",
        title: "A sub-layer with post-norm",
        description: "norm(x + f(x)): the residual connection leads around the sub-layer, the norm comes last.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/encoder/layer/sublayer.1").depth(1).fold_add_norm(false),
        sources: true,
    },
    Diagram {
        id: "sublayer-pre-norm",
        title: "A sub-layer with pre-norm",
        description: "x + f(norm(x)): the norm comes first, and the residual connection leads around both.",
        captured: Captured::PreNorm,
        view: |view| view.root("**/encoder/layer/sublayer.1").depth(1),
        sources: true,
    },
    Diagram {
        id: "generator",
        title: "The generator",
        description: "The linear layer that scores every token of the vocabulary, with the embedding's matrix.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/generator").depth(1),
        sources: true,
    },
    Diagram {
        id: "language-model",
        title: "A decoder-only language model",
        description: "The encoder's blocks under a causal mask.",
        captured: Captured::LanguageModel,
        view: |view| view.depth(2).close("**/embedding"),
        sources: false,
    },
    Diagram {
        id: "masks",
        title: "The decoder's mask",
        description: "The future and the padding, each hidden from the queries, together.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/target_mask").depth(2),
        sources: true,
    },
    Diagram {
        id: "cached-step",
        title: "One step of decoding with the cache",
        description: "Self-attention while the second token is written: only the newest token is projected; the keys and \
                      values of those before come from the cache and are joined to its own.",
        captured: Captured::Steps,
        view: |view| view.root("**/step.1/decoder/layer.1/sublayer.0/multi_head_attention").depth(1),
        sources: true,
    },
    Diagram {
        id: "encoder-layer-operations",
        title: "An encoder layer, every operation",
        description: "One encoder layer down to the single tensor operation.",
        captured: Captured::PostNorm,
        view: |view| view.root("**/encoder/layer").depth(9).every_operation(),
        sources: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_diagram_is_clean() {
        let rendered = render_all().unwrap();
        assert_eq!(rendered.len(), CATALOGUE.len());
        for diagram in rendered {
            assert_eq!(diagram.report.faults(), 0, "{}: {}", diagram.id, diagram.report);
            let folded = !diagram.id.ends_with("operations");
            assert!(diagram.report.crossings == 0 || !folded, "{}: {}", diagram.id, diagram.report);
        }
    }

    #[test]
    fn the_counts_are_those_of_the_paper() {
        for (captured, norms) in [(Captured::PostNorm, 30), (Captured::PreNorm, 32)] {
            let graph = capture(captured).unwrap();
            // One softmax more than the 18 of attention: the one on top.
            let counts = ["matmul", "softmax", "relu", "layer_norm"].map(|kind| graph.count(kind));
            assert_eq!(counts, [133, 18 + 1, 12, norms], "{captured:?}");
            assert_eq!(graph.residual_additions(), 30, "{captured:?}");
        }
    }

    #[test]
    fn drawing_twice_gives_the_same_bytes() {
        let (first, second) = (render_all().unwrap(), render_all().unwrap());
        for (a, b) in first.iter().zip(&second) {
            assert_eq!((&a.svg, &a.text), (&b.svg, &b.text), "{}", a.id);
        }
    }

    #[test]
    fn a_box_leads_down_to_the_diagram_that_opens_it() {
        let of = |key: &str| opened_by(key);
        assert_eq!(of("transformer/decoder/layer.0"), Some("decoder-layer"));
        assert_eq!(
            of("transformer/encoder/layer.3/sublayer.0/multi_head_attention"),
            Some("multi-head-attention")
        );
        assert_eq!(of("transformer/encoder/layer.0/sublayer.0/add_norm"), None);
        for diagram in CATALOGUE.iter().filter_map(|d| opened_by(d.id)) {
            assert!(CATALOGUE.iter().any(|d| d.id == diagram));
        }
    }
}

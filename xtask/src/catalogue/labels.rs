//! What the model's parts are called in the diagrams.

use graph::view::BoxKind;
use graph::{Style, Subject, SubjectKind};

/// The paper's names for the model's spans.
pub(super) fn labels(subject: &Subject<'_>) -> Option<Style> {
    let path = subject.path;
    let of_decoder = path.contains("decoder/") || path.starts_with("language_model");
    Some(match (subject.what, subject.name) {
        (SubjectKind::Input, "src") => Style::new("Inputs", BoxKind::Input),
        (SubjectKind::Input, "tgt") => Style::new("Outputs (shifted right)", BoxKind::Input),
        (SubjectKind::Input, "query") => Style::new("query", BoxKind::Input),
        (SubjectKind::Input, _) if path.ends_with("/cat.0") => {
            Style::new("Keys, past and new", BoxKind::Input)
        }
        (SubjectKind::Input, _) if path.ends_with("/cat.1") => {
            Style::new("Values, past and new", BoxKind::Input)
        }
        (SubjectKind::Input, _) if path.starts_with("step.1") => {
            Style::new("x, newest token", BoxKind::Input)
        }
        (SubjectKind::Input, _) if path.starts_with("step.0") => Style::new("From the cache", BoxKind::Input),
        (SubjectKind::Input, _) if path == "transformer/stack" => Style::new("Memory", BoxKind::Input),
        (SubjectKind::Input, "embeddings" | "sublayer" | "layer" | "stack" | "Decoder layer") => {
            Style::new("x", BoxKind::Input)
        }
        (SubjectKind::Output, "probabilities") => Style::new("Output Probabilities", BoxKind::Output),
        (
            SubjectKind::Scope,
            "transformer" | "language_model" | "embeddings" | "sublayer" | "stack" | "decoder",
        ) => Style::dissolved(),
        (SubjectKind::Scope, "layer") if path.contains("decoder") => Style::label("Decoder layer"),
        (SubjectKind::Scope, "layer") if path.starts_with("language_model") => Style::label("Layer"),
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
        // The cache joins keys first, and values then.
        (SubjectKind::Operation, "cat") if path.ends_with("/cat.0") => Style::default().note("keys"),
        (SubjectKind::Operation, "cat") if path.ends_with("/cat.1") => Style::default().note("values"),
        // Those of Burn's own encoder.
        (SubjectKind::Scope, "layers") => Style::label("Encoder layer"),
        (SubjectKind::Scope, "mha") => Style::new("Multi-Head Attention", BoxKind::Attention),
        (SubjectKind::Scope, "pwff") => Style::label("Feed Forward"),
        (SubjectKind::Scope, "attention") => Style::new("Scaled Dot-Product Attention", BoxKind::Attention),
        (SubjectKind::Scope, "feed_forward") => Style::new("Feed Forward", BoxKind::FeedForward),
        (SubjectKind::Scope, "probabilities") => Style::new("Softmax", BoxKind::Activation),
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

/// The same, with the masks that come in from elsewhere.
pub(super) fn labels_with_masks(subject: &Subject<'_>) -> Option<Style> {
    match (subject.what, subject.name) {
        (SubjectKind::Scope, "target_mask") => Some(Style::label("Causal and padding mask")),
        (SubjectKind::Scope, "causal_mask") => Some(Style::label("Causal mask")),
        (SubjectKind::Scope, "padding_mask") => Some(Style::label("Padding mask")),
        (SubjectKind::Input, name) if name.ends_with(" mask") => Some(Style::new(name, BoxKind::Input)),
        _ => labels(subject),
    }
}

//! What patching brings, in the picture of the network: the wider and darker, the more.

use graph::view::BoxKind;
use graph::{DrawOptions, Measured, Scale, Style, Subject, SubjectKind, TensorId, ViewOptions, draw};

use plot::Drawn;

use super::program::captured;
use super::{Results, training};

/// What is read in the sentences that are patched, whatever their nouns are.
pub(super) const ENGLISH: [&str; 14] = [
    "the",
    "thing",
    "doesn't",
    "fit",
    "into",
    "the",
    "container",
    "because",
    "it",
    "is",
    "too",
    "adjective",
    ".",
    "<eos>",
];
/// What is written before the pronoun.
pub(super) const GERMAN: [&str; 10] =
    ["<bos>", "the", "thing", "passt", "nicht", "in", "the", "container", ",", "weil"];

/// The picture, and what is in it from the strongest place on.
pub(super) struct Shown {
    pub(super) drawn: Drawn,
    pub(super) listed: Vec<(String, f64)>,
}

/// None if the network isn't captured as it was when it was patched; then a test misses the picture.
pub(super) fn shown(results: &Results) -> Option<Shown> {
    let sizes = training::sizes(results.language.english, results.language.german);
    let (graph, program) = captured(None, &sizes, [2, ENGLISH.len(), GERMAN.len()]).ok()?;
    // A line that moves in the source is no other picture.
    let graph = graph.without_sources();
    let patched = &results.summary.patched;
    // What is the same in both runs changes nothing. A little below nothing is nothing.
    let same = program.tensors().filter(|&tensor| program.step_of(tensor).is_some());
    let same = same.map(|tensor| (tensor, 0.0));
    let different = patched.tensors.iter().zip(&patched.brings);
    let different = different.map(|(&tensor, brings)| (TensorId::new(tensor), brings.clamp(0.0, 1.0)));
    let scale =
        Scale::new("Part of the way to the other pronoun").ends("changes nothing", "brings all of it");
    let measured = Measured::new(scale).tensors(&program, same.chain(different));
    let options = ViewOptions::new()
        .depth(2)
        .close("**/embeddings*")
        .fold_repeats(false)
        .labels(labels)
        .title("Where it is decided")
        .description("The translator. How wide and dark a line or a box is says how much of the way from one pronoun to \
                      the other its tensor brings, when it alone is taken from the run with the other adjective.");
    let (view, overlay) = graph.view_with_overlay(&options, &measured).ok()?;
    let listed = overlay.listed(&view).into_iter().map(|of| (of.name, of.weight)).collect();
    let options = |id: &str| DrawOptions::new(id).sources(false).shapes(false).overlay(overlay.clone());
    let wide = draw(&view, &options("winograd-patching")).ok()?.svg;
    let narrow = draw(&view, &options("winograd-patching-narrow").narrow()).ok()?.svg;
    Some(Shown { drawn: Drawn { wide, narrow: Some(narrow) }, listed })
}

/// What the parts are called.
fn labels(subject: &Subject<'_>) -> Option<Style> {
    let path = subject.path;
    Some(match (subject.what, subject.name) {
        (SubjectKind::Scope, "transformer" | "sublayer" | "stack" | "decoder") => Style::dissolved(),
        (SubjectKind::Scope, "layer") => {
            let tower = if path.contains("decoder") { "Decoder" } else { "Encoder" };
            let number: usize = path.rsplit('.').next()?.parse().ok()?;
            Style::label(format!("{tower} layer {}", number + 1))
        }
        (SubjectKind::Scope, "embeddings") if path.ends_with(".0") => {
            Style::new("English words, positions", BoxKind::Embedding)
        }
        (SubjectKind::Scope, "embeddings") => Style::new("German words, positions", BoxKind::Embedding),
        (SubjectKind::Scope, "multi_head_attention") if path.contains("sublayer.1") => {
            Style::new("Attention to the English sentence", BoxKind::Attention)
        }
        (SubjectKind::Scope, "multi_head_attention") => Style::new("Self-attention", BoxKind::Attention),
        (SubjectKind::Scope, "attention") => Style::new("Scaled dot products", BoxKind::Attention),
        (SubjectKind::Scope, "feed_forward") => Style::new("Feed-forward", BoxKind::FeedForward),
        (SubjectKind::Scope, "generator") => Style::new("Linear", BoxKind::Linear),
        (SubjectKind::Scope, name) if name.ends_with("mask") => Style::hidden(),
        (SubjectKind::Output, _) => Style::new("Scores of er, sie, es", BoxKind::Output),
        _ => return None,
    })
}

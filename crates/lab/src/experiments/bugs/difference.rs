//! What a bug changes in the graph that is captured of the model and its loss.

use anyhow::{Context, Result};
use burn::tensor::{Int, Tensor};
use graph::view::BoxKind;
use graph::{
    CaptureError, ComputationGraph, DrawOptions, Rules, Style, ViewOptions, compare, compare_scopes,
};
use model::label_smoothing::label_smoothing;
use serde::{Deserialize, Serialize};

use super::bug::Bug;
use super::copies::VOCAB;
use super::forward::Patient;
use super::training::{config, ignored};

/// Sizes of what is captured: no two are the same, and none is one of the model's.
const BATCH: usize = 3;
const SOURCE: usize = 7;
const TARGET: usize = 5;

/// How a broken model's graph differs from that of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Difference {
    /// Operations of the model and of the broken one, and how many of them correspond.
    operations: [usize; 2],
    corresponding: usize,
    /// The differences in words, each in a line.
    pub(super) lines: Vec<String>,
    /// A picture of the part that differs, and one for a narrow page.
    pub(super) picture: Option<[String; 2]>,
}

/// Compares.
///
/// # Errors
///
/// If a graph can't be captured.
pub(super) fn difference(bug: Bug) -> Result<Difference> {
    let capture = |bug| captured(bug).context("the model can't be captured");
    let (healthy, broken) = (capture(None)?, capture(Some(bug))?);
    let comparison = compare(&healthy, &broken)?;
    let (corresponding, operations) = comparison.counts();
    let sign = |line: &str| line.starts_with(['-', '+', '~', '>', '*']);
    let lines = comparison.to_string().lines().filter(|line| sign(line)).map(str::to_owned).collect();
    let picture = part(bug).map(|scope| drawn([&healthy, &broken], scope, bug)).transpose()?;
    Ok(Difference { operations, corresponding, lines, picture })
}

/// The model and its loss, as a graph; with no bug, the model's own forward pass.
pub(super) fn captured(bug: Option<Bug>) -> Result<ComputationGraph, CaptureError> {
    let name = bug.map_or("healthy", Bug::name);
    let graph = graph::capture(name, |session| {
        let model = config().init(session.device())?;
        session.parameters(&model);
        let ids = |name: &str, length: usize| {
            session.input(name, Tensor::<2, Int>::zeros([BATCH, length], session.device()))
        };
        let (src, tgt, next) = (ids("source", SOURCE), ids("target", TARGET), ids("next", TARGET));
        let logits = match bug {
            None => model.forward(src, tgt).logits,
            Some(_) => Patient { model: &model, bug }.forward(src, tgt),
        };
        debug_assert_eq!(logits.dims(), [BATCH, TARGET, VOCAB]);
        let loss = label_smoothing(logits.clone(), next, ignored(bug), 0.0);
        session.output("logits", logits);
        session.output("loss", loss.mean());
        Ok(())
    })?;
    Ok(graph.without_sources())
}

/// The smallest part of the model in which a bug shows, if that is one worth drawing.
fn part(bug: Bug) -> Option<&'static str> {
    match bug {
        Bug::SwappedAxes => Some("**/multi_head_attention"),
        Bug::NoScale => Some("**/attention"),
        Bug::BesselNorm => Some("**/sublayer"),
        Bug::NoPositions | Bug::PositionsInHalves => Some("**/embeddings"),
        _ => None,
    }
}

/// The part of both, side by side.
fn drawn(graphs: [&ComputationGraph; 2], scope: &str, bug: Bug) -> Result<[String; 2]> {
    let [healthy, broken] = graphs;
    let comparison = compare_scopes((healthy, scope), (broken, scope))?;
    let view = |title: &'static str| ViewOptions::new().root(scope).title(title).labels(labels());
    let pictures = ["", "-narrow"].map(|end| {
        let options = DrawOptions::new(format!("lab-bugs-{}{end}", bug.name()));
        let options = if end.is_empty() { options } else { options.narrow() };
        comparison.draw(&view("As it should be"), &view(bug.name()), &options)
    });
    let [wide, narrow] = pictures;
    Ok([wide?.svg, narrow?.svg])
}

fn labels() -> Rules {
    Rules::new()
        .rule("**/attention", Style::new("Scaled Dot-Product Attention", BoxKind::Attention))
        .rule("**/multi_head_attention", Style::new("Multi-Head Attention", BoxKind::Attention))
        .rule("**/positional_encoding", Style::new("Positional Encoding", BoxKind::Embedding))
        .rule("**/embedding", Style::new("Embedding", BoxKind::Embedding))
}

//! Copies of a picture, each with a fault that is known.

use graph::view::{EdgeRole, View, ViewEdge};
use graph::{Picture, Redrawing};
use serde::{Deserialize, Serialize};

/// A copy, and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Marked {
    /// What is wrong with it.
    pub(super) what: String,
    pub(super) boxes: f64,
    pub(super) lines: f64,
    /// What both should be, where a pencil gives it.
    pub(super) expected: Option<[f64; 2]>,
    /// Ways around that are missing, as they are named.
    pub(super) ways: Vec<String>,
    pub(super) missing_boxes: Vec<String>,
    pub(super) extra_boxes: Vec<String>,
}

/// The name of a copy in the results, what is wrong with it, the drawing, and how many of its boxes and lines are right
/// and how many were drawn, where that is clear.
type Faulty = (&'static str, &'static str, Redrawing, Option<[(usize, usize); 2]>);

/// All copies, graded.
pub(super) fn marked(view: &View) -> Vec<(String, Marked)> {
    let picture = Picture::of(view);
    let (boxes, lines) = picture.counts();
    let f1 = |(right, drawn): (usize, usize), there: usize| 2.0 * right as f64 / (drawn + there) as f64;
    let mark = |(name, what, drawing, expected): Faulty| {
        let grade = picture.grade(&drawing).ok()?;
        let marked = Marked {
            what: what.to_owned(),
            boxes: grade.boxes().f1(),
            lines: grade.lines().f1(),
            expected: expected.map(|[of_boxes, of_lines]| [f1(of_boxes, boxes), f1(of_lines, lines)]),
            ways: grade.missing_ways().to_vec(),
            missing_boxes: grade.missing_boxes().to_vec(),
            extra_boxes: grade.extra_boxes().to_vec(),
        };
        Some((name.to_owned(), marked))
    };
    faulty(view, (boxes, lines)).into_iter().filter_map(mark).collect()
}

fn faulty(view: &View, (b, l): (usize, usize)) -> Vec<Faulty> {
    let whole = |_: &ViewEdge| true;
    let told = |id: usize| Some(view.boxes[id].label.clone());
    let is_way = |edge: &ViewEdge| edge.role == EdgeRole::Residual;
    let ways = view.edges.iter().filter(|edge| is_way(edge)).count();
    let masked = named(view, "Masked Multi-Head Attention");
    let softmax = named(view, "Softmax");
    // The way around a box leads to the one that it leads to.
    let after = view.edges.iter().find(|edge| edge.from == masked).map(|edge| edge.to);
    let at_softmax = view.edges.iter().filter(|edge| edge.from == softmax || edge.to == softmax).count();
    let (heads, forward) = (named(view, "Multi-Head Attention"), named(view, "Feed Forward"));
    let swapped = |id: usize| {
        told(if id == heads {
            forward
        } else if id == forward {
            heads
        } else {
            id
        })
    };
    let mut pooled = drawn(view, told, whole);
    let pooling = pooled.add("Pooling");
    pooled.join(0, pooling);
    let mut backwards = view.clone();
    backwards.edges.iter_mut().for_each(|edge| (edge.from, edge.to) = (edge.to, edge.from));
    let exact = Redrawing::from_dot(&view.to_dot()).unwrap_or_default();
    vec![
        ("exact", "nothing", exact, Some([(b, b), (l, l)])),
        (
            "written",
            "other spelling",
            drawn(view, |id| told(id).map(otherwise), whole),
            Some([(b, b), (l, l)]),
        ),
        (
            "one_way",
            "one way around",
            drawn(view, told, |edge| !is_way(edge) || Some(edge.to) != after),
            Some([(b, b), (l - 1, l - 1)]),
        ),
        (
            "no_ways",
            "all ways around",
            drawn(view, told, |edge| !is_way(edge)),
            Some([(b, b), (l - ways, l - ways)]),
        ),
        (
            "no_bridge",
            "the bridge",
            drawn(view, told, |edge| edge.role != EdgeRole::Lateral),
            Some([(b, b), (l - 1, l - 1)]),
        ),
        (
            "forgotten",
            "a box: Softmax",
            drawn(view, |id| told(id).filter(|_| id != softmax), whole),
            Some([(b - 1, b - 1), (l - at_softmax, l - at_softmax)]),
        ),
        ("invented", "a box too many", pooled, Some([(b, b + 1), (l, l + 1)])),
        ("swapped", "names swapped", drawn(view, swapped, whole), None),
        ("backwards", "arrows reversed", drawn(&backwards, told, whole), None),
    ]
}

/// The first box with that label.
fn named(view: &View, label: &str) -> usize {
    view.boxes.iter().position(|found| found.label == label).unwrap_or(View::ROOT)
}

/// A name as somebody else writes it.
fn otherwise(label: String) -> String {
    let other = label
        .to_lowercase()
        .replace('-', " ")
        .replace(" & ", " and ")
        .replace("feed forward", "Feed-Forward");
    if other.ends_with(['s', ')']) { other } else { other + "s" }
}

/// A copy with the boxes that `label` gives a name, and those lines between them that are kept.
pub(super) fn drawn(
    view: &View,
    mut label: impl FnMut(usize) -> Option<String>,
    mut kept: impl FnMut(&ViewEdge) -> bool,
) -> Redrawing {
    let mut drawing = Redrawing::new();
    let mut of = vec![None; view.boxes.len()];
    for id in (1..view.boxes.len()).filter(|&id| view.is_leaf(id)) {
        of[id] = label(id).map(|label| drawing.add(label));
    }
    for edge in &view.edges {
        if let (Some(from), Some(to)) = (of[edge.from], of[edge.to])
            && kept(edge)
        {
            drawing.join(from, to);
        }
    }
    drawing
}

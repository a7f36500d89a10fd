//! Drawings from memory, held against a picture.

use graph::view::{BoxKind, EdgeRole, View};
use graph::{GradeError, Picture, Redrawing};
use proptest::prelude::*;

use crate::sketch::Sketch;

/// A layer as in Figure 1: inputs, attention, feed-forward, with a way around each, and an output.
pub(crate) fn layer() -> View {
    let mut sketch = Sketch::new();
    let inputs = sketch.add(0, "Inputs (x)", BoxKind::Input);
    let frame = sketch.add(0, "Layer", BoxKind::Scope);
    let attention = sketch.add(frame, "Multi-Head Attention", BoxKind::Attention);
    let first = sketch.add(frame, "Add & Norm", BoxKind::Norm);
    let feed_forward = sketch.add(frame, "Feed Forward", BoxKind::FeedForward);
    let second = sketch.add(frame, "Add & Norm", BoxKind::Norm);
    let output = sketch.add(0, "Output", BoxKind::Output);
    sketch.flow(&[inputs, attention, first, feed_forward, second, output]);
    sketch.edge(inputs, first, EdgeRole::Residual);
    sketch.edge(first, second, EdgeRole::Residual);
    sketch.view
}

fn f1(view: &View, dot: &str) -> (f64, f64) {
    let grade = Picture::of(view).grade(&Redrawing::from_dot(dot).unwrap()).unwrap();
    (grade.boxes().f1(), grade.lines().f1())
}

#[test]
fn an_exact_copy_scores_exactly_one() {
    let view = layer();
    let picture = Picture::of(&view);
    let grade = picture.grade(&Redrawing::from_dot(&view.to_dot()).unwrap()).unwrap();
    assert_eq!((grade.boxes().f1(), grade.lines().f1(), grade.is_exact()), (1.0, 1.0, true));
    assert_eq!((grade.boxes().precision(), grade.lines().recall()), (1.0, 1.0));
    assert_eq!((picture.counts(), grade.boxes().right, grade.lines().right), ((6, 7), 6, 7));
    assert!(grade.to_string().ends_with("It is an exact copy. Nothing is missing.\n"), "{grade}");
}

/// The order of a file doesn't matter, nor how names are written, nor how often a line is.
#[test]
fn a_copy_in_other_words_is_exact_too() {
    let other = "strict digraph {
        out [label=OUTPUT]; a2 [label=\"add and norm\"]; ff [label=\"feed-forward\"]
        a1 [label=<<b>Add</b> &amp; Norms>] mha [label=\"multi\\nhead attention\"];
        in -> mha -> a1 -> ff -> a2 -> out; in -> mha:q; in:s -> mha
        { in } -> { a1 }; a1 -> a2; in [label=Input]
    }";
    assert_eq!(f1(&layer(), other), (1.0, 1.0));
}

#[test]
fn what_is_missing_is_named_and_the_ways_around_first() {
    let drawing = "digraph { Inputs -> \"Multi-Head Attention\" -> a -> \"Feed Forward\" -> b -> Output; \
                   a [label=\"Add & Norm\"]; b [label=\"Add & Norm\"] Pooling -> a; Pooling -> x; x [label=pooling] }";
    let view = layer();
    let grade = Picture::of(&view).grade(&Redrawing::from_dot(drawing).unwrap()).unwrap();
    let ways =
        ["the way around Multi-Head Attention of the Layer", "the way around Feed Forward of the Layer"];
    assert_eq!(grade.missing_ways(), ways);
    assert_eq!(grade.extra_boxes(), ["Pooling", "pooling"]);
    assert_eq!((grade.boxes().right, grade.boxes().drawn, grade.boxes().recall()), (6, 8, 1.0));
    assert_eq!((grade.lines().right, grade.lines().drawn, grade.lines().there), (5, 7, 7));
    let text = grade.to_string();
    assert!(text.contains("\nThe way around Feed Forward of the Layer is missing.\n"), "{text}");
    assert!(text.contains("Not in the picture: \"Pooling\"; \"pooling\"."), "{text}");
    let forgotten = "digraph { Inputs -> \"Multi-Head Attention\" -> \"Add & Norm\" }";
    let grade = Picture::of(&view).grade(&Redrawing::from_dot(forgotten).unwrap()).unwrap();
    let missing = ["Feed Forward of the Layer", "Add & Norm after Feed Forward of the Layer", "Output"];
    assert_eq!(grade.missing_boxes(), missing);
    assert_eq!(grade.lines().right, 2);
}

/// Of two boxes with one name, each is that which has its neighbours.
#[test]
fn two_that_are_swapped_have_their_names_and_lack_their_lines() {
    let swapped =
        layer().to_dot().replace("Multi-Head Attention", "@").replace("Feed Forward", "Multi-Head Attention");
    let (boxes, lines) = f1(&layer(), &swapped.replace('@', "Feed Forward"));
    assert_eq!(boxes, 1.0);
    // in -> attention and feed-forward -> the second norm are wrong; the other ways can't all be had.
    assert!(lines < 0.75 && lines > 0.2, "{lines}");
}

/// In the place of a box stands what was written there, whatever is next to it.
#[test]
fn a_place_counts_more_than_a_name() {
    let view = layer();
    let mut drawing = Redrawing::new();
    let first = drawing.place("root/2/3", "Feed Forward");
    let second = drawing.place("root/2/4", "add & norm");
    let nowhere = drawing.place("none", "Inputs");
    let empty = drawing.place("root/7", "");
    drawing.join(nowhere, second);
    drawing.join(first, second);
    drawing.join(second, empty);
    drawing.join(second, 99);
    let grade = Picture::of(&view).grade(&drawing).unwrap();
    assert_eq!((grade.boxes().right, grade.boxes().drawn), (2, 3));
    assert_eq!((grade.lines().right, grade.lines().drawn), (1, 3));
    assert_eq!(grade.extra_boxes(), ["Feed Forward"]);
    assert!(grade.to_string().contains("to a box without a name"), "{grade}");
}

#[test]
fn nothing_in_common_is_an_error_that_names_something() {
    let picture = Picture::of(&layer());
    let grade = |dot: &str| picture.grade(&Redrawing::from_dot(dot).unwrap()).unwrap_err();
    assert_eq!(grade("digraph { a -> b }"), GradeError::NothingInCommon { example: "Inputs (x)".into() });
    assert_eq!(grade("digraph { }"), GradeError::Empty);
    assert_eq!(grade("digraph { a [label=\" \"] }"), GradeError::Empty);
    assert!(Picture::of(&Sketch::new().view).grade(&Redrawing::from_dot("digraph { a }").unwrap()).is_err());
}

/// Far more than anybody draws: many boxes of one name, all of them next to one another's.
#[test]
fn ten_thousand_boxes_are_graded() {
    let mut dot = "digraph { hub [label=\"Feed Forward\"]\n".to_owned();
    for n in 0..10_000 {
        dot += &format!("n{n} [label=\"Add & Norm\"]; hub -> n{n} -> n{};\n", n / 2);
    }
    dot += "}";
    let grade = Picture::of(&layer()).grade(&Redrawing::from_dot(&dot).unwrap()).unwrap();
    assert_eq!((grade.boxes().drawn, grade.boxes().right), (10_001, 3));
    assert!(grade.to_string().lines().all(|line| line.len() < 1_000), "{grade}");

    let mut sketch = Sketch::new();
    let boxes: Vec<usize> = (0..3_000).map(|_| sketch.add(0, "Linear", BoxKind::Linear)).collect();
    sketch.flow(&boxes);
    boxes.iter().for_each(|&id| sketch.edge(boxes[0], id, EdgeRole::Flow));
    assert_eq!(f1(&sketch.view, &sketch.view.to_dot()), (1.0, 1.0));
    let mut backwards: Vec<String> = sketch.view.to_dot().lines().skip(3).map(str::to_owned).collect();
    backwards.pop();
    backwards.reverse();
    assert_eq!(f1(&sketch.view, &format!("digraph {{ {} }}", backwards.join("\n"))), (1.0, 1.0));
}

/// Boxes with few names, and lines between them: the sizes of proptest's numbers decide.
fn sketched(labels: &[u8], lines: &[(usize, usize)]) -> View {
    let mut sketch = Sketch::new();
    let boxes: Vec<usize> = labels
        .iter()
        .map(|n| sketch.add(0, ["Add", "Norm", "Linear"][usize::from(n % 3)], BoxKind::Other))
        .collect();
    for &(from, to) in lines {
        let (from, to) = (from % boxes.len(), to % boxes.len());
        sketch.edge(boxes[from.min(to)], boxes[from.max(to)], EdgeRole::Flow);
    }
    sketch.view
}

proptest! {
    /// Whatever the picture is.
    #[test]
    fn a_copy_of_any_picture_is_exact(
        labels in prop::collection::vec(any::<u8>(), 1..14),
        lines in prop::collection::vec((any::<usize>(), any::<usize>()), 0..24),
    ) {
        let view = sketched(&labels, &lines);
        prop_assert_eq!(f1(&view, &view.to_dot()), (1.0, 1.0));
    }

    /// To leave lines out never adds any, and to add none never loses one.
    #[test]
    fn shares_are_shares(
        labels in prop::collection::vec(any::<u8>(), 1..10),
        lines in prop::collection::vec((any::<usize>(), any::<usize>()), 0..16),
        others in prop::collection::vec((any::<usize>(), any::<usize>()), 0..16),
    ) {
        let (view, other) = (sketched(&labels, &lines), sketched(&labels, &others));
        let grade = Picture::of(&view).grade(&Redrawing::from_dot(&other.to_dot()).unwrap()).unwrap();
        prop_assert_eq!(grade.boxes().f1(), 1.0);
        prop_assert!(grade.lines().right <= grade.lines().drawn.min(grade.lines().there));
        prop_assert_eq!(grade.missing_lines().len(), grade.lines().there - grade.lines().right);
        prop_assert_eq!(grade.extra_lines().len(), grade.lines().drawn - grade.lines().right);
    }
}

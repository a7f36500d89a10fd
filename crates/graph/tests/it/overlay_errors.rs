//! Weights that can't be shown: what isn't there, and what is no number on the scale.

use burn::tensor::Tensor;
use graph::{
    ComputationGraph, Measured, Overlay, OverlayError, Program, Scale, TensorId, ViewError, ViewOptions,
    capture_program,
};

fn two() -> (ComputationGraph, Program) {
    capture_program("two", |session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
        let hidden = tracing::info_span!("hidden").in_scope(|| x.exp().sin());
        session.output("y", tracing::info_span!("after").in_scope(|| hidden.cos().tanh()));
        Ok(())
    })
    .unwrap()
}

fn share() -> Measured {
    Measured::new(Scale::new("Share"))
}

fn refused(measured: &Measured) -> OverlayError {
    two().0.view_with_overlay(&ViewOptions::new().depth(1), measured).unwrap_err()
}

#[test]
fn places_that_are_not_there_are_told_with_what_is_like_them() {
    let error = refused(&share().path("hiden", 0.5));
    let OverlayError::UnknownPath { path, nearest, .. } = &error else { panic!("{error}") };
    assert_eq!((path.as_str(), nearest[0].as_str()), ("hiden", "hidden"));
    assert!(error.to_string().starts_with("`hiden` is nothing in `two`; there is hidden"), "{error}");
    assert!(matches!(refused(&share().edge("x", "aftr", 0.5)), OverlayError::UnknownPath { .. }));
    assert_eq!(
        refused(&share().operation(4, 0.5)),
        OverlayError::UnknownOperation { operation: 4, graph: "two".to_owned(), count: 4 }
    );
    assert!(matches!(refused(&share().parameter("weight", 0.5)), OverlayError::UnknownParameter { .. }));
    let (_, program) = two();
    let error = refused(&share().tensors(&program, [(TensorId::new(97), 0.5)]));
    assert_eq!(error, OverlayError::UnknownTensor { tensor: 97, program: "two".to_owned() });
}

#[test]
fn a_line_that_no_data_flows_along_is_told() {
    let error = refused(&share().edge("after", "hidden", 0.5));
    assert_eq!(error.to_string(), "no line leads from `after` to `hidden` in this picture of `two`");
    // Both ends in one closed box: that is where it is.
    let (graph, _) = two();
    let (view, overlay) = graph
        .view_with_overlay(&ViewOptions::new().depth(1), &share().edge("hidden/exp", "hidden/sin", 0.5))
        .unwrap();
    let hidden = view.boxes.iter().position(|found| found.label == "hidden").unwrap();
    assert_eq!(overlay.box_weight(hidden), Some(0.5));
}

#[test]
fn weights_are_numbers_on_their_scale() {
    let (_, program) = two();
    let x = program.input("x").unwrap();
    let error = refused(&share().tensors(&program, [(x, f64::NAN)]));
    assert_eq!(error.to_string(), "the weight of the input `x` is not a number");
    for value in [-0.5, 1.5, f64::INFINITY] {
        let error = refused(&share().path("hidden", value));
        assert!(matches!(error, OverlayError::Range { low: 0.0, high: 1.0, .. }), "{error}");
    }
    let scale = Scale::signed("Change").up_to(3.0);
    let measured = |value| Measured::new(scale.clone()).operation(2, value);
    assert!(matches!(refused(&measured(-3.5)), OverlayError::Range { low: -3.0, high: 3.0, .. }));
    assert!(two().0.view_with_overlay(&ViewOptions::new(), &measured(-3.0)).is_ok());
}

#[test]
fn a_scale_says_what_it_is() {
    assert_eq!(refused(&Measured::new(Scale::new(" "))), OverlayError::NoTitle);
    for limit in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = refused(&Measured::new(Scale::new("Share").up_to(limit)));
        assert!(matches!(error, OverlayError::Limit { .. }), "{error}");
    }
}

#[test]
fn tensors_are_those_of_the_graphs_own_program() {
    let (_, other) = capture_program("other", |session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
        session.output("y", x.exp());
        Ok(())
    })
    .unwrap();
    let error = refused(&share().tensors(&other, [(other.output("y").unwrap(), 0.5)]));
    assert_eq!(error, OverlayError::OtherProgram { program: 1, graph: "two".to_owned(), count: 4 });
}

#[test]
fn a_view_that_cannot_be_made_is_the_views_own_error() {
    let (graph, _) = two();
    let error = graph.view_with_overlay(&ViewOptions::new().root("nowhere"), &share()).unwrap_err();
    assert!(matches!(error, OverlayError::View(ViewError::UnknownScope { .. })), "{error}");
}

#[test]
fn boxes_and_edges_are_counted() {
    let (graph, _) = two();
    let view = graph.view(&ViewOptions::new().depth(1)).unwrap();
    let overlay = || Overlay::new(&view, Scale::new("Share")).unwrap();
    let (boxes, edges) = (view.boxes.len(), view.edges.len());
    assert_eq!(overlay().weigh_box(boxes, 0.5).unwrap_err(), OverlayError::NoBox { id: boxes, count: boxes });
    assert_eq!(overlay().weigh_box(0, 0.5).unwrap_err(), OverlayError::NoBox { id: 0, count: boxes });
    let error = overlay().weigh_edge(edges, 0.5).unwrap_err();
    assert_eq!(error, OverlayError::NoSuchEdge { edge: edges, count: edges });
    assert!(matches!(overlay().weigh_edge(0, 2.0), Err(OverlayError::Range { .. })));
}

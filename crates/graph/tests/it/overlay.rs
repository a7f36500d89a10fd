//! Weights on boxes and edges: where what was measured is shown, and that nothing moves for it.

use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use graph::view::View;
use graph::{
    ComputationGraph, DrawOptions, Measured, Overlay, Program, Scale, Session, ViewOptions, capture_program,
    draw,
};

fn linear(from: usize, to: usize, device: &Device) -> Linear {
    LinearConfig::new(from, to).init(device)
}

fn inner(layers: &[Linear], x: Tensor<2>) -> Tensor<2> {
    tracing::info_span!("inner").in_scope(|| relu(layers[1].forward(relu(layers[0].forward(x)))))
}

/// A net with a scope of two layers, and a residual connection around it.
fn net() -> (ComputationGraph, Program) {
    let captured = capture_program("net", |session: &Session| {
        let device = session.device();
        let layers = vec![linear(7, 11, device), linear(11, 7, device), linear(7, 3, device)];
        session.parameters(&layers);
        let x = session.input("x", Tensor::<2>::zeros([5, 7], device));
        let hidden = inner(&layers, x.clone());
        // Reshapes that only add an axis are no box, but tensors of the program.
        let sum = (hidden + x).unsqueeze_dim::<3>(1);
        session.output("y", layers[2].forward(sum.squeeze_dim::<2>(1)));
        Ok(())
    });
    captured.unwrap()
}

fn share() -> Scale {
    Scale::new("Share of the effect").ends("none of it", "all of it")
}

fn shown(graph: &ComputationGraph, depth: usize, measured: &Measured) -> (View, Overlay) {
    graph.view_with_overlay(&ViewOptions::new().depth(depth), measured).unwrap()
}

/// The box of that label.
fn named(view: &View, label: &str) -> usize {
    view.boxes.iter().position(|found| found.label == label).unwrap_or_else(|| panic!("no {label}: {view:?}"))
}

/// The weights of boxes and of edges, by labels.
fn weights(view: &View, overlay: &Overlay) -> Vec<(String, f64)> {
    let label = |id: usize| view.boxes[id].label.clone();
    let boxes = (0..view.boxes.len()).filter_map(|id| Some((label(id), overlay.box_weight(id)?)));
    let edges = view.edges.iter().enumerate().filter_map(|(number, edge)| {
        Some((format!("{} -> {}", label(edge.from), label(edge.to)), overlay.edge_weight(number)?))
    });
    boxes.chain(edges).collect()
}

fn of(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
    pairs.iter().map(|&(name, weight)| (name.to_owned(), weight)).collect()
}

/// The tensor that leaves an operation of a kind, the `nth` of them.
fn result(graph: &ComputationGraph, program: &Program, kind: &str, nth: usize) -> graph::TensorId {
    let of_kind = (0..graph.operation_count()).filter(|&number| graph.operation(number).kind == kind);
    program.results(of_kind.skip(nth).next().unwrap())[0]
}

#[test]
fn a_tensor_weighs_its_box_and_the_lines_that_it_flows_along() {
    let (graph, program) = net();
    let [first, second] = [0, 1].map(|nth| result(&graph, &program, "relu", nth));
    let x = program.input("x").unwrap();
    let tensors = [(first, 0.75), (second, 0.5), (x, 0.25)];
    let measured = Measured::new(share()).tensors(&program, tensors);
    let (view, overlay) = shown(&graph, 1, &measured);
    assert_eq!(
        weights(&view, &overlay),
        of(&[("inner", 0.75), ("x", 0.25), ("inner -> Add", 0.5), ("x -> inner", 0.25), ("x -> Add", 0.25)]),
        "a closed box has the strongest of what is in it, and a line what flows along it"
    );
    assert_eq!(overlay.elsewhere(), 0);
    let (view, overlay) = shown(&graph, 3, &measured);
    let frame = named(&view, "inner");
    assert_eq!(overlay.box_weight(frame), None, "what is in a frame shows for itself");
    let found = weights(&view, &overlay);
    assert!(found.contains(&("ReLU -> Add".to_owned(), 0.5)), "{found:?}");
    assert!(found.contains(&("ReLU -> Linear".to_owned(), 0.75)), "{found:?}");
}

#[test]
fn a_reshape_that_is_no_box_weighs_the_line_that_it_is_on() {
    let (graph, program) = net();
    let (view, overlay) = {
        let sum = result(&graph, &program, "add", 2);
        let step = program.steps().find(|step| step.inputs.contains(&sum)).unwrap();
        assert_eq!(step.operation.kind, "reshape");
        shown(&graph, 1, &Measured::new(share()).tensors(&program, [(step.outputs[0], 0.5)]))
    };
    assert_eq!(weights(&view, &overlay), of(&[("Add -> Linear", 0.5)]));
}

#[test]
fn whatever_the_order_the_strongest_is_shown() {
    let (graph, program) = net();
    let relu = |nth| result(&graph, &program, "relu", nth);
    for tensors in [[(relu(0), 0.125), (relu(1), -0.5)], [(relu(1), -0.5), (relu(0), 0.125)]] {
        let measured = Measured::new(Scale::signed("Change")).tensors(&program, tensors);
        let (view, overlay) = shown(&graph, 1, &measured);
        assert_eq!(overlay.box_weight(named(&view, "inner")), Some(-0.5));
    }
}

#[test]
fn paths_operations_and_parameters_have_weights() {
    let (graph, _) = net();
    let relu = (0..graph.operation_count()).find(|&number| graph.operation(number).kind == "relu").unwrap();
    let measured = Measured::new(share())
        .path("inner", 0.5)
        .path("y", 0.125)
        .operation(relu, 0.625)
        .parameter("0.weight", 0.25)
        .parameter("2.bias", 0.75)
        .edge("x", "inner", 0.375);
    let (view, overlay) = shown(&graph, 1, &measured);
    let last = view.boxes.iter().position(|found| found.label == "Linear").unwrap();
    assert_eq!(
        weights(&view, &overlay),
        of(&[("inner", 0.625), (&view.boxes[last].label, 0.75), ("y", 0.125), ("x -> inner", 0.375)])
    );
    // An open box shows on its frame what was said of it.
    let (view, overlay) = shown(&graph, 2, &Measured::new(share()).path("inner", 0.5));
    assert_eq!(weights(&view, &overlay), of(&[("inner", 0.5)]));
    assert!(!view.is_leaf(named(&view, "inner")));
}

#[test]
fn equal_layers_show_the_strongest_of_them() {
    let (graph, program) = capture_program("stack", |session: &Session| {
        let device = session.device();
        let layers: Vec<Linear> = (0..5).map(|_| linear(7, 7, device)).collect();
        session.parameters(&layers);
        let mut x = session.input("x", Tensor::<2>::zeros([3, 7], device));
        for layer in &layers {
            x = tracing::info_span!("layer").in_scope(|| relu(layer.forward(x)));
        }
        session.output("y", x);
        Ok(())
    })
    .unwrap();
    let weights_of = |nth: usize| [0.0, 0.25, 0.875, 0.5, 0.125][nth];
    let tensors = (0..5).map(|nth| (result(&graph, &program, "relu", nth), weights_of(nth)));
    let measured = Measured::new(share()).tensors(&program, tensors.collect::<Vec<_>>());
    let (view, overlay) = shown(&graph, 1, &measured);
    assert_eq!(weights(&view, &overlay), of(&[("layer", 0.875), ("y", 0.125), ("layer -> y", 0.125)]));
    let by_path = Measured::new(share()).path("layer.3", 0.25).path("layer", 0.125);
    for depth in [1, 2] {
        let (view, overlay) = shown(&graph, depth, &by_path);
        assert_eq!(weights(&view, &overlay), of(&[("layer", 0.25)]), "depth {depth}");
    }
}

#[test]
fn what_a_picture_does_not_show_is_counted() {
    let (graph, program) = net();
    let measured = Measured::new(share()).tensors(&program, program.tensors().map(|tensor| (tensor, 0.5)));
    let (view, overlay) = graph.view_with_overlay(&ViewOptions::new().root("inner"), &measured).unwrap();
    assert!(weights(&view, &overlay).iter().all(|(_, weight)| *weight == 0.5));
    let mut closed = (1..view.boxes.len()).filter(|&id| view.is_leaf(id));
    assert!(closed.all(|id| overlay.box_weight(id).is_some()));
    // The sum, both its reshapes, the last layer's results and its two parameters.
    assert!(overlay.elsewhere() >= 5, "{}", overlay.elsewhere());
    let (_, whole) = shown(&graph, 2, &measured);
    assert_eq!(whole.elsewhere(), 0);
}

#[test]
fn the_list_names_the_strongest_first() {
    let (graph, program) = net();
    let [first, second] = [0, 1].map(|nth| result(&graph, &program, "relu", nth));
    let measured = Measured::new(Scale::signed("Change"))
        .tensors(&program, [(first, -0.75), (second, 0.5)])
        .path("y", 0.0);
    let (view, overlay) = shown(&graph, 1, &measured);
    let listed: Vec<(String, f64)> =
        overlay.listed(&view).into_iter().map(|found| (found.name, found.weight)).collect();
    assert_eq!(listed, of(&[("inner", -0.75), ("from inner to Add", 0.5), ("y", 0.0)]));
    let drawing = draw(&view, &DrawOptions::new("net").overlay(overlay)).unwrap();
    let head = "<ul><li>Change, from −1 to +1, the strongest first<ol><li>−0.75: inner</li>\
                <li>+0.50: from inner to Add</li><li>0: y</li></ol></li><li>net<ul>";
    assert!(drawing.text.starts_with(head), "{}", drawing.text);
    assert!(
        drawing.svg.contains(
            "Change, from −1 to +1; the strongest: inner (−0.75), from inner to Add (+0.50), y (0)."
        )
    );
    roxmltree::Document::parse(&drawing.text).unwrap();
}

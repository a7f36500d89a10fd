//! Views that are hard to draw: circles, edges that leave a frame and come back, blocked ways, and very many boxes.

use graph::view::{BoxKind, EdgeRole, View};
use graph::{DrawError, DrawOptions, draw};

use crate::sketch::Sketch;

fn boxes(s: &mut Sketch, parent: usize, count: usize) -> Vec<usize> {
    (0..count).map(|n| s.add(parent, &format!("Box {n}"), BoxKind::Other)).collect()
}

fn assert_clean(s: &Sketch, id: &str) {
    let drawing = s.draw(id);
    assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    let document = roxmltree::Document::parse(&drawing.svg).unwrap();
    let drawn = document.descendants().filter(|node| node.attribute("class") == Some("e")).count();
    assert_eq!(drawn, s.view.edges.len());
}

#[test]
fn a_lateral_edge_past_another_tower_goes_around() {
    let mut s = Sketch::new();
    let b = boxes(&mut s, 0, 3);
    s.edge(b[0], b[2], EdgeRole::Lateral);
    assert_clean(&s, "past-a-tower");
}

#[test]
fn a_lateral_edge_into_the_second_of_a_row_comes_from_below() {
    let mut s = Sketch::new();
    let memory = s.add(0, "Memory", BoxKind::Input);
    let x = s.add(0, "x", BoxKind::Input);
    let frame = s.add(0, "Frame", BoxKind::Scope);
    let b = boxes(&mut s, frame, 3);
    b.iter().for_each(|&b| s.edge(x, b, EdgeRole::Flow));
    s.edge(memory, b[1], EdgeRole::Lateral);
    assert_clean(&s, "second-of-a-row");
}

#[test]
fn a_lateral_edge_between_boxes_of_one_row_is_drawn() {
    let mut s = Sketch::new();
    let b = boxes(&mut s, 0, 4);
    s.edge(b[0], b[3], EdgeRole::Flow);
    s.edge(b[1], b[3], EdgeRole::Flow);
    s.edge(b[0], b[1], EdgeRole::Lateral);
    s.edge(b[3], b[0], EdgeRole::Lateral);
    assert_clean(&s, "within-a-row");
}

#[test]
fn edges_that_leave_a_frame_and_come_back_are_drawn() {
    let mut s = Sketch::new();
    let frame = s.add(0, "Frame", BoxKind::Scope);
    let below = s.add(frame, "Below", BoxKind::Linear);
    let outside = s.add(0, "Outside", BoxKind::Activation);
    let above = s.add(frame, "Above", BoxKind::Linear);
    s.flow(&[below, outside, above]);
    assert_clean(&s, "out-and-back");
}

#[test]
fn circles_and_loops_are_drawn() {
    let mut s = Sketch::new();
    let b = boxes(&mut s, 0, 4);
    s.flow(&[b[0], b[1], b[2], b[3], b[1]]);
    s.edge(b[3], b[0], EdgeRole::Residual);
    s.edge(b[2], b[2], EdgeRole::Flow);
    s.edge(b[0], b[0], EdgeRole::Lateral);
    assert_clean(&s, "circles");
}

#[test]
fn edges_of_the_root_and_of_frames_are_refused() {
    let mut s = Sketch::new();
    s.edge(0, 0, EdgeRole::Flow);
    assert_eq!(draw(&s.view, &DrawOptions::new("x")).unwrap_err(), DrawError::Edge(0));
    let leaf = s.add(0, "Leaf", BoxKind::Other);
    s.view.edges[0].to = leaf;
    assert_eq!(draw(&s.view, &DrawOptions::new("x")).unwrap_err(), DrawError::Edge(0));
    s.view.edges[0].from = 99;
    assert_eq!(draw(&s.view, &DrawOptions::new("x")).unwrap_err(), DrawError::Edge(0));
}

#[test]
fn deep_nesting_is_drawn_and_bottomless_nesting_refused() {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let mut inner = (0..200).fold(0, |parent, n| s.add(parent, &format!("Level {n}"), BoxKind::Scope));
    s.edge(x, inner, EdgeRole::Flow);
    assert_clean(&s, "deep");
    s.view.edges.clear();
    for _ in 0..100_000 {
        inner = s.add(inner, "Level", BoxKind::Scope);
        s.view.boxes[inner].key.clear();
    }
    assert!(matches!(draw(&s.view, &DrawOptions::new("x")), Err(DrawError::Deep(_))));
}

/// How long a large view takes is measured by a benchmark; here, what is drawn must be without faults.
fn assert_drawn_well(view: &View) {
    let drawing = draw(view, &DrawOptions::new("large")).unwrap();
    assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
}

#[test]
fn a_thousand_boxes_in_one_frame_are_drawn_well() {
    let mut s = Sketch::new();
    let b = boxes(&mut s, 0, 1000);
    for n in 1..b.len() {
        s.edge(b[n * n % n.min(40)], b[n], EdgeRole::Flow);
        s.edge(b[(n * 7919) % n], b[n], EdgeRole::Flow);
    }
    assert_drawn_well(&s.view);
}

#[test]
fn a_model_of_many_layers_with_every_operation_is_drawn_well() {
    let mut s = Sketch::new();
    let mut last = s.add(0, "x", BoxKind::Input);
    for _ in 0..48 {
        let layer = s.add(0, "Layer", BoxKind::Scope);
        for _ in 0..2 {
            let sublayer = s.add(layer, "Sub-layer", BoxKind::Scope);
            let merge = branches(&mut s, sublayer, last);
            let sum = s.add(layer, "+", BoxKind::Add);
            s.edge(merge, sum, EdgeRole::Flow);
            s.edge(last, sum, EdgeRole::Residual);
            last = sum;
        }
    }
    assert!(s.view.boxes.len() > 6000);
    assert_drawn_well(&s.view);
}

/// Three frames of operations side by side; returns where they come together.
fn branches(s: &mut Sketch, sublayer: usize, from: usize) -> usize {
    let mut ends = Vec::new();
    for _ in 0..3 {
        let frame = s.add(sublayer, "Branch", BoxKind::Scope);
        let mut last = from;
        for n in 0..20 {
            let operation = s.add(frame, "Reshape", BoxKind::Movement);
            s.edge(last, operation, EdgeRole::Flow);
            if n % 7 == 6 {
                let bias = s.add(frame, "Bias", BoxKind::Other);
                s.edge(bias, operation, EdgeRole::Flow);
            }
            last = operation;
        }
        ends.push(last);
    }
    let merge = s.add(sublayer, "Merge", BoxKind::Linear);
    ends.iter().for_each(|&end| s.edge(end, merge, EdgeRole::Flow));
    merge
}

//! What a recurrence hands on to the next step: lines that come down beside the rows.

use burn::nn::{GruConfig, LstmConfig};
use burn::tensor::Tensor;
use graph::view::{BoxKind, EdgeRole};
use graph::{ComputationGraph, DrawOptions, Drawing, ViewOptions, draw};

use crate::listed::graph;
use crate::sketch::Sketch;

/// A step with gates that all read the state.
fn cell(gates: usize, reading: usize) -> Drawing {
    let mut s = Sketch::new();
    let x = s.add(0, "x", BoxKind::Input);
    let step = s.add(0, "step", BoxKind::Scope);
    s.view.boxes[step].repeat = 9;
    let ids: Vec<usize> = (0..gates).map(|n| s.add(step, &format!("Gate {n}"), BoxKind::Recurrent)).collect();
    let state = s.add(step, "State", BoxKind::Other);
    let y = s.add(0, "y", BoxKind::Output);
    ids.iter().for_each(|&id| s.flow(&[x, id, state]));
    s.flow(&[state, y]);
    ids[..reading].iter().for_each(|&id| s.edge(state, id, EdgeRole::Flow));
    let drawing = s.draw(&format!("cell-{gates}-{reading}"));
    assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    drawing
}

#[test]
fn what_goes_back_from_one_place_comes_down_together() {
    let (one, all) = (cell(4, 1), cell(4, 4));
    assert!(all.width < one.width + 40.0, "{} and {}", one.width, all.width);
}

#[test]
fn what_goes_back_stays_close_to_the_rows() {
    let widths = [2, 6].map(|gates| cell(gates, gates).width);
    // A gate is 124 pixels wide with the space beside it.
    assert!(widths[1] - widths[0] < 4.0 * 130.0, "{widths:?}");
    assert!(cell(6, 6).report.empty < 0.3, "{}", cell(6, 6).report);
}

#[test]
fn a_place_where_several_lines_cross_as_one_counts_once() {
    let crossings = [1, 4].map(|reading| cell(4, reading).report.crossings);
    assert!(crossings[1] <= crossings[0] + 4, "{crossings:?}");
}

fn recurrent(lstm: bool) -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let x = Tensor::<3>::zeros([2, 10, 4], device);
        let y = if lstm {
            let lstm = LstmConfig::new(4, 6, true).init(device);
            session.parameters(&lstm);
            lstm.forward(session.input("x", x), None).0
        } else {
            let gru = GruConfig::new(4, 6, true).init(device);
            session.parameters(&gru);
            gru.forward(session.input("x", x), None)
        };
        session.output("y", y);
    })
}

#[test]
fn cells_of_gates_have_few_crossings_and_no_void() {
    // At most so many crossings and so wide: closed gates, and gates opened down to their steps.
    for (lstm, depth, crossings, width) in
        [(false, 2, 9, 700.0), (false, 9, 13, 1_300.0), (true, 2, 13, 780.0), (true, 9, 14, 1_600.0)]
    {
        let view = recurrent(lstm).view(&ViewOptions::new().depth(depth)).unwrap();
        let drawing = draw(&view, &DrawOptions::new("cell")).unwrap();
        let found = &drawing.report;
        assert_eq!(found.faults(), 0, "{found}");
        assert!(found.crossings <= crossings && drawing.width <= width, "{found}, {} wide", drawing.width);
        assert!(found.empty < 0.2, "{found}");
    }
}

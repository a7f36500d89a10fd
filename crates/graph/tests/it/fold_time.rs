//! Recurrent nets are folded over time.

use burn::module::Module;
use burn::nn::{GruConfig, Linear, LinearConfig, LstmConfig};
use burn::tensor::activation::tanh;
use burn::tensor::{Device, Tensor};
use graph::ComputationGraph;
use graph::view::View;

use crate::listed::{boxes, graph, inside, inside_of_repeated, repeated, shown};

#[derive(Module, Debug)]
struct Cell {
    input: Linear,
    state: Linear,
}

impl Cell {
    fn new(device: &Device) -> Self {
        let linear = || LinearConfig::new(4, 4).init(device);
        Self { input: linear(), state: linear() }
    }

    fn step(&self, x: Tensor<2>, h: Tensor<2>) -> Tensor<2> {
        tanh(self.input.forward(x) + self.state.forward(h))
    }
}

/// Fifty steps, in whatever way.
fn fifty(forward: impl FnOnce(&Cell, Tensor<3>, Tensor<2>) -> Tensor<2>) -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let cell = Cell::new(device);
        session.parameters(&cell);
        let x = session.input("x", Tensor::<3>::zeros([2, 50, 4], device));
        let zeros = Tensor::<2>::zeros([2, 4], device);
        session.output("y", forward(&cell, x, zeros));
    })
}

#[test]
fn what_a_state_begins_with_is_no_part_of_the_first_step() {
    let found = fifty(|cell, x, mut h| {
        let x = x.sum_dim(1).squeeze_dim::<2>(1);
        for _ in 0..50 {
            h = tracing::info_span!("step").in_scope(|| cell.step(x.clone(), h));
        }
        h
    });
    assert!(boxes(&found).contains(&"step (same weights) x50".to_owned()), "{}", found.outline());
}

#[test]
fn slices_at_successive_positions_are_equal() {
    let sliced = |spans: bool| {
        fifty(|cell, x, mut h| {
            for t in 0..50 {
                let x = x.clone().slice([0..2, t..t + 1, 0..4]).reshape([2, 4]);
                h = match spans {
                    true => tracing::info_span!("step").in_scope(|| cell.step(x, h)),
                    false => cell.step(x, h),
                };
            }
            h
        })
    };
    for found in [sliced(false), sliced(true)] {
        let labels = boxes(&found);
        assert!(labels.contains(&"step (same weights) x50".to_owned()), "{labels:?} {}", found.outline());
        let view = shown(&found, 1);
        let step = &view.boxes[repeated(&view, 50)];
        assert!(
            step.detail.iter().any(|line| line.contains("next piece of [2, 50, 4]")),
            "{:?}",
            step.detail
        );
        assert_eq!(step.parameters, 2 * (4 * 4 + 4), "each weight counts once");
    }
}

#[test]
fn the_state_is_led_around() {
    let found = fifty(|cell, x, mut h| {
        for t in 0..50 {
            let x = x.clone().slice([0..2, t..t + 1, 0..4]).reshape([2, 4]);
            h = cell.step(x, h);
        }
        h
    });
    let closed = shown(&found, 1);
    let step = repeated(&closed, 50);
    let ends = |from: &str, to: usize| {
        closed.edges.iter().any(|edge| closed.boxes[edge.from].label == from && edge.to == to)
    };
    assert!(ends("Zeros", step), "the state goes in");
    assert!(ends("step (same weights)", step), "around");
    assert!(closed.edges.iter().any(|e| e.from == step && closed.boxes[e.to].label == "y"), "and out");
    let open = shown(&found, 2);
    let around: Vec<_> = open.edges.iter().filter(|edge| edge.from > edge.to).collect();
    let around: Vec<_> = around
        .iter()
        .map(|edge| (open.boxes[edge.from].label.as_str(), open.boxes[edge.to].note.as_deref()))
        .filter(|(from, _)| *from == "Tanh")
        .collect();
    assert_eq!(around, [("Tanh", Some("state"))], "{:?}", open.edges);
    for view in [closed, open] {
        let drawing = graph::draw(&view, &graph::DrawOptions::new("recurrent")).expect("it can be drawn");
        assert_eq!(drawing.report.faults(), 0, "{}", drawing.report);
    }
}

#[test]
fn slices_that_go_back_are_equal_and_those_that_jump_are_not() {
    let order = |place: fn(usize) -> usize| {
        fifty(|cell, x, h| {
            (0..50).map(place).fold(h, |h, t| {
                let x = x.clone().slice([0..2, t..t + 1, 0..4]).reshape([2, 4]);
                tracing::info_span!("step").in_scope(|| cell.step(x, h))
            })
        })
    };
    let view = shown(&order(|t| 49 - t), 1);
    repeated(&view, 50);
    let view = shown(&order(|t| if t < 20 { t } else { t - 3 }), 1);
    assert!(view.boxes.iter().all(|b| b.repeat < 50), "{:?}", inside(&view, View::ROOT));
}

#[test]
fn pieces_cut_beforehand_and_results_joined_afterwards_belong_to_the_steps() {
    let found = graph(|session| {
        let device = session.device();
        let cell = Cell::new(device);
        session.parameters(&cell);
        let x = session.input("x", Tensor::<3>::zeros([2, 50, 4], device)).exp();
        let mut h = Tensor::<2>::zeros([2, 4], device);
        let mut all = Vec::new();
        for piece in x.split(1, 1) {
            h = cell.step(piece.squeeze_dim(1), h);
            all.push(h.clone());
        }
        session.output("all", Tensor::stack::<3>(all, 1).exp());
        session.output("last", h);
    });
    assert_eq!(
        boxes(&found),
        ["Exp", "Zeros", "step (same weights) x50", "Concat", "Exp"],
        "{}",
        found.outline()
    );
}

#[test]
fn burns_recurrent_modules_are_folded() {
    let gru = graph(|session| {
        let device = session.device();
        let gru = GruConfig::new(4, 6, true).init(device);
        session.parameters(&gru);
        let x = session.input("x", Tensor::<3>::zeros([2, 50, 4], device));
        session.output("y", gru.forward(x, None));
    });
    let inner = inside_of_repeated(&gru, 50);
    assert!(inner.contains(&"Assign to slice".to_owned()), "{inner:?} {}", gru.outline());
    let lstm = graph(|session| {
        let device = session.device();
        let lstm = LstmConfig::new(4, 6, true).init(device);
        session.parameters(&lstm);
        let x = session.input("x", Tensor::<3>::zeros([2, 50, 4], device));
        session.output("y", lstm.forward(x, None).0);
    });
    let inner = inside_of_repeated(&lstm, 50);
    assert!(inner.contains(&"Assign to slice".to_owned()), "{inner:?} {}", lstm.outline());
    let view = shown(&lstm, 1);
    let led = view.boxes[repeated(&view, 50)]
        .detail
        .iter()
        .filter(|line| line.starts_with("from each to the next"));
    assert!(led.count() >= 2, "the state and what is written");
}

//! What belongs to a layer though it has no parameters of the layer, or was made elsewhere.

use burn::module::{Module, Param};
use burn::nn::attention::generate_autoregressive_mask;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};
use graph::view::BoxKind;
use graph::{ComputationGraph, Session};

use crate::listed::{boxes, graph, inside, inside_of_repeated, repeated, shown};

fn linear(device: &Device) -> Linear {
    LinearConfig::new(4, 4).init(device)
}

#[derive(Module, Debug)]
struct Layer {
    query: Linear,
    value: Linear,
    norm: LayerNorm,
}

impl Layer {
    fn new(device: &Device) -> Self {
        Self { query: linear(device), value: linear(device), norm: LayerNormConfig::new(4).init(device) }
    }

    fn forward(&self, x: Tensor<3>, mask: Tensor<3>) -> Tensor<3> {
        let (q, v) = (self.query.forward(x.clone()), self.value.forward(x.clone()));
        self.norm.forward(x.clone() + softmax(q.matmul(x.transpose()) + mask, 2).matmul(v))
    }
}

#[derive(Module, Debug)]
struct Stack {
    start: Linear,
    layers: Vec<Layer>,
    table: Param<Tensor<2>>,
}

impl Stack {
    fn new(session: &Session) -> (Self, Tensor<3>) {
        let device = session.device();
        let layers = (0..3).map(|_| Layer::new(device)).collect();
        let table = Param::from_tensor(Tensor::zeros([9, 9], device));
        let stack = Self { start: linear(device), layers, table };
        session.parameters(&stack);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 4], device));
        let start = stack.start.forward(x);
        (stack, start)
    }
}

#[test]
fn layers_with_a_cache_each_are_folded() {
    let cached = |last: usize| {
        graph(|session| {
            let (stack, mut x) = Stack::new(session);
            let caches: Vec<Tensor<3>> =
                [9, 9, last].map(|rows| Tensor::zeros([2, rows, 4], session.device())).into();
            for (layer, cache) in stack.layers.iter().zip(caches) {
                let rows = cache.dims()[1];
                let x1 = layer.query.forward(x.clone());
                let held = cache.slice_assign([0..2, 0..5, 0..4], x1.clone());
                let held = held.slice([0..2, 0..5, 0..4]) * (rows / rows) as f64;
                x = layer.norm.forward(x + layer.value.forward(held));
            }
            session.output("y", x);
        })
    };
    let found = cached(9);
    assert_eq!(boxes(&found), ["Linear", "layers x3"], "{}", found.outline());
    assert_eq!(inside_of_repeated(&found, 3)[0], "Zeros", "the cache is the layer's own");
    let differing = boxes(&cached(8));
    assert!(differing.contains(&"Zeros".to_owned()), "of another size, it is no layer's like: {differing:?}");
}

#[test]
fn a_mask_that_each_layer_readies_for_itself_is_made_once() {
    let found = graph(|session| {
        let (stack, mut x) = Stack::new(session);
        let mut mask = Tensor::<2>::zeros([9, 9], session.device());
        for row in 0..8 {
            let hidden = Tensor::<2>::zeros([1, 8 - row], session.device()) - 1e9;
            mask = mask.slice_assign([row..row + 1, row + 1..9], hidden);
        }
        for layer in &stack.layers {
            x = layer.forward(x, mask.clone().slice([0..5, 0..5]).unsqueeze::<3>());
        }
        session.output("y", x);
    });
    assert_eq!(boxes(&found), ["Linear", "Mask", "layers x3"], "{}", found.outline());
}

#[test]
fn a_table_that_the_model_hands_down_is_read_in_the_layers() {
    let found = graph(|session| {
        let (stack, mut x) = Stack::new(session);
        for layer in &stack.layers {
            x = layer.forward(x, stack.table.val().slice([0..5, 0..5]).unsqueeze::<3>());
        }
        session.output("y", x);
    });
    assert_eq!(boxes(&found), ["Linear", "layers x3"], "{}", found.outline());
    let view = shown(&found, 9);
    let read = view.boxes.iter().find(|b| b.label.starts_with("Slice")).expect("the table is sliced");
    assert_eq!((read.note.as_deref(), read.parent), (Some("table"), Some(repeated(&view, 3))));
}

#[test]
fn what_is_read_between_the_calls_of_a_module_is_no_part_of_it() {
    let found = graph(|session| {
        let (stack, mut x) = Stack::new(session);
        for call in 0..2 {
            let row = stack.table.val().slice([call..call + 1, 0..4]).unsqueeze::<3>();
            let mask = Tensor::zeros([2, 5, 5], session.device());
            x = stack.layers[0].forward(x + row, mask);
        }
        session.output("y", x);
    });
    let calls = boxes(&found).iter().filter(|label| label.starts_with("layers")).count();
    assert_eq!(calls, 2, "{}", found.outline());
}

#[derive(Module, Debug)]
struct Cell {
    input: Linear,
    state: Linear,
    norm: LayerNorm,
}

impl Cell {
    fn new(device: &Device) -> Self {
        Self { input: linear(device), state: linear(device), norm: LayerNormConfig::new(4).init(device) }
    }

    fn step(&self, x: Tensor<2>, h: Tensor<2>) -> Tensor<2> {
        let gate =
            burn::tensor::activation::sigmoid(self.input.forward(x.clone()) + self.state.forward(h.clone()));
        self.norm.forward(gate.clone() * h + x.tanh() * gate)
    }
}

#[derive(Module, Debug)]
struct Recurrent {
    cells: Vec<Cell>,
    out: Linear,
}

/// Seven steps through two cells, one above the other, and all results of the upper one.
fn recurrent() -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let net = Recurrent { cells: (0..2).map(|_| Cell::new(device)).collect(), out: linear(device) };
        session.parameters(&net);
        let series = session.input("series", Tensor::<3>::zeros([2, 7, 4], device));
        let mut states: Vec<Tensor<2>> = (0..2).map(|_| Tensor::zeros([2, 4], device)).collect();
        let mut results = Vec::new();
        for t in 0..7 {
            let mut x = series.clone().slice([0..2, t..t + 1, 0..4]).squeeze_dim::<2>(1);
            for (cell, state) in net.cells.iter().zip(&mut states) {
                *state = cell.step(x, state.clone());
                x = state.clone();
            }
            results.push(x);
        }
        session.output("y", net.out.forward(Tensor::stack::<3>(results, 1)));
    })
}

#[test]
fn results_that_are_gathered_in_the_end_do_not_keep_the_steps_apart() {
    let found = recurrent();
    let all = boxes(&found);
    assert!(all.contains(&"step (same weights) x7".to_owned()), "{all:?} {}", found.outline());
    assert!(!all.iter().any(|label| label.contains("call")), "{all:?}");
}

#[test]
fn gates_with_norms_are_gates() {
    let view = shown(&recurrent(), 2);
    let cells: Vec<_> = view.boxes.iter().filter(|b| b.label.starts_with("cells")).collect();
    assert!(cells.len() == 2 && cells.iter().all(|b| b.kind == BoxKind::Recurrent), "{cells:?}");
}

#[test]
fn a_module_that_is_called_again_and_again_says_so_when_it_is_closed() {
    #[derive(Module, Debug)]
    struct Looped {
        start: Linear,
        inner: Inner,
    }
    #[derive(Module, Debug)]
    struct Inner {
        project: Linear,
        layer: Layer,
    }
    let found = graph(|session| {
        let device = session.device();
        let inner = Inner { project: linear(device), layer: Layer::new(device) };
        let net = Looped { start: linear(device), inner };
        session.parameters(&net);
        let mask = generate_autoregressive_mask(2, 5, device).float();
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 4], device));
        let mut x = net.inner.project.forward(net.start.forward(x));
        for _ in 0..4 {
            x = net.inner.layer.forward(x, mask.clone());
        }
        session.output("y", x);
    });
    let view = shown(&found, 2);
    let inner = view.boxes.iter().position(|b| b.label == "inner").expect("the module is there");
    assert_eq!(inside(&view, inner), ["Linear", "layer (same weights) x4"], "{}", found.outline());
}

#[derive(Module, Debug)]
struct Attending {
    norm: LayerNorm,
    query: Linear,
    out: Linear,
}

impl Attending {
    fn new(device: &Device) -> Self {
        Self { norm: LayerNormConfig::new(4).init(device), query: linear(device), out: linear(device) }
    }

    /// What enters the sum comes from two places in the module.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = self.norm.forward(x);
        x.clone() + self.out.forward(relu(self.query.forward(x)))
    }
}

#[derive(Module, Debug)]
struct Around {
    first: Attending,
    last: Linear,
}

#[test]
fn a_sum_of_two_results_of_a_module_is_in_the_module() {
    let of = |after: fn(Tensor<3>) -> Tensor<3>| {
        let found = graph(|session| {
            let device = session.device();
            let net = Around { first: Attending::new(device), last: linear(device) };
            session.parameters(&net);
            let x = session.input("x", Tensor::<3>::zeros([2, 5, 4], device));
            session.output("y", net.last.forward(after(net.first.forward(x))));
        });
        boxes(&found)
    };
    assert_eq!(of(|x| x), ["first", "Linear"]);
    assert_eq!(
        of(|x| x.clone().tanh() + x.cos()),
        ["first", "Tanh", "Cos", "Add", "Linear"],
        "of one result, anybody can make a sum"
    );
}

//! Numbers are a module's own, and weights that are used again are seen to be.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};
use graph::{ComputationGraph, ViewOptions};

use crate::listed::{boxes, graph, shown};

#[derive(Module, Debug)]
struct Block {
    a: Linear,
    b: Linear,
}

impl Block {
    fn new(width: usize, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        Self { a: linear(4, width), b: linear(width, 4) }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.b.forward(relu(self.a.forward(x)))
    }
}

#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
}

/// The blocks of these widths, called in that order.
fn called(widths: &[usize], order: &[usize]) -> ComputationGraph {
    graph(|session| {
        let net = Net { blocks: widths.iter().map(|&width| Block::new(width, session.device())).collect() };
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
        session.output("y", order.iter().fold(x, |x, &block| net.blocks[block].forward(x)));
    })
}

#[test]
fn a_second_call_says_so() {
    let different = called(&[6, 7], &[0, 1, 0, 1]);
    let expected = ["blocks 0", "blocks 1", "blocks 0 (2nd call)", "blocks 1 (2nd call)"];
    assert_eq!(boxes(&different), expected, "{}", different.outline());
    let view = different.view(&ViewOptions::new().root("blocks.1@2")).expect("the call can be shown");
    assert!(
        view.boxes[0].detail.iter().any(|line| line.starts_with("weights shared with blocks.1")),
        "{:?}",
        view.boxes[0]
    );
    let equal = called(&[6, 6], &[0, 1, 0, 1]);
    assert_eq!(boxes(&equal), ["blocks x2", "blocks (2nd call) x2"], "{}", equal.outline());
}

#[test]
fn numbers_are_those_of_the_list() {
    let backwards = called(&[6, 7, 8], &[2, 1, 0]);
    assert_eq!(boxes(&backwards), ["blocks 2", "blocks 1", "blocks 0"]);
    let view = backwards.view(&ViewOptions::new().root("blocks.2")).expect("it is there");
    assert_eq!(view.boxes[0].parameters, 4 * 8 + 8 + 8 * 4 + 4);
}

#[test]
fn one_block_called_in_a_loop_is_one_box_with_the_same_weights() {
    #[derive(Module, Debug)]
    struct Albert {
        layer: Block,
        head: Linear,
    }
    for spans in [false, true] {
        let found = graph(|session| {
            let device = session.device();
            let net = Albert { layer: Block::new(6, device), head: LinearConfig::new(4, 2).init(device) };
            session.parameters(&net);
            let mut x = session.input("x", Tensor::<2>::zeros([2, 4], device));
            for _ in 0..12 {
                x = match spans {
                    true => tracing::info_span!("layer").in_scope(|| x.clone() + net.layer.forward(x)),
                    false => x.clone() + net.layer.forward(x),
                };
            }
            session.output("y", net.head.forward(x));
        });
        let view = shown(&found, 2);
        let repeated = view.boxes.iter().find(|b| b.repeat == 12);
        let repeated = repeated.unwrap_or_else(|| panic!("{}", found.outline()));
        assert!(repeated.label.ends_with("(same weights)"), "{}", repeated.label);
        assert_eq!(repeated.parameters, 4 * 6 + 6 + 6 * 4 + 4, "counted once");
        assert!(repeated.detail.contains(&"the same weights each time".to_owned()));
    }
}

#[test]
fn towers_that_share_weights_are_seen_to() {
    let towers = |shared: bool| {
        graph(|session| {
            let device = session.device();
            let net = Net { blocks: (0..2).map(|_| Block::new(6, device)).collect() };
            session.parameters(&net);
            let [a, b] = ["a", "b"].map(|name| session.input(name, Tensor::<2>::zeros([2, 4], device)));
            let tower =
                |block: usize, x| tracing::info_span!("tower").in_scope(|| net.blocks[block].forward(x));
            session.output("y", tower(0, a) - tower(usize::from(!shared), b));
        })
    };
    assert_eq!(boxes(&towers(true)), ["tower", "tower (2nd call)", "Subtract"]);
    assert_eq!(boxes(&towers(false)), ["tower 0", "tower 1", "Subtract"]);
}

/// As a critic's loss has it: what is done with both results is not the critic's.
#[test]
fn calls_that_have_nothing_to_do_with_each_other_stand_apart() {
    let found = graph(|session| {
        let device = session.device();
        let critic = Block::new(6, device);
        session.parameters_of("critic", &critic);
        let last = LinearConfig::new(1, 1).init(device);
        session.parameters_of("last", &last);
        let [real, fake] =
            ["real", "fake"].map(|name| session.input(name, Tensor::<2>::zeros([2, 4], device)));
        let loss = critic.forward(fake).mean() - critic.forward(real).mean();
        session.output("loss", last.forward(loss.unsqueeze::<2>()));
    });
    let expected = ["critic", "Mean", "critic (2nd call)", "Mean", "Subtract"];
    assert_eq!(boxes(&found)[..5], expected, "{}", found.outline());
}

/// It is done by what runs the cells.
#[test]
fn what_joins_the_results_of_all_steps_is_in_no_cell() {
    #[derive(Module, Debug)]
    struct Stack {
        cells: Vec<Block>,
    }
    #[derive(Module, Debug)]
    struct Model {
        stack: Stack,
        head: Linear,
    }
    let found = graph(|session| {
        let device = session.device();
        let stack = Stack { cells: (0..2).map(|_| Block::new(6, device)).collect() };
        let net = Model { stack, head: LinearConfig::new(4, 2).init(device) };
        session.parameters(&net);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 4], device));
        let mut states = [(); 2].map(|()| Tensor::<2>::zeros([2, 4], device));
        let mut results = Vec::new();
        for time in 0..5 {
            let mut x = x.clone().slice([0..2, time..time + 1]).squeeze_dim::<2>(1);
            for (cell, state) in net.stack.cells.iter().zip(&mut states) {
                x = cell.forward(x + state.clone()).tanh();
                *state = x.clone();
            }
            results.push(x);
        }
        session.output("y", net.head.forward(Tensor::stack::<3>(results, 1)));
    });
    let view = shown(&found, 9);
    let mut cells = view.boxes.iter().filter(|b| b.label.starts_with("cells"));
    assert!(cells.all(|cell| cell.shape.as_deref() != Some("[2, 5, 4]")), "{}", found.outline());
}

#[test]
fn an_output_layer_is_no_second_call_of_the_table_that_it_shares() {
    #[derive(Module, Debug)]
    struct Model {
        embedding: Embedding,
        inner: Linear,
    }
    let found = graph(|session| {
        let device = session.device();
        let model = Model {
            embedding: EmbeddingConfig::new(11, 4).init(device),
            inner: LinearConfig::new(4, 4).init(device),
        };
        session.parameters(&model);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([2, 3], device));
        let x = model.inner.forward(model.embedding.forward(ids));
        session.output("scores", x.matmul(model.embedding.weight.val().transpose().unsqueeze()));
    });
    assert_eq!(boxes(&found), ["Embedding", "Linear", "Linear"], "{}", found.outline());
}

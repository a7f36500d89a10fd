//! Modules that hold the same parameters are of one kind, and what all of a kind end with is in them.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};
use graph::ComputationGraph;

use crate::listed::{boxes, graph, inside, inside_of_repeated, shown};

#[derive(Module, Debug)]
struct Dense {
    fc: Linear,
    norm: LayerNorm,
}

impl Dense {
    fn new(from: usize, to: usize, device: &Device) -> Self {
        Self { fc: LinearConfig::new(from, to).init(device), norm: LayerNormConfig::new(to).init(device) }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.norm.forward(self.fc.forward(x))
    }
}

/// What a module does with a tensor of four columns.
fn of<M: Module>(module: fn(&Device) -> M, forward: fn(&M, Tensor<2>) -> Tensor<2>) -> ComputationGraph {
    graph(|session| {
        let module = module(session.device());
        session.parameters(&module);
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        session.output("y", forward(&module, x));
    })
}

/// The labels in the first box of a label.
fn inside_of(found: &ComputationGraph, label: &str) -> Vec<String> {
    let view = shown(found, 9);
    let id = view.boxes.iter().position(|b| b.label == label);
    inside(&view, id.unwrap_or_else(|| panic!("there is no {label}: {}", found.outline())))
}

#[derive(Module, Debug)]
struct Fields {
    one: Dense,
    two: Dense,
    head: Linear,
}

#[test]
fn the_activation_that_ends_all_modules_of_a_kind_is_in_them() {
    let fields = |d: &Device| Fields {
        one: Dense::new(4, 6, d),
        two: Dense::new(6, 7, d),
        head: LinearConfig::new(7, 2).init(d),
    };
    let all = of(fields, |net, x| {
        let x = relu(net.two.forward(relu(net.one.forward(x))));
        net.head.forward(x)
    });
    assert_eq!(boxes(&all), ["one", "two", "Linear"], "{}", all.outline());
    assert_eq!(inside_of(&all, "one"), ["Linear", "Layer Norm", "ReLU"]);
    let some = of(fields, |net, x| net.head.forward(net.two.forward(relu(net.one.forward(x)))));
    assert_eq!(boxes(&some), ["one", "ReLU", "two", "Linear"], "one of two has it");
    let twice = of(fields, |net, x| {
        let (one, two) = (net.one.forward(x), |x| net.two.forward(x));
        let x = relu(two(relu(one.clone()))) + two(one);
        net.head.forward(x)
    });
    assert!(inside_of(&twice, "one").ends_with(&["Layer Norm".to_owned()]), "something else reads it too");
}

#[test]
fn of_modules_that_are_built_alike_those_of_one_name_may_be_used_alike() {
    #[derive(Module, Debug)]
    struct Block {
        expand: Dense,
        project: Dense,
    }
    #[derive(Module, Debug)]
    struct Net {
        a: Block,
        b: Block,
    }
    let found = of(
        |d| {
            let block = || Block { expand: Dense::new(4, 6, d), project: Dense::new(6, 4, d) };
            Net { a: block(), b: block() }
        },
        |net, x| {
            let block = |block: &Block, x| block.project.forward(relu(block.expand.forward(x)));
            block(&net.b, block(&net.a, x))
        },
    );
    assert_eq!(inside_of(&found, "a"), ["expand", "project"], "{}", found.outline());
    assert_eq!(inside_of(&found, "expand"), ["Linear", "Layer Norm", "ReLU"]);
    assert_eq!(inside_of(&found, "project"), ["Linear", "Layer Norm"]);
}

#[test]
fn a_layer_alone_has_no_activation_in_it() {
    #[derive(Module, Debug)]
    struct Net {
        fc1: Linear,
        fc2: Linear,
    }
    let found = of(
        |d| Net { fc1: LinearConfig::new(4, 6).init(d), fc2: LinearConfig::new(6, 5).init(d) },
        |net, x| relu(net.fc2.forward(relu(net.fc1.forward(x)))),
    );
    assert_eq!(boxes(&found), ["Linear", "ReLU", "Linear", "ReLU"]);
}

#[derive(Module, Debug)]
enum Choice {
    Wide(Dense),
    Plain(Linear),
}

#[test]
fn the_variant_of_an_enum_is_no_module_of_its_own() {
    let found = of(
        |d| (0..3).map(|_| Choice::Wide(Dense::new(4, 4, d))).collect::<Vec<_>>(),
        |choices, x| {
            choices.iter().fold(x, |x, choice| match choice {
                Choice::Wide(dense) => x.clone() + dense.forward(x),
                Choice::Plain(linear) => linear.forward(x),
            })
        },
    );
    assert_eq!(inside_of_repeated(&found, 3), ["Linear", "Layer Norm", "Add"], "{}", found.outline());
    let one = of(
        |d| Choice::Plain(LinearConfig::new(4, 4).init(d)),
        |choice, x| match choice {
            Choice::Wide(dense) => dense.forward(x),
            Choice::Plain(linear) => linear.forward(x).exp(),
        },
    );
    let view = shown(&one, 1);
    let linear = view.boxes.iter().find(|b| b.label == "Linear").expect("it is a linear layer");
    assert_eq!(linear.note, None, "a variant is no field");
}

#[test]
fn a_constant_has_the_shape_in_which_it_leaves() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<3>::zeros([3, 5, 4], session.device()));
        let places = Tensor::<1, Int>::arange(0..5, session.device()).float().reshape([5, 1]);
        let places = places.expand([5, 4]).cos().unsqueeze::<3>();
        session.output("y", x + places);
    });
    let view = shown(&found, 1);
    let constant = view.boxes.iter().find(|b| b.label == "Constant").expect("there is a constant");
    assert_eq!(constant.shape.as_deref(), Some("[5, 4]"));
}

#[test]
fn a_slice_that_is_the_whole_is_not_shown() {
    let sliced = |rows: usize| {
        let found = graph(|session| {
            let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
            session.output("y", x.slice([0..rows, 0..4]).exp());
        });
        boxes(&found)
    };
    assert_eq!((sliced(3), sliced(2)), (vec!["Exp".to_owned()], vec!["Slice".to_owned(), "Exp".to_owned()]));
}

#[test]
fn one_that_stands_alone_ends_like_those_of_its_kind_that_are_deeper() {
    #[derive(Module, Debug)]
    struct Stage {
        inner: Dense,
        out: Linear,
    }
    #[derive(Module, Debug)]
    struct Net {
        down: Stage,
        middle: Dense,
        up: Stage,
    }
    let net: fn(&Device) -> Net = |d| {
        let stage = |d: &Device| Stage { inner: Dense::new(4, 4, d), out: LinearConfig::new(4, 4).init(d) };
        Net { down: stage(d), middle: Dense::new(4, 4, d), up: stage(d) }
    };
    let found = of(net, |net, x| {
        let stage = |stage: &Stage, x| stage.out.forward(relu(stage.inner.forward(x)));
        stage(&net.up, relu(net.middle.forward(stage(&net.down, x))))
    });
    assert_eq!(boxes(&found), ["down", "middle", "up"], "{}", found.outline());
    assert_eq!(inside_of(&found, "middle"), ["Linear", "Layer Norm", "ReLU"]);
}

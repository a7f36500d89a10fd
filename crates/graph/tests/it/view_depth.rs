//! How far a graph is opened of which nobody says how far: as far as it can be read.

use burn::module::Module;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{Linear, LinearConfig, LstmConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};
use graph::view::{BoxKind, View, ViewBox};
use graph::{ComputationGraph, DrawOptions, ViewOptions, capture, draw, svg};

use crate::listed::{graph, inside};
use crate::modules::bert::Bert;
use crate::modules::llama::Llama;
use crate::modules::resnet::ResNet50;

/// The boxes that are not frames.
fn leaves(view: &View) -> usize {
    let is_shown =
        |id: &usize| view.is_leaf(*id) && !matches!(view.boxes[*id].kind, BoxKind::Input | BoxKind::Output);
    (0..view.boxes.len()).filter(is_shown).count()
}

fn opened(graph: &ComputationGraph) -> View {
    let view = graph.view(&ViewOptions::new()).unwrap();
    let drawing = draw(&view, &DrawOptions::new("opened")).unwrap();
    if let Ok(folder) = std::env::var("SKETCHES") {
        std::fs::write(format!("{folder}/opened-{}.svg", graph.name()), &drawing.svg).unwrap();
    }
    assert_eq!(drawing.report.faults(), 0, "{}: {}", graph.name(), drawing.report);
    assert_eq!(drawing.report.hints, Vec::<String>::new(), "{}", graph.name());
    view
}

#[derive(Module, Debug)]
struct Branch {
    layers: Vec<Linear>,
}

impl Branch {
    fn new(sizes: &[usize], device: &Device) -> Self {
        Self {
            layers: sizes.windows(2).map(|pair| LinearConfig::new(pair[0], pair[1]).init(device)).collect(),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layers.iter().fold(x, |x, layer| relu(layer.forward(x)))
    }
}

#[derive(Module, Debug)]
struct Detector {
    backbone: Branch,
    head0: Branch,
    head1: Branch,
}

/// A module with a long part and two short ones; no two layers are equal.
fn detector(long: usize) -> ComputationGraph {
    let sizes: Vec<usize> = (0..=long).map(|n| 4 + n).collect();
    graph(|session| {
        let device = session.device();
        let [out, a, b] = [4 + long, 5, 7];
        let net = Detector {
            backbone: Branch::new(&sizes, device),
            head0: Branch::new(&[out, a, b], device),
            head1: Branch::new(&[out, b, a], device),
        };
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        let x = net.backbone.forward(x);
        session.output("a", net.head0.forward(x.clone()));
        session.output("b", net.head1.forward(x));
    })
}

#[test]
fn what_is_small_is_opened_as_a_whole() {
    let view = opened(&detector(3));
    assert_eq!(leaves(&view), 2 * (3 + 2 + 2), "{:?}", inside(&view, View::ROOT));
}

#[test]
fn where_a_level_is_too_much_its_smaller_scopes_are_opened() {
    let view = opened(&detector(40));
    assert_eq!(inside(&view, View::ROOT), ["backbone", "head0", "head1"]);
    let is_open = |label: &str| view.boxes.iter().any(|b| b.label == label && !b.children.is_empty());
    assert_eq!(["backbone", "head0", "head1"].map(is_open), [false, true, true]);
}

fn bert() -> ComputationGraph {
    let captured = capture("BERT", |session| {
        let bert = Bert::new(session.device());
        session.parameters(&bert);
        let ids = |name| session.input(name, Tensor::<2, Int>::zeros([2, 128], session.device()));
        session.output("pooled", bert.forward(ids("ids"), ids("segments")));
        Ok(())
    });
    captured.unwrap()
}

#[test]
fn what_is_repeated_is_opened_before_what_is_small() {
    let view = opened(&bert());
    let is_open = |found: &ViewBox| !found.children.is_empty();
    let layers = view.boxes.iter().find(|found| found.repeat == 12).unwrap();
    assert!(is_open(layers), "{:?}", inside(&view, View::ROOT));
}

#[test]
fn a_lone_box_is_opened_whatever_is_in_it() {
    let found = graph(|session| {
        let device = session.device();
        let sizes: Vec<usize> = (4..64).collect();
        let net = Branch::new(&sizes, device);
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        let y = tracing::info_span!("net").in_scope(|| net.forward(x));
        session.output("y", y);
    });
    assert!(leaves(&found.view(&ViewOptions::new()).unwrap()) > 50);
}

#[test]
fn a_lone_step_is_opened_whatever_it_begins_with() {
    let found = graph(|session| {
        let lstm = LstmConfig::new(4, 6, true).init(session.device());
        session.parameters(&lstm);
        let x = session.input("x", Tensor::<3>::zeros([2, 10, 4], session.device()));
        session.output("y", lstm.forward(x, None).0);
    });
    let view = opened(&found);
    let is_step = |b: &&ViewBox| b.repeat == 10 && !b.children.is_empty();
    assert_eq!(view.boxes.iter().filter(is_step).count(), 1, "{:?}", inside(&view, View::ROOT));
}

#[test]
fn who_says_what_to_open_gets_that_and_no_more() {
    let found = detector(3);
    let labels = |options: &ViewOptions<'_>| {
        let view = found.view(options).unwrap();
        let open = view.boxes[1..].iter().filter(|b| !b.children.is_empty());
        open.map(|b| b.label.clone()).collect::<Vec<_>>()
    };
    assert_eq!(labels(&ViewOptions::new().open("head1")), ["head1"]);
    assert_eq!(labels(&ViewOptions::new().depth(1)), Vec::<String>::new());
    let others = labels(&ViewOptions::new().close("backbone"));
    assert!(!others.contains(&"backbone".to_owned()) && others.contains(&"head1".to_owned()), "{others:?}");
}

#[test]
fn known_models_can_be_read_at_once() {
    let images = |session: &graph::Session| Tensor::<4>::zeros([1, 3, 224, 224], session.device());
    let resnet = capture("ResNet-50", |session| {
        let net = ResNet50::new(session.device());
        session.parameters(&net);
        let images = session.input("images", images(session));
        session.output("scores", net.forward(images));
        Ok(())
    });
    let llama = capture("Llama", |session| {
        let llama = Llama::new(session.device());
        session.parameters(&llama);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([1, 64], session.device()));
        session.output("scores", llama.forward(ids));
        Ok(())
    });
    let encoder = capture("Encoder", |session| {
        let encoder = TransformerEncoderConfig::new(16, 32, 2, 6).init(session.device());
        session.parameters(&encoder);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 16], session.device()));
        session.output("y", encoder.forward(TransformerEncoderInput::new(x)));
        Ok(())
    });
    for graph in [resnet, llama, encoder].map(Result::unwrap).into_iter().chain([bert()]) {
        let view = opened(&graph);
        assert!((5..=22).contains(&leaves(&view)), "{} boxes in {}", leaves(&view), view.title);
    }
}

#[test]
fn one_call_opens_what_can_be_read_and_wraps_what_is_high() {
    let drawn = |long: usize| {
        svg("net", |session| {
            let sizes: Vec<usize> = (4..4 + long).collect();
            let net = Branch::new(&sizes, session.device());
            session.parameters(&net);
            let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
            session.output("y", net.forward(x));
            Ok(())
        })
        .unwrap()
    };
    let height = |svg: &str| {
        let document = roxmltree::Document::parse(svg).unwrap();
        document.root_element().attribute("height").unwrap().parse::<f64>().unwrap()
    };
    assert!(height(&drawn(70)) < 2_300.0);
    assert!(drawn(3).contains(">Linear</text>"));
}

//! Models that everybody knows, at their true sizes: what is counted of them is known from their papers.

use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, DrawOptions, ViewOptions, capture, draw};

use crate::modules::bert::Bert;
use crate::modules::llama::Llama;
use crate::modules::resnet::ResNet50;

fn trained(graph: &ComputationGraph) -> usize {
    let is_trained = |path: &String| !path.contains("running_");
    graph.parameters().filter(|p| p.paths.iter().all(is_trained)).map(|p| p.tensor.elements()).sum()
}

/// Draws views of all depths, none of which may have a fault.
fn drawn(graph: &ComputationGraph) {
    for depth in 1..=3 {
        let view = graph.view(&ViewOptions::new().depth(depth)).unwrap();
        let drawing = draw(&view, &DrawOptions::new("known").columns(3000.0)).unwrap();
        if let Ok(folder) = std::env::var("SKETCHES") {
            std::fs::write(format!("{folder}/{}-{depth}.svg", graph.name()), &drawing.svg).unwrap();
        }
        assert_eq!(drawing.report.faults(), 0, "{}, depth {depth}: {}", graph.name(), drawing.report);
    }
    assert_eq!(graph.notes(), []);
}

#[test]
fn resnet_50() {
    let graph = capture("ResNet-50", |session| {
        let net = ResNet50::new(session.device());
        session.parameters(&net);
        let images = session.input("images", Tensor::<4>::zeros([1, 3, 224, 224], session.device()));
        session.output("scores", net.forward(images));
        Ok(())
    })
    .unwrap();
    assert_eq!((trained(&graph), graph.count("conv2d")), (ResNet50::PARAMETERS, 53));
    assert_eq!(graph.operations().last().unwrap().outputs[0].sizes(), "[1, 1000]");
    drawn(&graph);
}

#[test]
fn bert_base() {
    let graph = capture("BERT-base", |session| {
        let bert = Bert::new(session.device());
        session.parameters(&bert);
        let ids = |name| session.input(name, Tensor::<2, Int>::zeros([2, 128], session.device()));
        session.output("pooled", bert.forward(ids("ids"), ids("segments")));
        Ok(())
    })
    .unwrap();
    assert_eq!((trained(&graph), graph.count("matmul")), (Bert::PARAMETERS, 97));
    drawn(&graph);
}

#[test]
fn a_stack_of_the_size_of_tiny_llama() {
    let graph = capture("TinyLlama", |session| {
        let llama = Llama::new(session.device());
        session.parameters(&llama);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([1, 64], session.device()));
        session.output("scores", llama.forward(ids));
        Ok(())
    })
    .unwrap();
    assert_eq!((trained(&graph), graph.count("matmul")), (Llama::PARAMETERS, 22 * 9 + 1));
    drawn(&graph);
}

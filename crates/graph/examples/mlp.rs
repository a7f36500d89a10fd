//! A small multi-layer perceptron, with spans where its author wanted boxes.
//!
//! `cargo run -p graph --example mlp -- crates/graph/examples/mlp.svg`, or `mlp.html` for a page that can be run

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use graph::{
    CaptureError, ComputationGraph, DrawOptions, Drawing, Symbol, ViewOptions, capture_symbolic, draw,
};

#[path = "common/write.rs"]
mod write;

// ANCHOR: module
#[derive(Module, Debug)]
struct Mlp {
    hidden: Vec<Linear>,
    last: Linear,
}

impl Mlp {
    fn new(width: usize, device: &Device) -> Self {
        let linear = |i, o| LinearConfig::new(i, o).init(device);
        let equal = || linear(width, width);
        let hidden = vec![linear(784, width), equal(), equal()];
        Self { hidden, last: linear(width, 10) }
    }

    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for linear in &self.hidden {
            x = layer(linear, x);
        }
        self.last.forward(x)
    }
}

#[tracing::instrument(name = "hidden layer", skip_all)]
fn layer(linear: &Linear, x: Tensor<2>) -> Tensor<2> {
    relu(linear.forward(x))
}
// ANCHOR_END: module

// ANCHOR: capture
fn captured() -> Result<ComputationGraph, CaptureError> {
    let batch = Symbol::new("batch", 32, 3);
    let width = Symbol::new("width", 256, 5);
    capture_symbolic("MLP", &[batch, width], |session, sizes| {
        let device = session.device();
        let mlp = Mlp::new(sizes["width"], device);
        session.parameters(&mlp);
        let images = Tensor::<2>::zeros([sizes["batch"], 784], device);
        let images = session.input("images", images);
        session.output("scores", mlp.forward(images));
        Ok(())
    })
}
// ANCHOR_END: capture

/// The module's graph, and its diagram.
pub(crate) fn drawn() -> Result<(ComputationGraph, Drawing), Box<dyn std::error::Error>> {
    let graph = captured()?;
    // ANCHOR: draw
    let view = graph.view(&ViewOptions::new().depth(2))?;
    let drawing = draw(&view, &DrawOptions::new("mlp"))?;
    // ANCHOR_END: draw
    Ok((graph, drawing))
}

/// A narrow one, with weights, as a page that can be run.
pub(crate) fn page() -> Result<String, Box<dyn std::error::Error>> {
    let symbols = [Symbol::new("batch", 4, 3), Symbol::new("width", 24, 5)];
    let (graph, mut program) = graph::capture_program_symbolic("MLP", &symbols, |session, sizes| {
        let mlp = Mlp::new(sizes["width"], session.device());
        session.parameters(&mlp);
        let images = Tensor::<2>::zeros([sizes["batch"], 784], session.device());
        session.output("scores", mlp.forward(session.input("images", images)));
        Ok(())
    })?;
    // ANCHOR: page
    // Weights are told afterwards: here, untrained ones.
    let weights = Mlp::new(24, &write::seeded());
    program.set_parameters(&weights)?;
    let views = ViewOptions::new().depth(2);
    let page = graph::page(&graph, &views, Some(&program))?;
    // ANCHOR_END: page
    Ok(page)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (graph, drawing) = drawn()?;
    write::write(&graph, &drawing, page)
}

//! A small multi-layer perceptron, with spans where its author wanted boxes.
//!
//! `cargo run -p graph --example mlp -- crates/graph/examples/mlp.svg`

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use graph::{
    CaptureError, ComputationGraph, DrawOptions, Drawing, Symbol, ViewOptions, capture_symbolic, draw,
};

#[path = "common/write.rs"]
mod write;

#[derive(Module, Debug)]
struct Mlp {
    hidden: Vec<Linear>,
    last: Linear,
}

impl Mlp {
    fn new(width: usize, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        Self {
            hidden: vec![linear(784, width), linear(width, width), linear(width, width)],
            last: linear(width, 10),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.hidden.iter().fold(x, |x, linear| layer(linear, x));
        self.last.forward(x)
    }
}

#[tracing::instrument(name = "hidden layer", skip_all)]
fn layer(linear: &Linear, x: Tensor<2>) -> Tensor<2> {
    relu(linear.forward(x))
}

fn captured() -> Result<ComputationGraph, CaptureError> {
    let symbols = [Symbol::new("batch", 32, 3), Symbol::new("width", 256, 5)];
    capture_symbolic("MLP", &symbols, |session, sizes| {
        let device = session.device();
        let mlp = Mlp::new(sizes["width"], device);
        session.parameters(&mlp);
        let images = session.input("images", Tensor::<2>::zeros([sizes["batch"], 784], device));
        session.output("scores", mlp.forward(images));
        Ok(())
    })
}

/// The module's graph, and its diagram.
pub(crate) fn drawn() -> Result<(ComputationGraph, Drawing), Box<dyn std::error::Error>> {
    let graph = captured()?;
    let drawing = draw(&graph.view(&ViewOptions::new().depth(2))?, &DrawOptions::new("mlp"))?;
    Ok((graph, drawing))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (graph, drawing) = drawn()?;
    write::write(&graph, &drawing)
}

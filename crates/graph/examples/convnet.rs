//! A small convolutional net without any span: its parameters' paths say what belongs together.
//!
//! `cargo run -p graph --example convnet -- crates/graph/examples/convnet.svg`, or `convnet.html` for a page that can be run

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use graph::{
    CaptureError, ComputationGraph, DrawOptions, Drawing, Symbol, ViewOptions, capture_symbolic, draw,
};

#[path = "common/write.rs"]
mod write;

/// Two convolutions and a pooling.
#[derive(Module, Debug)]
struct Block {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
}

impl Block {
    fn new(channels: [usize; 2], device: &Device) -> Self {
        let conv =
            |channels| Conv2dConfig::new(channels, [3, 3]).with_padding(PaddingConfig2d::Same).init(device);
        Self {
            first: conv(channels),
            second: conv([channels[1], channels[1]]),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = relu(self.first.forward(x));
        self.pool.forward(relu(self.second.forward(x)))
    }
}

#[derive(Module, Debug)]
pub(crate) struct Net {
    blocks: Vec<Block>,
    classify: Linear,
}

impl Net {
    pub(crate) fn new(device: &Device) -> Self {
        Self {
            blocks: vec![Block::new([1, 16], device), Block::new([16, 32], device)],
            classify: LinearConfig::new(32 * 7 * 7, 10).init(device),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.blocks.iter().fold(images, |x, block| block.forward(x));
        self.classify.forward(x.flatten(1, 3))
    }
}

fn captured() -> Result<ComputationGraph, CaptureError> {
    capture_symbolic("Convolutional net", &[Symbol::new("batch", 32, 3)], |session, sizes| {
        let device = session.device();
        let net = Net::new(device);
        session.parameters(&net);
        let images = session.input("images", Tensor::<4>::zeros([sizes["batch"], 1, 28, 28], device));
        session.output("scores", net.forward(images));
        Ok(())
    })
}

/// The module's graph, and its diagram.
pub(crate) fn drawn() -> Result<(ComputationGraph, Drawing), Box<dyn std::error::Error>> {
    let graph = captured()?;
    let drawing = draw(&graph.view(&ViewOptions::new().depth(2))?, &DrawOptions::new("convnet"))?;
    Ok((graph, drawing))
}

/// The same with weights and a smaller batch, as a page that can be run.
pub(crate) fn page() -> Result<String, Box<dyn std::error::Error>> {
    page_of(&Net::new(&write::seeded()))
}

/// The same of a net that is there.
pub(crate) fn page_of(net: &Net) -> Result<String, Box<dyn std::error::Error>> {
    let batch = [Symbol::new("batch", 2, 3)];
    let (graph, mut program) =
        graph::capture_program_symbolic("Convolutional net", &batch, |session, sizes| {
            let net = Net::new(session.device());
            session.parameters(&net);
            let images = Tensor::<4>::zeros([sizes["batch"], 1, 28, 28], session.device());
            session.output("scores", net.forward(session.input("images", images)));
            Ok(())
        })?;
    program.set_parameters(net)?;
    Ok(graph::page(&graph, &ViewOptions::new().depth(1), Some(&program))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (graph, drawing) = drawn()?;
    write::write(&graph, &drawing, page)
}

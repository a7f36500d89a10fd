//! Where the memory goes: attention of burn-nn, with every line as wide as its tensor is large.
//!
//! `cargo run -p graph --example large_tensors -- crates/graph/examples/large_tensors.svg`, or `attention.html` for a page
//! that can be run

use burn::nn::attention::{MhaInput, MultiHeadAttentionConfig};
use burn::tensor::Tensor;
use graph::{
    ComputationGraph, DrawOptions, Drawing, Measured, Program, Scale, TensorId, ViewOptions, capture_program,
    draw,
};

#[path = "common/write.rs"]
mod write;

const LENGTH: usize = 512;
const WIDTH: usize = 256;
const HEADS: usize = 4;

/// The module's graph and program, and its diagram.
fn measured() -> Result<(ComputationGraph, Program, Drawing), Box<dyn std::error::Error>> {
    // ANCHOR: measure
    let (graph, program) = capture_program("attention", |session| {
        let device = session.device();
        let attention = MultiHeadAttentionConfig::new(WIDTH, HEADS).init(device);
        session.parameters(&attention);
        let x = session.input("x", Tensor::<3>::zeros([1, LENGTH, WIDTH], device));
        session.output("y", attention.forward(MhaInput::self_attn(x)).context);
        Ok(())
    })?;
    // Any number will do that was found for each tensor: here, its size.
    let sizes: Vec<(TensorId, f64)> =
        program.tensors().map(|tensor| (tensor, mebibytes(&program, tensor))).collect();
    let largest = sizes.iter().map(|(_, size)| *size).fold(0.0, f64::max);
    let scale = Scale::new("MiB that a tensor takes").up_to(largest);
    let measured = Measured::new(scale).tensors(&program, sizes);
    // ANCHOR_END: measure

    // ANCHOR: draw
    let options = ViewOptions::new().depth(1).open("attention").movement(false);
    let (view, overlay) = graph.view_with_overlay(&options, &measured)?;
    let drawing = draw(&view, &DrawOptions::new("tensors").overlay(overlay))?;
    // ANCHOR_END: draw
    Ok((graph, program, drawing))
}

/// The module's graph, and its diagram.
pub(crate) fn drawn() -> Result<(ComputationGraph, Drawing), Box<dyn std::error::Error>> {
    measured().map(|(graph, _, drawing)| (graph, drawing))
}

/// As a page that can be run, with weights.
pub(crate) fn page() -> Result<String, Box<dyn std::error::Error>> {
    let (graph, mut program, _) = measured()?;
    let config = MultiHeadAttentionConfig::new(WIDTH, HEADS);
    program.set_parameters(&config.init(&write::seeded()))?;
    Ok(graph::page(&graph, &ViewOptions::new().depth(1).open("attention"), Some(&program))?)
}

/// Four bytes a number.
fn mebibytes(program: &Program, tensor: TensorId) -> f64 {
    let axes = program.tensor(tensor).map(|tensor| tensor.axes).unwrap_or_default();
    axes.iter().map(|axis| axis.size as f64).product::<f64>() * 4.0 / 1024.0 / 1024.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (graph, drawing) = drawn()?;
    write::write(&graph, &drawing, page)
}

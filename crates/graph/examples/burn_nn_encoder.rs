//! burn-nn's own `TransformerEncoder`, exactly as published: no span in it, no change to it.
//!
//! `cargo run -p graph --example burn_nn_encoder -- crates/graph/examples/burn_nn_encoder.svg`, or `encoder.html` for a page
//! that can be run

use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::Tensor;
use graph::view::BoxKind;
use graph::{
    CaptureError, ComputationGraph, DrawOptions, Drawing, Rules, Style, Symbol, ViewOptions,
    capture_symbolic, draw,
};

#[path = "common/write.rs"]
mod write;

fn captured() -> Result<ComputationGraph, CaptureError> {
    let symbols = [
        Symbol::new("batch", 32, 3),
        Symbol::new("length", 40, 5),
        Symbol::new("d_model", 512, 14),
        Symbol::new("heads", 8, 2),
        Symbol::new("d_k", 512 / 8, 14 / 2),
        Symbol::new("d_ff", 2048, 11),
    ];
    capture_symbolic("burn-nn's TransformerEncoder", &symbols, |session, sizes| {
        let device = session.device();
        let config = TransformerEncoderConfig::new(sizes["d_model"], sizes["d_ff"], sizes["heads"], 6);
        let encoder = config.init(device);
        session.parameters(&encoder);
        let shape = [sizes["batch"], sizes["length"], sizes["d_model"]];
        let x = session.input("x", Tensor::<3>::zeros(shape, device));
        session.output("encoded", encoder.forward(TransformerEncoderInput::new(x)));
        Ok(())
    })
}

fn labels() -> Rules {
    Rules::new()
        .rule("layers", Style::label("layer"))
        .rule("layers/mha", Style::new("Multi-Head Attention", BoxKind::Attention))
        .rule("layers/pwff", Style::new("Feed Forward", BoxKind::FeedForward))
}

/// The module's graph, and its diagram.
pub(crate) fn drawn() -> Result<(ComputationGraph, Drawing), Box<dyn std::error::Error>> {
    let graph = captured()?;
    let view = graph.view(&ViewOptions::new().depth(2).labels(labels()))?;
    let drawing = draw(&view, &DrawOptions::new("encoder"))?;
    Ok((graph, drawing))
}

/// A small one with weights, as a page that can be run.
pub(crate) fn page() -> Result<String, Box<dyn std::error::Error>> {
    let symbols = [
        Symbol::new("batch", 2, 3),
        Symbol::new("length", 6, 5),
        Symbol::new("d_model", 32, 14),
        Symbol::new("heads", 4, 2),
        Symbol::new("d_k", 32 / 4, 14 / 2),
        Symbol::new("d_ff", 64, 11),
    ];
    let (graph, mut program) = graph::capture_program_symbolic("Encoder", &symbols, |session, sizes| {
        let config = TransformerEncoderConfig::new(sizes["d_model"], sizes["d_ff"], sizes["heads"], 6);
        let encoder = config.init(session.device());
        session.parameters(&encoder);
        let shape = [sizes["batch"], sizes["length"], sizes["d_model"]];
        let x = session.input("x", Tensor::<3>::zeros(shape, session.device()));
        session.output("encoded", encoder.forward(TransformerEncoderInput::new(x)));
        Ok(())
    })?;
    program.set_parameters(&TransformerEncoderConfig::new(32, 64, 4, 6).init(&write::seeded()))?;
    Ok(graph::page(&graph, &ViewOptions::new().depth(2).labels(labels()), Some(&program))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (graph, drawing) = drawn()?;
    write::write(&graph, &drawing, page)
}

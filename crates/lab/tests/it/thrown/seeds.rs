//! The graph and the program that damage begins with are what the code writes.

use std::fs;

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Tensor, activation};
use graph::{ComputationGraph, Program, capture_program};

use super::corpus;

#[derive(Module, Debug)]
struct Block {
    inner: Linear,
    norm: LayerNorm,
}

/// A block with a residual connection, in a span.
fn captured() -> (ComputationGraph, Program) {
    capture_program("small", |session| {
        let device = session.device();
        let block =
            Block { inner: LinearConfig::new(3, 3).init(device), norm: LayerNormConfig::new(3).init(device) };
        session.parameters(&block);
        let x = session.input("x", Tensor::<2>::zeros([2, 3], device));
        let inside = |x: Tensor<2>| activation::softmax(activation::relu(block.inner.forward(x)), 1);
        let y = x.clone() + tracing::info_span!("inside").in_scope(|| inside(x));
        session.output("y", block.norm.forward(y));
        Ok(())
    })
    .unwrap()
}

#[test]
fn what_is_damaged_is_what_the_code_writes() {
    let (graph, program) = captured();
    for (format, text) in
        [("graph", graph.without_sources().to_json()), ("program", program.to_json().unwrap())]
    {
        let path = corpus(format).join("small.json");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, text, "`UPDATE_EXPECT=1 cargo test -p lab thrown` writes it anew");
    }
}

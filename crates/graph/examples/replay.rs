//! Where does a difference go? An encoder of burn-nn, which knows nothing of this crate, reads two texts that differ in one
//! token. Then one vector at a time is taken from the run on the second into the run on the first, and it is measured how much of
//! the way it brings the last vector from the first run to the second.
//!
//! `cargo run -p graph --example replay`, with `replay.html` behind it for a page on which the encoder can be run.

use std::error::Error;

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use graph::{ComputationGraph, Edit, Program, ViewOptions, capture_program};

#[path = "common/write.rs"]
mod write;

const LAYERS: usize = 4;
const LENGTH: usize = 5;
const WIDTH: usize = 24;
/// The token that differs.
const DIFFERS: usize = 1;

type Failed = Box<dyn Error>;

fn encoder(device: &Device) -> TransformerEncoder {
    TransformerEncoderConfig::new(WIDTH, 48, 4, LAYERS).with_norm_first(true).init(device)
}

fn captured(encoder: &TransformerEncoder) -> Result<(ComputationGraph, Program), Failed> {
    // ANCHOR: capture
    let (graph, program) = capture_program("encoder", |session| {
        let device = session.device();
        let encoder = encoder.clone().to_device(device);
        session.parameters(&encoder);
        let x = Tensor::<3>::zeros([1, LENGTH, WIDTH], device);
        let x = session.input("x", x);
        let y = encoder.forward(TransformerEncoderInput::new(x));
        session.output("y", y);
        Ok(())
    })?;
    // ANCHOR_END: capture
    Ok((graph, program))
}

/// For each layer and each position, the share of the way that the last vector goes.
pub(crate) fn patched() -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let device = write::seeded();
    let encoder = encoder(&device);
    let (graph, mut program) = captured(&encoder)?;

    let normal = |shape| Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), &device);
    let first = normal([1, LENGTH, WIDTH]);
    let second = first.clone().slice_assign([0..1, DIFFERS..DIFFERS + 1, 0..WIDTH], normal([1, 1, WIDTH]));

    // ANCHOR: run
    program.set_input("x", first.into_data())?;
    let here = program.replay::<Flex>(&FlexDevice)?;
    let other = program.run().input("x", second.into_data())?;
    let there = other.replay::<Flex>(&FlexDevice)?;
    // ANCHOR_END: run

    // ANCHOR: patch
    let patch = |layer: usize, at: usize| -> Result<f64, Failed> {
        // A path leads to what enters the layer, as in a picture.
        let layer = format!("layers.{layer}");
        let stream = program.entering(&graph, &layer)?[0];
        let value = there.value(stream)?;
        let edit = Edit::value(stream, value).part(1, at..at + 1);
        let edited = program.run().edit(edit)?;
        let patched = edited.replay::<Flex>(&FlexDevice)?;
        let runs = [&here, &there, &patched];
        let [a, b, x] = runs.map(|run| run.output("y"));
        Ok(share(&a?, &b?, &x?))
    };
    // ANCHOR_END: patch
    (0..LAYERS).map(|layer| (0..LENGTH).map(|position| patch(layer, position)).collect()).collect()
}

/// How far the last vector of `x` has come on the way from that of `a` to that of `b`.
fn share(a: &TensorData, b: &TensorData, x: &TensorData) -> f64 {
    let [a, b, x] = [a, b, x].map(|y| y.iter::<f64>().skip((LENGTH - 1) * WIDTH).collect::<Vec<_>>());
    let way: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
    let come = x.iter().zip(&a).zip(&way).map(|((x, a), way)| (x - a) * way);
    come.sum::<f64>() / way.iter().map(|way| way * way).sum::<f64>()
}

/// The encoder as a page that can be run.
pub(crate) fn page() -> Result<String, Box<dyn Error>> {
    let (graph, program) = captured(&encoder(&write::seeded()))?;
    Ok(graph::page(&graph, &ViewOptions::new().depth(1), Some(&program))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(path) = std::env::args().nth(1) {
        return write::write_page(&path, page);
    }
    println!("vector taken from the other run: how far the last vector follows, in percent\n");
    let positions: String = (1..=LENGTH).map(|position| format!("{position:>7}")).collect();
    println!("position      {positions}");
    for (layer, shares) in patched()?.iter().enumerate() {
        let shares: String = shares.iter().map(|share| format!("{:>7.1}", share * 100.0)).collect();
        println!("before layer {} {shares}", layer + 1);
    }
    println!(
        "\nToken {} differs. Attention carries the difference on to the others, layer by layer.",
        DIFFERS + 1
    );
    Ok(())
}

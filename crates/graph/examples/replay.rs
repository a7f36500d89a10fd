//! Where does a difference go? An encoder of burn-nn, which knows nothing of this crate, reads two texts that differ in one
//! token. Then one vector at a time is taken from the run on the second into the run on the first, and it is measured how much of
//! the way it brings the last vector from the first run to the second.
//!
//! `cargo run -p graph --example replay`

use std::error::Error;

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::{Device, Distribution, Tensor, TensorData};
use graph::{Edit, capture_program};

const LAYERS: usize = 4;
const LENGTH: usize = 5;
const WIDTH: usize = 24;
/// The token that differs.
const DIFFERS: usize = 1;

/// For each layer and each position, the share of the way that the last vector goes.
pub(crate) fn patched() -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let device = Device::flex();
    device.seed(7);
    let encoder = TransformerEncoderConfig::new(WIDTH, 48, 4, LAYERS).with_norm_first(true).init(&device);

    // ANCHOR: capture
    let (graph, mut program) = capture_program("encoder", |session| {
        let encoder = encoder.clone().to_device(session.device());
        session.parameters(&encoder);
        let x = session.input("x", Tensor::<3>::zeros([1, LENGTH, WIDTH], session.device()));
        session.output("encoded", encoder.forward(TransformerEncoderInput::new(x)));
        Ok(())
    })?;
    // ANCHOR_END: capture

    let normal = |shape| Tensor::<3>::random(shape, Distribution::Normal(0.0, 1.0), &device);
    let first = normal([1, LENGTH, WIDTH]);
    let second = first.clone().slice_assign([0..1, DIFFERS..DIFFERS + 1, 0..WIDTH], normal([1, 1, WIDTH]));

    // ANCHOR: patch
    program.set_input("x", first.into_data())?;
    let here = program.replay::<Flex>(&FlexDevice)?;
    let there = program.run().input("x", second.into_data())?.replay::<Flex>(&FlexDevice)?;
    let (here_last, there_last) = (last(&here.output("encoded")?), last(&there.output("encoded")?));

    let mut shares = Vec::new();
    for layer in 0..LAYERS {
        // What goes from this layer to the next: a path leads to it, as it does to the box in a picture.
        let stream = program.entering(&graph, &format!("layers.{layer}"))?[0];
        let value = there.value(stream)?;
        let patch = |position: usize| -> Result<f64, Box<dyn Error>> {
            let edit = Edit::value(stream, value.clone()).part(1, position..position + 1);
            let patched = program.run().edit(edit)?.replay::<Flex>(&FlexDevice)?;
            Ok(share(&here_last, &there_last, &last(&patched.output("encoded")?)))
        };
        shares.push((0..LENGTH).map(patch).collect::<Result<Vec<f64>, _>>()?);
    }
    // ANCHOR_END: patch
    Ok(shares)
}

/// The vector of the last position.
fn last(encoded: &TensorData) -> Vec<f64> {
    encoded.iter::<f64>().skip((LENGTH - 1) * WIDTH).collect()
}

/// How far `x` has come on the way from `a` to `b`.
fn share(a: &[f64], b: &[f64], x: &[f64]) -> f64 {
    let way: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let come = x.iter().zip(a).zip(&way).map(|((x, a), way)| (x - a) * way);
    come.sum::<f64>() / way.iter().map(|way| way * way).sum::<f64>()
}

fn main() -> Result<(), Box<dyn Error>> {
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

//! Pages for the browser's test, `xtask/browser/page.mjs`, with what their programs come to here: they are written to
//! `target/tmp/pages`, and hold what a browser must find.

use std::path::PathBuf;

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::nn::attention::{MhaInput, MultiHeadAttentionConfig};
use burn::nn::{EmbeddingConfig, LinearConfig};
use burn::tensor::{Device, Distribution, Int, Tensor};
use graph::{ComputationGraph, Program, Symbol, ViewOptions, capture_program_symbolic};
use serde_json::{Value, json};

use crate::examples::{burn_nn_encoder, convnet, mlp};

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

const TOKENS: usize = 13;
const WIDTH: usize = 12;

/// Tokens, attention and a layer after it, on given numbers.
fn reader() -> (ComputationGraph, Program) {
    let device = Device::flex();
    device.seed(11);
    let embedding = EmbeddingConfig::new(TOKENS, WIDTH).init(&device);
    let attention = MultiHeadAttentionConfig::new(WIDTH, 3).init(&device);
    let last = LinearConfig::new(WIDTH, 5).init(&device);
    let symbols = [Symbol::new("batch", 1, 2), Symbol::new("length", 7, 6)];
    let (graph, mut program) = capture_program_symbolic("Reader", &symbols, |session, sizes| {
        let to = session.device();
        let (embedding, attention, last) =
            (embedding.clone().to_device(to), attention.clone().to_device(to), last.clone().to_device(to));
        session.parameters_of("embedding", &embedding);
        session.parameters_of("attention", &attention);
        session.parameters_of("last", &last);
        let ids = Tensor::<2, Int>::zeros([sizes["batch"], sizes["length"]], to);
        let bias = Tensor::<1>::zeros([WIDTH], to);
        let (ids, bias) = (session.input("ids", ids), session.input("bias", bias));
        let x = embedding.forward(ids) + bias.unsqueeze();
        let y = attention.forward(MhaInput::self_attn(x.clone())).context + x;
        session.output("scores", last.forward(y));
        Ok(())
    })
    .unwrap();
    let ids = Tensor::<2, Int>::from_ints([[3, 1, 4, 1, 5, 9, 2]], &device);
    program.set_input("ids", ids.into_data()).unwrap();
    let bias = Tensor::<1>::random([WIDTH], Distribution::Normal(0.0, 1.0), &device);
    program.set_input("bias", bias.into_data()).unwrap();
    (graph, program)
}

/// Every tensor of a program, as this machine computes it.
fn computed(program: &Program) -> Value {
    let replayed = program.replay::<Flex>(&FlexDevice).unwrap();
    let tensors = program.tensors().map(|tensor| {
        let value = replayed.value(tensor).unwrap();
        json!({"shape": value.shape().to_vec(), "data": value.iter::<f64>().collect::<Vec<_>>()})
    });
    json!({"tensors": tensors.collect::<Vec<_>>(), "output": program.output("scores").unwrap().number()})
}

#[test]
fn pages_are_written_for_the_browser() {
    let folder = folder();
    let (graph, program) = reader();
    let page = graph::page(&graph, &ViewOptions::new().depth(1), Some(&program)).unwrap();
    let values = computed(&program);
    assert_eq!(values["tensors"].as_array().unwrap().len(), program.tensors().len());
    std::fs::write(folder.join("reader.html"), page).unwrap();
    std::fs::write(folder.join("reader.json"), values.to_string()).unwrap();
    for (name, (graph, program)) in [("awkward", super::page::awkward()), ("bare", super::page::bare())] {
        let page = graph::page(&graph, &ViewOptions::new().depth(1), Some(&program)).unwrap();
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    for (name, page) in
        [("mlp", mlp::page()), ("convnet", convnet::page()), ("encoder", burn_nn_encoder::page())]
    {
        std::fs::write(folder.join(format!("{name}.html")), page.unwrap()).unwrap();
    }
}

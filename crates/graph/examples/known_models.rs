//! Draws ResNet-50, BERT and a stack of the size of TinyLlama, and prints how long that takes.
//!
//! `cargo run -p graph --example known_models -- FOLDER`

use std::error::Error;
use std::time::Instant;

use burn::tensor::{Int, Tensor};
use graph::{ClosureError, DrawOptions, Session, ViewOptions, capture, draw};

#[path = "../tests/modules/mod.rs"]
mod modules;

use modules::bert::Bert;
use modules::llama::Llama;
use modules::resnet::ResNet50;

fn resnet(session: &Session) -> Result<(), ClosureError> {
    let net = ResNet50::new(session.device());
    session.parameters(&net);
    let images = session.input("images", Tensor::<4>::zeros([1, 3, 224, 224], session.device()));
    session.output("scores", net.forward(images));
    Ok(())
}

fn bert(session: &Session) -> Result<(), ClosureError> {
    let bert = Bert::new(session.device());
    session.parameters(&bert);
    let ids = |name| session.input(name, Tensor::<2, Int>::zeros([2, 128], session.device()));
    session.output("pooled", bert.forward(ids("ids"), ids("segments")));
    Ok(())
}

fn llama(session: &Session) -> Result<(), ClosureError> {
    let llama = Llama::new(session.device());
    session.parameters(&llama);
    let ids = session.input("ids", Tensor::<2, Int>::zeros([1, 64], session.device()));
    session.output("scores", llama.forward(ids));
    Ok(())
}

type Closure = fn(&Session) -> Result<(), ClosureError>;

fn main() -> Result<(), Box<dyn Error>> {
    let models: [(&str, Closure, usize); 3] = [
        ("ResNet-50", resnet, ResNet50::PARAMETERS),
        ("BERT-base", bert, Bert::PARAMETERS),
        ("TinyLlama", llama, Llama::PARAMETERS),
    ];
    for (name, closure, parameters) in models {
        let started = Instant::now();
        let graph = capture(name, closure)?;
        let view = graph.view(&ViewOptions::new().depth(3))?;
        let drawing = draw(&view, &DrawOptions::new(name).columns(2000.0))?;
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        println!(
            "{name}: {} operations, {parameters} parameters, {milliseconds:.0} ms",
            graph.operation_count()
        );
        println!("  {:.0} x {:.0} pixels: {}", drawing.width, drawing.height, drawing.report);
        if let Some(folder) = std::env::args().nth(1) {
            std::fs::write(format!("{folder}/{name}.svg"), format!("{}\n", drawing.svg))?;
        }
    }
    Ok(())
}

//! Draws ResNet-50, BERT and a stack of the size of TinyLlama, and prints how long that takes. With a folder, diagrams and pages
//! are written to it.
//!
//! `cargo run -p graph --example known_models -- FOLDER`

use std::error::Error;
use std::time::Instant;

use burn::tensor::{Int, Tensor};
use graph::{ClosureError, DrawOptions, Drawing, Session, ViewOptions, capture, draw};

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

/// Rounds after the first, of which the median is taken.
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let models: [(&str, Closure, usize); 3] = [
        ("ResNet-50", resnet, ResNet50::PARAMETERS),
        ("BERT-base", bert, Bert::PARAMETERS),
        ("TinyLlama", llama, Llama::PARAMETERS),
    ];
    println!("Capture, view and drawing, in seconds: the first time, and {ROUNDS} times after it");
    println!(
        "{:<9}  {:>10}  {:>11}  {:>7}  {:>7}  {:>7} {:>7}",
        "model", "operations", "parameters", "first", "median", "least", "most"
    );
    let mut reports = Vec::new();
    for (name, closure, parameters) in models {
        let mut seconds = Vec::with_capacity(ROUNDS);
        let started = Instant::now();
        let (operations, drawing) = drawn(name, closure)?;
        let first = started.elapsed().as_secs_f64();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            drawn(name, closure)?;
            seconds.push(started.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let [least, median, most] = [0, ROUNDS / 2, ROUNDS - 1].map(|place| seconds[place]);
        println!(
            "{name:<9}  {operations:>10}  {parameters:>11}  {first:>7.3}  {median:>7.3}  {least:>7.3} {most:>7.3}"
        );
        reports
            .push(format!("{name}: {:.0} x {:.0} pixels, {}", drawing.width, drawing.height, drawing.report));
        if let Some(folder) = std::env::args().nth(1) {
            std::fs::write(format!("{folder}/{name}.svg"), format!("{}\n", drawing.svg))?;
            // Without the weights, which would be too many: every level, and no numbers.
            let graph = capture(name, closure)?;
            let page = graph::page(&graph, &ViewOptions::new().depth(3), None)?;
            std::fs::write(format!("{folder}/{name}.html"), page)?;
        }
    }
    reports.iter().for_each(|report| println!("{report}"));
    Ok(())
}

/// Captures a model and draws it three levels deep.
fn drawn(name: &str, closure: Closure) -> Result<(usize, Drawing), Box<dyn Error>> {
    let graph = capture(name, closure)?;
    let view = graph.view(&ViewOptions::new().depth(3))?;
    Ok((graph.operation_count(), draw(&view, &DrawOptions::new(name).columns(2000.0))?))
}

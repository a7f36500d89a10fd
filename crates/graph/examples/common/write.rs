//! Prints a graph's outline, and writes its diagram if a path is given.

use std::error::Error;

use graph::{ComputationGraph, DrawOptions, ViewOptions, draw};

pub(crate) fn write(graph: &ComputationGraph, options: &ViewOptions<'_>) -> Result<(), Box<dyn Error>> {
    print!("{}", graph.outline());
    let drawing = draw(&graph.view(options)?, &DrawOptions::new("diagram"))?;
    match std::env::args().nth(1) {
        Some(path) => {
            std::fs::write(&path, &drawing.svg)?;
            println!("wrote {path}, {} x {} pixels", drawing.width.ceil(), drawing.height.ceil());
        }
        None => println!("give a path to write the diagram to it as SVG"),
    }
    Ok(())
}

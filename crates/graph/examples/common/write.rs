//! Prints a graph's outline, and writes its diagram if a path is given.

use std::error::Error;

use graph::{ComputationGraph, Drawing};

pub(crate) fn write(graph: &ComputationGraph, drawing: &Drawing) -> Result<(), Box<dyn Error>> {
    print!("{}", graph.outline());
    match std::env::args().nth(1) {
        Some(path) => {
            std::fs::write(&path, format!("{}\n", drawing.svg))?;
            println!("wrote {path}, {} x {} pixels", drawing.width.ceil(), drawing.height.ceil());
        }
        None => println!("give a path to write the diagram to it as SVG"),
    }
    Ok(())
}

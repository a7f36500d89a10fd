//! Prints a graph's outline, and writes its diagram if a path is given: as SVG, or as a page if it ends in `.html`.

#![allow(dead_code, reason = "not every example needs all of it")]

use std::error::Error;

use burn::tensor::Device;
use graph::{ComputationGraph, Drawing};

/// A device that computes, and draws the same weights each time.
pub(crate) fn seeded() -> Device {
    let device = Device::flex();
    device.seed(7);
    device
}

pub(crate) fn write(
    graph: &ComputationGraph,
    drawing: &Drawing,
    page: impl FnOnce() -> Result<String, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    print!("{}", graph.outline());
    match std::env::args().nth(1) {
        Some(path) if path.ends_with(".html") => write_page(&path, page)?,
        Some(path) => {
            std::fs::write(&path, format!("{}\n", drawing.svg))?;
            println!("wrote {path}, {} x {} pixels", drawing.width.ceil(), drawing.height.ceil());
        }
        None => {
            println!("give a path that ends in .svg for the diagram, or in .html for a page that can be run")
        }
    }
    Ok(())
}

pub(crate) fn write_page(
    path: &str,
    page: impl FnOnce() -> Result<String, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let page = page()?;
    std::fs::write(path, &page)?;
    println!("wrote {path}, {} kB: open it in a browser", page.len().div_ceil(1000));
    Ok(())
}

//! A module as one file that a browser opens: every level as a drawing of its own, and the numbers in its boxes.
//!
//! `levels` finds out which drawings there are and which box leads to which, `told` is what the page's script knows of
//! them, `html` writes the file, and `escaped` sees to it that no name breaks out of its place in it. The scripts and
//! styles are in `crates/graph/player`.

mod error;
mod escaped;
mod html;
mod levels;
mod told;

pub use error::PageError;

use crate::graph::ComputationGraph;
use crate::replay::Program;
use crate::views::ViewOptions;

/// One HTML file that shows a graph in any browser, without a server and without a request to anywhere.
///
/// The first drawing is that of `views`. Each closed box leads to a drawing of its inside, with the same labels, opened as far
/// as it can be read; so does each frame. There is a way back up, a search for names and parameters, and a link for every
/// place: `#/layers.0/mha`. Beside the drawing stands what is known of the box that was chosen.
///
/// With a program, its operations and its values are in the file, and the page carries it out where the reader asks for it:
/// on random numbers, on others that are pasted, or on those that [`Program::set_input`] gave. Then each box shows
/// its tensors. The file is a third larger than the values. What they take can be made half as much by weights that fit
/// `f16`. A program without all of its values is shown all the same, and says what is missing.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::LinearConfig;
/// use burn::tensor::{Device, Tensor, activation::relu};
/// use graph::ViewOptions;
///
/// let layers: Vec<_> = (0..2).map(|_| LinearConfig::new(5, 5).init(&Device::flex())).collect();
/// let (graph, program) = graph::capture_program("net", |session| {
///     let layers = layers.clone().to_device(session.device());
///     session.parameters(&layers);
///     let x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
///     let hidden = tracing::info_span!("hidden").in_scope(|| relu(layers[0].forward(x)));
///     session.output("y", layers[1].forward(hidden));
///     Ok(())
/// })?;
/// let page = graph::page(&graph, &ViewOptions::new().depth(1), Some(&program))?;
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// assert!(page.contains("href=\"#/hidden\""), "a closed box leads to its inside");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If no scope matches a path in `views`, the program is one of another graph, or it has an operation or a value that can't be
/// written down.
pub fn page(
    graph: &ComputationGraph,
    views: &ViewOptions<'_>,
    program: Option<&Program>,
) -> Result<String, PageError> {
    if let Some(program) = program {
        check(graph, program)?;
    }
    let levels = levels::all(graph, views, program)?;
    html::write(graph, program, &levels)
}

/// A program is that of the graph if each operation gives as much, of the same sizes.
fn check(graph: &ComputationGraph, program: &Program) -> Result<(), PageError> {
    let is_same = graph.operations().enumerate().all(|(number, operation)| {
        let found = program.results(number);
        let sizes = |tensor| program.tensor(tensor).map(|tensor| tensor.sizes());
        found.len() == operation.outputs.len()
            && found
                .iter()
                .zip(&operation.outputs)
                .all(|(&tensor, known)| sizes(tensor) == Some(known.sizes()))
    });
    match is_same && program.results(graph.operation_count()).is_empty() {
        true => Ok(()),
        false => {
            let (program, graph) = (program.name().to_owned(), graph.name().to_owned());
            Err(PageError::OtherGraph { program, graph })
        }
    }
}

//! From a closure to a picture in one call.

use thiserror::Error;

use crate::capture::{ClosureError, Session, capture};
use crate::drawing::{DrawError, DrawOptions, draw};
use crate::error::{CaptureError, ViewError};
use crate::views::ViewOptions;

/// Why there is no picture, wherever on the way to it that was found. With this, one `?` serves all of the crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// While capturing.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// While choosing what is shown.
    #[error(transparent)]
    View(#[from] ViewError),
    /// While drawing.
    #[error(transparent)]
    Draw(#[from] DrawError),
}

/// Captures a closure, opens it as far as it can be read well, and draws that as SVG, in columns if it is very high.
///
/// It is the shortest way to a first picture. What follows it are [`capture`], [`crate::ComputationGraph::view`] and
/// [`draw`], with their options between them.
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::{Tensor, activation::relu};
///
/// let svg = graph::svg("A layer", |session| {
///     let linear = LinearConfig::new(4, 8).init(session.device());
///     session.parameters(&linear);
///     let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
///     session.output("y", relu(linear.forward(x)));
///     Ok(())
/// })?;
/// assert!(svg.contains(">Linear</text>"));
/// # Ok::<(), graph::Error>(())
/// ```
///
/// # Errors
///
/// As [`capture`].
pub fn svg<F>(name: &str, closure: F) -> Result<String, Error>
where
    F: FnOnce(&Session) -> Result<(), ClosureError>,
{
    let view = capture(name, closure)?.view(&ViewOptions::new())?;
    Ok(draw(&view, &DrawOptions::new(id(name)).columns(HIGH))?.svg)
}

/// What is higher than this becomes several columns.
const HIGH: f64 = 2_000.0;

/// A name for ids of SVG.
fn id(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    format!("graph-{}", name.chars().map(letter).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_gives_an_id() {
        assert_eq!(id("A layer"), "graph-a-layer");
        assert_eq!(id("7 Köpfe & <b>"), "graph-7-k-pfe----b-");
    }
}

//! What differs between two graphs: found by aligning them, told in words, and drawn in one picture.
//!
//! Scopes are matched from the top down, by name and by what is in them; operations by the longest common subsequence,
//! then by the parameters that they read and by the data that flows through them. What is left over on one side was
//! added or removed.

mod align;
mod boxes;
mod counterparts;
mod error;
mod facets;
mod flow;
mod follow;
mod outer;
mod pairs;
mod picture;
mod report;
mod sequence;
mod shown;
mod side;
mod told;
mod units;
mod words;

use serde::Serialize;

use crate::error::ViewError;
use crate::fold::Tree;
use crate::graph::ComputationGraph;
use outer::Outer;
use pairs::Pairs;
use side::Side;

pub use error::CompareError;

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// It is in the first graph alone.
    Removed,
    /// It is in the second graph alone.
    Added,
    /// It is in both, with another kind, shape, attribute or parameter.
    Changed,
    /// It is in both, at another place.
    Moved,
    /// It is in both, but reads the result of something else.
    Rewired,
}

/// A difference, and all the places where it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// How it differs.
    pub change: Change,
    /// What differs, as a reader would say it: `ReLU`, `Linear`, `layer`.
    pub what: String,
    /// The differences one by one, such as `[2, 16] -> [2, 32]`.
    pub details: Vec<String>,
    /// Where it is in the first graph, in the order of the program.
    pub before: Vec<String>,
    /// Where it is in the second graph.
    pub after: Vec<String>,
}

/// An input whose sizes are others: those of the data, and no difference between the graphs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OtherData {
    /// Its name.
    pub input: String,
    /// Its type in the first graph.
    pub before: String,
    /// Its type in the second graph.
    pub after: String,
}

/// Two aligned graphs, and what differs.
#[derive(Debug)]
pub struct Comparison<'a> {
    before: Side<'a>,
    after: Side<'a>,
    pairs: Pairs,
    outer: Outer,
    rewired: Vec<flow::Rewired>,
    differences: Vec<Difference>,
    data: Vec<OtherData>,
}

/// Aligns two graphs.
///
/// Sizes that follow from the data alone, such as the length of a sentence, are no differences: those of an input's axis
/// that no parameter has. They are in [`Comparison::other_data`].
///
/// # Errors
///
/// If the graphs have nothing in common.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Tensor, activation};
///
/// let layer = |gelu: bool| {
///     graph::capture("layer", |session| {
///         let x = session.input("x", Tensor::<2>::zeros([2, 3], session.device()));
///         let y = if gelu { activation::gelu(x * 2.0) } else { activation::relu(x * 2.0) };
///         session.output("y", y.exp());
///         Ok(())
///     })
/// };
/// let (old, new) = (layer(false)?, layer(true)?);
/// let comparison = graph::compare(&old, &new)?;
/// let [difference] = comparison.differences() else { panic!("{comparison}") };
/// assert_eq!((difference.change, difference.details[0].as_str()), (graph::Change::Changed, "ReLU -> GELU"));
///
/// // A saved graph is as good as a captured one.
/// let saved = graph::ComputationGraph::from_json(&old.to_json())?;
/// assert!(graph::compare(&saved, &old)?.is_same());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare<'a>(
    before: &'a ComputationGraph,
    after: &'a ComputationGraph,
) -> Result<Comparison<'a>, CompareError> {
    compare_scopes((before, ""), (after, ""))
}

/// Aligns a scope of each of two graphs, given by its path as in [`crate::ViewOptions::root`].
///
/// # Errors
///
/// If there is no such scope, or the two have nothing in common.
pub fn compare_scopes<'a>(
    before: (&'a ComputationGraph, &str),
    after: (&'a ComputationGraph, &str),
) -> Result<Comparison<'a>, CompareError> {
    let side = |(graph, path): (&'a ComputationGraph, &str)| -> Result<Side<'a>, ViewError> {
        let root = if path.is_empty() { Tree::ROOT } else { graph.find(path)? };
        Ok(Side::new(graph, root))
    };
    let (before, after) = (side(before)?, side(after)?);
    let (pairs, outer) = align::align(&before, &after);
    if pairs.count() == 0 {
        let names = [&before, &after].map(|side| side.graph.name().to_owned());
        let [before, after] = names;
        return Err(CompareError::NothingInCommon { before, after });
    }
    let rewired = flow::rewired(&before, &after, &pairs, &outer);
    let data = outer.other_data(&before, &after);
    let mut comparison = Comparison { before, after, pairs, outer, rewired, differences: Vec::new(), data };
    comparison.differences = report::differences(&comparison);
    Ok(comparison)
}

impl Comparison<'_> {
    /// All differences. What is the same at several places, such as in equal layers, is one of them.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Whether there is no difference.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// Inputs whose data has other sizes.
    #[must_use]
    pub fn other_data(&self) -> &[OtherData] {
        &self.data
    }

    /// How many operations correspond to each other, and how many there are in each graph.
    #[must_use]
    pub fn counts(&self) -> (usize, [usize; 2]) {
        (self.pairs.count(), [self.before.operations.len(), self.after.operations.len()])
    }
}

//! What was measured, by its place in a graph.

use std::fmt;

use super::error::OverlayError;
use super::scale::Scale;

/// Weights by their places in a graph, whatever a picture shows of it: [`crate::ComputationGraph::view_with_overlay`] puts
/// them on the boxes and edges of a view. A weight is any number that was measured, and not a parameter of the model.
///
/// A closed box, and a box that stands for several equal layers, has of all weights in it the one that is furthest from
/// zero. So has an edge, of all tensors that flow along it. A place that the picture doesn't show is passed over and counted
/// ([`crate::Overlay::elsewhere`]); one that the graph doesn't have is an error, and so is a weight that isn't on the scale.
///
/// With weights of tensors, which need the program that was captured with the graph:
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::{Tensor, activation::relu};
/// use graph::{DrawOptions, Measured, Scale, ViewOptions};
///
/// let (graph, program) = graph::capture_program("net", |session| {
///     let layers = vec![LinearConfig::new(3, 5).init(session.device()), LinearConfig::new(5, 2).init(session.device())];
///     session.parameters(&layers);
///     let x = session.input("x", Tensor::<2>::zeros([7, 3], session.device()));
///     session.output("y", layers[1].forward(relu(layers[0].forward(x))));
///     Ok(())
/// })?;
/// // What was measured of each tensor of the program: here, how many numbers it has.
/// let numbers = |tensor| program.tensor(tensor).map_or(1, |kind| kind.axes.iter().map(|axis| axis.size).product::<usize>());
/// let sizes = program.tensors().map(|tensor| (tensor, numbers(tensor) as f64));
/// let scale = Scale::new("Numbers in a tensor").up_to(35.0);
///
/// let measured = Measured::new(scale).tensors(&program, sizes);
/// let (view, overlay) = graph.view_with_overlay(&ViewOptions::new(), &measured)?;
/// // In words: the strongest first, and each named as in the text of the picture.
/// assert_eq!(overlay.listed(&view)[0].weight, 35.0);
///
/// let drawing = graph::draw(&view, &DrawOptions::new("sizes").overlay(overlay))?;
/// assert!(drawing.svg.contains("Numbers in a tensor"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Measured {
    scale: Scale,
    spots: Vec<(Spot, f64)>,
    /// How many operations the program shows whose tensors these are.
    pub(crate) program: Option<usize>,
}

impl Measured {
    /// Nothing yet.
    pub fn new(scale: Scale) -> Self {
        Self { scale, spots: Vec::new(), program: None }
    }

    /// The weight of a box, open or closed: by the key of a box ([`crate::view::ViewBox::key`]), by a path as in
    /// [`crate::ViewOptions::open`], by the path of a span, or by the name of an input or an output. An open box shows it
    /// on its frame.
    pub fn path(self, path: impl Into<String>, weight: f64) -> Self {
        self.add(Spot::Path(path.into()), weight)
    }

    /// The weight of an operation, by its number in the graph.
    pub fn operation(self, number: usize, weight: f64) -> Self {
        self.add(Spot::Operation(number), weight)
    }

    /// The weight of a parameter, by any of its paths. It is that of each box that reads it.
    pub fn parameter(self, path: impl Into<String>, weight: f64) -> Self {
        self.add(Spot::Parameter(path.into()), weight)
    }

    /// The weight of the edges that lead from one place to another; both are said as in [`Measured::path`]. Where one closed
    /// box holds both, it is the box's.
    pub fn edge(self, from: impl Into<String>, to: impl Into<String>, weight: f64) -> Self {
        self.add(Spot::Edge(from.into(), to.into()), weight)
    }

    /// How many weights there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spots.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spots.is_empty()
    }

    pub(crate) fn add(mut self, spot: Spot, weight: f64) -> Self {
        self.spots.push((spot, weight));
        self
    }

    pub(crate) fn scale(&self) -> &Scale {
        &self.scale
    }

    /// All places with weights that are on the scale.
    pub(crate) fn checked(&self) -> Result<Vec<(&Spot, f64)>, OverlayError> {
        self.scale.check()?;
        let weight = |spot: &Spot, value: f64| self.scale.weight(value, || spot.to_string());
        self.spots.iter().map(|(spot, value)| Ok((spot, weight(spot, *value)?))).collect()
    }
}

/// A place in a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Path(String),
    Operation(usize),
    /// A tensor that an operation gives.
    Result {
        operation: usize,
        output: usize,
    },
    /// A tensor that enters, by its name.
    Input(String),
    Parameter(String),
    Edge(String, String),
    /// A tensor that no picture shows.
    Unseen(usize),
    /// A tensor that isn't there.
    Unknown {
        tensor: usize,
        program: String,
    },
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "`{path}`"),
            Self::Operation(number) => write!(f, "operation {number}"),
            Self::Result { operation, output: 0 } => write!(f, "the result of operation {operation}"),
            Self::Result { operation, output } => write!(f, "result {output} of operation {operation}"),
            Self::Input(name) => write!(f, "the input `{name}`"),
            Self::Parameter(path) => write!(f, "the parameter `{path}`"),
            Self::Edge(from, to) => write!(f, "the line from `{from}` to `{to}`"),
            Self::Unseen(tensor) | Self::Unknown { tensor, .. } => write!(f, "tensor {tensor}"),
        }
    }
}

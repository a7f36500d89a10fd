//! What each box of a picture has of a program, for whoever shows the numbers in it.

use serde::Serialize;

use super::program::{Program, TensorId};
use super::wires::Wires;
use crate::captured::{Node, Place};
use crate::error::ViewError;
use crate::graph::ComputationGraph;
use crate::operation::TensorType;
use crate::view::View;
use crate::views::{End, Standing, ViewOptions};

/// What a box of a picture has of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BoxTensors {
    /// The key of the box, [`crate::view::ViewBox::key`].
    pub key: String,
    /// What it is called.
    pub label: String,
    /// An entry for each of the equal ones that it stands for, and so one for most boxes.
    pub repeats: Vec<Repeat>,
}

/// What a box has, of one of the equal ones that it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Repeat {
    /// The tensors that enter, in the order in which they are first read; no parameters, no constants.
    #[serde(rename = "in")]
    pub entering: Vec<TensorId>,
    /// The tensors that leave. An input of the picture is one, and so is an output.
    #[serde(rename = "out")]
    pub leaving: Vec<TensorId>,
    /// The parameters that are read.
    pub parameters: Vec<TensorId>,
    /// The steps, in order; none of what is given, such as an input.
    pub steps: Vec<usize>,
}

impl Program {
    /// A view, and what each of its boxes has of this program; the root's box is the first. `graph` is the one that was
    /// captured with the program.
    ///
    /// A folded box has an entry for each layer. A picture of the inside of one of several equal layers has entries for
    /// all of them, since it is a picture of each, unless [`ViewOptions::fold_repeats`] is off.
    ///
    /// ```
    /// use burn::nn::LinearConfig;
    /// use burn::tensor::{Tensor, activation::relu};
    /// use graph::ViewOptions;
    ///
    /// let (graph, program) = graph::capture_program("net", |session| {
    ///     let layers: Vec<_> = (0..4).map(|_| LinearConfig::new(3, 3).init(session.device())).collect();
    ///     session.parameters(&layers);
    ///     let x = session.input("x", Tensor::<2>::zeros([7, 3], session.device()));
    ///     let y = layers.iter().fold(x, |x, layer| {
    ///         tracing::info_span!("layer").in_scope(|| relu(layer.forward(x)))
    ///     });
    ///     session.output("y", y);
    ///     Ok(())
    /// })?;
    /// let (view, boxes) = program.view(&graph, &ViewOptions::new().depth(1))?;
    /// let layer = boxes.iter().find(|found| found.key == "layer.0").unwrap();
    /// assert_eq!(layer.repeats.len(), 4);
    /// // What leaves a layer enters the next.
    /// assert_eq!(layer.repeats[0].leaving, layer.repeats[1].entering);
    /// assert_eq!(view.boxes.len(), boxes.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ComputationGraph::view`].
    pub fn view(
        &self,
        graph: &ComputationGraph,
        options: &ViewOptions<'_>,
    ) -> Result<(View, Vec<BoxTensors>), ViewError> {
        let (view, standings) = graph.standings(options)?;
        let wires = Wires::new(self);
        let of = |standing: &Standing, id: usize| -> Vec<Repeat> {
            let copies = standing.operations[id].iter();
            let mut repeats: Vec<Repeat> = copies.map(|operations| wires.repeat(operations)).collect();
            if repeats.is_empty() && !standing.ends[id].is_empty() {
                repeats.push(self.at_the_border(&standing.ends[id]));
            }
            repeats
        };
        let boxes = view.boxes.iter().enumerate().map(|(id, found)| BoxTensors {
            key: found.key.clone(),
            label: found.label.clone(),
            repeats: standings.iter().flat_map(|standing| of(standing, id)).collect(),
        });
        let boxes = boxes.collect();
        Ok((view, boxes))
    }

    /// What an input or an output of a picture has.
    fn at_the_border(&self, ends: &[End]) -> Repeat {
        let mut repeat = Repeat::default();
        let result = |operation: usize, output: usize| self.results(operation).get(output).copied();
        for end in ends {
            let (tensor, leaves) = match *end {
                End::Input(number) => (self.inputs.get(number).map(|(_, tensor)| *tensor), false),
                End::Output(number) => (self.outputs.get(number).map(|(_, tensor)| *tensor), true),
                End::Entering(operation, output) => (result(operation, output), false),
                End::Leaving(operation, output) => (result(operation, output), true),
            };
            repeat.entering.extend(tensor.filter(|_| leaves));
            repeat.leaving.extend(tensor);
        }
        repeat
    }

    /// The types of all tensors, in the order of their numbers. Their axes have names as those in `graph` have, which is the
    /// one that was captured with the program: see [`crate::capture_program_symbolic`].
    #[must_use]
    pub fn types(&self, graph: &ComputationGraph) -> Vec<TensorType> {
        let mut types: Vec<TensorType> = self.tensors.iter().map(TensorType::new).collect();
        let mut name = |tensor: TensorId, known: &TensorType| {
            if let Some(found) = types.get_mut(tensor.number())
                && found.sizes() == known.sizes()
            {
                found.axes.clone_from(&known.axes);
            }
        };
        let captured = graph.captured();
        for (node, found) in captured.nodes().enumerate() {
            match (found, captured.place(node)) {
                (Node::Operation(operation), Place::Operation(number)) => {
                    let results = self.results(number).iter().zip(&operation.outputs);
                    results.for_each(|(&tensor, known)| name(tensor, known));
                }
                (_, place) => {
                    let given = self.given(place).zip(captured.tensor(node, 0));
                    given.into_iter().for_each(|(tensor, known)| name(tensor, known));
                }
            }
        }
        types
    }

    fn given(&self, place: Place) -> Option<TensorId> {
        match place {
            Place::Input(number) => self.inputs.get(number).map(|(_, tensor)| *tensor),
            Place::Parameter(number) => self.parameters.get(number).map(|(_, tensor)| *tensor),
            // What leaves was made before, and has its names.
            Place::Operation(_) | Place::Output(_) => None,
        }
    }
}

impl Wires<'_> {
    fn repeat(&self, operations: &[usize]) -> Repeat {
        let made = self.made(operations);
        let steps = self.steps(&made);
        Repeat {
            entering: self.entering(&made, &steps),
            leaving: self.leaving(&made, &steps),
            parameters: self.parameters(&made, &steps),
            steps,
        }
    }
}

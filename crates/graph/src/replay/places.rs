//! From a picture's box to its tensors.

use super::program::{Program, TensorId};
use super::wires::Wires;
use crate::error::ViewError;
use crate::graph::ComputationGraph;
use crate::view::{BoxId, View};

impl Program {
    /// The tensors that an operation of the graph gives, by its number there. Empty if there are not so many.
    #[must_use]
    pub fn results(&self, operation: usize) -> &[TensorId] {
        self.shown.get(operation).map_or(&[], Vec::as_slice)
    }

    /// The tensors that leave a scope or a module of `graph`, by its path: what is made inside and read outside, or is an
    /// output. `graph` is the one that was captured with the program, or one of the same closure at the same sizes.
    ///
    /// A span is taken as it was entered. Its box in a picture may have more in it, such as the sum after it:
    /// [`Program::leaving_box`]. Other paths are those of boxes, such as `layers.0/mha`.
    ///
    /// ```
    /// use burn::nn::LinearConfig;
    /// use burn::tensor::{Tensor, activation::relu};
    ///
    /// let (graph, program) = graph::capture_program("net", |session| {
    ///     let layers = vec![LinearConfig::new(3, 5).init(session.device()), LinearConfig::new(5, 2).init(session.device())];
    ///     session.parameters(&layers);
    ///     let x = session.input("x", Tensor::<2>::zeros([7, 3], session.device()));
    ///     let inner = tracing::info_span!("inner").in_scope(|| relu(layers[0].forward(x)));
    ///     session.output("y", layers[1].forward(inner));
    ///     Ok(())
    /// })?;
    /// let inner = program.leaving(&graph, "inner")?;
    /// assert_eq!(inner.len(), 1);
    /// assert_eq!(program.tensor(inner[0]).unwrap().sizes(), "[7, 5]");
    /// assert_eq!(program.entering(&graph, "inner")?, [program.input("x").unwrap()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the path leads to nothing.
    pub fn leaving(&self, graph: &ComputationGraph, path: &str) -> Result<Vec<TensorId>, ViewError> {
        Ok(self.leaving_operations(&inside(graph, path)?))
    }

    /// The tensors that enter what a path of `graph` leads to: what is read inside and made outside. Parameters and
    /// constants are not among them.
    ///
    /// # Errors
    ///
    /// If the path leads to nothing.
    pub fn entering(&self, graph: &ComputationGraph, path: &str) -> Result<Vec<TensorId>, ViewError> {
        Ok(self.entering_operations(&inside(graph, path)?))
    }

    /// The tensors that leave a box of a view. `owners` is what [`ComputationGraph::view_with_owners`] gives beside the
    /// view. A box that stands for several equal ones gives what leaves each of them and is read by something else, in order.
    #[must_use]
    pub fn leaving_box(&self, view: &View, owners: &[Option<BoxId>], id: BoxId) -> Vec<TensorId> {
        let is_inside =
            |owner: BoxId| owner < view.boxes.len() && view.ancestors(owner).any(|above| above == id);
        let owned = owners.iter().enumerate().filter(|(_, owner)| owner.is_some_and(is_inside));
        self.leaving_operations(&owned.map(|(number, _)| number).collect::<Vec<_>>())
    }

    /// The tensors that leave a set of operations of the graph, in the order in which they are made. If nothing outside
    /// reads any, it is the last one made.
    #[must_use]
    pub fn leaving_operations(&self, operations: &[usize]) -> Vec<TensorId> {
        let wires = Wires::new(self);
        let made = wires.made(operations);
        wires.leaving(&made, &wires.steps(&made))
    }

    /// The tensors that enter a set of operations of the graph, in the order in which they are first read. Parameters
    /// and constants are not among them.
    #[must_use]
    pub fn entering_operations(&self, operations: &[usize]) -> Vec<TensorId> {
        let wires = Wires::new(self);
        let made = wires.made(operations);
        wires.entering(&made, &wires.steps(&made))
    }
}

/// The operations below what a path leads to.
fn inside(graph: &ComputationGraph, path: &str) -> Result<Vec<usize>, ViewError> {
    if let Some(found) = (1..graph.scopes().len()).find(|&scope| graph.path(scope) == path) {
        return Ok(graph.operations_in(found));
    }
    let item = graph.find(path)?;
    Ok(graph.fold().tree.operations(item))
}

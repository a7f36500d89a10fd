//! What was measured of a program's tensors, for a picture.

use std::collections::HashMap;

use super::program::{Program, TensorId};
use crate::overlay::{Measured, Spot};

impl Measured {
    /// The weights of tensors of the program that was captured with the graph: each is that of the box that makes the
    /// tensor, of every edge that it flows along, and of the input or output that stands for it. A tensor that is a parameter
    /// has its weight in each box that reads it.
    ///
    /// What a picture doesn't show is passed over: [`crate::Overlay::elsewhere`] counts it.
    pub fn tensors(mut self, program: &Program, weights: impl IntoIterator<Item = (TensorId, f64)>) -> Self {
        let places = places(program);
        self.program = Some(program.shown.len());
        for (tensor, weight) in weights {
            let number = tensor.number();
            let spot = match places.get(&tensor) {
                Some(spot) => spot.clone(),
                None if program.ir(tensor).is_some() => Spot::Unseen(number),
                None => Spot::Unknown { tensor: number, program: program.name().to_owned() },
            };
            self = self.add(spot, weight);
        }
        self
    }
}

/// Where each tensor is in the graph.
fn places(program: &Program) -> HashMap<TensorId, Spot> {
    let mut places = HashMap::new();
    for (operation, results) in program.shown.iter().enumerate() {
        let spots = results.iter().enumerate();
        places.extend(spots.map(|(output, &tensor)| (tensor, Spot::Result { operation, output })));
    }
    places.extend(program.inputs().map(|(name, tensor)| (tensor, Spot::Input(name.to_owned()))));
    for (paths, tensor) in program.parameters() {
        places.extend(paths.first().map(|path| (tensor, Spot::Parameter(path.clone()))));
    }
    places
}

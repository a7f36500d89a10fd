//! What is to be told of an item: the tensors that cross its border, and whose parameters are in it.

use std::collections::{BTreeSet, HashSet};

use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};
use crate::operation::TensorType;

/// What is to be told of an item, however it is shown.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// What the paths of all its parameters share.
    pub(crate) module: String,
    /// The tensors that enter and leave; parameters don't count.
    pub(crate) crossing: (Vec<Argument>, Vec<Argument>),
    /// Their shapes, in symbols where there are some.
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
}

impl Facts {
    /// The facts about a set of operations.
    pub(super) fn new(captured: &Captured, wiring: &Wiring, operations: &[usize]) -> Self {
        let crossing = crossing(wiring, operations);
        let shapes = |arguments: &[Argument]| -> Vec<String> {
            arguments.iter().filter_map(|&argument| shape(captured, argument)).collect()
        };
        Self {
            module: module(captured, wiring, operations),
            inputs: shapes(&crossing.0),
            outputs: shapes(&crossing.1),
            crossing,
        }
    }
}

/// The tensors that enter and leave a set of operations; parameters don't count.
pub(crate) fn crossing(wiring: &Wiring, operations: &[usize]) -> (Vec<Argument>, Vec<Argument>) {
    let mut sorted = operations.to_vec();
    sorted.sort_unstable();
    let is_inside = |number: usize| sorted.binary_search(&number).is_ok();
    let (mut inputs, mut outputs, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for &number in operations {
        for &argument in &wiring.arguments[number] {
            let enters = match argument.place {
                Place::Operation(source) => !is_inside(source),
                Place::Input(_) => true,
                _ => false,
            };
            if enters && seen.insert(argument) {
                inputs.push(argument);
            }
        }
        let mut left: BTreeSet<usize> = wiring.outputs[number].iter().map(|&(_, result)| result).collect();
        for &user in wiring.users[number].iter().filter(|&&user| !is_inside(user)) {
            let read = wiring.arguments[user].iter().filter(|a| a.place == Place::Operation(number));
            left.extend(read.map(|argument| argument.output));
        }
        let place = Place::Operation(number);
        outputs.extend(left.into_iter().map(|output| Argument { place, output }));
    }
    (inputs, outputs)
}

/// What the paths of all parameters share, without the parameter's own name.
fn module(captured: &Captured, wiring: &Wiring, operations: &[usize]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for parameter in operations.iter().flat_map(|&number| wiring.parameters(number)) {
        let Some(path) = captured.parameter(parameter).paths.first() else { continue };
        let parts = path.rsplit_once('.').map_or("", |(module, _)| module).split('.');
        match &mut common {
            None => common = Some(parts.collect()),
            Some(common) => {
                let shared = common.iter().zip(parts).take_while(|(a, b)| **a == *b).count();
                common.truncate(shared);
            }
        }
    }
    common.unwrap_or_default().join(".")
}

fn tensor(captured: &Captured, argument: Argument) -> Option<&TensorType> {
    match argument.place {
        Place::Input(_) | Place::Operation(_) => {
            captured.tensor(captured.node(argument.place), argument.output)
        }
        Place::Parameter(_) | Place::Output(_) => None,
    }
}

/// The shape of an argument that is no parameter, in symbols where there are some.
pub(crate) fn shape(captured: &Captured, argument: Argument) -> Option<String> {
    tensor(captured, argument).map(ToString::to_string)
}

/// Its shape in numbers, and its dtype.
pub(crate) fn concrete(captured: &Captured, argument: Argument) -> Option<String> {
    tensor(captured, argument).map(TensorType::concrete)
}

//! What a label may depend on: the tensors that cross the border of something, and whose parameters are in it.

use std::collections::{BTreeSet, HashSet};

use crate::fold::{Argument, Wiring};
use crate::operation::TensorType;
use crate::program::{Place, Program};

/// What a label may depend on.
pub(super) struct Facts {
    pub(super) module: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
}

impl Facts {
    /// The facts about a set of operations.
    pub(super) fn new(program: &Program, wiring: &Wiring, operations: &[usize]) -> Self {
        let (inputs, outputs) = crossing(wiring, operations);
        let shape = |argument: &Argument| shape(program, *argument);
        Self {
            module: module(program, wiring, operations),
            inputs: inputs.iter().filter_map(shape).collect(),
            outputs: outputs.iter().filter_map(shape).collect(),
        }
    }
}

/// The tensors that enter and leave a set of operations; parameters don't count.
pub(super) fn crossing(wiring: &Wiring, operations: &[usize]) -> (Vec<Argument>, Vec<Argument>) {
    let inside: HashSet<usize> = operations.iter().copied().collect();
    let (mut inputs, mut outputs, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for &number in operations {
        for &argument in &wiring.arguments[number] {
            let enters = match argument.place {
                Place::Operation(source) => !inside.contains(&source),
                Place::Input(_) => true,
                _ => false,
            };
            if enters && seen.insert(argument) {
                inputs.push(argument);
            }
        }
        let mut left: BTreeSet<usize> = wiring.outputs[number].iter().map(|&(_, result)| result).collect();
        for &user in wiring.users[number].iter().filter(|user| !inside.contains(user)) {
            let read = wiring.arguments[user].iter().filter(|a| a.place == Place::Operation(number));
            left.extend(read.map(|argument| argument.output));
        }
        let place = Place::Operation(number);
        outputs.extend(left.into_iter().map(|output| Argument { place, output }));
    }
    (inputs, outputs)
}

/// What the paths of all parameters share, without the parameter's own name.
fn module(program: &Program, wiring: &Wiring, operations: &[usize]) -> String {
    let mut common: Option<Vec<&str>> = None;
    for parameter in operations.iter().flat_map(|&number| wiring.parameters(number)) {
        let Some(path) = program.parameter(parameter).paths.first() else { continue };
        let mut parts: Vec<&str> = path.split('.').collect();
        parts.pop();
        common = Some(match common {
            None => parts,
            Some(common) => {
                common.into_iter().zip(parts).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
            }
        });
    }
    common.unwrap_or_default().join(".")
}

fn tensor(program: &Program, argument: Argument) -> Option<&TensorType> {
    match argument.place {
        Place::Input(_) | Place::Operation(_) => {
            program.tensor(program.node(argument.place), argument.output)
        }
        Place::Parameter(_) | Place::Output(_) => None,
    }
}

/// The shape of an argument that is no parameter, in symbols where there are some.
pub(super) fn shape(program: &Program, argument: Argument) -> Option<String> {
    tensor(program, argument).map(ToString::to_string)
}

/// Its shape in numbers, and its dtype.
pub(super) fn concrete(program: &Program, argument: Argument) -> Option<String> {
    tensor(program, argument).map(TensorType::concrete)
}

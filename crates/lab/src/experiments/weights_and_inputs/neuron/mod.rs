//! Backpropagation by hand: one neuron is captured as a graph, and the chain rule walks back through it.

mod chain;
mod figure;
mod table;

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor};
use graph::{CaptureError, ComputationGraph};
use serde::{Deserialize, Serialize};

use crate::contract::experiment::Lab;
use crate::contract::random::Random;
use crate::contract::report::{Report, Target, largest};

/// Neurons with other numbers that are compared, too.
const MORE: usize = 100;
/// How far single precision may be from a pencil.
const SINGLE: f64 = 1e-5;
/// A stream of random numbers for these.
const STREAM: u64 = 1;

/// What enters, in the order of [`loss`]; t is the target.
const GIVEN: [&str; 6] = ["x1", "x2", "w1", "w2", "b", "t"];
/// What the results of operations are called, in their order.
const NAMES: [&str; 7] = ["p", "q", "r", "s", "y", "e", "L"];

// ANCHOR: neuron
/// One neuron, and how wrong it is.
fn loss(given: [Tensor<1>; 6]) -> Tensor<1> {
    let [x1, x2, w1, w2, b, target] = given;
    let y = (x1 * w1 + x2 * w2 + b).tanh();
    let error = y - target;
    error.clone() * error
}

/// The same as a graph: nothing is computed, all is recorded.
fn captured() -> Result<ComputationGraph, CaptureError> {
    graph::capture("One neuron", |session| {
        let number = || Tensor::<1>::zeros([1], session.device());
        let given = GIVEN.map(|name| session.input(name, number()));
        session.output("loss", loss(given));
        Ok(())
    })
}
// ANCHOR_END: neuron

/// A neuron worked by hand, and how far others are from autodiff.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Neuron {
    nodes: Vec<Node>,
    loss: f64,
    operations: usize,
    /// Neurons with other numbers, and the largest difference of a slope from autodiff's in all of them.
    others: usize,
    off: f64,
}

/// What enters, or an operation.
#[derive(Debug, Serialize, Deserialize)]
struct Node {
    name: String,
    /// What is done, as Burn calls it; empty for what enters.
    operation: String,
    arguments: Vec<usize>,
    value: f64,
    /// How the value changes with each argument.
    local: Vec<f64>,
    /// How the loss changes with the value: by the chain rule, and by autodiff.
    slope: f64,
    autodiff: f64,
}

/// Draws a neuron's numbers, and works it. Others are drawn to be compared.
///
/// # Errors
///
/// If the graph can't be captured.
pub(super) fn measure(lab: &Lab, device: &Device) -> Result<Neuron> {
    let graph = captured().context("the neuron can't be captured")?;
    let steps = chain::steps(&graph)?;
    let mut random = lab.random(STREAM);
    let nodes = worked(&steps, &drawn(&mut random), device)?;
    let others: Vec<Vec<Node>> =
        (0..MORE).map(|_| worked(&steps, &drawn(&mut random), device)).collect::<Result<_>>()?;
    let off = |nodes: &Vec<Node>| largest(nodes.iter().map(|node| (node.slope - node.autodiff).abs()));
    Ok(Neuron {
        loss: nodes.last().map_or(f64::NAN, |node| node.value),
        operations: steps.len() - GIVEN.len(),
        others: MORE,
        off: largest(others.iter().map(off)),
        nodes,
    })
}

/// Numbers of one decimal, so that a pencil can follow: a target of one, and weights and inputs that are not too large,
/// since the slope of tanh is nothing far from zero.
fn drawn(random: &mut Random) -> Vec<f64> {
    let mut number = || {
        let tenths = 1.0 + random.below(9) as f64;
        if random.below(2) == 0 { -tenths / 10.0 } else { tenths / 10.0 }
    };
    let mut given: Vec<f64> = (1..GIVEN.len()).map(|_| number()).collect();
    given.push(1.0);
    given
}

fn worked(steps: &[chain::Step], given: &[f64], device: &Device) -> Result<Vec<Node>> {
    let chain::Worked { values, local, slopes } = chain::worked(steps, given)?;
    let entering = by_autodiff(given, device)?;
    let node = |(n, step): (usize, &chain::Step)| -> Result<Node> {
        let enters = step.arguments.is_empty();
        let name = if enters { Some(step.kind.as_str()) } else { NAMES.get(n - given.len()).copied() };
        let autodiff = match entering.get(n) {
            Some(&slope) => slope,
            None => chain::slope_by_autodiff(steps, &values, n, device)?,
        };
        Ok(Node {
            name: name.unwrap_or_default().to_owned(),
            operation: if enters { String::new() } else { step.kind.clone() },
            arguments: step.arguments.clone(),
            value: values[n],
            local: local[n].clone(),
            slope: slopes[n],
            autodiff,
        })
    };
    steps.iter().enumerate().map(node).collect()
}

/// The slopes of what enters, as whoever trains gets them.
fn by_autodiff(given: &[f64], device: &Device) -> Result<Vec<f64>> {
    let number = |n: usize| Tensor::<1>::from_floats([given[n] as f32], device).require_grad();
    let given: [Tensor<1>; GIVEN.len()] = std::array::from_fn(number);
    let gradients = loss(given.clone()).backward();
    let slope = |tensor: Tensor<1>| -> Result<f64> {
        let gradient = tensor.grad(&gradients).context("autodiff gave no gradient")?;
        Ok(f64::from(gradient.into_scalar::<f32>()))
    };
    given.into_iter().map(slope).collect()
}

pub(super) fn add(neuron: &Neuron, report: &mut Report) {
    let off = largest(neuron.nodes.iter().map(|node| (node.slope - node.autodiff).abs()));
    report.check("one neuron: slopes by the chain rule and by autodiff", off, Target::AtMost(SINGLE));
    let name = format!("{} more neurons: slopes by the chain rule and by autodiff", neuron.others);
    report.check(name, neuron.off, Target::AtMost(SINGLE));
    figure::add(neuron, report);
    table::add(neuron, report);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_captured_neuron_is_what_its_source_says() {
        let steps = chain::steps(&captured().unwrap()).unwrap();
        let kinds: Vec<&str> = steps.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds[..GIVEN.len()], GIVEN);
        assert_eq!(kinds[GIVEN.len()..], ["mul", "mul", "add", "add", "tanh", "sub", "mul"]);
        assert_eq!(kinds.len(), GIVEN.len() + NAMES.len());
    }
}

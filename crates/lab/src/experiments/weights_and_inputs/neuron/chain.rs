//! The chain rule on a captured graph: forward through its operations, and back.

use anyhow::{Result, bail, ensure};
use burn::tensor::{Device, Tensor};
use graph::{ComputationGraph, Node};

/// An operation of the graph, or what enters it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// What is done, as Burn calls it; a name, if it enters.
    pub(super) kind: String,
    /// Numbers of the steps whose results are the arguments; none for what enters.
    pub(super) arguments: Vec<usize>,
}

/// The steps of a graph of numbers, in order: what enters first, its one result last.
///
/// # Errors
///
/// If an operation takes what no step before it gives.
pub(super) fn steps(graph: &ComputationGraph) -> Result<Vec<Step>> {
    let mut arguments = vec![Vec::new(); graph.nodes().len()];
    graph.edges().for_each(|edge| arguments[edge.to].push(edge.from));
    let mut steps = Vec::new();
    for (number, (node, arguments)) in graph.nodes().zip(arguments).enumerate() {
        let kind = match node {
            Node::Input(boundary) => &boundary.name,
            Node::Operation(operation) => &operation.kind,
            Node::Output(_) => continue,
            other => bail!("expected an input or an operation, found {other:?}"),
        };
        ensure!(arguments.iter().all(|&argument| argument < number), "{kind} reads what comes after it");
        steps.push(Step { kind: kind.clone(), arguments });
    }
    Ok(steps)
}

// ANCHOR: rules
/// What comes out of an operation, and how it changes with each of its
/// arguments.
fn rule(kind: &str, arguments: &[f64]) -> Result<(f64, Vec<f64>)> {
    Ok(match (kind, arguments) {
        ("add", [a, b]) => (a + b, vec![1.0, 1.0]),
        ("sub", [a, b]) => (a - b, vec![1.0, -1.0]),
        ("mul", [a, b]) => (a * b, vec![*b, *a]),
        ("tanh", [a]) => (a.tanh(), vec![1.0 - a.tanh().powi(2)]),
        _ => bail!("there is no rule for {kind}"),
    })
}
// ANCHOR_END: rules

/// What the chain rule gives for each step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Worked {
    /// What comes out.
    pub(super) values: Vec<f64>,
    /// How that changes with each argument.
    pub(super) local: Vec<Vec<f64>>,
    /// How the last result changes with what comes out.
    pub(super) slopes: Vec<f64>,
}

// ANCHOR: chain
/// Forward through all steps, and back.
///
/// # Errors
///
/// If there is no rule for an operation.
pub(super) fn worked(steps: &[Step], given: &[f64]) -> Result<Worked> {
    let mut values = given.to_vec();
    let mut local = vec![vec![]; given.len()];
    for step in &steps[given.len()..] {
        let read = step.arguments.iter().map(|&n| values[n]);
        let arguments: Vec<f64> = read.collect();
        let (value, changes) = rule(&step.kind, &arguments)?;
        values.push(value);
        local.push(changes);
    }
    // Of the loss with respect to itself.
    let mut slopes = vec![0.0; steps.len()];
    slopes[steps.len() - 1] = 1.0;
    for (n, step) in steps.iter().enumerate().rev() {
        let ways = step.arguments.iter().zip(&local[n]);
        for (&argument, change) in ways {
            // Along a path slopes multiply; where paths meet they add.
            slopes[argument] += slopes[n] * change;
        }
    }
    Ok(Worked { values, local, slopes })
}
// ANCHOR_END: chain

/// The slope at a step by autodiff: what comes after the step is computed once more by Burn, from the value there.
///
/// # Errors
///
/// If an operation is none of those with a rule, or there is no gradient.
pub(super) fn slope_by_autodiff(steps: &[Step], values: &[f64], at: usize, device: &Device) -> Result<f64> {
    let number = |value: f64| Tensor::<1>::from_floats([value as f32], device);
    let mut tensors: Vec<Tensor<1>> = values[..=at].iter().map(|&value| number(value)).collect();
    let leaf = number(values[at]).require_grad();
    tensors[at] = leaf.clone();
    for (step, &value) in steps.iter().zip(values).skip(at + 1) {
        let argument = |n: usize| tensors[step.arguments[n]].clone();
        let result = match (step.kind.as_str(), step.arguments.len()) {
            ("add", 2) => argument(0) + argument(1),
            ("sub", 2) => argument(0) - argument(1),
            ("mul", 2) => argument(0) * argument(1),
            ("tanh", 1) => argument(0).tanh(),
            // What enters.
            (_, 0) => number(value),
            (kind, _) => bail!("there is no rule for {kind}"),
        };
        tensors.push(result);
    }
    let Some(last) = tensors.pop() else { bail!("there are no steps") };
    let gradient = leaf.grad(&last.backward());
    Ok(gradient.map_or(f64::NAN, |gradient| f64::from(gradient.into_scalar::<f32>())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(kind: &str, arguments: &[usize]) -> Step {
        Step { kind: kind.to_owned(), arguments: arguments.to_vec() }
    }

    /// L = (a + b) a: by hand, L = 15, dL/da = 2 a + b = 8, dL/db = a = 3.
    #[test]
    fn where_paths_meet_slopes_add() {
        let steps = [step("a", &[]), step("b", &[]), step("add", &[0, 1]), step("mul", &[2, 0])];
        let worked = worked(&steps, &[3.0, 2.0]).unwrap();
        assert_eq!(worked.values, [3.0, 2.0, 5.0, 15.0]);
        assert_eq!(worked.local[3], [3.0, 5.0]);
        assert_eq!(worked.slopes, [8.0, 3.0, 3.0, 1.0]);
    }

    #[test]
    fn what_has_no_rule_is_said() {
        let error = worked(&[step("a", &[]), step("sine", &[0])], &[1.0]).unwrap_err();
        assert_eq!(error.to_string(), "there is no rule for sine");
    }
}

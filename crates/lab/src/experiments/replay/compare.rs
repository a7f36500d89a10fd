//! Two ways to the same numbers.

use anyhow::{Context, Result, ensure};
use burn::backend::{Flex, FlexDevice};
use burn::tensor::{Device, Tensor, TensorData};
use graph::{Program, Session};

use super::Replayed;
use crate::contract::report::largest;

/// An output of a forward pass.
pub(super) enum Output {
    /// Vectors or logits: `[batch, length, width]`.
    Vectors(Tensor<3>),
    /// Attention weights: `[batch, heads, query, key]`.
    Weights(Tensor<4>),
}

impl Output {
    /// Declares it as an output of what is captured.
    pub(super) fn declare(self, name: &str, session: &Session) {
        match self {
            Self::Vectors(tensor) => session.output(name, tensor),
            Self::Weights(tensor) => session.output(name, tensor),
        }
    }

    fn into_data(self) -> Result<TensorData> {
        Ok(match self {
            Self::Vectors(tensor) => tensor.try_into_data()?,
            Self::Weights(tensor) => tensor.try_into_data()?,
        })
    }
}

/// All outputs of a forward pass, by names that differ.
pub(super) type Outputs = Vec<(String, Output)>;

/// Carries a program out, and compares its outputs with `direct`, and each of its tensors with those of another backend.
pub(super) fn compare(name: &str, title: &str, program: &Program, direct: Outputs) -> Result<Replayed> {
    let replayed = program.replay::<Flex>(&FlexDevice)?;
    let (outputs, mut numbers, mut differences) = (direct.len(), 0, Vec::new());
    ensure!(outputs == program.outputs().len(), "{outputs} outputs are not those that were captured");
    for (output, direct) in direct {
        let (replayed, direct) = (replayed.output(&output)?, direct.into_data()?);
        ensure!(replayed.shape() == direct.shape(), "{output} has another shape");
        numbers += direct.num_elements();
        differences.push(difference(&replayed, &direct));
    }
    let mut between = Vec::new();
    let others = others(program)?;
    for (tensor, other) in replayed.kept().zip(others) {
        let value = replayed.value(tensor)?;
        between.push(difference(&value, &other) / size(&value));
    }
    Ok(Replayed {
        name: name.to_owned(),
        title: title.to_owned(),
        operations: replayed.steps(),
        outputs,
        numbers,
        largest: largest(differences.into_iter()),
        tensors: between.len(),
        between: largest(between.into_iter()),
    })
}

/// Every tensor, computed by a second backend: the one that Burn no longer develops, which is good enough to compare
/// with.
#[allow(deprecated, reason = "it shares no code with the first")]
fn others(program: &Program) -> Result<Vec<TensorData>> {
    use burn::backend::{NdArray, NdArrayDevice};
    let replayed = program.replay::<NdArray>(&NdArrayDevice::Cpu)?;
    replayed.kept().map(|tensor| replayed.value(tensor).context("on the second backend")).collect()
}

/// The largest difference of two numbers; infinities of one sign are equal.
fn difference(a: &TensorData, b: &TensorData) -> f64 {
    let pairs = a.iter::<f64>().zip(b.iter::<f64>());
    largest(pairs.map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() }))
}

/// The largest number by its size, and at least 1.
fn size(value: &TensorData) -> f64 {
    value.iter::<f64>().filter(|value| value.is_finite()).fold(1.0, |most, value| most.max(value.abs()))
}

/// Where everything is computed directly: on the processor, whatever else is asked for, since that is where the program is
/// carried out.
pub(super) fn device() -> Device {
    Device::flex()
}

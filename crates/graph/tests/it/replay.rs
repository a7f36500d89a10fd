//! What the tests of programs share: values of tensors, and how far they are apart.

use burn::backend::{Flex, FlexDevice};
#[allow(deprecated, reason = "a second backend that has nothing in common with the first")]
use burn::backend::{NdArray, NdArrayDevice};
use burn::tensor::TensorData;
use graph::Program;

/// The largest difference between two values of one shape; no number if something is none.
pub(crate) fn difference(a: &TensorData, b: &TensorData) -> f64 {
    assert_eq!(a.shape(), b.shape());
    let differences =
        a.iter::<f64>().zip(b.iter::<f64>()).map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() });
    differences.fold(0.0, |most, value| if value > most || value.is_nan() { value } else { most })
}

/// The largest number by its size, and at least 1.
fn size(value: &TensorData) -> f64 {
    value.iter::<f64>().filter(|value| value.is_finite()).fold(1.0, |most, value| most.max(value.abs()))
}

/// Replays a program on Flex, and compares its outputs with those of the direct forward pass there; then on NdArray, and
/// compares every tensor with that of Flex.
#[allow(deprecated)]
pub(crate) fn check(program: &Program, direct: &[(&str, TensorData)]) {
    assert_eq!(program.missing(), [""; 0]);
    let flex = program.replay::<Flex>(&FlexDevice).unwrap();
    assert_eq!(flex.steps(), program.step_count());
    assert_eq!(direct.len(), program.outputs().len());
    for (name, expected) in direct {
        let largest = difference(&flex.output(name).unwrap(), expected);
        assert!(largest <= 1e-5, "{name} of `{}` is {largest} away", program.name());
    }
    let ndarray = program.replay::<NdArray>(&NdArrayDevice::Cpu).unwrap();
    let mut compared = 0;
    for tensor in flex.kept() {
        let [a, b] = [flex.value(tensor).unwrap(), ndarray.value(tensor).unwrap()];
        let sizes = program.tensor(tensor).unwrap().axes.iter().map(|axis| axis.size).collect::<Vec<_>>();
        assert_eq!(a.shape().to_vec(), sizes, "{tensor}");
        let largest = difference(&a, &b) / size(&a);
        let step = program.step_of(tensor).map(|step| program.steps().nth(step).unwrap().operation.kind);
        assert!(largest <= 1e-5, "{tensor}, of {step:?}, is {largest} away from that of another backend");
        compared += 1;
    }
    let given = program.tensors().filter(|t| program.step_of(*t).is_none() && program.value(*t).is_none());
    assert_eq!(compared + given.count(), program.tensors().len(), "every tensor is kept");
}

//! The network of 1986, and how it learns.

use anyhow::{Context, Result};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};

use super::tree::{Case, PEOPLE, RELATIONS};
use crate::contract::random::Random;

/// Units that a person is told by, and a relation.
pub(super) const UNITS: usize = 6;
const MIDDLE: usize = 12;

// ANCHOR: network
/// `sigmoid(x W + b)`
struct Layer {
    weight: Tensor<2>,
    bias: Tensor<2>,
}

impl Layer {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        sigmoid(x.matmul(self.weight.clone()) + self.bias.clone())
    }
}

/// A person and a relation go in, the answer comes out.
pub(super) struct Network {
    /// 24 people become six numbers: these are the units to look at.
    person: Layer,
    relation: Layer,
    both: Layer,
    back: Layer,
    answer: Layer,
}

impl Network {
    /// # Shapes
    ///
    /// - `who`: `[cases, 24]`, a one where the person is
    /// - `what`: `[cases, 12]`, a one where the relation is
    /// - output: `[cases, 24]`, for each person how much of an answer
    fn forward(&self, who: Tensor<2>, what: Tensor<2>) -> Tensor<2> {
        let person = self.person.forward(who);
        let relation = self.relation.forward(what);
        let both = Tensor::cat(vec![person, relation], 1);
        let both = self.both.forward(both);
        self.answer.forward(self.back.forward(both))
    }
}
// ANCHOR_END: network

/// Sweeps through all cases, each with one step.
pub(super) const SWEEPS: usize = 1_500;

// ANCHOR: recipe
/// Weights are drawn between plus and minus this; biases begin at 0.
const SPREAD: f64 = 1.3;
const RATE: f64 = 0.05;
/// What Adam keeps of its means, sweep by sweep.
const KEPT: f64 = 0.9;

/// What is left of a weight after a step. First there must be something
/// to forget. Then whatever is of little use fades, and units that
/// say what many cases need remain. At the end nothing pulls any more.
fn decay(sweep: usize) -> f64 {
    if (200..1_000).contains(&sweep) { 0.98 } else { 1.0 }
}
// ANCHOR_END: recipe

impl Network {
    /// Random weights.
    pub(super) fn drawn(random: &mut Random, device: &Device) -> Self {
        let mut layer = |rows: usize, columns: usize| {
            let values = (0..rows * columns).map(|_| SPREAD * (2.0 * random.uniform() - 1.0));
            let values: Vec<f32> = values.map(|value| value as f32).collect();
            let weight = Tensor::from_data(TensorData::new(values, [rows, columns]), device);
            Layer { weight, bias: Tensor::zeros([1, columns], device) }
        };
        Self {
            person: layer(PEOPLE, UNITS),
            relation: layer(RELATIONS.len(), UNITS),
            both: layer(2 * UNITS, MIDDLE),
            back: layer(MIDDLE, UNITS),
            answer: layer(UNITS, PEOPLE),
        }
    }

    fn layers(&self) -> [&Layer; 5] {
        [&self.person, &self.relation, &self.both, &self.back, &self.answer]
    }

    /// Weights and biases of all layers.
    pub(super) fn sizes(&self) -> (usize, usize) {
        let count = |of: fn(&Layer) -> &Tensor<2>| {
            self.layers().into_iter().map(|layer| of(layer).dims().iter().product::<usize>()).sum()
        };
        (count(|layer| &layer.weight), count(|layer| &layer.bias))
    }

    /// All that is learned, in one order.
    fn tensors(&mut self) -> Vec<&mut Tensor<2>> {
        let Self { person, relation, both, back, answer } = self;
        let layers = [person, relation, both, back, answer];
        layers.into_iter().flat_map(|layer| [&mut layer.weight, &mut layer.bias]).collect()
    }

    // ANCHOR: train
    /// One step for each sweep, on all cases together. `told` is given
    /// the error after each.
    ///
    /// # Errors
    ///
    /// If the device gives no gradient.
    pub(super) fn train(
        &mut self,
        cases: &[Case],
        sweeps: usize,
        mut told: impl FnMut(usize, f64),
    ) -> Result<()> {
        let device = self.person.weight.device();
        let (person, relation) = questions(cases, &device);
        let target = targets(cases, &device);
        let mut means = Vec::new();
        for tensor in self.tensors() {
            means.push(Adam::new(tensor));
            *tensor = tensor.clone().require_grad();
        }
        for sweep in 0..sweeps {
            let output = self.forward(person.clone(), relation.clone());
            let error = surprise(output, target.clone());
            let gradients = error.backward();
            let (tensors, kept) = (self.tensors(), decay(sweep));
            for (tensor, adam) in tensors.into_iter().zip(&mut means) {
                let slope = tensor.grad(&gradients);
                let step = adam.step(slope.context("no slope")?, sweep);
                let moved = (tensor.clone().inner() - step) * kept;
                *tensor = Tensor::from_inner(moved).require_grad();
            }
            told(sweep, f64::from(error.into_scalar::<f32>()));
        }
        Ok(())
    }
    // ANCHOR_END: train

    /// For each case, a number for every person.
    pub(super) fn answers(&self, cases: &[Case]) -> Vec<Vec<f64>> {
        let (person, relation) = questions(cases, &self.person.weight.device());
        let output = self.forward(person, relation).into_data();
        let numbers: Vec<f64> = output.iter::<f32>().map(f64::from).collect();
        numbers.chunks(PEOPLE).map(<[f64]>::to_vec).collect()
    }

    /// For each of the six units the weights with which people reach it.
    pub(super) fn units(&self) -> Vec<Vec<f64>> {
        let weights: Vec<f64> = self.person.weight.clone().into_data().iter::<f32>().map(f64::from).collect();
        (0..UNITS).map(|unit| (0..PEOPLE).map(|person| weights[person * UNITS + unit]).collect()).collect()
    }
}

// ANCHOR: surprise
/// How surprising the right answers are, in nats, if an output is the
/// probability that somebody is one.
fn surprise(output: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    const LEAST: f64 = 1e-7; // so that no logarithm is infinite
    let output = output.clamp(LEAST, 1.0 - LEAST);
    let yes = target.clone() * output.clone().log();
    let no = (-target + 1.0) * (-output + 1.0).log();
    -(yes + no).sum()
}
// ANCHOR_END: surprise

/// Adam's means (Kingma & Ba 2015) for one tensor.
struct Adam {
    slope: Tensor<2>,
    square: Tensor<2>,
}

impl Adam {
    fn new(of: &Tensor<2>) -> Self {
        let zeros = of.clone().inner().zeros_like();
        Self { slope: zeros.clone(), square: zeros }
    }

    /// What is to be taken from the tensor.
    fn step(&mut self, slope: Tensor<2>, sweep: usize) -> Tensor<2> {
        self.slope = self.slope.clone() * KEPT + slope.clone() * (1.0 - KEPT);
        self.square = self.square.clone() * KEPT + slope.clone() * slope * (1.0 - KEPT);
        // Both means begin at zero.
        let whole = 1.0 - KEPT.powi(sweep as i32 + 1);
        self.slope.clone() / whole * RATE / ((self.square.clone() / whole).sqrt() + 1e-8)
    }
}

/// A one in every row.
fn ones(at: impl Iterator<Item = usize>, width: usize, device: &Device) -> Tensor<2> {
    let rows: Vec<f32> =
        at.flat_map(|at| (0..width).map(move |column| if column == at { 1.0 } else { 0.0 })).collect();
    let count = rows.len() / width;
    Tensor::from_data(TensorData::new(rows, [count, width]), device)
}

fn questions(cases: &[Case], device: &Device) -> (Tensor<2>, Tensor<2>) {
    (
        ones(cases.iter().map(|case| case.person), PEOPLE, device),
        ones(cases.iter().map(|case| case.relation), RELATIONS.len(), device),
    )
}

fn targets(cases: &[Case], device: &Device) -> Tensor<2> {
    let is_answer = |case: &Case, person: usize| if case.answers.contains(&person) { 1.0 } else { 0.0 };
    let rows: Vec<f32> =
        cases.iter().flat_map(|case| (0..PEOPLE).map(|person| is_answer(case, person))).collect();
    Tensor::from_data(TensorData::new(rows, [cases.len(), PEOPLE]), device)
}

// ANCHOR: right
/// Whether every answer is above a half, and nobody else.
pub(super) fn is_right(case: &Case, output: &[f64]) -> bool {
    output.iter().enumerate().all(|(person, &value)| (value > 0.5) == case.answers.contains(&person))
}
// ANCHOR_END: right

/// Whether the answers are what has the largest outputs, however large these are.
pub(super) fn is_first(case: &Case, output: &[f64]) -> bool {
    let mut order: Vec<usize> = (0..output.len()).collect();
    order.sort_by(|&a, &b| output[b].total_cmp(&output[a]));
    order[..case.answers.len()].iter().all(|person| case.answers.contains(person))
}

#[cfg(test)]
mod tests {
    use train::device::DeviceName;

    use super::super::tree::cases;
    use super::*;

    fn network(seed: u64) -> Network {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        Network::drawn(&mut Random::new(seed, 0), &device)
    }

    #[test]
    fn it_has_576_weights_and_54_biases() {
        assert_eq!(network(1).sizes(), (576, 54));
    }

    #[test]
    fn the_error_falls_and_every_weight_moves() {
        let (mut network, cases) = (network(2), cases());
        let before: Vec<_> = network.tensors().into_iter().map(|tensor| tensor.to_data()).collect();
        let mut errors = Vec::new();
        network.train(&cases, 5, |_, error| errors.push(error)).unwrap();
        assert!(errors.len() == 5 && errors[4] < errors[0], "{errors:?}");
        for (tensor, before) in network.tensors().into_iter().zip(before) {
            assert!(tensor.to_data() != before);
        }
    }

    #[test]
    fn right_is_everyone_who_is_an_answer_and_nobody_else() {
        let case = Case { person: 5, relation: 7, answers: vec![9, 10] };
        let output = |above: &[usize]| -> Vec<f64> {
            (0..PEOPLE).map(|person| if above.contains(&person) { 0.6 } else { 0.4 }).collect()
        };
        assert!(is_right(&case, &output(&[9, 10])));
        assert!(is_first(&case, &output(&[9, 10])) && !is_first(&case, &output(&[9, 11])));
        assert!(!is_right(&case, &output(&[9])) && !is_right(&case, &output(&[9, 10, 11])));
    }
}

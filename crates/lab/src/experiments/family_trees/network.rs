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
    /// - `person`: `[cases, 24]`, a one where the person is
    /// - `relation`: `[cases, 12]`, likewise
    /// - output: `[cases, 24]`, for each person how much of an answer
    fn forward(
        &self,
        person: Tensor<2>,
        relation: Tensor<2>,
    ) -> Tensor<2> {
        let person = self.person.forward(person);
        let relation = self.relation.forward(relation);
        let both = Tensor::cat(vec![person, relation], 1);
        let both = self.both.forward(both);
        self.answer.forward(self.back.forward(both))
    }
}
// ANCHOR_END: network

/// Sweeps through all cases, each with one step.
pub(super) const SWEEPS: usize = 1_500;

// ANCHOR: recipe
/// Rate and momentum, gentle in the first sweeps.
fn pace(sweep: usize) -> (f64, f64) {
    if sweep < 20 { (0.005, 0.5) } else { (0.01, 0.9) }
}

/// Weights are drawn between plus and minus this.
const SPREAD: f64 = 0.3;
/// What is left of every weight after a step.
const DECAY: f64 = 0.998;
/// Outputs so near to 0 or 1 are right enough.
const NEAR: f64 = 0.2;
// ANCHOR_END: recipe

impl Network {
    /// Small random weights.
    pub(super) fn drawn(random: &mut Random, device: &Device) -> Self {
        let mut draw = |rows: usize, columns: usize| {
            let values: Vec<f32> =
                (0..rows * columns).map(|_| (SPREAD * (2.0 * random.uniform() - 1.0)) as f32).collect();
            Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), device)
        };
        let mut layer = |rows, columns| Layer { weight: draw(rows, columns), bias: draw(1, columns) };
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
        let mut last = Vec::new();
        for tensor in self.tensors() {
            last.push(tensor.zeros_like());
            *tensor = tensor.clone().require_grad();
        }
        for sweep in 0..sweeps {
            let output = self.forward(person.clone(), relation.clone());
            let error = output - target.clone();
            let near = error.clone().abs().lower_elem(NEAR);
            let error = error.mask_fill(near, 0.0);
            let error = error.clone().mul(error).sum() / 2.0;
            let gradients = error.backward();
            let (rate, momentum) = pace(sweep);
            for (tensor, last) in self.tensors().into_iter().zip(&mut last) {
                let slope = tensor.grad(&gradients).context("no gradient")?;
                *last = last.clone() * momentum - slope * rate;
                let moved = tensor.clone().inner() + last.clone();
                *tensor = Tensor::from_inner(moved * DECAY).require_grad();
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
        let weights: Vec<f64> =
            self.person.weight.clone().into_data().iter::<f32>().map(f64::from).collect();
        (0..UNITS).map(|unit| (0..PEOPLE).map(|person| weights[person * UNITS + unit]).collect()).collect()
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
    output
        .iter()
        .enumerate()
        .all(|(person, &value)| (value > 0.5) == case.answers.contains(&person))
}
// ANCHOR_END: right

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
        assert!(errors.len() == 5 && errors[4] < 0.8 * errors[0], "{errors:?}");
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
        assert!(!is_right(&case, &output(&[9])) && !is_right(&case, &output(&[9, 10, 11])));
    }
}

//! Does too little noise generalise worse? A small network learns from few noisy examples, with batches from small to
//! all of them, at the same rates and for the same number of updates.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::contract::experiment::Lab;
use crate::contract::random::Random;
use crate::contract::spread::Spread;

const INPUTS: usize = 16;
/// Units of the network that made the targets, and of the one that learns.
const TEACHER: usize = 4;
const HIDDEN: usize = 32;
/// Examples to learn from. The last of the batch sizes is all of them.
pub(super) const EXAMPLES: usize = 128;
/// Examples that decide when it would have been best to stop, and others that tell how good the network is.
const VALIDATION: usize = 500;
const HELD_OUT: usize = 1_000;
const BATCHES: [usize; 5] = [8, 16, 32, 64, EXAMPLES];
const RATES: [f64; 3] = [0.02, 0.08, 0.24];
/// Repetitions, each with a teacher, examples and a network of its own.
const REPETITIONS: usize = 8;
const UPDATES: usize = 1_500;
/// Updates between two looks at the validation examples.
const BETWEEN: usize = 25;
/// Deviation of the noise on the targets that are learnt from.
const NOISE: f64 = 0.3;
/// Squared errors like this are those of a network that has gone astray: guessing zero is 100 times better.
const ASTRAY: f64 = 100.0;

/// How networks learn from few examples, in every way.
pub(super) const FEW: Few = Few { examples: EXAMPLES, repetitions: REPETITIONS, updates: UPDATES };

/// How networks learn from few examples, in every way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Few {
    examples: usize,
    /// Networks, each with a teacher and examples of its own.
    repetitions: usize,
    updates: usize,
}

/// Networks that were trained in one way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trained {
    pub(super) rate: f64,
    pub(super) batch: usize,
    /// Repetitions that went astray. There is more to tell only if none has.
    pub(super) astray: usize,
    /// Squared errors after the last update, over the repetitions: on what was learnt from, and on what was held out.
    pub(super) training: Option<Spread>,
    pub(super) held_out: Option<Spread>,
    /// The held-out error at the moment at which that of the validation examples was lowest.
    pub(super) stopped: Option<Spread>,
    /// By how much either is below that of the full batch: the mean of the repetitions, and its standard error.
    pub(super) below_full: Option<[f64; 2]>,
    pub(super) stopped_below_full: Option<[f64; 2]>,
}

/// Errors of one network.
#[derive(Clone, Copy, Debug)]
struct Errors {
    training: f64,
    held_out: f64,
    stopped: f64,
}

/// Trains in every way.
pub(super) fn generalisation(lab: &Lab) -> Vec<Trained> {
    let mut all = Vec::new();
    for (index, &rate) in RATES.iter().enumerate() {
        let done = 0.8 + 0.2 * index as f64 / RATES.len() as f64;
        lab.progress.at(done, &format!("learning from few examples at rate {rate}"));
        let ways: Vec<(usize, usize)> =
            BATCHES.iter().flat_map(|&batch| (0..REPETITIONS).map(move |n| (batch, n))).collect();
        let errors: Vec<Option<Errors>> =
            ways.par_iter().map(|&(batch, n)| Case::new(lab, n).train(batch, rate)).collect();
        let by_batch: Vec<&[Option<Errors>]> = errors.chunks(REPETITIONS).collect();
        let full = by_batch[BATCHES.len() - 1];
        all.extend(BATCHES.iter().zip(&by_batch).map(|(&batch, errors)| trained(rate, batch, errors, full)));
    }
    all
}

/// The training error and the held-out error of one way alone, if none goes astray.
#[cfg(test)]
pub(super) fn one_way(lab: &Lab, rate: f64, batch: usize) -> (f64, f64) {
    let errors: Vec<_> =
        (0..REPETITIONS).into_par_iter().map(|n| Case::new(lab, n).train(batch, rate)).collect();
    let found = trained(rate, batch, &errors, &errors);
    (found.training.unwrap().mean, found.held_out.unwrap().mean)
}

fn trained(rate: f64, batch: usize, errors: &[Option<Errors>], full: &[Option<Errors>]) -> Trained {
    let whole = |errors: &[Option<Errors>]| errors.iter().copied().collect::<Option<Vec<Errors>>>();
    let (own, full) = (whole(errors), whole(full));
    let spread = |of: fn(&Errors) -> f64| own.as_ref().map(|own| Spread::of(own.iter().map(of)));
    let below = |of: fn(&Errors) -> f64| {
        let (own, full) = (own.as_ref()?, full.as_ref().filter(|_| batch != EXAMPLES)?);
        let differences: Vec<f64> = own.iter().zip(full).map(|(own, full)| of(full) - of(own)).collect();
        let middle = mean(differences.iter().copied());
        let variance =
            differences.iter().map(|d| (d - middle).powi(2)).sum::<f64>() / (differences.len() - 1) as f64;
        Some([middle, (variance / differences.len() as f64).sqrt()])
    };
    Trained {
        rate,
        batch,
        astray: errors.iter().filter(|errors| errors.is_none()).count(),
        training: spread(|errors| errors.training),
        held_out: spread(|errors| errors.held_out),
        stopped: spread(|errors| errors.stopped),
        below_full: below(|errors| errors.held_out),
        stopped_below_full: below(|errors| errors.stopped),
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// Examples and their targets.
struct Data(Vec<(Vec<f64>, f64)>);

impl Data {
    fn drawn(teacher: &Network, count: usize, noise: f64, random: &mut Random) -> Self {
        let example = |_| {
            let x: Vec<f64> = (0..INPUTS).map(|_| random.normal()).collect();
            let y = teacher.output(&x, &mut [0.0; TEACHER]) + noise * random.normal();
            (x, y)
        };
        Self((0..count).map(example).collect())
    }
}

/// One repetition: everything but the way in which it is trained.
struct Case {
    data: Data,
    validation: Data,
    held_out: Data,
    network: Network,
    /// For the order of the examples.
    random: Random,
}

impl Case {
    fn new(lab: &Lab, repetition: usize) -> Self {
        let mut random = lab.random(100 + repetition as u64);
        let teacher = Network::drawn(TEACHER, 1.5, &mut random);
        let data = Data::drawn(&teacher, EXAMPLES, NOISE, &mut random);
        let validation = Data::drawn(&teacher, VALIDATION, NOISE, &mut random);
        let held_out = Data::drawn(&teacher, HELD_OUT, 0.0, &mut random);
        let network = Network::drawn(HIDDEN, 1.0, &mut random);
        Self { data, validation, held_out, network, random }
    }

    /// Nothing, if it goes astray.
    fn train(mut self, batch: usize, rate: f64) -> Option<Errors> {
        let mut order: Vec<usize> = (0..EXAMPLES).collect();
        let (mut next, mut lowest, mut stopped) = (EXAMPLES, f64::INFINITY, f64::INFINITY);
        let mut activations = vec![0.0; HIDDEN];
        let mut gradients = vec![0.0; self.network.weights.len()];
        for update in 1..=UPDATES {
            if next == EXAMPLES {
                (1..EXAMPLES).rev().for_each(|n| order.swap(n, self.random.below(n + 1)));
                next = 0;
            }
            gradients.fill(0.0);
            for &n in &order[next..next + batch] {
                self.network.add_gradients(&self.data.0[n], &mut activations, &mut gradients);
            }
            next += batch;
            let factor = rate / batch as f64;
            self.network.weights.iter_mut().zip(&gradients).for_each(|(weight, g)| *weight -= factor * g);
            if update % BETWEEN == 0 {
                let error = self.network.error(&self.validation);
                // What is no number is astray, too.
                if error.is_nan() || error > ASTRAY {
                    return None;
                }
                if error < lowest {
                    (lowest, stopped) = (error, self.network.error(&self.held_out));
                }
            }
        }
        let (training, held_out) = (self.network.error(&self.data), self.network.error(&self.held_out));
        Some(Errors { training, held_out, stopped })
    }
}

/// A layer of tanh units, and a linear one that gives a number.
struct Network {
    hidden: usize,
    /// For each unit its weights and its bias; then the weights of the output, and its bias.
    weights: Vec<f64>,
}

impl Network {
    fn drawn(hidden: usize, gain: f64, random: &mut Random) -> Self {
        let mut weights = Vec::new();
        let mut row = |count: usize| {
            weights.extend((0..count).map(|_| gain * random.normal() / (count as f64).sqrt()));
            weights.push(0.0);
        };
        (0..hidden).for_each(|_| row(INPUTS));
        row(hidden);
        Self { hidden, weights }
    }

    fn output(&self, x: &[f64], activations: &mut [f64]) -> f64 {
        let (units, last) = self.weights.split_at(self.hidden * (INPUTS + 1));
        let mut output = last[self.hidden];
        for ((unit, activation), weight) in units.chunks(INPUTS + 1).zip(activations).zip(last) {
            *activation = (dot(unit, x) + unit[INPUTS]).tanh();
            output += *activation * weight;
        }
        output
    }

    /// Adds the gradients of an example's squared error.
    fn add_gradients(&self, (x, y): &(Vec<f64>, f64), activations: &mut [f64], gradients: &mut [f64]) {
        let slope = 2.0 * (self.output(x, activations) - y);
        let split = self.hidden * (INPUTS + 1);
        let (units, last) = gradients.split_at_mut(split);
        let weights = &self.weights[split..];
        for (n, unit) in units.chunks_mut(INPUTS + 1).enumerate() {
            let activation = activations[n];
            last[n] += slope * activation;
            let below = slope * weights[n] * (1.0 - activation * activation);
            unit.iter_mut().zip(x).for_each(|(g, x)| *g += below * x);
            unit[INPUTS] += below;
        }
        last[self.hidden] += slope;
    }

    fn error(&self, data: &Data) -> f64 {
        let mut activations = vec![0.0; self.hidden];
        mean(data.0.iter().map(|(x, y)| (self.output(x, &mut activations) - y).powi(2)))
    }
}

/// The sum of products, as far as the shorter one goes.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_small_changes() {
        let mut random = Random::new(3, 0);
        let mut network = Network::drawn(5, 1.0, &mut random);
        let x: Vec<f64> = (0..INPUTS).map(|_| random.normal()).collect();
        let data = Data(vec![(x, 0.7)]);
        let mut gradients = vec![0.0; network.weights.len()];
        network.add_gradients(&data.0[0], &mut [0.0; 5], &mut gradients);
        for (n, gradient) in gradients.iter().enumerate() {
            let mut at = |step: f64| {
                network.weights[n] += step;
                let error = network.error(&data);
                network.weights[n] -= step;
                error
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((slope - gradient).abs() < 1e-6, "{n}: {slope} {gradient}");
        }
        assert!(gradients.iter().any(|g| g.abs() > 0.1));
    }

    #[test]
    fn differences_are_of_pairs_and_there_are_none_where_one_is_missing() {
        let errors = |held_out: f64| Some(Errors { training: 0.0, held_out, stopped: held_out / 2.0 });
        let (own, full) = ([errors(1.0), errors(2.0)], [errors(1.5), errors(3.5)]);
        let found = trained(0.1, 8, &own, &full);
        let told = |spread: Option<Spread>| spread.map(|spread| [spread.least, spread.mean, spread.most]);
        assert_eq!((told(found.held_out), found.below_full), (Some([1.0, 1.5, 2.0]), Some([1.0, 0.5])));
        assert_eq!(
            (told(found.stopped), found.stopped_below_full),
            (Some([0.5, 0.75, 1.0]), Some([0.5, 0.25]))
        );
        assert_eq!(trained(0.1, EXAMPLES, &full, &full).below_full, None);
        let astray = trained(0.1, 8, &[None, errors(1.0)], &full);
        assert_eq!((astray.astray, astray.held_out, astray.below_full), (1, None, None));
    }
}

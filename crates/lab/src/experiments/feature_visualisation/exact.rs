//! What is known without any climbing: a linear unit likes its own weights best.
//!
//! Of all pictures of length 1, the dot product with w is largest for w / |w| (Cauchy & Schwarz). So here the climb can be
//! held against the truth.

use anyhow::Result;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::ascent::{Climb, climb, unit};
use super::network::{FIRST, KERNEL, Network};
use super::shades::{Shades, shades};
use super::unit::middle_of_each;
use crate::contract::random::Random;
use crate::contract::report::largest;

/// Steps until nothing moves any more.
const STEPS: usize = 1_000;
const HOW: Climb = Climb { steps: STEPS, jitter: 0, total_variation: 0.0, radius: 1.0 };
/// Units with random weights that are tried, and the size of their pictures.
const UNITS: usize = 7;
const ROWS: usize = 11;
const COLUMNS: usize = 13;

/// Linear units, and what they like best by climbing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Linear {
    pub(super) units: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) steps: usize,
    /// The largest difference of a pixel from w / |w|.
    pub(super) off: f64,
}

/// Units with random weights.
///
/// # Errors
///
/// If the device gives no gradient.
pub(super) fn linear(random: &mut Random, device: &Device) -> Result<Linear> {
    let shape = [UNITS, 1, ROWS, COLUMNS];
    let weights = Tensor::<4>::from_data(normal(shape, random), device);
    let start = unit(Tensor::from_data(normal(shape, random), &device.clone().inner()));
    let score = |x: Tensor<4>| (x * weights.clone()).sum();
    let found = climb(start, &HOW, random, score, |_, _| {})?;
    let off = off(found, unit(weights.clone().inner()));
    Ok(Linear { units: UNITS, rows: ROWS, columns: COLUMNS, steps: STEPS, off })
}

/// The units of a network's first layer: they are linear, too, until what is negative becomes zero.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kernels {
    pub(super) units: usize,
    pub(super) side: usize,
    /// The largest difference of a pixel from w / |w|.
    pub(super) off: f64,
    /// The noise that they begin with, w / |w|, and what was found.
    pub(super) start: Vec<Shades>,
    pub(super) weights: Vec<Shades>,
    pub(super) found: Vec<Shades>,
}

/// What the first layer likes best.
///
/// # Errors
///
/// If the device gives no gradient.
pub(super) fn kernels(network: &Network, random: &mut Random) -> Result<Kernels> {
    let weights = unit(network.kernels().inner());
    let start = unit(Tensor::from_data(normal([FIRST, 1, KERNEL, KERNEL], random), &weights.device()));
    let score = |x: Tensor<4>| middle_of_each(&network.first(x));
    let found = climb(start.clone(), &HOW, random, score, |_, _| {})?;
    let reach = largest(numbers(&weights).into_iter().map(|value| f64::from(value.abs())));
    let shown = |pictures: &Tensor<4>| -> Vec<Shades> {
        let pictures = numbers(pictures);
        pictures.chunks(KERNEL * KERNEL).map(|one| shades(one, KERNEL, (-reach, reach))).collect()
    };
    Ok(Kernels {
        units: FIRST,
        side: KERNEL,
        start: shown(&start),
        weights: shown(&weights),
        found: shown(&found),
        off: off(found, weights),
    })
}

fn numbers(pictures: &Tensor<4>) -> Vec<f32> {
    pictures.clone().into_data().iter().collect()
}

fn off(found: Tensor<4>, best: Tensor<4>) -> f64 {
    largest(numbers(&(found - best)).into_iter().map(|value| f64::from(value.abs())))
}

/// Random numbers of mean 0 and variance 1.
pub(super) fn normal(shape: [usize; 4], random: &mut Random) -> TensorData {
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| random.normal() as f32).collect();
    TensorData::new(values, shape)
}

#[cfg(test)]
mod tests {
    use train::device::DeviceName;

    use super::*;

    #[test]
    fn climbing_finds_the_weights() {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let found = linear(&mut Random::new(2, 0), &device).unwrap();
        assert!(found.off < 1e-5, "{}", found.off);
        let network = Network::drawn(&mut Random::new(2, 1), &device);
        let found = kernels(&network, &mut Random::new(2, 2)).unwrap();
        assert!(found.off < 1e-5 && found.weights == found.found, "{}", found.off);
        assert!(found.start != found.found && found.found.len() == FIRST);
    }
}

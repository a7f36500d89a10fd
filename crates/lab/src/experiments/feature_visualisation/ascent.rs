//! The climb: a picture is changed, step by step, so that a unit likes it better.

use anyhow::{Context, Result};
use burn::tensor::Tensor;

use crate::contract::random::Random;

/// How a picture climbs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Climb {
    pub(super) steps: usize,
    /// Before each step the picture is moved by up to so many pixels, in either direction.
    pub(super) jitter: usize,
    /// How hard the wish for a smooth picture pulls, if that of the unit pulls with 1.
    pub(super) total_variation: f64,
    /// The length that a picture keeps, as a vector.
    pub(super) radius: f64,
}

/// The share of its length by which a picture moves with a step.
const RATE: f64 = 0.02;

// ANCHOR: climb
/// Changes pictures so that their scores rise; `[pictures, 1, rows,
/// columns]`, each of which climbs by itself. `seen` is shown them
/// before every step and after the last.
pub(super) fn climb(
    mut picture: Tensor<4>,
    how: &Climb,
    random: &mut Random,
    score: impl Fn(Tensor<4>) -> Tensor<1>,
    mut seen: impl FnMut(usize, &Tensor<4>),
) -> Result<Tensor<4>> {
    for step in 0..how.steps {
        seen(step, &picture);
        let moved = moved(how.jitter, random);
        let liked = |x: Tensor<4>| score(x.roll(&moved, &[2, 3])).sum();
        let mut pull = unit(slope(&picture, liked)?);
        if how.total_variation > 0.0 {
            let rough = unit(slope(&picture, total_variation)?);
            pull = unit(pull - rough * how.total_variation);
        }
        let length = rate(step, how.steps) * how.radius;
        picture = unit(picture + pull * length) * how.radius;
    }
    seen(how.steps, &picture);
    Ok(picture)
}

/// How far neighbours are from each other, over all pixels.
fn total_variation(x: Tensor<4>) -> Tensor<1> {
    let [_, _, rows, columns] = x.dims();
    let above = x.clone().narrow(2, 0, rows - 1);
    let below = x.clone().narrow(2, 1, rows - 1);
    let left = x.clone().narrow(3, 0, columns - 1);
    let right = x.narrow(3, 1, columns - 1);
    (below - above).abs().sum() + (right - left).abs().sum()
}
// ANCHOR_END: climb

/// The same share for half of the way, and then less and less.
fn rate(step: usize, steps: usize) -> f64 {
    RATE * (2.0 * (1.0 - step as f64 / steps as f64)).min(1.0)
}

fn moved(jitter: usize, random: &mut Random) -> [i64; 2] {
    [(); 2].map(|()| random.below(2 * jitter + 1) as i64 - jitter as i64)
}

/// How a number changes with each pixel.
fn slope(picture: &Tensor<4>, of: impl Fn(Tensor<4>) -> Tensor<1>) -> Result<Tensor<4>> {
    let given = Tensor::from_inner(picture.clone()).require_grad();
    let slopes = of(given.clone()).backward();
    given.grad(&slopes).context("autodiff gave no gradient")
}

/// Every picture with the length 1; one without any length stays as it is.
pub(super) fn unit(pictures: Tensor<4>) -> Tensor<4> {
    let length = pictures.clone().square().sum_dims(&[1, 2, 3]).sqrt();
    pictures / (length + 1e-12)
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use train::device::DeviceName;

    use super::*;

    fn numbers(tensor: Tensor<4>) -> Vec<f64> {
        tensor.into_data().iter::<f64>().collect()
    }

    fn drawn(shape: [usize; 4], seed: u64) -> TensorData {
        let mut random = Random::new(seed, 0);
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| random.normal() as f32).collect();
        TensorData::new(values, shape)
    }

    /// The exact answer is w / |w|: on prime sizes, each picture with weights of its own, on every device.
    #[test]
    fn a_linear_unit_likes_its_own_weights_best() {
        for device in [DeviceName::Flex, DeviceName::NdArray].map(|name| name.open().unwrap()) {
            let shape = [3, 1, 5, 7];
            let given = device.clone().autodiff();
            let weights = Tensor::<4>::from_data(drawn(shape, 1), &given);
            let how = Climb { steps: 1_000, jitter: 0, total_variation: 0.0, radius: 1.0 };
            let start = unit(Tensor::from_data(drawn(shape, 2), &device));
            let score = |x: Tensor<4>| (x * weights.clone()).sum();
            let found = climb(start, &how, &mut Random::new(1, 1), score, |_, _| {}).unwrap();
            let best = numbers(unit(weights.clone().inner()));
            for (found, best) in numbers(found).into_iter().zip(best) {
                assert!((found - best).abs() < 1e-5, "{found} is not {best}");
            }
        }
    }

    #[test]
    fn the_length_is_kept_and_every_step_is_shown() {
        let device = DeviceName::Flex.open().unwrap();
        let how = Climb { steps: 7, jitter: 2, total_variation: 0.5, radius: 3.0 };
        let start = unit(Tensor::from_data(drawn([2, 1, 5, 5], 3), &device)) * 3.0;
        let mut shown = Vec::new();
        let seen = |step: usize, picture: &Tensor<4>| {
            let squares: Vec<f64> =
                picture.clone().square().sum_dims(&[1, 2, 3]).into_data().iter::<f64>().collect();
            shown.push((step, squares));
        };
        climb(start, &how, &mut Random::new(1, 0), |x| x.square().sum(), seen).unwrap();
        assert_eq!(shown.len(), 8);
        for (n, (step, squares)) in shown.into_iter().enumerate() {
            assert!(step == n && squares.iter().all(|square| (square - 9.0).abs() < 1e-4), "{squares:?}");
        }
    }

    #[test]
    fn variation_is_what_a_pencil_gives_and_smooths() {
        let device = DeviceName::Flex.open().unwrap();
        let x = Tensor::<4>::from_data(
            TensorData::new(vec![1.0f32, 3.0, 0.0, -2.0, 4.0, 4.0], [1, 1, 2, 3]),
            &device,
        );
        assert!(
            (total_variation(x).into_scalar::<f64>() - (3.0 + 1.0 + 4.0 + 2.0 + 3.0 + 6.0 + 0.0)).abs()
                < 1e-6
        );
        let start = unit(Tensor::from_data(drawn([1, 1, 11, 13], 4), &device));
        let weights = Tensor::<4>::from_data(drawn([1, 1, 11, 13], 5), &device.clone().autodiff());
        let rough = |total_variation: f64| {
            let how = Climb { steps: 100, jitter: 0, total_variation, radius: 1.0 };
            let score = |x: Tensor<4>| (x * weights.clone()).sum();
            let found = climb(start.clone(), &how, &mut Random::new(1, 0), score, |_, _| {}).unwrap();
            super::total_variation(found).into_scalar::<f64>()
        };
        assert!(rough(1.0) < 0.8 * rough(0.0));
    }

    #[test]
    fn jitter_goes_both_ways() {
        let mut random = Random::new(9, 0);
        let all: Vec<i64> = (0..200).flat_map(|_| moved(2, &mut random)).collect();
        assert!((-2..=2).all(|way| all.contains(&way)) && all.iter().all(|way| way.abs() <= 2));
        assert_eq!(moved(0, &mut random), [0, 0]);
    }
}

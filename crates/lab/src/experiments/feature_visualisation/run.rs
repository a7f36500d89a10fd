//! The networks of one seed: what they learn, and the pictures that their units like.

use std::collections::BTreeMap;

use anyhow::Result;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::ascent::{Climb, climb, unit};
use super::exact::normal;
use super::examples::{Animals, CLASSES, Data, SIDE};
use super::network::{EPOCHS, Network};
use super::results::{Best, Measured, Run, digits};
use super::shades::shades;
use super::sprites::{ASKED, LEARNED, hidden, sprites};
use super::unit::{Unit, responses};
use super::ways::{BOTH, WAYS};
use crate::contract::random::Random;

/// The values that are black and white in pictures that climbed, so that grey is the mean of all pixels.
pub(super) const ENDS: (f64, f64) = (-2.0, 2.0);

/// What the random numbers of a seed are for.
#[derive(Clone, Copy)]
enum Stream {
    Weights = 0,
    Order = 1,
    Sprites = 2,
    Hidden = 3,
    HiddenWeights = 4,
    HiddenOrder = 5,
    Noise = 6,
    Asked = 7,
    HiddenAsked = 8,
    /// And one for each way behind it.
    Jitter = 9,
}

/// How the reader wants pictures to climb.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) steps: usize,
    pub(super) jitter: usize,
    pub(super) total_variation: f64,
}

impl Wanted {
    /// The step in the middle that is shown.
    pub(super) fn middle(self) -> usize {
        self.steps.div_ceil(10)
    }
}

/// A network, and the pictures that its classes like.
pub(super) struct Liked {
    pub(super) network: Network,
    /// What they begin as, `[1, 1, row, column]`.
    pub(super) noise: Tensor<4>,
    /// With jitter and total variation, halfway: `[class, 1, row, column]`.
    pub(super) middle: Tensor<4>,
    /// For each way `[class, 1, row, column]`, and the mean score.
    pub(super) ways: Vec<(Tensor<4>, f64)>,
}

/// The networks of a seed.
pub(super) struct Trained {
    pub(super) seed: u64,
    pub(super) animals: Liked,
    pub(super) sprites: Liked,
    pub(super) planted: Vec<Vec<f32>>,
    /// The first pictures that sprites are hidden in.
    pub(super) examples: Data,
    /// The share of right answers about sprites.
    pub(super) found: f64,
}

/// Parts of the work of a seed: sweeps of both networks, and ways of both.
pub(super) const PARTS: usize = EPOCHS + 1 + 2 * WAYS.len();
/// Pictures with sprites that are kept.
const KEPT: usize = 100;

/// Trains the networks of a seed, and lets their pictures climb. `done` is called after each part.
///
/// # Errors
///
/// If the device gives no gradient.
pub(super) fn trained(
    animals: &Animals,
    seed: u64,
    wanted: Wanted,
    device: &Device,
    done: &(dyn Fn(&str) + Sync),
) -> Result<Trained> {
    let random = |stream: Stream| Random::new(seed, stream as u64);
    let liked_animals = {
        let drawn = Network::drawn(&mut random(Stream::Weights), device);
        let told = |_, _| done("learning animals");
        let network = drawn.clone().learn(&animals.train, EPOCHS, &mut random(Stream::Order), told);
        liked(drawn, network, seed, wanted, &|| done("animals climb"))?
    };
    let planted = sprites(&mut random(Stream::Sprites));
    let told = |_, _| done("learning sprites");
    let drawn = Network::drawn(&mut random(Stream::HiddenWeights), device);
    let learned = hidden(&planted, LEARNED, &mut random(Stream::Hidden));
    let network = drawn.clone().learn(&learned, 1, &mut random(Stream::HiddenOrder), told);
    drop(learned);
    let asked = hidden(&planted, ASKED, &mut random(Stream::HiddenAsked));
    let liked_sprites = liked(drawn, network, seed, wanted, &|| done("sprites climb"))?;
    Ok(Trained {
        seed,
        found: answered(&liked_sprites.network, &asked),
        examples: asked.first(KEPT),
        animals: liked_animals,
        sprites: liked_sprites,
        planted,
    })
}

fn liked(drawn: Network, network: Network, seed: u64, wanted: Wanted, done: &dyn Fn()) -> Result<Liked> {
    let units: Vec<Unit> = (0..CLASSES).map(Unit::Class).collect();
    let noise = noise(seed, &network);
    let start = noise.clone().repeat_dim(0, CLASSES);
    let (mut ways, mut middle) = (Vec::new(), start.clone());
    for (n, way) in WAYS.iter().enumerate() {
        let network = if way.trained { &network } else { &drawn };
        let how = way.climb(wanted.steps, wanted.jitter, wanted.total_variation);
        let mut random = Random::new(seed, Stream::Jitter as u64 + n as u64);
        let seen = |step: usize, pictures: &Tensor<4>| {
            if n == BOTH && step == wanted.middle() {
                middle = pictures.clone();
            }
        };
        let (pictures, scores) = best(network, &units, start.clone(), &how, &mut random, seen)?;
        ways.push((pictures, mean(&scores)));
        done();
    }
    Ok(Liked { network, noise, middle, ways })
}

/// What a picture begins as.
pub(super) fn noise(seed: u64, network: &Network) -> Tensor<4> {
    let data = normal([1, 1, SIDE, SIDE], &mut Random::new(seed, Stream::Noise as u64));
    unit(Tensor::from_data(data, &network.kernels().device().inner())) * SIDE as f64
}

/// Climbs with a picture for each unit; gives the pictures, and what the units say to them.
fn best(
    network: &Network,
    units: &[Unit],
    start: Tensor<4>,
    how: &Climb,
    random: &mut Random,
    seen: impl FnMut(usize, &Tensor<4>),
) -> Result<(Tensor<4>, Vec<f64>)> {
    // Only the picture changes.
    let network = network.clone().no_grad();
    let score = |x: Tensor<4>| responses(units, &network.forward(x));
    let pictures = climb(start, how, random, score, seen)?;
    let scores = responses(units, &network.valid().forward(pictures.clone()));
    Ok((pictures, scores.into_data().iter::<f64>().collect()))
}

/// One unit of the reader's choice: for each way with a trained network, what it says at the end, and the pictures at the
/// beginning, in the middle and at the end.
pub(super) fn asked(
    liked: &Liked,
    of: Unit,
    seed: u64,
    wanted: Wanted,
) -> Result<Vec<(f64, Vec<Tensor<4>>)>> {
    let ways = WAYS.iter().filter(|way| way.trained);
    let climbed = ways.map(|way| {
        let how = way.climb(wanted.steps, wanted.jitter, wanted.total_variation);
        let mut shown = Vec::new();
        let seen = |step: usize, picture: &Tensor<4>| {
            if [0, wanted.middle(), wanted.steps].contains(&step) {
                shown.push(picture.clone());
            }
        };
        let mut random = Random::new(seed, Stream::Asked as u64);
        let (_, scores) = best(&liked.network, &[of], liked.noise.clone(), &how, &mut random, seen)?;
        Ok((mean(&scores), shown))
    });
    climbed.collect()
}

/// The share of right answers to whether a class is in a picture.
fn answered(network: &Network, data: &Data) -> f64 {
    let scores = network.over(data, |layers| layers.scores);
    let right = |(index, scores): (usize, &Vec<f64>)| {
        scores.iter().zip(data.classes(index)).filter(|(score, present)| (**score > 0.0) == **present).count()
    };
    scores.iter().enumerate().map(right).sum::<usize>() as f64 / (data.count() * CLASSES) as f64
}

/// What was measured of the networks of a seed, beside those of all seeds.
pub(super) fn measured(of: &Trained, all: &[Trained], animals: &Animals) -> Run {
    let scores = of.animals.network.over(&animals.test, |layers| layers.scores);
    let right = |(index, scores): (usize, &Vec<f64>)| animals.test.classes(index)[largest(scores)];
    let right = scores.iter().enumerate().filter(|one| right(*one)).count();
    let best = (0..CLASSES).map(|class| scores.iter().map(|scores| scores[class]).fold(f64::MIN, f64::max));
    let best: Vec<f64> = best.collect();
    let rough = variation(&of.animals.noise)[0];
    let ways = WAYS.iter().enumerate().map(|(n, way)| {
        let (pictures, score) = &of.animals.ways[n];
        let measured = Measured {
            score: digits(*score),
            recognised: recognised(pictures, of.seed, all).map(digits),
            rough: digits(mean(&variation(pictures)) / rough),
            cosines: cosines(&of.sprites.ways[n].0, &of.planted).into_iter().map(digits).collect(),
        };
        (way.name.to_owned(), measured)
    });
    Run {
        seed: of.seed,
        right: digits(right as f64 / scores.len() as f64),
        found: digits(of.found),
        best: digits(mean(&best)),
        ways: ways.collect::<BTreeMap<_, _>>(),
    }
}

/// The share of pictures, one for each class, that the networks of other seeds name as they are meant.
fn recognised(pictures: &Tensor<4>, seed: u64, all: &[Trained]) -> Option<f64> {
    let others: Vec<&Trained> = all.iter().filter(|other| other.seed != seed).collect();
    let right = |other: &&Trained| {
        let scores = numbers(other.animals.network.valid().forward(pictures.clone()).scores);
        scores.chunks(CLASSES).enumerate().filter(|(class, scores)| largest(scores) == *class).count()
    };
    let right: usize = others.iter().map(right).sum();
    (!others.is_empty()).then(|| right as f64 / (others.len() * CLASSES) as f64)
}

/// Of each picture and the pattern at the same place.
fn cosines(pictures: &Tensor<4>, planted: &[Vec<f32>]) -> Vec<f64> {
    let pictures = numbers(pictures.clone());
    let cosine = |(picture, planted): (&[f64], &Vec<f32>)| {
        let planted: Vec<f64> = planted.iter().map(|&value| value.into()).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(picture, &planted) / (dot(picture, picture) * dot(&planted, &planted)).sqrt()
    };
    pictures.chunks(SIDE * SIDE).zip(planted).map(cosine).collect()
}

/// How far the neighbours in each picture are from each other.
fn variation(pictures: &Tensor<4>) -> Vec<f64> {
    let pictures = numbers(pictures.clone());
    let of = |picture: &[f64]| {
        let along = picture.chunks(SIDE).flat_map(|row| row.windows(2)).map(|pair| (pair[1] - pair[0]).abs());
        let down = picture.iter().zip(&picture[SIDE..]).map(|(above, below)| (below - above).abs());
        along.chain(down).sum()
    };
    pictures.chunks(SIDE * SIDE).map(of).collect()
}

/// The pictures of a data set that a unit likes best.
pub(super) fn liked_best(network: &Network, of: Unit, animals: &Animals, count: usize) -> Vec<Best> {
    let test = &animals.test;
    let scores = network.over(test, |layers| of.response(&layers));
    let mut order: Vec<usize> = (0..test.count()).collect();
    order.sort_by(|&a, &b| scores[b][0].total_cmp(&scores[a][0]));
    let best = |&index: &usize| {
        let class = test.classes(index).iter().position(|&present| present).unwrap_or(0);
        Best {
            picture: shades(test.picture(index), SIDE, animals.ends),
            class: animals.names[class].clone(),
            score: digits(scores[index][0]),
        }
    };
    order.iter().take(count).map(best).collect()
}

pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Where the largest is.
fn largest(values: &[f64]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use train::device::DeviceName;

    use super::*;

    fn pictures(pixel: impl Fn(usize) -> f32) -> Tensor<4> {
        let values: Vec<f32> = (0..2 * SIDE * SIDE).map(pixel).collect();
        let device = DeviceName::Flex.open().unwrap();
        Tensor::from_data(TensorData::new(values, [2, 1, SIDE, SIDE]), &device)
    }

    #[test]
    fn each_picture_is_compared_with_the_pattern_of_its_own() {
        let shown = pictures(|n| if n < SIDE * SIDE { 1.0 } else { -2.0 });
        let half = |n: usize| if n.is_multiple_of(2) { 1.0 } else { 0.0 };
        let planted = [vec![3.0; SIDE * SIDE], (0..SIDE * SIDE).map(half).collect()];
        let found = cosines(&shown, &planted);
        assert!((found[0] - 1.0).abs() < 1e-9 && (found[1] + 0.5f64.sqrt()).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn stripes_are_as_rough_as_they_have_edges() {
        let shown = pictures(|n| if n < SIDE * SIDE && n % SIDE == 3 { 1.0 } else { 0.0 });
        assert_eq!(variation(&shown), [2.0 * SIDE as f64, 0.0]);
    }

    #[test]
    fn the_middle_is_a_tenth_of_the_way() {
        let middle = |steps| Wanted { steps, jitter: 0, total_variation: 0.0 }.middle();
        assert_eq!([1, 7, 500].map(middle), [1, 1, 50]);
    }
}

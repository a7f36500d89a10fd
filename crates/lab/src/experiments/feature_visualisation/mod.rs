//! What does a unit like to see? A picture of noise is changed, step by step, so that a unit responds more (Erhan et al. 2009).
//!
//! Small convolutional networks learn silhouettes of animals, and sprites that are hidden in noise. In one case the answer is
//! known exactly: a linear unit likes its own weights best. In another it is known what was planted. And networks that have
//! learned nothing show what such pictures look like where there is nothing to be seen.

mod ascent;
mod diagram;
mod exact;
mod examples;
mod figures;
mod network;
mod results;
mod run;
mod shades;
mod sprites;
mod summary;
mod tables;
mod unit;
mod ways;

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::tensor::Tensor;
use rayon::prelude::*;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};
use crate::contract::seeds::Seeds;

use examples::{Animals, CLASSES, SIDE};
use results::{Asked, AskedWay, Climbed, Results, Sizes};
use run::{ENDS, PARTS, Trained, Wanted, liked_best, measured, numbers, trained};
use shades::{Shades, shades};
use summary::{CLOSE, summary};
use unit::Unit;
use ways::{BOTH, WAYS};

/// Pictures of the data that are shown for each class, and for a unit of the reader's choice.
const SHOWN: usize = 2;
const SHOWN_OF_UNIT: usize = 3;
/// A stream of random numbers for what is known exactly.
const EXACT: u64 = 100;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct FeatureVisualisation {
    /// Networks to train of either kind, each with the next seed.
    #[arg(long, default_value = "5")]
    seeds: Seeds<100>,
    /// Show what a unit likes: an animal such as "cat", or a channel as in "first:3" or "second:5".
    #[arg(long)]
    unit: Option<String>,
    /// Steps of a climb.
    #[arg(long, default_value_t = 500)]
    steps: usize,
    /// Pixels by which a picture is moved at most before each step.
    #[arg(long, value_name = "PIXELS", default_value_t = 2)]
    jitter: usize,
    /// How hard the wish for a smooth picture pulls, if that of the unit pulls with 1.
    #[arg(long, value_name = "PULL", default_value_t = 0.5)]
    total_variation: f64,
}

impl FeatureVisualisation {
    fn wanted(&self) -> Result<Wanted> {
        let Self { steps, jitter, total_variation, .. } = *self;
        ensure!((1..=100_000).contains(&steps), "--steps is {steps}, but it must be from 1 to 100000");
        ensure!(jitter < SIDE / 2, "--jitter is {jitter}, but it must be below {}", SIDE / 2);
        ensure!(
            (0.0..=100.0).contains(&total_variation),
            "--total-variation is {total_variation}, but it must be from 0 to 100"
        );
        Ok(Wanted { steps, jitter, total_variation })
    }
}

impl Experiment for FeatureVisualisation {
    const NAME: &'static str = "feature-visualisation";
    const SUMMARY: &'static str = "pictures that units of a small network like best, climbing from noise";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let wanted = self.wanted()?;
        let animals = Animals::read()?;
        let unit = self.unit.as_deref().map(|unit| Unit::of(unit, &animals.names)).transpose()?;
        let device = lab.device.clone().autodiff();
        let done = AtomicUsize::new(0);
        let parts = self.seeds.count() * PARTS;
        let tell = |what: &str| {
            let done = 1 + done.fetch_add(1, Ordering::Relaxed);
            lab.progress.at(done as f64 / parts as f64, what);
        };
        let all: Vec<Trained> = self
            .seeds
            .starting_at(lab.seed)
            .into_par_iter()
            .map(|seed| trained(&animals, seed, wanted, &device, &tell))
            .collect::<Result<_>>()?;
        let runs: Vec<_> = all.iter().map(|one| measured(one, &all, &animals)).collect();
        let first = &all[0];
        Ok(Results {
            sizes: sizes(first, &animals),
            goal: CLOSE,
            climb: Climbed {
                steps: wanted.steps,
                middle: wanted.middle(),
                jitter: wanted.jitter,
                total_variation: wanted.total_variation,
            },
            linear: exact::linear(&mut lab.random(EXACT), &device)?,
            kernels: exact::kernels(&first.animals.network, &mut lab.random(EXACT + 1))?,
            summary: summary(&runs),
            runs,
            animals: shown_animals(first, &animals),
            sprites: shown_sprites(first),
            asked: unit.map(|unit| asked(unit, first, &animals, wanted)).transpose()?,
        })
    }
}

fn check(results: &Results, report: &mut Report) {
    let linear = "linear units: difference of the climb from w / |w|";
    report.check(linear, results.linear.off, Target::AtMost(1e-4));
    let first = "first layer of a network that learned: difference from w / |w|";
    report.check(first, results.kernels.off, Target::AtMost(1e-4));
    let ways = &results.summary.ways;
    if let Some(smooth) = ways.get("variation") {
        let name = "sprites: cosine of what was planted and what was found, with total variation";
        report.check(name, smooth.cosine.mean, Target::AtLeast(results.goal));
    }
    if let Some(untrained) = ways.get("untrained") {
        report.check("sprites: size of the cosine before training", untrained.size, Target::AtMost(0.3));
    }
    let recognised = |way: &str| ways.get(way).and_then(|way| way.recognised).map(|spread| spread.mean);
    if let (Some(both), Some(untrained)) = (recognised(WAYS[BOTH].name), recognised("untrained")) {
        report.check("animals: share that other networks name as meant", both, Target::AtLeast(0.8));
        report.check("animals: the same before training", untrained, Target::AtMost(0.25));
    }
}

fn sizes(of: &Trained, animals: &Animals) -> Sizes {
    Sizes {
        side: SIDE,
        classes: CLASSES,
        parameters: of.animals.network.num_params(),
        epochs: network::EPOCHS,
        learned: animals.train.count(),
        tested: animals.test.count(),
        learned_hidden: sprites::LEARNED,
        tested_hidden: sprites::ASKED,
        cells: sprites::CELLS,
        often: sprites::OFTEN,
        noise: sprites::NOISE,
    }
}

/// Each picture in shades.
fn shown(pictures: &Tensor<4>) -> Vec<Shades> {
    let values: Vec<f32> = numbers(pictures.clone()).into_iter().map(|value| value as f32).collect();
    values.chunks(SIDE * SIDE).map(|one| shades(one, SIDE, ENDS)).collect()
}

fn shown_animals(of: &Trained, animals: &Animals) -> results::Animals {
    let liked = &of.animals;
    let ways = WAYS.iter().zip(&liked.ways);
    let best = (0..CLASSES).map(|class| liked_best(&liked.network, Unit::Class(class), animals, SHOWN));
    results::Animals {
        names: animals.names.clone(),
        noise: shown(&liked.noise).concat(),
        middle: shown(&liked.middle),
        ways: ways.map(|(way, (pictures, _))| (way.name.to_owned(), shown(pictures))).collect(),
        best: best.collect(),
    }
}

fn shown_sprites(of: &Trained) -> results::Sprites {
    let examples = &of.examples;
    let hidden = (0..CLASSES).filter_map(|class| {
        let index = (0..examples.count()).find(|&index| examples.classes(index)[class])?;
        Some(shades(examples.picture(index), SIDE, ENDS))
    });
    let ways = WAYS.iter().zip(&of.sprites.ways);
    results::Sprites {
        planted: of.planted.iter().map(|sprite| shades(sprite, SIDE, ENDS)).collect(),
        hidden: hidden.collect(),
        ways: ways.map(|(way, (pictures, _))| (way.name.to_owned(), shown(pictures))).collect(),
    }
}

fn asked(of: Unit, first: &Trained, animals: &Animals, wanted: Wanted) -> Result<Asked> {
    let climbed = run::asked(&first.animals, of, first.seed, wanted)?;
    let ways = WAYS.iter().filter(|way| way.trained).zip(climbed);
    let ways = ways.map(|(way, (score, pictures))| AskedWay {
        way: way.told.to_owned(),
        score: results::digits(score),
        pictures: pictures.iter().map(|picture| shown(picture).concat()).collect(),
    });
    Ok(Asked {
        unit: of.name(&animals.names),
        ways: ways.collect(),
        best: liked_best(&first.animals.network, of, animals, SHOWN_OF_UNIT),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde::Deserialize;
    use train::device::DeviceName;

    use super::network::Network;
    use super::*;
    use crate::contract::random::Random;

    /// Its beginning alone: later, the last digits of single precision decide.
    #[test]
    fn the_committed_pictures_begin_as_they_are_drawn() {
        #[derive(Deserialize)]
        struct Stored {
            results: Results,
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/src/figures/lab/feature-visualisation/results.json");
        let Stored { results } = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let hint = "run `cargo run -p lab -- book feature-visualisation`";
        let seed = results.runs[0].seed;
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let network = Network::drawn(&mut Random::new(seed, 0), &device);
        assert_eq!(results.sizes.parameters, network.num_params(), "{hint}");
        assert_eq!(results.animals.noise, shown(&run::noise(seed, &network)).concat(), "{hint}");
        let planted = sprites::sprites(&mut Random::new(seed, 2));
        let planted: Vec<_> = planted.iter().map(|sprite| shades(sprite, SIDE, ENDS)).collect();
        assert_eq!(results.sprites.planted, planted, "{hint}");
        let linear = exact::linear(&mut Random::new(seed, EXACT), &device).unwrap();
        assert!(linear.off < 1e-4 && results.linear.off < 1e-4 && results.kernels.off < 1e-4);
    }
}

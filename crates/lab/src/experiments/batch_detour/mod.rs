//! A batch of 16 is left over, and accuracy has dropped: are these two things one?
//!
//! With batches of 64 instead of 4, everything gets worse, and 50,000 images leave a last batch of 16. What that batch does
//! to a mean of means can be told exactly, and it is next to nothing. What makes the drop is that there are 16 times fewer
//! updates in an epoch.

mod counts;
mod figures;
mod learn;
mod lenet;
mod pictures;
mod results;
mod run;
mod summary;
mod tables;

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use burn::module::Module;
use train::data::images::Part;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};
use crate::contract::seeds::Seeds;

use counts::Cut;
use learn::{MOMENTUM, RATE};
use lenet::LeNet;
use pictures::Silhouettes;
use results::{Results, Run};
use run::{SMALL, TEST, TEST_IMAGES, WEIGHTS, run, ways};
use summary::summary;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct BatchDetour {
    /// Times that all of it is done, each with the next seed: other images, other weights, another order.
    #[arg(long, default_value = "5")]
    seeds: Seeds<1_000>,
    /// Images of the large batch, instead of the tutorial's 4.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Images to learn from; with fewer, all is over sooner.
    #[arg(long, default_value_t = 50_000)]
    images: usize,
}

impl Experiment for BatchDetour {
    const NAME: &'static str = "batch-detour";
    const SUMMARY: &'static str = "larger batches made it worse: is it the batch that was left over?";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let Self { seeds, batch, images } = *self;
        ensure!(
            (500..=1_000_000).contains(&images),
            "--images is {images}, but it must be from 500 to 1000000"
        );
        ensure!((SMALL + 1..=400).contains(&batch), "--batch is {batch}, but it must be from 5 to 400");
        let device = lab.device.clone().autodiff();
        let ways = ways(images, batch);
        let silhouettes = [Silhouettes::built_in(Part::Train)?, Silhouettes::built_in(Part::Test)?];
        let done = Done { all: seeds.count() * ways.work(), done: AtomicUsize::new(0) };
        let runs = seeds.starting_at(lab.seed).into_iter().map(|seed| {
            run(seed, &ways, &silhouettes, [images, TEST], &device, &|what: &str, work: usize| {
                lab.progress.at(done.add(work), &format!("seed {seed}: {what}"));
            })
        });
        let runs = runs.collect::<Result<Vec<Run>>>()?;
        let (small, large, test) = (Cut::new(images, SMALL), Cut::new(images, batch), Cut::new(TEST, batch));
        Ok(Results {
            parameters: LeNet::drawn(&mut lab.random(WEIGHTS), &device).num_params(),
            classes: pictures::CLASSES,
            rate: RATE,
            momentum: MOMENTUM,
            looked_at: run::LOOKED_AT,
            rows: counts::ROWS,
            told_every: counts::TOLD_EVERY,
            small,
            large,
            test,
            fewer: small.batches as f64 / large.batches as f64,
            times: batch as f64 / SMALL as f64,
            overweight: test.overweight(),
            excess: test.excess(),
            examples: silhouettes[1].examples(lab.seed, TEST_IMAGES),
            summary: summary(&runs, large.batches),
            ways,
            runs,
        })
    }
}

/// How much of the work is done.
struct Done {
    all: usize,
    done: AtomicUsize,
}

impl Done {
    fn add(&self, work: usize) -> f64 {
        (self.done.fetch_add(work, Ordering::Relaxed) + work) as f64 / self.all as f64
    }
}

fn check(results: &Results, report: &mut Report) {
    let Results { summary, test, large, small, .. } = results;
    let mut exactly = |name: &str, value: usize, expected: usize| {
        report.check(name, value as f64, Target::Near(expected as f64, 0.0));
    };
    exactly("parameters of LeNet", results.parameters, 62_006);
    // The numbers of the story, where nobody asks for others.
    if (small.images, large.batch) == (50_000, 64) {
        exactly("images left over of 50,000 in batches of 64", large.last, 16);
        exactly("images left over of 10,000 in batches of 64", test.last, 16);
        exactly("batches of the test", test.batches, 157);
        exactly("images that `range(4)` scores", test.scored, 628);
        let overweight = "times that an image of the last batch weighs too much in a mean of means";
        report.check(overweight, results.overweight, Target::Near(3.98, 0.005));
        report.check(
            "updates of an epoch: small batches / large ones",
            results.fewer,
            Target::Near(16.0, 0.1),
        );
    }
    report.check(
        "bias of a mean of means, and (L_last - L_others)(1/batches - last/images): furthest apart",
        summary.off,
        Target::AtMost(1e-12),
    );
    report.check(
        "share of seeds in which large batches are right less often after an epoch",
        summary.dropped as f64 / summary.seeds as f64,
        Target::AtLeast(1.0),
    );
    report.check(
        "part of the drop that a larger rate makes up for, on average",
        summary.made_up_for.mean,
        Target::AtLeast(0.8),
    );
    report.check(
        "large batches, after as many updates as small ones: accuracy less that of these, on average",
        summary.longer_ahead.mean,
        Target::AtLeast(-0.01),
    );
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde::Deserialize;
    use train::device::DeviceName;

    use super::counts::Scoring;
    use super::learn::{Batches, Way, learn, looks};
    use super::results::Trained;
    use super::run::{BEGIN, ORDER, TRAIN_IMAGES};
    use super::*;
    use crate::contract::random::Random;

    #[test]
    fn ways_have_as_many_images_as_they_say() {
        let of = ways(50_000, 64);
        assert_eq!((of.small.updates, of.large.updates, of.longer.updates), (12_500, 782, 1_563));
        assert_eq!((of.scaled.rate, of.large.rate), (0.016, 0.001));
        // An epoch of 782 batches, and 781 batches of the second.
        assert_eq!(of.longer.images, 50_000 + 781 * 64);
        // Where one of them ends, the small ones are looked at.
        let small = looks(of.small.updates);
        assert!(small.contains(&of.longer.updates) && small.contains(&of.large.updates));
        // With batches that are hardly larger, an epoch is longer than a part of the small ones' updates.
        let of = ways(997, 5);
        assert_eq!((of.large.updates, of.longer.updates, of.longer.images), (200, 200, 997));
    }

    /// All of it, small: three ways, one of which is two, and nothing is counted twice.
    #[test]
    fn a_run_is_what_its_ways_say() {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let silhouettes = [Part::Train, Part::Test].map(|part| Silhouettes::built_in(part).unwrap());
        let (ways, work) = (ways(307, 101), AtomicUsize::new(0));
        let count = |_: &str, images: usize| {
            work.fetch_add(images, Ordering::Relaxed);
        };
        let found = run(3, &ways, &silhouettes, [307, 211], &device, &count).unwrap();
        assert_eq!(work.into_inner(), ways.work());
        assert_eq!((ways.small.updates, ways.large.updates, ways.longer.updates), (77, 4, 10));
        let last = |trained: &Trained| trained.points.last().map(|point| (point.updates, point.images));
        assert_eq!(last(&found.small), Some((77, 307)));
        assert_eq!(last(&found.scaled), Some((4, 307)));
        assert_eq!(last(&found.longer), Some((10, 2 * 307 + 2 * 101)));
        assert_eq!(found.begin.len(), BEGIN);
        assert!(found.scoring.off() < 1e-12, "{:?}", found.scoring);
        assert!((found.scoring.loss - found.small.end.loss).abs() < 1e-4);
        assert!(found.large != found.longer.end && found.small_then != found.small.end);
    }

    /// Their first losses alone: later, the last digits of single precision decide. The counts and the formula are held
    /// against what is stored in whole.
    #[test]
    fn the_committed_networks_begin_as_they_are_trained() {
        #[derive(Deserialize)]
        struct Stored {
            results: Results,
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/src/figures/lab/batch-detour/results.json");
        let Stored { results } = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let silhouettes = Silhouettes::built_in(Part::Train).unwrap();
        for run in results.runs.iter().take(2) {
            let count = results.small.images;
            let needed = Batches::new(count, Random::new(run.seed, ORDER)).next(BEGIN * SMALL).to_vec();
            let train = silhouettes.some_pictures(count, &needed, run.seed, TRAIN_IMAGES);
            let way = Way { updates: BEGIN, ..results.ways.small.clone() };
            let net = LeNet::drawn(&mut Random::new(run.seed, WEIGHTS), &device);
            let mut begin = Vec::new();
            learn(net, &way, &train, Random::new(run.seed, ORDER), &mut |update| {
                begin.push(update.loss);
                Ok(())
            })
            .unwrap();
            for (found, stored) in begin.iter().zip(&run.begin) {
                let hint = "run `cargo run -p lab -- book batch-detour`";
                assert!((found / stored - 1.0).abs() < 1e-4, "{found} is not {stored}: {hint}");
            }
            let Scoring { bias, predicted, .. } = run.scoring;
            assert!((bias - predicted).abs() < 1e-12 && bias != 0.0, "{bias} {predicted}");
        }
        assert_eq!((results.small, results.large), (Cut::new(50_000, SMALL), Cut::new(50_000, 64)));
        assert_eq!((results.test, results.runs.len()), (Cut::new(TEST, 64), results.summary.seeds));
        assert_eq!(results.ways.longer, ways(50_000, 64).longer);
    }
}

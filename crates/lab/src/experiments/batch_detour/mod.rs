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
mod summary;
mod tables;

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use train::data::images::Part;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::random::Random;
use crate::contract::report::{Report, Target};

use counts::{Cut, Scoring};
use learn::{Answers, MOMENTUM, Point, RATE, Way, answers, learn, looks, side_by_side};
use lenet::LeNet;
use pictures::{Pictures, Silhouettes};
use summary::{Summary, summary};

/// The tutorial's batch.
const SMALL: usize = 4;
/// Images of the test, and those of them, the first, that networks are looked at with on their way.
const TEST: usize = 10_000;
const LOOKED_AT: usize = 1_000;
/// The first losses are kept, so that a test can see whether they still come out.
const BEGIN: usize = 6;
/// Streams of random numbers: weights, order, other orders; and from here on a stream for each image.
const WEIGHTS: u64 = 0;
const ORDER: u64 = 1;
const ORDERS: u64 = 2;
const TRAIN_IMAGES: u64 = 1 << 32;
const TEST_IMAGES: u64 = 1 << 33;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct BatchDetour {
    /// Times that all of it is done, each with the next seed: other images, other weights, another order.
    #[arg(long, default_value_t = 5)]
    seeds: usize,
    /// Images of the large batch, instead of the tutorial's 4.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Images to learn from; with fewer, all is over sooner.
    #[arg(long, default_value_t = 50_000)]
    images: usize,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    parameters: usize,
    classes: usize,
    rate: f64,
    momentum: f64,
    /// Images that networks are looked at with on their way.
    looked_at: usize,
    /// Rows of a batch that a loop scores which was written for the small one.
    rows: usize,
    /// Batches between two losses that the tutorial tells.
    told_every: usize,
    /// The images to learn from, in small batches and in large ones, and those of the test in large ones.
    small: Cut,
    large: Cut,
    test: Cut,
    /// How many times fewer updates an epoch has with the large ones, and how many times more images a batch.
    fewer: f64,
    times: f64,
    /// In a mean of means: how many times too much an image of the last batch of the test weighs, and by how much the batch
    /// weighs too much.
    overweight: f64,
    excess: f64,
    ways: Ways,
    runs: Vec<Run>,
    summary: Summary,
}

/// The ways to learn.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ways {
    /// The tutorial's.
    small: Way,
    /// With large batches, and nothing else changed.
    large: Way,
    /// With large batches, and a rate as many times larger.
    scaled: Way,
    /// With large batches, and as many updates as there are with small ones.
    longer: Way,
}

/// What came of one seed.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    seed: u64,
    /// Losses of the first small batches.
    begin: Vec<f64>,
    small: Trained,
    /// After one epoch. What came before is in `longer`, which is the same network later.
    large: End,
    scaled: Trained,
    longer: Trained,
    /// Of the network that learned with small batches, if it is tested in large ones.
    scoring: Scoring,
}

/// How a network came to where it ended.
#[derive(Debug, Serialize, Deserialize)]
struct Trained {
    points: Vec<Point>,
    end: End,
}

/// How well a network does in the whole test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct End {
    loss: f64,
    accuracy: f64,
}

impl Experiment for BatchDetour {
    const NAME: &'static str = "batch-detour";
    const SUMMARY: &'static str = "larger batches made it worse: is it the batch that was left over?";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let Self { seeds, batch, images } = *self;
        ensure!((1..=1_000).contains(&seeds), "--seeds is {seeds}, but it must be from 1 to 1000");
        ensure!((500..=1_000_000).contains(&images), "--images is {images}, but it must be from 500 to 1000000");
        ensure!((SMALL + 1..=400).contains(&batch), "--batch is {batch}, but it must be from 5 to 400");
        let device = lab.device.clone().autodiff();
        let ways = ways(images, batch);
        let silhouettes = [Silhouettes::built_in(Part::Train)?, Silhouettes::built_in(Part::Test)?];
        let done = Done { all: seeds * ways.work(), done: AtomicUsize::new(0) };
        let runs = (0..seeds as u64).map(|n| {
            let seed = lab.seed.wrapping_add(n);
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
            looked_at: LOOKED_AT,
            rows: counts::ROWS,
            told_every: counts::TOLD_EVERY,
            small,
            large,
            test,
            fewer: small.batches as f64 / large.batches as f64,
            times: batch as f64 / SMALL as f64,
            overweight: test.overweight(),
            excess: test.excess(),
            summary: summary(&runs, large.batches),
            ways,
            runs,
        })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        check(results, &mut report);
        figures::add(results, &mut report);
        tables::add(results, &mut report);
        report
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

impl Ways {
    fn work(&self) -> usize {
        [&self.small, &self.scaled, &self.longer].into_iter().map(|way| way.images).sum()
    }
}

/// The ways to learn from so many images.
fn ways(images: usize, batch: usize) -> Ways {
    let times = batch as f64 / SMALL as f64;
    let (few, many) = (images.div_ceil(batch), images.div_ceil(SMALL));
    // Whole epochs, and what is left.
    let seen = |updates: usize| updates / few * images + (updates % few) * batch;
    let way = |name: String, batch: usize, rate: f64, updates: usize, images: usize| Way {
        name,
        batch,
        rate,
        updates,
        images,
    };
    Ways {
        small: way(format!("batches of {SMALL}"), SMALL, RATE, many, images),
        large: way(format!("batches of {batch}"), batch, RATE, few, images),
        scaled: way(format!("batches of {batch}, {times} times the rate"), batch, RATE * times, few, images),
        longer: way(format!("batches of {batch}, as many updates"), batch, RATE, many, seen(many)),
    }
}

/// All ways to learn, with one seed.
fn run(
    seed: u64,
    ways: &Ways,
    [train, test]: &[Silhouettes; 2],
    [learned, tested]: [usize; 2],
    device: &Device,
    told: &(dyn Fn(&str, usize) + Sync),
) -> Result<Run> {
    told("drawing images", 0);
    let train = train.pictures(learned, seed, TRAIN_IMAGES);
    let test = test.pictures(tested, seed, TEST_IMAGES);
    let job = |way: &'_ Way, halt: usize| {
        let (way, train, test, device) = (way.clone(), &train, &test, device.clone());
        let job = move || trained(seed, &way, halt, train, test, &device, told);
        Box::new(job) as Box<dyn FnOnce() -> Result<Outcome> + Send + '_>
    };
    // The longest first.
    let jobs = vec![job(&ways.longer, ways.large.updates), job(&ways.small, 0), job(&ways.scaled, 0)];
    let [longer, small, scaled]: [Outcome; 3] =
        side_by_side(jobs)?.try_into().map_err(|_| anyhow::anyhow!("three networks were trained"))?;
    let Answers { losses, right } = &small.answers;
    Ok(Run {
        seed,
        scoring: Scoring::new(losses, right, ways.large.batch, &mut Random::new(seed, ORDERS)).shortened(),
        large: longer.halfway.unwrap_or(longer.trained.end),
        begin: small.begin,
        small: small.trained,
        scaled: scaled.trained,
        longer: longer.trained,
    })
}

/// What is known of a network that has learned.
struct Outcome {
    trained: Trained,
    begin: Vec<f64>,
    /// In the whole test, after the update at which it was to be tested.
    halfway: Option<End>,
    answers: Answers,
}

/// Trains in one way. At some update it is tested on the way.
fn trained(
    seed: u64,
    way: &Way,
    halt: usize,
    train: &Pictures,
    test: &Pictures,
    device: &Device,
    told: &(dyn Fn(&str, usize) + Sync),
) -> Result<Outcome> {
    let net = LeNet::drawn(&mut Random::new(seed, WEIGHTS), device);
    let (looks, mut points, mut begin) = (looks(way.updates), Vec::new(), Vec::new());
    let (mut halfway, mut last, mut seen) = (None, Answers::default(), 0);
    learn(net, way, train, Random::new(seed, ORDER), &mut |update| {
        let learn::Update { number, images, loss, net } = update;
        if begin.len() < BEGIN {
            begin.push(digits(loss));
        }
        if looks.binary_search(&number).is_ok() {
            let found = answers(net, test, LOOKED_AT.min(test.count()));
            let (loss, accuracy) = (digits(found.loss()), found.accuracy());
            points.push(Point { updates: number, images, loss, accuracy });
        }
        if number == halt {
            halfway = Some(end(&answers(net, test, test.count())));
        }
        if number == way.updates {
            last = answers(net, test, test.count());
        }
        if number % 50 == 0 || number == way.updates {
            told(&format!("{}, {number} updates", way.name), images - seen);
            seen = images;
        }
        Ok(())
    })?;
    Ok(Outcome { trained: Trained { points, end: end(&last) }, begin, halfway, answers: last })
}

fn end(answers: &Answers) -> End {
    End { loss: digits(answers.loss()), accuracy: answers.accuracy() }
}

/// As many digits as are worth being kept.
fn digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
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
        report.check("updates of an epoch: small batches / large ones", results.fewer, Target::Near(16.0, 0.1));
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
        "large batches with as many updates as small ones: accuracy less that of these, on average",
        summary.longer_ahead.mean,
        Target::AtLeast(-0.01),
    );
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use train::device::DeviceName;

    use super::*;

    #[test]
    fn ways_have_as_many_images_as_they_say() {
        let ways = ways(50_000, 64);
        assert_eq!((ways.small.updates, ways.large.updates, ways.longer.updates), (12_500, 782, 12_500));
        assert_eq!((ways.scaled.rate, ways.large.rate), (0.016, 0.001));
        // Fifteen epochs of 782 batches, and 770 batches of the sixteenth.
        assert_eq!(ways.longer.images, 15 * 50_000 + 770 * 64);
        assert!(looks(12_500).contains(&ways.large.updates));
    }

    /// All of it, small: three ways, one of which is two, and nothing is counted twice.
    #[test]
    fn a_run_is_what_its_ways_say() {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let silhouettes = [Part::Train, Part::Test].map(|part| Silhouettes::built_in(part).unwrap());
        let (ways, work) = (ways(101, 31), AtomicUsize::new(0));
        let count = |_: &str, images: usize| {
            work.fetch_add(images, Ordering::Relaxed);
        };
        let found = run(3, &ways, &silhouettes, [101, 97], &device, &count).unwrap();
        assert_eq!(work.into_inner(), ways.work());
        assert_eq!((ways.small.updates, ways.large.updates), (26, 4));
        let last = |trained: &Trained| trained.points.last().map(|point| (point.updates, point.images));
        assert_eq!(last(&found.small), Some((26, 101)));
        assert_eq!(last(&found.scaled), Some((4, 101)));
        assert_eq!(last(&found.longer), Some((26, ways.longer.images)));
        assert_eq!(found.begin.len(), BEGIN);
        assert!(found.scoring.off() < 1e-12, "{:?}", found.scoring);
        assert!((found.scoring.loss - found.small.end.loss).abs() < 1e-4);
        assert!(found.large != found.longer.end);
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
        for run in &results.runs[..2] {
            let train = silhouettes.pictures(results.small.images, run.seed, TRAIN_IMAGES);
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
        assert_eq!((results.test, results.runs.len()), (Cut::new(TEST, 64), 5));
        assert_eq!(results.ways.longer, ways(50_000, 64).longer);
    }
}

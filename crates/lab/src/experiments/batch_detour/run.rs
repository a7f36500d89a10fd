//! All ways to learn, with one seed.

use anyhow::{Result, anyhow};
use burn::tensor::Device;

use super::counts::Scoring;
use super::learn::{Answers, Job, Point, RATE, Update, Way, answers, learn, looks, side_by_side};
use super::lenet::LeNet;
use super::pictures::{Pictures, Silhouettes};
use super::results::{End, Run, Trained, Ways};
use crate::contract::random::Random;

/// The tutorial's batch.
pub(super) const SMALL: usize = 4;
/// Images of the test, and those of them, the first, that networks are looked at with on their way.
pub(super) const TEST: usize = 10_000;
pub(super) const LOOKED_AT: usize = 500;
/// As many updates as with small batches would take minutes for each seed. So both are compared after the first of so many
/// parts of them.
pub(super) const PARTS: usize = 8;
/// The first losses are kept, so that a test can see whether they still come out.
pub(super) const BEGIN: usize = 6;
/// Streams of random numbers: weights, order, other orders; and from here on a stream for each image.
pub(super) const WEIGHTS: u64 = 0;
pub(super) const ORDER: u64 = 1;
pub(super) const ORDERS: u64 = 2;
pub(super) const TRAIN_IMAGES: u64 = 1 << 32;
pub(super) const TEST_IMAGES: u64 = 1 << 33;

impl Ways {
    /// Images that are seen in all.
    pub(super) fn work(&self) -> usize {
        [&self.small, &self.scaled, &self.longer].into_iter().map(|way| way.images).sum()
    }
}

/// The ways to learn from so many images.
pub(super) fn ways(images: usize, batch: usize) -> Ways {
    let times = batch as f64 / SMALL as f64;
    let (few, many) = (images.div_ceil(batch), images.div_ceil(SMALL));
    // Once through all images at least, since that is where the large batches are looked at.
    let longer = few.max(many.div_ceil(PARTS));
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
        longer: way(format!("batches of {batch}, for longer"), batch, RATE, longer, seen(longer)),
    }
}

/// All ways to learn, with one seed.
pub(super) fn run(
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
    let job = |way: &'_ Way, halt: usize, looks: Vec<usize>| {
        let (way, data, device) = (way.clone(), [&train, &test], device.clone());
        let job = move || trained(seed, &way, (halt, &looks), data, &device, told);
        Box::new(job) as Job<'_, Outcome>
    };
    // The longest first. It is looked at after as many updates as small batches are, to be compared.
    let jobs = vec![
        job(&ways.longer, ways.large.updates, looks(ways.small.updates)),
        job(&ways.small, ways.longer.updates, looks(ways.small.updates)),
        job(&ways.scaled, 0, looks(ways.scaled.updates)),
    ];
    let [longer, small, scaled]: [Outcome; 3] =
        side_by_side(jobs)?.try_into().map_err(|_| anyhow!("three networks were trained"))?;
    let Answers { losses, right } = &small.answers;
    Ok(Run {
        seed,
        scoring: Scoring::new(losses, right, ways.large.batch, &mut Random::new(seed, ORDERS)).shortened(),
        large: longer.halfway.unwrap_or(longer.trained.end),
        small_then: small.halfway.unwrap_or(small.trained.end),
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
    (halt, looks): (usize, &[usize]),
    [train, test]: [&Pictures; 2],
    device: &Device,
    told: &(dyn Fn(&str, usize) + Sync),
) -> Result<Outcome> {
    let net = LeNet::drawn(&mut Random::new(seed, WEIGHTS), device);
    let (mut points, mut begin) = (Vec::new(), Vec::new());
    let (mut halfway, mut last, mut seen) = (None, Answers::default(), 0);
    learn(net, way, train, Random::new(seed, ORDER), &mut |update| {
        let Update { number, images, loss, net } = update;
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

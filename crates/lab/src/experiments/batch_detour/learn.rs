//! How a network learns, in one way or another, and how well it does.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use burn::module::Module;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use rayon::ThreadPoolBuilder;
use serde::{Deserialize, Serialize};

use super::counts::mean;
use super::lenet::LeNet;
use super::pictures::{CLASSES, Pictures};
use crate::contract::random::Random;

/// Images of the test that a network is measured by at once.
const TOGETHER: usize = 64;
/// Looks at a network while the number of its updates doubles.
const LOOKS: i32 = 2;

// ANCHOR: recipe
pub(super) const RATE: f64 = 0.001;
pub(super) const MOMENTUM: f64 = 0.9;

/// Stochastic gradient descent as in PyTorch: what was moved by
/// before, times 0.9, plus the gradient.
fn sgd() -> ModuleOptimizer {
    let config = MomentumConfig::new().with_momentum(MOMENTUM);
    let momentum = config.with_dampening(0.0);
    SgdConfig::new().with_momentum(Some(momentum)).init()
}
// ANCHOR_END: recipe

/// A way to learn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Way {
    pub(super) name: String,
    pub(super) batch: usize,
    pub(super) rate: f64,
    pub(super) updates: usize,
    /// Images seen in so many updates.
    pub(super) images: usize,
}

/// How well a network does at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) updates: usize,
    /// Images that it has seen, some of them more than once.
    pub(super) images: usize,
    /// Mean loss and share of right answers.
    pub(super) loss: f64,
    pub(super) accuracy: f64,
}

/// What a network says to each image of a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answers {
    /// How surprising the right class is, in nats.
    pub(super) losses: Vec<f64>,
    pub(super) right: Vec<bool>,
}

impl Answers {
    pub(super) fn loss(&self) -> f64 {
        mean(&self.losses)
    }

    pub(super) fn accuracy(&self) -> f64 {
        self.right.iter().filter(|&&right| right).count() as f64 / self.right.len() as f64
    }
}

/// The answers to the first images of a test.
pub(super) fn answers(net: &LeNet, test: &Pictures, count: usize) -> Answers {
    let net = net.valid();
    let device = net.devices().into_iter().next().unwrap_or_default();
    let mut answers = Answers::default();
    let all: Vec<usize> = (0..count).collect();
    for which in all.chunks(TOGETHER) {
        let (images, _) = test.batch(which, &device);
        let log_p: Vec<f64> = net.log_probabilities(images).into_data().iter::<f64>().collect();
        for (row, &n) in log_p.chunks(CLASSES).zip(which) {
            let class = usize::from(test.labels[n]);
            answers.losses.push(-row[class]);
            answers.right.push(row.iter().enumerate().all(|(c, value)| c == class || *value < row[class]));
        }
    }
    answers
}

/// The images in an order drawn anew for every epoch, in batches. What is left over at the end of an epoch is a batch of
/// its own.
pub(super) struct Batches {
    order: Vec<usize>,
    next: usize,
    random: Random,
}

impl Batches {
    pub(super) fn new(count: usize, random: Random) -> Self {
        Self { order: (0..count).collect(), next: count, random }
    }

    pub(super) fn next(&mut self, size: usize) -> &[usize] {
        if self.next == self.order.len() {
            (1..self.order.len()).rev().for_each(|n| self.order.swap(n, self.random.below(n + 1)));
            self.next = 0;
        }
        let begin = self.next;
        self.next = self.order.len().min(begin + size);
        &self.order[begin..self.next]
    }
}

/// Numbers of updates at which a network is looked at: so many for every doubling, back from the last.
pub(super) fn looks(updates: usize) -> Vec<usize> {
    let before =
        |k: i32| (updates as f64 * f64::from(-k).exp2().powf(1.0 / f64::from(LOOKS)) - 1e-9).ceil() as usize;
    let mut looks: Vec<usize> = (0..).map(before).take_while(|&look| look >= 4).collect();
    looks.reverse();
    looks
}

/// What happens to a network after an update: the loss of its batch before it, and the network after it.
pub(super) type Told<'a> = dyn FnMut(Update<'_>) -> Result<()> + 'a;

pub(super) struct Update<'a> {
    pub(super) number: usize,
    /// Images seen up to now.
    pub(super) images: usize,
    pub(super) loss: f64,
    pub(super) net: &'a LeNet,
}

// ANCHOR: learn
/// So many updates. After each, `told` is given what came of it.
///
/// # Errors
///
/// If the loss is no number any more, or `told` fails.
pub(super) fn learn(
    mut net: LeNet,
    way: &Way,
    data: &Pictures,
    random: Random,
    told: &mut Told<'_>,
) -> Result<()> {
    let device = net.devices().into_iter().next().unwrap_or_default();
    let mut sgd = sgd();
    let mut batches = Batches::new(data.count(), random);
    let mut seen = 0;
    for number in 1..=way.updates {
        let which = batches.next(way.batch);
        seen += which.len();
        let (images, classes) = data.batch(which, &device);
        let loss = net.loss(images, classes);
        let slopes = loss.backward();
        let gradients = GradientsParams::from_grads(slopes, &net);
        net = sgd.step(way.rate, net, gradients);
        let loss = f64::from(loss.into_scalar::<f32>());
        ensure!(loss.is_finite(), "the loss is {loss}");
        told(Update { number, images: seen, loss, net: &net })?;
    }
    Ok(())
}
// ANCHOR_END: learn

/// What one core can do beside another.
pub(super) type Job<'a, T> = Box<dyn FnOnce() -> Result<T> + Send + 'a>;

/// Carries out jobs, as many at once as there are cores, each on one core: a network of this size is too small to be
/// shared. The results come in the order of the jobs.
///
/// # Errors
///
/// If the system gives no threads, or a job fails.
pub(super) fn side_by_side<T: Send>(jobs: Vec<Job<'_, T>>) -> Result<Vec<T>> {
    let count = jobs.len();
    let waiting = Mutex::new(jobs.into_iter().enumerate().collect::<VecDeque<_>>());
    let results = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<Result<T>>>>());
    let work = || -> Result<()> {
        let core = ThreadPoolBuilder::new().num_threads(1).build().context("cannot start a thread")?;
        loop {
            let Some((n, job)) = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else {
                return Ok(());
            };
            let result = core.install(job);
            results.lock().unwrap_or_else(PoisonError::into_inner)[n] = Some(result);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(count);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let joined =
            handles.into_iter().map(|handle| handle.join().map_err(|_| anyhow!("a job panicked"))?);
        joined.collect::<Result<()>>()
    })?;
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().map(|result| result.context("a job was left out")?).collect()
}

#[cfg(test)]
mod tests {
    use train::data::images::Part;
    use train::device::DeviceName;

    use super::super::pictures::Silhouettes;
    use super::*;

    #[test]
    fn every_epoch_has_every_image_once_and_a_batch_of_what_is_left() {
        let mut batches = Batches::new(23, Random::new(3, 0));
        let mut epochs = Vec::new();
        for _ in 0..3 {
            let sizes_and_images: Vec<Vec<usize>> = (0..4).map(|_| batches.next(7).to_vec()).collect();
            assert_eq!(sizes_and_images.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 2]);
            let order = sizes_and_images.concat();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..23).collect::<Vec<_>>());
            epochs.push(order);
        }
        assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
    }

    #[test]
    fn looks_are_spread_evenly_over_doublings_and_meet() {
        let (many, few) = (looks(12_500), looks(782));
        assert_eq!((*many.last().unwrap(), *few.last().unwrap()), (12_500, 782));
        assert!(many.contains(&782), "where few end, many are looked at: {many:?}");
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]) && many[0] >= 4);
    }

    /// Two updates by hand: the second moves by its gradient and by 0.9 of what the first moved by.
    #[test]
    fn momentum_is_that_of_the_tutorial() {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let mut net = LeNet::drawn(&mut Random::new(1, 0), &device);
        let pictures = Silhouettes::built_in(Part::Test).unwrap().pictures(5, 1, 0);
        let bias = |net: &LeNet| -> Vec<f64> { net.output_bias().into_data().iter::<f64>().collect() };
        let mut sgd = sgd();
        let (mut moved, mut expected) = (vec![0.0; CLASSES], bias(&net));
        for _ in 0..2 {
            let (images, classes) = pictures.batch(&[0, 1, 2, 3, 4], &device);
            let gradients = net.loss(images, classes).backward();
            let slope = net.output_bias().grad(&gradients).unwrap().into_data();
            for ((moved, expected), slope) in moved.iter_mut().zip(&mut expected).zip(slope.iter::<f64>()) {
                *moved = MOMENTUM * *moved + slope;
                *expected -= 0.5 * *moved;
            }
            let gradients = GradientsParams::from_grads(gradients, &net);
            net = sgd.step(0.5, net, gradients);
        }
        for (found, expected) in bias(&net).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_few_images_are_learned_by_heart() {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let pictures = Silhouettes::built_in(Part::Test).unwrap().pictures(7, 2, 0);
        let net = LeNet::drawn(&mut Random::new(5, 0), &device);
        let way = Way { name: "few".to_owned(), batch: 3, rate: 0.02, updates: 150, images: 350 };
        let (mut images, mut last) = (Vec::new(), None);
        learn(net, &way, &pictures, Random::new(5, 1), &mut |update| {
            images.push(update.images);
            last = (update.number == 150).then(|| answers(update.net, &pictures, 7));
            Ok(())
        })
        .unwrap();
        assert_eq!((images[0], images[1], images[2], images[149]), (3, 6, 7, way.images));
        let last = last.unwrap();
        assert!(last.accuracy() == 1.0 && last.loss() < 0.2, "{last:?}");
    }

    #[test]
    fn jobs_come_back_in_their_order_and_errors_are_told() {
        let jobs: Vec<Job<'_, usize>> =
            (0..5_usize).map(|n| Box::new(move || Ok(n * n)) as Job<'_, usize>).collect();
        assert_eq!(side_by_side(jobs).unwrap(), [0, 1, 4, 9, 16]);
        let jobs: Vec<Job<'_, usize>> = vec![Box::new(|| Ok(1)), Box::new(|| anyhow::bail!("no"))];
        assert_eq!(side_by_side(jobs).unwrap_err().to_string(), "no");
    }
}

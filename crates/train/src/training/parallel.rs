//! One step in several shares at once, by Burn's multi-device strategy: every worker computes the gradients of its share
//! on a copy of the model; they are added up on the first device, where the optimiser works.
//!
//! With several devices, each has a worker. A single processor has two that divide its cores: most operations use one
//! core only, so two halves of a batch side by side keep twice as many busy. Their number is fixed, so that the result
//! doesn't depend on how many cores there are.
//!
//! However many workers there are, they divide a batch among them and never make it larger: a run takes the same steps
//! whatever it computes on.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use burn::data::dataloader::{DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, ExecutionError};
use burn_train::train::MultiDevicesTrainStep;
use burn_train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};
use model::dropout;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::trainable::Trainable;
use crate::data::batch::{Batch, mix};
use crate::device;

/// Workers on a processor.
const WORKERS: usize = 2;

/// A batch's share in a step.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) batch: Batch,
    pub(super) pad: usize,
    pub(super) smoothing: f64,
    /// Tokens of the whole step, by which every share is divided.
    pub(super) tokens: f64,
    /// Begins the random numbers of dropout.
    pub(super) seed: u64,
    /// Its place among the shares of a batch.
    pub(super) number: usize,
    /// The cores that it may use; all, if there is no such restriction.
    pub(super) cores: Option<Arc<ThreadPool>>,
}

/// What was lost on a batch: its share of the loss and of the NLL.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub(super) loss: f64,
    pub(super) nll: f64,
    /// Tokens of the batch.
    pub(super) tokens: f64,
    /// Its place among the shares.
    number: usize,
}

impl ItemLazy for Lost {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

/// The gradients of a batch on whatever device the model is on.
pub(super) fn gradients<M: Trainable>(model: &M, work: &Work, device: &Device) -> (GradientsParams, Lost) {
    let compute = || {
        let loss = || model.loss(&work.batch, work.pad, work.smoothing, device);
        let sums = if device::is_processor(device) { dropout::seeded(work.seed, loss) } else { loss() };
        let per_token = |sum: f64| sum / work.tokens;
        let lost = Lost {
            loss: per_token(sums.smoothed.clone().into_scalar()),
            nll: per_token(sums.nll.into_scalar()),
            tokens: sums.tokens.into_scalar(),
            number: work.number,
        };
        (GradientsParams::from_grads((sums.smoothed / work.tokens).backward(), model), lost)
    };
    match &work.cores {
        Some(cores) => cores.install(compute),
        None => compute(),
    }
}

/// A model as Burn's strategy wants it.
#[derive(Module, Debug)]
struct Learner<M: Module> {
    model: M,
}

impl<M: Trainable> TrainStep for Learner<M> {
    type Input = Work;
    type Output = Lost;

    fn step(&self, work: Work) -> TrainOutput<Lost> {
        let device = self.model.devices().into_iter().next().unwrap_or_default();
        let (grads, item) = gradients(&self.model, &work, &device);
        TrainOutput { grads, item }
    }
}

/// Burn's trait bounds ask for it; nothing calls it.
impl<M: Trainable> InferenceStep for Learner<M> {
    type Input = Work;
    type Output = Lost;

    fn step(&self, work: Work) -> Lost {
        let device = self.model.devices().into_iter().next().unwrap_or_default();
        let sums = self.model.loss(&work.batch, work.pad, work.smoothing, &device);
        Lost {
            loss: sums.smoothed.into_scalar(),
            nll: sums.nll.into_scalar(),
            tokens: sums.tokens.into_scalar(),
            number: work.number,
        }
    }
}

/// A loader with one item.
struct Once(Option<Work>);

impl Iterator for Once {
    type Item = Result<Work, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl DataLoaderIterator<Work> for Once {
    fn progress(&self) -> Progress {
        Progress::new(1, 1, None)
    }
}

/// Workers, with a thread each.
pub(super) struct Team<M: Trainable> {
    devices: Vec<Device>,
    /// Where one processor has several workers: the cores of each.
    cores: Vec<Arc<ThreadPool>>,
    workers: MultiDevicesTrainStep<Learner<M>>,
}

impl<M: Trainable> Team<M> {
    /// Workers for several devices, or for one that is a processor; a single other device needs none.
    ///
    /// # Errors
    ///
    /// If the system gives no threads.
    pub(super) fn new(devices: &[Device]) -> Result<Option<Self>> {
        let mut devices = devices.to_vec();
        let mut cores = Vec::new();
        if let [only] = devices.as_slice() {
            if !device::is_processor(only) {
                return Ok(None);
            }
            let threads = (device::cores() / WORKERS).max(1);
            let pool = || ThreadPoolBuilder::new().num_threads(threads).build().map(Arc::new);
            cores = (0..WORKERS).map(|_| pool()).collect::<Result<_, _>>().context("cannot start threads")?;
            devices = vec![only.clone(); WORKERS];
        }
        Ok(Some(Self { workers: MultiDevicesTrainStep::new(&devices), devices, cores }))
    }

    /// Whether they are on several devices, of which one can fail without the others.
    pub(super) fn has_several_devices(&self) -> bool {
        self.cores.is_empty()
    }

    /// The gradients of a batch in shares, one for each worker, on the first device.
    pub(super) fn gradients(&self, model: &M, work: &Work) -> Result<Vec<(GradientsParams, Lost)>> {
        self.compute(model, self.divided(work))
    }

    /// A batch as a share for each worker.
    fn divided(&self, work: &Work) -> Vec<Work> {
        let share = |(number, batch): (usize, Batch)| Work {
            batch,
            seed: mix(work.seed, number),
            number,
            cores: self.cores.get(number).cloned(),
            ..work.clone()
        };
        work.batch.divided(self.devices.len()).into_iter().enumerate().map(share).collect()
    }

    fn compute(&self, model: &M, work: Vec<Work>) -> Result<Vec<(GradientsParams, Lost)>> {
        let mut loaders: Vec<Box<dyn DataLoaderIterator<Work>>> = Vec::new();
        let mut work = work.into_iter();
        for _ in &self.devices {
            loaders.push(Box::new(Once(work.next())));
        }
        let learner = Learner { model: model.clone() };
        let (outputs, _) = self
            .workers
            .step(&mut loaders, &learner)
            .map_err(|error| anyhow!("{}", error.to_string().replace('\n', " ")))?;
        let home = &self.devices[0];
        let brought = outputs.into_iter().map(|output| {
            let TrainOutput { grads, item } = output.output;
            (grads.to_device(home, model), item)
        });
        let mut found: Vec<_> = brought.collect();
        // They come in the order in which they are done, but sums of more than two depend on the order.
        found.sort_by_key(|(_, lost)| lost.number);
        Ok(found)
    }
}

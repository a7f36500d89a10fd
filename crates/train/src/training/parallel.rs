//! One step on several devices at once, by Burn's multi-device strategy: every device computes the gradients of its
//! batch on a copy of the model; they are added up on the first device, where the optimiser works.

use anyhow::{Result, anyhow};
use burn::data::dataloader::{DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, ExecutionError};
use burn_train::train::MultiDevicesTrainStep;
use burn_train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};

use super::{Batch, Trainable};

/// A batch's share in a step.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) batch: Batch,
    pub(super) pad: usize,
    pub(super) smoothing: f64,
    /// Tokens of the whole step, by which every share is divided.
    pub(super) tokens: f64,
}

/// What was lost on a batch: its share of the loss and of the NLL.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub(super) loss: f64,
    pub(super) nll: f64,
    /// Tokens of the batch.
    pub(super) tokens: f64,
}

impl ItemLazy for Lost {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

/// The gradients of a batch on whatever device the model is on.
pub(super) fn gradients<M: Trainable>(model: &M, work: &Work, device: &Device) -> (GradientsParams, Lost) {
    let sums = model.loss(&work.batch, work.pad, work.smoothing, device);
    let per_token = |sum: f64| sum / work.tokens;
    let lost = Lost {
        loss: per_token(sums.smoothed.clone().into_scalar()),
        nll: per_token(sums.nll.into_scalar()),
        tokens: sums.tokens.into_scalar(),
    };
    (GradientsParams::from_grads((sums.smoothed / work.tokens).backward(), model), lost)
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

/// Several devices with a thread each.
pub(super) struct Team<M: Trainable> {
    devices: Vec<Device>,
    workers: MultiDevicesTrainStep<Learner<M>>,
}

impl<M: Trainable> Team<M> {
    pub(super) fn new(devices: &[Device]) -> Self {
        Self { devices: devices.to_vec(), workers: MultiDevicesTrainStep::new(devices) }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.devices.len()
    }

    /// The gradients of at most as many batches as there are devices, each on its own; they come to the first device.
    pub(super) fn gradients(&self, model: &M, work: Vec<Work>) -> Result<Vec<(GradientsParams, Lost)>> {
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
        Ok(brought.collect())
    }
}

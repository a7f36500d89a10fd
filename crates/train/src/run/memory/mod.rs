//! How much memory a run needs, reckoned before any of it is taken.
//!
//! The system gives more memory than there is, and then ends the program without a word. So a run that surely doesn't
//! fit is refused by name at its beginning. What is reckoned is the most that the program will have resident. Of thirty
//! runs on Flex and NdArray, those that took more than 300 MB took between 1 / 1.3 and 1.5 times as much. So a run is refused
//! only if there is less than what is reckoned divided by [`MARGIN`].

mod batch;
mod parameters;

use std::fmt;

use anyhow::{Result, bail};

pub(crate) use self::parameters::parameters;
use super::config::{ModelConfig, RunConfig, Task};
use crate::device::DeviceName;
use crate::device::memory::{Bound, Room, room};
use crate::words::bytes;

/// How far from what is needed the reckoning may be, as a factor, either way.
pub(crate) const MARGIN: f64 = 1.5;

/// The program itself, its libraries and threads, in bytes.
const PROGRAM: u128 = 80_000_000;
/// Bytes for each parameter of a model that is trained: the weights, two moments, the gradients of two workers and their
/// sum, and, while a checkpoint is written, the files of the weights and of the optimiser.
const TRAINED: u128 = 58;
/// The same for each worker beyond two.
const WORKER: u128 = 6;
/// The same for the gradients of the parts before, where a step has several.
const SUM: u128 = 4;
/// Bytes for each parameter of a model that is used: what was read from its file, and what it becomes.
const USED: u128 = 8;
/// The same while a model of another program is taken over: names and layouts are changed in between.
const IMPORTED: u128 = 12;
/// Workers that share a processor.
const WORKERS: usize = 2;

/// Memory that something needs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// Parameters of the model: not bytes, but how many.
    pub(crate) parameters: u128,
    /// Of the model, and of all that has a number for each parameter.
    pub(crate) model: u128,
    /// Of the batch that takes most.
    pub(crate) batch: u128,
    way_out: &'static str,
}

/// What can still be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Everything: the run is about to begin.
    New,
    /// Nothing that decides how much memory is needed.
    Begun,
}

impl Need {
    /// What training a run needs on the devices of these names; None where they have memory of their own.
    #[must_use]
    pub(crate) fn to_train(config: &RunConfig, names: &[DeviceName], stage: Stage) -> Option<Self> {
        let training = config.training.as_ref()?;
        if !names.iter().all(DeviceName::is_in_memory) {
            return None;
        }
        let parameters = parameters(&config.model);
        let further = names.len().saturating_sub(WORKERS) as u128;
        let sum = if training.accumulate > 1 { SUM } else { 0 };
        let model = parameters * (TRAINED + WORKER * further + sum);
        let fused = kernels::enabled() && names.iter().all(|name| *name == DeviceName::Flex);
        let batch = batch::of_run(config, training, fused);
        let way_out = match (stage, &config.task) {
            (Stage::Begun, _) => "free some, or go on where there is more",
            (Stage::New, _) if model > batch => {
                "make the model smaller: --layers, --d-model, --d-ff or --vocab"
            }
            (Stage::New, Task::Lm(_)) => "make a batch smaller: --batch-tokens or --context",
            (Stage::New, Task::Translate(_)) => "make a batch smaller: --batch-tokens or --max-length",
            (Stage::New, _) => {
                "make a batch smaller: --batch-size or --length, or give it more parts: --accumulate"
            }
        };
        Some(Self { parameters, model, batch, way_out })
    }

    /// What loading a model needs, and answering with as few as one sequence of those that it was trained on.
    #[must_use]
    pub(crate) fn to_use(config: &RunConfig) -> Self {
        let parameters = parameters(&config.model);
        let length = match config.task.trained() {
            Task::Copy(task) => task.length,
            Task::Translate(task) => task.length.min(batch::SENTENCE),
            Task::Lm(task) => task.length,
            Task::Imported { .. } | Task::Average { .. } => 1,
        } as u128;
        let (model, batch) = (parameters * USED, batch::of_cache(&config.model, length));
        Self { parameters, model, batch, way_out: "free some, or use it where there is more" }
    }

    /// What taking over the weights of another program needs.
    #[must_use]
    pub(crate) fn to_import(model: &ModelConfig) -> Self {
        let parameters = parameters(model);
        Self {
            parameters,
            model: parameters * IMPORTED,
            batch: 0,
            way_out: "free some, or do it where there is more",
        }
    }

    /// All of it.
    #[must_use]
    pub(crate) fn bytes(&self) -> u128 {
        PROGRAM + self.model + self.batch
    }

    /// Makes sure that there is so much.
    ///
    /// # Errors
    ///
    /// If there surely isn't.
    pub(crate) fn check(&self) -> Result<()> {
        room().map_or(Ok(()), |room| self.fits(room))
    }

    fn fits(&self, room: Room) -> Result<()> {
        if self.bytes() as f64 <= room.bytes as f64 * MARGIN {
            return Ok(());
        }
        bail!("{self}, but {}; {}", told(room), self.way_out)
    }
}

/// "this needs about 44 GB of memory (32 GB for the model, 12 GB for a batch)"
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [all, model, batch] = [self.bytes(), self.model, self.batch].map(bytes);
        write!(f, "this needs about {all} of memory ({model} for the model, {batch} for a batch)")
    }
}

/// What there is, and by what.
#[must_use]
pub(crate) fn told(room: Room) -> String {
    let found = bytes(room.bytes.into());
    match room.bound {
        Bound::Machine => format!("{found} are free"),
        Bound::ControlGroup => format!("{found} are left of what its control group may have"),
        Bound::AddressSpace => format!("{found} are left of what `ulimit -v` allows"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(model: u128) -> Need {
        Need { parameters: model / TRAINED, model, batch: 2_000_000_000, way_out: "make the model smaller" }
    }

    #[test]
    fn what_surely_does_not_fit_is_refused_with_both_figures_and_a_way_out() {
        let room = Room { bytes: 7_900_000_000, bound: Bound::Machine };
        let message = need(42_000_000_000).fits(room).unwrap_err().to_string();
        let expected = "this needs about 44 GB of memory (42 GB for the model, 2.0 GB for a batch), but 7.9 GB are \
                        free; make the model smaller";
        assert_eq!(message, expected);
        let bounded = |bound| need(42_000_000_000).fits(Room { bound, ..room }).unwrap_err().to_string();
        assert!(bounded(Bound::ControlGroup).contains("control group"));
        assert!(bounded(Bound::AddressSpace).contains("`ulimit -v`"));
    }

    #[test]
    fn what_may_fit_is_tried() {
        let need = need(4_000_000_000);
        let least = (need.bytes() as f64 / MARGIN) as u64;
        let fits = |bytes| need.fits(Room { bytes, bound: Bound::Machine }).is_ok();
        assert!(fits(least + 1) && fits(u64::MAX) && !fits(least - 1) && !fits(0));
    }
}

//! Trains whatever a run folder is about.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;

use super::harness::{Training, guarded};
use super::{copy, lm, translate};
use crate::run::checkpoint::Checkpoint;
use crate::run::config::{RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::state::State;
use crate::run::weights;
use crate::training::optimiser::adam;
use crate::training::trainable::Trainable;
use crate::training::trainer::Trainer;

/// Trains what is in a run folder, from a checkpoint or from the beginning.
///
/// # Errors
///
/// If the run folder can't be written, a device fails, or training goes wrong.
pub(crate) fn train<W: Write>(
    mut training: Training<'_, W>,
    from: Option<(Checkpoint, State)>,
) -> Result<ExitCode> {
    let Training { folder, config, devices, .. } = training;
    guarded(folder, || match &config.task {
        Task::Copy(task) => {
            let trainer =
                trainer(folder, config, |device| Ok(config.transformer()?.init(device)?), from, devices)?;
            copy::run(&mut training, *task, trainer)
        }
        Task::Translate(task) => {
            let trainer =
                trainer(folder, config, |device| Ok(config.transformer()?.init(device)?), from, devices)?;
            translate::run(&mut training, task, trainer)
        }
        Task::Lm(task) => {
            let trainer =
                trainer(folder, config, |device| Ok(config.language_model()?.init(device)?), from, devices)?;
            lm::run(&mut training, task, trainer)
        }
        Task::Imported { .. } | Task::Average { .. } => {
            bail!("{} was not trained here", folder.path().display())
        }
    })
}

fn trainer<M: Trainable>(
    folder: &RunFolder,
    config: &RunConfig,
    init: impl FnOnce(&Device) -> Result<M>,
    from: Option<(Checkpoint, State)>,
    devices: &[Device],
) -> Result<Trainer<M>> {
    let training = config.training.as_ref().context("the run was not trained here")?;
    let sizes = (config.model.d_model(), config.model.pad());
    let Some((checkpoint, state)) = from else { return Trainer::new(init, training, sizes, devices) };
    let model = init(&devices[0].clone().autodiff())?;
    let what = checkpoint.weights_file().display().to_string();
    let model = weights::fill(model, checkpoint.weights()?, &what)?;
    folder.check_logs(&state)?;
    Trainer::resume(model, checkpoint.optimiser(adam())?, state, training, sizes, devices)
}

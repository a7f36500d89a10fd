//! Trains whatever a run folder is about.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;

use super::again::watch;
use super::harness::{Training, guarded};
use super::vocabularies::settled;
use super::{copy, lm, translate};
use crate::run::checkpoint::Checkpoint;
use crate::run::config::{RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::state::State;
use crate::run::training::Init;
use crate::run::weights;
use crate::training::optimiser::adam_of;
use crate::training::trainable::Trainable;
use crate::training::trainer::Trainer;

/// Trains what is in a run folder, from a checkpoint or from the beginning.
///
/// # Errors
///
/// If the run folder can't be written, a device fails, or training goes wrong.
pub(crate) fn train<W: Write>(
    training: Training<'_, W>,
    from: Option<(Checkpoint, State)>,
) -> Result<ExitCode> {
    let Training { folder, config, .. } = training;
    let again = training.again.clone();
    watch(folder, again.clone());
    let trained = guarded(folder, || {
        let config = &settled(folder, config)?;
        train_settled(Training { config, ..training }, from)
    });
    trained.map_err(|error| again.after(error))
}

/// The same of a run whose vocabularies are there, with a model of their size.
fn train_settled<W: Write>(
    mut training: Training<'_, W>,
    from: Option<(Checkpoint, State)>,
) -> Result<ExitCode> {
    let Training { folder, config, devices, .. } = training;
    let transformer = |device: &Device| Ok(config.transformer()?.init(device)?);
    let of_run = |run: &RunFolder, device: &Device| run.model(config, device);
    match &config.task {
        Task::Copy(task) => {
            let trainer = trainer(folder, config, (transformer, of_run), from, devices)?;
            copy::run(&mut training, *task, trainer)
        }
        Task::Translate(task) => {
            let trainer = trainer(folder, config, (transformer, of_run), from, devices)?;
            translate::run(&mut training, task, trainer)
        }
        Task::Lm(task) => {
            let new = |device: &Device| Ok(config.language_model()?.init(device)?);
            let of_run = |run: &RunFolder, device: &Device| run.language_model(config, device);
            let trainer = trainer(folder, config, (new, of_run), from, devices)?;
            lm::run(&mut training, task, trainer)
        }
        Task::Imported { .. } | Task::Average { .. } => {
            bail!("{} was not trained here", folder.path().display())
        }
    }
}

/// A model from a checkpoint, or with the weights of the run that training begins with, or a new one.
fn trainer<M: Trainable>(
    folder: &RunFolder,
    config: &RunConfig,
    (new, of_run): (impl FnOnce(&Device) -> Result<M>, impl FnOnce(&RunFolder, &Device) -> Result<M>),
    from: Option<(Checkpoint, State)>,
    devices: &[Device],
) -> Result<Trainer<M>> {
    let training = config.training.as_ref().context("the run was not trained here")?;
    let sizes = (config.model.d_model(), config.model.pad());
    let device = devices[0].clone().autodiff();
    let Some((checkpoint, state)) = from else {
        let Some(run) = training.init.as_ref().map(Init::folder).transpose()?.flatten() else {
            return Trainer::new(new, training, sizes, devices);
        };
        let model = of_run(&run, &device)?;
        return Trainer::resume(model, adam_of(&training.adam), State::default(), training, sizes, devices);
    };
    let model = new(&device)?;
    let what = checkpoint.weights_file().display().to_string();
    let model = weights::fill(model, checkpoint.weights()?, &what)?;
    folder.check_logs(&state)?;
    Trainer::resume(model, checkpoint.optimiser(adam_of(&training.adam))?, state, training, sizes, devices)
}

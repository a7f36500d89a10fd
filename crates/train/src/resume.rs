//! `train resume`: goes on with a run that was stopped, or killed, whatever it is about.

use std::io::Write;
use std::panic;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;

use crate::checkpoint::{self, Checkpoint};
use crate::dashboard::Dashboard;
use crate::device::{DeviceName, joined, open_all, split};
use crate::run_config::{RunConfig, Task};
use crate::run_folder::RunFolder;
use crate::training::{
    Ending, Examiner, Session, Source, State, Trainable, Trainer, TrainingConfig, stop_on_ctrl_c,
};
use crate::{copy, lm, translate, weights};

/// What may change when a run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, clap::Args)]
pub struct Change {
    /// Steps in all.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Minutes of training in all.
    #[arg(long)]
    pub minutes: Option<f64>,
    /// Times through the data in all.
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Go on from the checkpoint of this step instead of the newest.
    #[arg(long, value_name = "STEP")]
    pub from: Option<usize>,
}

/// Goes on with the run in a folder.
///
/// # Errors
///
/// If there is nothing to go on with, or it is damaged.
pub fn resume(
    path: &Path,
    change: &Change,
    names: &[DeviceName],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let folder = RunFolder::open_to_resume(path)?;
    let _lock = folder.lock()?;
    let mut config = folder.config()?;
    let shown = path.display();
    let mut training = config.training.clone().with_context(|| format!("{shown} was not trained here"))?;
    training.steps = change.steps.or(training.steps);
    training.minutes = change.minutes.or(training.minutes);
    training.epochs = change.epochs.or(training.epochs);
    let names = match (names, &config.device) {
        ([], Some(recorded)) => split(recorded)?,
        (names, _) => names.to_vec(),
    };
    let devices = open_all(&names)?;
    let device = &devices[0];
    let (checkpoint, state) = checkpoint::find(&folder.checkpoints(), change.from)?;
    let done = training.done(state.step, state.seconds, state.position.epoch as f64);
    ensure!(done < 1.0, "{}", finished(&folder, &training, &state));
    if change.from.is_some() {
        let later = Checkpoint::list(&folder.checkpoints())?.into_iter().filter(|c| c.step > state.step);
        later.into_iter().try_for_each(|later| later.remove())?;
    }
    config.training = Some(training);
    config.device = Some(joined(&names));
    config.validate()?;
    folder.write_config(&config)?;
    drop(_lock);
    match config.task.clone() {
        Task::Copy(task) => {
            let model = config.transformer()?.init(&device.clone().autodiff())?;
            let trainer = restored(&config, model, &checkpoint, state, &devices)?;
            copy::command::run(&folder, task, trainer, device, output)
        }
        Task::Translate(task) => {
            let model = config.transformer()?.init(&device.clone().autodiff())?;
            let trainer = restored(&config, model, &checkpoint, state, &devices)?;
            translate::run(&folder, &config, &task, trainer, device, output)
        }
        Task::Lm(task) => {
            let model = config.language_model()?.init(&device.clone().autodiff())?;
            let trainer = restored(&config, model, &checkpoint, state, &devices)?;
            lm::run(&folder, &config, &task, trainer, device, output)
        }
        Task::Imported { .. } | Task::Average { .. } => bail!("{shown} was not trained here"),
    }
}

fn finished(folder: &RunFolder, training: &TrainingConfig, state: &State) -> String {
    let path = folder.path().display();
    match training.steps {
        Some(steps) => format!(
            "{path} has done {} of {steps} steps; give --steps with more than {} to go on",
            state.step, state.step
        ),
        None => format!("{path} is complete; give more --steps, --minutes or --epochs to go on"),
    }
}

fn restored<M: Trainable>(
    config: &RunConfig,
    model: M,
    checkpoint: &Checkpoint,
    state: State,
    devices: &[Device],
) -> Result<Trainer<M>> {
    let what = checkpoint.weights_file().display().to_string();
    let model = weights::fill(model, checkpoint.weights()?, &what)?;
    let training = config.training.as_ref().context("the run was not trained here")?;
    let sizes = (config.model.d_model(), config.model.pad());
    Ok(Trainer::resume(model, checkpoint.optimiser()?, state, training, sizes, devices))
}

/// Devices fail by panicking: a peer goes away, memory runs out. What was saved is still there then.
fn guarded<T>(folder: &RunFolder, train: impl FnOnce() -> Result<T>) -> Result<T> {
    let reason = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&reason);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let mut reason = noted.lock().unwrap_or_else(PoisonError::into_inner);
        if reason.is_empty() {
            *reason = info.payload_as_str().unwrap_or("no reason given").to_owned();
        }
    }));
    let result = panic::catch_unwind(panic::AssertUnwindSafe(train));
    panic::set_hook(hook);
    result.unwrap_or_else(|_| {
        let reason = reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let last = Checkpoint::list(&folder.checkpoints())?.pop();
        let path = folder.path().display();
        let next = last.map_or("no checkpoint was saved before".to_owned(), |last| {
            format!("the checkpoint of step {} is saved; go on with: train resume {path}", last.step)
        });
        bail!("the device has failed: {reason}; {next}")
    })
}

/// Trains to the end, with everything that all tasks have in common, and tells how it went.
pub(crate) fn carry_out<M: Trainable, S: Source, E: Examiner<M>>(
    folder: &RunFolder,
    trainer: Trainer<M>,
    source: S,
    examiner: E,
    guessing: f64,
    output: &mut impl Write,
) -> Result<(Trainer<M>, Ending)> {
    let _lock = folder.lock()?;
    let run = folder.path().display();
    let before = trainer.state().step;
    let stop = stop_on_ctrl_c()?;
    let dashboard = Dashboard::open(&format!("training {run}"), false, stop.clone())?;
    let started = Instant::now();
    let session = Session { trainer, source, examiner, folder, dashboard, stop, guessing };
    let (trainer, ending) = guarded(folder, || session.run())?;
    let (done, seconds) = (trainer.state().step, started.elapsed().as_secs_f64());
    writeln!(output, "trained {} steps in {seconds:.1} s; the run is in {run}", done - before)?;
    match ending {
        Ending::Complete => {}
        Ending::Patience => writeln!(output, "ended early: the last evaluations were no better")?,
        Ending::Stopped => writeln!(output, "stopped after step {done}; go on with: train resume {run}")?,
    }
    Ok((trainer, ending))
}

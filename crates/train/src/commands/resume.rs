//! `train resume`: goes on with a run that was stopped, or killed, whatever it is about.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use super::dry_run::{About, dry_run};
use super::settings::changed;
use crate::cli::flags::{Change, Look};
use crate::data::corpus::{Corpus, Split};
use crate::data::dataset::{Store, Vocabularies, content, origin};
use crate::data::vocabulary::Vocabulary;
use crate::device::{DeviceName, joined, open_all, split};
use crate::run::checkpoint::{self, Checkpoint};
use crate::run::config::{CorpusTask, RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::memory::{Need, Stage};
use crate::run::schedule::Schedule;
use crate::run::state::State;
use crate::run::training::TrainingConfig;
use crate::run::vocabularies;
use crate::tasks::again::Again;
use crate::tasks::harness::Training;
use crate::tasks::train::train;
use crate::words::counted;

/// The settings of a run with what is to change.
fn applied(change: &Change, training: &TrainingConfig) -> Result<TrainingConfig> {
    let Change { end, step, .. } = change;
    let mut changed = training.clone();
    if end.is_given() {
        (changed.steps, changed.minutes, changed.epochs) = (end.steps, end.minutes, end.epochs);
    }
    changed.clip = step.clip.or(changed.clip);
    changed.patience = step.patience.or(changed.patience);
    let (rate, new_rate, warmup) = match &mut changed.schedule {
        Schedule::Noam { factor, warmup } => {
            ensure!(step.lr.is_none(), "--lr is for a cosine, but the run has noam; give --lr-factor");
            (factor, step.lr_factor, warmup)
        }
        Schedule::Cosine { peak, warmup } => {
            ensure!(step.lr_factor.is_none(), "--lr-factor is for noam, but the run has a cosine; give --lr");
            (peak, step.lr, warmup)
        }
    };
    *rate = new_rate.unwrap_or(*rate);
    *warmup = step.warmup.unwrap_or(*warmup);
    Ok(changed)
}

/// Goes on with the run in a folder. One that is finished is none that failed: whoever starts this again and again until
/// it succeeds comes to an end.
///
/// # Errors
///
/// If there is nothing to go on with, or it is damaged.
pub(crate) fn resume(
    path: &Path,
    change: &Change,
    look: Look,
    names: &[DeviceName],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let folder = RunFolder::open_to_resume(path)?.locked()?;
    let Going { training, names, config, found } = Going::of(&folder, change, names)?;
    if let Some((_, state)) = &found
        && is_over(&training, state)
    {
        folder.check_logs(state)?;
        // It may have been killed before its last checkpoint was put to use.
        let is_new = change.from.is_none() && folder.settle(state, &training)?;
        let used = is_new.then(|| folder.step()).transpose()?;
        writeln!(output, "{}", finished(path, &training, state, used))?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = with_corpus(&folder, config, change, found.is_some())?;
    Need::to_train(&config, &names, Stage::Begun).map_or(Ok(()), |need| need.check())?;
    let display = look.display();
    let again = Again::new(path, look.retry, &names, display);
    let devices = open_all(&names).map_err(|error| again.the_same(error))?;
    folder.write_config(&config)?;
    train(Training { folder: &folder, config: &config, devices: &devices, display, again, output }, found)
}

/// Tells what [`resume`] would do, and changes nothing. Whoever trains there is not disturbed.
///
/// # Errors
///
/// If there is nothing to go on with, it is damaged, or there is not enough memory.
pub(crate) fn dry_resume(
    path: &Path,
    change: &Change,
    names: &[DeviceName],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let folder = RunFolder::open_to_resume(path)?;
    folder.check_unused()?;
    let Going { training, names, config, found } = Going::of(&folder, change, names)?;
    let state = found.as_ref().map(|(_, state)| state);
    if let Some(state) = state.filter(|state| is_over(&training, state)) {
        writeln!(output, "{}", finished(path, &training, state, None))?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = &with_corpus(&folder, config, change, found.is_some())?;
    let settings = folder.settings()?.map(|text| changed(&text, &training)).unwrap_or_default();
    let need = Need::to_train(config, &names, Stage::Begun);
    dry_run(&About { settings: &settings, config, need, state }, output)
}

/// A run that is to go on: how, on what, as what, and where from.
struct Going {
    training: TrainingConfig,
    names: Vec<DeviceName>,
    /// With this training, on these devices.
    config: RunConfig,
    found: Option<(Checkpoint, State)>,
}

impl Going {
    fn of(folder: &RunFolder, change: &Change, names: &[DeviceName]) -> Result<Self> {
        let (mut config, path) = (folder.config()?, folder.path());
        refuse_other_weights(path, &config)?;
        let before = config.training.as_ref();
        let before = before.with_context(|| format!("{} was not trained here", path.display()))?;
        let training = applied(change, before)?;
        let names = match (names, &config.device) {
            ([], Some(recorded)) => split(recorded)?,
            (names, _) => names.to_vec(),
        };
        let found = checkpoint::find(&folder.checkpoints(), change.from)?;
        config.training = Some(training.clone());
        config.device = Some(joined(&names));
        config.validate()?;
        Ok(Self { training, names, config, found })
    }
}

/// What the run is, with its corpus where it is now.
fn with_corpus(
    folder: &RunFolder,
    config: RunConfig,
    change: &Change,
    has_checkpoint: bool,
) -> Result<RunConfig> {
    let path = folder.path();
    ensure!(
        has_checkpoint || !folder.holds_results()?,
        "{} holds no checkpoint, so there is nothing to go on from",
        folder.checkpoints().display()
    );
    let task = match &change.corpus {
        Some(place) => moved(folder, &config, place)?,
        None => config.task.with_corpus(|task| task.found(&task.open(path)?, path))?,
    };
    Ok(RunConfig { task, ..config })
}

/// Says how to train on from weights that nothing here was trained to.
fn refuse_other_weights(path: &Path, config: &RunConfig) -> Result<()> {
    let (what, command) = match (&config.task, config.task.trained()) {
        (Task::Average { .. }, task) => ("is a mean of checkpoints", task.name()),
        (Task::Imported { .. }, _) => ("was imported", "translate"),
        _ => return Ok(()),
    };
    let path = path.display();
    bail!(
        "{path} was not trained here but {what}, and has no optimiser to go on with; to train a new run that begins with \
         its weights: train {command} --init-from {path} --out RUN"
    )
}

/// What the run is about, with the corpus where it is now.
fn moved(folder: &RunFolder, config: &RunConfig, place: &Path) -> Result<Task> {
    let (run, name) = (folder.path().display(), config.task.name());
    let task = config.task.corpus();
    let task =
        task.with_context(|| format!("--corpus is of no use: {run} is about {name:?}, which has none"))?;
    let corpus = Corpus::open(place)?;
    ensure!(
        is_same(folder, config, task, &corpus)?,
        "--corpus {}: this is another corpus than that which {run} learns from; to train its model on another one, \
         train {name} --init-from {run}",
        place.display()
    );
    config.task.with_corpus(|task| task.found(&corpus, folder.path()))
}

/// Whether a corpus is the one that a run learns from: by what is in it, or, of a run that an older version began, by what
/// it was encoded to.
fn is_same(folder: &RunFolder, config: &RunConfig, task: &CorpusTask, corpus: &Corpus) -> Result<bool> {
    if let Some(known) = &task.content {
        return Ok(content(corpus)? == *known);
    }
    let path = folder.encoded(Split::Train.name());
    let Some(known) = Store::origin(&path) else { return Ok(corpus.info().name == task.corpus) };
    let Vocabularies { source, target } = vocabularies::open(folder, config)?;
    let all: &[&Vocabulary] = match &config.task {
        Task::Lm(_) => &[&target],
        _ => &[&source, &target],
    };
    Ok(origin(corpus, Split::Train, all, task.length)? == known)
}

fn is_over(training: &TrainingConfig, state: &State) -> bool {
    !state.due && training.done(state.step, state.seconds, state.position.epoch as f64) >= 1.0
}

/// What to say of a run that is over, and how to go on with it.
fn finished(path: &Path, training: &TrainingConfig, state: &State, used: Option<usize>) -> String {
    let (path, step) = (path.display(), state.step);
    let done = match training.steps {
        Some(steps) if steps == step => format!("{step} of {}", counted(steps, "step")),
        _ => counted(step, "step"),
    };
    let used = used.map(|used| format!("; its model is now that of step {used}")).unwrap_or_default();
    let is_by_steps = training.minutes.is_none() && training.epochs.is_none();
    let others = if is_by_steps { "" } else { ", or more --minutes or --epochs" };
    format!(
        "{path} is finished: it has done {done}{used}; to go on, give --steps with more than {step}{others}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::flags::{EndFlags, StepFlags};
    use crate::run::adam::AdamConfig;
    use crate::run::training::Interval;

    fn training(schedule: Schedule) -> TrainingConfig {
        TrainingConfig {
            steps: Some(6),
            minutes: None,
            epochs: None,
            evaluate: Interval::Steps(3),
            batch_size: 12,
            accumulate: 1,
            schedule,
            adam: AdamConfig::default(),
            init: None,
            label_smoothing: 0.1,
            clip: None,
            patience: None,
            keep_best: 0,
            keep_last: 1,
            seed: 5,
        }
    }

    #[test]
    fn a_finished_run_says_how_far_it_is_and_how_to_go_on() {
        let training = training(Schedule::Noam { factor: 1.0, warmup: 10 });
        let told = |step, training: &TrainingConfig, used| {
            finished(Path::new("run"), training, &State { step, ..State::default() }, used)
        };
        let way_on = |step: usize| format!("to go on, give --steps with more than {step}");
        let expected = format!("run is finished: it has done 6 of 6 steps; {}", way_on(6));
        assert_eq!(told(6, &training, None), expected);
        let expected =
            format!("run is finished: it has done 8 steps; its model is now that of step 4; {}", way_on(8));
        assert_eq!(told(8, &training, Some(4)), expected);
        let timed = TrainingConfig { minutes: Some(0.5), ..training };
        let expected =
            format!("run is finished: it has done 1 step; {}, or more --minutes or --epochs", way_on(1));
        assert_eq!(told(1, &timed, None), expected);
    }

    #[test]
    fn what_is_said_changes_and_the_rest_does_not() {
        let noam = training(Schedule::Noam { factor: 1.0, warmup: 10 });
        let steps = |step: StepFlags| Change { step, ..Change::default() };
        assert_eq!(applied(&Change::default(), &noam).unwrap(), noam);
        let change = steps(StepFlags {
            clip: Some(1.0),
            patience: Some(2),
            lr_factor: Some(0.5),
            ..StepFlags::default()
        });
        let expected = TrainingConfig {
            clip: Some(1.0),
            patience: Some(2),
            schedule: Schedule::Noam { factor: 0.5, warmup: 10 },
            ..noam.clone()
        };
        assert_eq!(applied(&change, &noam).unwrap(), expected);
        let end = EndFlags { minutes: Some(2.0), ..EndFlags::default() };
        let ended = applied(&Change { end, ..Change::default() }, &noam).unwrap();
        assert_eq!((ended.steps, ended.minutes, ended.epochs), (None, Some(2.0), None));
        let cosine = training(Schedule::Cosine { peak: 0.1, warmup: 10 });
        let change = steps(StepFlags { lr: Some(0.2), warmup: Some(3), ..StepFlags::default() });
        let schedule = applied(&change, &cosine).unwrap().schedule;
        assert_eq!(schedule, Schedule::Cosine { peak: 0.2, warmup: 3 });
        let message = applied(&change, &noam).unwrap_err().to_string();
        assert!(message.contains("give --lr-factor"), "{message}");
        let change = steps(StepFlags { lr_factor: Some(0.2), ..StepFlags::default() });
        let message = applied(&change, &cosine).unwrap_err().to_string();
        assert!(message.contains("give --lr"), "{message}");
    }
}

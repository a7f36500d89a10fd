//! The loop: steps, evaluations and checkpoints until training ends.
//!
//! Before the model is evaluated, a checkpoint is saved that says so, and afterwards another. Whenever the program is
//! stopped or killed, the run goes on from the newest one as if nothing had happened.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use super::examiner::{Examined, Examiner};
use super::progress::{self, Progress};
use super::stop::Stop;
use super::trainable::Trainable;
use super::trainer::Trainer;
use crate::data::batch::{Batch, Position, Source};
use crate::run::checkpoint::Checkpoint;
use crate::run::folder::RunFolder;
use crate::run::metrics::{Evaluation, Line, Log, Record, Timing};
use crate::run::state::{Measured, State};
use crate::run::training::Interval;

/// A loss so many times that of guessing says that training has gone wrong.
const EXPLODED: f64 = 10.0;

/// Steps of so many seconds of training are lost at most, however rarely the model is evaluated.
pub const AT_RISK: f64 = 300.0;

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps are done, or the time is over.
    Complete,
    /// Evaluations have stopped to improve.
    Patience,
    /// It was asked to stop; the run can go on later.
    Stopped,
}

/// Training in progress.
pub struct Session<'a, M: Trainable, S, E, P> {
    /// The model.
    pub trainer: Trainer<M>,
    /// Where batches come from.
    pub source: S,
    /// What evaluates.
    pub examiner: E,
    /// Where everything is kept.
    pub folder: &'a RunFolder,
    /// Is told how it goes.
    pub progress: P,
    /// Asks to stop.
    pub stop: Arc<Stop>,
    /// What guessing among all tokens would lose, in nats.
    pub guessing: f64,
    /// Seconds of training that may be lost, usually [`AT_RISK`].
    pub at_risk: f64,
}

/// What a session keeps track of.
struct Notes {
    metrics: Log,
    timings: Log,
    /// Seconds of training and target tokens at the last line of the timings.
    timed: (f64, u64),
    /// Where the last step began in the data.
    at: Position,
    /// Seconds of training at the last checkpoint.
    saved: f64,
    /// The last checkpoint, if it was saved between two evaluations: the next one takes its place.
    between: Option<Checkpoint>,
    /// Checkpoints of steps that are taken anew. They go when there is a new one; until then, nothing is changed.
    later: Vec<Checkpoint>,
}

impl Notes {
    /// Notes how fast training was since the last time.
    fn time(&mut self, state: &State) -> Result<()> {
        let (seconds, tokens) = (state.seconds - self.timed.0, state.target_tokens - self.timed.1);
        self.timed = (state.seconds, state.target_tokens);
        let tokens_per_s = tokens as f64 / seconds.max(1e-9);
        self.timings.add(&Timing { step: state.step, minutes: state.seconds / 60.0, tokens_per_s })
    }

    fn sync(&self) -> Result<()> {
        self.metrics.sync()?;
        self.timings.sync()
    }

    /// From here on the run is what this session makes of it. What was just saved stays.
    fn replace_later(&mut self, saved: Option<&Checkpoint>) -> Result<()> {
        self.later.retain(|later| Some(later) != saved);
        self.later.drain(..).try_for_each(|later| later.remove())?;
        self.metrics.publish()?;
        self.timings.publish()
    }
}

impl<M: Trainable, S: Source, E: Examiner<M>, P: Progress> Session<'_, M, S, E, P> {
    /// Trains until the end, saving at every evaluation and at the very end.
    ///
    /// # Errors
    ///
    /// If the run folder can't be written, or training has gone wrong; then the last checkpoint is still there.
    pub fn run(mut self) -> Result<(Trainer<M>, Ending)> {
        let mut notes = self.begin()?;
        let mut due = Due::new(self.trainer.config().evaluate, &self.trainer);
        let ending = loop {
            match self.ended() {
                Some(ending) => break ending,
                None if self.trainer.state.due => self.evaluate(&mut notes)?,
                None => {
                    self.step(&mut notes)?;
                    if due.is_now(&self.trainer) || self.is_complete() {
                        self.trainer.state.due = true;
                        notes.time(&self.trainer.state)?;
                        self.save(&mut notes)?; // However long the evaluation takes, these steps are safe.
                    } else if self.trainer.state.seconds - notes.saved >= self.at_risk {
                        notes.between = Some(self.save(&mut notes)?);
                    }
                }
            }
        };
        if self.stop.has_unsaved() {
            self.save(&mut notes)?;
            self.settle()?;
        }
        Ok((self.trainer, ending))
    }

    /// Saves a checkpoint of a new run, so that it can be resumed from its first moment on, and finishes what a program
    /// that was killed after it had saved one did not come to.
    fn begin(&mut self) -> Result<Notes> {
        let (folder, state) = (self.folder.checkpoints(), &self.trainer.state);
        let all = Checkpoint::list(&folder)?;
        if all.is_empty() {
            Checkpoint::save(&folder, &self.trainer.trained(), &self.trainer.optimiser, state)?;
        }
        let later: Vec<_> = all.into_iter().filter(|found| found.step > state.step).collect();
        if later.is_empty() && !state.due {
            self.folder.settle(state, self.trainer.config())?;
        }
        let mut notes = Notes {
            metrics: Log::open(&self.folder.metrics(), state, state.metrics.as_ref())?,
            timings: Log::open(&self.folder.timings(), state, state.timings.as_ref())?,
            timed: (state.seconds, state.target_tokens),
            at: state.position,
            saved: state.seconds,
            between: None,
            later,
        };
        if notes.later.is_empty() {
            notes.replace_later(None)?;
        }
        self.source.seek(state.position);
        Ok(notes)
    }

    fn step(&mut self, notes: &mut Notes) -> Result<()> {
        let started = Instant::now();
        notes.at = self.source.position();
        let count = self.trainer.parts();
        let parts = (0..count).map(|_| self.source.next()).collect::<Result<Vec<_>>>()?;
        let record = self.attempt(&parts, notes)?;
        let Record { step, loss, nll, gradient_norm, .. } = record;
        let good = (loss + gradient_norm).is_finite() && nll < EXPLODED * self.guessing;
        if !good {
            let what = format!("the loss is {loss}, the norm of the gradients {gradient_norm}");
            return Err(self.gone_wrong(step, notes.at, &what));
        }
        self.stop.set_unsaved(true);
        self.trainer.state.position = self.source.position();
        self.trainer.state.epochs = self.source.epochs();
        let seconds = started.elapsed().as_secs_f64();
        self.trainer.state.seconds += seconds;
        self.progress.step(&progress::Step {
            step,
            loss,
            nll,
            lr: record.lr,
            gradient_norm,
            noise_scale: record.noise_scale,
            tokens_per_s: record.tokens as f64 / seconds,
            padding: record.padding,
            done: self.done(),
        });
        notes.metrics.add(&Line::Step(record))
    }

    /// A step of the trainer. If one of several devices fails, what the first one holds is saved.
    fn attempt(&mut self, parts: &[Batch], notes: &mut Notes) -> Result<Record> {
        let before = self.trainer.state.clone();
        let step = panic::catch_unwind(AssertUnwindSafe(|| self.trainer.step(parts)));
        let has_failed = !matches!(step, Ok(Ok(_)));
        if has_failed && self.trainer.has_several_devices() && self.stop.has_unsaved() {
            self.trainer.state = before;
            self.save(notes)?;
        }
        let step = step.unwrap_or_else(|panic| panic::resume_unwind(panic));
        step.map_err(|error| self.folder.device_failed(&format!("{error:#}")))
    }

    /// What to say when training has gone wrong in a step, which began at a position.
    fn gone_wrong(&self, step: usize, at: Position, what: &str) -> anyhow::Error {
        let all = Checkpoint::list(&self.folder.checkpoints()).unwrap_or_default();
        let last = all.last().map_or("no checkpoint was saved before".to_owned(), |last| {
            format!("the last good checkpoint is that of step {}", last.step)
        });
        let (Position { epoch, block, batch }, run) = (at, self.folder.path().display());
        anyhow!(
            "training has gone wrong in step {step} (epoch {}, block {block}, batch {batch}): {what}; {last}; go on from \
             it with: train resume {run} --clip 1, or with a lower --lr-factor or --lr, or a longer --warmup",
            epoch + 1
        )
    }

    fn done(&self) -> f64 {
        let state = &self.trainer.state;
        self.trainer.config().done(state.step, state.seconds, state.epochs)
    }

    fn is_complete(&self) -> bool {
        self.done() >= 1.0
    }

    fn ended(&self) -> Option<Ending> {
        let stopped = self.stop.is_asked().then_some(Ending::Stopped);
        let (state, config) = (&self.trainer.state, self.trainer.config());
        if state.due {
            return stopped; // If it isn't stopped, there is an evaluation to do.
        }
        let evaluations = &state.evaluations;
        let best = (0..evaluations.len()).min_by(|&a, &b| evaluations[a].nll.total_cmp(&evaluations[b].nll));
        let without = best.map_or(0, |best| evaluations.len() - 1 - best);
        if self.is_complete() {
            Some(Ending::Complete)
        } else if config.patience.is_some_and(|patience| without >= patience) {
            Some(Ending::Patience)
        } else {
            stopped
        }
    }

    fn evaluate(&mut self, notes: &mut Notes) -> Result<()> {
        let Examined { nll, bleu, samples } = self.examiner.examine(&self.trainer.trained())?;
        let (step, target_tokens) = (self.trainer.state.step, self.trainer.state.target_tokens);
        if !nll.is_finite() || nll >= EXPLODED * self.guessing {
            // The checkpoint that was saved before the evaluation is no good one.
            let saved = Checkpoint::list(&self.folder.checkpoints())?;
            saved.iter().filter(|found| found.step == step).try_for_each(Checkpoint::remove)?;
            let what = format!("the validation NLL after it is {nll}");
            return Err(self.gone_wrong(step, notes.at, &what));
        }
        notes.metrics.add(&Line::Evaluation(Evaluation { step, target_tokens, valid_nll: nll, bleu }))?;
        self.trainer.state.evaluations.push(Measured { step, nll });
        self.trainer.state.due = false;
        self.progress.evaluation(&progress::Evaluation { step, nll, bleu, samples });
        self.save(notes)?;
        self.settle()
    }

    /// Saves a checkpoint, with all that it refers to on the disk before.
    fn save(&self, notes: &mut Notes) -> Result<Checkpoint> {
        let (model, state) = (self.trainer.trained(), &self.trainer.state);
        if !is_finite(&model) {
            let what = "its update has left weights that are no finite numbers";
            return Err(self.gone_wrong(state.step, notes.at, what));
        }
        notes.sync()?;
        let folder = self.folder.checkpoints();
        let (metrics, timings) = (Some(notes.metrics.written()), Some(notes.timings.written()));
        let state = &State { metrics, timings, ..state.clone() };
        let saved = Checkpoint::save(&folder, &model, &self.trainer.optimiser, state)?;
        self.stop.set_unsaved(false);
        notes.replace_later(Some(&saved))?;
        notes.saved = state.seconds;
        match notes.between.take() {
            Some(between) if between != saved => between.remove()?,
            _ => {}
        }
        Ok(saved)
    }

    /// Makes the best checkpoint's weights those to use, and removes the checkpoints that are not kept.
    fn settle(&mut self) -> Result<()> {
        let state = &self.trainer.state;
        self.folder.settle(state, self.trainer.config())?;
        self.progress.note(&format!("saved the checkpoint of step {}", state.step));
        Ok(())
    }
}

/// Whether all weights are finite: an update can break them though the loss before it was one.
fn is_finite<M: Module>(model: &M) -> bool {
    struct Check(bool);
    impl ModuleVisitor for Check {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0 = self.0 && param.val().abs().sum().into_scalar::<f32>().is_finite();
        }
    }
    let mut check = Check(true);
    model.visit(&mut check);
    check.0
}

/// When the next evaluation is due.
struct Due {
    every: Interval,
    next: f64,
}

impl Due {
    fn new<M: Trainable>(every: Interval, trainer: &Trainer<M>) -> Self {
        let mut due = Self { every, next: 0.0 };
        due.advance(trainer);
        due
    }

    fn at<M: Trainable>(&self, trainer: &Trainer<M>) -> (f64, f64) {
        match self.every {
            Interval::Steps(steps) => (trainer.state.step as f64, steps as f64),
            Interval::Minutes(minutes) => (trainer.state.seconds / 60.0, minutes),
        }
    }

    fn advance<M: Trainable>(&mut self, trainer: &Trainer<M>) {
        let (now, every) = self.at(trainer);
        self.next = ((now / every + 1e-9).floor() + 1.0) * every;
    }

    fn is_now<M: Trainable>(&mut self, trainer: &Trainer<M>) -> bool {
        let now = self.at(trainer).0 >= self.next;
        if now {
            self.advance(trainer);
        }
        now
    }
}

#[cfg(test)]
mod tests;

//! The loop: steps, evaluations and checkpoints until training ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::metrics::Log;
use super::{Evaluation, Examined, Examiner, Interval, Line, Record, Source, Timing, Trainable, Trainer};
use crate::checkpoint::Checkpoint;
use crate::dashboard::{self, Dashboard};
use crate::run_folder::RunFolder;

/// A loss so many times that of guessing says that training has gone wrong.
const EXPLODED: f64 = 10.0;

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
pub struct Session<'a, M: Trainable, S, E> {
    /// The model.
    pub trainer: Trainer<M>,
    /// Where batches come from.
    pub source: S,
    /// What evaluates.
    pub examiner: E,
    /// Where everything is kept.
    pub folder: &'a RunFolder,
    /// Shows how it goes.
    pub dashboard: Dashboard,
    /// Asks to stop.
    pub stop: Arc<AtomicBool>,
    /// What guessing among all tokens would lose, in nats.
    pub guessing: f64,
}

impl<M: Trainable, S: Source, E: Examiner<M>> Session<'_, M, S, E> {
    /// Trains until the end, saving at every evaluation and at the very end.
    ///
    /// # Errors
    ///
    /// If the run folder can't be written, or training has gone wrong; then the last checkpoint is still there.
    pub fn run(mut self) -> Result<(Trainer<M>, Ending)> {
        let first = self.trainer.state.step;
        let mut metrics = Log::open(&self.folder.metrics(), first)?;
        let mut timings = Log::open(&self.folder.timings(), first)?;
        Checkpoint::tidy(&self.folder.checkpoints());
        self.source.seek(self.trainer.state.position);
        let mut due = Due::new(self.trainer.config().evaluate, &self.trainer);
        let mut since = (Instant::now(), self.trainer.state.target_tokens);
        let mut saved = None;
        let ending = loop {
            if let Some(ending) = self.ended() {
                break ending;
            }
            let record = self.step(&mut metrics)?;
            if due.is_now(&self.trainer) || self.is_complete() {
                self.evaluate(&mut metrics)?;
                self.time(&mut timings, &mut since, record.step)?;
                self.save()?;
                saved = Some(record.step);
            }
        };
        if saved != Some(self.trainer.state.step) && self.trainer.state.step > first {
            self.save()?;
        }
        self.dashboard.close();
        Ok((self.trainer, ending))
    }

    fn step(&mut self, metrics: &mut Log) -> Result<Record> {
        let started = Instant::now();
        let position = self.source.position();
        let count = self.trainer.parts();
        let parts = (0..count).map(|_| self.source.next()).collect::<Result<Vec<_>>>()?;
        let record = self.trainer.step(&parts, position.epoch as f64)?;
        let good = (record.loss + record.gradient_norm).is_finite() && record.nll < EXPLODED * self.guessing;
        if !good {
            let Record { step, loss, gradient_norm, epoch, .. } = record;
            let last = Checkpoint::list(&self.folder.checkpoints())?.pop();
            let last = last.map_or("no checkpoint was saved before".to_owned(), |last| {
                format!("the last good checkpoint is that of step {}", last.step)
            });
            let (block, batch) = (position.block, position.batch);
            bail!(
                "training has gone wrong in step {step} (epoch {epoch}, block {block}, batch {batch}): the loss is \
                 {loss}, the norm of the gradients {gradient_norm}; {last}; try a lower --lr-factor or --lr, a longer \
                 --warmup, or --clip 1"
            );
        }
        self.trainer.state.position = self.source.position();
        let seconds = started.elapsed().as_secs_f64();
        self.trainer.state.seconds += seconds;
        metrics.add(&Line::Step(record.clone()))?;
        self.dashboard.step(&dashboard::Step {
            step: record.step,
            loss: record.loss,
            nll: record.nll,
            lr: record.lr,
            gradient_norm: record.gradient_norm,
            noise_scale: record.noise_scale,
            tokens_per_s: record.tokens as f64 / seconds,
            padding: record.padding,
            done: self.done(),
        });
        Ok(record)
    }

    fn done(&self) -> f64 {
        let state = &self.trainer.state;
        self.trainer.config().done(state.step, state.seconds, state.position.epoch as f64)
    }

    fn is_complete(&self) -> bool {
        self.done() >= 1.0
    }

    fn ended(&self) -> Option<Ending> {
        let evaluations = &self.trainer.state.evaluations;
        let best = (0..evaluations.len()).min_by(|&a, &b| evaluations[a].1.total_cmp(&evaluations[b].1));
        let without = best.map_or(0, |best| evaluations.len() - 1 - best);
        if self.is_complete() {
            Some(Ending::Complete)
        } else if self.trainer.config().patience.is_some_and(|patience| without >= patience) {
            Some(Ending::Patience)
        } else {
            self.stop.load(Ordering::Relaxed).then_some(Ending::Stopped)
        }
    }

    fn evaluate(&mut self, metrics: &mut Log) -> Result<()> {
        let Examined { nll, bleu, samples } = self.examiner.examine(&self.trainer.trained())?;
        let (step, target_tokens) = (self.trainer.state.step, self.trainer.state.target_tokens);
        metrics.add(&Line::Evaluation(Evaluation { step, target_tokens, valid_nll: nll, bleu }))?;
        self.trainer.state.evaluations.push((step, nll));
        self.dashboard.evaluation(&dashboard::Evaluation { step, nll, bleu, samples });
        Ok(())
    }

    fn time(&self, timings: &mut Log, since: &mut (Instant, u64), step: usize) -> Result<()> {
        let tokens = self.trainer.state.target_tokens;
        let tokens_per_s = (tokens - since.1) as f64 / since.0.elapsed().as_secs_f64();
        *since = (Instant::now(), tokens);
        timings.add(&Timing { step, minutes: self.trainer.state.seconds / 60.0, tokens_per_s })
    }

    /// Saves a checkpoint, makes the best one's weights those to use, and removes the checkpoints that are not kept.
    fn save(&mut self) -> Result<()> {
        let Trainer { optimiser, state, .. } = &self.trainer;
        let folder = self.folder.checkpoints();
        Checkpoint::save(&folder, &self.trainer.trained(), optimiser, state)?;
        let all = Checkpoint::list(&folder)?;
        let config = self.trainer.config();
        let kept = kept(&all, &state.evaluations, config.keep_best, config.keep_last);
        let chosen = if config.keep_best > 0 { kept.first() } else { kept.last() };
        if let Some(chosen) = chosen {
            self.folder.choose(chosen)?;
        }
        all.iter().filter(|found| !kept.contains(found)).try_for_each(Checkpoint::remove)?;
        self.dashboard.note(&format!("saved the checkpoint of step {}", state.step));
        Ok(())
    }
}

/// The checkpoints to keep: first the best ones, the very best before the others, then the last ones.
fn kept<'a>(
    all: &'a [Checkpoint],
    evaluations: &[(usize, f64)],
    best: usize,
    last: usize,
) -> Vec<&'a Checkpoint> {
    let nll =
        |found: &Checkpoint| evaluations.iter().rev().find(|(step, _)| *step == found.step).map(|e| e.1);
    let mut by_nll: Vec<(f64, &Checkpoint)> =
        all.iter().filter_map(|found| Some((nll(found)?, found))).collect();
    by_nll.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut kept: Vec<&Checkpoint> = by_nll.into_iter().take(best).map(|(_, found)| found).collect();
    for found in &all[all.len().saturating_sub(last)..] {
        if !kept.contains(&found) {
            kept.push(found);
        }
    }
    kept
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

/// What a program stopped by Ctrl-C returns by convention: 128 + SIGINT.
pub const STOPPED: u8 = 130;

/// A flag that Ctrl-C sets: the current step is finished and saved. A second Ctrl-C ends the program at once.
///
/// # Errors
///
/// If the system refuses.
pub fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            dashboard::restore();
            std::process::exit(i32::from(STOPPED));
        }
    };
    ctrlc::set_handler(handler).context("cannot listen to Ctrl-C")?;
    Ok(stop)
}

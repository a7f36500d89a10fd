//! Progress of training: a bar on a terminal, a line an epoch anywhere else.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::training::Record;

/// Shows how far training is, on standard error.
pub struct Progress {
    bar: Option<ProgressBar>,
    total: usize,
    started: Instant,
}

impl Progress {
    /// Starts after `done` of `total` steps.
    #[must_use]
    pub fn new(done: usize, total: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total as u64).with_position(done as u64);
            let template = "{bar:24} {pos}/{len} steps  {msg}  {eta} left";
            bar.with_style(
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        });
        if let Some(bar) = &bar {
            bar.reset_eta();
        }
        Self { bar, total, started: Instant::now() }
    }

    /// Shows a step.
    pub fn step(&mut self, record: &Record) {
        let message = describe(record);
        match &self.bar {
            Some(bar) => {
                bar.set_message(message);
                bar.set_position(record.step as u64);
            }
            None => {
                if let Some(validation) = record.validation_nll {
                    let seconds = self.started.elapsed().as_secs_f64();
                    let Self { total, .. } = self;
                    eprintln!(
                        "epoch {}  step {}/{total}  {message}  validation NLL {validation:.4}  {seconds:.1} s",
                        record.epoch, record.step
                    );
                }
            }
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn describe(record: &Record) -> String {
    let Record { loss, nll, lr, tokens_per_s, .. } = record;
    format!("loss {loss:.4}  NLL {nll:.4}  lr {lr:.2e}  {tokens_per_s:.0} tokens/s")
}

//! One line on standard error that tells how far an experiment is.

use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Where standard error is no terminal, there is a line this often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// Into so many parts a bar is divided.
const PARTS: f64 = 1_000.0;

/// How far an experiment is: a bar on a terminal, a line now and then anywhere else.
#[derive(Debug)]
pub struct Progress {
    name: &'static str,
    bar: Option<ProgressBar>,
    /// When there was a line, where there is no bar.
    last: Mutex<Option<Instant>>,
}

impl Progress {
    /// Begins at nothing.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(PARTS as u64).with_message("begins");
            let style = ProgressStyle::with_template("{prefix}: {percent:>3} % {bar:24} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.with_prefix(name)
        });
        Self { name, bar, last: Mutex::new(None) }
    }

    /// Says which share of the whole is done, from 0 to 1, and what is being done.
    pub fn at(&self, share: f64, what: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position((share.clamp(0.0, 1.0) * PARTS) as u64);
            bar.set_message(what.to_owned());
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= BETWEEN_LINES) {
            *last = Some(Instant::now());
            // If nobody listens, the experiment goes on.
            let _ = writeln!(stderr(), "{}: {:.0} %, {what}", self.name, 100.0 * share);
        }
    }
}

/// The bar goes; what was found out takes its place.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

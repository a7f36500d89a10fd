//! What the user sees.

use std::time::{Duration, Instant};

use console::style;
use indicatif::{ProgressBar, ProgressStyle};

/// A step that is under way: a spinner with a name, then a line with the time it took.
pub(crate) struct Step {
    name: String,
    started: Instant,
    spinner: ProgressBar,
}

/// Starts a step.
pub(crate) fn step(name: &str) -> Step {
    let spinner = ProgressBar::new_spinner().with_message(name.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {msg} {elapsed:.dim}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    Step { name: name.to_owned(), started: Instant::now(), spinner }
}

impl Step {
    /// Says how far it is.
    pub(crate) fn at(&self, state: &str) {
        self.spinner.set_message(format!("{}: {state}", self.name));
    }

    /// Ends the step; `result` says what came of it.
    pub(crate) fn done(self, result: &str) {
        self.spinner.finish_and_clear();
        let time = seconds(self.started.elapsed());
        eprintln!("{} {}: {result} {}", style("✓").green().bold(), self.name, style(time).dim());
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.spinner.finish_and_clear();
    }
}

/// An error, with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("{} {error:#}", style("error:").red().bold());
}

/// A duration, as precise as is of use.
pub(crate) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:02.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!(seconds(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }
}

//! What training shows while it runs: a screen on a terminal, plain lines anywhere else.
//!
//! Everything goes to standard error, so that standard output can be sent elsewhere. The training loop only notes
//! numbers; a thread of its own draws them, so that no terminal, however slow, holds training up.

mod screen;
mod state;
mod view;

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

pub(crate) use screen::restore;

use screen::{Lost, Screen};
use state::State;

use crate::training::examiner::Sample;
use crate::training::progress::{Evaluation, Progress, Step};
use crate::training::stop::Stop;

/// Where there is no screen, steps are reported this often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// Where there is no screen, an evaluation shows this many samples.
const SAMPLES_IN_LINES: usize = 3;

/// The texts of a sample, with what to call them.
fn texts(sample: &Sample) -> impl Iterator<Item = (&'static str, String)> {
    let texts = [
        ("source", sample.source.as_ref()),
        ("reference", sample.reference.as_ref()),
        ("output", Some(&sample.output)),
    ];
    texts.into_iter().filter_map(|(name, text)| Some((name, state::printable(text?))))
}

/// Where training is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Display {
    /// On a screen, if standard error is a terminal that can show one; else in lines.
    #[default]
    Screen,
    /// In lines.
    Plain,
}

/// Shows training on standard error until it is closed or dropped.
#[derive(Debug)]
pub(crate) struct Dashboard {
    state: Arc<Mutex<State>>,
    stop: Arc<Stop>,
    screen: Option<Screen>,
    last_line: Option<Instant>,
}

impl Dashboard {
    /// Opens a screen, or else there will be lines. On the screen, q and Ctrl-C ask to `stop`.
    ///
    /// # Errors
    ///
    /// If the terminal refuses the screen.
    pub(crate) fn open(title: &str, display: Display, stop: Arc<Stop>) -> Result<Self> {
        let state = Arc::new(Mutex::new(State::new(title)));
        let screen = display == Display::Screen && std::io::stderr().is_terminal() && screen::is_possible();
        let screen = screen.then(|| Screen::open(&state, &stop)).transpose()?;
        let dashboard = Self { state, stop, screen, last_line: None };
        if dashboard.screen.is_none() {
            print(&state::printable(title));
        }
        Ok(dashboard)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is there a screen? One that was put away for the message of a panic is opened again: since training goes on,
    /// the panic was caught, as those of kernels that a GPU rejects during tuning are.
    fn on_screen(&mut self) -> bool {
        if self.screen.as_ref().is_some_and(|screen| !screen.is_open())
            && self.screen.take().map(Screen::close) == Some(Lost::ToPanic)
        {
            self.screen = Screen::open(&self.state, &self.stop).ok();
        }
        self.screen.is_some()
    }
}

impl Progress for Dashboard {
    /// Shows a step. This costs microseconds: the screen is redrawn at most ten times a second and by another thread,
    /// and lines come at most every ten seconds.
    fn step(&mut self, step: &Step) {
        self.state().step(step);
        if self.on_screen() || self.last_line.is_some_and(|last| last.elapsed() < BETWEEN_LINES) {
            return;
        }
        self.last_line = Some(Instant::now());
        let line = self.state().step_line();
        print(&line);
    }

    /// Shows an evaluation.
    fn evaluation(&mut self, evaluation: &Evaluation) {
        self.state().evaluation(evaluation);
        if !self.on_screen() {
            let line = self.state().evaluation_line();
            print(&line);
            for sample in evaluation.samples.iter().take(SAMPLES_IN_LINES) {
                texts(sample).for_each(|(name, text)| print(&format!("  {name:<9}  {text}")));
            }
        }
    }

    /// Shows something that happened, such as "saved checkpoint 500".
    fn note(&mut self, text: &str) {
        let text = state::printable(text);
        self.state().note(&text);
        if !self.on_screen() {
            print(&text);
        }
    }
}

/// Gives the terminal back, and leaves the last numbers on it.
impl Drop for Dashboard {
    fn drop(&mut self) {
        if let Some(screen) = self.screen.take() {
            screen.close();
            let lines = self.state().last_lines();
            lines.iter().for_each(|line| print(line));
        }
    }
}

/// Writes a line. A standard error that is closed is no reason to end training, so `eprintln!`, which panics, won't do.
fn print(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_a_screen() {
        let mut dashboard = Dashboard::open("copy\u{1b}[2J", Display::Plain, Arc::default()).unwrap();
        assert!(!dashboard.on_screen());
        dashboard.step(&Step { step: 1, loss: f64::NAN, done: 0.5, ..Step::default() });
        dashboard.evaluation(&Evaluation {
            step: 1,
            samples: vec![Sample::default()],
            ..Evaluation::default()
        });
        dashboard.note("saved checkpoint 1");
        let state = dashboard.state().clone();
        let line = state.step_line();
        assert!(line.starts_with("step 1 (50.0 %)  loss NaN  NLL 0  "), "{line}");
        assert!(line.contains("  padding 0.0 %  ") && !line.contains("noise"), "{line}");
        dashboard.step(&Step { padding: 0.125, noise_scale: Some(12_345.0), ..Step::default() });
        let line = dashboard.state().step_line();
        assert!(line.contains("  padding 12.5 %  noise scale 12345  "), "{line}");
        assert_eq!(state.last_lines().len(), 3);
        drop(dashboard);
    }

    #[test]
    fn texts_of_a_sample_are_safe_to_print() {
        let sample =
            Sample { source: None, reference: Some("a\nb".into()), output: "\u{1b}[31mred\u{7}".into() };
        let texts: Vec<_> = texts(&sample).collect();
        assert_eq!(texts, [("reference", "a b".into()), ("output", " [31mred ".into())]);
    }
}

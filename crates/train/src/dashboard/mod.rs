//! What training shows while it runs: a screen on a terminal, plain lines anywhere else.
//!
//! Everything goes to standard error, so that standard output can be sent elsewhere. The training loop only notes
//! numbers; a thread of its own draws them, so that no terminal, however slow, holds training up.

mod screen;
mod state;
mod stop;
mod view;

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

pub use screen::restore;
pub use stop::Stop;

use screen::{Lost, Screen};
use state::State;

/// Where there is no screen, steps are reported this often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// Where there is no screen, an evaluation shows this many samples.
const SAMPLES_IN_LINES: usize = 3;

/// Numbers of one step, as shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Steps taken since training began, from one.
    pub step: usize,
    /// What was minimised, per token.
    pub loss: f64,
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// Learning rate.
    pub lr: f64,
    /// Norm of all gradients together, before clipping.
    pub gradient_norm: f64,
    /// Gradient noise scale, if it is known.
    pub noise_scale: Option<f64>,
    /// Target tokens a second.
    pub tokens_per_s: f64,
    /// Share of the batch that is padding, from 0 to 1.
    pub padding: f64,
    /// Share of the whole run that is done, from 0 to 1.
    pub done: f64,
}

/// How good the model is on data that it is not trained on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// Steps taken before it.
    pub step: usize,
    /// Negative log-likelihood per token, in nats.
    pub nll: f64,
    /// BLEU, from 0 to 100, if outputs were compared with references.
    pub bleu: Option<f64>,
    /// Some of what the model wrote.
    pub samples: Vec<Sample>,
}

/// Something that the model wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// What it was given to read.
    pub source: Option<String>,
    /// What it should have written.
    pub reference: Option<String>,
    /// What it wrote.
    pub output: String,
}

impl Sample {
    /// Its texts, with what to call them.
    fn texts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let texts = [
            ("source", self.source.as_ref()),
            ("reference", self.reference.as_ref()),
            ("output", Some(&self.output)),
        ];
        texts.into_iter().filter_map(|(name, text)| Some((name, state::printable(text?))))
    }
}

/// Shows training on standard error until it is closed or dropped.
#[derive(Debug)]
pub struct Dashboard {
    state: Arc<Mutex<State>>,
    stop: Arc<Stop>,
    screen: Option<Screen>,
    last_line: Option<Instant>,
}

impl Dashboard {
    /// Opens a screen if standard error is a terminal that can show one and `plain` isn't asked for; otherwise there
    /// will be lines. On the screen, q and Ctrl-C ask to `stop`.
    ///
    /// # Errors
    ///
    /// If the terminal refuses the screen.
    pub fn open(title: &str, plain: bool, stop: Arc<Stop>) -> Result<Self> {
        let state = Arc::new(Mutex::new(State::new(title)));
        let screen = !plain && std::io::stderr().is_terminal() && screen::is_possible();
        let screen = screen.then(|| Screen::open(&state, &stop)).transpose()?;
        let dashboard = Self { state, stop, screen, last_line: None };
        if dashboard.screen.is_none() {
            print(&state::printable(title));
        }
        Ok(dashboard)
    }

    /// Shows a step. This costs microseconds: the screen is redrawn at most ten times a second and by another thread,
    /// and lines come at most every ten seconds.
    pub fn step(&mut self, step: &Step) {
        self.state().step(step);
        if self.on_screen() || self.last_line.is_some_and(|last| last.elapsed() < BETWEEN_LINES) {
            return;
        }
        self.last_line = Some(Instant::now());
        let line = self.state().step_line();
        print(&line);
    }

    /// Shows an evaluation.
    pub fn evaluation(&mut self, evaluation: &Evaluation) {
        self.state().evaluation(evaluation);
        if !self.on_screen() {
            let line = self.state().evaluation_line();
            print(&line);
            for sample in evaluation.samples.iter().take(SAMPLES_IN_LINES) {
                sample.texts().for_each(|(name, text)| print(&format!("  {name:<9}  {text}")));
            }
        }
    }

    /// Shows something that happened, such as "saved checkpoint 500".
    pub fn note(&mut self, text: &str) {
        let text = state::printable(text);
        self.state().note(&text);
        if !self.on_screen() {
            print(&text);
        }
    }

    /// Gives the terminal back, and leaves the last numbers on it. Dropping the dashboard does the same.
    pub fn close(self) {}

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
        let mut dashboard = Dashboard::open("copy\u{1b}[2J", true, Arc::default()).unwrap();
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
        dashboard.close();
    }

    #[test]
    fn texts_of_a_sample_are_safe_to_print() {
        let sample =
            Sample { source: None, reference: Some("a\nb".into()), output: "\u{1b}[31mred\u{7}".into() };
        let texts: Vec<_> = sample.texts().collect();
        assert_eq!(texts, [("reference", "a b".into()), ("output", " [31mred ".into())]);
    }
}

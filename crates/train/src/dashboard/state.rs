//! What is known of a run, and how its numbers are written.

use std::time::{Duration, Instant};

use crate::training::progress::{Evaluation, Step};

/// Points that a curve keeps at most: more than a terminal has columns of dots.
const POINTS: usize = 1024;

/// A curve over steps. When it is full, neighbours are averaged, so a run of any length fits.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    points: Vec<(f64, f64)>,
    /// How many values the next point is the mean of, the sums of their steps and of themselves, and how many are in.
    stride: usize,
    sums: (f64, f64),
    summed: usize,
}

impl Default for Curve {
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1, sums: (0.0, 0.0), summed: 0 }
    }
}

impl Curve {
    /// Adds a value; one that is no number is left out. Values beyond ±1e30 are drawn there, where arithmetic with
    /// them can't overflow.
    pub(super) fn push(&mut self, step: usize, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.sums = (self.sums.0 + step as f64, self.sums.1 + value.clamp(-1e30, 1e30));
        self.summed += 1;
        if self.summed < self.stride {
            return;
        }
        let count = self.summed as f64;
        self.points.push((self.sums.0 / count, self.sums.1 / count));
        (self.sums, self.summed) = ((0.0, 0.0), 0);
        if self.points.len() == POINTS {
            let mean = |pair: &[(f64, f64)]| {
                (f64::midpoint(pair[0].0, pair[1].0), f64::midpoint(pair[0].1, pair[1].1))
            };
            self.points = self.points.chunks_exact(2).map(mean).collect();
            self.stride *= 2;
        }
    }

    /// The points at or after a step.
    pub(super) fn since(&self, step: f64) -> &[(f64, f64)] {
        &self.points[self.points.partition_point(|point| point.0 < step)..]
    }
}

/// All that is shown. It is cloned for every frame, so that drawing doesn't hold up training.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) title: String,
    started: Instant,
    /// When the first step was done, and the share of the run done by then: before it, compilers and caches warm up.
    first: Option<(Instant, f64)>,
    pub(super) step: Option<Step>,
    pub(super) evaluation: Option<Evaluation>,
    pub(super) note: String,
    pub(super) loss: Curve,
    pub(super) nll: Curve,
    pub(super) validation: Curve,
    pub(super) lr: Curve,
    pub(super) gradient_norm: Curve,
    pub(super) tokens_per_s: Curve,
    pub(super) bleu: Curve,
    /// Counts changes, so that nothing is drawn twice.
    pub(super) version: u64,
}

impl State {
    pub(super) fn new(title: &str) -> Self {
        let curve = Curve::default;
        Self {
            title: printable(title),
            started: Instant::now(),
            first: None,
            step: None,
            evaluation: None,
            note: String::new(),
            loss: curve(),
            nll: curve(),
            validation: curve(),
            lr: curve(),
            gradient_norm: curve(),
            tokens_per_s: curve(),
            bleu: curve(),
            version: 0,
        }
    }

    pub(super) fn step(&mut self, step: &Step) {
        let Step { step: at, loss, nll, lr, gradient_norm, tokens_per_s, .. } = *step;
        self.loss.push(at, loss);
        self.nll.push(at, nll);
        self.lr.push(at, lr);
        self.gradient_norm.push(at, gradient_norm);
        self.tokens_per_s.push(at, tokens_per_s);
        self.first.get_or_insert((Instant::now(), share(step.done)));
        self.step = Some(step.clone());
        self.version += 1;
    }

    pub(super) fn evaluation(&mut self, evaluation: &Evaluation) {
        self.validation.push(evaluation.step, evaluation.nll);
        self.bleu.push(evaluation.step, evaluation.bleu.unwrap_or(f64::NAN));
        self.evaluation = Some(evaluation.clone());
        self.version += 1;
    }

    pub(super) fn note(&mut self, text: &str) {
        text.clone_into(&mut self.note);
        self.version += 1;
    }

    /// Share of the run that is done, from 0 to 1.
    pub(super) fn done(&self) -> f64 {
        share(self.step.as_ref().map_or(0.0, |step| step.done))
    }

    /// "step 120 of about 3000", or what is known of it. A run limited in minutes has no certain number of steps.
    pub(super) fn position(&self) -> String {
        let Some(Step { step, .. }) = self.step else { return "waiting for the first step".to_owned() };
        let steps = step as f64 / self.done();
        if steps.is_finite() { format!("step {step} of about {steps:.0}") } else { format!("step {step}") }
    }

    /// Time since training began or went on.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }

    /// Seconds that the run will still take if it goes on as it went since its first step.
    pub(super) fn left(&self, now: Instant) -> Option<f64> {
        let (since, before) = self.first?;
        let left =
            (1.0 - self.done()) * now.saturating_duration_since(since).as_secs_f64() / (self.done() - before);
        (left.is_finite() && self.done() > before).then_some(left)
    }

    /// The latest step, in a line.
    pub(super) fn step_line(&self) -> String {
        let Some(Step { step, loss, nll, lr, gradient_norm, tokens_per_s, padding, noise_scale, .. }) =
            self.step
        else {
            return self.position();
        };
        let (done, padding) = (100.0 * self.done(), 100.0 * padding);
        let left = clock(self.left(Instant::now()));
        let [loss, nll, lr, norm, speed] = [loss, nll, lr, gradient_norm, tokens_per_s].map(number);
        let noise = noise_scale.map(|noise| format!("  noise scale {}", number(noise))).unwrap_or_default();
        format!(
            "step {step} ({done:.1} %)  loss {loss}  NLL {nll}  lr {lr}  gradient {norm}  padding {padding:.1} %{noise}  \
             {speed} tokens/s  {left} left"
        )
    }

    /// The latest evaluation, in a line.
    pub(super) fn evaluation_line(&self) -> String {
        let Some(Evaluation { step, nll, bleu, .. }) = &self.evaluation else { return String::new() };
        let bleu = bleu.map(|bleu| format!("  BLEU {bleu:.2}")).unwrap_or_default();
        format!("step {step}  validation NLL {}{bleu}", number(*nll))
    }

    /// What is worth leaving on the terminal at the end.
    pub(super) fn last_lines(&self) -> Vec<String> {
        let step = if self.step.is_some() { self.step_line() } else { String::new() };
        let lines = [step, self.evaluation_line(), self.note.clone()];
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }
}

fn share(done: f64) -> f64 {
    if done.is_nan() { 0.0 } else { done.clamp(0.0, 1.0) }
}

/// A number in at most ten characters.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (0.001..10.0).contains(&size) => format!("{value:.4}"),
        size if (10.0..1000.0).contains(&size) => format!("{value:.2}"),
        size if (1000.0..1e7).contains(&size) => format!("{value:.0}"),
        _ => format!("{value:.2e}"),
    }
}

/// Seconds as h:mm:ss, or a dash if they are unknown or too many to mean anything.
pub(super) fn clock(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds.filter(|seconds| (0.0..1e9).contains(seconds)) else {
        return "–".to_owned();
    };
    let seconds = seconds as u64;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A text on one line, without the control characters that could move the cursor.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

/// The most memory that this process has had, in bytes, where the system tells (Linux).
pub(super) fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_is_thinned_evenly() {
        let mut curve = Curve::default();
        (0..100_000).for_each(|step| curve.push(step, step as f64));
        let points = curve.since(0.0);
        assert!((POINTS / 2..POINTS).contains(&points.len()), "{}", points.len());
        assert!(points.iter().all(|(x, y)| x == y) && points.is_sorted());
        assert!(curve.since(50_000.0)[0].0 >= 50_000.0);
    }

    #[test]
    fn curves_take_no_harm_from_numbers_that_are_none() {
        let mut curve = Curve::default();
        [f64::NAN, f64::INFINITY, 1.0, f64::MAX].into_iter().for_each(|value| curve.push(1, value));
        assert_eq!(curve.since(0.0), [(1.0, 1.0), (1.0, 1e30)]);
    }

    #[test]
    fn the_time_left_starts_where_the_run_went_on() {
        let mut state = State::new("");
        assert_eq!(state.left(Instant::now()), None);
        state.step(&Step { step: 500, done: 0.5, ..Step::default() });
        let (first, _) = state.first.unwrap();
        assert_eq!(state.left(first), None);
        state.step(&Step { step: 600, done: 0.6, ..Step::default() });
        let left = state.left(first + Duration::from_secs(10)).unwrap();
        assert!((left - 40.0).abs() < 1e-6, "{left}");
        assert_eq!(state.position(), "step 600 of about 1000");
        state.step(&Step { step: 601, done: f64::NAN, ..Step::default() });
        assert_eq!((state.left(first), state.position()), (None, "step 601".into()));
    }

    #[test]
    fn numbers_and_times_are_short() {
        let numbers =
            [0.0, 1.234_56, 45.678, 12_345.6, 3e-4, -1e300, f64::NAN, f64::NEG_INFINITY].map(number);
        assert_eq!(numbers, ["0", "1.2346", "45.68", "12346", "3.00e-4", "-1.00e300", "NaN", "-inf"]);
        assert_eq!([Some(3725.9), Some(f64::INFINITY), None].map(clock), ["1:02:05", "–", "–"]);
    }
}

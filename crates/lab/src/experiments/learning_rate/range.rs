//! The range test (Smith 2017) on the losses that it saw: smoothed, stopped, and what they suggest.

use serde::{Deserialize, Serialize};

/// What the running mean of the losses keeps of itself at each step. It remembers about the last ten.
const KEPT: f64 = 0.9;
/// The test has seen enough when the smoothed loss is so many times as high as it was at its lowest, or the loss is no
/// number.
const TOO_HIGH: f64 = 1.5;
/// The suggestion is this part of the rate at which the loss was lowest. There, each step already undoes about as much as
/// it gains.
const PART: f64 = 0.1;

/// A step of the test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    /// The learning rate of the step.
    pub(super) rate: f64,
    /// The loss before it, in nats per token.
    pub(super) loss: f64,
    /// The running mean of the losses until then.
    pub(super) smoothed: f64,
}

/// What a range test has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Range {
    pub(super) points: Vec<Point>,
    /// The rate at which the smoothed loss was lowest.
    pub(super) lowest: f64,
    /// A tenth of it: the suggestion.
    pub(super) suggested: f64,
    /// The rate at which the loss had become too high, if it ever did.
    pub(super) diverged: Option<f64>,
}

/// Rates from the least to the most, each larger than the one before by the same factor.
pub(super) fn rates(least: f64, most: f64, steps: usize) -> impl Iterator<Item = f64> {
    let last = steps.saturating_sub(1).max(1) as f64;
    (0..steps).map(move |step| least * (most / least).powf(step as f64 / last))
}

/// Collects the losses of a test as it goes.
#[derive(Debug, Default)]
pub(super) struct Test {
    points: Vec<Point>,
    mean: f64,
    lowest: f64,
    diverged: Option<f64>,
}

impl Test {
    /// Notes the loss of a step, and says whether to go on.
    pub(super) fn note(&mut self, rate: f64, loss: f64) -> bool {
        if !loss.is_finite() {
            self.diverged = Some(rate);
            return false;
        }
        self.mean = KEPT * self.mean + (1.0 - KEPT) * loss;
        // The mean began at zero; this makes up for it, as Adam's hats do.
        let smoothed = self.mean / (1.0 - KEPT.powi(self.points.len() as i32 + 1));
        self.points.push(Point { rate, loss, smoothed });
        self.lowest = if self.points.len() == 1 { smoothed } else { self.lowest.min(smoothed) };
        if smoothed > TOO_HIGH * self.lowest {
            self.diverged = Some(rate);
        }
        self.diverged.is_none()
    }

    /// What was found; nothing if the loss never fell.
    pub(super) fn found(self) -> Option<Range> {
        let Self { points, diverged, .. } = self;
        let (first, lowest) =
            (points.first()?, points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed))?);
        let lowest = Some(lowest.rate).filter(|rate| *rate > first.rate)?;
        Some(Range { points, lowest, suggested: PART * lowest, diverged })
    }
}
#[cfg(test)]
mod tests {
    use super::*;

    /// A test of so many steps from 10^-4 to 1.
    fn test(steps: usize, loss: impl Fn(f64) -> f64) -> (usize, Option<Range>) {
        let (mut test, mut done) = (Test::default(), 0);
        for rate in rates(1e-4, 1.0, steps) {
            done += 1;
            if !test.note(rate, loss(rate)) {
                break;
            }
        }
        (done, test.found())
    }

    #[test]
    fn rates_grow_by_the_same_factor() {
        let found: Vec<f64> = rates(1e-4, 1.0, 5).collect();
        for (found, expected) in found.iter().zip([1e-4, 1e-3, 1e-2, 1e-1, 1.0]) {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found}");
        }
        assert_eq!((found.len(), rates(0.5, 9.0, 1).collect::<Vec<_>>()), (5, vec![0.5]));
    }

    /// A loss that is lowest at 0.01, and climbs steeply from there.
    fn valley(rate: f64) -> f64 {
        let x = rate.log10() + 2.0;
        if x < 0.0 { 1.0 - 0.5 * x } else { 1.0 + 9.0 * x }
    }

    #[test]
    fn the_suggestion_is_a_tenth_of_the_lowest_and_the_test_stops_when_the_loss_climbs() {
        let (done, range) = test(400, valley);
        let range = range.unwrap();
        // A factor of 10 takes a hundred steps, and the mean is behind by a few.
        assert!((0.01..0.012).contains(&range.lowest), "{}", range.lowest);
        assert!((range.suggested / range.lowest - 0.1).abs() < 1e-12);
        let diverged = range.diverged.unwrap();
        assert!(diverged > range.lowest && diverged < 0.02 && done < 400, "{diverged} {done}");
        assert_eq!(range.points.len(), done);
    }

    #[test]
    fn a_first_loss_is_its_own_mean_and_one_that_is_no_number_ends_the_test() {
        let (done, range) = test(100, |rate| if rate > 0.01 { f64::NAN } else { 3.0 - 10.0 * rate });
        let range = range.unwrap();
        assert!((range.points[0].smoothed - range.points[0].loss).abs() < 1e-12);
        assert_eq!((range.points.len() + 1, range.diverged.is_some()), (done, true));
        assert!(range.points.iter().all(|point| point.loss.is_finite()));
    }

    #[test]
    fn where_nothing_falls_nothing_is_suggested() {
        assert_eq!(test(100, |rate| 1.0 + rate).1, None);
        assert_eq!(Test::default().found(), None);
        let (done, range) = test(100, |rate| 1.2 - rate);
        assert_eq!((done, range.unwrap().diverged), (100, None));
    }
}

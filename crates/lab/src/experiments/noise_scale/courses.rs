//! What is told of several runs: does the noise scale rise while the loss falls?

use plot::{decimal, thousands};
use serde::{Deserialize, Serialize};
use train::run::noise_course::{self, Point};

use crate::contract::spread::Spread;

/// What is told of some runs together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Courses {
    /// The steps of the first point and of the last, and the tokens of a step.
    pub(super) steps: [usize; 2],
    pub(super) tokens: usize,
    /// Of each run: -1 if the noise scale rises whenever the loss falls.
    pub(super) correlation: Spread,
    /// The noise scale at the first point and at the last, in tokens.
    pub(super) begin: Spread,
    pub(super) end: Spread,
    /// The loss there, in nats.
    pub(super) begin_loss: Spread,
    pub(super) end_loss: Spread,
    /// Points of a run, and those of them at which the noise scale is lower than at the one before.
    pub(super) points: usize,
    pub(super) falls: Spread,
}

impl Courses {
    pub(super) fn of(runs: &[Vec<Point>]) -> Self {
        let at = |end: fn(&[Point]) -> Option<&Point>, of: fn(&Point) -> f64| {
            Spread::of(runs.iter().filter_map(|run| end(run)).map(of))
        };
        let falls = |run: &Vec<Point>| {
            run.windows(2).filter(|pair| pair[1].noise_scale < pair[0].noise_scale).count() as f64
        };
        let first = runs.first().map_or(&[][..], Vec::as_slice);
        let [begin, end] = [first.first(), first.last()];
        Self {
            steps: [begin, end].map(|point| point.map_or(0, |point| point.step)),
            tokens: end.map_or(0, |point| point.tokens),
            correlation: Spread::of(runs.iter().map(|run| rank_correlation(run))),
            begin: at(<[Point]>::first, |point| point.noise_scale),
            end: at(<[Point]>::last, |point| point.noise_scale),
            begin_loss: at(<[Point]>::first, |point| point.nll),
            end_loss: at(<[Point]>::last, |point| point.nll),
            points: first.len(),
            falls: Spread::of(runs.iter().map(falls)),
        }
    }

    /// How these runs went, in sentences.
    pub(super) fn told(&self, runs: &[Vec<Point>]) -> Vec<String> {
        let Self { correlation, begin, end, begin_loss, end_loss, steps, .. } = self;
        let ranked =
            "Rank all points of a run by their loss, and again by their noise scale: the rank correlation is";
        if let [run] = runs {
            let correlation = decimal(correlation.mean, 2);
            return vec![noise_course::told(run), format!("{ranked} {correlation} here, in a single run.")];
        }
        let among = |spread: &Spread, digits: usize| {
            let [mean, least, most] =
                [spread.mean, spread.least, spread.most].map(|value| decimal(value, digits));
            format!("{mean} ({least} to {most})")
        };
        vec![
            format!(
                "{} runs, from step {} to step {}: the loss goes from {} to {} nats on average, and the noise scale from \
                 {} to {} tokens; a step has {}.",
                correlation.count,
                thousands(steps[0]),
                thousands(steps[1]),
                among(begin_loss, 2),
                among(end_loss, 3),
                among(begin, 0),
                among(end, 0),
                thousands(self.tokens)
            ),
            format!("{ranked} {} on average.", among(correlation, 2)),
        ]
    }
}

/// Spearman's: 1 if the noise scale rises whenever the loss does, -1 if it falls then.
fn rank_correlation(run: &[Point]) -> f64 {
    let ranks = |of: fn(&Point) -> f64| {
        let mut order: Vec<usize> = (0..run.len()).collect();
        order.sort_by(|&a, &b| of(&run[a]).total_cmp(&of(&run[b])));
        let mut ranks = vec![0.0; run.len()];
        order.iter().enumerate().for_each(|(rank, &n)| ranks[n] = rank as f64);
        ranks
    };
    let (a, b) = (ranks(|point| point.nll), ranks(|point| point.noise_scale));
    let middle = (run.len() as f64 - 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pairs: &[(f64, f64)]) -> Vec<Point> {
        let point = |(n, &(nll, noise_scale))| Point { step: 10 * (n + 1), nll, noise_scale, tokens: 7 };
        pairs.iter().enumerate().map(point).collect()
    }

    #[test]
    fn ranks_are_compared_and_not_values() {
        assert!((rank_correlation(&run(&[(3.0, 1.0), (2.0, 10.0), (1.0, 1000.0)])) + 1.0).abs() < 1e-12);
        assert!((rank_correlation(&run(&[(1.0, 1.0), (2.0, 2.0), (9.0, 3.0)])) - 1.0).abs() < 1e-12);
        assert!(rank_correlation(&run(&[(1.0, 1.0)])).is_nan());
    }

    #[test]
    fn runs_are_told_together() {
        let up = run(&[(3.0, 1.0), (2.0, 5.0), (1.0, 4.0), (0.5, 9.0)]);
        let down = run(&[(2.0, 2.0), (1.5, 1.5), (1.2, 1.2), (1.0, 1.0)]);
        let runs = [up, down];
        let found = Courses::of(&runs);
        assert_eq!((found.points, found.steps, found.tokens), (4, [10, 40], 7));
        assert_eq!((found.falls.least, found.falls.mean, found.falls.most), (1.0, 2.0, 3.0));
        assert_eq!((found.begin.mean, found.end.most, found.correlation.most), (1.5, 9.0, 1.0));
        assert_eq!((found.begin_loss.least, found.end_loss.mean), (2.0, 0.75));
        let told = found.told(&runs);
        let expected = "2 runs, from step 10 to step 40: the loss goes from 2.50 (2.00 to 3.00) to 0.750 (0.500 to 1.000) \
                        nats on average, and the noise scale from 2 (1 to 2) to 5 (1 to 9) tokens; a step has 7.";
        assert_eq!((told.len(), told[0].as_str()), (2, expected));
    }

    #[test]
    fn a_single_run_is_told_as_one() {
        let runs = [run(&[(3.0, 2.0), (2.0, 2.5), (1.0, 3.0)])];
        let told = Courses::of(&runs).told(&runs);
        assert!(told[0].starts_with("From step 10 to step 30, the loss goes from 3.00"), "{told:?}");
        assert!(told[1].ends_with("is −1.00 here, in a single run."), "{told:?}");
    }
}

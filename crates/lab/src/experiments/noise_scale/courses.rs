//! What is told of several runs: does the noise scale rise while the loss falls?

use plot::decimal;
use serde::{Deserialize, Serialize};
use train::run::noise_course::Point;

use crate::contract::spread::Spread;

/// What is told of some runs together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Courses {
    /// Of each run: -1 if the noise scale rises whenever the loss falls.
    pub(super) correlation: Spread,
    /// The noise scale at the first point and at the last, in tokens.
    pub(super) begin: Spread,
    pub(super) end: Spread,
    /// Of the first run: its points, and those of them at which the noise scale is lower than at the one before.
    pub(super) points: usize,
    pub(super) falls: usize,
}

impl Courses {
    pub(super) fn of(runs: &[Vec<Point>]) -> Self {
        let ends = |of: fn(&[Point]) -> Option<&Point>| {
            Spread::of(runs.iter().filter_map(|run| of(run)).map(|point| point.noise_scale))
        };
        let first = runs.first().map_or(&[][..], Vec::as_slice);
        Self {
            correlation: Spread::of(runs.iter().map(|run| rank_correlation(run))),
            begin: ends(|run| run.first()),
            end: ends(|run| run.last()),
            points: first.len(),
            falls: first.windows(2).filter(|pair| pair[1].noise_scale < pair[0].noise_scale).count(),
        }
    }
}

impl Courses {
    /// How the runs went, in a sentence or two.
    pub(super) fn told(&self) -> String {
        let Self { correlation, begin, end, .. } = self;
        let ranked =
            "Rank all points of a run by their loss, and again by their noise scale: the rank correlation is";
        let two = |value: f64| decimal(value, 2);
        if correlation.count < 2 {
            return format!("{ranked} {} here, in a single run.", two(correlation.mean));
        }
        let tokens = |value: f64| decimal(value, 0);
        format!(
            "One run may be luck. Over {} runs, the noise scale is {} to {} tokens at first, and {} to {} at the end. {ranked} {} \
             on average ({} to {}).",
            correlation.count,
            tokens(begin.least),
            tokens(begin.most),
            tokens(end.least),
            tokens(end.most),
            two(correlation.mean),
            two(correlation.least),
            two(correlation.most)
        )
    }
}

/// Spearman's: 1 if the noise scale rises whenever the loss does, -1 if it falls then.
pub(super) fn rank_correlation(run: &[Point]) -> f64 {
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
        let point = |&(nll, noise_scale): &(f64, f64)| Point { step: 1, nll, noise_scale, tokens: 1 };
        pairs.iter().map(point).collect()
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
        let down = run(&[(3.0, 2.0), (2.0, 1.5), (1.0, 1.0)]);
        let found = Courses::of(&[up, down]);
        assert_eq!((found.points, found.falls), (4, 1));
        assert_eq!((found.begin.mean, found.end.most, found.correlation.most), (1.5, 9.0, 1.0));
        let told = found.told();
        assert!(
            told.contains("Over 2 runs, the noise scale is 1 to 2 tokens at first, and 1 to 9"),
            "{told}"
        );
        let single = Courses::of(&[run(&[(3.0, 2.0), (2.0, 2.5), (1.0, 3.0)])]).told();
        assert!(single.ends_with("is −1.00 here, in a single run."), "{single}");
    }
}

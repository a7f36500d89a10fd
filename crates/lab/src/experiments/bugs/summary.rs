//! What the runs of a bug have in common.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::examination::{Examined, digits};
use super::training::Point;
use crate::contract::spread::Spread;

/// From this share of right symbols on, a model counts as one that can copy.
const COPIES: f64 = 0.9;
/// A share is another one if it is so much lower.
pub(super) const TELLING: f64 = 0.02;

/// A run: one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) seed: u64,
    pub(super) curve: Vec<Point>,
    pub(super) end: Examined,
    /// The same, if the bug gets into the model of this seed that learned without it. None if it is no bug of the model.
    pub(super) afterwards: Option<Examined>,
}

/// What is told of all runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) nll: Spread,
    pub(super) forced: Spread,
    pub(super) written: Spread,
    pub(super) somewhere: Spread,
    pub(super) whole: Spread,
    /// The loss on new sequences over the loss that training shows: their means over all of training.
    pub(super) flattery: Spread,
    /// Runs that can copy, and the step at which they could.
    pub(super) copiers: usize,
    pub(super) copies_at: Option<Spread>,
    /// Means for the first symbol, the second and so on.
    pub(super) forced_places: Vec<f64>,
    pub(super) written_places: Vec<f64>,
    /// What is written if the bug gets in afterwards.
    pub(super) afterwards: Option<Spread>,
}

impl Summary {
    pub(super) fn of(runs: &[Run]) -> Self {
        let spread = |of: fn(&Run) -> f64| rounded(Spread::of(runs.iter().map(of)));
        let at: Vec<f64> = runs.iter().filter_map(|run| copies_at(&run.curve)).map(|at| at as f64).collect();
        let afterwards: Option<Vec<f64>> =
            runs.iter().map(|run| run.afterwards.as_ref().map(|end| end.written)).collect();
        Self {
            nll: spread(|run| run.end.nll),
            forced: spread(|run| run.end.forced),
            written: spread(|run| run.end.written),
            somewhere: spread(|run| run.end.somewhere),
            whole: spread(|run| run.end.whole),
            flattery: spread(|run| flattery(&run.curve)),
            copiers: at.len(),
            copies_at: (!at.is_empty()).then(|| rounded(Spread::of(at))),
            forced_places: means(runs, |end| &end.forced_places),
            written_places: means(runs, |end| &end.written_places),
            afterwards: afterwards.map(|all| rounded(Spread::of(all))),
        }
    }
}

fn rounded(spread: Spread) -> Spread {
    let Spread { count, mean, deviation, least, median, most } = spread;
    let [mean, deviation, least, median, most] = [mean, deviation, least, median, most].map(digits);
    Spread { count, mean, deviation, least, median, most }
}

fn means(runs: &[Run], of: fn(&Examined) -> &Vec<f64>) -> Vec<f64> {
    let places = runs.first().map_or(0, |run| of(&run.end).len());
    let mean = |place: usize| runs.iter().map(|run| of(&run.end)[place]).sum::<f64>() / runs.len() as f64;
    (0..places).map(|place| digits(mean(place))).collect()
}

/// The first step from which on it can copy, however often one looks.
fn copies_at(curve: &[Point]) -> Option<usize> {
    let able = curve.iter().rev().take_while(|point| point.written >= COPIES);
    able.last().map(|point| point.step)
}

fn flattery(curve: &[Point]) -> f64 {
    let sum = |of: fn(&Point) -> f64| curve.iter().map(of).sum::<f64>();
    sum(|point| point.nll) / sum(|point| point.shown)
}

/// What a bug does; and what a reader says that it will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// It learns to copy as if nothing were wrong.
    Harmless,
    /// It doesn't, and accuracy with teacher forcing says so.
    Open,
    /// It doesn't, and accuracy with teacher forcing is as high as ever.
    Hidden,
}

impl Verdict {
    pub(super) fn of(healthy: &Summary, broken: &Summary) -> Self {
        let lower = |of: fn(&Summary) -> &Spread| of(healthy).mean - of(broken).mean > TELLING;
        match (lower(|summary| &summary.written), lower(|summary| &summary.forced)) {
            (false, false) => Self::Harmless,
            (_, true) => Self::Open,
            (true, false) => Self::Hidden,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Open => "open",
            Self::Hidden => "hidden",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: usize, written: f64) -> Point {
        Point { step, shown: 1.0, nll: 1.5, forced: 1.0, written }
    }

    fn summary(forced: f64, written: f64) -> Summary {
        let places = vec![0.5; 3];
        let (forced_places, written_places) = (places.clone(), places);
        let end =
            Examined { nll: 0.1, forced, written, somewhere: 1.0, whole: 0.0, forced_places, written_places };
        let curve = vec![point(20, 0.95), point(40, 0.5), point(60, 0.9), point(80, written)];
        Summary::of(&[Run { seed: 1, curve, end, afterwards: None }])
    }

    #[test]
    fn who_falls_back_cannot_copy_yet() {
        assert_eq!(summary(1.0, 1.0).copies_at.unwrap().mean, 60.0);
        assert_eq!((summary(1.0, 0.1).copiers, summary(1.0, 0.1).copies_at), (0, None));
        assert_eq!(summary(1.0, 1.0).flattery.mean, 1.5);
    }

    #[test]
    fn the_verdict_says_whether_it_shows() {
        let healthy = summary(0.99, 0.98);
        for (forced, written, verdict) in
            [(0.98, 0.97, Verdict::Harmless), (0.98, 0.3, Verdict::Hidden), (0.5, 0.3, Verdict::Open)]
        {
            assert_eq!(Verdict::of(&healthy, &summary(forced, written)), verdict);
            let named = verdict.to_possible_value().unwrap();
            assert_eq!(
                (named.get_name(), serde_json::to_value(verdict).unwrap()),
                (verdict.name(), verdict.name().into())
            );
        }
    }
}

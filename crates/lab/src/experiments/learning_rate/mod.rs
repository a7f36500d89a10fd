//! Which learning rate? A range test (Smith 2017) lets the rate grow in one short run, and suggests a tenth of the one at
//! which the loss was lowest. Whether that is a good one, runs at fixed rates tell.

mod figures;
mod range;
mod training;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target, largest};
use crate::contract::seeds::Seeds;
use crate::contract::spread::Spread;

use figures::short;
use range::{Range, rates};
use training::{Recipe, Start, Swept};

/// Rates that are tried one by one, from the least to the most: each is twice the one before.
const SWEEP: [f64; 2] = [0.000_25, 0.128];
const SWEPT: usize = 10;
/// Steps at each of them.
const SWEEP_STEPS: usize = 200;
/// The suggestion is to be no further from the middle of the good rates than this factor, up or down.
const WITHIN: f64 = 3.0;
/// A rate is good if its loss is so near to that of the best one, in nats; what is so much as five times this above it is
/// far worse.
const AS_GOOD: f64 = 0.1;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct LearningRate {
    /// Range tests, each with the next seed: other weights, and other sequences.
    #[arg(long, default_value = "1")]
    seeds: Seeds<100>,
    /// Steps of a range test at most.
    #[arg(long, default_value_t = 200)]
    steps: usize,
    /// The rate that it begins with.
    #[arg(long, default_value_t = 1e-5, allow_negative_numbers = true)]
    least: f64,
    /// The rate that it would end with if the loss never became too high.
    #[arg(long, default_value_t = 10.0, allow_negative_numbers = true)]
    most: f64,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    recipe: Recipe,
    /// The rates of the test: the first, and the last if it were never stopped.
    least: f64,
    most: f64,
    summary: Summary,
    runs: Vec<Run>,
}

/// What is told of one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    seed: u64,
    range: Range,
    sweep: Vec<Swept>,
    /// The lowest loss of the sweep, in nats.
    best_nll: f64,
    /// The least and the largest rate of the sweep that are as good, and their middle: the root of their product.
    good: [f64; 2],
    middle: f64,
    /// The losses after as many steps at the suggested rate, and at that at which the test's loss was lowest.
    suggested: Swept,
    lowest: Swept,
}

/// What is told of all seeds together.
#[derive(Debug, Serialize, Deserialize)]
struct Summary {
    seeds: usize,
    suggested: Spread,
    lowest: Spread,
    middle: Spread,
    best_nll: Spread,
    suggested_nll: Spread,
    lowest_nll: Spread,
    /// The furthest that a suggestion is from the middle of the good rates, as a factor of at least 1.
    furthest: f64,
    /// Steps that a test took, at most.
    steps: usize,
}

impl Experiment for LearningRate {
    const NAME: &'static str = "learning-rate";
    const SUMMARY: &'static str = "which learning rate? one short run suggests one, and many runs check it";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, say];
    const BOOK: &'static [&'static str] = &["--seeds", "5"];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let &Self { seeds, steps, least, most } = self;
        ensure!((20..=100_000).contains(&steps), "--steps is {steps}, but it must be from 20 to 100000");
        ensure!(least.is_finite() && least > 0.0, "--least is {least}, but it must be above 0");
        ensure!(most.is_finite() && most > least, "--most is {most}, but it must be above --least, {least}");
        let starts: Vec<Start> = seeds
            .starting_at(lab.seed)
            .iter()
            .map(|&seed| Start::drawn(seed, &lab.device))
            .collect::<Result<_>>()?;
        let done = AtomicUsize::new(0);
        let told = |what: &str| {
            let done = done.fetch_add(1, Ordering::Relaxed) as f64;
            lab.progress.at(done / (starts.len() * (SWEPT + 3)) as f64, what);
        };
        let runs = starts
            .iter()
            .map(|start| run(start, [least, most], steps, &told))
            .collect::<Result<Vec<Run>>>()?;
        let recipe = starts[0].recipe(steps, SWEEP_STEPS);
        Ok(Results { recipe, least, most, summary: Summary::of(&runs), runs })
    }
}

/// The test of one seed, and what comes of fixed rates. Each takes a core.
fn run(start: &Start, [least, most]: [f64; 2], steps: usize, told: &(impl Fn(&str) + Sync)) -> Result<Run> {
    told(&format!("seed {}: the range test", start.seed));
    let range = start.range(least, most, steps)?;
    let fixed: Vec<f64> = rates(SWEEP[0], SWEEP[1], SWEPT).chain([range.lowest, range.suggested]).collect();
    let mut sweep = fixed
        .par_iter()
        .map(|&rate| {
            told(&format!("seed {}: a fixed rate of {}", start.seed, short(rate)));
            start.swept(rate, SWEEP_STEPS)
        })
        .collect::<Result<Vec<Swept>>>()?;
    let (suggested, lowest) =
        (sweep.pop().context("no suggested rate")?, sweep.pop().context("no lowest rate")?);
    Ok(Run::of(start.seed, range, sweep, suggested, lowest))
}

impl Run {
    fn of(seed: u64, range: Range, sweep: Vec<Swept>, suggested: Swept, lowest: Swept) -> Self {
        let best_nll = sweep.iter().filter_map(|swept| swept.nll).fold(f64::INFINITY, f64::min);
        let good = sweep.iter().filter(|swept| swept.nll.is_some_and(|nll| nll <= best_nll + AS_GOOD));
        let good = good.fold([f64::INFINITY, 0.0_f64], |[least, most], swept| {
            [least.min(swept.rate), most.max(swept.rate)]
        });
        let middle = (good[0] * good[1]).sqrt();
        Self { seed, range, sweep, best_nll, good, middle, suggested, lowest }
    }

    /// How far the suggestion is from the middle of the good rates, as a factor of at least 1.
    fn apart(&self) -> f64 {
        (self.range.suggested / self.middle).ln().abs().exp()
    }

    /// Whether a loss is far worse than the best; no number is.
    fn is_far(&self, swept: &Swept) -> bool {
        swept.nll.is_none_or(|nll| nll > self.best_nll + 5.0 * AS_GOOD)
    }
}

impl Summary {
    fn of(runs: &[Run]) -> Self {
        let spread = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of));
        Self {
            seeds: runs.len(),
            suggested: spread(|run| run.range.suggested),
            lowest: spread(|run| run.range.lowest),
            middle: spread(|run| run.middle),
            best_nll: spread(|run| run.best_nll),
            suggested_nll: spread(|run| run.suggested.nll.unwrap_or(f64::NAN)),
            lowest_nll: spread(|run| run.lowest.nll.unwrap_or(f64::INFINITY)),
            furthest: largest(runs.iter().map(Run::apart)),
            steps: runs.iter().map(|run| run.range.points.len()).max().unwrap_or(0),
        }
    }
}

fn check(results: &Results, report: &mut Report) {
    let Results { summary, runs, .. } = results;
    let of_all = |count: usize| count as f64 / summary.seeds as f64;
    let stopped = runs.iter().filter(|run| run.range.diverged.is_some()).count();
    report.check(
        "share of range tests that saw the loss become too high",
        of_all(stopped),
        Target::AtLeast(1.0),
    );
    report.check(
        "the suggested rate and the middle of the good ones: furthest apart, as a factor",
        summary.furthest,
        Target::AtMost(WITHIN),
    );
    let worse = runs.iter().map(|run| run.suggested.nll.unwrap_or(f64::NAN) - run.best_nll);
    report.check(
        "loss at the suggested rate above that at the best fixed one, at most, in nats",
        largest(worse),
        Target::AtMost(AS_GOOD),
    );
    // A suggestion would be worth little if any rate were as good.
    let ends =
        |run: &&Run| [run.sweep.first(), run.sweep.last()].iter().flatten().all(|swept| run.is_far(swept));
    report.check(
        "share of seeds in which the least and the largest fixed rate are far worse than the best",
        of_all(runs.iter().filter(ends).count()),
        Target::AtLeast(1.0),
    );
    report.check(
        "share of seeds in which the rate of the test's lowest loss is far worse, too",
        of_all(runs.iter().filter(|run| run.is_far(&run.lowest)).count()),
        Target::AtLeast(1.0),
    );
}

fn say(results: &Results, report: &mut Report) {
    let Results { recipe, summary, runs, least, .. } = results;
    let told = |swept: &Swept| swept.nll.map_or("no number".to_owned(), |nll| format!("{nll:.3} nats"));
    for run in runs {
        let Run { seed, range, good, best_nll, .. } = run;
        let end = range
            .diverged
            .map_or("never became too high".to_owned(), |rate| format!("was too high at {}", short(rate)));
        report.say(format!(
            "Seed {seed}: from a rate of {} on, the loss was lowest at {} and {end}, after {} steps. {} steps at a tenth of \
             that, {}, end with {}; at the rate itself, with {}. Of {SWEPT} fixed rates, the best ends with {best_nll:.3} \
             nats, and those from {} to {} are as good.",
            short(*least),
            short(range.lowest),
            range.points.len(),
            recipe.sweep_steps,
            short(range.suggested),
            told(&run.suggested),
            told(&run.lowest),
            short(good[0]),
            short(good[1])
        ));
    }
    report.say(format!(
        "The suggestion is never further from the middle of the good rates than a factor of {:.1}.",
        summary.furthest
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_rates_are_those_near_the_best() {
        let swept = |rate: f64, nll: Option<f64>| Swept { rate, nll };
        let sweep =
            vec![swept(0.01, Some(2.0)), swept(0.1, Some(1.05)), swept(0.4, Some(1.0)), swept(1.6, None)];
        let range = Range { points: vec![], lowest: 4.0, suggested: 0.4, diverged: None };
        let run = Run::of(1, range, sweep, swept(0.4, Some(1.0)), swept(4.0, None));
        assert_eq!((run.best_nll, run.good), (1.0, [0.1, 0.4]));
        assert!((run.middle - 0.2).abs() < 1e-12 && (run.apart() - 2.0).abs() < 1e-12);
        assert!(run.is_far(&run.lowest) && run.is_far(&run.sweep[0]) && !run.is_far(&run.sweep[1]));
    }
}

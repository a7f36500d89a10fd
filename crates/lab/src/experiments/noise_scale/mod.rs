//! The gradient noise scale (McCandlish et al. 2018): how noisy a gradient is, and what that says of the batch size.
//!
//! With batches of `B_s` and `B_b` examples, `|G|^2 = (B_b |G_b|^2 - B_s |G_s|^2) / (B_b - B_s)` and
//! `S = (|G_s|^2 - |G_b|^2) / (1/B_s - 1/B_b)` estimate the squared gradient and the noise. Both are averaged over
//! many batches before they are divided: their quotient is the noise scale.

mod courses;
mod figures;
mod generalisation;
mod regression;
mod run;

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use train::run::noise_course::{self, Point};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target, largest};
use crate::contract::seeds::Seeds;

use courses::Courses;
use generalisation::{FEW, Few, Trained, generalisation};
use regression::{Fixture, Frontier, StepSize, fixture, frontier, step_sizes};

/// Steps of the run that is trained.
const STEPS: usize = 600;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct NoiseScale {
    /// Show the noise scale of this run, which was trained with --accumulate 2 or more, instead of training some.
    #[arg(long, value_name = "RUN")]
    run: Option<PathBuf>,
    /// Runs to train, each with the next seed.
    #[arg(long, default_value = "1")]
    seeds: Seeds<100>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    fixture: Fixture,
    step_sizes: Vec<StepSize>,
    frontier: Frontier,
    /// The points of every run.
    runs: Vec<Vec<Point>>,
    courses: Courses,
    few: Few,
    generalisation: Vec<Trained>,
}

impl Experiment for NoiseScale {
    const NAME: &'static str = "noise-scale";
    const SUMMARY: &'static str =
        "how noisy a gradient is, what batch size that asks for, and whether noise helps";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, say];
    const BOOK: &'static [&'static str] = &["--seeds", "5"];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        // A run that can't be used says so at once.
        let told = self.run.as_deref().map(noise_course::read).transpose()?;
        lab.progress.at(0.0, "gradients of a linear regression");
        let (fixture, step_sizes, frontier) = (fixture(lab), step_sizes(lab), frontier(lab));
        let seeds = self.seeds.starting_at(lab.seed);
        let runs = told.map_or_else(|| run::all(lab, STEPS, &seeds), |run| Ok(vec![run]))?;
        Ok(Results {
            fixture,
            step_sizes,
            frontier,
            courses: Courses::of(&runs),
            runs,
            few: FEW,
            generalisation: generalisation(lab),
        })
    }
}

fn check(results: &Results, report: &mut Report) {
    let Results { fixture: Fixture { measured, .. }, step_sizes, frontier, courses, .. } = results;
    report.check("squared gradient of the regression", measured.squared_norm, Target::Near(4.0, 0.2));
    report.check("noise of its examples' gradients", measured.trace, Target::Near(20.0, 1.0));
    report.check("its noise scale", measured.scale, Target::Near(5.0, 0.4));
    let off = step_sizes.iter().map(|size| (size.measured / size.expected - 1.0).abs());
    report.check(
        "best steps: furthest from eps_max / (1 + B_noise / B), as a part",
        largest(off),
        Target::AtMost(0.05),
    );
    let curve = |batch: usize| frontier.least_steps + frontier.least_examples / batch as f64;
    let off = frontier.points.iter().map(|point| (point.steps / curve(point.batch) - 1.0).abs());
    report.check(
        "frontier: steps furthest from S_min + E_min / B, as a part",
        largest(off),
        Target::AtMost(0.05),
    );
    let near = frontier.points.iter().filter(|point| {
        let ratio = point.batch as f64 / frontier.critical;
        (1.0 / 8.0..=8.0).contains(&ratio)
    });
    let off = near.map(|point| (point.product - 1.0).abs());
    report.check(
        "frontier: (S/S_min - 1)(E/E_min - 1) furthest from 1, for batches up to 8 times off the critical size",
        largest(off),
        Target::AtMost(0.2),
    );
    report.check(
        format!(
            "runs: rank correlation of loss and noise scale, on average over {}",
            courses.correlation.count
        ),
        courses.correlation.mean,
        Target::AtMost(-0.5),
    );
}

fn say(results: &Results, report: &mut Report) {
    let Results { fixture, frontier, .. } = results;
    let Fixture { trials, small, big, expected, measured, .. } = fixture;
    report.say(format!(
        "Linear regression, {trials} trials with batches of {small} and {big}: |G|^2 = {:.2}, S = {:.2}, noise \
         scale {:.2} (by the formulas {}, {}, {}).",
        measured.squared_norm, measured.trace, measured.scale, expected.squared_norm, expected.trace, expected.scale
    ));
    report.say(format!(
        "Divided in every trial before averaging, it would be {:.1}; half of these quotients are below {:.2}.",
        fixture.mean_quotient, fixture.median_quotient
    ));
    let [begin, end] = frontier.noise_scale;
    report.say(format!(
        "To one loss it takes at least {:.0} steps, or at least {:.0} examples; batches of {:.0} take twice as many \
         of both. (The noise scale is {begin:.0} where that descent begins and {end:.0} where it ends.)",
        frontier.least_steps,
        frontier.least_examples,
        frontier.critical
    ));
    results.courses.told(&results.runs).into_iter().for_each(|sentence| report.say(sentence));
    results
        .generalisation
        .chunk_by(|a, b| a.rate == b.rate)
        .for_each(|ways| say_generalisation(ways, report));
}

/// One sentence for each rate: the smallest batch that no repetition went astray with, against the full one.
fn say_generalisation(ways: &[Trained], report: &mut Report) {
    let Some(full) = ways.last() else { return };
    let (rate, all) = (full.rate, full.batch);
    let small = ways
        .iter()
        .find_map(|way| Some((way, way.held_out?, way.below_full?, way.stopped?, way.stopped_below_full?)));
    let (Some((small, held_out, [below, error], stopped, [early, early_error])), Some(full)) =
        (small, full.held_out)
    else {
        report.say(format!(
            "At rate {rate}, networks go astray with all batches but that of all {all} examples."
        ));
        return;
    };
    let astray: Vec<String> =
        ways.iter().filter(|way| way.astray > 0).map(|way| way.batch.to_string()).collect();
    let astray = if astray.is_empty() {
        String::new()
    } else {
        format!(" (batches of {} go astray)", astray.join(" and "))
    };
    report.say(format!(
        "At rate {rate}, batches of {} end with a held-out error of {:.3}, that of all {all} with {:.3}: noise takes \
         away {below:.3} ± {error:.3}. Stopped at the best moment, it is {:.3}: noise takes away {early:.3} ± \
         {early_error:.3}{astray}.",
        small.batch, held_out.mean, full.mean, stopped.mean
    ));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use train::device::DeviceName;

    use super::*;
    use crate::contract::progress::Progress;
    use generalisation::one_way;

    fn committed() -> Results {
        #[derive(Deserialize)]
        struct Stored {
            results: Results,
        }
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/figures/lab/noise-scale/results.json");
        let Stored { results } = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        results
    }

    fn lab() -> Lab {
        let device = DeviceName::Flex.open().unwrap();
        Lab { seed: 1, device, progress: Progress::new(NoiseScale::NAME) }
    }

    #[test]
    fn each_seed_has_a_run_and_all_are_told_and_drawn() {
        let runs = run::all(&lab(), 30, &[4, 5]).unwrap();
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3]);
        assert!(runs[0] != runs[1], "another seed, another run");
        let results = Results { courses: Courses::of(&runs), runs, ..committed() };
        let report = NoiseScale::report(&results);
        let said = "2 runs, from step 10 to step 30: the loss goes from ";
        assert!(report.sentences.iter().any(|sentence| sentence.starts_with(said)), "{:?}", report.sentences);
        let figure = report.figures.iter().find(|figure| figure.name == "run").unwrap();
        assert!(figure.svg.contains("noise scale, mean of 2 runs"), "{}", figure.svg);
    }

    /// What takes seconds is measured anew; of the run its beginning, and of the networks one way of training them.
    #[test]
    fn the_committed_results_are_what_is_measured() {
        let (results, lab) = (committed(), lab());
        let close = |what: &str, found: f64, stored: f64, tolerance: f64| {
            let fresh = (found - stored).abs() <= tolerance * stored.abs();
            assert!(
                fresh,
                "{what} is {found}, stored is {stored}: run `cargo run -p lab -- book noise-scale`"
            );
        };
        let (found, stored) = (fixture(&lab), results.fixture);
        assert_eq!(found.expected, stored.expected);
        close("the noise scale", found.measured.scale, stored.measured.scale, 1e-9);
        close("the mean quotient", found.mean_quotient, stored.mean_quotient, 1e-9);
        for (found, stored) in step_sizes(&lab).iter().zip(&results.step_sizes) {
            close("a step size", found.measured, stored.measured, 1e-9);
        }
        assert_eq!(results.runs.len(), 5, "the distribution is over five seeds");
        let begun = run::trained(&lab, lab.seed, 30, |_, _| {}).unwrap();
        assert_eq!((begun.len(), results.runs[0].len(), begun[1].step), (3, STEPS / 10, 20));
        for (found, stored) in begun.iter().zip(&results.runs[0]) {
            assert_eq!((found.step, found.tokens), (stored.step, stored.tokens));
            close("the loss", found.nll, stored.nll, 1e-3);
            close("the run's noise scale", found.noise_scale, stored.noise_scale, 0.02);
        }
        let critical = results.frontier.least_examples / results.frontier.least_steps;
        close("the critical batch", results.frontier.critical, critical, 1e-9);
        let stored = &results.generalisation[2];
        let found = one_way(&lab, stored.rate, stored.batch);
        close("the training error", found.0, stored.training.unwrap().mean, 1e-6);
        close("the held-out error", found.1, stored.held_out.unwrap().mean, 1e-6);
    }
}

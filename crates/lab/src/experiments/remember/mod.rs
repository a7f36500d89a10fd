//! Remembering: what of a text is recalled, when SM-2 asks again, and what a simulated learner has left of it.
//!
//! The learner is made of a formula. What comes out follows from what was put in, so the formula is put beside another one: where
//! a recall is worth the same whenever it is, spacing helps nobody.

mod figures;
mod learner;
mod recalled;
mod reviews;
mod simulate;
mod tables;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use recall::schedule::{Item, Quality, intervals};
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target, largest};
use crate::contract::seeds::Seeds;

use learner::{AT_STABILITY, Curve, FACTOR, Gain, READ, SPREAD};
use recalled::Recalled;
use simulate::{Days, Delay, FACTS};

/// What SM-2 answers to good answers.
const INTERVALS: [u32; 5] = [1, 6, 15, 38, 95];
/// Answers after which the E-factor has come to its least.
const HARD: usize = 20;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Remember {
    /// Learners to simulate, each with the next seed.
    #[arg(long, default_value = "20")]
    seeds: Seeds<1_000>,
    /// How they forget.
    #[arg(long, value_enum, default_value_t = Curve::Power)]
    curve: Curve,
    /// Reviews of each fact before the test.
    #[arg(long, default_value_t = 4)]
    reviews: usize,
    /// Facts of your own: a chapter of the book, or a line for each.
    #[arg(long, value_name = "FILE", requires = "recalled")]
    facts: Option<PathBuf>,
    /// What you wrote of them from memory.
    #[arg(long, value_name = "FILE", requires = "facts")]
    recalled: Option<PathBuf>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    seeds: usize,
    reviews: usize,
    facts: usize,
    assumed: Assumed,
    /// Days after each answer, where all answers are the same: 5, 4 and 3.
    sm2: Vec<Answers>,
    /// The same with an answer that was forgotten.
    lapse: Answers,
    /// The E-factor after many hard answers.
    least: f64,
    /// The largest distance of what is known from [`AT_STABILITY`] when the stability has passed.
    off: f64,
    /// The learner to whom a late recall is worth more.
    spacing: Vec<Delay>,
    /// The one to whom it is worth the same: the control.
    constant: Vec<Delay>,
    curves: Vec<Days>,
    /// What is known of what was read once, after a day, two, and a week.
    once: [f64; 3],
    example: Recalled,
    /// The example's facts compared with themselves, and with an empty page.
    ends: [f64; 2],
    asked: Option<Recalled>,
}

/// What the learner is made of.
#[derive(Debug, Serialize, Deserialize)]
struct Assumed {
    curve: Curve,
    at_stability: f64,
    read: f64,
    spread: f64,
    factor: f64,
}

/// Answers from 0 to 5, and the days that SM-2 waits after each.
#[derive(Debug, Serialize, Deserialize)]
struct Answers {
    answers: Vec<u8>,
    days: Vec<u32>,
    /// The days since the first answer on which is asked.
    asked: Vec<u32>,
    factor: f64,
}

impl Answers {
    fn of(answers: &[u8]) -> Result<Self> {
        let qualities: Vec<Quality> =
            answers.iter().map(|&answer| Quality::new(answer)).collect::<Result<_, _>>()?;
        let days = intervals(&qualities);
        let day = |sum: &mut u32, days: &u32| {
            *sum = sum.saturating_add(*days);
            Some(*sum)
        };
        let asked = days.iter().scan(0, day).collect();
        let item = qualities.into_iter().fold(Item::new(), Item::after);
        Ok(Self { answers: answers.to_vec(), days, asked, factor: item.factor() })
    }
}

impl Experiment for Remember {
    const NAME: &'static str = "remember";
    const SUMMARY: &'static str =
        "what of a text is recalled, and a simulated learner's reviews: SM-2, evenly, all at once";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let &Self { seeds, curve, reviews, .. } = self;
        ensure!((1..=50).contains(&reviews), "--reviews is {reviews}, but it must be from 1 to 50");
        let asked = match (&self.facts, &self.recalled) {
            (Some(facts), Some(recalled)) => Some(recalled::of_files(facts, recalled)?),
            _ => None,
        };
        let all = seeds.starting_at(lab.seed);
        lab.progress.at(0.0, "learners who keep longest what they nearly forgot");
        let spacing = simulate::delays(curve, Gain::Spacing, reviews, &all);
        lab.progress.at(0.4, "learners to whom every recall is worth the same");
        let constant = simulate::delays(curve, Gain::Constant, reviews, &all);
        lab.progress.at(0.8, "day by day");
        let curves = simulate::days(curve, Gain::Spacing, reviews, &all);
        let on = |day: f64| {
            let once =
                curves.first().and_then(|days| Some(days.known[days.days.iter().position(|&d| d == day)?]));
            once.unwrap_or(f64::NAN)
        };
        Ok(Results {
            seeds: seeds.count(),
            reviews,
            facts: FACTS,
            assumed: Assumed {
                curve,
                at_stability: AT_STABILITY,
                read: READ,
                spread: SPREAD,
                factor: FACTOR,
            },
            sm2: [5, 4, 3].iter().map(|&answer| Answers::of(&[answer; 5])).collect::<Result<_>>()?,
            lapse: Answers::of(&[4, 4, 4, 1, 4, 4])?,
            least: Answers::of(&[3; HARD])?.factor,
            off: largest([0.5, 3.0, 40.0].into_iter().map(|s| (curve.known(s, s) - AT_STABILITY).abs())),
            once: [1.0, 2.0, 7.0].map(on),
            spacing,
            constant,
            curves,
            example: recalled::example(),
            ends: recalled::ends(),
            asked,
        })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        let good = results.sm2.iter().find(|row| row.answers.iter().all(|&answer| answer == 4));
        let days = good.map_or(&[][..], |row| &row.days);
        let wrong =
            INTERVALS.iter().enumerate().filter(|&(n, expected)| days.get(n) != Some(expected)).count();
        report.check(
            "intervals of SM-2 after good answers that are not 1, 6, 15, 38, 95",
            wrong as f64,
            Target::Near(0.0, 0.0),
        );
        let lapsed = results.lapse.answers.iter().zip(&results.lapse.days).find(|(answer, _)| **answer < 3);
        let lapsed = lapsed.map_or(f64::NAN, |(_, &days)| f64::from(days));
        report.check("days of SM-2 after what was forgotten", lapsed, Target::Near(1.0, 0.0));
        report.check("E-factor after many hard answers", results.least, Target::Near(1.3, 0.0));
        report.check(
            "share known when the stability has passed: distance from 0.9",
            results.off,
            Target::AtMost(1e-12),
        );
        report.check(
            "facts of the example that are found in a copy, as a share",
            results.ends[0],
            Target::Near(1.0, 0.0),
        );
        report.check("and in an empty page", results.ends[1], Target::Near(0.0, 0.0));
        for delay in &results.spacing {
            report.check(
                format!("learners who know more with SM-2 than with all at once after {} days", delay.days),
                delay.beats_massed as f64,
                Target::AtLeast(results.seeds as f64),
            );
        }
        figures::add(results, &mut report);
        tables::add(results, &mut report);
        report
    }
}

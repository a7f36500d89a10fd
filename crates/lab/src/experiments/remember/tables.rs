//! Tables and sentences for the book.

use plot::decimal;

use super::recalled::{Fact, Recalled};
use super::simulate::{Delay, Outcome};
use super::{Answers, Results};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("intervals", intervals(results));
    report.piece("plans", plans(&results.spacing));
    report.piece("control", plans(&results.constant));
    report.piece("example", found(&results.example));
    say(results, report);
    if let Some(asked) = &results.asked {
        report.say(format!("Of {} facts, {} are in what you wrote:", asked.facts, asked.recalled));
        let mark = |fact: &Fact| if fact.recalled { "recalled" } else { "missing " };
        asked.each.iter().for_each(|fact| report.say(format!("  {}  {}", mark(fact), fact.fact)));
    }
}

fn percent(share: f64, decimals: usize) -> String {
    format!("{} %", decimal(100.0 * share, decimals))
}

/// The days that SM-2 waits after each answer.
fn intervals(results: &Results) -> String {
    let listed = |numbers: Vec<String>| numbers.join(", ");
    let row = |row: &Answers| {
        let answers = listed(row.answers.iter().map(ToString::to_string).collect());
        let days = listed(row.days.iter().map(ToString::to_string).collect());
        format!("| {answers} | {days} | {} |\n", decimal(row.factor, 2))
    };
    let rows: String = results.sm2.iter().chain([&results.lapse]).map(row).collect();
    format!("| Answers | days until the next time | E-factor at the end |\n|---|---|---:|\n{rows}")
}

/// What is known with each plan.
fn plans(delays: &[Delay]) -> String {
    let mut table =
        "| Test after | Plan | reviews a fact | answered | known at the test | on average before |\n|---:|---|---:|---:|---:|---:|\n"
            .to_owned();
    for delay in delays {
        let row = |outcome: &Outcome| {
            let right = if outcome.reviews > 0.0 { percent(outcome.right, 0) } else { "–".to_owned() };
            format!(
                "| {} days | {} | {} | {right} | {} | {} |\n",
                delay.days,
                outcome.name,
                decimal(outcome.reviews, 1),
                percent(outcome.known.mean, 0),
                percent(outcome.before.mean, 0)
            )
        };
        table.extend(delay.plans.iter().map(row));
    }
    table
}

fn found(recalled: &Recalled) -> String {
    let row = |fact: &Fact| {
        let mark = if fact.recalled { "yes" } else { "no" };
        format!("| {} | {} | {mark} |\n", fact.fact.replace('|', "\\|"), percent(fact.share, 0))
    };
    let rows: String = recalled.each.iter().map(row).collect();
    format!("| Fact | its words that were found | recalled |\n|---|---:|---|\n{rows}")
}

fn say(results: &Results, report: &mut Report) {
    report.say("This is a simulation: what it assumes of learners makes a part of what comes out.");
    for (delays, whose) in [
        (&results.spacing, "whose late recalls are worth more"),
        (&results.constant, "to whom all recalls are worth the same"),
    ] {
        for delay in delays {
            let known: Vec<String> = delay
                .plans
                .iter()
                .map(|outcome| format!("{} {}", outcome.name, percent(outcome.known.mean, 0)))
                .collect();
            report.say(format!("After {} days, learners {whose} know: {}.", delay.days, known.join(", ")));
        }
    }
    report.say(format!(
        "In the example, {} of {} facts are found in what was written from memory.",
        results.example.recalled, results.example.facts
    ));
}

//! Tables and sentences.

use plot::decimal;

use super::bug::Bug;
use super::summary::Verdict;
use super::{HEALTHY, Results, Variant};
use crate::contract::report::Report;
use crate::contract::spread::Spread;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("signatures", signatures(results));
    report.piece("differences", differences(results));
    report.piece("places", places(results));
    let Some(healthy) = results.healthy() else { return };
    report.say(told(HEALTHY, healthy));
    for (bug, variant) in results.bugs() {
        report.say(format!("{}: {}", bug.name(), bug.mistake()));
        report.say(told(bug.name(), variant));
        let found = variant.difference.as_ref().map_or(&[][..], |difference| &difference.lines);
        match found {
            [] => report.say("  The graph of the model and its loss is the same."),
            lines => lines.iter().for_each(|line| report.say(format!("  graph: {line}"))),
        }
        if let Some(expected) = results.predicted {
            report.say(answered(expected, variant.verdict));
        }
    }
}

fn told(name: &str, variant: &Variant) -> String {
    let summary = &variant.summary;
    let runs = match summary.written.count {
        1 => String::new(),
        count => format!(" (means of {count} seeds)"),
    };
    format!(
        "  {name}: {} right with teacher forcing, {} when it writes; loss on new sequences {}{runs}: {}.",
        percent(&summary.forced),
        percent(&summary.written),
        decimal(summary.nll.mean, 3),
        says(variant.verdict)
    )
}

fn says(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Harmless => "it copies as if nothing were wrong",
        Verdict::Open => "it is worse, and it shows",
        Verdict::Hidden => "it is worse, and teacher forcing hides it",
    }
}

fn answered(expected: Verdict, found: Verdict) -> String {
    let word = if expected == found { "Yes" } else { "No" };
    format!("{word}: you expected it to be {}, and it is {}.", expected.name(), found.name())
}

/// A row for each.
fn signatures(results: &Results) -> String {
    let head = "| | forced | writes | right anywhere | without a mistake | loss / shown | put in afterwards | |\n\
                |---|---:|---:|---:|---:|---:|---:|---|\n";
    let row = |name: &str, variant: &Variant| {
        let summary = &variant.summary;
        let afterwards = summary.afterwards.as_ref().map_or("".to_owned(), percent);
        let cells = [
            percent(&summary.forced),
            percent(&summary.written),
            percent(&summary.somewhere),
            percent(&summary.whole),
            decimal(summary.flattery.mean, 2),
            afterwards,
            if name == HEALTHY { "" } else { variant.verdict.name() }.to_owned(),
        ];
        format!("| {name} | {} |\n", cells.join(" | "))
    };
    let healthy = results.healthy().map(|variant| row(HEALTHY, variant)).unwrap_or_default();
    let bugs = results.bugs().map(|(bug, variant)| row(bug.name(), variant));
    format!("{head}{healthy}{}", bugs.collect::<String>())
}

/// What comparing graphs says of each.
fn differences(results: &Results) -> String {
    let said = |(bug, variant): (Bug, &Variant)| {
        let lines = variant.difference.as_ref().map_or(&[][..], |difference| &difference.lines);
        let lines = if lines.is_empty() { "  no difference".to_owned() } else { lines.join("\n") };
        format!("{}\n{lines}\n", bug.name())
    };
    format!("```text\n{}```\n", results.bugs().map(said).collect::<Vec<_>>().join("\n"))
}

/// For each place of the sequence, the share that is right, with teacher forcing and in what is written.
fn places(results: &Results) -> String {
    let count = results.recipe.longest;
    let numbers: Vec<String> = (1..=count).map(|place| place.to_string()).collect();
    let head = format!("| | | {} |\n|---|---|{}\n", numbers.join(" | "), "---:|".repeat(count));
    let row = |name: &str, how: &str, shares: &[f64]| {
        let shares: Vec<String> = shares.iter().map(|share| decimal(100.0 * share, 0)).collect();
        format!("| {name} | {how} | {} |\n", shares.join(" | "))
    };
    let rows = |(bug, variant): (Bug, &Variant)| {
        let summary = &variant.summary;
        row(bug.name(), "forced", &summary.forced_places) + &row("", "writes", &summary.written_places)
    };
    let hurt = results.bugs().filter(|(_, variant)| variant.verdict != Verdict::Harmless);
    format!("{head}{}", hurt.map(rows).collect::<String>())
}

fn percent(spread: &Spread) -> String {
    format!("{} %", decimal(100.0 * spread.mean, 1))
}

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
    let head = "| | verdict | forced | writes | anywhere | whole | loss / shown | put in |\n\
                |---|---|---:|---:|---:|---:|---:|---:|\n";
    let row = |name: &str, variant: &Variant| {
        let summary = &variant.summary;
        let afterwards = summary.afterwards.as_ref().map_or("".to_owned(), percent);
        let cells = [
            if name == HEALTHY { "" } else { variant.verdict.name() }.to_owned(),
            percent(&summary.forced),
            percent(&summary.written),
            percent(&summary.somewhere),
            percent(&summary.whole),
            decimal(summary.flattery.mean, 2),
            afterwards,
        ];
        format!("| {name} | {} |\n", cells.join(" | "))
    };
    let healthy = results.healthy().map(|variant| row(HEALTHY, variant)).unwrap_or_default();
    let bugs = results.bugs().map(|(bug, variant)| row(bug.name(), variant));
    format!("{head}{healthy}{}", bugs.collect::<String>())
}

/// What comparing graphs says of each.
fn differences(results: &Results) -> String {
    let row = |(bug, variant): (Bug, &Variant)| {
        let lines = variant.difference.as_ref().map_or(&[][..], |difference| &difference.lines);
        let said = if lines.is_empty() { "no difference".to_owned() } else { short(lines).join("; ") };
        format!("| {} | {} |\n", bug.name(), said.replace('|', "\\|"))
    };
    format!("| | |\n|---|---|\n{}", results.bugs().map(row).collect::<String>())
}

/// Differences without their places; what is the same at several is said once.
fn short(lines: &[String]) -> Vec<String> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for line in lines {
        let line = line.trim_start_matches(['-', '+', '~', '>', '*', ' ']);
        let (head, rest) = line.split_once(" in ").unwrap_or((line, ""));
        let (what, times) = head.split_once(", ").unwrap_or((head, "1"));
        let times = times.split(' ').next().and_then(|times| times.parse().ok()).unwrap_or(1);
        let details = rest.split_once(": ").map(|(_, details)| format!(" ({details})"));
        let what = format!("{what}{}", details.unwrap_or_default());
        match found.iter_mut().find(|(other, _)| *other == what) {
            Some((_, count)) => *count += times,
            None => found.push((what, times)),
        }
    }
    let told = |(what, count): (String, usize)| match count {
        1 => what,
        count => format!("{count} times {what}"),
    };
    found.into_iter().map(told).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_in_several_places_is_said_once() {
        let lines = [
            "- removed Scale in stack/layer/attention/div",
            "- removed Scale, 2 times in decoder/layer/sublayer.*/attention/div",
            "~ changed Equal in loss/equal: rhs 0 -> 13",
        ];
        let told = short(&lines.map(str::to_owned));
        assert_eq!(told, ["3 times removed Scale", "changed Equal (rhs 0 -> 13)"]);
    }
}

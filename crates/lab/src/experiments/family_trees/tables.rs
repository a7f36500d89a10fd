//! Tables and sentences.

use plot::decimal;

use super::units::Unit;
use super::{Asked, Ranked, Results};
use crate::contract::report::Report;

/// Answers that are told.
const SHOWN: usize = 4;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("units", units(results));
    say(results, report);
    if let Some(asked) = &results.asked {
        say_asked(asked, results.summary.networks, report);
    }
}

/// What each unit of the first network tells of a person.
fn units(results: &Results) -> String {
    let row = |(n, unit): (usize, &Unit)| {
        let shares = [unit.family, unit.generation, unit.branch, unit.sex];
        let cells = shares.map(|share| format!("{} %", decimal(100.0 * share, 0))).join(" | ");
        format!("| {} | {cells} | {} of {} |\n", n + 1, unit.opposite, results.tree.family)
    };
    let rows: String = results.first.iter().enumerate().map(row).collect();
    let head = "| Unit | family | generation | branch | sex | pairs of opposite sign |\n";
    format!("{head}|---|---:|---:|---:|---:|---:|\n{rows}")
}

fn say(results: &Results, report: &mut Report) {
    let summary = &results.summary;
    report.say(format!(
        "{} of {} networks answer all {} cases right that they learned from, after {} sweeps.",
        summary.perfect, summary.networks, results.learned, results.sweeps
    ));
    let counts: Vec<String> =
        summary.counts.iter().enumerate().map(|(right, count)| format!("{right} right: {count}")).collect();
    report.say(format!(
        "Of the {} cases held out from each, {} of {} answers are right ({} %); networks with {}.",
        results.held_out,
        summary.right,
        summary.asked,
        decimal(100.0 * summary.share, 1),
        counts.join(", ")
    ));
    report.say(format!(
        "In {} of them ({} %) the answers have the largest outputs, be they above a half or not.",
        summary.ranked,
        decimal(100.0 * summary.ranked_share, 1)
    ));
    report.say(format!(
        "{} networks have a unit with opposite signs for at least {} of {} pairs of an English person and the Italian \
         at the same place.",
        summary.telling, summary.needed, summary.pairs
    ));
    let explained = [
        ("family", summary.family),
        ("generation", summary.generation),
        ("branch", summary.branch),
        ("sex", summary.sex),
    ]
    .map(|(name, spread)| format!("{name} {} %", decimal(100.0 * spread.mean, 0)));
    report.say(format!(
        "How much of a unit's weights a feature explains, in the unit that tells the most of it, on average: {}.",
        explained.join(", ")
    ));
}

fn say_asked(asked: &Asked, networks: usize, report: &mut Report) {
    let Asked { person, relation, tree, unseen, ranking } = asked;
    let known = if tree.is_empty() {
        "the tree has nobody; nothing of the kind was learned".to_owned()
    } else {
        format!("the tree says {}; {unseen} of {networks} networks had not learned it", tree.join(" and "))
    };
    report.say(format!("{person}, {relation}: {known}."));
    for Ranked { name, output, networks: above } in &ranking[..SHOWN.max(tree.len() + 2)] {
        report.say(format!("  {} {name}, above a half in {above} of {networks}", decimal(*output, 3)));
    }
}

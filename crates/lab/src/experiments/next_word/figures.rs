//! Tokens, bars, append: the likeliest tokens of the first steps.

use plot::{Bar, Bars, Caption, Colour, Drawn, Panel, Row, both, isolate};

use super::tables::percent;
use super::{Results, Step};
use crate::contract::report::Report;

/// Steps that are drawn, and tokens of each.
const STEPS: usize = 4;
const SHOWN: usize = 6;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("steps", steps(results));
}

fn steps(results: &Results) -> Drawn {
    let shown = &results.steps[..STEPS.min(results.steps.len())];
    let most = shown.iter().filter_map(|step| step.candidates.first()).map(|one| one.probability);
    let most = 100.0 * most.fold(0.0, f64::max);
    let panels: Vec<Bars> = shown.iter().map(|step| bars(step, most)).collect();
    let rows: Vec<Row<'_>> = panels
        .chunks(2)
        .map(|pair| Row { panels: pair.iter().map(|bars| bars as &dyn Panel).collect() })
        .collect();
    let panels: Vec<&dyn Panel> = rows.iter().map(|row| row as &dyn Panel).collect();
    let told: Vec<String> = shown
        .iter()
        .filter_map(|step| Some((step, step.candidates.first()?)))
        .map(|(step, best)| {
            format!("after „{}“ „{}“, {}", end(&step.given), isolate(&best.token), percent(best.probability))
        })
        .collect();
    let description = format!("What is likeliest next, and is appended: {}.", told.join("; "));
    both(&panels, &Caption { id: "next-word-steps", title: "What comes next", description: &description })
}

fn bars(step: &Step, most: f64) -> Bars {
    let bar = |(rank, candidate): (usize, &super::Candidate)| Bar {
        name: candidate.token.clone(),
        value: 100.0 * candidate.probability,
        hint: format!("„{}“: {}", isolate(&candidate.token), percent(candidate.probability)),
        colour: if rank == 0 { Colour::Second } else { Colour::First },
    };
    let bars = step.candidates.iter().take(SHOWN).enumerate().map(bar).collect();
    let title = format!("{} …", end(&step.given));
    Bars { width: 300.0, at_least: most, ..Bars::new(title, "probability in %", bars) }
}

/// The last words of what was given, so that what was appended is seen.
fn end(given: &str) -> String {
    const WIDE: usize = 28;
    let fits = |text: &&str| text.chars().count() <= WIDE;
    if fits(&given) {
        return given.to_owned();
    }
    let rest = given.match_indices(' ').map(|(at, _)| &given[at + 1..]).find(fits);
    format!("… {}", rest.unwrap_or(given))
}

//! The six units as Hinton drew them, and how many of the cases held out each network has right.

use plot::{Bar, Bars, Caption, Chart, Colour, Drawn, Hinton, Mark, Panel, Row, Scale, Series, both, stack};

use super::tree::{FAMILY, NAMES};
use super::units::Unit;
use super::{BETWEEN, Results};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("units", units(results));
    report.figure("families", families(results));
    report.figure("held-out", held_out(results));
    report.figure("learning", learning(results));
}

/// Two rows a unit: the English above, the Italian at the same place of their tree below.
fn units(results: &Results) -> Drawn {
    let names: Vec<String> = NAMES[..FAMILY].iter().map(|name| (*name).to_owned()).collect();
    let magnitudes = results.first.iter().flat_map(|unit| &unit.weights).map(|weight| weight.abs());
    let largest = magnitudes.fold(0.0, f64::max);
    let drawn = |(n, unit): (usize, &Unit)| {
        let rows = unit.weights.chunks(FAMILY).map(<[f64]>::to_vec).collect();
        let rows_named = vec!["English".to_owned(), "Italian".to_owned()];
        let hinton = Hinton::new(format!("Unit {}", n + 1), rows).named(rows_named, names.clone());
        Hinton { largest, ..hinton }
    };
    let all: Vec<Hinton> = results.first.iter().enumerate().map(drawn).collect();
    let rows: Vec<Row<'_>> = all
        .chunks(2)
        .map(|pair| Row { panels: pair.iter().map(|hinton| hinton as &dyn Panel).collect() })
        .collect();
    let panels: Vec<&dyn Panel> = rows.iter().map(|row| row as &dyn Panel).collect();
    let best = results.first.iter().enumerate().max_by_key(|(_, unit)| unit.opposite);
    let description = best.map_or_else(String::new, |(n, unit)| {
        format!(
            "Squares for the weights from each person to each of six units. In unit {}, {} of {FAMILY} pairs of an \
             English person and the Italian below have opposite signs.",
            n + 1,
            unit.opposite
        )
    });
    let caption =
        Caption { id: "family-trees-units", title: "Six units of a network", description: &description };
    both(&panels, &caption)
}

/// A row for each network: of its six units, the one that tells the families apart best. What is on for one family and off
/// for the other may as well be the other way round, so the English are made positive.
fn families(results: &Results) -> Drawn {
    let row = |run: &super::Run| -> Vec<f64> {
        let sign = run.telling[..FAMILY].iter().sum::<f64>().signum();
        let most = run.telling.iter().map(|weight| weight.abs()).fold(0.0, f64::max);
        run.telling.iter().map(|weight| sign * weight / most).collect()
    };
    let names = NAMES.map(str::to_owned).to_vec();
    let rows = results.runs.iter().map(|run| run.seed.to_string()).collect();
    let title = "The unit that tells the families apart best";
    let values = results.runs.iter().map(row).collect();
    let hinton = Hinton { cell: 16.0, ..Hinton::new(title, values).named(rows, names) };
    let summary = &results.summary;
    let description = format!(
        "A row for each of {} networks, by seed: weights from the English at the left, from the Italians at the right. In {} \
         rows at least {} of {} pairs have opposite signs.",
        summary.networks, summary.telling, summary.needed, summary.pairs
    );
    both(&[&hinton], &Caption { id: "family-trees-families", title, description: &description })
}

/// A bar for each number of cases right: how many networks have so many.
fn held_out(results: &Results) -> String {
    let summary = &results.summary;
    let bar = |(right, &count): (usize, &usize)| Bar {
        name: format!("{right} of {}", results.held_out),
        value: count as f64,
        hint: format!("{count} networks have {right} of {} right", results.held_out),
        colour: Colour::First,
    };
    let bars = summary.counts.iter().enumerate().map(bar).collect();
    let title = "Cases that were held out";
    let bars =
        Bars { decimals: 0, width: 390.0, ..Bars::new(title, "networks that answer so many right", bars) };
    let description = format!(
        "Of {} networks, {} answer all {} cases right that they never saw; {} of {} answers are right.",
        summary.networks, summary.counts[results.held_out], results.held_out, summary.right, summary.asked
    );
    stack(&[&bars], &Caption { id: "family-trees-held-out", title, description: &description })
}

/// A curve for each network: its error, sweep by sweep.
fn learning(results: &Results) -> String {
    let title = "How they learn";
    let mut chart =
        Chart::new(title, "sweep", "error (nats)").scales(Scale::Linear, Scale::Log).sized(560.0, 300.0);
    for run in &results.runs {
        let points = run.errors.iter().enumerate().map(|(n, &error)| ((n * BETWEEN) as f64, error)).collect();
        chart = chart.series(Series::new("", points, Colour::First, Mark::Line));
    }
    let begin = results.runs.first().and_then(|run| run.errors.first()).copied().unwrap_or(f64::NAN);
    let most = results.runs.iter().map(|run| run.error).fold(0.0, f64::max);
    let description = format!(
        "The error of each of {} networks over {} sweeps: from about {begin:.0} to at most {most:.1}.",
        results.summary.networks, results.sweeps
    );
    stack(&[&chart], &Caption { id: "family-trees-learning", title, description: &description })
}

//! Small multiples: for each bug what training shows, and what the model writes; the model without a bug behind each.

use plot::{Caption, Chart, Colour, Key, Legend, Mark, Panel, Row, Series, decimal, stack};

use super::bug::Bug;
use super::training::Point;
use super::{Results, Variant};
use crate::contract::report::Report;

/// Columns and sizes of a chart, on a page and on a phone. A chart that is alone is a larger one.
const PAGE: (usize, (f64, f64)) = (3, (240.0, 190.0));
const PHONE: (usize, (f64, f64)) = (1, (345.0, 170.0));
const ALONE: (f64, f64) = (480.0, 280.0);

/// A curve of a chart.
struct Curve {
    name: &'static str,
    /// Whether it is that of the model without a bug.
    healthy: bool,
    colour: Colour,
    mark: Mark,
    of: fn(&Point) -> f64,
}

/// A figure.
struct Shown {
    names: [&'static str; 2],
    title: &'static str,
    unit: &'static str,
    curves: &'static [Curve],
}

const LOSSES: Shown = Shown {
    names: ["losses", "losses-narrow"],
    title: "What training shows",
    unit: "loss (nats)",
    curves: &[
        Curve {
            name: "without a bug",
            healthy: true,
            colour: Colour::Text,
            mark: Mark::Thin,
            of: |point| point.shown,
        },
        Curve {
            name: "loss that training shows",
            healthy: false,
            colour: Colour::First,
            mark: Mark::Line,
            of: |point| point.shown,
        },
        Curve {
            name: "loss on new sequences",
            healthy: false,
            colour: Colour::Second,
            mark: Mark::Dashes,
            of: |point| point.nll,
        },
    ],
};

const WRITING: Shown = Shown {
    names: ["writing", "writing-narrow"],
    title: "What the model can do",
    unit: "right (%)",
    curves: &[
        Curve {
            name: "writing without a bug",
            healthy: true,
            colour: Colour::Text,
            mark: Mark::Thin,
            of: |point| 100.0 * point.written,
        },
        Curve {
            name: "teacher forcing",
            healthy: false,
            colour: Colour::First,
            mark: Mark::Dashes,
            of: |point| 100.0 * point.forced,
        },
        Curve {
            name: "writing by itself",
            healthy: false,
            colour: Colour::Second,
            mark: Mark::Line,
            of: |point| 100.0 * point.written,
        },
    ],
};

pub(super) fn add(results: &Results, report: &mut Report) {
    for shown in [LOSSES, WRITING] {
        let [wide, narrow] = shown.names;
        report.figure(wide, figure(results, &shown, PAGE, wide));
        report.figure(narrow, figure(results, &shown, PHONE, narrow));
    }
    for (bug, variant) in results.bugs() {
        let picture = variant.difference.as_ref().and_then(|difference| difference.picture.as_ref());
        if let (Some([wide, narrow]), Some([wide_name, narrow_name])) = (picture, picture_names(bug)) {
            report.figure(wide_name, wide.clone());
            report.figure(narrow_name, narrow.clone());
        }
    }
}

/// The files of a bug's picture.
fn picture_names(bug: Bug) -> Option<[&'static str; 2]> {
    match bug {
        Bug::SwappedAxes => Some(["graph-swapped-axes", "graph-swapped-axes-narrow"]),
        Bug::NoScale => Some(["graph-no-scale", "graph-no-scale-narrow"]),
        Bug::BesselNorm => Some(["graph-bessel-norm", "graph-bessel-norm-narrow"]),
        Bug::NoPositions => Some(["graph-no-positions", "graph-no-positions-narrow"]),
        Bug::PositionsInHalves => Some(["graph-positions-in-halves", "graph-positions-in-halves-narrow"]),
        _ => None,
    }
}

fn figure(
    results: &Results,
    shown: &Shown,
    (columns, size): (usize, (f64, f64)),
    name: &'static str,
) -> String {
    let Some(healthy) = results.healthy() else { return String::new() };
    let size = if results.bugs().count() == 1 && columns > 1 { ALONE } else { size };
    let charts: Vec<Chart> = results
        .bugs()
        .enumerate()
        .map(|(n, (bug, variant))| {
            let chart = Chart::new(bug.name(), "step", shown.unit).from_zero().sized(size.0, size.1);
            shown.curves.iter().fold(chart, |chart, curve| {
                let of = if curve.healthy { healthy } else { variant };
                // Where there is no room for a legend above all charts, the first has one.
                let name = if columns == 1 && n == 0 { curve.name } else { "" };
                chart.series(Series::new(name, mean(of, curve.of), curve.colour, curve.mark))
            })
        })
        .collect();
    let key = |curve: &Curve| Key::curve(curve.name, &[curve.mark], curve.colour);
    let legend = Legend { title: shown.title.to_owned(), keys: shown.curves.iter().map(key).collect() };
    let rows: Vec<Row<'_>> = charts
        .chunks(columns)
        .map(|row| Row { panels: row.iter().map(|chart| chart as &dyn Panel).collect() })
        .collect();
    let mut panels: Vec<&dyn Panel> = if columns > 1 { vec![&legend] } else { vec![] };
    panels.extend(rows.iter().map(|row| row as &dyn Panel));
    let description = description(results, shown);
    let id = format!("bugs-{name}");
    stack(&panels, &Caption { id: &id, title: shown.title, description: &description })
}

/// The mean of all seeds.
fn mean(variant: &Variant, of: fn(&Point) -> f64) -> Vec<(f64, f64)> {
    let steps = variant.runs.first().map_or(&[][..], |run| &run.curve);
    let at = |n: usize| {
        let values = variant.runs.iter().filter_map(|run| run.curve.get(n)).map(of);
        values.sum::<f64>() / variant.runs.len() as f64
    };
    steps.iter().enumerate().map(|(n, point)| (point.step as f64, at(n))).collect()
}

/// Where the curves end.
fn description(results: &Results, shown: &Shown) -> String {
    let end = |variant: &Variant, curve: &Curve| {
        let last = mean(variant, curve.of).last().map_or(f64::NAN, |point| point.1);
        format!("{} {}", curve.name, decimal(last, 2))
    };
    let ends = results.bugs().map(|(bug, variant)| {
        let curves = shown.curves.iter().filter(|curve| !curve.healthy);
        let ends: Vec<String> = curves.map(|curve| end(variant, curve)).collect();
        format!("{}: {}", bug.name(), ends.join(", "))
    });
    let healthy = results.healthy().zip(shown.curves.first());
    let healthy = healthy.map(|(variant, curve)| end(variant, curve)).unwrap_or_default();
    format!(
        "Means over the seeds, at the end. In each chart, {healthy}. {}.",
        ends.collect::<Vec<_>>().join("; ")
    )
}

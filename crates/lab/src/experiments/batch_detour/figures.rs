//! Accuracy over the images seen and over the updates, and what a test's loss is said to be.

use plot::{Anchor, Bar, Bars, Caption, Chart, Colour, Mark, Scale, Series, Svg, decimal, stack, thousands};

use super::learn::Point;
use super::pictures::Example;
use super::results::{Results, Run};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("pictures", pictures(&results.examples));
    report.figure("curves", curves(results));
    report.figure("said", said(results));
}

/// Silhouettes as they are in the pictures: how much of each place is animal, in three steps.
fn pictures(examples: &[Example]) -> String {
    const CELL: f64 = 2.0;
    const SIDE: f64 = 64.0;
    const GAP: f64 = 8.0;
    const NAME: f64 = 18.0;
    const IN_A_ROW: usize = 5;
    const STEPS: [(char, char, f64); 3] = [('2', '4', 0.35), ('5', '7', 0.7), ('8', '9', 1.0)];
    let rows = examples.len().div_ceil(IN_A_ROW);
    let (across, down) = (SIDE + GAP, SIDE + NAME + GAP);
    let mut svg = Svg::new(IN_A_ROW as f64 * across + GAP, rows as f64 * down + GAP);
    for (n, example) in examples.iter().enumerate() {
        let left = GAP + (n % IN_A_ROW) as f64 * across;
        let top = GAP + (n / IN_A_ROW) as f64 * down;
        svg.rectangles(&[(left, top)], (SIDE, SIDE), Colour::Text, 0.1);
        for (from, to, opacity) in STEPS {
            let row = |(y, row): (usize, &String)| {
                let inked = row.char_indices().filter(|(_, digit)| (from..=to).contains(digit));
                inked.map(|(x, _)| (left + CELL * x as f64, top + CELL * y as f64)).collect::<Vec<_>>()
            };
            let corners: Vec<(f64, f64)> = example.rows.iter().enumerate().flat_map(row).collect();
            svg.rectangles(&corners, (CELL, CELL), Colour::First, opacity);
        }
        svg.text((left + SIDE / 2.0, top + SIDE + 14.0), Anchor::Middle, 12.0, &example.class);
    }
    let names: Vec<&str> = examples.iter().map(|example| example.class.as_str()).collect();
    let description = format!("Silhouettes, each somewhere in its picture: {}.", names.join(", "));
    svg.finish(&Caption { id: "batch-detour-pictures", title: "Animals", description: &description })
}

/// A way to learn, as it is drawn.
struct Curve<'a> {
    name: &'a str,
    colour: Colour,
    mark: Mark,
    points: fn(&Run) -> &[Point],
}

/// The same curves twice: over images, and over updates. Behind the means are the single seeds; rings stand where all images
/// have been seen once.
fn curves(results: &Results) -> String {
    let ways = &results.ways;
    let all = [
        Curve {
            name: &ways.small.name,
            colour: Colour::First,
            mark: Mark::Line,
            points: |run| &run.small.points,
        },
        Curve {
            name: &ways.large.name,
            colour: Colour::Second,
            mark: Mark::Line,
            points: |run| &run.longer.points,
        },
        Curve {
            name: &ways.scaled.name,
            colour: Colour::Third,
            mark: Mark::Dashes,
            points: |run| &run.scaled.points,
        },
    ];
    let of_images = |point: &Point| point.images as f64;
    let of_updates = |point: &Point| point.updates as f64;
    let images = panel(results, "By the images that were seen", "images", &all, of_images);
    let updates = panel(results, "By the updates that were made", "updates", &all, of_updates);
    let same = &results.summary.same_updates;
    let summary = &results.summary;
    let description = format!(
        "After one epoch, {} % are right with {}, {} % with {}, and {} % with {}. But after {} updates, the first two have \
         {} % and {} %.",
        percent(summary.small.accuracy.mean),
        ways.small.name,
        percent(summary.large.accuracy.mean),
        ways.large.name,
        percent(summary.scaled.accuracy.mean),
        ways.scaled.name,
        thousands(same.updates),
        percent(same.small.mean),
        percent(same.large.mean)
    );
    let caption = Caption { id: "batch-detour-curves", title: "Accuracy, twice", description: &description };
    stack(&[&images, &updates], &caption)
}

fn percent(share: f64) -> String {
    decimal(100.0 * share, 1)
}

fn panel(results: &Results, title: &str, across: &str, all: &[Curve<'_>], x: fn(&Point) -> f64) -> Chart {
    let mut chart = Chart::new(title, across, "right answers in %")
        .scales(Scale::Log, Scale::Linear)
        .from_zero()
        .sized(680.0, 280.0);
    let place = |point: &Point| (x(point), 100.0 * point.accuracy);
    for curve in all {
        for run in &results.runs {
            let points = (curve.points)(run).iter().map(place).collect();
            chart = chart.series(Series::new("", points, curve.colour, Mark::Thin));
        }
    }
    for curve in all {
        let points: Vec<Point> = mean_points(results, curve.points);
        let once = points.iter().filter(|point| point.images == results.small.images).map(place).collect();
        let points = points.iter().map(place).collect();
        chart = chart.series(Series::new(curve.name, points, curve.colour, curve.mark));
        chart = chart.series(Series::new("", once, curve.colour, Mark::Rings));
    }
    chart.series(Series::new("all images once", vec![], Colour::Text, Mark::Rings))
}

/// The means over all seeds.
fn mean_points(results: &Results, of: fn(&Run) -> &[Point]) -> Vec<Point> {
    let count = results.runs.len() as f64;
    let first = results.runs.first().map_or(&[][..], of);
    let mean = |n: usize, value: fn(&Point) -> f64| {
        results.runs.iter().filter_map(|run| of(run).get(n)).map(value).sum::<f64>() / count
    };
    let point = |(n, point): (usize, &Point)| Point {
        loss: mean(n, |point| point.loss),
        accuracy: mean(n, |point| point.accuracy),
        ..*point
    };
    first.iter().enumerate().map(point).collect()
}

/// The loss of one test, as four programs tell it.
fn said(results: &Results) -> String {
    let Some(run) = results.runs.first() else { return String::new() };
    let (scoring, test) = (&run.scoring, results.test);
    let [images, batches] = [test.images, test.batches].map(thousands);
    let bar = |name: String, value: f64, colour: Colour| Bar {
        hint: format!("{name}: {} nats", decimal(value, 4)),
        name,
        value,
        colour,
    };
    let bars = vec![
        bar(format!("losses / {images}"), scoring.loss, Colour::First),
        bar(format!("means / {batches}"), scoring.of_means, Colour::Second),
        bar(format!("means / {}", thousands(results.told_every)), scoring.by_told, Colour::Second),
        bar(format!("means / {images}"), scoring.by_images, Colour::Second),
    ];
    let title = "One test, told by several programs";
    let bars = Bars { decimals: 4, width: 520.0, ..Bars::new(title, "said to be the loss, in nats", bars) };
    let description = format!(
        "The loss is {} nats. The mean of the batches' means is {}. Divided by other numbers, it is {} or {}.",
        decimal(scoring.loss, 4),
        decimal(scoring.of_means, 4),
        decimal(scoring.by_told, 4),
        decimal(scoring.by_images, 4)
    );
    stack(&[&bars], &Caption { id: "batch-detour-said", title, description: &description })
}

//! The figures of the noise scale.

use plot::{Caption, Chart, Colour, Mark, Scale, Series, decimal, stack};
use train::run::noise_course;

use super::Results;
use super::generalisation::{EXAMPLES, Trained};
use crate::contract::report::Report;
use crate::contract::spread::Spread;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("run", noise_course::draw_all(&results.runs, "noise-run"));
    report.figure("frontier", frontier(results));
    report.figure("step-sizes", step_sizes(results));
    report.figure("generalisation", generalisation(&results.generalisation));
}

/// Steps over examples for every batch size, with the curve that they should lie on.
fn frontier(results: &Results) -> String {
    let frontier = &results.frontier;
    let (steps, examples) = (frontier.least_steps, frontier.least_examples);
    let points = frontier.points.iter().map(|point| (point.batch as f64 * point.steps, point.steps));
    let curve = (-40..=40).map(|n| {
        let ratio = 10f64.powf(f64::from(n) / 20.0);
        (examples * (1.0 + ratio), steps * (1.0 + 1.0 / ratio))
    });
    let ends = |(a, b): (f64, f64)| vec![(examples, a), (examples, b)];
    let all: Vec<(f64, f64)> = points.collect();
    let inside = |&(x, y): &(f64, f64)| all.iter().any(|&(a, _)| x <= a) && all.iter().any(|&(_, b)| y <= b);
    let curve: Vec<(f64, f64)> = curve.filter(inside).collect();
    let most = all.iter().fold((examples, steps), |most, point| (most.0.max(point.0), most.1.max(point.1)));
    let title = "Steps and examples to one loss";
    let critical = format!("batches of {:.0}: twice both", frontier.critical);
    let chart = Chart::new(title, "examples", "steps")
        .series(Series::new("(S/S_min − 1)(E/E_min − 1) = 1", curve, Colour::Text, Mark::Dashes))
        .series(Series::new("batches of 1 to 512", all, Colour::First, Mark::Spots))
        .series(Series::new(critical, vec![(2.0 * examples, 2.0 * steps)], Colour::Second, Mark::Rings))
        .series(Series::new("least of each", ends((steps, most.1)), Colour::Third, Mark::Dots))
        .series(Series::new("", vec![(examples, steps), (most.0, steps)], Colour::Third, Mark::Dots))
        .scales(Scale::Log, Scale::Log)
        .sized(680.0, 380.0);
    let description = format!(
        "With small batches it takes many steps and few examples, at least {examples:.0}; with large ones few \
         steps, at least {steps:.0}, and many examples. The measured points lie on the curve."
    );
    stack(&[&chart], &Caption { id: "noise-frontier", title, description: &description })
}

fn step_sizes(results: &Results) -> String {
    let sizes = &results.step_sizes;
    let measured = sizes.iter().map(|size| (size.batch as f64, size.measured)).collect();
    // The largest step is half of the way, and the noise scale is 5.
    let curve =
        (0..=60).map(|n| 100f64.powf(f64::from(n) / 60.0)).map(|batch| (batch, 0.5 / (1.0 + 5.0 / batch)));
    let title = "The best step for each batch size";
    let chart = Chart::new(title, "examples in a batch", "step size")
        .series(Series::new("η_max / (1 + B_noise / B)", curve.collect(), Colour::Text, Mark::Dashes))
        .series(Series::new("measured", measured, Colour::First, Mark::Spots))
        .scales(Scale::Log, Scale::Linear)
        .from_zero();
    let description = "The best step grows with the batch: half of the largest, 0.25, where the batch has as many \
                       examples as the noise scale, 5, and towards 0.5 beyond.";
    stack(&[&chart], &Caption { id: "noise-step-sizes", title, description })
}

/// Held-out errors over batch sizes: after the last update, and of the best moment.
fn generalisation(all: &[Trained]) -> String {
    const LOOKS: [(Colour, Mark); 4] = [
        (Colour::First, Mark::Line),
        (Colour::Second, Mark::Dashes),
        (Colour::Third, Mark::Dots),
        (Colour::Fourth, Mark::DashDots),
    ];
    let errors = all.iter().flat_map(|way| [way.held_out, way.stopped]).flatten().map(|spread| spread.mean);
    let most = errors.fold(0.0, f64::max);
    let panel = |title: &str, of: fn(&Trained) -> Option<Spread>| {
        let mut chart = Chart::new(title, "examples in a batch", "held-out squared error");
        for (ways, (colour, mark)) in all.chunk_by(|a, b| a.rate == b.rate).zip(LOOKS) {
            let points: Vec<_> =
                ways.iter().filter_map(|way| Some((way.batch as f64, of(way)?.mean))).collect();
            let rate = ways.first().map_or(0.0, |way| way.rate);
            chart =
                chart.series(Series::new(format!("rate {}", decimal(rate, 2)), points.clone(), colour, mark));
            chart = chart.series(Series::new("", points, colour, Mark::Spots));
        }
        // A line of no length makes both axes go equally far.
        let corner = vec![(EXAMPLES as f64, most); 2];
        let chart = chart.series(Series::new("", corner, Colour::Text, Mark::Line));
        chart.scales(Scale::Log, Scale::Linear).from_zero().sized(680.0, 250.0)
    };
    let end = panel("After the last update", |way| way.held_out);
    let stopped = panel("Stopped at the best moment", |way| way.stopped);
    let description = "Held-out errors of a small network that learns from 128 noisy examples with batches of 8 to \
                       128, at three rates, always for the same number of updates.";
    let caption = Caption { id: "noise-generalisation", title: "Batch size and generalisation", description };
    stack(&[&end, &stopped], &caption)
}

//! The loss over the rate: in one short run, and after whole trainings.

use plot::{Caption, Chart, Colour, Mark, Scale, Series, decimal, stack};

use super::{Results, Run};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("range", range(results));
}

/// One above the other, over the same rates. Behind the first seed are the others.
fn range(results: &Results) -> String {
    let Some((first, others)) = results.runs.split_first() else { return String::new() };
    let rates = || results.runs.iter().flat_map(|run| run.range.points.iter().map(|point| point.rate));
    let swept = || results.runs.iter().flat_map(|run| run.sweep.iter().map(|swept| swept.rate));
    let ends = rates()
        .chain(swept())
        .fold((f64::INFINITY, 0.0_f64), |(least, most), rate| (least.min(rate), most.max(rate)));
    let top = 1.5 * results.recipe.guessing;
    let panel = |title: &str| {
        // A line of no length makes both axes go equally far.
        let corners = [(ends.0, 0.0), (ends.1, top)].map(|corner| vec![corner; 2]);
        let chart = Chart::new(title, "learning rate", "nats per token");
        let chart = corners
            .into_iter()
            .fold(chart, |chart, corner| chart.series(Series::new("", corner, Colour::Text, Mark::Thin)));
        chart.scales(Scale::Log, Scale::Linear).from_zero().sized(680.0, 260.0)
    };
    let below =
        |points: Vec<(f64, f64)>| points.into_iter().filter(|point| point.1 <= top).collect::<Vec<_>>();
    let losses = |run: &Run| below(run.range.points.iter().map(|point| (point.rate, point.loss)).collect());
    let means =
        |run: &Run| below(run.range.points.iter().map(|point| (point.rate, point.smoothed)).collect());
    let ends_of =
        |run: &Run| below(run.sweep.iter().filter_map(|swept| Some((swept.rate, swept.nll?))).collect());
    let mark = |rate: f64, top: f64| vec![(rate, 0.0), (rate, top)];

    let title = "One run, its rate growing";
    let mut test = panel(title);
    for run in others {
        test = test.series(Series::new("", means(run), Colour::First, Mark::Thin));
    }
    test = test
        .series(Series::new("loss of a step", losses(first), Colour::Third, Mark::Thin))
        .series(Series::new("running mean", means(first), Colour::First, Mark::Line))
        .series(Series::new("suggested", mark(first.range.suggested, top), Colour::Second, Mark::Dashes));
    let title = "Many runs, each at one rate";
    let mut sweep = panel(title);
    for run in others {
        sweep = sweep.series(Series::new("", ends_of(run), Colour::First, Mark::Thin));
    }
    sweep = sweep
        .series(Series::new("loss at the end", ends_of(first), Colour::First, Mark::Line))
        .series(Series::new("", ends_of(first), Colour::First, Mark::Spots))
        .series(Series::new("suggested", mark(first.range.suggested, top), Colour::Second, Mark::Dashes));
    let description = format!(
        "Above, the rate grows from {} on in one run: the loss is lowest at {}, and a tenth of that is suggested. Below, each \
         point is a run at one rate: those from {} to {} are good.",
        short(ends.0),
        short(first.range.lowest),
        short(first.good[0]),
        short(first.good[1])
    );
    let caption =
        Caption { id: "learning-rate-range", title: "A rate is looked for", description: &description };
    stack(&[&test, &sweep], &caption)
}

/// A rate with two digits that count.
pub(super) fn short(rate: f64) -> String {
    let digits = 1 - rate.abs().log10().floor() as i32;
    decimal(rate, digits.clamp(0, 12) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_digits() {
        for (rate, expected) in
            [(0.012_34, "0.012"), (0.1, "0.10"), (2.0, "2.0"), (1e-5, "0.000010"), (31.6, "32")]
        {
            assert_eq!(short(rate), expected);
        }
    }
}

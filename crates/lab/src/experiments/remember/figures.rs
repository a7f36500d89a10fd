//! What is known day by day, and at the tests.

use plot::{Bar, Bars, Caption, Chart, Colour, Drawn, Mark, Panel, Row, Series, decimal, stack};

use super::Results;
use super::reviews::Plan;
use super::simulate::{Days, Delay};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("forgetting", forgetting(results));
    report.figure("tests", tests(results));
}

fn look(plan: Plan) -> (Colour, Mark) {
    match plan {
        Plan::Never => (Colour::Text, Mark::Dots),
        Plan::Massed => (Colour::Second, Mark::Dashes),
        Plan::Even => (Colour::Third, Mark::DashDots),
        Plan::Sm2 => (Colour::First, Mark::Line),
    }
}

/// What is known on each day, with each plan.
fn forgetting(results: &Results) -> String {
    let series = |days: &Days| {
        let points = days.days.iter().zip(&days.known).map(|(&day, &known)| (day, 100.0 * known)).collect();
        let (colour, mark) = look(days.plan);
        Series::new(days.name.clone(), points, colour, mark)
    };
    let title = "What a simulated learner knows";
    let chart = results
        .curves
        .iter()
        .map(series)
        .fold(Chart::new(title, "days since reading", "% of the facts"), Chart::series);
    let last = results
        .curves
        .iter()
        .filter_map(|days| Some(format!("{} {} %", days.name, decimal(100.0 * days.known.last()?, 0))));
    let description = format!("At the end: {}.", last.collect::<Vec<_>>().join(", "));
    stack(&[&chart.from_zero()], &Caption { id: "remember-forgetting", title, description: &description })
}

/// What is known at the last test: by a learner to whom a late recall is worth more, and by one to whom it isn't.
fn tests(results: &Results) -> Drawn {
    let bars = |title: &str, delays: &[Delay]| {
        let delay = delays.last();
        let bar = |outcome: &super::simulate::Outcome| Bar {
            name: outcome.name.clone(),
            value: 100.0 * outcome.known.mean,
            hint: format!(
                "{}: {} % at the test, {} % on average before it",
                outcome.name,
                decimal(100.0 * outcome.known.mean, 1),
                decimal(100.0 * outcome.before.mean, 1)
            ),
            colour: look(outcome.plan).0,
        };
        let days = delay.map_or(0.0, |delay| delay.days);
        let label = format!("% known after {days} days");
        let bars = delay.map_or_else(Vec::new, |delay| delay.plans.iter().map(bar).collect());
        Bars { width: 340.0, at_least: 100.0, ..Bars::new(title, label, bars) }
    };
    let both = [
        bars("A late recall is worth more", &results.spacing),
        bars("Each is worth the same", &results.constant),
    ];
    let row = Row { panels: both.iter().map(|bars| bars as &dyn Panel).collect() };
    let title = "Two learners, four plans";
    let description = "Which plan is best depends on what a recall is assumed to do.";
    plot::both(&[&row], &Caption { id: "remember-tests", title, description })
}

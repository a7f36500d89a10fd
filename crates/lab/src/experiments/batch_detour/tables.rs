//! Tables and sentences for the book.

use plot::{decimal, thousands};

use super::learn::Way;
use super::results::{Ends, Results};
use crate::contract::report::Report;
use crate::contract::spread::Spread;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("ways", ways(results));
    report.piece("said", said(results));
    let Results { summary, test, .. } = results;
    report.say(format!(
        "Of {} images, batches of {} leave {} over; of {}, {}. There are {} updates in an epoch, and {} with batches of {}.",
        thousands(results.large.images),
        results.large.batch,
        results.large.last,
        thousands(test.images),
        test.last,
        thousands(results.large.batches),
        thousands(results.small.batches),
        results.small.batch
    ));
    report.say(format!(
        "An image of the last batch weighs {} times what it should in a mean of {} means: that is {} % of the loss, and in no \
         order of the images more than {} %.",
        decimal(results.overweight, 2),
        test.batches,
        decimal(100.0 * summary.bias.mean, 3),
        decimal(100.0 * summary.bias_at_most, 2)
    ));
    for (_, way, ends) in all(results) {
        report.say(format!(
            "{}, rate {}, {} updates: {} % right in the test ({} to {} % over {} seeds).",
            way.name,
            way.rate,
            thousands(way.updates),
            percent(ends.accuracy.mean),
            percent(ends.accuracy.least),
            percent(ends.accuracy.most),
            summary.seeds
        ));
    }
    let same = &summary.same_updates;
    report.say(format!(
        "After {} updates each, it is {} % with {} and {} % with {}.",
        thousands(same.updates),
        percent(same.small.mean),
        results.ways.small.name,
        percent(same.large.mean),
        results.ways.large.name
    ));
}

fn percent(share: f64) -> String {
    decimal(100.0 * share, 1)
}

/// The ways, and where they ended; and where the first was when the last ended.
fn all(results: &Results) -> [(&'static str, Way, &Ends); 5] {
    let (ways, summary) = (&results.ways, &results.summary);
    let (name, updates) = (format!("{}, stopped early", ways.small.name), ways.longer.updates);
    let small_then = Way { name, updates, images: updates * ways.small.batch, ..ways.small.clone() };
    [
        ("as the tutorial has it", ways.small.clone(), &summary.small),
        ("larger batches", ways.large.clone(), &summary.large),
        ("and a larger rate", ways.scaled.clone(), &summary.scaled),
        ("larger batches, for longer", ways.longer.clone(), &summary.longer),
        ("the tutorial's, stopped then", small_then, &summary.small_then),
    ]
}

/// How each way ended.
fn ways(results: &Results) -> String {
    let spread = |spread: &Spread, shown: &dyn Fn(f64) -> String| {
        format!("{} ({} to {})", shown(spread.mean), shown(spread.least), shown(spread.most))
    };
    let row = |(name, way, ends): (&str, Way, &Ends)| {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            name,
            way.batch,
            way.rate,
            thousands(way.updates),
            thousands(way.images),
            spread(&ends.loss, &|loss| decimal(loss, 2)),
            spread(&ends.accuracy, &percent)
        )
    };
    let head = "| | batch | rate | updates | images seen | loss in the test | % right |\n|---|--:|--:|--:|--:|---|---|\n";
    format!("{head}{}", all(results).map(row).concat())
}

/// What programs say of one test.
fn said(results: &Results) -> String {
    let Some(run) = results.runs.first() else { return String::new() };
    let (scoring, test) = (&run.scoring, results.test);
    let [images, batches, told] = [test.images, test.batches, results.told_every].map(thousands);
    let row = |what: &str, by: &str, says: String, is: &str| format!("| {what} | {by} | {says} | {is} |\n");
    let nats = |value: f64| format!("{} nats", decimal(value, 4));
    let share = |value: f64| format!("{} % right", decimal(100.0 * value, 1));
    let times = |value: f64| format!("{} times too small", decimal(scoring.loss / value, 1));
    let near = format!("off by {} %", decimal(100.0 * scoring.part, 3));
    let chance = format!("an estimate: ± {} % by chance", decimal(100.0 * scoring.scored_chance, 1));
    let most = format!(
        "{} % at most, whatever it learns",
        decimal(100.0 * test.scored as f64 / test.images as f64, 1)
    );
    let rows = [
        row("the sum of all losses", &images, nats(scoring.loss), "**right**"),
        row("the sum of the batches' means", &batches, nats(scoring.of_means), &near),
        row("the same", &told, nats(scoring.by_told), &times(scoring.by_told)),
        row("the same", &images, nats(scoring.by_images), &times(scoring.by_images)),
        row("right answers", &images, share(scoring.accuracy), "**right**"),
        row(
            &format!("right answers in the first {} rows of each batch", results.rows),
            &thousands(test.scored),
            share(scoring.scored_accuracy),
            &chance,
        ),
        row("the same", &images, share(scoring.scored_of_all), &most),
    ];
    let head = "| What is added up | divided by | it says | which is |\n|---|--:|---|---|\n";
    format!("{head}{}", rows.concat())
}
